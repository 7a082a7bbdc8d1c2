//! How a Task's failure is named that a service or the way to it caused. (spec/integrations.md §7)
//!
//! Never here: failures of a workflow's own making.

use aws_protocols::ServiceError;

/// An error name and its cause, in AWS's wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceFailure {
    /// `SQS.AmazonSQSException`
    pub error: String,
    /// The text after it.
    pub cause: String,
}

/// What an optimised integration calls its errors: as the SDK for Java 1 does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming {
    /// `SQS`
    pub(crate) prefix: &'static str,
    /// What stands behind the prefix for a code that the service's model does not name:
    /// `AmazonSQSException`.
    pub(crate) unnamed: &'static str,
    /// The service in causes: `AmazonSQS`.
    pub(crate) service: &'static str,
}

impl ServiceFailure {
    pub(crate) fn new(error: impl Into<String>, cause: impl Into<String>) -> ServiceFailure {
        ServiceFailure { error: error.into(), cause: cause.into() }
    }
}

impl Naming {
    /// What the service refused. (recorded)
    pub(crate) fn refused(&self, error: &ServiceError) -> ServiceFailure {
        let Naming { prefix, unnamed, service } = self;
        let name = error.shape.as_deref().map(exception);
        let name = name.as_deref().unwrap_or(unnamed);
        let ServiceError { message, status, code, request_id, .. } = error;
        let message = if message.is_empty() { "null" } else { message };
        ServiceFailure::new(
            format!("{prefix}.{name}"),
            format!(
                "{message} (Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; \
                 Proxy: null)"
            ),
        )
    }
}

/// The class of an error's shape: `NoSuchKey` → `NoSuchKeyException`.
fn exception(shape: &str) -> String {
    let base = shape.strip_suffix("Fault").or_else(|| shape.strip_suffix("Exception"));
    format!("{}Exception", base.unwrap_or(shape))
}

/// What the SDK for Java 2 appends to causes by now. Recorded for Step Functions alone; the recordings of
/// other services are older than it. (spec/integrations.md §6)
pub(crate) fn attempt_count(client_name: &str) -> &'static str {
    if client_name == "Sfn" { " (SDK Attempt Count: 1)" } else { "" }
}
