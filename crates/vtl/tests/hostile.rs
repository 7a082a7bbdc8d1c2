//! Texts that mean harm: each ends with an error, soon, and in the stack of a test's thread.

use json::value;
use vtl::appsync::{self, Ended, Surroundings, Transformed};
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

/// What AppSync's objects make of a text: how many bytes come out, or whether it was too much or a mistake.
fn outcome_in_appsync(text: &str) -> Result<usize, Problem> {
    let template = appsync::parse(text).map_err(|error| error.problem)?;
    let context = value!({"arguments": {"list": [1, 2, 3]}, "stash": {}});
    // A tenth of the steps: the tests wait for them.
    let budget = Budget { steps: 300_000, ..Budget::default() };
    let outcome = appsync::render(&template, &context, &Surroundings::default(), budget);
    match outcome.result {
        Ok(Transformed::Text(text)) => Ok(text.len()),
        Ok(Transformed::Returned(_)) => Ok(0),
        Err(Ended::Raised(_)) => Err(Problem::Ended),
        Err(Ended::Failed { .. }) => Err(Problem::Method),
        Err(Ended::Exceeded { .. }) => Err(Problem::Exceeded),
    }
}

/// A list that holds the one before twice, and one that nests without an end.
const DOUBLED: &str = "#set($a = [1])#foreach($i in [1..100])#set($a = [$a, $a])#end";
const NESTED: &str = "#set($a = [1])#foreach($i in [1..1000])#set($a = [$a])#end";

#[test]
fn what_is_too_much_for_appsync_is_refused() {
    for end in [
        "$util.toJson($a)",
        "$util.dynamodb.toDynamoDBJson($a)",
        "$util.dynamodb.toList($a).size()",
        "$util.dynamodb.toNumberSet($a).size()",
        "$util.qr($ctx.stash.put('a', $a))",
        "#set($ctx.stash = {'a': $a})",
        "#return($a)",
        "$util.error('a', 'b', $a)",
        "$util.appendError('a', 'b', $none, $a)",
        "$util.log.info($a)",
        "$util.http.addResponseHeader('a', $a)",
        "$extensions.setSubscriptionFilter({'a': $a})",
        "$util.transform.toDynamoDBFilterExpression({'a': {'eq': $a}})",
        "$util.rds.toJsonString({'a': $a})",
    ] {
        for start in [DOUBLED, NESTED] {
            assert_eq!(outcome_in_appsync(&format!("{start}{end}")), Err(Problem::Exceeded), "{start}{end}");
        }
    }
    for text in [
        // Values that share their parts, made by helpers.
        "#set($a = $ctx.args.list)#foreach($i in [1..100])#set($a = $util.dynamodb.toDynamoDB([$a, $a]))#end",
        "#set($a = $ctx.args.list)#foreach($i in [1..1000])#set($a = $util.dynamodb.toDynamoDB([$a]))#end",
        "#foreach($i in [1..1000])#set($ctx.stash = {'a': $ctx.stash})#end",
        "#set($a = [])#set($b = $a.add($a))$util.toJson($a)",
        "#set($a = {})#set($a.b = $a)$util.dynamodb.toMapValuesJson($a)",
        "#set($f = {})#foreach($i in [1..1000])#set($f = {'and': [$f]})#end$util.transform.toElasticsearchQueryDSL($f)",
        // Text that grows.
        "#set($s = 'a')#foreach($i in [1..100])#set($s = $util.str.toReplace(\"$s$s\", 'a', $s))#end",
        "#set($s = 'a')#foreach($i in [1..100])#set($s = $util.base64Encode($s))#end",
        "#set($s = '\"')#foreach($i in [1..100])#set($s = $util.toJson($s))#end",
        // Lists against lists.
        "#set($l = [1..100000])$util.list.copyAndRemoveAll($l, $l).size()",
        "#foreach($i in [1..1000])#foreach($j in [1..1000])$util.list.sortList([1..1000], true, '')#end#end",
    ] {
        assert_eq!(outcome_in_appsync(text), Err(Problem::Exceeded), "{text}");
    }
    for text in [
        "#foreach($i in [1..1000])$util.log.info('x')$util.appendError('x')#end",
        "$util.matches('((a{900}){900}){900}', 'x')",
        "$util.list.sortList([1..1001], false, '')",
        "#set($p = 'y')#foreach($i in [1..12])#set($p = \"$p$p\")#end$util.time.nowFormatted($p)",
        "#set($x = '<a>')#foreach($i in [1..12])#set($x = \"$x$x\")#end$util.xml.toMap($x)",
        "#set($x = '')#foreach($i in [1..1000])#set($x = \"$x<a$i/><b$i/>\")#end$util.xml.toMap(\"<a>$x</a>\")",
        "#set($f = {'a': {'in': [1..2000]}})$util.transform.toDynamoDBFilterExpression($f)",
    ] {
        assert_eq!(outcome_in_appsync(text), Err(Problem::Method), "{text}");
    }
}

#[test]
fn patterns_of_appsync_take_linear_time() {
    let text = "$util.matches('(a+)+c', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')";
    assert_eq!(outcome_in_appsync(text), Ok("false".len()));
}

/// The deepest values, taken apart in the deepest rendering, fit into a thread's stack.
#[test]
fn the_deepest_values_fit() {
    let nested =
        |item: &str, rounds: u32| format!("#set($a = 1)#foreach($i in [1..{rounds}])#set($a = {item})#end");
    for (item, end) in [
        (
            "[$a]",
            "#set($t = $util.dynamodb.toDynamoDB($a))$util.dynamodb.toDynamoDBJson($a)$util.toJson([$t])",
        ),
        (
            "{'not': $a}",
            "$util.transform.toElasticsearchQueryDSL($a)$util.transform.toDynamoDBFilterExpression($a)",
        ),
        ("{'and': [$a]}", "$util.transform.toSubscriptionFilter($a)"),
    ] {
        for rounds in [190, 390] {
            let body = format!("{}{end}", nested(item, rounds).replace("$a = 1", "$a = {}"));
            let text = format!("{}{body}{}", "#if(true)".repeat(55), "#end".repeat(55));
            let outcome = outcome_in_appsync(&text);
            assert!(matches!(outcome, Ok(1..) | Err(Problem::Exceeded)), "{text}: {outcome:?}");
        }
    }
}
