//! SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat.

use asl::Timestamp;
use execution::{TaskToken, Wakeup};

use crate::deliver::Loop;
use crate::message::{After, Answer};
use crate::refusal::Refusal;

impl Loop {
    pub(crate) fn answer(&mut self, token: &str, answer: Answer, now: Timestamp) -> Result<(), Refusal> {
        let Some(token) = TaskToken::parse(token) else { return Err(Refusal::InvalidToken) };
        self.check_owner(&token.execution_arn)?;
        let Some((key, _)) = self.writer.find(&token.execution_arn) else {
            return Err(Refusal::InvalidToken);
        };
        let TaskToken { frame, attempt, nonce, .. } = token;
        let waits = self.writer.load(key).is_some_and(|execution| execution.accepts(frame, attempt, nonce));
        if !waits {
            return Err(Refusal::TaskTimedOut);
        }
        let ends_task = matches!(answer, Answer::Outcome(_));
        let wakeup = match answer {
            Answer::Outcome(outcome) => Wakeup::TokenAnswered { frame, attempt, outcome },
            Answer::Heartbeat => Wakeup::Heartbeat { frame, attempt },
        };
        let has_run_out = self.has_run_out(key, now);
        self.deliver(key, wakeup, now);
        if ends_task {
            // Where the task waited for a job, nobody does any more, and the job goes on.
            self.after(After::Forget { key, frame, attempt });
        }
        // The answer found the execution's own time up, and did not count.
        if has_run_out { Err(Refusal::TaskTimedOut) } else { Ok(()) }
    }
}
