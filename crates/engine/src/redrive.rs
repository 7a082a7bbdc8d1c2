//! RedriveExecution: an execution that ended badly goes on, if AWS's rules allow it. (spec/api.md §6)
//!
//! Never here: which states go on and how; the core does that.

use std::sync::atomic::Ordering::Relaxed;

use asl::Timestamp;
use execution::{Redrivable, Status, Wakeup};
use store::MachineStatus;

use crate::deliver::Loop;
use crate::refusal::Refusal;
use crate::request::RedriveExecution;

/// How long after its end an execution may be redriven: 14 days.
const REDRIVABLE_MILLIS: i64 = 14 * 24 * 60 * 60 * 1000;

const RUNNING: &str = "Execution is RUNNING and cannot be redriven";
const NO_ONE_STATE: &str = "An input can be given where one state has failed, and of this execution more than one \
                            state is to go on; redrive it without an input";

/// An execution, as far as it matters for redriving it.
#[derive(Clone, Copy, Debug)]
pub struct Redrive {
    /// Where it stands.
    pub status: Status,
    /// What its end has settled.
    pub redrivable: Redrivable,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// Whether its machine is there and stays.
    pub machine_stays: bool,
}

impl Redrive {
    /// Why it cannot be redriven at `now`, in AWS's words.
    pub fn obstacle(&self, now: Timestamp) -> Option<&'static str> {
        match self.status {
            Status::Running => return Some(RUNNING),
            Status::Succeeded => return Some("Execution is SUCCEEDED and cannot be redriven"),
            Status::Failed | Status::TimedOut | Status::Aborted => {}
        }
        let age = self.stopped_at.map_or(0, |stopped| now.0.saturating_sub(stopped.0));
        match self.redrivable {
            _ if !self.machine_stays => Some("State machine is in DELETING status."),
            // A version of this program that knew no redrives has ended it.
            Redrivable::NotKept => Some("Execution was started before the launch of RedriveExecution."),
            Redrivable::HistoryFull => Some("Execution history event limit exceeded."),
            Redrivable::TimeExceeded => Some("Execution has exceeded the max execution time."),
            Redrivable::Yes if age > REDRIVABLE_MILLIS => Some("Execution redrivable period exceeded"),
            Redrivable::Yes => None,
        }
    }
}

impl Loop {
    /// When it was redriven: now, or, for a client token that was used before, at that time.
    pub(crate) fn redrive_execution(
        &mut self,
        request: RedriveExecution,
        now: Timestamp,
    ) -> Result<Timestamp, Refusal> {
        let RedriveExecution { execution_arn: arn, client_token, input } = request;
        self.check_owner(&arn)?;
        let Some((key, start)) = self.writer.find(&arn) else {
            return Err(Refusal::ExecutionDoesNotExist { arn });
        };
        let token = client_token.as_deref();
        if let Some(execution) = self.writer.load(key) {
            let repeated = token.and_then(|token| execution.redrives.by_token(token, now));
            return repeated.ok_or_else(|| not_redrivable(RUNNING));
        }
        let closed = match self.writer.read_closed(key, now) {
            Ok(Some(closed)) => closed,
            // Its end is on its way to the disk, and nobody has heard of it.
            Ok(None) => return Err(not_redrivable(RUNNING)),
            Err(error) => {
                tracing::error!(%error, execution = %arn, "an execution that is to be redriven cannot be read");
                let message = format!("The records of '{arn}' cannot be read; the server's log says why");
                return Err(Refusal::ServiceUnavailable { message });
            }
        };
        let execution = closed.execution();
        if let Some(redriven_at) = token.and_then(|token| execution.redrives.by_token(token, now)) {
            return Ok(redriven_at);
        }
        let machine = self.writer.machine(&start.state_machine_arn);
        let close = execution.close.as_ref();
        let redrive = Redrive {
            status: close.map_or(Status::Running, |close| close.status),
            redrivable: close.map_or(Redrivable::default(), |close| close.redrivable),
            stopped_at: close.map(|close| close.at),
            machine_stays: machine.is_some_and(|machine| machine.status == MachineStatus::Active),
        };
        if let Some(why) = redrive.obstacle(now) {
            return Err(not_redrivable(why));
        }
        if input.is_some() && !execution.has_one_failed_state() {
            return Err(not_redrivable(NO_ONE_STATE));
        }
        if self.writer.is_full() {
            let message =
                "The disk that holds the data folder is full; nothing was redriven. Free some space and \
                           try again"
                    .to_owned();
            return Err(Refusal::ServiceUnavailable { message });
        }
        self.writer.reopen(key, closed);
        self.statistics.redriven.fetch_add(1, Relaxed);
        self.deliver(key, Wakeup::Redriven { client_token, input }, now);
        Ok(now)
    }
}

fn not_redrivable(reason: &'static str) -> Refusal {
    Refusal::ExecutionNotRedrivable { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn obstacles_are_named_in_the_words_of_aws() {
        let failed = Redrive {
            status: Status::Failed,
            redrivable: Redrivable::Yes,
            stopped_at: Some(Timestamp(5)),
            machine_stays: true,
        };
        let at = |redrive: Redrive, millis| redrive.obstacle(Timestamp(millis));
        assert_eq!(at(failed, 5 + REDRIVABLE_MILLIS), None);
        assert_eq!(at(failed, 6 + REDRIVABLE_MILLIS), Some("Execution redrivable period exceeded"));
        assert_eq!(
            at(Redrive { machine_stays: false, ..failed }, 5),
            Some("State machine is in DELETING status.")
        );
        let settled = |redrivable| at(Redrive { redrivable, status: Status::Aborted, ..failed }, 5);
        assert_eq!(settled(Redrivable::HistoryFull), Some("Execution history event limit exceeded."));
        assert_eq!(settled(Redrivable::TimeExceeded), Some("Execution has exceeded the max execution time."));
        let old = "Execution was started before the launch of RedriveExecution.";
        assert_eq!(settled(Redrivable::NotKept), Some(old));
    }
}
