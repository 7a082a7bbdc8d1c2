//! What must hold after every turn, whatever the world did.

use execution::{Event, EventKind, Execution, Turn};

/// Panics with the reason when a turn breaks a promise; `history` is what was there before it.
pub fn turn(execution: &Execution, history: &[Event], turn: &Turn) {
    for (place, event) in (history.len() as u64..).zip(&turn.history) {
        assert_eq!(event.id, place + 1, "event ids are consecutive");
        assert!(event.previous < event.id, "an event follows an earlier one");
    }
    let ends = turn.history.iter().filter(|event| ends_execution(&event.kind)).count();
    assert_eq!(ends, usize::from(turn.close.is_some()), "one event ends an execution");
    let before = history.last().is_some_and(|event| ends_execution(&event.kind));
    let goes_on = turn.redriven_at().is_some();
    assert!(!goes_on || before, "only what has ended is redriven");
    assert!(!before || goes_on || *turn == Turn::default(), "nothing happens after the end");
    if execution.close.is_some() {
        assert!(execution.frames.is_empty(), "a closed execution has no frames");
        assert!(
            before && !goes_on || turn.history.last().is_some_and(|event| ends_execution(&event.kind)),
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
