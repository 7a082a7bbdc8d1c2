//! The recorded calls of the helper library, where they lie: each is written as a code, compiled and called.

use std::path::Path;

use appsync_js::{Code, Ended, Handler, Host};
use json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/appsync");

/// As many cases there are at least.
const CASES_MIN: usize = 229;

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads its cases")]
fn the_cases_pass() {
    let Ok(cases) = std::fs::read_to_string(Path::new(FOLDER).join("js-utils.jsonl")) else {
        println!("skipped: there are no cases in {FOLDER}");
        return;
    };
    let cases: Vec<_> = cases.lines().map(|line| Value::parse(line).unwrap()).collect();
    assert!(cases.len() >= CASES_MIN, "there are {} cases; there were {CASES_MIN}", cases.len());
    let wrong: Vec<_> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {} fail:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn check(case: &Value) -> Result<(), String> {
    let name = case.get("id").and_then(Value::as_str).unwrap();
    let call = written(case.get("call").unwrap());
    let text = format!(
        "import {{ util }} from '@aws-appsync/utils';\n\
         import * as ddb from '@aws-appsync/utils/dynamodb';\n\
         import * as rds from '@aws-appsync/utils/rds';\n\
         export function request(ctx) {{ return {call}; }}"
    );
    let code = Code::compile(&text).map_err(|errors| format!("{name}: {call}: {errors:?}"))?;
    let outcome = code.call(Handler::Request, &json::value!({}), &Host::default());
    let is_right = match (&outcome.result, case.get("error_message").and_then(Value::as_str)) {
        (Err(Ended::Failed { message }), Some(expected)) => message
            .strip_prefix("code.js:4:")
            .and_then(|rest| rest.split_once(": "))
            .is_some_and(|(_, rest)| rest == expected),
        (Ok(result), None) => same(result, case.get("expected").unwrap()),
        _ => false,
    };
    is_right
        .then_some(())
        .ok_or_else(|| format!("{name}: {call}\n  gives {:?}\n  not   {case}", outcome.result))
}

/// Texts of `util.transform` are compared by what they say.
fn same(result: &Value, expected: &Value) -> bool {
    let parsed = |value: &Value| value.as_str().and_then(|text| Value::parse(text).ok());
    result == expected || parsed(result).is_some() && parsed(result) == parsed(expected)
}

/// A value of the cases as JavaScript.
fn written(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", list(items.iter())),
        Value::Object(object) => {
            if object.contains_key("$undefined") {
                return "undefined".to_owned();
            }
            if let Some(date) = object.get("$date") {
                return format!("new Date({date})");
            }
            if let Some(function) = object.get("$fn").and_then(Value::as_str) {
                return called(function, value);
            }
            let members =
                object.iter().map(|(name, value)| format!("{}: {}", Value::from(name), written(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_text(),
    }
}

fn called(function: &str, call: &Value) -> String {
    let items = |name: &str| call.get(name).and_then(Value::as_array).unwrap().iter();
    let function = if function == "rds.toJsonObject" { "util.rds.toJsonObject" } else { function };
    if function == "rds.sql" {
        // Called as a function, since some cases give more values than a template could.
        let values: String = items("values").map(|value| format!(", {}", written(value))).collect();
        return format!("rds.sql([{}]{values})", list(items("strings")));
    }
    format!("{function}({})", list(items("args")))
}

fn list<'a>(items: impl Iterator<Item = &'a Value>) -> String {
    items.map(written).collect::<Vec<_>>().join(", ")
}
