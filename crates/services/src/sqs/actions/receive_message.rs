//! ReceiveMessage.

use std::sync::Arc;

use json::{Object, Value};

use crate::sqs::attributes::check_number;
use crate::sqs::fault::invalid_value;
use crate::sqs::input::Input;
use crate::sqs::queues::Queues;
use crate::sqs::receipt::Receipt;
use crate::sqs::shown::View;
use crate::sqs::state::Wish;
use crate::{Call, Fault};

/// ReceiveMessage.
pub(crate) async fn receive_message(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let input = Input(call.input);
    let id = queues.find(call)?;
    let (is_fifo, queue_wait) = {
        let mut state = queues.state();
        let attributes = &state.kept(id)?.record.attributes;
        (attributes.is_fifo(), attributes.number("ReceiveMessageWaitTimeSeconds"))
    };
    let max = input.number("MaxNumberOfMessages").unwrap_or(1);
    if !(1..=10).contains(&max) {
        let reason = "Must be between 1 and 10, if provided.";
        return Err(invalid_value(&max.to_string(), "MaxNumberOfMessages", reason));
    }
    let visibility = input.number("VisibilityTimeout");
    let visibility =
        visibility.map(|seconds| check_number(seconds, "VisibilityTimeout", 43_200)).transpose()?;
    let wait = check_number(input.number("WaitTimeSeconds").unwrap_or(queue_wait), "WaitTimeSeconds", 20)?;
    let attempt = input.text("ReceiveRequestAttemptId");
    if let Some(attempt) = attempt.filter(|_| !is_fifo) {
        let reason = "The request includes a parameter that is not valid for this queue type.";
        return Err(invalid_value(attempt, "ReceiveRequestAttemptId", reason));
    }
    if let Some(attempt) = attempt.filter(|attempt| !(1..=128).contains(&attempt.len())) {
        let reason = "ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.";
        return Err(invalid_value(attempt, "ReceiveRequestAttemptId", reason));
    }
    let view = View::read(input)?;
    let wish = Wish {
        max: max as usize,
        visibility: visibility.map(|seconds| seconds * 1_000),
        attempt: attempt.map(Into::into),
    };
    let received = queues.receive(id, wish, wait * 1_000).await?;
    let mut messages = Vec::with_capacity(received.len());
    for taken in received {
        // One that was purged meanwhile is not there.
        let Some(message) = queues.read(id, &taken) else { continue };
        let receipt = Receipt { queue: id, number: taken.number, receives: taken.held.receives };
        messages.push(view.show(&message, &taken, queues.receipts.handle(receipt), is_fifo));
    }
    let mut answer = Object::new();
    if !messages.is_empty() {
        answer.insert("Messages", messages);
    }
    Ok(Value::Object(answer))
}
