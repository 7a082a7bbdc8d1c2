//! An error as the API shows it: a name, a message, an HTTP status.
//!
//! Never here: which action answers which error; that is the action's and the engine's business.

use std::fmt::Display;

use engine::Refusal;

use crate::answer::ObjectWriter;

/// The names of errors that any service of AWS answers, not Step Functions' own model.
const PROTOCOL_ERRORS: [&str; 9] = [
    "IncompleteSignatureException",
    "InternalFailure",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "RequestEntityTooLargeException",
    "SerializationException",
    "ServiceUnavailable",
    "UnknownOperationException",
    "UnrecognizedClientException",
];

/// What a client gets instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// The name on the wire, without its namespace.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// Further members of the error's shape, such as `reason` or `resourceName`.
    pub details: Vec<(&'static str, String)>,
    /// Whether the namespace is the one of constraint checks.
    constraint: bool,
}

impl ApiError {
    /// An error of the caller. All of Step Functions' own errors have status 400 on the wire.
    pub fn new(code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError { code, message: message.into(), status: 400, details: Vec::new(), constraint: false }
    }

    /// The same with another HTTP status.
    pub fn with_status(mut self, status: u16) -> ApiError {
        self.status = status;
        self
    }

    /// The same with one more member.
    pub fn with_detail(mut self, name: &'static str, value: impl Into<String>) -> ApiError {
        self.details.push((name, value.into()));
        self
    }

    /// A rule that the service itself checks.
    pub fn validation(message: impl Into<String>) -> ApiError {
        ApiError::new("ValidationException", message)
    }

    /// Constraints of the service's model that the request breaks, each in AWS's words.
    pub fn constraints(problems: &[String]) -> ApiError {
        let count = problems.len();
        let plural = if count == 1 { "" } else { "s" };
        let message = format!("{count} validation error{plural} detected: {}", problems.join("; "));
        ApiError { constraint: true, ..ApiError::validation(message) }
    }

    /// The body is not what the protocol says a body is.
    pub fn serialization(message: impl Into<String>) -> ApiError {
        ApiError::new("SerializationException", message)
    }

    /// `Invalid Arn: '…'`, and the like from `aws_names`.
    pub fn invalid_arn(error: impl Display) -> ApiError {
        ApiError::new("InvalidArn", error.to_string())
    }

    /// `Invalid Name: '…'`
    pub fn invalid_name(name: &str) -> ApiError {
        ApiError::new("InvalidName", format!("Invalid Name: '{name}'"))
    }

    /// The place that a page was to start at is none of ours.
    pub fn invalid_token() -> ApiError {
        Refusal::InvalidToken.into()
    }

    /// The JSON body: `{"__type": "<namespace>#<code>", "message": …}`.
    pub fn body(&self) -> String {
        let namespace = if self.constraint {
            "com.amazon.coral.validate"
        } else if PROTOCOL_ERRORS.contains(&self.code) {
            "com.amazon.coral.service"
        } else {
            "com.amazonaws.swf.service.v2.model"
        };
        let mut out = String::with_capacity(128 + self.message.len());
        let mut object = ObjectWriter::new(&mut out);
        object.text("__type", &format!("{namespace}#{}", self.code));
        object.text("message", &self.message);
        for (name, value) in &self.details {
            object.text(name, value);
        }
        object.end();
        out
    }
}

impl ApiError {
    /// The JSON body as EventBridge has it, without a namespace.
    pub fn plain_body(&self) -> String {
        let mut out = String::with_capacity(64 + self.message.len());
        let mut object = ObjectWriter::new(&mut out);
        object.text("__type", self.code);
        object.text("message", &self.message);
        object.end();
        out
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> ApiError {
        let error = ApiError::new(refusal.code(), refusal.to_string());
        match refusal {
            Refusal::ServiceUnavailable { .. } | Refusal::ExecutionElsewhere { .. } => error.with_status(503),
            Refusal::ReferenceNotFound { arn }
            | Refusal::ResourceNotFound { arn }
            | Refusal::TooManyTags { arn } => error.with_detail("resourceName", arn),
            Refusal::MapRunCompleted { .. } => error.with_detail("reason", "CANNOT_UPDATE_COMPLETED_MAP_RUN"),
            _ => error,
        }
    }
}

impl From<store::Error> for ApiError {
    /// The disk could not answer. What went wrong is for the log, not for callers.
    fn from(error: store::Error) -> ApiError {
        tracing::error!(%error, "a read failed");
        ApiError::new("InternalFailure", "The server could not read its store; its log says why.")
            .with_status(500)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let body = |error: ApiError| error.body();
        assert_eq!(
            body(ApiError::invalid_name("a\"b")),
            r#"{"__type":"com.amazonaws.swf.service.v2.model#InvalidName","message":"Invalid Name: 'a\"b'"}"#
        );
        assert_eq!(
            body(ApiError::constraints(&["one".into(), "two".into()])),
            r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"2 validation errors detected: one; two"}"#
        );
        assert_eq!(
            body(ApiError::serialization("no")),
            r#"{"__type":"com.amazon.coral.service#SerializationException","message":"no"}"#
        );
        let refusal = Refusal::ResourceNotFound { arn: "arn:x".into() };
        assert_eq!(
            body(refusal.into()),
            concat!(
                r#"{"__type":"com.amazonaws.swf.service.v2.model#ResourceNotFound","#,
                r#""message":"Resource not found: 'arn:x'","resourceName":"arn:x"}"#
            )
        );
    }

    #[test]
    fn a_full_disk_is_the_servers_trouble() {
        let error: ApiError = Refusal::ServiceUnavailable { message: "full".into() }.into();
        assert_eq!((error.code, error.status), ("ServiceUnavailable", 503));
    }
}
