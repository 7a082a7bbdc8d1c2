//! What must hold after every turn, whatever the world did.

use execution::{Event, EventKind, Execution, Turn};

/// Panics with the reason when the turn or the history so far breaks a promise.
pub fn turn(execution: &Execution, history: &[Event], turn: &Turn) {
    for (place, event) in history.iter().enumerate() {
        assert_eq!(event.id, place as u64 + 1, "event ids are consecutive");
        assert!(event.previous < event.id, "an event follows an earlier one");
    }
    let ends = history.iter().filter(|event| ends_execution(&event.kind)).count();
    assert_eq!(ends, usize::from(execution.close.is_some()), "one event ends an execution");
    assert_eq!(turn.close.is_some(), turn.history.iter().any(|event| ends_execution(&event.kind)));
    if execution.close.is_some() {
        assert!(execution.frames.is_empty(), "a closed execution has no frames");
        assert!(
            history.last().is_some_and(|event| ends_execution(&event.kind)),
            "nothing comes after the end"
        );
    } else {
        assert!(!execution.frames.is_empty(), "an open execution waits somewhere");
    }
}

fn ends_execution(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::ExecutionSucceeded { .. }
            | EventKind::ExecutionFailed { .. }
            | EventKind::ExecutionAborted { .. }
            | EventKind::ExecutionTimedOut { .. }
    )
}
