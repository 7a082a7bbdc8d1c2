//! Why items cannot be read, or results not be written, in AWS's shape.
//!
//! Never here: which state fails by it, and the prefix that its cause gets there.

/// The state fails so: `Retry` and `Catch` match on the error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `States.ItemReaderFailed` or `States.DataLimitExceeded`.
    pub error: &'static str,
    /// What is wrong, for people. Of a file's content it shows no more than a few bytes.
    pub cause: String,
}

impl Failure {
    /// The file cannot be read as the state says.
    pub(crate) fn reading(cause: impl Into<String>) -> Failure {
        Failure { error: "States.ItemReaderFailed", cause: cause.into() }
    }

    /// Something is larger than AWS lets it be.
    pub(crate) fn too_large(cause: impl Into<String>) -> Failure {
        Failure { error: "States.DataLimitExceeded", cause: cause.into() }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.error, self.cause)
    }
}

impl std::error::Error for Failure {}
