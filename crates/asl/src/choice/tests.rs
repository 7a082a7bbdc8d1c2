//! What rules accept; the recorded cases.

use json::Value;

use super::Condition;
use crate::environment::testing::World;
use crate::failure::Failure;

fn value(text: &str) -> Value {
    Value::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn condition(rule: &str) -> Condition {
    let rule = value(rule);
    Condition::parse(rule.as_object().unwrap()).unwrap_or_else(|errors| panic!("{rule}: {errors:?}"))
}

fn holds(rule: &str, input: &str) -> Result<bool, Failure> {
    let world =
        World { context: value(r#"{"k":"v"}"#), variables: vec![("x", value("7"))], ..World::default() };
    condition(rule).holds(&world.environment(&value(input))).map_err(|failed| failed.failure)
}

/// One operator on `$.v`, for each of these values.
fn check(operator: &str, accepted: &[&str], refused: &[&str]) {
    let rule = format!(r#"{{"Variable":"$.v",{operator},"Next":"N"}}"#);
    for (values, expected) in [(accepted, true), (refused, false)] {
        for value in values {
            let input =
                format!(r#"{{"v":{value},"a":"abc","n":2,"t":"2024-01-01T01:00:00+01:00","b":true}}"#);
            assert_eq!(holds(&rule, &input), Ok(expected), "{rule} {value}");
        }
    }
}

#[test]
fn operators_accept_values_of_their_type() {
    let others = ["null", "[]", "{}", "[\"abc\"]"];
    for operator in [r#""StringEquals":"abc""#, r#""StringEqualsPath":"$.a""#] {
        check(operator, &["\"abc\""], &["\"ABC\"", "\"\"", "2", "true"]);
        check(operator, &[], &others);
    }
    check(r#""StringLessThan":"b""#, &["\"a\"", "\"B\"", "\"\""], &["\"b\"", "\"c\"", "1"]);
    check(r#""StringGreaterThanEquals":"b""#, &["\"b\"", "\"ba\""], &["\"a\"", "\"B\"", "null"]);
    check(r#""StringGreaterThanEqualsPath":"$.a""#, &["\"abc\"", "\"b\""], &["\"a\"", "3"]);
    check(r#""StringMatches":"a*c""#, &["\"ac\"", "\"abc\""], &["\"abcd\"", "1", "null"]);
    check(r#""NumericEquals":0"#, &["0", "0.0", "-0.0", "0e3"], &["1", "\"0\"", "null", "false", "[0]"]);
    check(r#""NumericEqualsPath":"$.n""#, &["2", "2.0"], &["2.2", "\"2\""]);
    check(r#""NumericLessThan":9007199254740993"#, &["9007199254740992"], &["9007199254740993"]);
    check(r#""NumericGreaterThan":1.5"#, &["2", "1e99"], &["1.5", "1", "\"2\""]);
    check(r#""NumericLessThanEqualsPath":"$.n""#, &["2", "-1"], &["2.1"]);
    check(r#""BooleanEquals":false"#, &["false"], &["true", "null", "0", "\"\"", "\"false\""]);
    check(r#""BooleanEqualsPath":"$.b""#, &["true"], &["false", "1"]);
    check(r#""BooleanEqualsPath":"$.n""#, &[], &["null", "2", "true"]);
    let new_year =
        ["\"2024-01-01T00:00:00Z\"", "\"2024-01-01T00:00:00.000+00:00\"", "\"2023-12-31T19:00:00-05:00\""];
    check(
        r#""TimestampEquals":"2024-01-01T00:00:00Z""#,
        &new_year,
        &["\"2024-01-01\"", "1704067200", "null"],
    );
    check(r#""TimestampEqualsPath":"$.t""#, &new_year, &["\"2024-01-01T00:00:00.000000001Z\""]);
    check(r#""TimestampEqualsPath":"$.a""#, &[], &["\"abc\"", "null"]);
    check(r#""TimestampGreaterThan":"2024-01-01T00:00:00Z""#, &["\"2024-01-01T00:00:00.1Z\""], &new_year);
}

#[test]
fn types_are_told_apart() {
    check(r#""IsNull":true"#, &["null"], &["0", "\"\"", "[]", "{}", "false"]);
    check(r#""IsNumeric":true"#, &["0", "-1.5", "1e300"], &["\"0\"", "null", "[]"]);
    check(r#""IsNumeric":false"#, &["null", "\"0\"", "[]", "{}", "true"], &["0"]);
    check(r#""IsString":true"#, &["\"\""], &["0", "null"]);
    check(r#""IsBoolean":true"#, &["false"], &["0", "\"true\""]);
    check(r#""IsTimestamp":true"#, &["\"2024-01-01T00:00:00Z\""], &["\"2024-01-01 00:00:00Z\"", "0"]);
    check(r#""IsPresent":true"#, &["null", "0"], &[]);
}

#[test]
fn only_presence_may_be_asked_of_what_is_missing() {
    for (rule, input, expected) in [
        (r#"{"Variable":"$.v","IsPresent":true}"#, "{}", false),
        (r#"{"Variable":"$.v","IsPresent":false}"#, "{}", true),
        (r#"{"Variable":"$.v.w","IsPresent":false}"#, r#"{"v":1}"#, true),
        (r#"{"Variable":"$nobody","IsPresent":false}"#, "{}", true),
        (r#"{"Variable":"$$.k","IsPresent":true}"#, "{}", true),
        (r#"{"Variable":"$x","NumericEqualsPath":"$.v"}"#, r#"{"v":7.0}"#, true),
        (r#"{"Variable":"$$.k","StringEquals":"v"}"#, "{}", true),
    ] {
        assert_eq!(holds(rule, input), Ok(expected), "{rule}");
    }
    for (rule, path) in [
        (r#"{"Variable":"$.v","IsNull":false}"#, "$.v"),
        (r#"{"Variable":"$.v","StringEquals":"a"}"#, "$.v"),
        (r#"{"Variable":"$.a","StringEqualsPath":"$.v"}"#, "$.v"),
        (r#"{"Variable":"$nobody","BooleanEquals":true}"#, "$nobody"),
    ] {
        let cause =
            format!("Invalid path '{path}': The choice state's condition path references an invalid value.");
        assert_eq!(holds(rule, r#"{"a":"b"}"#), Err(Failure::runtime(cause)), "{rule}");
    }
}

#[test]
fn conditions_combine_and_stop_early() {
    let present = r#"{"Variable":"$.v","IsPresent":true}"#;
    let greater = r#"{"Variable":"$.v","NumericGreaterThan":1}"#;
    let both = format!(r#"{{"And":[{present},{greater}],"Next":"N"}}"#);
    assert_eq!(holds(&both, r#"{"v":2}"#), Ok(true));
    assert_eq!(holds(&both, r#"{"v":1}"#), Ok(false));
    assert_eq!(holds(&both, "{}"), Ok(false));
    let either = format!(r#"{{"Or":[{{"Not":{present}}},{greater}],"Next":"N"}}"#);
    assert_eq!(holds(&either, r#"{"v":2}"#), Ok(true));
    assert_eq!(holds(&either, r#"{"v":1}"#), Ok(false));
    assert_eq!(holds(&either, "{}"), Ok(true));
    assert!(holds(&format!(r#"{{"Or":[{greater},{present}]}}"#), "{}").is_err());
}

#[test]
fn everything_that_is_wrong_with_a_rule_is_told() {
    for (rule, expected) in [
        ("{}", &[("", "A rule needs one of these fields: [And, Or, Not, Variable]")][..]),
        (r#"{"Variable":"$.v"}"#, &[("", "A rule with 'Variable' needs one comparison operator")]),
        (r#"{"StringEquals":"x"}"#, &[("", "These fields are required: [Variable]")]),
        (
            r#"{"Variable":"$.v","StringEquals":"x","IsNull":true}"#,
            &[("", "There should only be one of the following fields: [StringEquals, IsNull]")],
        ),
        (r#"{"And":[]}"#, &[("/And", "Value cannot be empty")]),
        (r#"{"Or":{}}"#, &[("/Or", "Expected value of type Array")]),
        (r#"{"Not":[]}"#, &[("/Not", "Expected value of type Object")]),
        (
            r#"{"Variable":"$.v","StringEqual":"x","IsNull":true}"#,
            &[("", "Field 'StringEqual' is not supported")],
        ),
        (
            r#"{"Variable":"$.v","BooleanLessThan":true,"IsNull":true}"#,
            &[("", "Field 'BooleanLessThan' is not supported")],
        ),
        (
            r#"{"Variable":"v","IsNull":true}"#,
            &[("/Variable", "Value is not a Reference Path: Reference path didn't start with '$'")],
        ),
        (r#"{"Variable":"$..v","IsNull":true}"#, &[("/Variable", "Value is not a Reference Path")]),
        (
            r#"{"Variable":"$.v[*]","IsNull":true}"#,
            &[("/Variable", "Value is not a Reference Path: '[' must be followed by ' or '['")],
        ),
        (
            r#"{"Variable":"$.v","NumericEqualsPath":"1"}"#,
            &[("/NumericEqualsPath", "Value is not a Reference Path: Reference path didn't start with '$'")],
        ),
        (r#"{"Variable":"$.v","IsNull":"true"}"#, &[("/IsNull", "Expected value of type Boolean")]),
        (r#"{"Variable":"$.v","NumericEquals":"1"}"#, &[("/NumericEquals", "Expected value of type Number")]),
        (
            r#"{"Variable":"$.v","TimestampEquals":"2024-01-01"}"#,
            &[("/TimestampEquals", "String does not match RFC3339 timestamp")],
        ),
        (r#"{"Variable":"$.v","StringMatches":7}"#, &[("/StringMatches", "Expected value of type String")]),
        (
            r#"{"And":[{"Not":{"Variable":"$.v","IsNull":1}},7,{"Variable":"$.v","IsNull":true,"Next":"N"}]}"#,
            &[
                ("/And[0]/Not/IsNull", "Expected value of type Boolean"),
                ("/And[1]", "Expected value of type Object"),
                ("/And[2]", "Field 'Next' is not supported"),
            ],
        ),
    ] {
        let rule = value(rule);
        let errors = Condition::parse(rule.as_object().unwrap()).unwrap_err();
        let told: Vec<_> =
            errors.iter().map(|error| (error.location.as_str(), error.message.as_str())).collect();
        assert_eq!(told, expected, "{rule}");
    }
    let bottomless =
        format!(r#"{}{{"Variable":"$","IsNull":true}}{}"#, r#"{"Not":"#.repeat(400), "}".repeat(400));
    assert_eq!(Condition::parse(value(&bottomless).as_object().unwrap()).unwrap_err().len(), 1);
}

#[test]
fn variables_are_named_in_order_of_appearance() {
    let rule =
        r#"{"Or":[{"Variable":"$b.c","StringEqualsPath":"$a"},{"Not":{"Variable":"$b","IsNull":true}}]}"#;
    assert_eq!(condition(rule).variables(), ["b", "a"]);
}

/// Every recorded Choice: the state that the first rule or `Default` leads to.
#[test]
#[expect(clippy::disallowed_methods, reason = "the corpus is on the disk")]
fn corpus() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/cases");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: there is no {folder}");
        return;
    };
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let (mut passed, mut failures) = (0, Vec::new());
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        if !file.file_name().unwrap().to_string_lossy().starts_with("choice_operators.") {
            continue;
        }
        let case = value(&std::fs::read_to_string(&file).unwrap());
        // Each recorded execution comes after the creation of its machine.
        let mut definition = Value::Null;
        let mut runs = Vec::new();
        for step in case.get("steps").and_then(Value::as_array).unwrap() {
            let arguments = step.get("args").cloned().unwrap_or_default();
            match text(step, "api").as_deref() {
                Some("create_state_machine") => definition = value(&text(&arguments, "definition").unwrap()),
                Some("start_execution") => {
                    runs.push((definition.clone(), value(&text(&arguments, "input").unwrap())));
                }
                _ => {}
            }
        }
        let recorded = case.get("expected").and_then(|all| all.get("cases")).and_then(Value::as_array);
        let Some(recorded) = recorded else { continue };
        assert_eq!(runs.len(), recorded.len(), "{}", file.display());
        for ((definition, input), recorded) in runs.iter().zip(recorded) {
            let state = definition.get("States").and_then(|states| states.get("CheckValues")).unwrap();
            let rule = state.get("Choices").and_then(|rules| rules.at(0)).unwrap();
            let condition = Condition::parse(rule.as_object().unwrap()).unwrap();
            let world = World::default();
            let next = match condition.holds(&world.environment(input)) {
                Ok(true) => text(rule, "Next"),
                Ok(false) => text(state, "Default"),
                Err(failure) => Some(format!("{failure:?}")),
            };
            let expected = recorded.get("output").and_then(|output| text(output, "TestResult.$"));
            if next == expected {
                passed += 1;
            } else {
                failures.push(format!("{rule} {input}: {next:?} instead of {expected:?}"));
            }
        }
    }
    println!("choice operators: {passed} of {}", passed + failures.len());
    assert!(failures.is_empty() && passed > 200, "{passed} passed\n{}", failures.join("\n"));
}
