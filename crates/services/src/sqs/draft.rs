//! A message as its sender wishes it, checked.

use aws_protocols::base64;
use json::{Object, Value};

use super::attributes::{Attributes, check_number};
use super::fault::{invalid_parameter, invalid_value, missing_parameter};
use super::input::Input;
use super::message::{Attribute, AttributeValue, Message};
use super::sending::Draft;
use super::{digest, window};
use crate::Fault;

/// How many attributes a message may have. (documented)
const ATTRIBUTES_MAX: usize = 10;

/// What a queue says about messages that come into it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub is_fifo: bool,
    pub content_based: bool,
    pub by_group: bool,
    pub bytes_max: usize,
}

impl Terms {
    pub fn of(attributes: &Attributes) -> Terms {
        Terms {
            is_fifo: attributes.is_fifo(),
            content_based: attributes.flag("ContentBasedDeduplication"),
            by_group: attributes.deduplicates_by_group(),
            bytes_max: attributes.number("MaximumMessageSize") as usize,
        }
    }
}

/// Reads SendMessage's input, or an entry of a batch. The id and the time are the caller's to add.
pub(crate) fn read(input: Input<'_>, terms: Terms) -> Result<Draft, Fault> {
    let body = input.required("MessageBody")?;
    check_characters(body)?;
    let attributes = read_attributes(input.object("MessageAttributes"))?;
    let trace_header = read_trace_header(input.object("MessageSystemAttributes"))?;
    if bytes(body, &attributes) > terms.bytes_max {
        let max = terms.bytes_max;
        return Err(invalid_parameter(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {max} bytes."
        )));
    }
    let delay_seconds = input.number("DelaySeconds");
    if let Some(seconds) = delay_seconds {
        check_number(seconds, "DelaySeconds", 900)?;
        if terms.is_fifo && seconds != 0 {
            let reason = "The request include parameter that is not valid for this queue type.";
            return Err(invalid_value(&seconds.to_string(), "DelaySeconds", reason));
        }
    }
    let mut message = Message {
        body_md5: digest::of_body(body),
        group: read_id(input, "MessageGroupId")?,
        deduplication_id: read_id(input, "MessageDeduplicationId")?,
        trace_header,
        body: body.to_owned(),
        attributes,
        ..Message::default()
    };
    let deduplication = deduplicate(&mut message, terms)?;
    // A FIFO queue's delay is the queue's.
    let delay_seconds = delay_seconds.filter(|_| !terms.is_fifo);
    Ok(Draft { message, delay_seconds, deduplication })
}

/// Settles what a FIFO queue needs to know, and refuses what another cannot use.
fn deduplicate(message: &mut Message, terms: Terms) -> Result<Option<window::DeduplicationKey>, Fault> {
    if !terms.is_fifo {
        if message.deduplication_id.is_empty() {
            return Ok(None);
        }
        let reason = "The request includes a parameter that is not valid for this queue type.";
        return Err(invalid_value(&message.deduplication_id, "MessageDeduplicationId", reason));
    }
    if message.group.is_empty() {
        return Err(missing_parameter("MessageGroupId"));
    }
    if message.deduplication_id.is_empty() {
        if !terms.content_based {
            return Err(invalid_parameter(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
                 provided explicitly",
            ));
        }
        message.deduplication_id = window::id_of_body(&message.body);
    }
    let group = terms.by_group.then_some(message.group.as_str());
    Ok(Some(window::key(group, &message.deduplication_id)))
}

/// How much a message counts: its body and all of its attributes. (documented)
pub(crate) fn bytes(body: &str, attributes: &[Attribute]) -> usize {
    let attribute = |attribute: &Attribute| {
        let value = match &attribute.value {
            AttributeValue::Text(text) => text.len(),
            AttributeValue::Binary(bytes) => bytes.len(),
        };
        attribute.name.len() + attribute.data_type.len() + value
    };
    body.len() + attributes.iter().map(attribute).sum::<usize>()
}

/// A body has only characters that XML has.
fn check_characters(body: &str) -> Result<(), Fault> {
    let is_good = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if body.chars().all(is_good) {
        return Ok(());
    }
    let message = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | \
                   #xE000 to #xFFFD | #x10000 to #x10FFFF";
    Err(Fault::new("InvalidMessageContents", message))
}

/// A group's or a deduplication's id.
fn read_id(input: Input<'_>, name: &str) -> Result<String, Fault> {
    let Some(id) = input.text(name) else { return Ok(String::new()) };
    let is_good = (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if is_good {
        return Ok(id.to_owned());
    }
    let reason =
        format!("{name} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
    Err(invalid_value(id, name, &reason))
}

fn read_trace_header(attributes: Option<&Object>) -> Result<String, Fault> {
    let mut header = String::new();
    for (name, value) in attributes.into_iter().flatten() {
        if name != "AWSTraceHeader" {
            let message = format!("Message system attribute name '{name}' is invalid.");
            return Err(invalid_parameter(message));
        }
        match (
            value.get("DataType").and_then(Value::as_str),
            value.get("StringValue").and_then(Value::as_str),
        ) {
            (Some("String"), Some(text)) if !text.is_empty() => header = text.to_owned(),
            _ => {
                let message =
                    "The message system attribute 'AWSTraceHeader' must be of type String and not empty.";
                return Err(invalid_parameter(message));
            }
        }
    }
    Ok(header)
}

fn read_attributes(attributes: Option<&Object>) -> Result<Vec<Attribute>, Fault> {
    let Some(attributes) = attributes else { return Ok(Vec::new()) };
    if attributes.len() > ATTRIBUTES_MAX {
        let count = attributes.len();
        return Err(invalid_parameter(format!(
            "Number of message attributes [{count}] exceeds the allowed maximum [{ATTRIBUTES_MAX}]."
        )));
    }
    attributes.iter().map(|(name, value)| read_attribute(name, Input(value))).collect()
}

fn read_attribute(name: &str, input: Input<'_>) -> Result<Attribute, Fault> {
    check_attribute_name(name)?;
    let refuse = |what: &str| Err(invalid_parameter(format!("The message attribute '{name}' {what}")));
    let data_type = input.text("DataType").unwrap_or_default();
    if data_type.is_empty() {
        return refuse("must contain non-empty message attribute type.");
    }
    if data_type.len() > 256 {
        return refuse("has a message attribute type that is longer than 256 bytes.");
    }
    for list in ["StringListValues", "BinaryListValues"] {
        if input.array(list).is_some_and(|list| !list.is_empty()) {
            return refuse("has a list of values, which is not supported.");
        }
    }
    let kind = data_type.split('.').next().unwrap_or_default();
    let value = match (kind, input.text("StringValue"), input.text("BinaryValue")) {
        ("String" | "Number" | "Binary", None, None) => {
            return refuse(&format!(
                "must contain non-empty message attribute value for message attribute type '{kind}'."
            ));
        }
        ("String" | "Number", Some(""), _) | ("Binary", _, Some("")) => {
            return refuse(&format!(
                "must contain non-empty message attribute value for message attribute type '{kind}'."
            ));
        }
        ("Number", Some(text), None) if !is_number(text) => {
            let message = format!("Can't cast the value of message (user) attribute '{name}' to a number.");
            return Err(invalid_parameter(message));
        }
        ("String" | "Number", Some(text), None) => {
            check_characters(text)?;
            AttributeValue::Text(text.to_owned())
        }
        ("Binary", None, Some(text)) => match base64::decode(text) {
            Some(bytes) => AttributeValue::Binary(bytes),
            None => return refuse("has a binary value that is not Base64."),
        },
        ("String" | "Number" | "Binary", ..) => {
            return refuse(&format!(
                "with type '{kind}' must use field '{}'.",
                if kind == "Binary" { "Binary" } else { "String" }
            ));
        }
        _ => {
            return refuse(
                "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and \
                 String.",
            );
        }
    };
    Ok(Attribute { name: name.to_owned(), data_type: data_type.to_owned(), value })
}

/// (documented: up to 256 letters, digits, `_`, `-`, `.`; no dot at an end, no two together; not AWS's)
fn check_attribute_name(name: &str) -> Result<(), Fault> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let lower = name.to_ascii_lowercase();
    let is_named_well = (1..=256).contains(&name.len())
        && name.bytes().all(is_good)
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..");
    if !is_named_well {
        return Err(invalid_parameter(format!("Message (user) attribute name '{name}' is invalid.")));
    }
    if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        let message = "Message (user) attribute name starts with AWS. or Amazon. and is reserved.";
        return Err(invalid_parameter(message));
    }
    Ok(())
}

/// (documented: up to 38 digits of precision, between -10^128 and 10^126)
fn is_number(text: &str) -> bool {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    is_digits && text.parse::<f64>().is_ok_and(|number| number.abs() <= 1e128)
}
