//! A queue's messages as they stand in it, for people who look: nothing is received, counted or hidden.
//!
//! Not an action of SQS. (docs/v1-api.md)

use aws_names::uuid_v4;
use json::{Object, Value};

use super::Sqs;
use super::fault::queue_does_not_exist;
use super::keys::{Kind, MESSAGES, number_and_group};
use super::message::{AttributeValue, Message};
use super::number::Number;
use super::queue::{Held, Phase};
use crate::Fault;

/// Bodies together, beyond which a page ends: a message may have 1 MiB.
const BYTES_MAX: usize = 8 << 20;

/// Which messages.
#[derive(Clone, Copy, Debug)]
pub struct Peek<'a> {
    /// The queue's name.
    pub queue: &'a str,
    /// Go on behind this place: `next` of an earlier page.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// A page, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Peeked {
    /// Each as an object.
    pub messages: Vec<Value>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<u64>,
}

impl Sqs {
    /// Looks. Reads bodies from the disk. `QueueDoesNotExist`.
    pub fn peek(&self, peek: Peek<'_>) -> Result<Peeked, Fault> {
        let queues = &self.0.0;
        let id = queues.named(peek.queue)?;
        let purged = queues.state().kept(id)?.record.purged;
        let after = peek.after.map_or(purged, |after| purged.max(Number(after)));
        // Behind all keys of that number, whatever group they have: no text has such a byte.
        let after = [&id.entry(Kind::Message, after, None)[..], &[0xff]].concat();
        let keys = queues.ledger.keys(MESSAGES, &id.prefix(Kind::Message), Some(&after), peek.limit + 1);
        let (mut peeked, mut bytes, mut last) = (Peeked::default(), 0, None);
        for key in &keys {
            if peeked.messages.len() == peek.limit || bytes > BYTES_MAX {
                peeked.next = last;
                break;
            }
            let Some((number, group)) = number_and_group(key) else { continue };
            last = Some(number.0);
            // One that was deleted meanwhile is not there.
            let Some(value) = queues.ledger.get(MESSAGES, key)? else { continue };
            let Some(message) = Message::from_bytes(&value) else { continue };
            bytes += message.body.len();
            let held = match queues.state().queues.get(&id) {
                Some(kept) => kept.queue.held(number).cloned(),
                None => return Err(queue_does_not_exist()),
            };
            peeked.messages.push(show(&message, number, group, held.as_ref(), queues.clock.now()));
        }
        Ok(peeked)
    }
}

/// Times are seconds since 1970.
fn show(message: &Message, number: Number, group: Option<&str>, held: Option<&Held>, now: i64) -> Value {
    let seconds = |milliseconds: i64| Value::from(milliseconds as f64 / 1_000.0);
    let (status, until) = match held.map(|held| held.phase) {
        Some(Phase::Delayed(until)) if until > now => ("DELAYED", Some(until)),
        Some(Phase::InFlight(until)) if until > now => ("IN_FLIGHT", Some(until)),
        Some(Phase::Delayed(_) | Phase::InFlight(_) | Phase::Visible) | None => ("VISIBLE", None),
    };
    let mut shown = Object::new();
    shown.insert("messageId", uuid_v4(message.id));
    shown.insert("sentDate", seconds(message.sent));
    shown.insert("status", status);
    if let Some(until) = until {
        shown.insert("untilDate", seconds(until));
    }
    shown.insert("receiveCount", i64::from(held.map_or(0, |held| held.receives)));
    if let Some(group) = group {
        shown.insert("messageGroupId", group);
        shown.insert("sequenceNumber", number.sequence());
    }
    if !message.dead_letter_source.is_empty() {
        shown.insert("deadLetterQueueSourceArn", message.dead_letter_source.as_str());
    }
    shown.insert("body", message.body.as_str());
    let attributes = message.attributes.iter().map(|attribute| {
        // Bytes are not shown.
        let value = match &attribute.value {
            AttributeValue::Text(text) => Value::from(text.as_str()),
            AttributeValue::Binary(_) => Value::Null,
        };
        (attribute.name.as_str(), value)
    });
    shown.insert("attributes", Value::Object(attributes.collect()));
    Value::Object(shown)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use json::value;
    use ledger::Ledger;

    use super::*;
    use crate::delivery::SystemClock;
    use crate::{Asker, Call, Service};

    async fn call(sqs: &Sqs, operation: &str, input: Value) -> Value {
        let asker = Asker {
            account: "123456789012".into(),
            region: "us-east-1".into(),
            base_url: "http://localhost".into(),
            ..Asker::default()
        };
        sqs.call(Call { operation, input: &input, asker: &asker }).await.expect(operation)
    }

    fn shown(sqs: &Sqs, queue: &str, after: Option<u64>, limit: usize) -> (Vec<String>, Option<u64>) {
        let Peeked { messages, next } = sqs.peek(Peek { queue, after, limit }).expect("the queue is there");
        let text = |message: &Value, name: &str| message.get(name).map(Value::to_text).unwrap_or_default();
        let line = |message: &Value| {
            ["body", "status", "receiveCount", "messageGroupId", "attributes"]
                .map(|name| text(message, name))
                .join(" ")
        };
        (messages.iter().map(line).collect(), next)
    }

    #[tokio::test]
    async fn looking_changes_nothing_and_pages_follow_one_another() {
        let ledger =
            Ledger::open(&ledger::Settings { data_dir: None, segment_bytes: 1 << 20 }).expect("in memory");
        let sqs = Sqs::new(ledger, Arc::new(SystemClock), crate::sqs::Settings::default())
            .expect("nothing to read");
        call(&sqs, "CreateQueue", value!({ "QueueName": "q" })).await;
        let url = "http://localhost/123456789012/q";
        let attributes = value!({ "kind": { "DataType": "String", "StringValue": "gift" } });
        for (body, delay) in [("a", 0), ("b", 900), ("c", 0)] {
            let message = value!({
                "QueueUrl": url, "MessageBody": body, "DelaySeconds": delay, "MessageAttributes": (attributes.clone())
            });
            call(&sqs, "SendMessage", message).await;
        }
        let all = |first: &str| {
            let rest = r#"{"kind":"gift"}"#;
            vec![
                format!(r#""a" {first}  {rest}"#),
                format!(r#""b" "DELAYED" 0  {rest}"#),
                format!(r#""c" "VISIBLE" 0  {rest}"#),
            ]
        };
        for _ in 0..2 {
            assert_eq!(shown(&sqs, "q", None, 10), (all(r#""VISIBLE" 0"#), None));
        }
        let received = call(&sqs, "ReceiveMessage", value!({ "QueueUrl": url })).await;
        assert!(received.get("Messages").is_some());
        assert_eq!(shown(&sqs, "q", None, 10), (all(r#""IN_FLIGHT" 1"#), None));

        let (first, next) = shown(&sqs, "q", None, 2);
        assert_eq!(first, all(r#""IN_FLIGHT" 1"#)[..2]);
        assert_eq!(shown(&sqs, "q", next, 2), (all("")[2..].to_vec(), None));
        let none = sqs.peek(Peek { queue: "none", after: None, limit: 1 }).expect_err("there is none");
        assert_eq!(none.code, "QueueDoesNotExist");
        sqs.stop();
    }

    #[tokio::test]
    async fn groups_and_what_was_purged() {
        let ledger =
            Ledger::open(&ledger::Settings { data_dir: None, segment_bytes: 1 << 20 }).expect("in memory");
        let sqs = Sqs::new(ledger, Arc::new(SystemClock), crate::sqs::Settings::default())
            .expect("nothing to read");
        let fifo = value!({ "QueueName": "q.fifo", "Attributes": { "FifoQueue": "true" } });
        call(&sqs, "CreateQueue", fifo).await;
        let url = "http://localhost/123456789012/q.fifo";
        for body in ["a", "b"] {
            let message = value!({
                "QueueUrl": url, "MessageBody": body, "MessageGroupId": "g", "MessageDeduplicationId": body
            });
            call(&sqs, "SendMessage", message).await;
        }
        let (first, next) = shown(&sqs, "q.fifo", None, 1);
        assert_eq!(first, [r#""a" "VISIBLE" 0 "g" {}"#]);
        assert_eq!(shown(&sqs, "q.fifo", next, 1), (vec![r#""b" "VISIBLE" 0 "g" {}"#.to_owned()], None));
        call(&sqs, "PurgeQueue", value!({ "QueueUrl": url })).await;
        assert_eq!(shown(&sqs, "q.fifo", None, 10), (Vec::new(), None));
        sqs.stop();
    }
}
