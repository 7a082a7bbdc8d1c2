//! The diagnostics that have been found so far, and how many of them are kept.

use super::location::Location;
use crate::diagnostic::{Diagnostic, Severity};

/// Kept of each severity. ValidateStateMachineDefinition shows 100 at most; one more tells it that
/// there were others. Without a bound, long names would make the list quadratic in the definition.
const KEPT_MAX: usize = 101;

pub(super) const SCHEMA: &str = "SCHEMA_VALIDATION_FAILED";

/// Diagnostics in the order in which they are told.
#[derive(Default)]
pub(super) struct Findings {
    list: Vec<Diagnostic>,
    /// About JSONata expressions: told when all else about the schema has been.
    expressions: Vec<Diagnostic>,
    errors: usize,
    warnings: usize,
}

impl Findings {
    /// A rule of the schema is broken.
    pub(super) fn schema(&mut self, at: &Location<'_>, message: impl Into<String>) {
        self.error(SCHEMA, at, message);
    }

    /// An error with a code of its own.
    pub(super) fn error(&mut self, code: &'static str, at: &Location<'_>, message: impl Into<String>) {
        if self.errors < KEPT_MAX {
            self.error_without_location(code, message, Some(at.to_string()));
        } else {
            self.errors += 1;
        }
    }

    /// An error whose place is told in another way, or not at all.
    pub(super) fn error_without_location(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        location: Option<String>,
    ) {
        self.errors += 1;
        if self.errors <= KEPT_MAX {
            let message = message.into();
            self.list.push(Diagnostic { severity: Severity::Error, code, message, location });
        }
    }

    /// An error in a JSONata expression at this place.
    pub(super) fn expression(&mut self, code: &'static str, location: String, message: impl Into<String>) {
        self.errors += 1;
        if self.errors <= KEPT_MAX {
            let (message, location) = (message.into(), Some(location));
            self.expressions.push(Diagnostic { severity: Severity::Error, code, message, location });
        }
    }

    /// Something that is allowed and probably not meant.
    pub(super) fn warning(&mut self, code: &'static str, at: &Location<'_>, message: impl Into<String>) {
        self.warnings += 1;
        if self.warnings <= KEPT_MAX {
            let (message, location) = (message.into(), Some(at.to_string()));
            self.list.push(Diagnostic { severity: Severity::Warning, code, message, location });
        }
    }

    /// Whether there was any error.
    pub(super) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Adds what others found behind these.
    pub(super) fn append(&mut self, others: Findings) {
        self.errors += others.errors;
        self.warnings += others.warnings;
        self.list.extend(others.list);
        self.list.extend(others.expressions);
    }

    /// The list; warnings keep their places among the errors.
    pub(super) fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }
}
