//! What paths select; the corpus of recorded answers.

use json::Value;

use super::query::Query;
use super::{Path, PathError, parse};
use crate::environment::testing::World;

fn value(text: &str) -> Value {
    Value::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn select(path: &str, document: &Value) -> Result<Value, PathError> {
    let path = Path::parse(path).unwrap_or_else(|error| panic!("{path}: {}", error.message));
    path.query(&World::default().environment(document))
}

/// Every recorded path: what Jayway answers, and what AWS answers where it differs.
#[test]
#[expect(clippy::disallowed_methods, reason = "the corpus is on the disk")]
fn corpus() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/jsonpath/cases.jsonl");
    let Ok(text) = std::fs::read_to_string(file) else {
        println!("skipped: there is no {file}");
        return;
    };
    let cases: Vec<Value> = text.lines().map(value).collect();
    let failures: Vec<String> = cases.iter().filter_map(|case| corpus_case(case).err()).collect();
    println!("jsonpath corpus: {} of {}", cases.len() - failures.len(), cases.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn corpus_case(case: &Value) -> Result<(), String> {
    let text = |name: &str| case.get(name).and_then(Value::as_str);
    let path = text("path").unwrap();
    let compiled = parse::query(path);
    if let (Ok(query), Some(definite)) = (&compiled, case.get("definite").and_then(Value::as_bool))
        && query.is_definite() != definite
    {
        return Err(format!("{path}: definite is {}", query.is_definite()));
    }
    let document = case.get("document").unwrap();
    let answer = match compiled.as_ref().map(|query: &Query| query.select(document)) {
        Err(_) => Err("INVALID_PATH"),
        Ok(Err(PathError::NotFound { .. })) => Err("PATH_NOT_FOUND"),
        Ok(Err(PathError::Evaluation { .. })) => Err("EVALUATION"),
        Ok(Ok(value)) => Ok(value.into_owned()),
    };
    let expected = match (case.get("aws_expected"), text("error")) {
        (Some(expected), _) => Ok(expected.clone()),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(case.get("expected").unwrap().clone()),
    };
    let sorted = |value: &Value| {
        let mut items: Vec<String> = value.as_array().into_iter().flatten().map(Value::to_text).collect();
        items.sort();
        items
    };
    let unordered = case.get("unordered").and_then(Value::as_bool) == Some(true);
    let equal = match (&answer, &expected) {
        (Ok(answer), Ok(expected)) if unordered => sorted(answer) == sorted(expected),
        (answer, expected) => answer == expected,
    };
    if equal { Ok(()) } else { Err(format!("{path}: {answer:?} instead of {expected:?}")) }
}

#[test]
fn what_is_missing_is_told_in_the_words_of_aws() {
    for (document, path, detail) in [
        ("{}", "$.x", "No results for path: $['x']"),
        ("{}", "$['x']", "No results for path: $['x']"),
        (r#"{"a":{}}"#, "$.a.x", "No results for path: $['a']['x']"),
        ("{}", "$.no.such.result.path", "Missing property in path $['no']"),
        (r#"{"a":[1]}"#, "$.a[7]", "No results for path: $['a'][7]"),
        (r#"{"a":null}"#, "$.a[0]", "The path $['a'] is null"),
        (r#"{"a":1}"#, "$.a[0].b", "Filter: [0]['b'] can only be applied to arrays. Current context is: 1"),
    ] {
        assert_eq!(
            select(path, &value(document)),
            Err(PathError::NotFound { detail: detail.into() }),
            "{document} {path}"
        );
    }
    let Err(error) = select("$.a.b", &value(r#"{"a":"text"}"#)) else { panic!("found something") };
    assert!(error.detail().starts_with(
        "Expected to find an object with property ['b'] in path $['a'] but found 'java.lang.String'."
    ));
}

#[test]
fn a_path_starts_at_the_input_the_context_or_a_variable() {
    let world = World {
        context: value(r#"{"State":{"Name":"S"}}"#),
        variables: vec![("x", value(r#"{"y":[1,2]}"#)), ("größe", value("3"))],
        ..World::default()
    };
    let input = value(r#"{"x":"input"}"#);
    let environment = world.environment(&input);
    for (path, expected) in [
        ("$.x", r#""input""#),
        ("$$", r#"{"State":{"Name":"S"}}"#),
        ("$$.State.Name", r#""S""#),
        ("$$['State']", r#"{"Name":"S"}"#),
        ("$x", r#"{"y":[1,2]}"#),
        ("$x.y[1]", "2"),
        ("$x['y'][*]", "[1,2]"),
        ("$größe", "3"),
    ] {
        let found = Path::parse(path).unwrap().query(&environment);
        assert_eq!(found, Ok(value(expected)), "{path}");
    }
    assert!(matches!(Path::parse("$nobody").unwrap().query(&environment), Err(PathError::NotFound { .. })));
    assert_eq!(Path::parse("$x.y").unwrap().variables(), ["x"]);
    assert!(Path::parse("$.x").unwrap().variables().is_empty());
    assert!(Path::parse("$$.x").unwrap().is_context());
    assert!(Path::parse("$").unwrap().is_whole_input());
}

/// Recorded: test_escape_sequence_parsing. In names in brackets a backslash escapes the quote only.
#[test]
fn names_in_brackets_keep_their_backslashes() {
    for (path, document) in [
        (r#"$['Test\""Name"']"#, r#"{"Test\\\"\"Name\"":1}"#),
        (r"$['it\'s']", r#"{"it's":1}"#),
        (r#"$["say \"hi\""]"#, r#"{"say \"hi\"":1}"#),
        (r"$['a\\b']", r#"{"a\\b":1}"#),
    ] {
        assert_eq!(select(path, &value(document)), Ok(Value::Int(1)), "{path}");
    }
}

#[test]
fn what_is_no_path_is_refused() {
    for path in [
        "",
        "x",
        "@.x",
        "@",
        " $.x",
        "$.",
        "$..",
        "$...a",
        "$x y",
        "$.a b",
        "$-x",
        "$$x",
        "$$$",
        "$[",
        "$[]",
        "$['a",
        "$['a'",
        "$['a' 'b']",
        "$['a',]",
        "$[1,]",
        "$[1-]",
        "$[a]",
        "$[?]",
        "$[?(]",
        "$[?(@.a ==)]",
        "$[?(== 1)]",
        "$[?(@.a = 1)]",
        "$[?(@.a =~ /(/)]",
        "$[?(@.a == 'x)]",
        "$.nope()",
        "$.length().x",
        "$..length()",
        "$..a..length()",
        "$.sum(",
        "$[99999999999]",
    ] {
        assert!(Path::parse(path).is_err(), "{path}");
    }
}

#[test]
fn reference_paths_are_told_from_others() {
    for path in ["$", "$.a", "$.a[0]['b c']", "$$.a", "$x.a", "$$", "$.a\\.b", "$x.a\\@b[0]"] {
        assert!(Path::parse_reference(path).is_ok(), "{path}");
    }
    for path in ["$.*", "$..a", "$.a[-1]", "$.a[0:1]", "$.a[0,1]", "$['a','b']", "$.a[?(@)]", "$.length()"] {
        assert!(Path::parse_reference(path).is_err(), "{path}");
    }
    for path in ["$.a\\.*", "$..a\\.b", "$.a\\.b[-1]", "$.a\\", "a\\.b"] {
        assert!(Path::parse_reference(path).is_err(), "{path}");
    }
}

/// The examples of the States Language, "Reference Paths".
#[test]
fn a_backslash_escapes_in_a_reference_path() {
    for (path, document) in [
        ("$.store\\.book", r#"{"store.book":7}"#),
        ("$.\\stor\\e.boo\\k", r#"{"store":{"book":7}}"#),
        ("$.foo\\@bar.baz\\[\\[.\\?pretty", r#"{"foo@bar":{"baz[[":{"?pretty":7}}}"#),
        ("$['store'][0]['bo\\'ok']", r#"{"store":[{"bo'ok":7}]}"#),
    ] {
        let (world, document) = (World::default(), Value::parse(document).unwrap());
        let found = Path::parse_reference(path).unwrap().query(&world.environment(&document));
        assert_eq!(found, Ok(Value::Int(7)), "{path}");
    }
}

#[test]
fn operators_of_filters() {
    let document = value(
        r#"[{"n":1,"s":"one","l":[1,2]},{"n":"1","s":"two","l":[]},{"n":2.0,"s":"","l":[2,3],"o":{"k":1}}]"#,
    );
    for (filter, expected) in [
        ("@.n == 1", "[0,1]"),
        ("@.n === 1", "[0]"),
        ("@.n !== 1", "[1,2]"),
        ("@.n == 2", "[2]"),
        ("@.n == '1'", "[0,1]"),
        ("@.n >= 1", "[0,2]"),
        ("@.s < 'p'", "[0,2]"),
        ("@.x != 1", "[0,1,2]"),
        ("@.l size 2", "[0,2]"),
        ("@.l empty true", "[1]"),
        ("@.s empty false", "[0,1]"),
        ("@.l anyof [3, 4]", "[2]"),
        ("@.l noneof [3, 4]", "[0,1]"),
        ("@.l all [2]", "[0,2]"),
        ("@.l subsetof [1, 2]", "[0,1]"),
        ("@.l == [1, 2]", "[0]"),
        ("@.o == {'k': 1}", "[2]"),
        ("@.s =~ /t.?o/", "[1]"),
        ("@.s =~ /t/", "[]"),
        (r"@.s =~ /\w[\w\S]\w/", "[0,1]"),
        (r"@.s =~ /\W+/", "[]"),
        ("@.s =~ /O.E/i", "[0]"),
        ("@.l[?(@ > 2)]", "[0,1,2]"),
        ("@['s'] in ['two', \"one\"]", "[0,1]"),
        ("!(@.n == 1) || @.s == 'one'", "[0,2]"),
        ("$[2].n == @.n", "[2]"),
        ("true == true", "[0,1,2]"),
    ] {
        let found = select(&format!("$[?({filter})]"), &document).unwrap();
        let places: Value = found
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                Value::from(document.as_array().unwrap().iter().position(|other| other == item).unwrap())
            })
            .collect();
        assert_eq!(places, value(expected), "{filter}");
    }
}

#[test]
fn functions_take_parameters() {
    let document = value(r#"{"a":[1,2,3],"s":["x","y"],"o":{"k":[4,5]}}"#);
    for (path, expected) in [
        ("$..k.length()", "2"),
        ("$.length($.a)", "3"),
        ("$.sum($.a, 4)", "10.0"),
        ("$..k.sum()", "null"),
        (r#"$.s.concat("z", $.s)"#, r#""xyzxy""#),
        ("$.o.keys()", r#"["k"]"#),
        ("$.a.last()", "3"),
        ("$.a.append(4)", "[1,2,3,4]"),
        ("$.a.index(-2)", "2"),
    ] {
        let found = select(path, &document).unwrap_or(Value::Null);
        assert_eq!(found, value(expected), "{path}");
    }
}

/// Each of these would run for minutes or overflow the stack without a budget.
#[test]
fn hostile_paths_end_with_an_error() {
    let wide: Value =
        (0..20_000).map(|number| value(&format!(r#"{{"a":{number},"b":[{number}]}}"#))).collect();
    let mut deep = Value::Null;
    for _ in 0..900 {
        deep = Value::from(vec![deep.clone(), deep]);
    }
    let texts: Value = (0..20).map(|_| Value::from("ab".repeat(2_000))).collect();
    for (path, document) in [
        ("$[?(@ =~ /[ab]*a[ab]{500}/)]", &texts),
        ("$..[?(@ in $..*)]..*", &wide),
        ("$..[?($..a)]..*", &wide),
        ("$[?(@ == $)][?($ == $)][?($..b subsetof $..b)]", &wide),
        ("$..*", &deep),
        ("$..*..*..*..*", &deep),
        ("$..*.length()", &deep),
    ] {
        assert!(matches!(select(path, document), Err(PathError::Evaluation { .. })), "{path}");
    }
    let nested = format!("$[?({}@{})]", "(".repeat(100), ")".repeat(100));
    assert!(Path::parse(&nested).is_err());
    assert!(Path::parse(&format!("$[?(@ == {}{})]", "[".repeat(100), "]".repeat(100))).is_err());
    assert!(Path::parse(&format!("${}", ".a".repeat(1000))).is_err());
    // Both ends given: −1 and 0 are counted through, and both are the one item.
    assert_eq!(select("$[-2147483648:2147483647]", &value("[1]")), Ok(value("[1,1]")));
}

/// A path alone is tried as a comparison first: what fails there must not cost the whole filter's length.
#[test]
fn long_filters_are_read_in_one_go() {
    for (part, ending) in [("@.a && ", "@.a"), ("@.a || ", "@.a"), ("(@.a)&&", "@.a")] {
        let path = format!("$[?({}{ending})]", part.repeat(50_000));
        assert!(Path::parse(&path).is_ok(), "{part}");
    }
}
