//! Integrations with a subtype: `StepFunctions-StartExecution` and its like, whose parameters are the operation's own.

use aws_models::{Kind, Shape};
use json::{Object, Value, value};

use crate::fault::Fault;
use crate::invoke::target;

/// By their subtypes: botocore's service, the operation, and what must be there.
const ACTIONS: [(&str, &str, &str, &[&str]); 9] = [
    ("EventBridge-PutEvents", "events", "PutEvents", &["Detail", "DetailType", "Source"]),
    ("Kinesis-PutRecord", "kinesis", "PutRecord", &["StreamName", "Data", "PartitionKey"]),
    ("SQS-DeleteMessage", "sqs", "DeleteMessage", &["QueueUrl", "ReceiptHandle"]),
    ("SQS-PurgeQueue", "sqs", "PurgeQueue", &["QueueUrl"]),
    ("SQS-ReceiveMessage", "sqs", "ReceiveMessage", &["QueueUrl"]),
    ("SQS-SendMessage", "sqs", "SendMessage", &["QueueUrl", "MessageBody"]),
    ("StepFunctions-StartExecution", "stepfunctions", "StartExecution", &["StateMachineArn"]),
    ("StepFunctions-StartSyncExecution", "stepfunctions", "StartSyncExecution", &["StateMachineArn"]),
    ("StepFunctions-StopExecution", "stepfunctions", "StopExecution", &["ExecutionArn"]),
];

/// What a subtype calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) service: &'static str,
    pub(super) operation: &'static str,
}

pub(super) fn action(subtype: &str) -> Option<Action> {
    let found = ACTIONS.iter().find(|(known, ..)| *known == subtype);
    found.map(|(_, service, operation, _)| Action { service, operation })
}

/// The structure that the parameters are members of: PutEvents is given one entry.
fn shape(action: Action) -> Option<Shape<'static>> {
    let input = target::find(aws_models::service(action.service)?, action.operation)?.input()?;
    match action.operation {
        "PutEvents" => Some(input.member("Entries")?.shape().element()?.shape()),
        _ => Some(input),
    }
}

/// Whether parameters are those of the subtype.
pub(super) fn check(subtype: &str, parameters: &Object) -> Result<(), Fault> {
    let Some((.., required)) = ACTIONS.iter().find(|(known, ..)| *known == subtype) else {
        let known: Vec<_> = ACTIONS.iter().map(|(known, ..)| *known).collect();
        return Err(Fault::bad(format!(
            "IntegrationSubtype {subtype} is not supported. Must be one of: {}",
            known.join(", ")
        )));
    };
    if let Some(missing) = required.iter().find(|name| !parameters.contains_key(name)) {
        return Err(Fault::bad(format!(
            "Parameter: {missing} is required for integration subtype {subtype}"
        )));
    }
    let Some(shape) = action(subtype).and_then(shape) else { return Ok(()) };
    for (name, _) in parameters.iter().filter(|(name, _)| *name != "Region") {
        if member(shape, name).is_none() {
            return Err(Fault::bad(format!(
                "Parameter: {name} does not fit schema for integration subtype {subtype}"
            )));
        }
    }
    Ok(())
}

/// The model's member for a parameter, whose first letter may differ.
fn member<'s>(shape: Shape<'s>, name: &str) -> Option<aws_models::Member<'s>> {
    shape.members().find(|member| member.name().eq_ignore_ascii_case(name))
}

/// The input of the operation, of what the parameters have become.
pub(super) fn input(action: Action, parameters: &[(String, String)]) -> Value {
    let mut members = Object::new();
    if let Some(shape) = shape(action) {
        for (name, text) in parameters {
            if let Some(member) = member(shape, name) {
                members.insert(member.name(), typed(text, member.shape().kind()));
            }
        }
    }
    match action.operation {
        "PutEvents" => value!({"Entries": [members]}),
        _ => members.into(),
    }
}

/// A text as what the model wants; where it cannot be, the service will say so.
fn typed(text: &str, kind: Kind) -> Value {
    let number = |text: &str| Value::parse(text).ok().filter(Value::is_number);
    match kind {
        Kind::String | Kind::Timestamp => match number(text).filter(|_| kind == Kind::Timestamp) {
            Some(seconds) => seconds,
            None => text.into(),
        },
        Kind::Blob => vtl::text::base64_encode(text.as_bytes()).into(),
        _ => Value::parse(text).unwrap_or_else(|_| text.into()),
    }
}
