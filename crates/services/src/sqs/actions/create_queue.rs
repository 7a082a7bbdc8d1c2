//! CreateQueue.

use std::collections::BTreeMap;
use std::sync::Arc;

use json::{Text, Value};
use ledger::Batch;
use tokio::sync::oneshot;

use super::set_queue_attributes::check_redrive;
use super::tags;
use crate::sqs::attributes::Attributes;
use crate::sqs::input::{Input, url};
use crate::sqs::keys::{QUEUES, QueueId, RECORDS};
use crate::sqs::number::Number;
use crate::sqs::queues::{Queues, Settled, told};
use crate::sqs::record::Record;
use crate::sqs::state::{Kept, State};
use crate::{Call, Fault};

/// CreateQueue: a queue that is there already with the same attributes is found.
pub(crate) async fn create_queue(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let input = Input(call.input);
    let name = input.required("QueueName")?;
    let attributes = Attributes::of_new(name, input.object("Attributes"))?;
    let tags = tags::read(input.object("tags"))?;
    if let Some(created) = begin(queues, call, name, attributes, tags)? {
        told(created.await)?;
    }
    Ok(json::value!({ "QueueUrl": (url(call, name)) }))
}

/// Creates a queue, or finds it.
fn begin(
    queues: &Arc<Queues>,
    call: &Call<'_>,
    name: &str,
    attributes: Attributes,
    tags: BTreeMap<Text, String>,
) -> Result<Option<Settled>, Fault> {
    let now = queues.clock.now();
    let mut state = queues.state();
    if let Some(id) = state.names.get(name) {
        return match state.queues[id].record.attributes.first_other(&attributes) {
            None => Ok(None),
            Some(other) => Err(Fault::new(
                "QueueNameExists",
                format!(
                    "A queue already exists with the same name and a different value for attribute {other}"
                ),
            )),
        };
    }
    if state.deleted.get(name).is_some_and(|at| at + queues.settings.deleted_pause > now) {
        let message = "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
        return Err(Fault::new("QueueDeletedRecently", message));
    }
    let arn = format!("arn:aws:sqs:{}:{}:{name}", call.asker.region, call.asker.account);
    check_redrive(&state, &arn, &attributes)?;
    let record = Record {
        name: name.into(),
        arn: arn.into(),
        created: now / 1_000,
        modified: now / 1_000,
        attributes,
        tags,
        purged: Number(0),
    };
    let id = QueueId(state.next_queue);
    state.next_queue += 1;
    let mut batch = Batch::new();
    batch.put(QUEUES, &id.key(RECORDS), &record.to_bytes());
    state.names.insert(name.into(), id);
    state.queues.insert(id, Kept::new(record));
    let (tell, comes) = oneshot::channel();
    let (settled, name) = (queues.clone(), Text::from(name));
    queues.submit(&mut state, batch, move |outcome| {
        if outcome.is_err() {
            forget(&mut settled.state(), id, &name);
        }
        let _ = tell.send(outcome);
    });
    Ok(Some(comes))
}

/// It was not created.
fn forget(state: &mut State, id: QueueId, name: &str) {
    let gone = state.queues.remove(&id);
    state.waiters -= gone.map_or(0, |kept| kept.waiters.len());
    state.waited.remove(&id);
    if state.names.get(name) == Some(&id) {
        state.names.remove(name);
    }
}
