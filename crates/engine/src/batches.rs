//! StartExecutionBatch for STANDARD machines: some starts of each batch in every round of the loop, so
//! that a batch holds up neither another one nor a single start for longer than a few milliseconds.

use asl::Timestamp;
use json::Text;

use crate::deliver::{BATCH_EVENTS_MAX, BATCH_MAX, Loop};
use crate::message::{After, Reply};
use crate::refusal::Refusal;
use crate::request::{BatchItem, StartExecution, StartExecutionBatch, Started};

/// How many starts of one batch come before the next batch has its turn.
const SLICE: usize = 64;

/// A batch of which some have been started.
pub(crate) struct StartingBatch {
    state_machine_arn: Text,
    rest: std::vec::IntoIter<BatchItem>,
    answers: Vec<Result<Started, Refusal>>,
    reply: Reply<Vec<Result<Started, Refusal>>>,
}

impl Loop {
    /// Takes a batch in; it begins in this round.
    pub(crate) fn start_execution_batch(
        &mut self,
        batch: StartExecutionBatch,
        reply: Reply<Vec<Result<Started, Refusal>>>,
    ) {
        let StartExecutionBatch { state_machine_arn, executions } = batch;
        let answers = Vec::with_capacity(executions.len());
        self.batches.push_back(StartingBatch {
            state_machine_arn,
            rest: executions.into_iter(),
            answers,
            reply,
        });
    }

    /// Starts some executions of each batch, as each would be started alone; whether there are more.
    /// Who has hung up gets what was begun for it all the same: its requests were complete.
    pub(crate) fn go_on_with_batches(&mut self, now: Timestamp) -> bool {
        self.events = 0;
        for _ in 0..BATCH_MAX / SLICE {
            // Starts whose first turns are long have as large a share as short ones.
            if self.events >= BATCH_EVENTS_MAX {
                break;
            }
            let Some(mut batch) = self.batches.pop_front() else { break };
            for BatchItem { name, input, trace_header } in batch.rest.by_ref().take(SLICE) {
                let state_machine_arn = batch.state_machine_arn.clone();
                let request = StartExecution {
                    state_machine_arn,
                    name,
                    input,
                    trace_header,
                    test_case: None,
                    parent: None,
                };
                batch.answers.push(self.start_execution(request, now));
            }
            let found_no_room = |answer| matches!(answer, &Err(Refusal::ServiceUnavailable { .. }));
            match batch.rest.len() {
                // That there is no room must be said while there is none. Whoever asked may have gone.
                0 if batch.answers.iter().all(found_no_room) => drop(batch.reply.send(Ok(batch.answers))),
                0 => self.after(After::reply(batch.reply, Ok(batch.answers))),
                _ => self.batches.push_back(batch),
            }
        }
        !self.batches.is_empty()
    }
}
