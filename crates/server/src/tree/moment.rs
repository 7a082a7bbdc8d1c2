//! What the tree wants to know of a history event, whoever tells it: the store of this process, or a server's API.
//!
//! Never here: payloads.

use asl::{Failure, Timestamp};
use execution::event::StateType;
use execution::{Event, EventKind};
use json::{Text, Value};

/// A history event without all that only its state cares about.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// From 1.
    pub id: u64,
    /// The event before it in its thread; 0 if there is none.
    pub previous: u64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A state was entered.
    Entered(StateType, String),
    /// The state of this name was left.
    Exited(String),
    /// The branches of a Parallel begin.
    BranchesStarted,
    /// The iterations of a Map begin, or its Map Run.
    IterationsStarted,
    /// One of them begins.
    IterationStarted(u64),
    /// A part of this Parallel or Map has ended, or all of it, as it may.
    EndedInside(StateType),
    /// An iteration has failed.
    IterationFailed,
    /// This Parallel or Map fails because of what happened inside.
    FailedInside(StateType),
    /// A Map Run begins or goes on.
    MapRunBegan(Text),
    /// A task is asked for.
    Scheduled,
    /// The state's work failed, with this error.
    Failed(String),
    /// The execution failed.
    ExecutionFailed,
    /// It ended otherwise.
    ExecutionEnded,
    /// It goes on after a bad end.
    Redriven,
    /// Nothing that a tree shows.
    Other,
}

impl Moment {
    /// An event as GetExecutionHistory has it, with its members named as AWS's SDK names them (`PreviousEventId`).
    /// `None` if it is none. A type that is not known here may come from a newer server, and is nothing to show.
    pub fn read(event: &Value) -> Option<Moment> {
        let number = |name: &str| event.get(name)?.as_i64()?.try_into().ok();
        let at = asl::timestamp::parse(event.get("Timestamp")?.as_str()?)?.timestamp();
        let what = what(event.get("Type")?.as_str()?, event).unwrap_or(What::Other);
        Some(Moment { id: number("Id")?, previous: number("PreviousEventId").unwrap_or(0), at, what })
    }
}

/// `None` if the type is not known, or what belongs to it is not there.
fn what(event_type: &str, event: &Value) -> Option<What> {
    let details = |of: &str| event.get(&format!("{of}EventDetails"));
    let text = |of: &str, name: &str| Some(details(of)?.get(name)?.as_str()?.to_owned());
    if let Some(state_type) = event_type.strip_suffix("StateEntered") {
        return Some(What::Entered(state_type_of(state_type)?, text("StateEntered", "Name")?));
    }
    if event_type.ends_with("StateExited") {
        return Some(What::Exited(text("StateExited", "Name")?));
    }
    Some(match event_type {
        "ParallelStateStarted" => What::BranchesStarted,
        "ParallelStateSucceeded" => What::EndedInside(StateType::Parallel),
        "ParallelStateFailed" => What::FailedInside(StateType::Parallel),
        "MapStateStarted" => What::IterationsStarted,
        "MapIterationStarted" => {
            let index = details("MapIterationStarted")?.get("Index")?.as_i64()?;
            What::IterationStarted(index.try_into().ok()?)
        }
        "MapStateSucceeded" | "MapIterationSucceeded" | "MapIterationAborted" => {
            What::EndedInside(StateType::Map)
        }
        "MapIterationFailed" => What::IterationFailed,
        "MapStateFailed" => What::FailedInside(StateType::Map),
        "MapRunStarted" | "MapRunRedriven" => What::MapRunBegan(text(event_type, "MapRunArn")?.into()),
        "LambdaFunctionScheduled" | "ActivityScheduled" | "TaskScheduled" => What::Scheduled,
        "LambdaFunctionFailed"
        | "LambdaFunctionTimedOut"
        | "LambdaFunctionScheduleFailed"
        | "LambdaFunctionStartFailed"
        | "ActivityFailed"
        | "ActivityTimedOut"
        | "ActivityScheduleFailed"
        | "TaskFailed"
        | "TaskTimedOut"
        | "TaskStartFailed"
        | "TaskSubmitFailed"
        | "MapRunFailed"
        | "EvaluationFailed" => What::failed(text(event_type, "Error")),
        "ExecutionFailed" => What::ExecutionFailed,
        "ExecutionSucceeded" | "ExecutionAborted" | "ExecutionTimedOut" => What::ExecutionEnded,
        "ExecutionRedriven" => What::Redriven,
        _ => return None,
    })
}

fn state_type_of(name: &str) -> Option<StateType> {
    use StateType::*;
    let all = [Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait];
    all.into_iter().find(|&state_type| super::type_name(state_type) == name)
}

impl What {
    fn failed(error: Option<String>) -> What {
        What::Failed(error.unwrap_or_else(|| "an error without a name".to_owned()))
    }

    fn failed_by(failure: &Failure) -> What {
        What::failed(failure.error.as_ref().map(Text::to_string))
    }
}

impl From<&Event> for Moment {
    fn from(event: &Event) -> Moment {
        let what = match &event.kind {
            EventKind::StateEntered { state_type, name, .. } => What::Entered(*state_type, name.to_string()),
            EventKind::StateExited { name, .. } => What::Exited(name.to_string()),
            EventKind::ParallelStateStarted => What::BranchesStarted,
            EventKind::ParallelStateSucceeded => What::EndedInside(StateType::Parallel),
            EventKind::ParallelStateFailed => What::FailedInside(StateType::Parallel),
            EventKind::MapStateStarted { .. } => What::IterationsStarted,
            EventKind::MapIterationStarted { index, .. } => What::IterationStarted(*index),
            EventKind::MapStateSucceeded
            | EventKind::MapIterationSucceeded { .. }
            | EventKind::MapIterationAborted { .. } => What::EndedInside(StateType::Map),
            EventKind::MapIterationFailed { .. } => What::IterationFailed,
            EventKind::MapStateFailed => What::FailedInside(StateType::Map),
            EventKind::MapRunStarted { map_run_arn } | EventKind::MapRunRedriven { map_run_arn, .. } => {
                What::MapRunBegan(map_run_arn.clone())
            }
            EventKind::LambdaFunctionScheduled { .. }
            | EventKind::ActivityScheduled { .. }
            | EventKind::TaskScheduled { .. } => What::Scheduled,
            EventKind::LambdaFunctionFailed { failure }
            | EventKind::LambdaFunctionTimedOut { failure }
            | EventKind::ActivityFailed { failure }
            | EventKind::ActivityTimedOut { failure }
            | EventKind::TaskFailed { failure, .. }
            | EventKind::TaskTimedOut { failure, .. }
            | EventKind::MapRunFailed { failure }
            | EventKind::EvaluationFailed { failure, .. } => What::failed_by(failure),
            EventKind::ExecutionFailed { .. } => What::ExecutionFailed,
            EventKind::ExecutionSucceeded { .. }
            | EventKind::ExecutionAborted { .. }
            | EventKind::ExecutionTimedOut { .. } => What::ExecutionEnded,
            EventKind::ExecutionRedriven { .. } => What::Redriven,
            EventKind::ExecutionStarted { .. }
            // Its previous event is the failed one elsewhere, so it does not say which visit this is.
            | EventKind::StateAborted { .. }
            | EventKind::MapRunSucceeded
            | EventKind::MapRunAborted
            | EventKind::LambdaFunctionStarted
            | EventKind::LambdaFunctionSucceeded { .. }
            | EventKind::ActivityStarted { .. }
            | EventKind::ActivitySucceeded { .. }
            | EventKind::TaskStarted { .. }
            | EventKind::TaskSubmitted { .. }
            | EventKind::TaskSucceeded { .. } => What::Other,
        };
        Moment { id: event.id, previous: event.previous, at: event.timestamp, what }
    }
}
