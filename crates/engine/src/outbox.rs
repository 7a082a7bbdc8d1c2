//! Calls that leave once the turn that asked for them is durable, and their answers on the way back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use asl::Failure;
use connectors::{Caller, Connectors};
use execution::execution::Start;
use execution::{FrameId, TaskCall, TaskOutcome};
use store::ExecutionKey;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::message::{After, Message};

/// Makes calls. Works on the commit thread, which it must not hold up: everything slow is spawned.
pub(crate) struct Outbox {
    runtime: Handle,
    connectors: Connectors,
    /// To the loop.
    answers: std::sync::mpsc::Sender<Message>,
    running: Arc<Mutex<HashMap<(ExecutionKey, FrameId), Running>>>,
}

struct Running {
    attempt: u32,
    call: AbortHandle,
}

impl Outbox {
    pub(crate) fn new(
        runtime: Handle,
        connectors: Connectors,
        answers: std::sync::mpsc::Sender<Message>,
    ) -> Self {
        Outbox { runtime, connectors, answers, running: Arc::default() }
    }

    /// Does what a durable commit was waiting for.
    pub(crate) fn act(&self, after: After) {
        match after {
            After::Reply(reply) => reply(),
            After::Call { key, caller, call } => self.call(key, &caller, call),
            After::Cancel { key, frame } => {
                let running =
                    self.running.lock().expect("no holder of this lock panics").remove(&(key, frame));
                if let Some(running) = running {
                    running.call.abort();
                }
            }
        }
    }

    fn call(&self, key: ExecutionKey, start: &Start, call: TaskCall) {
        let (frame, attempt) = (call.frame, call.attempt);
        let caller = Caller { execution_arn: start.arn.clone(), region: start.region.clone() };
        let (connectors, answers, running) =
            (self.connectors.clone(), self.answers.clone(), self.running.clone());
        // The lock is held until the call is in the table, so that one which returns at once finds itself there.
        let mut table = self.running.lock().expect("no holder of this lock panics");
        let calling = self.runtime.spawn(async move { connectors.call(&call, &caller).await });
        table.insert((key, frame), Running { attempt, call: calling.abort_handle() });
        self.runtime.spawn(async move {
            let outcome = match calling.await {
                Ok(outcome) => outcome,
                Err(ended) if ended.is_cancelled() => return,
                // Our mistake must not leave the execution waiting for ever.
                Err(ended) => {
                    TaskOutcome::Failed(Failure::runtime(format!("The call ended with a defect: {ended}")))
                }
            };
            {
                let mut table = running.lock().expect("no holder of this lock panics");
                if table.get(&(key, frame)).is_some_and(|running| running.attempt == attempt) {
                    table.remove(&(key, frame));
                }
            }
            // A loop that has ended needs no answers: after the next start the call counts as unknown.
            let _ = answers.send(Message::Returned { key, frame, attempt, outcome });
        });
    }
}
