//! GetQueueAttributes.

use json::{Object, Value};

use crate::sqs::attributes::{self, Attributes};
use crate::sqs::input::Input;
use crate::sqs::queues::Queues;
use crate::sqs::state::Kept;
use crate::{Call, Fault};

/// GetQueueAttributes. The numbers are not approximate here.
pub(crate) fn get_queue_attributes(queues: &Queues, call: &Call<'_>) -> Result<Value, Fault> {
    let input = Input(call.input);
    let id = queues.find(call)?;
    let mut names: Vec<_> = input.texts("AttributeNames").collect();
    names.iter().try_for_each(|name| attributes::check_name(name))?;
    if names.contains(&"All") {
        names = attributes::TOLD.into_iter().chain(Attributes::names()).collect();
    }
    let now = queues.clock.now();
    let mut state = queues.state();
    let kept = state.kept(id)?;
    kept.queue.wake(now);
    let shown: Object = names.iter().filter_map(|name| Some((*name, show(kept, name)?))).collect();
    let mut answer = Object::new();
    if !shown.is_empty() {
        answer.insert("Attributes", shown);
    }
    Ok(Value::Object(answer))
}

fn show(kept: &Kept, name: &str) -> Option<String> {
    let (visible, delayed, in_flight) = kept.queue.counts();
    let record = &kept.record;
    match name {
        "QueueArn" => Some(record.arn.to_string()),
        "ApproximateNumberOfMessages" => Some(visible.to_string()),
        "ApproximateNumberOfMessagesNotVisible" => Some(in_flight.to_string()),
        "ApproximateNumberOfMessagesDelayed" => Some(delayed.to_string()),
        "CreatedTimestamp" => Some(record.created.to_string()),
        "LastModifiedTimestamp" => Some(record.modified.to_string()),
        _ => record.attributes.shown(name),
    }
}
