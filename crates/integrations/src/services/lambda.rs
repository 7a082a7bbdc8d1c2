//! Lambda: functions by `lambda:invoke`. (spec/integrations.md §4)

use json::{Object, Value};

use crate::action::{Action, Field, Service, TOKEN, optional, required};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "lambda",
    model: "lambda",
    naming: Naming { prefix: "Lambda", unnamed: "AWSLambdaException", service: "AWSLambda" },
    actions: &[Action {
        fields: Some(INVOKE),
        check: problems,
        answer: Some("invoke"),
        ..Action::without_operation("invoke", TOKEN)
    }],
};

const INVOKE: &[Field] = &[
    required("FunctionName"),
    optional("Payload"),
    optional("InvocationType"),
    optional("Qualifier"),
    optional("ClientContext"),
    optional("LogType"),
];

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
    let mut problems = Vec::new();
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
    // A null is none, unlike elsewhere: there is no service that could say what it thinks of it.
    if members.get("FunctionName").is_some_and(Value::is_null) {
        problems.push("The field 'FunctionName' is required but was missing".to_owned());
    }
    problems
}
