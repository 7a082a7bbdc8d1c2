//! Publish and PublishBatch: messages are checked, and become parcels.
//!
//! Never here: the ledger, waiting.

use json::{Array, Object, Text, Value};
use sha2::{Digest, Sha256};

use super::actions::Ask;
use super::endpoint;
use super::fault::invalid;
use super::message::{BYTES_MAX, Message};
use super::names;
use super::topics::Topics;
use crate::Fault;

const ENTRIES_MAX: usize = 10;
const ENTRY_ID_LENGTH_MAX: usize = 80;

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    Topic(Text),
    Phone(Text),
}

/// What became of a message that was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Published {
    pub message_id: Text,
    pub sequence: Option<u64>,
}

/// An entry of a batch: its id, and a message or why it is none.
pub(super) type Entry = (Text, Result<Message, Fault>);

/// Reads Publish.
pub(super) fn one(ask: &Ask, topics: &Topics) -> Result<(Destination, Message), Fault> {
    let destination = match (ask.text("TopicArn"), ask.text("TargetArn"), ask.text("PhoneNumber")) {
        ("", "", "") => {
            return Err(invalid("TopicArn or TargetArn Reason: no value for required parameter"));
        }
        ("", "", phone) => {
            endpoint::check_phone_number(phone)
                .map_err(|()| invalid(format!("PhoneNumber Reason: {phone} is not valid to publish to")))?;
            Destination::Phone(phone.into())
        }
        ("", target, "") if target.contains(":endpoint/") => {
            return Err(invalid("TargetArn Reason: Stepwell has no mobile push: give the ARN of a topic"));
        }
        ("", target, "") => topic("TargetArn", target, topics)?,
        (arn, "", "") => topic("TopicArn", arn, topics)?,
        _ => return Err(invalid("Only one of TopicArn, TargetArn and PhoneNumber may be given")),
    };
    let (mut message, _) = Message::read(&ask.input)?;
    finish(&mut message, ask, ask.random[0]);
    if let Destination::Topic(arn) = &destination {
        fit(&mut message, &ask.input, arn, topics)?;
    }
    Ok((destination, message))
}

/// Reads PublishBatch. `random` draws as many bits as an id needs.
pub(super) fn batch(
    ask: &Ask,
    topics: &Topics,
    mut random: impl FnMut() -> u128,
) -> Result<(Text, Vec<Entry>), Fault> {
    let Destination::Topic(arn) = topic("TopicArn", ask.text("TopicArn"), topics)? else {
        unreachable!("a topic's ARN leads to a topic")
    };
    let nothing = Array::new();
    let given = ask.input.get("PublishBatchRequestEntries").and_then(Value::as_array).unwrap_or(&nothing);
    check_entries(given)?;
    let (mut entries, mut bytes_of_all) = (Vec::new(), 0);
    for entry in given.iter().filter_map(Value::as_object) {
        let id = Text::from(entry.get("Id").and_then(Value::as_str).unwrap_or_default());
        let read = match Message::read(entry) {
            Ok((mut message, bytes)) => {
                bytes_of_all += bytes;
                finish(&mut message, ask, random());
                // What a FIFO topic asks for, it asks of the whole request.
                fit(&mut message, entry, &arn, topics)?;
                Ok(message)
            }
            Err(fault) => Err(fault),
        };
        entries.push((id, read));
    }
    if bytes_of_all > BYTES_MAX {
        return Err(Fault::new(
            "BatchRequestTooLongException",
            "The length of all the messages put together is more than the limit.",
        ));
    }
    Ok((arn, entries))
}

/// What Publish answers.
pub(super) fn answer(published: &Published) -> Object {
    let mut answer = Object::new();
    answer.insert("MessageId", published.message_id.clone());
    if let Some(sequence) = published.sequence {
        answer.insert("SequenceNumber", sequence.to_string());
    }
    answer
}

/// What PublishBatch answers.
pub(super) fn batch_answer(entries: Vec<(Text, Result<Published, Fault>)>) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, outcome) in entries {
        match outcome {
            Ok(published) => {
                let mut shown = answer(&published);
                shown.insert("Id", id);
                successful.push(Value::Object(shown));
            }
            Err(fault) => failed.push(json::value!({
                "Id": id,
                "Code": (wire_code(&fault.code)),
                "Message": (fault.message),
                "SenderFault": (fault.status < 500),
            })),
        }
    }
    json::value!({ "Successful": (Array::from(successful)), "Failed": (Array::from(failed)) })
}

fn check_entries(entries: &Array) -> Result<(), Fault> {
    let refuse = |code: &str, message: &str| Err(Fault::new(code, message));
    if entries.is_empty() {
        return refuse("EmptyBatchRequestException", "The batch request doesn't contain any entries.");
    }
    if entries.len() > ENTRIES_MAX {
        return refuse(
            "TooManyEntriesInBatchRequestException",
            "The batch request contains more entries than permissible.",
        );
    }
    let ids: Vec<&str> =
        entries.iter().map(|entry| entry.get("Id").and_then(Value::as_str).unwrap_or_default()).collect();
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_good = |id: &&str| (1..=ENTRY_ID_LENGTH_MAX).contains(&id.len()) && id.bytes().all(is_allowed);
    if !ids.iter().all(is_good) {
        return refuse(
            "InvalidBatchEntryIdException",
            "The Id of a batch entry in a batch request doesn't abide by the specification.",
        );
    }
    if ids.iter().enumerate().any(|(place, id)| ids[..place].contains(id)) {
        return refuse(
            "BatchEntryIdsNotDistinctException",
            "Two or more batch entries in the request have the same Id.",
        );
    }
    Ok(())
}

fn topic(member: &str, arn: &str, topics: &Topics) -> Result<Destination, Fault> {
    names::check_topic_arn(member, arn)?;
    topics.find(arn)?;
    Ok(Destination::Topic(arn.into()))
}

fn finish(message: &mut Message, ask: &Ask, random: u128) {
    message.id = aws_names::uuid_v4(random).into();
    message.sent = ask.now;
    message.base_url = ask.asker.base_url.clone();
}

fn fit(message: &mut Message, input: &Object, arn: &str, topics: &Topics) -> Result<(), Fault> {
    let text = input.get("Message").and_then(Value::as_str).unwrap_or_default();
    message.fit(&topics.find(arn)?.settings, || hash(text))
}

/// SHA-256 of a message's text, in hexadecimal digits.
fn hash(text: &str) -> Text {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// As the protocol writes an error's code.
fn wire_code(code: &str) -> &str {
    match code {
        "InvalidParameterValueException" => "ParameterValueInvalid",
        code => code.strip_suffix("Exception").unwrap_or(code),
    }
}
