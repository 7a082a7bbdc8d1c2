//! A caller asked for the impossible: the API's own error names, with AWS's messages.
//!
//! One enum for all actions, because the API's clients see one flat set of names; each action's
//! documentation says which of them it can answer.

use std::fmt;

use asl::Diagnostic;
use json::Text;

/// An API error. `Display` is AWS's message, [`code`](Refusal::code) its name on the wire.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Refusal {
    ActivityDoesNotExist {
        arn: Text,
    },
    ActivityWorkerLimitExceeded {
        arn: Text,
    },
    /// What is there already stands in the way, or is not what the caller takes it for.
    Conflict {
        message: String,
    },
    ExecutionAlreadyExists {
        arn: Text,
    },
    ExecutionDoesNotExist {
        arn: Text,
    },
    /// AWS's reason, or what an input for the failed state needs.
    ExecutionNotRedrivable {
        reason: &'static str,
    },
    /// Nothing was done: another owner has the execution, whether there is one or not. AWS has no such
    /// error; the front sends the request on to `address`, with the execution's name from `arn` if it
    /// gave none. (HTTP 503)
    ExecutionElsewhere {
        arn: Text,
        address: Text,
    },
    InvalidDefinition {
        diagnostics: Vec<Diagnostic>,
    },
    InvalidToken,
    /// What an alias is, belongs to, or is to lead to is not there.
    ReferenceNotFound {
        arn: Text,
    },
    ResourceNotFound {
        arn: Text,
    },
    /// A Map Run that has ended is not changed any more.
    MapRunCompleted {
        arn: Text,
    },
    /// Of something there may not be more.
    ServiceQuotaExceeded {
        message: String,
    },
    StateMachineAlreadyExists {
        arn: Text,
    },
    StateMachineDeleting {
        arn: Text,
    },
    StateMachineDoesNotExist {
        arn: Text,
    },
    /// EXPRESS where STANDARD is needed, or not supported by this version.
    StateMachineTypeNotSupported {
        message: String,
    },
    TaskDoesNotExist,
    TaskTimedOut,
    /// AWS has no test cases, and Step Functions Local's answer is not known.
    TestCaseDoesNotExist {
        message: String,
    },
    TooManyTags {
        arn: Text,
    },
    /// The disk is full, or the server stops: nothing was done, try again later. (HTTP 503)
    ServiceUnavailable {
        message: String,
    },
}

impl Refusal {
    /// The error's name on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::ActivityDoesNotExist { .. } => "ActivityDoesNotExist",
            Refusal::ActivityWorkerLimitExceeded { .. } => "ActivityWorkerLimitExceeded",
            Refusal::Conflict { .. } => "ConflictException",
            Refusal::ExecutionAlreadyExists { .. } => "ExecutionAlreadyExists",
            Refusal::ExecutionDoesNotExist { .. } => "ExecutionDoesNotExist",
            Refusal::ExecutionNotRedrivable { .. } => "ExecutionNotRedrivable",
            Refusal::ExecutionElsewhere { .. } => "ServiceUnavailable",
            Refusal::InvalidDefinition { .. } => "InvalidDefinition",
            Refusal::InvalidToken => "InvalidToken",
            Refusal::ReferenceNotFound { .. } | Refusal::ResourceNotFound { .. } => "ResourceNotFound",
            Refusal::ServiceQuotaExceeded { .. } => "ServiceQuotaExceededException",
            Refusal::StateMachineAlreadyExists { .. } => "StateMachineAlreadyExists",
            Refusal::StateMachineDeleting { .. } => "StateMachineDeleting",
            Refusal::StateMachineDoesNotExist { .. } => "StateMachineDoesNotExist",
            Refusal::StateMachineTypeNotSupported { .. } => "StateMachineTypeNotSupported",
            Refusal::TaskDoesNotExist => "TaskDoesNotExist",
            Refusal::TaskTimedOut => "TaskTimedOut",
            Refusal::MapRunCompleted { .. } | Refusal::TestCaseDoesNotExist { .. } => "ValidationException",
            Refusal::TooManyTags { .. } => "TooManyTags",
            Refusal::ServiceUnavailable { .. } => "ServiceUnavailable",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::ActivityDoesNotExist { arn } => write!(f, "Activity Does Not Exist: '{arn}'"),
            Refusal::ActivityWorkerLimitExceeded { arn } => {
                write!(f, "Maximum number of activity workers exceeded: '{arn}'")
            }
            Refusal::Conflict { message } | Refusal::ServiceQuotaExceeded { message } => f.write_str(message),
            Refusal::ExecutionAlreadyExists { arn } => write!(f, "Execution Already Exists: '{arn}'"),
            Refusal::ExecutionDoesNotExist { arn } => write!(f, "Execution Does Not Exist: '{arn}'"),
            Refusal::ExecutionNotRedrivable { reason } => f.write_str(reason),
            Refusal::ExecutionElsewhere { arn, address } => {
                write!(f, "'{arn}' is not kept here but at {address}; ask there")
            }
            Refusal::InvalidDefinition { diagnostics } => {
                f.write_str("Invalid State Machine Definition: '")?;
                for (i, diagnostic) in diagnostics.iter().enumerate() {
                    write!(f, "{}{diagnostic}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("'")
            }
            Refusal::InvalidToken => f.write_str("Invalid Token: 'Invalid token'"),
            Refusal::ReferenceNotFound { .. } => {
                f.write_str("Request references a resource that does not exist.")
            }
            Refusal::MapRunCompleted { arn } => {
                write!(f, "The Map Run '{arn}' has ended and cannot be updated")
            }
            Refusal::ResourceNotFound { arn } => write!(f, "Resource not found: '{arn}'"),
            Refusal::StateMachineAlreadyExists { arn } => write!(f, "State Machine Already Exists: '{arn}'"),
            Refusal::StateMachineDeleting { arn } => write!(f, "State Machine is Deleting: '{arn}'"),
            Refusal::StateMachineDoesNotExist { arn } => write!(f, "State Machine Does Not Exist: '{arn}'"),
            Refusal::StateMachineTypeNotSupported { message } => f.write_str(message),
            Refusal::TaskDoesNotExist => f.write_str("Task does not exist"),
            Refusal::TaskTimedOut => f.write_str("Task Timed Out: 'Provided task does not exist anymore'"),
            Refusal::TestCaseDoesNotExist { message } => f.write_str(message),
            Refusal::TooManyTags { arn } => write!(f, "Too many tags for '{arn}': at most 50"),
            Refusal::ServiceUnavailable { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for Refusal {}
