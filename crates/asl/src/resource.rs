//! Whom a Task state calls: the `Resource` field, taken apart.

use json::Text;

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
