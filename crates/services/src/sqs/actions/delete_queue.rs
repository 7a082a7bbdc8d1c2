//! DeleteQueue and PurgeQueue.

use std::sync::Arc;

use json::Value;
use ledger::Batch;

use crate::sqs::fault::queue_does_not_exist;
use crate::sqs::keys::{GARBAGE, QUEUES, RECORDS};
use crate::sqs::queues::{Queues, told};
use crate::sqs::sweep::Garbage;
use crate::{Call, Fault};

/// DeleteQueue. Its messages are gone at once; their room is given back little by little.
pub(crate) async fn delete_queue(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let comes = {
        let now = queues.clock.now();
        let mut state = queues.state();
        let Some(kept) = state.queues.remove(&id) else { return Err(queue_does_not_exist()) };
        let name = kept.record.name.clone();
        state.names.remove(&name);
        state.deleted.insert(name.clone(), now);
        state.waited.remove(&id);
        state.waiters -= kept.waiters.len();
        let mut batch = Batch::new();
        batch.remove(QUEUES, &id.key(RECORDS));
        batch.put(QUEUES, &id.key(GARBAGE), &[]);
        let (tell, comes) = tokio::sync::oneshot::channel();
        let settled = queues.clone();
        queues.submit(&mut state, batch, move |outcome| {
            let told = match outcome {
                Ok(()) => {
                    kept.waiters.into_values().for_each(|waiter| {
                        let _ = waiter.told.send(Err(queue_does_not_exist()));
                    });
                    settled.sweep(Garbage { queue: id, purged: None });
                    Ok(())
                }
                Err(refused) => {
                    // As it was. What was under way when it was deleted is found after the next start.
                    let mut state = settled.state();
                    state.deleted.remove(&name);
                    state.names.insert(name, id);
                    state.waiters += kept.waiters.len();
                    if !kept.waiters.is_empty() {
                        state.waited.insert(id);
                    }
                    state.queues.insert(id, kept);
                    Err(refused)
                }
            };
            let _ = tell.send(told);
        });
        comes
    };
    told(comes.await)?;
    Ok(json::value!({}))
}

/// PurgeQueue.
pub(crate) async fn purge_queue(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let comes = {
        let now = queues.clock.now();
        let mut state = queues.state();
        let last = state.numbers.last();
        let kept = state.kept(id)?;
        if kept.purged_at.is_some_and(|at| at + queues.settings.purged_pause > now) {
            let name = &kept.record.name;
            let message = format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
            return Err(Fault::new("PurgeQueueInProgress", message));
        }
        kept.purged_at = Some(now);
        let mut record = kept.record.clone();
        record.purged = last;
        let mut batch = Batch::new();
        batch.put(QUEUES, &id.key(RECORDS), &record.to_bytes());
        // The messages stay until the ledger has heard of it.
        let (tell, comes) = tokio::sync::oneshot::channel();
        let settled = queues.clone();
        queues.submit(&mut state, batch, move |outcome| {
            match (outcome, settled.state().queues.get_mut(&id)) {
                (Ok(()), Some(kept)) => {
                    kept.record.purged = last;
                    kept.queue.purge(last);
                }
                (Err(_), Some(kept)) => kept.purged_at = None,
                (_, None) => {}
            }
            if outcome.is_ok() {
                settled.sweep(Garbage { queue: id, purged: Some(last) });
            }
            let _ = tell.send(outcome);
        });
        comes
    };
    told(comes.await)?;
    Ok(json::value!({}))
}
