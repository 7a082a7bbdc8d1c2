//! Counters for `/metrics`, since the process started.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use execution::Status;

/// What the engine has done since it started.
#[derive(Debug, Default)]
pub struct Statistics {
    /// EXPRESS executions; the other counters are of STANDARD ones.
    pub express: ExpressStatistics,
    /// Executions started.
    pub started: AtomicU64,
    /// Redrives.
    pub redriven: AtomicU64,
    /// Executions that ended with SUCCEEDED.
    pub succeeded: AtomicU64,
    /// Executions that ended with FAILED.
    pub failed: AtomicU64,
    /// Executions that ended with TIMED_OUT.
    pub timed_out: AtomicU64,
    /// Executions that ended with ABORTED.
    pub aborted: AtomicU64,
    /// Events for execution logs that found no room on their way there.
    pub log_events_dropped: AtomicU64,
    /// Turns committed.
    pub turns: AtomicU64,
    /// History events made.
    pub events: AtomicU64,
}

/// What has become of EXPRESS executions.
#[derive(Debug, Default)]
pub struct ExpressStatistics {
    /// Begun, by either action or again after a restart.
    pub started: AtomicU64,
    /// Ended with SUCCEEDED.
    pub succeeded: AtomicU64,
    /// Ended with FAILED.
    pub failed: AtomicU64,
    /// Ended with TIMED_OUT.
    pub timed_out: AtomicU64,
    /// Under way, those that are being acknowledged included.
    pub under_way: AtomicUsize,
}

impl ExpressStatistics {
    pub(crate) fn count_end(&self, status: Status) {
        match status {
            Status::Succeeded => &self.succeeded,
            Status::Failed => &self.failed,
            Status::TimedOut => &self.timed_out,
            Status::Aborted | Status::Running => unreachable!("nobody stops an EXPRESS execution"),
        }
        .fetch_add(1, Relaxed);
    }
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
