//! What comes back from the outbox: answers of calls, ends of jobs, turns in a line.

use asl::Timestamp;
use connectors::Place;
use execution::{FrameId, TaskOutcome, Wakeup};
use store::ExecutionKey;

use crate::deliver::Loop;
use crate::message::After;

impl Loop {
    /// A call has come back, or a job has ended.
    pub(crate) fn returned(
        &mut self,
        key: ExecutionKey,
        frame: FrameId,
        attempt: u32,
        outcome: TaskOutcome,
        now: Timestamp,
    ) {
        self.deliver(key, Wakeup::CallReturned { frame, attempt, outcome }, now);
        // If it has started a job, that was the outbox's to stop until now, when it is waited for, stopped,
        // or of no interest any more.
        self.after(After::Heard { key, frame, attempt });
    }

    /// A call has a place after it stood in line. If nobody waits for it any more, the next one gets that.
    pub(crate) fn turn_has_come(&mut self, key: ExecutionKey, frame: FrameId, attempt: u32, place: Place) {
        let Some(revision) = self.writer.load(key).map(|execution| execution.start.revision) else { return };
        let Some(machine) = self.machine(revision) else { return };
        let Some(execution) = self.writer.load(key) else { return };
        let caller = execution.start.clone();
        if let Some(call) = execution.called(&machine, frame, attempt) {
            self.after(After::Call { key, caller, call, place: Some(place) });
        }
    }
}
