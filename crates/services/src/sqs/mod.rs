//! SQS: queues that are durable, standard and FIFO.
//!
//! `queue/` is a queue as a value, `actions/` has AWS's actions. Between them `queues.rs` is the shell: one lock, one ledger,
//! one settler that does what follows when a batch is durable. A message's body is in the ledger only; its number, eight
//! bytes, is all that memory has of it until somebody receives it.
//!
//! What survives a crash: everything that was acknowledged. A receive is written down before its messages leave, so the
//! count of receives is exact, and a message in flight stays hidden until its old deadline. Never here: protocols, sockets.

mod actions;
mod attributes;
mod batch;
mod digest;
mod draft;
mod fault;
mod input;
mod keys;
mod load;
mod message;
mod move_task;
mod moving;
mod number;
mod peek;
mod queue;
mod queues;
mod receipt;
mod receiving;
mod record;
mod redrive;
mod sending;
mod settings;
mod shown;
mod state;
mod sweep;
#[cfg(test)]
mod tests;
mod timer;
mod window;

use std::fmt;
use std::sync::Arc;

use connectors::Answering;
use json::Value;
use ledger::Ledger;

pub use self::peek::{Peek, Peeked};
use self::queues::Queues;
pub use self::settings::Settings;
use crate::delivery::Clock;
use crate::{Call, Fault, Service};

/// The service. Cheap to clone; its tasks end with the last clone.
#[derive(Clone)]
pub struct Sqs(Arc<Owner>);

/// Whoever has the queues; their tasks only borrow them.
struct Owner(Arc<Queues>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl fmt::Debug for Sqs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqs").field("queues", &self.0.0.state().queues.len()).finish_non_exhaustive()
    }
}

impl Sqs {
    /// Finds what an earlier process left. Must be called within a tokio runtime.
    pub fn new(ledger: Ledger, clock: Arc<dyn Clock>, settings: Settings) -> Result<Sqs, ledger::Error> {
        Ok(Sqs(Arc::new(Owner(Queues::start(ledger, clock, settings)?))))
    }
}

impl Service for Sqs {
    fn peek(&self, peek: Peek<'_>) -> Option<Result<Peeked, Fault>> {
        Some(Sqs::peek(self, peek))
    }

    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a, Result<Value, Fault>> {
        Box::pin(async move { actions::answer(&self.0.0, &call).await })
    }

    /// SQS has words of its own.
    fn checks_by_model(&self, _operation: &str) -> bool {
        false
    }

    /// Whoever waits for messages gets none; receives wait no more.
    fn stop(&self) {
        self.0.0.stop();
    }
}
