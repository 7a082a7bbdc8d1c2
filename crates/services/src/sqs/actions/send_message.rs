//! SendMessage and SendMessageBatch.

use std::sync::Arc;

use aws_names::uuid_v4;
use json::{Object, Value};

use crate::sqs::batch::{self, Outcomes};
use crate::sqs::digest;
use crate::sqs::draft::{self, Terms};
use crate::sqs::input::Input;
use crate::sqs::keys::QueueId;
use crate::sqs::message::{Attribute, AttributeValue, Message};
use crate::sqs::queues::Queues;
use crate::sqs::sending::{Draft, Sent};
use crate::{Call, Fault};

/// How large all messages of a batch may be together. (documented: 1 MiB)
const BATCH_BYTES_MAX: usize = 1 << 20;

/// SendMessage.
pub(crate) async fn send_message(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let (id, terms) = find(queues, call)?;
    let draft = complete(draft::read(Input(call.input), terms)?, queues, call);
    let digests = Digests::of(&draft.message);
    let sent = queues.send(id, vec![draft]).await?;
    Ok(Value::Object(digests.show(sent[0], terms)))
}

/// SendMessageBatch.
pub(crate) async fn send_message_batch(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let entries = batch::entries(Input(call.input), "SendMessageBatchRequestEntry")?;
    let (queue, terms) = find(queues, call)?;
    let (mut drafts, mut shown, mut outcomes) = (Vec::new(), Vec::new(), Outcomes::default());
    let mut bytes = 0;
    for (id, entry) in entries {
        match draft::read(entry, terms) {
            Ok(draft) => {
                bytes += draft::bytes(&draft.message.body, &draft.message.attributes);
                shown.push((id, Digests::of(&draft.message)));
                drafts.push(complete(draft, queues, call));
            }
            Err(fault) => outcomes.fail(id, &fault),
        }
    }
    if bytes > BATCH_BYTES_MAX {
        let message = format!(
            "Batch requests cannot be longer than {BATCH_BYTES_MAX} bytes. You have sent {bytes} bytes."
        );
        return Err(Fault::new("BatchRequestTooLong", message));
    }
    if !drafts.is_empty() {
        let sent = queues.send(queue, drafts).await?;
        for ((id, digests), sent) in shown.into_iter().zip(sent) {
            outcomes.succeed(id, digests.show(sent, terms));
        }
    }
    Ok(outcomes.into_value())
}

fn find(queues: &Queues, call: &Call<'_>) -> Result<(QueueId, Terms), Fault> {
    let id = queues.find(call)?;
    let terms = Terms::of(&queues.state().kept(id)?.record.attributes);
    Ok((id, terms))
}

fn complete(mut draft: Draft, queues: &Queues, call: &Call<'_>) -> Draft {
    draft.message.id = queues.clock.random();
    draft.message.sent = queues.clock.now();
    // As it is for the account itself.
    draft.message.sender = call.asker.account.to_string();
    draft
}

/// What a sender compares with what it sent.
struct Digests {
    body: [u8; 16],
    attributes: Option<[u8; 16]>,
    system_attributes: Option<[u8; 16]>,
}

impl Digests {
    fn of(message: &Message) -> Digests {
        let trace_header = (!message.trace_header.is_empty()).then(|| Attribute {
            name: "AWSTraceHeader".to_owned(),
            data_type: "String".to_owned(),
            value: AttributeValue::Text(message.trace_header.clone()),
        });
        let has_attributes = !message.attributes.is_empty();
        Digests {
            body: message.body_md5,
            attributes: has_attributes.then(|| digest::of_attributes(&message.attributes)),
            system_attributes: trace_header.map(|header| digest::of_attributes([&header])),
        }
    }

    fn show(&self, sent: Sent, terms: Terms) -> Object {
        let mut shown = Object::with_capacity(4);
        shown.insert("MessageId", uuid_v4(sent.message_id));
        shown.insert("MD5OfMessageBody", digest::hex(self.body));
        if let Some(digest) = self.attributes {
            shown.insert("MD5OfMessageAttributes", digest::hex(digest));
        }
        if let Some(digest) = self.system_attributes {
            shown.insert("MD5OfMessageSystemAttributes", digest::hex(digest));
        }
        if terms.is_fifo {
            shown.insert("SequenceNumber", sent.number.sequence());
        }
        shown
    }
}
