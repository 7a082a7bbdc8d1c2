//! What must hold of every history, whatever the world did.

use std::collections::BTreeSet;

use asl::{Failure, Timestamp};
use execution::{Event, EventKind, Status};
use json::Document;

/// Panics with the reason when a history breaks a promise.
pub fn check(events: &[Event], status: Status, stopped_at: Option<Timestamp>) {
    for (place, event) in events.iter().enumerate() {
        assert_eq!(event.id, place as u64 + 1, "event ids are consecutive");
        assert!(event.previous < event.id, "an event follows an earlier one");
    }
    let starts = |event: &&Event| matches!(event.kind, EventKind::ExecutionStarted { .. });
    assert_eq!(events.iter().filter(starts).count(), 1, "an execution starts once");
    let ends: Vec<&Event> = events.iter().filter(|event| end(&event.kind).is_some()).collect();
    let may_end = redrives(events) + usize::from(status != Status::Running);
    assert_eq!(ends.len(), may_end, "one event ends an execution, and one more after each redrive");
    for pair in events.windows(2) {
        let (ended, is_redrive) = (end(&pair[0].kind), is_redrive(&pair[1]));
        assert!(
            ended.is_some() == is_redrive && ended != Some(Status::Succeeded),
            "only what failed is redriven"
        );
    }
    if let Some(&last) = ends.last().filter(|_| status != Status::Running) {
        assert_eq!(last.id, events.len() as u64, "nothing comes after the end");
        assert_eq!(end(&last.kind), Some(status), "the end is the one that the reads show");
        assert_eq!(Some(last.timestamp), stopped_at);
    }
    no_step_is_made_twice(events);
    no_answer_is_taken_twice(events);
}

/// Each answer is numbered: what it was for goes on once.
pub fn no_answer_is_taken_twice(events: &[Event]) {
    let mut answers = BTreeSet::new();
    for answer in events.iter().filter_map(|event| answer(&event.kind)) {
        assert!(answers.insert(answer), "answer {answer} was taken twice");
    }
}

/// How often the execution was redriven.
pub fn redrives(events: &[Event]) -> usize {
    events.iter().filter(|event| is_redrive(event)).count()
}

fn is_redrive(event: &Event) -> bool {
    matches!(event.kind, EventKind::ExecutionRedriven { .. })
}

/// Whether an answer with this number was taken.
pub fn has_answer(events: &[Event], number: u64) -> bool {
    events.iter().any(|event| answer(&event.kind) == Some(number))
}

/// How many calls were asked for.
pub fn calls(events: &[Event]) -> usize {
    let is_call = |event: &&Event| {
        matches!(event.kind, EventKind::LambdaFunctionScheduled { .. } | EventKind::TaskScheduled { .. })
    };
    events.iter().filter(is_call).count()
}

/// How many activity tasks were taken for a worker.
pub fn tasks_taken(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event.kind, EventKind::ActivityStarted { .. })).count()
}

/// Whether something was cut short: a timeout, or an abort of a branch. A Map or Parallel state that is
/// tried again has not failed, but what was open in it is aborted.
pub fn was_cut_short(events: &[Event]) -> bool {
    events.iter().any(|event| {
        matches!(
            event.kind,
            EventKind::ExecutionAborted { .. }
                | EventKind::ExecutionTimedOut { .. }
                | EventKind::ExecutionFailed { .. }
                | EventKind::TaskTimedOut { .. }
                | EventKind::ActivityTimedOut { .. }
                | EventKind::ParallelStateFailed
                | EventKind::MapStateFailed
                | EventKind::StateAborted { .. }
        )
    })
}

/// Where a thread goes on once, it goes on once: only a Parallel or Map state has several successors.
fn no_step_is_made_twice(events: &[Event]) {
    let mut is_followed = vec![false; events.len() + 1];
    for event in events {
        let steps = matches!(
            event.kind,
            EventKind::StateEntered { .. }
                | EventKind::StateExited { .. }
                | EventKind::LambdaFunctionScheduled { .. }
                | EventKind::TaskScheduled { .. }
                | EventKind::ActivityScheduled { .. }
                | EventKind::LambdaFunctionSucceeded { .. }
                | EventKind::TaskSubmitted { .. }
                | EventKind::TaskSucceeded { .. }
                | EventKind::TaskFailed { .. }
                | EventKind::TaskTimedOut { .. }
                | EventKind::ActivityStarted { .. }
                | EventKind::ActivitySucceeded { .. }
                | EventKind::ActivityFailed { .. }
                | EventKind::ActivityTimedOut { .. }
        );
        let forks = event.previous == 0
            || matches!(events[event.previous as usize - 1].kind, EventKind::ParallelStateStarted);
        if steps && !forks {
            let before = std::mem::replace(&mut is_followed[event.previous as usize], true);
            assert!(!before, "event {} is followed twice: {event:?}", event.previous);
        }
    }
}

fn end(kind: &EventKind) -> Option<Status> {
    match kind {
        EventKind::ExecutionSucceeded { .. } => Some(Status::Succeeded),
        EventKind::ExecutionFailed { .. } => Some(Status::Failed),
        EventKind::ExecutionAborted { .. } => Some(Status::Aborted),
        EventKind::ExecutionTimedOut { .. } => Some(Status::TimedOut),
        _ => None,
    }
}

/// The number that the world gave to an answer.
fn answer(kind: &EventKind) -> Option<u64> {
    let in_output = |output: &Document| output.value().get("answer")?.as_i64().map(|number| number as u64);
    let in_cause = |failure: &Failure| failure.cause.as_deref()?.strip_prefix("answer ")?.parse().ok();
    match kind {
        EventKind::LambdaFunctionSucceeded { output }
        | EventKind::ActivitySucceeded { output }
        | EventKind::TaskSubmitted { output, .. }
        | EventKind::TaskSucceeded { output, .. } => in_output(output),
        EventKind::LambdaFunctionFailed { failure }
        | EventKind::ActivityFailed { failure }
        | EventKind::TaskFailed { failure, .. } => in_cause(failure),
        _ => None,
    }
}
