//! A history in the words of the reference interpreter, which knows nothing of `execution`.

use std::collections::BTreeMap;

use execution::event::StateType;
use execution::execution::Start;
use execution::{Event, EventKind};

use json::Text;

use crate::reference::{self, Difference, Failure, Family, Gathered, Machine, Step, Told, What};

/// What the history of an execution does not tell.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The Map state whose processor it runs, where it is the child of a Map Run.
    pub processor_of: Option<&'a str>,
    /// With what somebody may have asked to stop it.
    pub may_stop: &'a [asl::Failure],
    /// What came of the Map Runs that succeeded, by ARN.
    pub gathered: &'a BTreeMap<Text, Gathered>,
    /// Whether a process began with a clock behind that of the one before.
    pub clock_went_back: bool,
}

/// Lets the reference read a history, up to its first redrive: what comes after that it does not know.
pub fn check(
    machine: &Machine,
    start: &Start,
    events: &[Event],
    known: Known<'_>,
) -> Result<Told, Difference> {
    let start = reference::Start {
        arn: &start.arn,
        name: &start.name,
        role_arn: &start.role_arn,
        machine_arn: &start.state_machine_arn,
        machine_name: &start.state_machine_name,
        input: start.input.value(),
        started_at: start.started_at.0,
        processor_of: known.processor_of,
    };
    let is_redrive = |event: &&Event| matches!(event.kind, EventKind::ExecutionRedriven { .. });
    let events: Vec<reference::Event> =
        events.iter().take_while(|event| !is_redrive(event)).map(event).collect();
    let may_stop: Vec<Failure> = known.may_stop.iter().map(failure).collect();
    reference::check(machine, &start, &events, &may_stop, known.gathered, known.clock_went_back)
}

fn event(event: &Event) -> reference::Event {
    let what = what(&event.kind);
    reference::Event { id: event.id, previous: event.previous, at: event.timestamp.0, what }
}

fn what(kind: &EventKind) -> What {
    let iteration =
        |step, name: &json::Text, index: &u64| What::Iteration { step, name: name.clone(), index: *index };
    let succeeded = |family, output: &json::Document| What::TaskSucceeded { family, output: output.clone() };
    let failed = |family, shown: &asl::Failure| What::TaskFailed { family, failure: failure(shown) };
    let timed_out = |family, shown: &asl::Failure| What::TaskTimedOut { family, failure: failure(shown) };
    match kind {
        EventKind::ExecutionStarted { input, .. } => What::Began { input: input.clone() },
        EventKind::ExecutionRedriven { .. } | EventKind::MapRunRedriven { .. } => {
            unreachable!("the reference is told what comes before")
        }
        EventKind::ExecutionSucceeded { output } => What::Succeeded { output: output.clone() },
        EventKind::ExecutionFailed { failure: shown } => What::Failed(failure(shown)),
        EventKind::ExecutionAborted { failure: shown } => What::Stopped(failure(shown)),
        EventKind::ExecutionTimedOut { .. } => What::TimedOut,
        EventKind::StateEntered { state_type, name, input } => {
            What::Entered { state_type: type_name(*state_type), name: name.clone(), input: input.clone() }
        }
        EventKind::StateExited { state_type, name, output, assigned } => What::Exited {
            state_type: type_name(*state_type),
            name: name.clone(),
            output: output.clone(),
            assigned: assigned.clone(),
        },
        EventKind::StateAborted { state_type } => What::StateAborted { state_type: type_name(*state_type) },
        EventKind::ParallelStateStarted => What::ParallelStarted,
        EventKind::ParallelStateSucceeded => What::ParallelSucceeded,
        EventKind::ParallelStateFailed => What::ParallelFailed,
        EventKind::MapStateStarted { length } => What::MapStarted { length: *length },
        EventKind::MapStateSucceeded => What::MapSucceeded,
        EventKind::MapStateFailed => What::MapFailed,
        EventKind::MapRunStarted { map_run_arn } => What::MapRunStarted { arn: map_run_arn.clone() },
        EventKind::MapRunSucceeded => What::MapRunSucceeded,
        EventKind::MapRunFailed { failure: shown } => What::MapRunFailed(failure(shown)),
        EventKind::MapRunAborted => What::MapRunAborted,
        EventKind::MapIterationStarted { name, index } => iteration(Step::Started, name, index),
        EventKind::MapIterationSucceeded { name, index } => iteration(Step::Succeeded, name, index),
        EventKind::MapIterationFailed { name, index } => iteration(Step::Failed, name, index),
        EventKind::MapIterationAborted { name, index } => iteration(Step::Aborted, name, index),
        EventKind::LambdaFunctionScheduled { resource, input, timeout_seconds, role_arn } => {
            What::Scheduled {
                family: Family::Function,
                resource: resource.clone(),
                input: input.clone(),
                timeout: *timeout_seconds,
                heartbeat: None,
                role: role_arn.clone(),
            }
        }
        EventKind::LambdaFunctionStarted => What::Called(Family::Function),
        EventKind::LambdaFunctionSucceeded { output } => succeeded(Family::Function, output),
        EventKind::LambdaFunctionFailed { failure } => failed(Family::Function, failure),
        EventKind::LambdaFunctionTimedOut { failure } => timed_out(Family::Function, failure),
        EventKind::ActivityScheduled { resource, input, timeout_seconds, heartbeat_seconds } => {
            What::Scheduled {
                family: Family::Activity,
                resource: resource.clone(),
                input: input.clone(),
                timeout: *timeout_seconds,
                heartbeat: *heartbeat_seconds,
                role: None,
            }
        }
        EventKind::ActivityStarted { .. } => What::Taken,
        EventKind::ActivitySucceeded { output } => succeeded(Family::Activity, output),
        EventKind::ActivityFailed { failure } => failed(Family::Activity, failure),
        EventKind::ActivityTimedOut { failure } => timed_out(Family::Activity, failure),
        EventKind::TaskScheduled {
            resource_type,
            resource,
            parameters,
            timeout_seconds,
            heartbeat_seconds,
            role_arn,
            ..
        } => What::Scheduled {
            family: Family::Service,
            resource: format!("{resource_type}:{resource}").into(),
            input: parameters.clone(),
            timeout: *timeout_seconds,
            heartbeat: *heartbeat_seconds,
            role: role_arn.clone(),
        },
        EventKind::TaskStarted { .. } => What::Called(Family::Service),
        EventKind::TaskSubmitted { output, .. } => What::Submitted { output: output.clone() },
        EventKind::TaskSucceeded { output, .. } => succeeded(Family::Service, output),
        EventKind::TaskFailed { failure, .. } => failed(Family::Service, failure),
        EventKind::TaskTimedOut { failure, .. } => timed_out(Family::Service, failure),
        EventKind::EvaluationFailed { failure: shown, location, state } => {
            What::EvaluationFailed { failure: failure(shown), field: location.clone(), state: state.clone() }
        }
    }
}

fn failure(failure: &asl::Failure) -> Failure {
    Failure { error: failure.error.as_deref().map(str::to_owned), cause: failure.cause.clone() }
}

fn type_name(state_type: StateType) -> &'static str {
    match state_type {
        StateType::Choice => "Choice",
        StateType::Fail => "Fail",
        StateType::Map => "Map",
        StateType::Parallel => "Parallel",
        StateType::Pass => "Pass",
        StateType::Succeed => "Succeed",
        StateType::Task => "Task",
        StateType::Wait => "Wait",
    }
}
