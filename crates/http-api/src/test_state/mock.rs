//! How a state's work is said to end, and whether it could end so.
//!
//! A mocked result is checked against the model of the service that the state would call. Not checked
//! are results that no API gives: those of functions, of workers, and of the integrations that are more
//! than one operation.

use asl::resource::Pattern;
use asl::{Failure, Kind, Resource};
use aws_models::FieldValidationMode;
use execution::TaskOutcome;
use integrations::Integration;
use json::{Document, Value};

use super::request::{End, Mock};
use crate::error::ApiError;

/// What the mock says, or AWS's words for what is wrong with it.
pub(super) fn outcome(mock: &Mock, kind: &Kind) -> Result<TaskOutcome, ApiError> {
    let name = match kind {
        Kind::Task(_) | Kind::Map(_) | Kind::Parallel { .. } => None,
        Kind::Pass { .. } => Some("Pass"),
        Kind::Wait(_) => Some("Wait"),
        Kind::Choice { .. } => Some("Choice"),
        Kind::Succeed => Some("Succeed"),
        Kind::Fail { .. } => Some("Fail"),
    };
    if let Some(name) = name {
        let message = format!("State type '{name}' is not supported when a mock is specified");
        return Err(ApiError::validation(message));
    }
    match &mock.end {
        End::Error { error, cause } => {
            let cause = cause.as_ref().map(ToString::to_string);
            Ok(TaskOutcome::Failed(Failure { error: error.clone(), cause }))
        }
        End::Result(text) => {
            let result = Document::parse(text)
                .map_err(|_| ApiError::validation("Mocked result must be valid JSON"))?;
            check_result(result.value(), kind, mock.mode).map_err(ApiError::validation)?;
            Ok(TaskOutcome::Succeeded(result))
        }
    }
}

fn check_result(result: &Value, kind: &Kind, mode: FieldValidationMode) -> Result<(), String> {
    let is_exported = match kind {
        Kind::Task(task) => return check_task(result, &task.resource, mode),
        Kind::Map(map) => {
            let writer = map.distributed.as_ref().and_then(|distributed| distributed.result_writer.as_ref());
            writer.is_some_and(|writer| writer.exports)
        }
        _ => false,
    };
    let items = match (result, is_exported) {
        (Value::Object(_), true) => return Ok(()),
        (_, true) => return Err(NOT_AN_OBJECT.to_owned()),
        (Value::Array(items), false) => items,
        (_, false) => return Err("Mocked result must be an array.".to_owned()),
    };
    match kind {
        Kind::Parallel { branches } if branches.len() != items.len() => {
            Err("Mocked result must contain the same number of items as number of Parallel branches."
                .to_owned())
        }
        _ => Ok(()),
    }
}

const NOT_AN_OBJECT: &str = "Mocked result must be a JSON object.";

fn check_task(result: &Value, resource: &Resource, mode: FieldValidationMode) -> Result<(), String> {
    let Resource::Integration { service, action, pattern } = resource else { return Ok(()) };
    let integration = Integration::find(service, action);
    let operation = match pattern {
        Pattern::RequestResponse => integration.and_then(|integration| integration.answer()),
        // The job's description is the result.
        Pattern::Sync | Pattern::Sync2 => {
            integration.and_then(|integration| integration.description(*pattern))
        }
        // The result is what a worker sends.
        Pattern::WaitForTaskToken => None,
    };
    let Some(shape) = operation.and_then(|operation| operation.output()) else { return Ok(()) };
    if mode != FieldValidationMode::None && !result.is_object() {
        return Err(NOT_AN_OBJECT.to_owned());
    }
    aws_models::check(result, shape, mode, parsed(service, action, *pattern))
        .map_err(|violation| format!("Mock result schema validation error: {violation}"))
}

/// The members of the result in which the integration shows JSON where the API has text.
fn parsed(service: &str, action: &str, pattern: Pattern) -> &'static [&'static str] {
    match (service, action, pattern) {
        ("lambda", "invoke", _) => &["Payload"],
        ("bedrock", "invokeModel", _) => &["Body"],
        ("states", "startExecution", Pattern::Sync2) => &["Input", "Output"],
        _ => &[],
    }
}
