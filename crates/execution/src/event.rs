//! One line of the history, as GetExecutionHistory shows it. (spec/history-events.md §2)

use asl::{Failure, Timestamp};
use json::{Document, Text};

/// A history event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// 1, 2, 3 … in the execution.
    pub id: u64,
    /// The event before it in its thread; 0 for the first ones.
    pub previous: u64,
    /// When.
    pub timestamp: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// The state types that have Entered and Exited events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum StateType {
    Choice,
    Fail,
    Map,
    Parallel,
    Pass,
    Succeed,
    Task,
    Wait,
}

/// What happened, with its details. Names are those of the API's event types.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum EventKind {
    ExecutionStarted {
        input: Document,
        role_arn: Text,
        version_arn: Option<Text>,
        alias_arn: Option<Text>,
    },
    /// `client_token` is the caller's, and shown to nobody.
    ExecutionRedriven {
        redrive_count: u64,
        client_token: Option<Text>,
    },
    ExecutionSucceeded {
        output: Document,
    },
    ExecutionFailed {
        failure: Failure,
    },
    ExecutionAborted {
        failure: Failure,
    },
    ExecutionTimedOut {
        failure: Failure,
    },
    /// `<T>StateEntered`
    StateEntered {
        state_type: StateType,
        name: Text,
        input: Document,
    },
    /// `<T>StateExited`. `assigned`: variable name → value, empty when the state assigned nothing.
    StateExited {
        state_type: StateType,
        name: Text,
        output: Document,
        assigned: Vec<(Text, Document)>,
    },
    /// `TaskStateAborted`, `WaitStateAborted`, `MapStateAborted`, `ParallelStateAborted`
    StateAborted {
        state_type: StateType,
    },
    ParallelStateStarted,
    ParallelStateSucceeded,
    ParallelStateFailed,
    MapStateStarted {
        length: u64,
    },
    MapStateSucceeded,
    MapStateFailed,
    MapRunStarted {
        map_run_arn: Text,
    },
    MapRunSucceeded,
    MapRunFailed {
        failure: Failure,
    },
    MapRunAborted,
    MapRunRedriven {
        map_run_arn: Text,
        redrive_count: u64,
    },
    MapIterationStarted {
        name: Text,
        index: u64,
    },
    MapIterationSucceeded {
        name: Text,
        index: u64,
    },
    MapIterationFailed {
        name: Text,
        index: u64,
    },
    MapIterationAborted {
        name: Text,
        index: u64,
    },
    LambdaFunctionScheduled {
        resource: Text,
        input: Document,
        timeout_seconds: Option<u64>,
        role_arn: Option<Text>,
    },
    LambdaFunctionStarted,
    LambdaFunctionSucceeded {
        output: Document,
    },
    LambdaFunctionFailed {
        failure: Failure,
    },
    LambdaFunctionTimedOut {
        failure: Failure,
    },
    ActivityScheduled {
        resource: Text,
        input: Document,
        timeout_seconds: Option<u64>,
        heartbeat_seconds: Option<u64>,
    },
    ActivityStarted {
        worker_name: Option<Text>,
    },
    ActivitySucceeded {
        output: Document,
    },
    ActivityFailed {
        failure: Failure,
    },
    ActivityTimedOut {
        failure: Failure,
    },
    TaskScheduled {
        resource_type: Text,
        resource: Text,
        region: Text,
        parameters: Document,
        timeout_seconds: Option<u64>,
        heartbeat_seconds: Option<u64>,
        role_arn: Option<Text>,
    },
    TaskStarted {
        resource_type: Text,
        resource: Text,
    },
    TaskSubmitted {
        resource_type: Text,
        resource: Text,
        output: Document,
    },
    TaskSucceeded {
        resource_type: Text,
        resource: Text,
        output: Document,
    },
    TaskFailed {
        resource_type: Text,
        resource: Text,
        failure: Failure,
    },
    TaskTimedOut {
        resource_type: Text,
        resource: Text,
        failure: Failure,
    },
    /// JSONata only.
    EvaluationFailed {
        failure: Failure,
        location: Option<Text>,
        state: Text,
    },
}

impl EventKind {
    /// The payload that it shows, apart from what a state assigns.
    pub(crate) fn payload(&self) -> Option<&Document> {
        match self {
            EventKind::ExecutionStarted { input: document, .. }
            | EventKind::ExecutionSucceeded { output: document }
            | EventKind::StateEntered { input: document, .. }
            | EventKind::StateExited { output: document, .. }
            | EventKind::LambdaFunctionScheduled { input: document, .. }
            | EventKind::LambdaFunctionSucceeded { output: document }
            | EventKind::ActivityScheduled { input: document, .. }
            | EventKind::ActivitySucceeded { output: document }
            | EventKind::TaskScheduled { parameters: document, .. }
            | EventKind::TaskSubmitted { output: document, .. }
            | EventKind::TaskSucceeded { output: document, .. } => Some(document),
            EventKind::ExecutionFailed { .. }
            | EventKind::ExecutionAborted { .. }
            | EventKind::ExecutionTimedOut { .. }
            | EventKind::ExecutionRedriven { .. }
            | EventKind::StateAborted { .. }
            | EventKind::ParallelStateStarted
            | EventKind::ParallelStateSucceeded
            | EventKind::ParallelStateFailed
            | EventKind::MapStateStarted { .. }
            | EventKind::MapStateSucceeded
            | EventKind::MapStateFailed
            | EventKind::MapRunStarted { .. }
            | EventKind::MapRunSucceeded
            | EventKind::MapRunFailed { .. }
            | EventKind::MapRunAborted
            | EventKind::MapRunRedriven { .. }
            | EventKind::MapIterationStarted { .. }
            | EventKind::MapIterationSucceeded { .. }
            | EventKind::MapIterationFailed { .. }
            | EventKind::MapIterationAborted { .. }
            | EventKind::LambdaFunctionStarted
            | EventKind::LambdaFunctionFailed { .. }
            | EventKind::LambdaFunctionTimedOut { .. }
            | EventKind::ActivityStarted { .. }
            | EventKind::ActivityFailed { .. }
            | EventKind::ActivityTimedOut { .. }
            | EventKind::TaskStarted { .. }
            | EventKind::TaskFailed { .. }
            | EventKind::TaskTimedOut { .. }
            | EventKind::EvaluationFailed { .. } => None,
        }
    }
}
