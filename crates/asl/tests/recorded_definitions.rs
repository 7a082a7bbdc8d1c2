//! Every definition of the recorded cases: what AWS accepted must compile, and what AWS refused must be
//! refused in AWS's words.

use std::collections::BTreeMap;

use asl::{Options, Severity, compile};
use json::{Object, Value};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/cases");

#[derive(Default)]
struct Tally {
    counts: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the cases are on the disk")]
fn recorded_definitions_are_accepted_and_refused_as_on_aws() {
    let Ok(folder) = std::fs::read_dir(CASES) else {
        println!("skipped: no recorded cases at {CASES}");
        return;
    };
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut tally = Tally::default();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let case = Value::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy();
        let expected = case.get("expected").map_or(String::new(), Value::to_text);
        walk(case.get("steps").unwrap(), &name, &expected, &mut tally);
    }
    for (outcome, count) in &tally.counts {
        println!("{count:5} {outcome}");
    }
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.counts.get("accepted").is_some_and(|accepted| *accepted > 300), "{:?}", tally.counts);
}

/// What AWS says of a machine that it has just created. (`variableReferences` of DescribeStateMachine)
#[test]
#[expect(clippy::disallowed_methods, reason = "the cases are on the disk")]
fn recorded_variable_references_are_found() {
    let Ok(folder) = std::fs::read_dir(CASES) else {
        println!("skipped: no recorded cases at {CASES}");
        return;
    };
    let mut compared = 0;
    for path in folder.map(|entry| entry.unwrap().path()) {
        let case = Value::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let expected = case.get("expected").and_then(|expected| expected.get("describe_response"));
        let definition = case.get("definition").and_then(Value::as_str);
        let (Some(expected), Some(definition)) = (expected, definition) else { continue };
        let Some(machine) = compile(&with_references(definition), Options::default()).machine else {
            continue;
        };
        let found: Object = machine
            .variable_references
            .iter()
            .map(|(state, names)| (state.clone(), names.iter().map(Value::from).collect::<Value>()))
            .collect();
        let found = (!found.is_empty()).then_some(Value::Object(found));
        assert_eq!(found.as_ref(), expected.get("variableReferences"), "{path:?}");
        compared += 1;
    }
    println!("{compared} compared");
    assert!(compared > 5);
}

/// Looks for calls with a definition, in the order of the script.
fn walk(step: &Value, case: &str, expected: &str, tally: &mut Tally) {
    match step {
        Value::Array(items) => items.iter().for_each(|item| walk(item, case, expected, tally)),
        Value::Object(members) => {
            if let Some(definition) = step.get("args").and_then(|args| args.get("definition"))
                && step.get("api").and_then(Value::as_str).is_some_and(|api| api != "test_state")
            {
                examine(step, definition.as_str().unwrap(), case, expected, tally);
            }
            members.values().for_each(|member| walk(member, case, expected, tally));
        }
        _ => {}
    }
}

fn examine(step: &Value, definition: &str, case: &str, expected: &str, tally: &mut Tally) {
    let express =
        step.get("args").and_then(|args| args.get("type")).and_then(Value::as_str) == Some("EXPRESS");
    let compiled = compile(&with_references(definition), Options { express });
    let errors: Vec<_> =
        compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    let said: Vec<String> = errors.iter().map(|found| found.to_string()).collect();
    let refused_by_aws = expected.contains("InvalidDefinition") || expected.contains(r#""result":"FAIL""#);
    let raises = step.get("raises").is_some() || expected.contains(r#""result":"FAIL""#);
    let outcome = match (errors.is_empty(), refused_by_aws && raises) {
        (true, false) => "accepted".into(),
        (true, true) => {
            tally.wrong.push(format!("{case}: accepted, but AWS refused it: {definition}"));
            return;
        }
        (false, false) => {
            tally.wrong.push(format!("{case}: refused, but AWS accepted it: {said:?}"));
            return;
        }
        (false, true) => {
            // Texts with ARNs in them are recorded with the partition taken out.
            let told = errors.iter().all(|found| {
                let message = found.message.replace("arn:aws:", "arn:<partition>:");
                expected.contains(&Value::from(message).to_text().trim_matches('"').to_owned())
            });
            if told {
                "refused in AWS's words".into()
            } else {
                format!("refused in other words: {}", errors[0].code)
            }
        }
    };
    *tally.counts.entry(outcome).or_default() += 1;
}

/// `${s1.FunctionArn}` and the like stand for what earlier steps answered.
fn with_references(definition: &str) -> String {
    let mut filled = String::new();
    let mut rest = definition;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((reference, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        filled.push_str(match reference.to_lowercase() {
            name if name.contains("functionarn") => "arn:aws:lambda:us-east-1:123456789012:function:f",
            name if name.contains("activityarn") => "arn:aws:states:us-east-1:123456789012:activity:a",
            name if name.contains("statemachinearn") => {
                "arn:aws:states:us-east-1:123456789012:stateMachine:m"
            }
            name if name == "account" => "123456789012",
            _ => "reference",
        });
        rest = after;
    }
    filled + rest
}
