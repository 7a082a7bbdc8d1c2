//! The recorded patterns, where they lie: each matches, does not match, or is refused in AWS's words.

use std::path::Path;

use events::{Event, Pattern};
use json::Value;

const FILE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/eventbridge/patterns.jsonl");

/// As many cases there are at least.
const FLOOR: usize = 155;

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads its cases")]
fn the_recorded_patterns_pass() {
    let Ok(cases) = std::fs::read_to_string(Path::new(FILE)) else {
        println!("skipped: there are no cases in {FILE}");
        return;
    };
    let mut failed = Vec::new();
    let mut count = 0;
    for line in cases.lines().filter(|line| !line.is_empty()) {
        let case = Value::parse(line).unwrap();
        let id = case.get("id").and_then(Value::as_str).unwrap();
        let (given, expected) = (outcome(&case), expectation(&case));
        count += 1;
        if given != expected {
            failed.push(format!("{id}\n    gives {given}\n    not   {expected}"));
        }
    }
    println!("passed {} of {count}", count - failed.len());
    assert!(failed.is_empty(), "\n{}\n", failed.join("\n"));
    assert!(count >= FLOOR, "{count} cases; there were {FLOOR} before");
}

fn outcome(case: &Value) -> String {
    match Pattern::new(case.get("pattern").unwrap()) {
        Ok(pattern) => pattern.matches(&Event::new(case.get("event").unwrap())).to_string(),
        Err(invalid) => invalid.to_string(),
    }
}

fn expectation(case: &Value) -> String {
    match case.get("match").and_then(Value::as_bool) {
        Some(truth) => truth.to_string(),
        None => case.get("message").and_then(Value::as_str).unwrap().to_owned(),
    }
}
