//! What goes out for a message: a call of SQS or Lambda, a request to a webhook, a mail, a short message.
//!
//! Never here: sending it.

use json::{Object, Text, Value};

use super::endpoint::Protocol;
use super::envelope::{self, Handshake, Signature};
use super::message::Message;
use super::names;
use super::subscription::Subscription;
use super::topic::Settings;
use crate::delivery::{OutCall, Trouble, dead_letter};

/// SQS takes no more. A message with more cannot be delivered raw. (SNS's guide, "Raw message delivery")
const RAW_ATTRIBUTES_MAX: usize = 10;

/// A request to a webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// May have a user and a password in it.
    pub url: Text,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// As it is sent.
    pub body: String,
}

/// A mail or a short message. Nobody here sends it; it is kept to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// `email`, `email-json`, `sms`
    pub kind: &'static str,
    pub to: Text,
    /// Of a mail.
    pub subject: String,
    pub text: String,
}

/// A message on its way to one subscription.
pub(super) struct Outward<'a> {
    pub topic: &'a Settings,
    pub subscription: &'a Subscription,
    pub message: &'a Message,
    pub signature: &'a Signature,
    /// The same for all tries.
    pub token: String,
}

impl Outward<'_> {
    /// The call of SQS.
    pub fn to_queue(&self) -> Result<OutCall, Trouble> {
        if self.subscription.is_raw() && self.message.attributes.len() > RAW_ATTRIBUTES_MAX {
            return Err(Trouble::lasting(
                "InvalidParameterValue",
                format!("a raw message to SQS has at most {RAW_ATTRIBUTES_MAX} attributes"),
            ));
        }
        Ok(self.send_message(&self.subscription.endpoint))
    }

    /// The call of Lambda.
    pub fn to_function(&self) -> OutCall {
        let event = envelope::lambda_event(self.message, &self.subscription.arn, self.signature).to_text();
        let input = json::value!({
            "FunctionName": (self.subscription.endpoint.clone()),
            "InvocationType": "Event",
            "Payload": (aws_protocols::base64::encode(event.as_bytes())),
        });
        OutCall { service: "lambda".into(), operation: "Invoke".into(), input, ..self.call() }
    }

    /// The request to a webhook.
    pub fn to_webhook(&self) -> Post {
        let is_raw = self.subscription.is_raw();
        let mut headers = headers("Notification", &self.message.id, &self.message.topic_arn);
        headers.push(("x-amz-sns-subscription-arn", self.subscription.arn.to_string()));
        if is_raw {
            headers.push(("x-amz-sns-rawdelivery", "true".to_owned()));
        }
        headers
            .push(("content-type", self.subscription.content_type(&self.topic.delivery_policy()).to_owned()));
        headers.push(user_agent());
        Post { url: self.subscription.endpoint.clone(), headers, body: self.body() }
    }

    /// What is kept of a mail or a short message.
    pub fn to_reader(&self) -> Note {
        let protocol = self.subscription.protocol;
        let text = self.message.body.text_for(protocol);
        let name = self.topic.attribute("DisplayName");
        let text = match (protocol, name) {
            (Protocol::EmailJson, _) => self.body(),
            (Protocol::Sms, Some(name)) => format!("{name}> {text}"),
            _ => text.to_owned(),
        };
        let subject = match protocol {
            Protocol::Sms => String::new(),
            _ => self.message.subject.as_deref().unwrap_or("AWS Notification Message").to_owned(),
        };
        Note { kind: protocol.name(), to: self.subscription.endpoint.clone(), subject, text }
    }

    /// The call that puts what cannot be delivered into the dead-letter queue.
    pub fn to_dead_letters(&self, queue_arn: &str) -> OutCall {
        self.send_message(queue_arn)
    }

    fn send_message(&self, queue_arn: &str) -> OutCall {
        let mut call = dead_letter(queue_arn, &self.body(), &[], self.call());
        let mut input = call.input.as_object().cloned().unwrap_or_default();
        let attributes = match self.subscription.is_raw() {
            true => self.message.attributes.clone(),
            false => Object::new(),
        };
        input.insert("MessageAttributes", attributes);
        if let Some(group) = &self.message.group {
            input.insert("MessageGroupId", group.clone());
        }
        // Only FIFO queues know duplicates.
        if let Some(deduplication) =
            self.message.deduplication.as_ref().filter(|_| queue_arn.ends_with(".fifo"))
        {
            input.insert("MessageDeduplicationId", deduplication.clone());
        }
        call.input = Value::Object(input);
        // An attribute may be binary.
        call.has_base64 = true;
        call
    }

    /// The text alone, or the whole envelope.
    fn body(&self) -> String {
        let Outward { subscription, message, signature, .. } = self;
        match subscription.is_raw() {
            true => message.body.text_for(subscription.protocol).to_owned(),
            false => {
                let members =
                    envelope::notification(message, subscription.protocol, &subscription.arn, signature);
                envelope::text(&members)
            }
        }
    }

    fn call(&self) -> OutCall {
        let arn = &self.message.topic_arn;
        OutCall {
            region: names::region_of(arn).into(),
            source_arn: arn.clone(),
            token: self.token.clone(),
            ..OutCall::default()
        }
    }
}

/// What asks a webhook to confirm, or tells it that it was the last.
pub(super) fn handshake_post(handshake: &Handshake<'_>, url: &Text, signature: &Signature) -> Post {
    let mut headers = headers(handshake.kind(), handshake.message_id, handshake.topic_arn);
    if handshake.is_end {
        headers.push(("x-amz-sns-subscription-arn", handshake.subscription_arn.to_owned()));
    }
    headers.push(("content-type", super::topic::DEFAULT_CONTENT_TYPE.to_owned()));
    headers.push(user_agent());
    Post { url: url.clone(), headers, body: envelope::text(&handshake.members(signature)) }
}

/// The mail that asks for a confirmation. Its reader confirms with the token, by the API or by visiting the address.
pub(super) fn handshake_note(
    handshake: &Handshake<'_>,
    protocol: Protocol,
    to: &Text,
    signature: &Signature,
) -> Note {
    let text = match protocol {
        Protocol::EmailJson => envelope::text(&handshake.members(signature)),
        _ => format!(
            "You have chosen to subscribe to the topic:\n{}\n\nTo confirm this subscription, visit\n{}\n\nToken: {}",
            handshake.topic_arn,
            handshake.subscribe_url(),
            handshake.token
        ),
    };
    let subject = "AWS Notification - Subscription Confirmation".to_owned();
    Note { kind: protocol.name(), to: to.clone(), subject, text }
}

fn headers(kind: &str, message_id: &str, topic_arn: &str) -> Vec<(&'static str, String)> {
    vec![
        ("x-amz-sns-message-type", kind.to_owned()),
        ("x-amz-sns-message-id", message_id.to_owned()),
        ("x-amz-sns-topic-arn", topic_arn.to_owned()),
    ]
}

fn user_agent() -> (&'static str, String) {
    ("user-agent", "Amazon Simple Notification Service Agent".to_owned())
}
