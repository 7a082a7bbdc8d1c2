//! Texts that mean harm: each ends with an error, soon, and in the stack of a test's thread.

use vtl::{Budget, Dialect, Heap, NoHost, Problem, Template};

fn outcome(text: &str) -> Result<usize, Problem> {
    let template = Template::parse(text, Dialect::PLAIN).map_err(|error| error.problem)?;
    let mut heap = Heap::new(Budget::default());
    let rendered = template.render(&mut heap, &[], &mut NoHost);
    rendered.map(|rendered| rendered.text.len()).map_err(|error| error.problem)
}

#[test]
fn what_is_too_much_is_refused() {
    let nested_ifs = "#if(true)".repeat(100_000);
    let parentheses = format!("#set($a = {})", "(".repeat(100_000));
    let lists = format!("#set($a = {})", "[".repeat(100_000));
    let indexes = format!("$a{}", "[$a".repeat(100_000));
    for text in [&nested_ifs, &parentheses, &lists, &indexes] {
        assert_eq!(outcome(text), Err(Problem::Parse), "{}", &text[..20]);
    }
    for text in [
        // Loops in loops.
        "#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end",
        // Text that doubles.
        "#set($a = 'xxxxxxxx')#foreach($i in [1..100])#set($a = \"$a$a\")#end",
        "#set($a = 'xxxxxxxx')#foreach($i in [1..100])#set($a = $a + $a)#end",
        "$a.length()#set($a = 'x')#set($b = $a.repeat(2000000000))",
        "#set($a = 'x')#foreach($i in [1..100])#set($a = $a.replace('', 'xyz'))#end",
        // A list that holds the one before twice.
        "#set($a = [1])#foreach($i in [1..100])#set($a = [$a, $a])#end$a",
        "#set($a = [1])#foreach($i in [1..100])#set($a = [$a, $a])#end$a.hashCode()",
        "#set($a = [1])#set($b = [1])#foreach($i in [1..100])#set($a = [$a, $a])#set($b = [$b, $b])#end$a.equals($b)",
        // One that nests without an end.
        "#set($a = [1])#foreach($i in [1..1000])#set($a = [$a])#end$a",
        // Two that hold each other.
        "#set($a = [])#set($b = [$a])#set($c = $a.add($b))$a",
        "#set($a = {})#set($b = {'a': $a})#set($a.b = $b)$a.hashCode()",
        // What calls itself.
        "#macro(m)#m()#m()#end#m()",
        "#set($e = '#evaluate($e)')#evaluate($e)",
        "#define($d)$d#end$d",
        "#macro(m $x)#m(\"$x$x\")#end#m('a')",
        "#set($a = [0..2000000])",
        "#set($s = 'ab')#foreach($i in [1..14])#set($s = \"$s$s\")#end$s.replaceAll('(a.*c)?', '')",
    ] {
        assert_eq!(outcome(text), Err(Problem::Exceeded), "{text}");
    }
}

#[test]
fn what_is_much_is_done() {
    assert_eq!(outcome("#foreach($a in [1..1000])#foreach($b in [1..300])x#end#end"), Ok(300_000));
    let long = format!("{}#set($a = [{}1])$a.size()", "text ".repeat(50_000), "1,".repeat(50_000));
    assert_eq!(outcome(&long), Ok(250_005));
    assert_eq!(outcome(&"#if(true)".repeat(50)), Err(Problem::Parse));
    assert_eq!(outcome(&format!("{}x{}", "#if(true)".repeat(50), "#end".repeat(50))), Ok(1));
}

/// What is read once for each byte before it would take minutes.
#[test]
fn long_texts_are_read_in_linear_time() {
    let names: String = (0..60_000).map(|number| format!("$a{number} ")).collect();
    let indexes = "$a[$b[1]]".repeat(50_000);
    let calls = "#a('b')".repeat(60_000);
    for text in [&names, &indexes, &calls] {
        assert_eq!(outcome(text), Ok(text.len()));
    }
    let macros: String = (0..2000).map(|number| format!("#macro(m{number})x#end")).collect();
    assert_eq!(outcome(&macros), Err(Problem::Parse));
}

/// The deepest rendering, and the deepest parsing within it, fit into a thread's stack.
#[test]
fn the_deepest_fits() {
    let deep = |inner: &str| format!("{}{inner}{}", "#if(true)".repeat(55), "#end".repeat(55));
    let parentheses = format!("#set($p = {}1{})$p", "(".repeat(50), ")".repeat(50));
    let mut text = parentheses;
    for name in ["$d", "$c", "$b", "$a"] {
        text = deep(&format!("#set({name} = '{}')#evaluate({name})", text.replace('\'', "''")));
    }
    assert_eq!(outcome(&text), Ok(1));
}

/// A pattern that makes a backtracking engine take ages.
#[test]
fn patterns_take_linear_time() {
    let text = "#set($a = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')$a.matches('(a+)+c')";
    assert_eq!(outcome(text), Ok("false".len()));
    assert_eq!(outcome("#set($a = 'x')$a.matches('((a{900}){900}){900}')"), Err(Problem::Method));
}
