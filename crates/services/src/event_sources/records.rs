//! Messages as a function sees them, and what it says of them. (Lambda's guide, "Using Lambda with Amazon SQS")

use std::collections::BTreeSet;

use events::{Pattern, pattern::Event};
use json::{Object, Value};

/// A message that was received: what the function is given, and what deletes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub message_id: String,
    pub receipt_handle: String,
    pub value: Value,
}

/// The messages of a ReceiveMessage answer.
pub(super) fn read(answer: &Value, queue_arn: &str) -> Vec<Record> {
    let messages = answer.get("Messages").and_then(Value::as_array);
    messages
        .into_iter()
        .flat_map(|messages| messages.iter())
        .map(|message| record(message, queue_arn))
        .collect()
}

fn record(message: &Value, queue_arn: &str) -> Record {
    let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let attributes = message.get("MessageAttributes").and_then(Value::as_object);
    let attributes = attributes.into_iter().flatten();
    let attributes: Object = attributes.map(|(name, value)| (name.clone(), attribute(value))).collect();
    let mut shown = Object::with_capacity(10);
    shown.insert("messageId", text("MessageId"));
    shown.insert("receiptHandle", text("ReceiptHandle"));
    shown.insert("body", text("Body"));
    shown.insert("attributes", message.get("Attributes").cloned().unwrap_or_else(|| json::value!({})));
    shown.insert("messageAttributes", attributes);
    if let Some(digest) = message.get("MD5OfMessageAttributes") {
        shown.insert("md5OfMessageAttributes", digest);
    }
    shown.insert("md5OfBody", text("MD5OfBody"));
    shown.insert("eventSource", "aws:sqs");
    shown.insert("eventSourceARN", queue_arn);
    shown.insert("awsRegion", queue_arn.split(':').nth(3).unwrap_or_default());
    Record {
        message_id: text("MessageId"),
        receipt_handle: text("ReceiptHandle"),
        value: Value::Object(shown),
    }
}

fn attribute(value: &Value) -> Value {
    let mut shown = Object::new();
    for (name, member) in [("stringValue", "StringValue"), ("binaryValue", "BinaryValue")] {
        if let Some(value) = value.get(member) {
            shown.insert(name, value);
        }
    }
    shown.insert("stringListValues", json::value!([]));
    shown.insert("binaryListValues", json::value!([]));
    shown.insert("dataType", value.get("DataType").cloned().unwrap_or(Value::Null));
    Value::Object(shown)
}

/// The event of a batch.
pub(super) fn event(records: &[Record]) -> Value {
    let records: Value = records.iter().map(|record| record.value.clone()).collect();
    json::value!({ "Records": records })
}

/// Whether one of the patterns matches. A body that is JSON is matched as such.
pub(super) fn is_wanted(record: &Record, patterns: &[Pattern]) -> bool {
    let mut value = record.value.clone();
    if let Some(members) = value.as_object_mut() {
        let body = members.get("body").and_then(Value::as_str).and_then(|body| Value::parse(body).ok());
        if let Some(body) = body.filter(Value::is_object) {
            members.insert("body", body);
        }
    }
    let event = Event::new(&value);
    patterns.iter().any(|pattern| pattern.matches(&event))
}

/// The messages that failed by what a function returned: none, some, or, if that cannot be read, all.
pub(super) fn failures(returned: &Value) -> Failures {
    let Some(items) = returned.get("batchItemFailures").filter(|items| !items.is_null()) else {
        return Failures::These(BTreeSet::new());
    };
    let Some(items) = items.as_array() else { return Failures::All };
    let id = |item: &Value| {
        let id = item.get("itemIdentifier").and_then(Value::as_str);
        id.filter(|id| !id.is_empty()).map(str::to_owned)
    };
    items.iter().map(id).collect::<Option<_>>().map_or(Failures::All, Failures::These)
}

/// Which messages of a batch failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failures {
    All,
    /// By their ids.
    These(BTreeSet<String>),
}

impl Failures {
    /// Which records of a batch were worked on. An id that is not there fails all of them. (documented)
    pub fn done<'r>(&self, records: &'r [Record]) -> Vec<&'r Record> {
        let Failures::These(failed) = self else { return Vec::new() };
        let is_known = |id: &String| records.iter().any(|record| record.message_id == *id);
        if !failed.iter().all(is_known) {
            return Vec::new();
        }
        records.iter().filter(|record| !failed.contains(&record.message_id)).collect()
    }
}
