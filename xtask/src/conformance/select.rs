//! Which recorded cases count: those that need only what this version covers.
//!
//! A case is judged by what stands in it, never by its name: each rule below names a feature, and a
//! case that uses none of them counts. When a feature arrives, its rule goes.

use std::collections::BTreeMap;
use std::path::Path;

use json::Value;

use super::Selection;

/// API calls of features that are not there yet.
const CALLS: [(&str, &str); 2] =
    [("describe_map_run", "distributed Map"), ("list_map_runs", "distributed Map")];

/// Fields of a definition that belong to such features.
const FIELDS: [(&str, &str); 3] = [
    ("ItemReader", "distributed Map"),
    ("ItemBatcher", "distributed Map"),
    ("ResultWriter", "distributed Map"),
];

/// Reads all cases and says what each needs beyond this version.
pub fn read(cases: &Path) -> anyhow::Result<Selection> {
    let mut selection = BTreeMap::new();
    for (_, case) in super::json_files(cases)? {
        let id = case.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        selection.insert(id, beyond(&case));
    }
    Ok(selection)
}

/// The first thing that a case needs and this version does not have.
pub fn beyond(case: &Value) -> Option<&'static str> {
    let mut found = None;
    walk(case.get("steps").unwrap_or(&Value::Null), &mut |step| {
        if found.is_none() {
            found = beyond_step(step);
        }
    });
    found
}

/// Looks at one step; steps inside it are visited by themselves.
fn beyond_step(step: &Value) -> Option<&'static str> {
    if step.get("service").and_then(Value::as_str)? != "stepfunctions" {
        return None;
    }
    let api = step.get("api").and_then(Value::as_str)?;
    // A mock stands for whatever a state would need.
    if api == "test_state" {
        return None;
    }
    if let Some((_, feature)) = CALLS.iter().find(|(call, _)| *call == api) {
        return Some(feature);
    }
    let arguments = step.get("args")?;
    let definition = arguments.get("definition").and_then(Value::as_str)?;
    // A text that is not JSON counts: refusing it is covered.
    beyond_definition(&Value::parse(definition).ok()?)
}

fn beyond_definition(definition: &Value) -> Option<&'static str> {
    let mut found = None;
    walk(definition, &mut |value| {
        if found.is_none() {
            found = beyond_object(value);
        }
    });
    found
}

fn beyond_object(value: &Value) -> Option<&'static str> {
    if value.get("Mode").and_then(Value::as_str) == Some("DISTRIBUTED") {
        return Some("distributed Map");
    }
    let is_state = value.get("Type").and_then(Value::as_str).is_some();
    FIELDS.iter().find(|(field, _)| is_state && value.get(field).is_some()).map(|(_, feature)| *feature)
}

/// Visits a value and everything in it. Cases are our own data, nested a few levels deep.
fn walk(value: &Value, visit: &mut impl FnMut(&Value)) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        visit(value);
        match value {
            Value::Array(items) => open.extend(items.iter()),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(definition: &str, expected: Option<&'static str>) {
        let steps = json::value!([{ "op": "call", "service": "stepfunctions", "api": "create_state_machine", "args": { "definition": definition } }]);
        assert_eq!(beyond(&json::value!({ "kind": "execution", "steps": steps })), expected, "{definition}");
    }

    #[test]
    fn what_a_definition_uses_decides() {
        check(r#"{"States":{"A":{"Type":"Pass"}}}"#, None);
        check("not JSON", None);
        check(r#"{"States":{"A":{"Type":"Pass","QueryLanguage":"JSONata"}}}"#, None);
        check(r#"{"States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke"}}}"#, None);
        check(r#"{"States":{"A":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage"}}}"#, None);
        check(
            r#"{"States":{"M":{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED"}}}}}"#,
            Some("distributed Map"),
        );
    }

    #[test]
    fn what_a_case_calls_decides() {
        let case = json::value!({ "kind": "api", "steps": [{ "op": "background", "steps": [{ "op": "call", "service": "stepfunctions", "api": "list_map_runs", "args": {} }] }] });
        assert_eq!(beyond(&case), Some("distributed Map"));
        let mocked = json::value!({ "kind": "test_state", "steps": [{ "op": "call", "service": "stepfunctions",
            "api": "test_state", "args": { "definition": r#"{"Type":"Map","ItemReader":{}}"# } }] });
        assert_eq!(beyond(&mocked), None);
        assert_eq!(beyond(&json::value!({ "kind": "api", "area": "api", "steps": [] })), None);
    }
}
