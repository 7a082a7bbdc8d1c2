//! Lambda: functions by `lambda:invoke`. (spec/integrations.md §4)

use json::{Object, Value};

use crate::action::{Action, Service, TOKEN};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "lambda",
    model: "lambda",
    naming: Naming { prefix: "Lambda", unnamed: "AWSLambdaException", service: "AWSLambda" },
    actions: &[Action { check: problems, is_supported: true, ..Action::without_operation("invoke", TOKEN) }],
};

fn problems(parameters: &Value) -> Vec<String> {
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
