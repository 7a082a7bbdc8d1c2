//! What an integration asks of its evaluated Parameters. A Task whose Parameters it cannot take fails
//! as it is entered, before anything is scheduled. (spec/history-events.md §3, row 17)

use asl::{Failure, Resource};
use json::{Document, Object, Value};

/// Names everything that is wrong. (spec/integrations.md §2)
pub(super) fn check(resource: &Resource, parameters: &Document) -> Result<(), Failure> {
    let Resource::Integration { service, action, .. } = resource else { return Ok(()) };
    let problems = match (service.as_str(), action.as_str()) {
        ("lambda", "invoke") => problems_of_lambda_invoke(parameters.value()),
        _ => return Ok(()),
    };
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::runtime(format!(
        "The Parameters '{}' could not be used to start the Task: [{}]",
        parameters.text(),
        problems.join(", ")
    )))
}

fn problems_of_lambda_invoke(parameters: &Value) -> Vec<String> {
    /// Texts, and the only ones that some of them may be.
    const TEXTS: [(&str, &[&str]); 5] = [
        ("FunctionName", &[]),
        ("InvocationType", &["RequestResponse", "Event", "DryRun"]),
        ("LogType", &["None", "Tail"]),
        ("Qualifier", &[]),
        ("ClientContext", &[]),
    ];
    let nothing = Object::new();
    let members = parameters.as_object().unwrap_or(&nothing);
    let is_known = |name: &str| name == "Payload" || TEXTS.iter().any(|(known, _)| *known == name);
    let unknown = members.keys().filter(|name| !is_known(name.as_str()));
    let mut problems: Vec<String> =
        unknown.map(|name| format!("The field '{name}' is not supported by Step Functions")).collect();
    for (name, words) in TEXTS {
        let fits = match members.get(name) {
            // An explicit null is as good as nothing. (recorded: `"Payload": null`)
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => words.is_empty() || words.contains(&text.as_str()),
            Some(_) => false,
        };
        if !fits {
            problems.push(format!("The value of the field '{name}' has an invalid format"));
        }
    }
    if members.get("FunctionName").is_none_or(Value::is_null) {
        problems.push("The field 'FunctionName' is required but was missing".to_owned());
    }
    problems
}
