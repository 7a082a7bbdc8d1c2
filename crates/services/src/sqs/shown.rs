//! A received message, as ReceiveMessage shows it.

use aws_names::uuid_v4;
use aws_protocols::base64;
use json::{Object, Value};

use super::digest;
use super::fault::missing_parameter;
use super::input::Input;
use super::message::{Attribute, AttributeValue, Message};
use super::queue::Taken;
use crate::Fault;

/// What a receiver wants to see of each message.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    system: Vec<String>,
    attributes: Vec<String>,
}

const SYSTEM_ATTRIBUTES: [&str; 9] = [
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "SequenceNumber",
    "MessageDeduplicationId",
    "MessageGroupId",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
];

impl View {
    /// Reads the input of ReceiveMessage.
    pub fn read(input: Input<'_>) -> Result<View, Fault> {
        let names = input.texts("MessageSystemAttributeNames").chain(input.texts("AttributeNames"));
        let system: Vec<_> = names.map(str::to_owned).collect();
        let is_known = |name: &String| name == "All" || SYSTEM_ATTRIBUTES.contains(&name.as_str());
        if let Some(unknown) = system.iter().find(|name| !is_known(name)) {
            // Those of queues are ignored, as the older parameter's type allows them.
            super::attributes::check_name(unknown)?;
        }
        let attributes: Vec<_> = input.texts("MessageAttributeNames").map(str::to_owned).collect();
        if attributes.iter().any(String::is_empty) {
            return Err(missing_parameter("MessageAttributeNames"));
        }
        Ok(View { system, attributes })
    }

    fn has_system(&self, name: &str) -> bool {
        self.system.iter().any(|wanted| wanted == "All" || wanted == name)
    }

    /// `All`, `.*`, a name, or `prefix.*`.
    fn has_attribute(&self, name: &str) -> bool {
        let matches = |wanted: &String| match wanted.strip_suffix('*') {
            Some(".") => true,
            Some(prefix) if prefix.ends_with('.') => name.starts_with(prefix),
            _ => wanted == "All" || wanted == name,
        };
        self.attributes.iter().any(matches)
    }

    /// The message as its receiver sees it.
    pub fn show(&self, message: &Message, taken: &Taken, handle: String, is_fifo: bool) -> Value {
        let mut shown = Object::with_capacity(7);
        shown.insert("MessageId", uuid_v4(message.id));
        shown.insert("ReceiptHandle", handle);
        shown.insert("MD5OfBody", digest::hex(message.body_md5));
        shown.insert("Body", &message.body);
        let system = self.system_attributes(message, taken, is_fifo);
        if !system.is_empty() {
            shown.insert("Attributes", system);
        }
        let attributes: Vec<_> =
            message.attributes.iter().filter(|attribute| self.has_attribute(&attribute.name)).collect();
        if !attributes.is_empty() {
            shown.insert(
                "MD5OfMessageAttributes",
                digest::hex(digest::of_attributes(attributes.iter().copied())),
            );
            let members =
                attributes.iter().map(|attribute| (attribute.name.as_str(), show_attribute(attribute)));
            shown.insert("MessageAttributes", members.collect::<Object>());
        }
        Value::Object(shown)
    }

    fn system_attributes(&self, message: &Message, taken: &Taken, is_fifo: bool) -> Object {
        let mut shown = Object::new();
        let mut show = |name: &str, value: String| {
            if !value.is_empty() && self.has_system(name) {
                shown.insert(name, value);
            }
        };
        if self.system.is_empty() {
            return Object::new();
        }
        let held = &taken.held;
        show("SenderId", message.sender.clone());
        show("ApproximateFirstReceiveTimestamp", held.first_received.to_string());
        show("ApproximateReceiveCount", held.receives.to_string());
        show("SentTimestamp", message.sent.to_string());
        if is_fifo {
            show("SequenceNumber", taken.number.sequence());
        }
        show("MessageDeduplicationId", message.deduplication_id.clone());
        show("MessageGroupId", message.group.clone());
        show("AWSTraceHeader", message.trace_header.clone());
        show("DeadLetterQueueSourceArn", message.dead_letter_source.clone());
        shown
    }
}

fn show_attribute(attribute: &Attribute) -> Value {
    let mut shown = Object::with_capacity(2);
    match &attribute.value {
        AttributeValue::Text(text) => shown.insert("StringValue", text),
        AttributeValue::Binary(bytes) => shown.insert("BinaryValue", base64::encode(bytes)),
    };
    shown.insert("DataType", &attribute.data_type);
    Value::Object(shown)
}
