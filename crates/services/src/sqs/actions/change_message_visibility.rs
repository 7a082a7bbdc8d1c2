//! ChangeMessageVisibility and ChangeMessageVisibilityBatch.

use std::sync::Arc;

use json::{Object, Value};

use super::delete_message::read_receipt;
use crate::sqs::attributes::check_number;
use crate::sqs::batch::{self, Outcomes};
use crate::sqs::fault::missing_parameter;
use crate::sqs::input::Input;
use crate::sqs::keys::QueueId;
use crate::sqs::number::Number;
use crate::sqs::queues::Queues;
use crate::sqs::receiving;
use crate::{Call, Fault};

/// ChangeMessageVisibility.
pub(crate) async fn change_message_visibility(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let input = Input(call.input);
    let change = read(queues, id, input)?;
    let outcomes = queues.hide(id, &[change]).await?;
    outcomes[0].map_err(|stale| receiving::explain(stale, handle(input), change.2 / 1_000))?;
    Ok(json::value!({}))
}

/// ChangeMessageVisibilityBatch.
pub(crate) async fn change_message_visibility_batch(
    queues: &Arc<Queues>,
    call: &Call<'_>,
) -> Result<Value, Fault> {
    let entries = batch::entries(Input(call.input), "ChangeMessageVisibilityBatchRequestEntry")?;
    let id = queues.find(call)?;
    let (mut changes, mut named, mut outcomes) = (Vec::new(), Vec::new(), Outcomes::default());
    for (name, entry) in entries {
        match read(queues, id, entry) {
            Ok(change) => {
                changes.push(change);
                named.push((name, entry, change.2 / 1_000));
            }
            Err(fault) => outcomes.fail(name, &fault),
        }
    }
    for ((name, entry, seconds), outcome) in named.into_iter().zip(queues.hide(id, &changes).await?) {
        match outcome {
            Ok(()) => outcomes.succeed(name, Object::new()),
            Err(stale) => outcomes.fail(name, &receiving::explain(stale, handle(entry), seconds)),
        }
    }
    Ok(outcomes.into_value())
}

fn handle(input: Input<'_>) -> &str {
    input.text("ReceiptHandle").unwrap_or_default()
}

/// The receive, and for how many milliseconds its message is to be hidden.
fn read(queues: &Queues, id: QueueId, input: Input<'_>) -> Result<(Number, u32, i64), Fault> {
    let seconds = input.number("VisibilityTimeout").ok_or_else(|| missing_parameter("VisibilityTimeout"))?;
    let seconds = check_number(seconds, "VisibilityTimeout", 43_200)?;
    let (number, receives) = read_receipt(queues, id, input)?;
    Ok((number, receives, seconds * 1_000))
}
