//! What an expression says that it needs, for the checks of definitions.

use jsonata::Expression;

/// The references of an expression, one kind a line.
fn references(text: &str) -> String {
    let expression = Expression::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let found = expression.references();
    let mut lines = Vec::new();
    let mut say = |what: &str, names: Vec<String>| {
        if !names.is_empty() {
            lines.push(format!("{what}: {}", names.join(" ")));
        }
    };
    say("variables", found.variables.iter().map(|name| name.to_string()).collect());
    say("states", found.states.iter().map(|names| format!("[{}]", names.join("."))).collect());
    say("top level", found.top_level_names.iter().map(|name| name.to_string()).collect());
    let flags = [("input", found.input), ("root", found.root)];
    say("flags", flags.iter().filter(|(_, set)| *set).map(|(name, _)| name.to_string()).collect());
    say("newer", found.newer_operator.map(str::to_owned).into_iter().collect());
    lines.join("; ")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(references(text), expected, "of {text}");
}

#[test]
fn variables_are_those_that_nothing_binds() {
    check("$a + $b.c[$d]", "variables: a b d");
    check("($a := 1; $a + $b)", "variables: b");
    check("function($a){ $a + $b }", "variables: b");
    check("$sum($a)", "variables: a");
    check("a.b@$x.c[$x = $y]", "variables: y; top level: a");
    check("($f := function(){ $g() }; $g := function(){ 1 }; $f())", "");
}

#[test]
fn states_is_known_as_far_as_names_go() {
    check("$states.input.a.b", "variables: states; states: [input.a.b]");
    check(
        "$states.result[0].b & $states.errorOutput.Cause",
        "variables: states; states: [result] [errorOutput.Cause]",
    );
    check("$states", "variables: states; states: []");
    check("$states.context.(Execution.Id)", "variables: states; states: [context]");
    check(
        "$map($states.input, function($v){ $v & $states.context.State.Name })",
        "variables: states; states: [input] [context.State.Name]",
    );
    check("function($states){ $states.result }", "");
}

#[test]
fn bare_names_at_the_top_level_are_told() {
    check("phone", "top level: phone");
    check("phone.number[type = 'a'] & name", "top level: phone name");
    check("$x.phone", "variables: x");
    check("$x[phone = 1].{'a': b}", "variables: x");
    check("$x{name: value}", "variables: x");
    check("$x^(>price).id", "variables: x");
    check("{'a': b}", "top level: b");
    check("(a; $x.b)", "variables: x; top level: a");
    check("$map($x, function($v){ a })", "variables: x");
    check("$sum(price)", "top level: price");
    check("$x ~> |a|{'b': c}, 'd'|", "variables: x");
    check("foo()", "top level: foo");
}

#[test]
fn the_input_and_its_root_are_told() {
    check("$", "flags: input");
    check("$.a", "flags: input");
    check("$x.($)", "variables: x");
    check("$x[$ > 1]", "variables: x");
    check("*", "flags: input");
    check("$x.*.**", "variables: x");
    check("$x.($$)", "variables: x; flags: root");
    check("$x ?? 1", "variables: x; newer: ??");
    check("$x ?: 1", "variables: x; newer: ?:");
    check("($x ?: 1) ?? ($x ?? 2)", "variables: x; newer: ?:");
    check("$x ? 1 : 2", "variables: x");
}
