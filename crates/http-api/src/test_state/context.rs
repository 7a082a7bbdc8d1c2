//! A Context Object that the caller makes up, or parts of one. (spec/asl.md §7)

use asl::Kind;
use asl::resource::{Pattern, Resource};
use json::{Kind as JsonKind, Object, Value};

use super::request::object;
use crate::error::ApiError;

/// A member of a part, and its kind; `Input` may be anything.
type Field = (&'static str, Option<JsonKind>);

/// What may stand in it.
const FIELDS: [(&str, &[Field]); 4] = [
    (
        "Execution",
        &[
            ("Id", Some(JsonKind::String)),
            ("Input", None),
            ("Name", Some(JsonKind::String)),
            ("RedriveCount", Some(JsonKind::Number)),
            ("RedriveTime", Some(JsonKind::String)),
            ("RoleArn", Some(JsonKind::String)),
            ("StartTime", Some(JsonKind::String)),
        ],
    ),
    (
        "State",
        &[
            ("EnteredTime", Some(JsonKind::String)),
            ("Name", Some(JsonKind::String)),
            ("RetryCount", Some(JsonKind::Number)),
        ],
    ),
    ("StateMachine", &[("Id", Some(JsonKind::String)), ("Name", Some(JsonKind::String))]),
    ("Task", &[("Token", Some(JsonKind::String))]),
];

/// The object, or AWS's words for what is wrong with it. For states of this kind.
pub(super) fn context_object(text: &str, kind: &Kind) -> Result<Object, ApiError> {
    let refuse = |why: String| ApiError::validation(format!("Invalid Context object provided: {why}"));
    let context = object(text).map_err(refuse)?;
    for (name, value) in &context {
        check_member(name, value, kind).map_err(refuse)?;
    }
    Ok(context)
}

fn check_member(name: &str, value: &Value, kind: &Kind) -> Result<(), String> {
    if name == "Map" {
        return Err("'Map' field is not supported when mocking a Context object".to_owned());
    }
    let Some((_, fields)) = FIELDS.iter().find(|(known, _)| *known == name) else {
        return Err(not_allowed(name));
    };
    if name == "Task" && !has_token(kind) {
        let why = "Context object contains 'Task' when state is not a Task state with a '.sync' or \
                   '.waitForTaskToken' service integration pattern";
        return Err(why.to_owned());
    }
    let Some(members) = value.as_object() else { return Err(format!("{name} must be an object")) };
    for (field, value) in members {
        match fields.iter().find(|(known, _)| *known == field) {
            None => return Err(not_allowed(field)),
            Some((_, Some(wanted))) if value.kind() != *wanted => {
                return Err(format!("{name}.{field} must be a {}", wanted.name()));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn not_allowed(field: &str) -> String {
    format!("Field '{field}' is not allowed")
}

fn has_token(kind: &Kind) -> bool {
    let Kind::Task(task) = kind else { return false };
    matches!(
        task.resource,
        Resource::Integration { pattern: Pattern::Sync | Pattern::Sync2 | Pattern::WaitForTaskToken, .. }
    )
}
