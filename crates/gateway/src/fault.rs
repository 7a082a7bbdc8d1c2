//! Why an operation of the API is refused, in AWS's words.

use std::fmt;

/// A refusal: code, status and message as the service's model has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `NotFoundException`, …
    pub code: &'static str,
    /// `404`, …
    pub status: u16,
    /// For the caller.
    pub message: String,
}

impl Fault {
    /// The request is wrong.
    pub(crate) fn bad(message: impl Into<String>) -> Fault {
        Fault { code: "BadRequestException", status: 400, message: message.into() }
    }

    /// What it names is not there.
    pub(crate) fn not_found(message: impl Into<String>) -> Fault {
        Fault { code: "NotFoundException", status: 404, message: message.into() }
    }

    /// It is there already.
    pub(crate) fn conflict(message: impl Into<String>) -> Fault {
        Fault { code: "ConflictException", status: 409, message: message.into() }
    }

    /// There are too many.
    pub(crate) fn limit(message: impl Into<String>) -> Fault {
        Fault { code: "LimitExceededException", status: 429, message: message.into() }
    }

    /// AWS takes this setting, and nothing here would honour it.
    pub(crate) fn not_honoured(setting: &str, instead: &str) -> Fault {
        Fault::bad(format!("{setting} is not supported by this server: {instead}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Fault {}
