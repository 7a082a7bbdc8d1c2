//! SetQueueAttributes.

use std::sync::Arc;

use json::Value;
use ledger::Batch;

use crate::sqs::attributes::Attributes;
use crate::sqs::fault::{invalid_value, queue_does_not_exist};
use crate::sqs::input::Input;
use crate::sqs::keys::{QUEUES, QueueId, RECORDS};
use crate::sqs::queues::{Queues, told};
use crate::sqs::record::Record;
use crate::sqs::state::State;
use crate::{Call, Fault};

/// SetQueueAttributes.
pub(crate) async fn set_queue_attributes(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let given = Input(call.input).required_object("Attributes")?;
    change(queues, id, |state, record| {
        record.attributes = record.attributes.with(given)?;
        check_redrive(state, &record.arn, &record.attributes)
    })
    .await?;
    Ok(json::value!({}))
}

/// Changes what is known of a queue. It counts from at once; where it cannot be written down, it is as it was.
pub(super) async fn change(
    queues: &Arc<Queues>,
    id: QueueId,
    change: impl FnOnce(&State, &mut Record) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let comes = {
        let mut state = queues.state();
        let before = state.queues.get(&id).ok_or_else(queue_does_not_exist)?.record.clone();
        let mut record = before.clone();
        change(&state, &mut record)?;
        record.modified = queues.clock.now() / 1_000;
        let mut batch = Batch::new();
        batch.put(QUEUES, &id.key(RECORDS), &record.to_bytes());
        state.kept(id)?.set_record(record.clone());
        let (tell, comes) = tokio::sync::oneshot::channel();
        let settled = queues.clone();
        queues.submit(&mut state, batch, move |outcome| {
            if outcome.is_err()
                && let Some(kept) = settled.state().queues.get_mut(&id)
                && kept.record == record
            {
                kept.set_record(before);
            }
            let _ = tell.send(outcome);
        });
        comes
    };
    told(comes.await)
}

/// A dead-letter queue must be there, of the same kind, and take this queue's letters.
pub(super) fn check_redrive(state: &State, arn: &str, attributes: &Attributes) -> Result<(), Fault> {
    let Some(redrive) = attributes.redrive() else { return Ok(()) };
    let invalid = |reason: &str| Err(invalid_value(&redrive.to_text(), "RedrivePolicy", reason));
    let Some(target) = state.by_arn(&redrive.target_arn) else {
        return invalid("Dead letter target does not exist.");
    };
    let target = &state.queues[&target].record.attributes;
    if target.is_fifo() != attributes.is_fifo() {
        return invalid("Dead-letter queue must be same type of queue as the source.");
    }
    if target.redrive_allow().is_some_and(|allow| !allow.allows(arn)) {
        return invalid("The dead-letter queue's redrive allow policy does not allow this queue.");
    }
    Ok(())
}
