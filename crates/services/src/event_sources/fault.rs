//! What is refused, in Lambda's words.

use json::Object;

use crate::Fault;

pub(super) fn invalid(message: impl Into<String>) -> Fault {
    fault("InvalidParameterValueException", message, 400)
}

pub(super) fn not_there() -> Fault {
    fault("ResourceNotFoundException", "The resource you requested does not exist.", 404)
}

pub(super) fn conflict(message: impl Into<String>) -> Fault {
    fault("ResourceConflictException", message, 409)
}

fn fault(code: &str, message: impl Into<String>, status: u16) -> Fault {
    let members = Object::from_iter([("Type", "User")]);
    Fault { members, ..Fault::new(code, message).with_status(status) }
}
