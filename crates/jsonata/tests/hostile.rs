//! No input brings the process down, holds it for long, or makes it large: what is too much ends with
//! an error.

use json::{Value, value};
use jsonata::{Budget, EvaluationError, Expression, Nothing, Outside, Problem};
use proptest::prelude::*;

fn evaluate(text: &str, budget: Budget) -> Option<Result<Option<Value>, EvaluationError>> {
    let input = value!({ "a": [1, 2, { "b": "c" }], "d": { "e": null, "f": [[1], []] }, "s": "text" });
    let expression = Expression::compile(text).ok()?;
    Some(expression.evaluate(Some(&input), &Nothing, Outside::default(), &mut budget.clone()))
}

/// A tenth of what is usually granted is enough to see that it is not without end.
#[track_caller]
fn exceeds(text: &str) {
    let budget = Budget { steps: 1_000_000, bytes: 8 << 20, ..Budget::default() };
    match evaluate(text, budget) {
        Some(Err(error)) if error.problem == Problem::Exceeded => {}
        Some(other) => panic!("{text} gives {other:?}"),
        None => panic!("{text} does not compile"),
    }
}

#[test]
fn what_nests_too_deep_is_refused() {
    let mut refused = 0;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{\"a\":", "}"),
        ("-", ""),
        ("a.", "b"),
        ("a[", "]"),
        ("function(){", "}"),
        ("$f(", ")"),
        ("1?", ""),
        ("$x:=", "1"),
        ("1+", "1"),
        ("a~>", "b"),
        ("|", "|1|"),
        ("%.", "a"),
    ] {
        for levels in [10, 90, 190, 210, 3000] {
            let text = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            refused += usize::from(evaluate(&text, Budget::default()).is_none());
            // Left to right there is no nesting to see, and yet the tree is as high.
            let chain = format!("1{}", format!("{close}{open}1").repeat(levels));
            refused += usize::from(evaluate(&chain, Budget::default()).is_none());
        }
    }
    assert!(refused > 0);
    assert!(Expression::compile(&"(".repeat(3000)).is_err());
    assert!(Expression::compile(&format!("1{}", "+1".repeat(3000))).is_err());
    assert!(Expression::compile(&format!("1{}", "+1".repeat(190))).is_ok());
}

#[test]
fn calls_that_never_end_are_ended() {
    exceeds("($f := function($x){ $f($x) }; $f(1))");
    exceeds("($f := function($x){ 1 + $f($x) }; $f(1))");
    exceeds("($f := function($x){ $map([1, 2], function($y){ $f($y) }) }; $f(1))");
    exceeds("($f := function($x){ $f($x & 'x') }; $f('x'))");
    exceeds("($f := function($x){ [1, 2].($f($)) }; $f(1))");
    exceeds("($f := function($x){ $x ~> |$|$f($x)| }; $f({}))");
}

#[test]
fn memory_is_bounded() {
    exceeds("$pad('x', 1e9)");
    exceeds("[1..10000000]");
    exceeds("[1..100000].[1..100000]");
    exceeds("$reduce([1..100], function($a, $b){ $a & $a }, 'x')");
    exceeds("$reduce([1..100], function($a, $b){ [$a, $a] }, 'x')");
    exceeds("$join([1..1000000].('a text that is longer than thirty bytes'))");
    exceeds("[1..1000]@$i.[1..1000]@$j[$i = $j]");
    exceeds("$zip([1..1000000], [1..1000000], [1..1000000])");
    exceeds("$formatInteger(1e15, 'I')");
    exceeds("$range(1, 1e9, 1)");
    exceeds("$append([1..2000000], [1..2000000])");
}

#[test]
fn work_hidden_in_one_step_is_counted() {
    exceeds("($x := [1..10000]; $map($x, function($v){ $v in $x }))");
    exceeds("$distinct([1..20000].{'a': $})");
    exceeds("($o := $merge([1..50000].{$string($): $}); $sift($o, function($v, $k){ $lookup($o, $k) }))");
    exceeds("$replace($pad('', 1000000, 'a'), /a(.*z)?/, 'b')");
    exceeds("$toMillis($pad('', 5000, '1'), $pad('', 15000, '[Y]'))");
    for regex in ["/((a{100}){100}){100}/", "/(a{1000}){1000}/", "/(?=a)/", "/(a)\\1/"] {
        assert!(Expression::compile(regex).is_err(), "{regex} compiles");
    }
    // Each character of these is looked up for its other case.
    let wide = "[a-\\uffff]".repeat(3);
    assert!(Expression::compile(&format!("/{wide}/i")).is_err());
    assert!(Expression::compile(&format!("/{wide}/")).is_ok());
}

#[test]
fn long_expressions_of_many_names_compile() {
    let many = |piece: &dyn Fn(usize) -> String| (0..5000).map(piece).collect::<Vec<_>>();
    let bound = many(&|index| format!("$v{index} := {index}")).join(";");
    let expected = Some(Ok(Some(Value::from(4999))));
    assert_eq!(evaluate(&format!("({bound}; $v4999)"), Budget::default()), expected);
    let members = many(&|index| format!("'m{index}': n{index}")).join(",");
    let expression = Expression::compile(&format!("{{{members}}}")).unwrap();
    assert_eq!(expression.references().top_level_names.len(), 5000);
    let parameters = many(&|index| format!("$p{index}")).join(",");
    assert!(Expression::compile(&format!("function({parameters}){{ $p7 }}")).is_ok());
    assert!(Expression::compile(&"a".repeat(1 << 20)).is_err());
}

#[test]
fn signatures_are_no_riddle() {
    let many = "n+".repeat(40);
    let call = format!("function($a)<{many}>{{ 1 }}({}'x')", "1,".repeat(100));
    let Some(Err(error)) = evaluate(&call, Budget::default()) else { panic!("{call} has a value") };
    assert_eq!(error.code, "T0410");
    assert!(Expression::compile(&format!("function($a)<{}>{{ 1 }}", "n".repeat(10_000))).is_err());
}

#[test]
fn what_is_built_does_not_nest_without_end() {
    exceeds("$reduce([1..100000], function($a, $b){ {'a': $a} }, 'x')");
    exceeds("$reduce([1..100000], function($a, $b){ [[$a]] }, 'x')");
    exceeds("$reduce([1..1000].($string), function($a, $b){ $a ~> $b })");
    exceeds("$reduce([1..1000], function($a, $b){ $append(?, $a) }, 1)");
    // Functions that hold on to frames that hold on to functions, many times over.
    let chain = "$reduce([1..50000], function($a, $b){ function(){ $a } }, 'x') ~> $type()";
    assert_eq!(evaluate(chain, Budget::default()), Some(Ok(Some("function".into()))));
}

/// Pieces of expressions; put together at random they are sometimes expressions.
const PIECES: [&str; 72] = [
    "a",
    "b",
    "d.e",
    "s",
    "$",
    "$$",
    "$x",
    "1",
    "0",
    "-1",
    "1.5",
    "1e300",
    "\"t\"",
    "''",
    "true",
    "null",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    ";",
    ":",
    "?",
    "+",
    "-",
    "*",
    "/",
    "%",
    "**",
    "=",
    "!=",
    "<",
    ">",
    "&",
    "^(",
    "@$x",
    "#$i",
    "|",
    "~>",
    ":=",
    "..",
    "??",
    "?:",
    "and",
    "or",
    "in",
    "function($x){",
    "λ($x, $y)<nn:n>{",
    "$sum(",
    "$map(",
    "$string(",
    "$filter(",
    "$reduce(",
    "$append(",
    "$formatNumber(",
    "$fromMillis(",
    "$split(",
    "$match(",
    "$replace(",
    "/a+/",
    "/(b)|c/i",
    "[0]",
    "[]",
    "[$ > 1]",
    "{\"k\": $}",
    "$lookup(",
    "$sort(",
    "\"[Y]-[M01]\"",
];

fn budget() -> Budget {
    Budget { steps: 20_000, bytes: 1 << 20, depth: 100 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_in_any_order_do_no_harm(places in prop::collection::vec(0..PIECES.len(), 1..30)) {
        let text: Vec<&str> = places.into_iter().map(|place| PIECES[place]).collect();
        for separator in ["", " "] {
            let _ = evaluate(&text.join(separator), budget());
        }
    }

    #[test]
    fn any_text_does_no_harm(text in "\\PC{0,60}") {
        let _ = evaluate(&text, budget());
        let _ = evaluate(&format!("/{text}/"), budget());
        let quoted = Value::from(text.as_str()).to_text();
        for call in ["$formatNumber(12.5, ", "$formatInteger(12, ", "$fromMillis(1, ", "$parseInteger('12', ", "$toMillis('12', "] {
            let _ = evaluate(&format!("{call}{quoted})"), budget());
        }
        for call in ["$number(", "$toMillis(", "$parse(", "$decodeUrl(", "$base64decode(", "$trim(", "$length("] {
            let _ = evaluate(&format!("{call}{quoted})"), budget());
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_value(seed: u128) {
        let expression = Expression::compile("[$random(), $uuid(), $shuffle([1..9]), $millis()]").unwrap();
        let run = || expression.evaluate(None, &Nothing, Outside { now: 7, seed }, &mut Budget::default()).unwrap();
        prop_assert_eq!(run(), run());
    }
}

#[test]
fn calls_with_all_kinds_of_arguments_do_no_harm() {
    let arguments = [
        "nothing",
        "null",
        "true",
        "0",
        "-1.5",
        "(1/0)",
        "(0/0)",
        "1e300",
        "''",
        "'a,b'",
        "[]",
        "[1,2]",
        "['a','b']",
        "{}",
        "{'a':1}",
        "$string",
        "function($a,$b){$a}",
        "/a/",
        "[[1],[2]]",
        "[{'a':1},{'b':2}]",
    ];
    let names = [
        "abs",
        "append",
        "assert",
        "average",
        "base64decode",
        "base64encode",
        "boolean",
        "ceil",
        "clone",
        "contains",
        "count",
        "decodeUrl",
        "decodeUrlComponent",
        "distinct",
        "each",
        "encodeUrl",
        "encodeUrlComponent",
        "error",
        "exists",
        "filter",
        "floor",
        "formatBase",
        "formatInteger",
        "formatNumber",
        "fromMillis",
        "hash",
        "join",
        "keys",
        "length",
        "lookup",
        "lowercase",
        "map",
        "match",
        "max",
        "merge",
        "millis",
        "min",
        "not",
        "now",
        "number",
        "pad",
        "parse",
        "parseInteger",
        "partition",
        "power",
        "random",
        "range",
        "reduce",
        "replace",
        "reverse",
        "round",
        "shuffle",
        "sift",
        "single",
        "sort",
        "split",
        "spread",
        "sqrt",
        "string",
        "substring",
        "substringAfter",
        "substringBefore",
        "sum",
        "toMillis",
        "trim",
        "type",
        "uppercase",
        "uuid",
        "zip",
    ];
    for name in names {
        let mut compiled = 0;
        for one in arguments {
            compiled += usize::from(evaluate(&format!("${name}({one})"), budget()).is_some());
            for two in arguments {
                compiled += usize::from(evaluate(&format!("${name}({one}, {two})"), budget()).is_some());
                compiled += usize::from(evaluate(&format!("${name}({one}, {two}, 2)"), budget()).is_some());
            }
            for picture in ["'w'", "'W;o'", "'a'", "'I'", "'0'", "'#,##0.00'", "'0.0e0'", "'[Yw]'"] {
                compiled += usize::from(evaluate(&format!("${name}({one}, {picture})"), budget()).is_some());
            }
        }
        assert_eq!(compiled, arguments.len() * (9 + 2 * arguments.len()), "${name}");
    }
}
