//! What `states:startExecution` is asked with becomes the body of a StartExecution request. Pure.

use asl::Failure;
use json::{Document, Object, Value};

/// All that AWS's guide lists. (spec/integrations.md §4)
const SUPPORTED: [&str; 3] = ["Input", "Name", "StateMachineArn"];

/// The body of StartExecution. Where the Task gives no name, the child's name follows from the call's
/// token: so a repetition of the call finds the child that it has started already. The input gets
/// nothing added.
///
/// All parameters are checked, so that the cause names every one that is wrong.
pub(crate) fn start_execution(parameters: &Document, token: &str) -> Result<Object, Failure> {
    let nothing = Object::new();
    let members = parameters.value().as_object().unwrap_or(&nothing);
    let unsupported = members.keys().filter(|name| !SUPPORTED.contains(&name.as_str()));
    let mut problems: Vec<String> =
        unsupported.map(|name| format!("The field '{name}' is not supported by Step Functions")).collect();
    // An explicit null is as good as nothing. (recorded: `"Input": null`)
    let given = |name: &str| members.get(name).filter(|value| !value.is_null());
    let mut body = Object::with_capacity(3);
    for (parameter, member) in [("StateMachineArn", "stateMachineArn"), ("Name", "name")] {
        match given(parameter) {
            Some(Value::String(text)) => drop(body.insert(member, text)),
            Some(_) => problems.push(format!("The value of the field '{parameter}' has an invalid format")),
            None => {}
        }
    }
    if given("StateMachineArn").is_none() {
        problems.push("The field 'StateMachineArn' is required but was missing".to_owned());
    }
    if !problems.is_empty() {
        return Err(Failure::runtime(format!(
            "The Parameters '{}' could not be used to start the Task: [{}]",
            parameters.text(),
            problems.join(", ")
        )));
    }
    if !body.contains_key("name") {
        body.insert("name", child_name(token));
    }
    match given("Input") {
        // A string is the child's input as JSON text.
        Some(Value::String(text)) => drop(body.insert("input", text)),
        Some(value) => drop(body.insert("input", value.to_text())),
        None => {}
    }
    Ok(body)
}

/// A UUID, like every name that AWS makes up.
fn child_name(token: &str) -> String {
    match u128::from_str_radix(token, 16) {
        Ok(bits) => aws_names::uuid_v4(bits),
        Err(_) => token.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    #[track_caller]
    fn check(parameters: &str, expected: &str) {
        let outcome = start_execution(&Document::parse(parameters).unwrap(), TOKEN);
        let shown = match outcome {
            Ok(body) => Value::Object(body).to_text(),
            Err(failure) => format!("{}: {}", failure.name(), failure.cause.as_deref().unwrap_or_default()),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn inputs_are_texts_of_json() {
        check(r#"{"StateMachineArn":"m","Name":"n"}"#, r#"{"stateMachineArn":"m","name":"n"}"#);
        check(r#"{"StateMachineArn":"m","Name":"n","Input":null}"#, r#"{"stateMachineArn":"m","name":"n"}"#);
        check(
            r#"{"StateMachineArn":"m","Name":"n","Input":{"a":[1]}}"#,
            r#"{"stateMachineArn":"m","name":"n","input":"{\"a\":[1]}"}"#,
        );
        check(
            r#"{"StateMachineArn":"m","Name":"n","Input":"[0]"}"#,
            r#"{"stateMachineArn":"m","name":"n","input":"[0]"}"#,
        );
    }

    #[test]
    fn a_child_without_a_name_is_named_by_the_call() {
        check(
            r#"{"StateMachineArn":"m","Name":null}"#,
            r#"{"stateMachineArn":"m","name":"01234567-89ab-4def-8123-456789abcdef"}"#,
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        check(
            r#"{"Name":1,"Names":2}"#,
            "States.Runtime: The Parameters '{\"Name\":1,\"Names\":2}' could not be used to start the Task: \
             [The field 'Names' is not supported by Step Functions, The value of the field 'Name' has an invalid \
             format, The field 'StateMachineArn' is required but was missing]",
        );
    }
}
