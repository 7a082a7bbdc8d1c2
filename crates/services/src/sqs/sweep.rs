//! Removes what nobody can see any more: the messages of deleted queues, and purged ones.

use std::sync::Arc;

use ledger::{Batch, Refused};

use super::keys::{self, Kind, MESSAGES, QUEUES, QueueId};
use super::number::Number;
use super::queues::Queues;

/// How many entries are removed at once: a batch of 100 kB, beside which others hardly wait.
const AT_ONCE: usize = 2_000;

/// While the disk is full or busy it is tried again after so many milliseconds.
const PAUSE: i64 = 1_000;

/// What is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Garbage {
    pub queue: QueueId,
    /// Its messages up to this one; all that it has if it was deleted.
    pub purged: Option<Number>,
}

impl Queues {
    /// Begins to remove. What is left at a stop is removed after the next start.
    pub fn sweep(self: &Arc<Self>, garbage: Garbage) {
        let queues = self.clone();
        self.spawn(async move { queues.run_sweep(garbage).await });
    }

    async fn run_sweep(&self, garbage: Garbage) {
        match garbage.purged {
            Some(purged) => {
                for kind in [Kind::Message, Kind::State] {
                    self.remove_up_to(&garbage.queue.prefix(kind), purged).await;
                }
            }
            None => {
                self.remove_up_to(&garbage.queue.0.to_be_bytes(), Number(u64::MAX)).await;
                let mut batch = Batch::new();
                batch.remove(QUEUES, &garbage.queue.key(keys::GARBAGE));
                // Where that is refused, the next start finds that there is nothing left.
                let _ = self.ledger.commit(batch).await;
            }
        }
    }

    /// Removes all entries with a prefix whose numbers are not larger. The loop ends because nothing is added to them.
    async fn remove_up_to(&self, prefix: &[u8], last: Number) {
        let is_old = |key: &Vec<u8>| keys::number_and_group(key).is_none_or(|(number, _)| number <= last);
        loop {
            let found = self.ledger.keys(MESSAGES, prefix, None, AT_ONCE);
            let mut batch = Batch::new();
            found.iter().take_while(|key| is_old(key)).for_each(|key| batch.remove(MESSAGES, key));
            if batch.is_empty() {
                return;
            }
            match self.ledger.commit(batch).await {
                Ok(()) => {}
                Err(Refused::Stopped | Refused::TooLarge) => return,
                Err(Refused::NoRoom | Refused::Busy) => self.clock.until(self.clock.now() + PAUSE).await,
            }
        }
    }
}
