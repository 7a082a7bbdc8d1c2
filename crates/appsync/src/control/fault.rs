//! Why an operation is refused, in AppSync's names and statuses.

use appsync_js::CodeErrors;
use json::{Object, value};
use services::Fault;

/// The caller asked for what makes no sense.
pub(super) fn bad(message: impl Into<String>) -> Fault {
    Fault::new("BadRequestException", message)
}

/// There is no such thing.
pub(super) fn not_found(message: impl Into<String>) -> Fault {
    Fault::new("NotFoundException", message).with_status(404)
}

/// There are as many as there may be.
pub(super) fn limit(message: impl Into<String>) -> Fault {
    Fault::new("LimitExceededException", message).with_status(429)
}

/// There is one already. (Of the Events API; the older one says BadRequestException.)
pub(super) fn conflict(message: impl Into<String>) -> Fault {
    Fault::new("ConflictException", message).with_status(409)
}

/// Something went wrong here.
pub(super) fn internal(message: impl Into<String>) -> Fault {
    Fault::new("InternalFailureException", message).with_status(500)
}

/// AWS takes it, and nothing here would do it.
pub(super) fn unsupported(what: &str, instead: &str) -> Fault {
    bad(format!("{what} is not supported by this server: {instead}"))
}

/// The code is no APPSYNC_JS.
pub(super) fn code(errors: &CodeErrors) -> Fault {
    let mut members = Object::new();
    members.insert("reason", "CODE_ERROR");
    members.insert("detail", value!({"codeErrors": (errors.to_json())}));
    Fault { members, ..bad(CodeErrors::MESSAGE) }
}
