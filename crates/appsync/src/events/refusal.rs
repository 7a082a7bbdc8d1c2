//! Why something is not done, as both ways of asking say it: `errors` with a type and a message each.

use appsync_js::FieldError;
use json::{Text, Value};

use crate::authorization;
use crate::sources::SourceError;

/// Why a request is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What HTTP says: `400`.
    pub status: u16,
    /// `BadRequestException`
    pub error_type: Text,
    /// For the caller.
    pub message: String,
}

impl Refusal {
    /// The caller asked for what is not possible.
    pub fn bad(message: impl Into<String>) -> Refusal {
        Refusal { status: 400, error_type: "BadRequestException".into(), message: message.into() }
    }

    pub fn no_api() -> Refusal {
        let message = "The event API does not exist.".to_owned();
        Refusal { status: 404, error_type: "NotFoundException".into(), message }
    }

    pub fn no_namespace(name: &str) -> Refusal {
        Refusal::bad(format!("Channel namespace {name} not found."))
    }

    pub fn limit(message: impl Into<String>) -> Refusal {
        Refusal { status: 429, error_type: "LimitExceeded".into(), message: message.into() }
    }

    /// A handler failed by itself.
    pub fn of_code(message: impl Into<String>) -> Refusal {
        Refusal { status: 400, error_type: "Code".into(), message: message.into() }
    }

    /// A handler called `util.error` or `util.unauthorized`.
    pub fn of_handler(error: FieldError) -> Refusal {
        let error_type = error.error_type.unwrap_or_else(|| "Code".into());
        if error_type == "Unauthorized" {
            return authorization::Refusal::unauthorized("You are not authorized to make this call.").into();
        }
        Refusal { status: 400, error_type, message: error.message.to_string() }
    }

    /// A data source failed, and no handler was asked about it.
    pub fn of_source(error: SourceError) -> Refusal {
        Refusal { status: 400, error_type: error.error_type, message: error.message }
    }

    /// `errors`
    pub fn errors(&self) -> Value {
        json::value!([{"errorType": (self.error_type.clone()), "message": (self.message.as_str())}])
    }
}

impl From<ledger::Refused> for Refusal {
    fn from(refused: ledger::Refused) -> Refusal {
        Refusal {
            status: 503,
            error_type: "ServiceUnavailableException".into(),
            message: refused.to_string(),
        }
    }
}

impl From<authorization::Refusal> for Refusal {
    fn from(refusal: authorization::Refusal) -> Refusal {
        let authorization::Refusal { status, error_type, message } = refusal;
        Refusal { status, error_type: error_type.into(), message }
    }
}
