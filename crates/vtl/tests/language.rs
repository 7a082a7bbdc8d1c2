//! The language: a template and its variables in, its text or its error out.

use json::value;
use vtl::{Budget, Dialect, Form, Heap, NoHost, Returned, Template};

fn render(dialect: Dialect, template: &str) -> String {
    let template = match Template::parse(template, dialect) {
        Ok(template) => template,
        Err(error) => return format!("{:?}: {error}", error.problem),
    };
    let variables = value!({
        "s": "text", "u": "a😀b", "i": 7, "f": 1.5, "t": true, "l": ["a", "b", "c"],
        "m": { "k": 1, "n": null, "deep": { "list": [{ "x": 1 }, { "x": 2 }] } },
        "big": "9223372036854775807"
    });
    let mut heap = Heap::new(Budget::default());
    let mut bound = Vec::new();
    for (name, value) in variables.as_object().unwrap().iter() {
        bound.push((name.as_str(), heap.from_json(value, Form::Java).unwrap()));
    }
    match template.render(&mut heap, &bound, &mut NoHost) {
        Ok(rendered) => match rendered.returned {
            Some(Returned::Value(value)) => {
                format!("{} returned {}", rendered.text, heap.json_text(&value).unwrap())
            }
            Some(Returned::Nothing) => format!("{} returned", rendered.text),
            None => rendered.text,
        },
        Err(error) => format!("{:?}: {error}", error.problem),
    }
}

fn check(template: &str, expected: &str) {
    assert_eq!(render(Dialect::PLAIN, template), expected, "{template}");
}

#[test]
fn lists_and_maps_are_shared() {
    check("#set($a = $l)#set($b = $a)$!b.add('d')$l", "true[a, b, c, d]");
    check("#set($a = $m.deep.list[1])#set($a.x = 5)$m.deep", "{list=[{x=1}, {x=5}]}");
    check(
        "#foreach($o in $m.deep.list)#set($o.y = $foreach.count)#end$m.deep.list",
        "[{x=1, y=1}, {x=2, y=2}]",
    );
    check("#set($a = [])#set($d = $a.add($a))$a", "[(this Collection)]");
    check("#set($a = {})#set($a.me = $a)$a", "{me=(this Map)}");
}

#[test]
fn keys_are_of_any_class() {
    check(
        "#set($a = {1: 'one', '1': 'text', true: 'yes'})$a[1] $a['1'] $a[true] $a",
        "one text yes {1=one, 1=text, true=yes}",
    );
    check("#set($a = {'k': 1, 'k': 2})$a", "{k=2}");
}

#[test]
fn numbers_widen() {
    check("#set($a = 9223372036854775807)#set($a = $a + 1)$a", "9223372036854775808");
    check("#set($a = 9223372036854775808 - 1)$a", "9223372036854775807");
    check("#set($a = 9223372036854775807 * 9223372036854775807)$a", "85070591730234615847396907784232501249");
    check("#if(9223372036854775808 > 9223372036854775807)yes#end", "yes");
    check(
        "#set($a = 9223372036854775807 * 9223372036854775807 * 9223372036854775807)$a",
        "Method: A number has more than 128 bits: calculate with doubles (1.0 instead of 1) (line 1, column 53)",
    );
    check("#set($a = .5 + 1.)$a, #set($b = -1.5e-3)$b", "1.5, -0.0015");
}

#[test]
fn operators_bind_as_in_java() {
    check("#if(true || false && false)yes#end", "yes");
    check("#if(!false && 1 + 2 * 3 == 7 and not (1 > 2))yes#end", "yes");
    check("#set($a = 10 - 2 - 3)$a", "5");
    check("#set($a = $nothing + 'x')$a", "$nothingx");
    check("#if($l == '[a, b, c]')by text#end", "by text");
}

#[test]
fn macros_take_their_arguments_by_name() {
    check("#macro(m $x)$x#end#m($missing.thing) #m($s)", "$missing.thing text");
    check("#macro(m $x)#set($s = 'new')$x#end#m($s)", "new");
    check("#macro(in)$x#end#macro(out $x)#in()#end#out('seen')", "seen");
    check("#macro(m)a#break b#end#m()c", "ac");
    check(
        "#macro(m $x)#m($x)#end#m(1)",
        "Exceeded: More than 20 macros call each other: #m may call itself without an end (line 1, column 13)",
    );
    check("#macro(m)1#end#macro(m)2#end#m()", "2");
    check("#unknown($s)\n#unknown", "#unknown($s)\n#unknown");
}

#[test]
fn foreach_restores_what_it_shadows() {
    check("#set($foreach = 1)#foreach($x in $l)$foreach.count#end $foreach", "123 1");
    check(
        "#foreach($x in $l)#foreach($y in $l)#if($foreach.topmost.last && $foreach.last)$x$y#end#end#end",
        "cc",
    );
    check("#foreach($x in [1..2000])#if(!$foreach.hasNext)never#end#end$!x|", "|");
    check("#set($n = 0)#foreach($x in [1..2000])#set($n = $n + 1)#end$n", "1000");
    check("#set($i = $l.iterator())$i.next()#foreach($x in $i)$x#end$i.hasNext()", "abcfalse");
}

#[test]
fn evaluate_sees_and_makes_variables() {
    check("#set($s = 1)#evaluate('#set($new = $s + 1)$new')", "2");
    check("#evaluate('#macro(late)late#end')#late()", "late");
    check(
        "#evaluate('#if($x)')",
        "Parse: #if is not closed: its #end is missing, at line 1, column 8 of the text of #evaluate (line 1, column 1)",
    );
    check("#evaluate($nothing)|", "|");
}

#[test]
fn quotes_hold_templates() {
    check(r##"#set($a = "$s#foreach($x in $l)""$x""#end")$a"##, r#"text"a""b""c""#);
    check(r##"#set($a = "cost: 5$ and #")$a"##, "cost: 5$ and #");
    check("#set($a = 'x\\')$a", "x\\");
}

#[test]
fn return_is_for_appsync() {
    assert_eq!(render(Dialect::APPSYNC, "a#return($m.deep)b"), "a returned {\"list\":[{\"x\":1},{\"x\":2}]}");
    assert_eq!(render(Dialect::APPSYNC, "#foreach($x in $l)$x#return#end"), "a returned");
    check("#return", "#return");
}

#[test]
fn a_loop_answers_methods_as_well() {
    check(
        "#foreach($x in $l)$foreach.getIndex()$x#if($foreach.hasNext()),#end#if($foreach.isLast())!#end#end",
        "0a,1b,2c!",
    );
    check("#foreach($x in $l)#if($foreach.isFirst())$foreach.getCount()#end#end", "1");
}

#[test]
fn null_is_an_argument_for_appsync() {
    let rendered = render(Dialect::APPSYNC, "$l.contains(null) $l.contains( null ) $l.contains( nullable)");
    assert_eq!(rendered, "false false $l.contains( nullable)");
    assert!(render(Dialect::APPSYNC, "#set($x = {'a': null})").starts_with("Parse: "));
    check("$l.contains(null)", "$l.contains(null)");
}

#[test]
fn strings_count_as_java_does() {
    check("$u.length() $u.indexOf('b') $u.substring(3) $u.charAt(0) $u.codePointAt(1)", "4 3 b a 128512");
    check("$u.substring(1, 3)|$s.lastIndexOf('t', 2)|$s.indexOf('t', 9)", "😀|0|-1");
    check("$s.compareTo('tfxt') $s.compareTo('te') $s.regionMatches(1, 'xex', 1, 2)", "-1 2 true");
    check("$s.substring(3, 1)", "Method: A text has no part from 3 to 1 (line 1, column 1)");
    check("$s.split('').size() $s.split('x', -1).length $s.split('t', -1).size()", "4 2 3");
}

#[test]
fn regular_expressions_are_javas() {
    check(
        r"$s.replaceAll('\w', '.') $s.replaceAll('t$', '!') $s.replaceAll('(?<a>e)(x)', '$2${a}')",
        ".... tex! txet",
    );
    check(r"$s.matches('\p{Lower}+') $s.matches('[a-z&&[^x]]+') $s.matches('\Qte\Ext')", "true false true");
    check(r"$s.replaceFirst('.', '\$')", "$ext");
    check(
        "$s.matches('(?=t).*')",
        "Method: Look-around in regular expressions is not supported (line 1, column 1)",
    );
    check(
        r"$s.matches('(t)\1')",
        "Method: Back-references in regular expressions are not supported (line 1, column 1)",
    );
    check(
        "$s.matches('(')",
        "Method: The regular expression ( cannot be used: unclosed group (line 1, column 1)",
    );
    check(
        "$s.replaceAll('t', '$1')",
        "Method: The regular expression has no group 1: a $ in the replacement is a group, write \\$ for itself (line 1, column 1)",
    );
}

#[test]
fn format_lays_out() {
    check(
        "$s.format('%5s|%-5s|%05d|%,d|%.2f|%x|%%|%b', 'a', 'b', -42, 1234567, 1.005, 255, $l)",
        "    a|b    |-0042|1,234,567|1.00|ff|%|true",
    );
    check("$s.format('%s')", "Method: String.format has no value for %s: add one (line 1, column 1)");
}

#[test]
fn there_is_no_reflection() {
    check(
        "$s.class $s.getClass() $l.class.name $i.getClass().forName('x')",
        "$s.class $s.getClass() $l.class.name $i.getClass().forName('x')",
    );
}

#[test]
fn escapes_count() {
    check(r"\\\$missing \\\\$s \\#foo \\\#if", r"\\$missing \\text \\#foo \#if");
    check("#macro(m)x#end\\#m() \\\\#m()", "#m() \\x");
}

#[test]
fn errors_tell_what_and_where() {
    check("a\n  #if($t)x", "Parse: #if is not closed: its #end is missing (line 2, column 11)");
    check(
        "a\nb #set($x = 5-3)",
        "Parse: #set cannot go on with '-': ')' is missing here (line 2, column 14)",
    );
    check(
        "é #set($x = -$i)",
        "Parse: A number is missing here (there is no sign before anything else: use 0 - $x) (line 1, column 13)",
    );
    check(
        "x\n$l.get(7)",
        "Method: There is no item 7 in a list of 3: compare with .size() before (line 2, column 1)",
    );
    check(
        "#include('a')",
        "Resource: #include finds no file, for there are none: write its text here (line 1, column 1)",
    );
    check(
        "#foreach($x in $l)#break($x)#end",
        "Parse: #break leaves the innermost loop only: write it without parentheses (line 1, column 28)",
    );
}
