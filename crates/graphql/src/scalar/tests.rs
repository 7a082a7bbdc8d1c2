use super::*;
use expect_test::{Expect, expect};

fn scalar(name: &str) -> Scalar {
    Scalar::ALL.iter().find(|(known, _)| *known == name).expect("a scalar").1
}

/// `Scalar value` for each line: what goes in as a variable, and what comes out as a result.
fn check(lines: &[&str], expected: Expect) {
    let mut out = String::new();
    for line in lines {
        let (name, value) = line.split_once(' ').expect("a scalar and a value");
        let value = Value::parse(value).expect("JSON");
        let scalar = scalar(name);
        let taken = scalar.from_variable(&value).map_or("refused".to_owned(), |value| value.to_text());
        let written = scalar.serialise(&value).map_or_else(|error| error, |value| value.to_text());
        out.push_str(&format!("{line} → in {taken} → out {written}\n"));
    }
    expected.assert_eq(&out);
}

#[test]
fn graphqls_own_scalars_take_what_reads_as_one() {
    check(
        &[
            "Int 5",
            "Int 5.0",
            "Int 5.5",
            "Int \"7\"",
            "Int 2147483648",
            "Int \"x\"",
            "Float 1",
            "Float \"1.5\"",
            "Float \"NaN\"",
            "String 5",
            "String true",
            "String {\"id\":1,\"tags\":[\"a\",\"b\"]}",
            "Boolean \"true\"",
            "Boolean 0",
            "Boolean []",
            "ID 7",
            "ID 1.5",
        ],
        expect![[r""]],
    );
}

#[test]
fn results_of_awss_scalars_are_checked_too() {
    check(
        &[
            "AWSDateTime \"2020-05-23T06:4:37.000Z\"",
            "AWSDate 5",
            "AWSTimestamp \"1700000000\"",
            "AWSJSON {\"a\":1}",
            "AWSJSON \"{\\\"a\\\":1}\"",
            "AWSJSON \"plain\"",
            "AWSEmail \"nobody\"",
        ],
        expect![[r""]],
    );
}

/// One case of the conformance file: a scalar, a value, whether it is valid, whether that is sure.
#[test]
fn recorded_values_are_taken_and_refused() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/appsync/scalars.jsonl");
    // Whoever has the repository alone has the other tests.
    let Ok(text) = std::fs::read_to_string(file) else { return };
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in text.lines() {
        let case = Value::parse(line).expect("a case is JSON");
        let name = case.get("scalar").and_then(Value::as_str).expect("a scalar");
        let valid = case.get("valid").and_then(Value::as_bool).expect("a verdict");
        let input = case.get("input").expect("an input");
        let scalar = scalar(name);
        let literal = match input {
            Value::Int(number) => Literal::Int(number.to_string().into()),
            Value::Float(number) => Literal::Float(number.to_string().into()),
            Value::Bool(value) => Literal::Boolean(*value),
            other => Literal::String(other.as_str().expect("a string").into()),
        };
        cases += 1;
        if scalar.from_variable(input).is_some() != valid || scalar.from_literal(&literal).is_some() != valid
        {
            wrong.push(line);
        }
    }
    assert!(cases >= 97, "the file has all its cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
