//! What must hold of every history, whatever the world did.

use std::collections::{BTreeMap, BTreeSet};

use asl::{Failure, Timestamp};
use execution::{Event, EventKind, Status};
use json::Document;

/// Panics with the reason when a history breaks a promise. `waits`: the seconds of every Wait state;
/// `clock_went_back`: whether a process began with a clock behind that of the one before it.
pub fn check(
    events: &[Event],
    status: Status,
    stopped_at: Option<Timestamp>,
    waits: &BTreeMap<String, u64>,
    clock_went_back: bool,
) {
    for (place, event) in events.iter().enumerate() {
        assert_eq!(event.id, place as u64 + 1, "event ids are consecutive");
        assert!(event.previous < event.id, "an event follows an earlier one");
    }
    let starts = |event: &&Event| matches!(event.kind, EventKind::ExecutionStarted { .. });
    assert_eq!(events.iter().filter(starts).count(), 1, "an execution starts once");
    let ends: Vec<&Event> = events.iter().filter(|event| end(&event.kind).is_some()).collect();
    assert_eq!(ends.len(), usize::from(status != Status::Running), "one event ends an execution");
    if let Some(&last) = ends.first() {
        assert_eq!(last.id, events.len() as u64, "nothing comes after the end");
        assert_eq!(end(&last.kind), Some(status), "the end is the one that the reads show");
        assert_eq!(Some(last.timestamp), stopped_at);
    }
    no_step_is_made_twice(events);
    no_timer_is_early(events, waits, clock_went_back);
    let mut answers = BTreeSet::new();
    for answer in events.iter().filter_map(|event| answer(&event.kind)) {
        assert!(answers.insert(answer), "answer {answer} was taken twice");
    }
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

/// Whether something was cut short: a timeout, or an abort of a branch.
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
        )
    })
}

/// Where a thread goes on once, it goes on once: only a Parallel or Map state has several successors.
fn no_step_is_made_twice(events: &[Event]) {
    let mut followed = BTreeSet::new();
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
            assert!(followed.insert(event.previous), "event {} is followed twice: {event:?}", event.previous);
        }
    }
}

fn no_timer_is_early(events: &[Event], waits: &BTreeMap<String, u64>, clock_went_back: bool) {
    let at = |id: u64| events.get(id.checked_sub(1)? as usize);
    let took = |event: &Event, from: &Event| event.timestamp.0 - from.timestamp.0;
    for event in events {
        match &event.kind {
            EventKind::StateExited { name, .. } => {
                let (Some(&seconds), Some(entered)) = (waits.get(name.as_str()), at(event.previous)) else {
                    continue;
                };
                assert!(took(event, entered) >= seconds as i64 * 1_000, "{name} waited too short: {event:?}");
            }
            EventKind::LambdaFunctionTimedOut { .. }
            | EventKind::TaskTimedOut { .. }
            | EventKind::ActivityTimedOut { .. } => {
                let mut from = at(event.previous);
                while let Some(earlier) = from {
                    let (timeout, heartbeat) = match &earlier.kind {
                        EventKind::LambdaFunctionScheduled { timeout_seconds, .. } => {
                            (*timeout_seconds, None)
                        }
                        EventKind::TaskScheduled { timeout_seconds, heartbeat_seconds, .. }
                        | EventKind::ActivityScheduled { timeout_seconds, heartbeat_seconds, .. } => {
                            (*timeout_seconds, *heartbeat_seconds)
                        }
                        _ => {
                            from = at(earlier.previous);
                            continue;
                        }
                    };
                    // A service's own timeout needs none of ours.
                    if let Some(seconds) = timeout.into_iter().chain(heartbeat).min() {
                        // A heartbeat, of which the history says nothing, may have come from a clock that
                        // was behind the one at the scheduling.
                        let is_certain = heartbeat.is_none() || !clock_went_back;
                        // An activity's time begins anew when a worker takes the task.
                        let since_taken = at(event.previous).map_or(0, |taken| took(event, taken));
                        let is_late = took(event, earlier).max(since_taken) >= seconds as i64 * 1_000;
                        assert!(is_late || !is_certain, "too early: {event:?}");
                    }
                    break;
                }
            }
            _ => {}
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
