//! Counters for `/metrics`, since the process started.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use execution::Status;

/// What the engine has done since it started.
#[derive(Debug, Default)]
pub struct Statistics {
    /// Executions started.
    pub started: AtomicU64,
    /// Executions that ended with SUCCEEDED.
    pub succeeded: AtomicU64,
    /// Executions that ended with FAILED.
    pub failed: AtomicU64,
    /// Executions that ended with TIMED_OUT.
    pub timed_out: AtomicU64,
    /// Executions that ended with ABORTED.
    pub aborted: AtomicU64,
    /// Turns committed.
    pub turns: AtomicU64,
    /// History events made.
    pub events: AtomicU64,
}

impl Statistics {
    pub(crate) fn count_turn(&self, turn: &execution::Turn) {
        self.turns.fetch_add(1, Relaxed);
        self.events.fetch_add(turn.history.len() as u64, Relaxed);
        let Some(close) = &turn.close else { return };
        match close.status {
            Status::Succeeded => &self.succeeded,
            Status::Failed => &self.failed,
            Status::TimedOut => &self.timed_out,
            Status::Aborted => &self.aborted,
            Status::Running => unreachable!("an execution does not close as RUNNING"),
        }
        .fetch_add(1, Relaxed);
    }
}
