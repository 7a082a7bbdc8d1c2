//! What is wrong with a definition, and where.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The definition is refused.
    Error,
    /// Worth a look; never refused.
    Warning,
}

/// One finding. (spec/validation.md §2)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// AWS's code: `SCHEMA_VALIDATION_FAILED`, `MISSING_TRANSITION_TARGET`, …
    pub code: &'static str,
    /// AWS's text.
    pub message: String,
    /// A slash path such as `/States/C/Choices[0]/Next`; for invalid JSON the parser's position.
    pub location: Option<String>,
}

impl fmt::Display for Diagnostic {
    /// As CreateStateMachine's message lists it: `CODE: text at /location`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} at {}", self.code, self.message, self.location.as_deref().unwrap_or("null"))
    }
}
