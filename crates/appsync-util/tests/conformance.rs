//! The recorded calls of `util`, where they lie, answered by the functions of this crate: what both languages
//! give is the same. (`appsync-js` runs all of them in its language.)

use std::path::Path;

use appsync_util::dynamodb::{self, Typed};
use appsync_util::{rds, transform};
use json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/appsync");

/// As many cases of functions that are here there are at least.
const CASES_MIN: usize = 22;

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads its cases")]
fn the_cases_pass() {
    let Ok(cases) = std::fs::read_to_string(Path::new(FOLDER).join("js-utils.jsonl")) else {
        println!("skipped: there are no cases in {FOLDER}");
        return;
    };
    let cases: Vec<_> = cases.lines().map(|line| Value::parse(line).unwrap()).collect();
    let mut answered = 0;
    for case in &cases {
        let call = case.get("call").unwrap();
        let Some(answer) = answer(call) else { continue };
        answered += 1;
        assert!(same(&answer, case.get("expected").unwrap()), "{case}\n  gives {answer}");
    }
    assert!(answered >= CASES_MIN, "{answered} cases are answered; there were {CASES_MIN}");
}

/// `None`: the function is none of this crate's.
fn answer(call: &Value) -> Option<Value> {
    let arguments = call.get("args")?.as_array()?;
    let first = arguments.get(0).unwrap_or(&Value::Null);
    let text = |index: usize| arguments.get(index).and_then(Value::as_str);
    let name = call.get("$fn")?.as_str()?;
    if let Some(helper) = name.strip_prefix("util.dynamodb.") {
        return Some(match helper {
            "toNull" => Typed::Whole(&Value::Null).value(),
            "toS3Object" => {
                Typed::As("S", &dynamodb::s3_object(text(0)?, text(1)?, text(2)?, text(3))).value()
            }
            _ => {
                let typed = Typed::new(helper, first)?;
                let mut written = String::new();
                typed.write(&mut written);
                assert_eq!(Value::parse(&written).unwrap(), typed.value());
                typed.value()
            }
        });
    }
    Some(match name {
        "util.transform.toDynamoDBFilterExpression" | "util.transform.toDynamoDBConditionExpression" => {
            transform::expression(first).unwrap().to_text().into()
        }
        "rds.toJsonObject" => rds::rows_of_text(text(0)?).unwrap(),
        _ => return None,
    })
}

/// Texts of `util.transform` are compared by what they say.
fn same(answer: &Value, expected: &Value) -> bool {
    let parsed = |value: &Value| value.as_str().and_then(|text| Value::parse(text).ok());
    answer == expected || parsed(answer).is_some() && parsed(answer) == parsed(expected)
}
