//! Answers that are read from what is durable. Reads never enter the engine.

use asl::{Failure, Timestamp};
use execution::execution::{Start, Status};
use execution::Event;
use json::{Document, Text};
use std::sync::Arc;

/// DescribeExecution's substance.
#[derive(Clone, Debug)]
pub struct ExecutionView {
    /// What it was started with.
    pub start: Arc<Start>,
    /// Where it stands.
    pub status: Status,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// After success.
    pub output: Option<Document>,
    /// After failure or abort.
    pub failure: Option<Failure>,
}

/// Which executions to list.
#[derive(Clone, Debug, Default)]
pub struct ExecutionFilter {
    /// Of this machine (unqualified ARN).
    pub machine_arn: Text,
    /// Only with this status.
    pub status: Option<Status>,
    /// Go on after this place: `next` of an earlier page.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// A page of ListExecutions: newest first.
#[derive(Clone, Debug)]
pub struct ExecutionPage {
    /// Rows. `input` and `output` are not filled in with more than what is at hand: use only names, ARNs, times, status.
    pub executions: Vec<ExecutionView>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<u64>,
}

/// A page of GetExecutionHistory.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// In the order asked for.
    pub events: Vec<Event>,
    /// Whether there are more after these.
    pub more: bool,
}
