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
        let taken = scalar.variable_value(&value).map_or("refused".to_owned(), |value| value.to_text());
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
        expect![[r#"
            Int 5 → in 5 → out 5
            Int 5.0 → in 5 → out 5
            Int 5.5 → in refused → out Expected type 'Int' but was 'Double'.
            Int "7" → in 7 → out 7
            Int 2147483648 → in refused → out Expected type 'Int' but was 'Long'.
            Int "x" → in refused → out Expected type 'Int' but was 'String'.
            Float 1 → in 1.0 → out 1.0
            Float "1.5" → in 1.5 → out 1.5
            Float "NaN" → in refused → out Expected type 'Float' but was 'String'.
            String 5 → in "5" → out "5"
            String true → in "true" → out "true"
            String {"id":1,"tags":["a","b"]} → in "{id=1, tags=[a, b]}" → out "{id=1, tags=[a, b]}"
            Boolean "true" → in true → out true
            Boolean 0 → in false → out false
            Boolean [] → in refused → out Expected type 'Boolean' but was 'ArrayList'.
            ID 7 → in "7" → out "7"
            ID 1.5 → in refused → out Expected type 'ID' but was 'Double'.
        "#]],
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
        expect![[r#"
            AWSDateTime "2020-05-23T06:4:37.000Z" → in refused → out Unable to serialize `2020-05-23T06:4:37.000Z` as a valid DateTime Object.
            AWSDate 5 → in refused → out Unable to serialize `5` as a valid Date Object.
            AWSTimestamp "1700000000" → in refused → out 1700000000
            AWSJSON {"a":1} → in refused → out "{\"a\":1}"
            AWSJSON "{\"a\":1}" → in {"a":1} → out "{\"a\":1}"
            AWSJSON "plain" → in refused → out "\"plain\""
            AWSEmail "nobody" → in refused → out Unable to serialize `nobody` as a valid Email Object.
        "#]],
    );
}
