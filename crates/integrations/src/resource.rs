//! Whom a Task state calls: the `Resource` field, taken apart.
//!
//! Never here: whether a called thing exists, or whether this version of Stepwell can call it.

use std::fmt;

use json::Text;

use crate::{sdk, services};

/// A Task's `Resource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`, called directly.
    Function {
        /// The ARN as written.
        arn: Text,
    },
    /// `arn:aws:states:REGION:ACCOUNT:activity:NAME`.
    Activity {
        /// The ARN as written.
        arn: Text,
    },
    /// `arn:aws:states:::SERVICE:ACTION[.PATTERN]`.
    Integration {
        /// `lambda`, `sqs`, `aws-sdk:dynamodb`, …: the history's `resourceType`.
        service: Text,
        /// `invoke`, `sendMessage`, …
        action: Text,
        /// How the result comes.
        pattern: Pattern,
    },
}

/// How an integration's result comes. (spec/integrations.md §1)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The API's response is the result.
    RequestResponse,
    /// `.sync`
    Sync,
    /// `.sync:2`
    Sync2,
    /// `.waitForTaskToken`
    WaitForTaskToken,
}

/// Why a text is not a Task's `Resource`. Displayed, it is AWS's text. (spec/validation.md §7)
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceError {
    /// Not an ARN at all.
    Malformed,
    /// An ARN, but of nothing that a Task can call.
    Unrecognized {
        /// The ARN as written.
        arn: String,
    },
}

impl Resource {
    /// Takes a `Resource` apart. Integrations are looked up in AWS's catalogue, those of `aws-sdk:…` in
    /// the models of AWS's services.
    pub fn parse(text: &str) -> Result<Resource, ResourceError> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts[..] else {
            return Err(ResourceError::Malformed);
        };
        if partition.is_empty() || service.is_empty() || resource.is_empty() {
            return Err(ResourceError::Malformed);
        }
        let found = match service {
            "lambda" => {
                is_function(region, account, resource).then(|| Resource::Function { arn: text.into() })
            }
            "states" => match resource.split_once(':') {
                Some(("activity", name)) => {
                    let whole = !name.is_empty() && !region.is_empty() && !account.is_empty();
                    whole.then(|| Resource::Activity { arn: text.into() })
                }
                _ => integration(resource),
            },
            _ => None,
        };
        found.ok_or_else(|| ResourceError::Unrecognized { arn: text.into() })
    }

    /// The history's `resourceType`: `lambda`, `aws-sdk:dynamodb`, …; of a function or an activity
    /// the kind of thing it is.
    pub fn resource_type(&self) -> &str {
        match self {
            Resource::Function { .. } => "lambda",
            Resource::Activity { .. } => "activity",
            Resource::Integration { service, .. } => service,
        }
    }

    /// The history's `resource`: the action with its pattern (`invoke`, `invoke.waitForTaskToken`,
    /// `startExecution.sync:2`); of a function or an activity its ARN.
    pub fn resource_name(&self) -> Text {
        match self {
            Resource::Function { arn } | Resource::Activity { arn } => arn.clone(),
            Resource::Integration { action, pattern: Pattern::RequestResponse, .. } => action.clone(),
            Resource::Integration { action, pattern, .. } => format!("{action}{}", pattern.suffix()).into(),
        }
    }

    /// How the result comes. Functions answer; an activity's worker answers with its token.
    pub fn pattern(&self) -> Pattern {
        match self {
            Resource::Function { .. } => Pattern::RequestResponse,
            Resource::Activity { .. } => Pattern::WaitForTaskToken,
            Resource::Integration { pattern, .. } => *pattern,
        }
    }
}

impl Pattern {
    /// What stands behind the action in a `Resource`: empty, `.sync`, `.sync:2`, `.waitForTaskToken`.
    pub fn suffix(self) -> &'static str {
        match self {
            Pattern::RequestResponse => "",
            Pattern::Sync => ".sync",
            Pattern::Sync2 => ".sync:2",
            Pattern::WaitForTaskToken => ".waitForTaskToken",
        }
    }

    /// Whether the call starts a job that the Task waits for.
    pub(crate) fn starts_job(self) -> bool {
        match self {
            Pattern::Sync | Pattern::Sync2 => true,
            Pattern::RequestResponse | Pattern::WaitForTaskToken => false,
        }
    }
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResourceError::Malformed => f.write_str("Value is not a valid resource ARN"),
            ResourceError::Unrecognized { arn } => write!(
                f,
                "The resource provided {arn} is not recognized. The value is not a valid resource ARN, or the \
                 resource is not available in this region."
            ),
        }
    }
}

impl std::error::Error for ResourceError {}

/// `function:NAME` or `function:NAME:QUALIFIER`, of some account in some region.
fn is_function(region: &str, account: &str, resource: &str) -> bool {
    let mut parts = resource.split(':');
    let kind_and_name = parts.next() == Some("function") && parts.next().is_some_and(|name| !name.is_empty());
    let qualifier = parts.next().is_none_or(|qualifier| !qualifier.is_empty());
    kind_and_name && qualifier && parts.next().is_none() && !region.is_empty() && !account.is_empty()
}

/// `SERVICE:ACTION[.PATTERN]` or `aws-sdk:SERVICE:ACTION[.waitForTaskToken]`.
fn integration(resource: &str) -> Option<Resource> {
    let name_end = resource.find('.').unwrap_or(resource.len());
    let (name, suffix) = resource.split_at(name_end);
    let pattern = [Pattern::RequestResponse, Pattern::Sync, Pattern::Sync2, Pattern::WaitForTaskToken]
        .into_iter()
        .find(|pattern| pattern.suffix() == suffix)?;
    let (service, action) = name.rsplit_once(':')?;
    let known = match service.strip_prefix("aws-sdk:") {
        Some(sdk_service) => {
            let job = matches!(pattern, Pattern::Sync | Pattern::Sync2);
            !job && sdk::offers(sdk_service, action)
        }
        None => services::offers(service, action, pattern),
    };
    known.then(|| Resource::Integration { service: service.into(), action: action.into(), pattern })
}

#[cfg(test)]
mod tests;
