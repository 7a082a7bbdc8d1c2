//! What Lambda refuses, in its words.

use json::Object;

use crate::Fault;

/// The caller is to blame, as nearly always.
pub(super) fn fault(code: &str, message: impl Into<String>, status: u16) -> Fault {
    let kind = if status < 500 { "User" } else { "Service" };
    let members = Object::from_iter([("Type", kind)]);
    Fault { members, ..Fault::new(code, message).with_status(status) }
}

pub(super) fn invalid_value(message: impl Into<String>) -> Fault {
    fault("InvalidParameterValueException", message, 400)
}

/// There is no such function.
pub(super) fn not_found(arn: &str) -> Fault {
    fault("ResourceNotFoundException", format!("Function not found: {arn}"), 404)
}

/// It is of the settings, and settings are changed in their file.
pub(super) fn of_settings(name: &str) -> Fault {
    fault(
        "ResourceConflictException",
        format!("The function {name} is one of stepwell.toml: change [functions.{name}] there"),
        409,
    )
}
