//! A message as it was published: checked, kept, and read back when it is delivered.
//!
//! Never here: who gets it, how it looks to them.

use json::{Object, Text, Value};

use super::endpoint::Protocol;
use super::fault::{invalid, invalid_value};
use super::topic::Settings;
use crate::Fault;

/// Of a message with its attributes, and of all messages of a batch. (spec/event-routers.md §2)
pub(super) const BYTES_MAX: usize = 262_144;
const SUBJECT_LENGTH_MAX: usize = 100;
const ATTRIBUTE_NAME_LENGTH_MAX: usize = 256;
const ID_LENGTH_MAX: usize = 128;

/// A message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Message {
    pub id: Text,
    /// Empty for one that goes to a phone.
    pub topic_arn: Text,
    pub subject: Option<Text>,
    pub body: Body,
    /// In the order of their names, as the model has them: `{"DataType": …, "StringValue": …}`.
    pub attributes: Object,
    /// When it was published, in milliseconds since 1970.
    pub sent: i64,
    pub group: Option<Text>,
    /// As it was given, or the hash of the body.
    pub deduplication: Option<Text>,
    /// Of a FIFO topic's messages.
    pub sequence: Option<u64>,
    /// Of the addresses in it: where the publisher found this server.
    pub base_url: Text,
}

/// What the message says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    /// The same to everybody.
    Plain(Text),
    /// By protocol; `default` for those that are not there.
    ByProtocol(Object),
}

impl Default for Body {
    fn default() -> Body {
        Body::Plain(Text::default())
    }
}

impl Body {
    /// What whoever is reached by this protocol reads.
    pub fn text_for(&self, protocol: Protocol) -> &str {
        match self {
            Body::Plain(text) => text,
            Body::ByProtocol(texts) => {
                let own = texts.get(protocol.name()).and_then(Value::as_str);
                own.or_else(|| texts.get("default")?.as_str()).unwrap_or_default()
            }
        }
    }
}

impl Message {
    /// Reads what Publish and each entry of PublishBatch have in common. Id, time and what follows from the topic are not
    /// there yet. The second is how many bytes it has.
    pub fn read(input: &Object) -> Result<(Message, usize), Fault> {
        let text = |name: &str| input.get(name).and_then(Value::as_str);
        let message = text("Message").unwrap_or_default();
        if message.is_empty() {
            return Err(invalid("Empty message"));
        }
        let body = match text("MessageStructure") {
            None | Some("") => Body::Plain(message.into()),
            Some("json") => by_protocol(message)?,
            Some(_) => return Err(invalid("Message Structure - Must be json")),
        };
        let subject = text("Subject").map(check_subject).transpose()?;
        let (attributes, attribute_bytes) = attributes(input.get("MessageAttributes"))?;
        let bytes = message.len() + attribute_bytes;
        if bytes > BYTES_MAX {
            return Err(invalid("Message too long"));
        }
        let group = text("MessageGroupId").map(|id| check_id("MessageGroupId", id)).transpose()?;
        let deduplication = text("MessageDeduplicationId").map(|id| check_id("MessageDeduplicationId", id));
        let deduplication = deduplication.transpose()?;
        Ok((Message { subject, body, attributes, group, deduplication, ..Message::default() }, bytes))
    }

    /// Checks what depends on the topic. `hash` makes a deduplication id from the text as it was published.
    pub fn fit(&mut self, topic: &Settings, hash: impl FnOnce() -> Text) -> Result<(), Fault> {
        self.topic_arn = topic.arn.clone();
        if !topic.is_fifo() {
            return match self.deduplication {
                None => Ok(()),
                Some(_) => Err(invalid(
                    "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid \
                     for this topic type",
                )),
            };
        }
        if self.group.is_none() {
            return Err(invalid("The MessageGroupId parameter is required for FIFO topics"));
        }
        if self.deduplication.is_none() {
            if !topic.deduplicates_by_content() {
                return Err(invalid(
                    "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                     explicitly",
                ));
            }
            self.deduplication = Some(hash());
        }
        Ok(())
    }

    /// As bytes for the ledger.
    pub fn to_record(&self) -> String {
        let mut record = Object::new();
        let mut say = |name: &str, value: Option<Value>| {
            value.map(|value| record.insert(name, value));
        };
        say("id", Some(self.id.clone().into()));
        say("topic", Some(self.topic_arn.clone().into()));
        say("subject", self.subject.clone().map(Value::from));
        match &self.body {
            Body::Plain(text) => say("text", Some(text.clone().into())),
            Body::ByProtocol(texts) => say("texts", Some(Value::Object(texts.clone()))),
        }
        say("attributes", Some(Value::Object(self.attributes.clone())));
        say("sent", Some(self.sent.into()));
        say("group", self.group.clone().map(Value::from));
        say("deduplication", self.deduplication.clone().map(Value::from));
        say("sequence", self.sequence.map(|sequence| sequence.to_string().into()));
        say("base", Some(self.base_url.clone().into()));
        Value::Object(record).to_text()
    }

    /// What [`to_record`](Message::to_record) wrote; `None` if these bytes are something else.
    pub fn from_record(bytes: &[u8]) -> Option<Message> {
        let record = Value::parse_bytes(bytes).ok()?;
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(Text::from);
        let body = match record.get("texts") {
            Some(texts) => Body::ByProtocol(texts.as_object()?.clone()),
            None => Body::Plain(text("text")?),
        };
        Some(Message {
            id: text("id")?,
            topic_arn: text("topic")?,
            subject: text("subject"),
            body,
            attributes: record.get("attributes")?.as_object()?.clone(),
            sent: record.get("sent")?.as_i64()?,
            group: text("group"),
            deduplication: text("deduplication"),
            sequence: match text("sequence") {
                Some(sequence) => Some(sequence.parse().ok()?),
                None => None,
            },
            base_url: text("base")?,
        })
    }
}

/// Of `MessageStructure` `json`: what is no text is ignored.
fn by_protocol(message: &str) -> Result<Body, Fault> {
    let Ok(Value::Object(texts)) = Value::parse(message) else {
        return Err(invalid("Message Structure - JSON message body failed to parse"));
    };
    if !texts.get("default").is_some_and(Value::is_string) {
        return Err(invalid("Message Structure - No default entry in JSON message body"));
    }
    Ok(Body::ByProtocol(texts.into_iter().filter(|(_, text)| text.is_string()).collect()))
}

/// ASCII on one line that does not begin with a space. (the model's documentation of Publish)
fn check_subject(subject: &str) -> Result<Text, Fault> {
    let is_good = !subject.is_empty()
        && subject.len() <= SUBJECT_LENGTH_MAX
        && !subject.starts_with(' ')
        && subject.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_good { Ok(subject.into()) } else { Err(invalid("Subject")) }
}

fn check_id(name: &str, id: &str) -> Result<Text, Fault> {
    if (1..=ID_LENGTH_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(id.into());
    }
    Err(invalid(format!(
        "{name} Reason: {name} can only include alphanumeric and punctuation characters. 1 to 128 in length"
    )))
}

/// The attributes in the order of their names, and how many bytes they have.
fn attributes(given: Option<&Value>) -> Result<(Object, usize), Fault> {
    let Some(given) = given.and_then(Value::as_object) else { return Ok((Object::new(), 0)) };
    let mut sorted: Vec<_> = given.iter().collect();
    sorted.sort_by_key(|(name, _)| name.as_str());
    let (mut attributes, mut bytes) = (Object::with_capacity(sorted.len()), 0);
    for (name, attribute) in sorted {
        let (attribute, attribute_bytes) = check_attribute(name, attribute)?;
        bytes += name.len() + attribute_bytes;
        attributes.insert(name.clone(), attribute);
    }
    Ok((attributes, bytes))
}

fn check_attribute(name: &str, attribute: &Value) -> Result<(Value, usize), Fault> {
    check_attribute_name(name)?;
    let member = |member: &str| attribute.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    let Some(data_type) = member("DataType") else {
        return Err(invalid_value(format!(
            "The message attribute '{name}' must contain non-empty message attribute type."
        )));
    };
    let of_type = match data_type.split('.').next() {
        Some("String" | "Number") => "StringValue",
        Some("Binary") => "BinaryValue",
        _ => {
            return Err(invalid_value(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is \
                 Binary, Number, and String."
            )));
        }
    };
    let Some(value) = member(of_type) else {
        return Err(invalid_value(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type \
             '{data_type}'."
        )));
    };
    if data_type.starts_with("Number") && value.trim().parse::<f64>().is_err() {
        return Err(invalid_value(format!("Could not cast message attribute '{name}' value to number.")));
    }
    let bytes = match of_type {
        // Of Base64 with its padding.
        "BinaryValue" => value.len() / 4 * 3,
        _ => value.len(),
    };
    let kept = json::value!({ "DataType": data_type, (of_type): value });
    Ok((kept, data_type.len() + bytes))
}

fn check_attribute_name(name: &str) -> Result<(), Fault> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let lower = name.to_ascii_lowercase();
    let wrong = if name.is_empty() || name.len() > ATTRIBUTE_NAME_LENGTH_MAX {
        "must be between 1 and 256 characters long"
    } else if !name.bytes().all(is_allowed) {
        "can contain A-Z, a-z, 0-9, underscore, hyphen and period only"
    } else if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        "must neither begin nor end with a period, nor have two of them in a row"
    } else if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        "must not begin with a prefix that AWS reserves: AWS. or Amazon."
    } else {
        return Ok(());
    };
    Err(invalid_value(format!("The name of the message attribute '{name}' {wrong}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: Value) -> Result<(Message, usize), Fault> {
        Message::read(input.as_object().unwrap())
    }

    #[test]
    fn what_is_read_is_kept() {
        let (mut message, bytes) = read(json::value!({
            "Message": "{\"default\": \"d\", \"sqs\": \"s\", \"http\": 7}",
            "MessageStructure": "json",
            "Subject": "Hello",
            "MessageAttributes": {
                "b": { "DataType": "Binary", "BinaryValue": "AAAA" },
                "a": { "DataType": "Number.int", "StringValue": "7" }
            },
            "MessageGroupId": "g",
        }))
        .unwrap();
        assert_eq!(bytes, 39 + (1 + 10 + 1) + (1 + 6 + 3));
        assert_eq!(message.body.text_for(Protocol::Sqs), "s");
        assert_eq!(message.body.text_for(Protocol::Http), "d");
        (message.sent, message.sequence) = (7, Some(u64::MAX));
        assert_eq!(Message::from_record(message.to_record().as_bytes()), Some(message));
        let plain = Message { body: Body::Plain("é".into()), ..Message::default() };
        assert_eq!(Message::from_record(plain.to_record().as_bytes()), Some(plain));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let attribute = |name: &str, attribute: Value| json::value!({ "Message": "m", "MessageAttributes": { (name): attribute } });
        for (input, message) in [
            (json::value!({ "Message": "" }), "Invalid parameter: Empty message"),
            (json::value!({ "Message": ("x".repeat(262_145)) }), "Invalid parameter: Message too long"),
            (json::value!({ "Message": "m", "Subject": "a\nb" }), "Invalid parameter: Subject"),
            (json::value!({ "Message": "m", "Subject": ("x".repeat(101)) }), "Invalid parameter: Subject"),
            (
                json::value!({ "Message": "m", "MessageStructure": "json" }),
                "Invalid parameter: Message Structure - JSON message body failed to parse",
            ),
            (
                json::value!({ "Message": "{\"sqs\": \"s\"}", "MessageStructure": "json" }),
                "Invalid parameter: Message Structure - No default entry in JSON message body",
            ),
            (
                json::value!({ "Message": "m", "MessageGroupId": "a b" }),
                "Invalid parameter: MessageGroupId Reason: MessageGroupId can only include alphanumeric and punctuation \
                 characters. 1 to 128 in length",
            ),
            (
                attribute("a", json::value!({ "DataType": "", "StringValue": "v" })),
                "The message attribute 'a' must contain non-empty message attribute type.",
            ),
            (
                attribute("a", json::value!({ "DataType": "Text", "StringValue": "v" })),
                "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is \
                 Binary, Number, and String.",
            ),
            (
                attribute("a", json::value!({ "DataType": "String" })),
                "The message attribute 'a' must contain non-empty message attribute value for message attribute type \
                 'String'.",
            ),
            (
                attribute("a", json::value!({ "DataType": "Number", "StringValue": "seven" })),
                "Could not cast message attribute 'a' value to number.",
            ),
            (
                attribute("AWS.a", json::value!({ "DataType": "String", "StringValue": "v" })),
                "The name of the message attribute 'AWS.a' must not begin with a prefix that AWS reserves: AWS. or Amazon..",
            ),
        ] {
            assert_eq!(read(input).unwrap_err().message, message);
        }
    }

    #[test]
    fn a_topic_says_what_else_there_must_be() {
        let fit = |topic: &str, by_content: bool, input: Value| {
            let mut settings = Settings::new(format!("arn:aws:sns:r:1:{topic}").into());
            if by_content {
                settings.set("ContentBasedDeduplication", "true").unwrap();
            }
            let (mut message, _) = read(input).unwrap();
            message.fit(&settings, || "hash".into()).map(|()| message.deduplication)
        };
        assert_eq!(fit("t", false, json::value!({ "Message": "m", "MessageGroupId": "g" })), Ok(None));
        let refused = fit("t", false, json::value!({ "Message": "m", "MessageDeduplicationId": "d" }));
        assert!(refused.unwrap_err().message.contains("not valid for this topic type"));
        let refused = fit("t.fifo", true, json::value!({ "Message": "m" })).unwrap_err();
        assert_eq!(
            refused.message,
            "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
        );
        let in_group = json::value!({ "Message": "m", "MessageGroupId": "g" });
        assert_eq!(fit("t.fifo", true, in_group.clone()), Ok(Some("hash".into())));
        assert!(fit("t.fifo", false, in_group).unwrap_err().message.contains("ContentBasedDeduplication"));
    }
}
