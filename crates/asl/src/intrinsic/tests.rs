//! What the functions answer; the recorded cases.

use json::Value;

use super::Call;
use crate::environment::testing::World;
use crate::template::Template;

fn value(text: &str) -> Value {
    Value::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The answer's JSON text, or the failure as `Name: cause` with the function's text left out.
fn evaluate(call: &str, input: &str) -> String {
    let world = World {
        context: value(r#"{"State":{"Name":"S"}}"#),
        variables: vec![("t", value(r#""It's {}!""#)), ("bias", value("4.3"))],
        ..World::default()
    };
    let call = Call::parse(call).unwrap_or_else(|error| panic!("{call}: {}", error.message));
    match call.evaluate("f.$", &world.environment(&value(input))) {
        Ok(value) => value.to_text(),
        Err(failure) => {
            let cause = failure.cause.clone().unwrap();
            format!("{}: {}", failure.name(), cause.split("error: ").last().unwrap())
        }
    }
}

fn check(cases: &[(&str, &str)]) {
    for (call, expected) in cases {
        assert_eq!(evaluate(call, r#"{"a":[1,2,2,1],"o":{"k":1},"s":"text","n":null}"#), *expected, "{call}");
    }
}

#[test]
fn arrays() {
    check(&[
        ("States.Array()", "[]"),
        ("States.Array( 1 , 'two' ,null,true, $.a[0], $.o)", r#"[1,"two",null,true,1,{"k":1}]"#),
        ("States.ArrayPartition($.a, 3)", "[[1,2,2],[1]]"),
        ("States.ArrayPartition($.a, 2.6)", "[[1,2,2],[1]]"),
        (
            "States.ArrayPartition($.a, 0)",
            "States.IntrinsicFailure: The chunk size must be a positive integer, but it is 0",
        ),
        ("States.ArrayContains($.a, 2.0)", "true"),
        ("States.ArrayContains($.a, '2')", "false"),
        ("States.ArrayContains(States.Array($.o), $.o)", "true"),
        ("States.ArrayRange(1, 9, 2)", "[1,3,5,7,9]"),
        ("States.ArrayRange(9, 1, -4)", "[9,5,1]"),
        ("States.ArrayRange(1, 1, 9)", "[1]"),
        ("States.ArrayRange(2, 1, 9)", "[]"),
        ("States.ArrayRange(1, 2, -9)", "[]"),
        ("States.ArrayRange(0.5, 3.4, 1)", "[1,2,3]"),
        ("States.ArrayRange(1, 2, 0)", "States.IntrinsicFailure: The step must not be 0"),
        (
            "States.ArrayRange(0, 1000, 1)",
            "States.IntrinsicFailure: The range has 1001 numbers, more than 1000",
        ),
        ("States.ArrayLength(States.ArrayRange(1, 1000, 1))", "1000"),
        ("States.ArrayGetItem($.a, 1)", "2"),
        (
            "States.ArrayGetItem($.a, 4)",
            "States.IntrinsicFailure: The index 4 is outside of an array of 4 items",
        ),
        (
            "States.ArrayGetItem($.a, -1)",
            "States.IntrinsicFailure: The index -1 is outside of an array of 4 items",
        ),
        ("States.ArrayLength($.a)", "4"),
        (
            "States.ArrayLength($.s)",
            "States.IntrinsicFailure: The argument must be an array, but it is of type string",
        ),
        ("States.ArrayUnique($.a)", "[1,2]"),
        (
            "States.ArrayUnique(States.Array(null, null, true, 1, 1.0, '1', $.o, $.o, $.a, $.a))",
            r#"[null,true,1,"1",{"k":1},[1,2,2,1]]"#,
        ),
    ]);
}

#[test]
fn texts() {
    check(&[
        ("States.Format('{} and {}', $.s, $.n)", r#""text and null""#),
        ("States.Format('Hi')", r#""Hi""#),
        (r"States.Format('\{\} {} it\'s {a} \\', 1.50)", r#""{} 1.5 it's {a} \\""#),
        ("States.Format($t, $.s)", r#""It's text!""#),
        (
            "States.Format($t)",
            "States.IntrinsicFailure: The template has 1 occurrences of {}, but there are 0 arguments for them",
        ),
        ("States.Format('{}', $.o)", r#""{k=1}""#),
        (
            "States.Format($.a)",
            "States.IntrinsicFailure: The template must be a string, but it is of type array",
        ),
        (
            "States.StringToJson('nope')",
            "States.IntrinsicFailure: The argument is not JSON: Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        ),
        ("States.JsonToString($.o)", r#""{\"k\":1}""#),
        ("States.StringSplit('This.is+a,test=string', '.+,=')", r#"["This","is","a","test","string"]"#),
        ("States.StringSplit(',,,,', ',')", "[]"),
        ("States.StringSplit(', , ,', ',')", r#"[" "," "]"#),
        ("States.StringSplit('a,b', '')", r#"["a,b"]"#),
        ("States.Base64Encode('Data to encode')", r#""RGF0YSB0byBlbmNvZGU=""#),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", r#""Data to encode""#),
        ("States.Base64Decode('w7zDvA')", r#""üü""#),
        ("States.Base64Decode('a')", "States.IntrinsicFailure: The argument is not Base64"),
        ("States.Base64Decode('ab=')", "States.IntrinsicFailure: The argument is not Base64"),
        ("States.Base64Decode('a b=')", "States.IntrinsicFailure: The argument is not Base64"),
        ("States.Base64Encode('')", r#""""#),
        ("States.Hash('input data', 'MD5')", r#""812f45842bc6d66ee14572ce20db8e86""#),
        ("States.Hash($.o, 'SHA-1')", r#""7da213e1300e0d9a4e1971c101b2f03387e57879""#),
        (
            "States.Hash('x', 'md5')",
            "States.IntrinsicFailure: The algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512, but it is md5",
        ),
    ]);
}

#[test]
fn numbers_and_objects() {
    check(&[
        ("States.MathAdd(-1, 3)", "2"),
        ("States.MathAdd(States.MathAdd(1, 2), $bias)", "7"),
        (
            "States.MathAdd(2147483647, 1)",
            "States.IntrinsicFailure: The sum is out of the range of integers: 2147483648",
        ),
        (
            "States.MathAdd('1', 1)",
            "States.IntrinsicFailure: The first argument must be a number, but it is of type string",
        ),
        ("States.MathRandom(5, 6)", "5"),
        ("States.MathRandom(1, 11, 42)", "1"),
        (
            "States.MathRandom(1, 1)",
            "States.IntrinsicFailure: The start number 1 must be less than the end number 1",
        ),
        ("States.JsonMerge($.o, States.StringToJson('{\"k\":[],\"l\":2}'), false)", r#"{"k":[],"l":2}"#),
        (
            "States.JsonMerge($.o, $.o, true)",
            "States.IntrinsicFailure: Only the shallow merging mode is supported: the third argument must be false",
        ),
        (
            "States.JsonMerge($.o, $.a, false)",
            "States.IntrinsicFailure: Both values must be objects, but they are of types object and array",
        ),
        ("States.UUID()", r#""01234567-89ab-4def-8123-456789abcdef""#),
        (
            "States.Array($.nope[0])",
            "States.Runtime: The JSONPath '$.nope[0]' specified for the field 'f.$' could not be found in the input '{\"a\":[1,2,2,1],\"o\":{\"k\":1},\"s\":\"text\",\"n\":null}'",
        ),
        ("States.ArrayLength($.a[?(@ > 1 && (@ < 9))])", "2"),
        ("States.ArrayLength($.a[?(@ =~ /[),]|2/)])", "2"),
        ("States.Array($['s'], $.o['k'])", r#"["text",1]"#),
    ]);
}

#[test]
fn texts_for_base64_and_hashes_have_a_limit() {
    let at = |length: usize| format!("\"{}\"", "é".repeat(length));
    for call in ["States.Base64Encode($)", "States.Hash($, 'MD5')"] {
        assert!(evaluate(call, &at(10_000)).starts_with('"'));
        assert!(evaluate(call, &at(10_001)).starts_with("States.IntrinsicFailure"));
    }
}

#[test]
fn what_is_no_call_is_refused() {
    for text in [
        "",
        "Format('x')",
        "States.format('x')",
        "States.Nope()",
        "States.Array",
        "States.Array(",
        "States.Array(1",
        "States.Array(1,)",
        "States.Array(,1)",
        "States.Array(1 2)",
        "States.Array('a)",
        "States.Array(\"a\")",
        "States.Array([1])",
        "States.Array(01)",
        "States.Array(x)",
        "States.Array(1) x",
        "States.UUID(1)",
        "States.MathAdd(1)",
        "States.Hash('a')",
        "States.Format()",
        "States.Format('{}')",
        "States.Format('{}', 1, 2)",
        r#"States.Format('He said, \"Hello, {}!\"', 'x')"#,
        r"States.Array('a\')",
        r"States.Array('a\n')",
        "States.Array($.)",
        "States.Array($.a[)",
        "States.StringSplit('a', ',')[0]",
    ] {
        assert!(Call::parse(text).is_err(), "{text}");
    }
    let nested = |depth: usize| format!("{}{}", "States.Array(".repeat(depth), ")".repeat(depth));
    assert!(Call::parse(&nested(10)).is_ok());
    assert!(Call::parse(&nested(11)).is_err());
    assert!(Call::parse(&nested(100_000)).is_err());
}

/// Every recorded execution of a machine that is one Pass state with Parameters.
#[test]
#[expect(clippy::disallowed_methods, reason = "the corpus is on the disk")]
fn corpus() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/cases");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: there is no {folder}");
        return;
    };
    let (mut passed, mut failures) = (0, Vec::new());
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        if !file.file_name().unwrap().to_string_lossy().starts_with("intrinsic_functions.") {
            continue;
        }
        let case = value(&std::fs::read_to_string(&file).unwrap());
        let definition = value(case.get("definition").and_then(Value::as_str).unwrap());
        let state = definition.get("States").and_then(|states| states.get("State_0"));
        let Some(parameters) = state.and_then(|state| state.get("Parameters")) else { continue };
        let template = Template::parse(parameters).unwrap();
        let steps = case.get("steps").and_then(Value::as_array).unwrap();
        let inputs = steps
            .iter()
            .filter(|step| step.get("api").and_then(Value::as_str) == Some("start_execution"))
            .map(|step| value(step.get("args").unwrap().get("input").and_then(Value::as_str).unwrap()));
        for (place, input) in inputs.enumerate() {
            let history = case.get("expected").and_then(|all| all.get(&format!("exec_hist_resp_{place}")));
            let last = history.and_then(|history| history.get("events")?.as_array()?.iter().last());
            let details = last.and_then(|event| event.get("executionSucceededEventDetails"));
            let Some(output) = details.and_then(|details| details.get("output")) else { continue };
            // Some recordings hold the output parsed.
            let expected = output.as_str().map_or_else(|| output.clone(), value);
            if expected.to_text().contains("ArnPart_") {
                continue;
            }
            let answer = template.evaluate(&World::default().environment(&input));
            if answer == Ok(expected.clone()) {
                passed += 1;
            } else {
                failures.push(format!("{}: {input}: {answer:?} instead of {expected}", file.display()));
            }
        }
    }
    println!("intrinsic functions: {passed} of {}", passed + failures.len());
    assert!(failures.is_empty() && passed > 50, "{passed} passed\n{}", failures.join("\n"));
}

/// A value may hold one text thousands of times; its own text is never made in full.
#[test]
fn texts_of_gigabytes_are_refused() {
    let part = value(&format!("\"{}\"", "x".repeat(1 << 20)));
    let whole = Value::Array((0..4096).map(|_| part.clone()).collect());
    let world = World { context: value("{}"), ..World::default() };
    for (call, problem) in [
        ("States.JsonToString($)", "The text is too long"),
        ("States.Format('{}', $)", "The text is too long"),
        ("States.Hash($, 'MD5')", "The data is longer than 10000 characters"),
    ] {
        let failure = Call::parse(call).unwrap().evaluate("f.$", &world.environment(&whole)).unwrap_err();
        let cause = failure.cause.unwrap();
        assert!(cause.ends_with(problem), "{call}: {} bytes of cause", cause.len());
    }
}
