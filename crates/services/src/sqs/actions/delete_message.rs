//! DeleteMessage and DeleteMessageBatch.

use std::sync::Arc;

use json::{Object, Value};

use crate::sqs::batch::{self, Outcomes};
use crate::sqs::fault::{invalid_value, receipt_handle_is_invalid};
use crate::sqs::input::Input;
use crate::sqs::keys::QueueId;
use crate::sqs::number::Number;
use crate::sqs::queue::Stale;
use crate::sqs::queues::Queues;
use crate::{Call, Fault};

/// DeleteMessage.
pub(crate) async fn delete_message(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let input = Input(call.input);
    let receipt = read_receipt(queues, id, input)?;
    let outcomes = queues.delete(id, &[receipt]).await?;
    explain(outcomes[0], input)?;
    Ok(json::value!({}))
}

/// DeleteMessageBatch.
pub(crate) async fn delete_message_batch(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let entries = batch::entries(Input(call.input), "DeleteMessageBatchRequestEntry")?;
    let id = queues.find(call)?;
    let (mut receipts, mut named, mut outcomes) = (Vec::new(), Vec::new(), Outcomes::default());
    for (name, entry) in entries {
        match read_receipt(queues, id, entry) {
            Ok(receipt) => {
                receipts.push(receipt);
                named.push((name, entry));
            }
            Err(fault) => outcomes.fail(name, &fault),
        }
    }
    for ((name, entry), outcome) in named.into_iter().zip(queues.delete(id, &receipts).await?) {
        match explain(outcome, entry) {
            Ok(()) => outcomes.succeed(name, Object::new()),
            Err(fault) => outcomes.fail(name, &fault),
        }
    }
    Ok(outcomes.into_value())
}

/// The receive that a handle of this queue is for.
pub(super) fn read_receipt(queues: &Queues, id: QueueId, input: Input<'_>) -> Result<(Number, u32), Fault> {
    let handle = input.required("ReceiptHandle")?;
    let receipt = queues.receipts.receipt(handle).filter(|receipt| receipt.queue == id);
    let receipt = receipt.ok_or_else(|| receipt_handle_is_invalid(handle))?;
    Ok((receipt.number, receipt.receives))
}

/// (documented: a receipt of an earlier receive deletes nothing, and is no error; but FIFO queues say that one has
/// expired)
fn explain(outcome: Result<(), Stale>, input: Input<'_>) -> Result<(), Fault> {
    match outcome {
        Ok(()) | Err(Stale::Gone | Stale::ReceivedAgain | Stale::TooLong) => Ok(()),
        Err(Stale::Visible) => {
            let handle = input.text("ReceiptHandle").unwrap_or_default();
            Err(invalid_value(handle, "ReceiptHandle", "The receipt handle has expired."))
        }
    }
}
