//! The message that a dead-letter queue is sent.

use aws_names::Arn;
use json::{Object, Value};

use super::OutCall;

/// A message attribute of type String.
pub type Attribute<'a> = (&'a str, &'a str);

/// SQS refuses a message with more. (spec/event-routers.md §1, MaximumMessageSize)
const BYTES_MAX: usize = 1 << 20;

/// The call that puts a body into the queue with this ARN; empty attributes are left out.
pub fn dead_letter(queue_arn: &str, body: &str, attributes: &[Attribute<'_>], call: OutCall) -> OutCall {
    let mut members = Object::new();
    for (name, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
        members.insert(*name, json::value!({ "DataType": "String", "StringValue": (*value) }));
    }
    let mut input = Object::new();
    input.insert("QueueUrl", queue_url(queue_arn));
    input.insert("MessageBody", shortened(body, BYTES_MAX));
    input.insert("MessageAttributes", members);
    OutCall { service: "sqs".into(), operation: "SendMessage".into(), input: Value::Object(input), ..call }
}

/// The URL that AWS would have for the queue with this ARN. Wherever SQS is, the path tells which queue is meant.
pub fn queue_url(arn: &str) -> String {
    match Arn::parse(arn) {
        Ok(arn) => format!("https://sqs.{}.amazonaws.com/{}/{}", arn.region, arn.account, arn.resource),
        // It was checked when it was stored; whoever is called says what is wrong with it.
        Err(_) => arn.to_owned(),
    }
}

/// At most so many bytes of a text.
pub fn shortened(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}
