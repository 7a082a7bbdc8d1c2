//! What SNS wraps a message into: a notification, a request to confirm, an event of Lambda. (spec/event-routers.md §2)
//!
//! Never here: where it goes, how signatures are made.

use json::{Object, Value};

use super::endpoint::Protocol;
use super::message::Message;
use crate::timestamp::iso8601;

/// What a signature adds to an envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Signature {
    /// `1` or `2`
    pub version: &'static str,
    /// Base64.
    pub signature: String,
    /// Where the certificate is, below the server's address.
    pub certificate_path: String,
}

/// Members of an envelope in their order: texts, and for attributes an object.
type Members = Vec<(&'static str, Value)>;

/// A message as whoever is subscribed with this ARN gets it.
pub(super) fn notification(
    message: &Message,
    protocol: Protocol,
    subscription_arn: &str,
    signature: &Signature,
) -> Members {
    let mut members = said(message, protocol);
    add(&mut members, signature, &message.base_url);
    members.push(("UnsubscribeURL", unsubscribe_url(&message.base_url, subscription_arn).into()));
    if !message.attributes.is_empty() {
        members.push(("MessageAttributes", attributes(message).into()));
    }
    members
}

/// What is signed of a message: the same for all who are subscribed by one protocol.
pub(super) fn signed_text(message: &Message, protocol: Protocol) -> String {
    text_of(&said(message, protocol), &SIGNED_OF_NOTIFICATION)
}

fn said(message: &Message, protocol: Protocol) -> Members {
    let text = message.body.text_for(protocol);
    let timestamp = iso8601(message.sent);
    let mut members: Members =
        vec![("Type", "Notification".into()), ("MessageId", message.id.clone().into())];
    if let Some(sequence) = message.sequence {
        members.push(("SequenceNumber", sequence.to_string().into()));
    }
    members.push(("TopicArn", message.topic_arn.clone().into()));
    if let Some(subject) = &message.subject {
        members.push(("Subject", subject.clone().into()));
    }
    members.push(("Message", text.into()));
    members.push(("Timestamp", timestamp.into()));
    members
}

/// What an endpoint is asked before it gets messages, and what it is told when they end.
#[derive(Clone, Debug)]
pub(super) struct Handshake<'a> {
    /// Whether it is about the end.
    pub is_end: bool,
    pub message_id: &'a str,
    pub token: &'a str,
    pub topic_arn: &'a str,
    pub subscription_arn: &'a str,
    /// In milliseconds since 1970.
    pub sent: i64,
    pub base_url: &'a str,
}

impl Handshake<'_> {
    /// Of the header `x-amz-sns-message-type`.
    pub fn kind(&self) -> &'static str {
        if self.is_end { "UnsubscribeConfirmation" } else { "SubscriptionConfirmation" }
    }

    /// Whoever visits it confirms.
    pub fn subscribe_url(&self) -> String {
        let Handshake { base_url, topic_arn, token, .. } = self;
        format!("{base_url}/?Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}")
    }

    pub fn members(&self, signature: &Signature) -> Members {
        let mut members = self.said();
        add(&mut members, signature, self.base_url);
        members
    }

    /// What is signed of it.
    pub fn signed_text(&self) -> String {
        text_of(&self.said(), &SIGNED_OF_HANDSHAKE)
    }

    fn said(&self) -> Members {
        let Handshake { message_id, token, topic_arn, subscription_arn, .. } = self;
        let message = match self.is_end {
            false => format!(
                "You have chosen to subscribe to the topic {topic_arn}.\nTo confirm the subscription, visit the SubscribeURL \
                 included in this message."
            ),
            true => format!(
                "You have chosen to deactivate subscription {subscription_arn}.\nTo cancel this operation and restore the \
                 subscription, visit the SubscribeURL included in this message."
            ),
        };
        vec![
            ("Type", self.kind().into()),
            ("MessageId", (*message_id).into()),
            ("Token", (*token).into()),
            ("TopicArn", (*topic_arn).into()),
            ("Message", message.into()),
            ("SubscribeURL", self.subscribe_url().into()),
            ("Timestamp", iso8601(self.sent).into()),
        ]
    }
}

/// What Lambda is called with.
pub(super) fn lambda_event(message: &Message, subscription_arn: &str, signature: &Signature) -> Value {
    let mut members = notification(message, Protocol::Lambda, subscription_arn, signature);
    members.retain(|(name, _)| *name != "MessageAttributes");
    // Lambda spells two members in its own way, and leaves nothing out.
    let spelt = |name: &'static str| match name {
        "SigningCertURL" => "SigningCertUrl",
        "UnsubscribeURL" => "UnsubscribeUrl",
        name => name,
    };
    let mut sns: Object = members.into_iter().map(|(name, value)| (spelt(name), value)).collect();
    if message.subject.is_none() {
        sns.insert("Subject", Value::Null);
    }
    sns.insert("MessageAttributes", attributes(message));
    json::value!({
        "Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription_arn,
            "Sns": sns,
        }]
    })
}

/// An envelope as text, laid out as AWS does it.
pub(super) fn text(members: &[(&str, Value)]) -> String {
    let mut out = String::from("{");
    for (place, (name, value)) in members.iter().enumerate() {
        out.push_str(if place == 0 { "\n  " } else { ",\n  " });
        json::write_string(name, &mut out);
        out.push_str(" : ");
        match value {
            Value::Object(attributes) => write_attributes(attributes, &mut out),
            value => value.write_into(&mut out),
        }
    }
    out.push_str("\n}");
    out
}

fn write_attributes(attributes: &Object, out: &mut String) {
    out.push('{');
    for (place, (name, value)) in attributes.iter().enumerate() {
        out.push_str(if place == 0 { "\n    " } else { ",\n    " });
        json::write_string(name, out);
        out.push_str(" : ");
        value.write_into(out);
    }
    out.push_str("\n  }");
}

/// `{"name": {"Type": …, "Value": …}}`
fn attributes(message: &Message) -> Object {
    let shown = message.attributes.iter().map(|(name, attribute)| {
        let member = |name: &str| attribute.get(name).cloned();
        let value = member("StringValue").or_else(|| member("BinaryValue")).unwrap_or_default();
        let data_type = member("DataType").unwrap_or_default();
        (name.clone(), json::value!({ "Type": data_type, "Value": value }))
    });
    shown.collect()
}

/// What is signed, in this order. (SNS's guide, "Verifying the signatures of Amazon SNS messages")
const SIGNED_OF_NOTIFICATION: [&str; 6] =
    ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
const SIGNED_OF_HANDSHAKE: [&str; 7] =
    ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

fn text_of(members: &Members, signed: &[&str]) -> String {
    let mut text = String::new();
    for name in signed {
        let value = members.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_str());
        if let Some(value) = value {
            text.extend([name, "\n", value, "\n"]);
        }
    }
    text
}

fn add(members: &mut Members, signature: &Signature, base_url: &str) {
    let Signature { version, signature, certificate_path } = signature;
    members.push(("SignatureVersion", (*version).into()));
    members.push(("Signature", signature.as_str().into()));
    members.push(("SigningCertURL", format!("{base_url}{certificate_path}").into()));
}

fn unsubscribe_url(base_url: &str, subscription_arn: &str) -> String {
    format!("{base_url}/?Action=Unsubscribe&SubscriptionArn={subscription_arn}")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::message::Body;
    use super::*;

    fn signature() -> Signature {
        Signature { version: "1", signature: "EXAMPLE".into(), certificate_path: "/cert.pem".into() }
    }

    const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:t";
    const SUBSCRIPTION: &str = "arn:aws:sns:us-east-1:123456789012:t:5555";

    fn message() -> Message {
        let attributes = json::value!({
            "a": { "DataType": "Number", "StringValue": "7" },
            "b": { "DataType": "Binary", "BinaryValue": "AAAA" }
        });
        Message {
            id: "165545c9".into(),
            topic_arn: TOPIC.into(),
            subject: Some("My \"first\"".into()),
            body: Body::Plain("Hello\nworld!".into()),
            attributes: attributes.as_object().unwrap().clone(),
            sent: 1_335_920_046_655,
            base_url: "http://127.0.0.1:8083".into(),
            ..Message::default()
        }
    }

    #[test]
    fn a_notification() {
        expect![[r#"
            {
              "Type" : "Notification",
              "MessageId" : "165545c9",
              "TopicArn" : "arn:aws:sns:us-east-1:123456789012:t",
              "Subject" : "My \"first\"",
              "Message" : "Hello\nworld!",
              "Timestamp" : "2012-05-02T00:54:06.655Z",
              "SignatureVersion" : "1",
              "Signature" : "EXAMPLE",
              "SigningCertURL" : "http://127.0.0.1:8083/cert.pem",
              "UnsubscribeURL" : "http://127.0.0.1:8083/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:123456789012:t:5555",
              "MessageAttributes" : {
                "a" : {"Type":"Number","Value":"7"},
                "b" : {"Type":"Binary","Value":"AAAA"}
              }
            }"#]]
        .assert_eq(&text(&notification(&message(), Protocol::Sqs, SUBSCRIPTION, &signature())));
        expect![[r#"
            Message
            Hello
            world!
            MessageId
            165545c9
            Subject
            My "first"
            Timestamp
            2012-05-02T00:54:06.655Z
            TopicArn
            arn:aws:sns:us-east-1:123456789012:t
            Type
            Notification
        "#]]
        .assert_eq(&signed_text(&message(), Protocol::Sqs));
    }

    #[test]
    fn a_fifo_notification_has_its_number() {
        let bare = Message {
            subject: None,
            attributes: Object::new(),
            sequence: Some(10_000_000_000_000_003_000),
            ..message()
        };
        let members = notification(&bare, Protocol::Sqs, SUBSCRIPTION, &signature());
        let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
        assert_eq!(names[..5], ["Type", "MessageId", "SequenceNumber", "TopicArn", "Message"]);
        assert_eq!(members[2].1.as_str(), Some("10000000000000003000"));
        assert_eq!(names.last(), Some(&"UnsubscribeURL"));
    }

    #[test]
    fn an_event_of_lambda() {
        let bare = Message { subject: None, ..message() };
        expect![[r#"{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:us-east-1:123456789012:t:5555","Sns":{"Type":"Notification","MessageId":"165545c9","TopicArn":"arn:aws:sns:us-east-1:123456789012:t","Message":"Hello\nworld!","Timestamp":"2012-05-02T00:54:06.655Z","SignatureVersion":"1","Signature":"EXAMPLE","SigningCertUrl":"http://127.0.0.1:8083/cert.pem","UnsubscribeUrl":"http://127.0.0.1:8083/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:123456789012:t:5555","Subject":null,"MessageAttributes":{"a":{"Type":"Number","Value":"7"},"b":{"Type":"Binary","Value":"AAAA"}}}}]}"#]]
        .assert_eq(&lambda_event(&bare, SUBSCRIPTION, &signature()).to_text());
    }

    #[test]
    fn a_handshake() {
        let handshake = Handshake {
            is_end: false,
            message_id: "id",
            token: "2336",
            topic_arn: TOPIC,
            subscription_arn: SUBSCRIPTION,
            sent: 0,
            base_url: "http://127.0.0.1:8083",
        };
        expect![[r#"
            {
              "Type" : "SubscriptionConfirmation",
              "MessageId" : "id",
              "Token" : "2336",
              "TopicArn" : "arn:aws:sns:us-east-1:123456789012:t",
              "Message" : "You have chosen to subscribe to the topic arn:aws:sns:us-east-1:123456789012:t.\nTo confirm the subscription, visit the SubscribeURL included in this message.",
              "SubscribeURL" : "http://127.0.0.1:8083/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:t&Token=2336",
              "Timestamp" : "1970-01-01T00:00:00.000Z",
              "SignatureVersion" : "1",
              "Signature" : "EXAMPLE",
              "SigningCertURL" : "http://127.0.0.1:8083/cert.pem"
            }"#]]
        .assert_eq(&text(&handshake.members(&signature())));
        expect![[r#"
            Message
            You have chosen to subscribe to the topic arn:aws:sns:us-east-1:123456789012:t.
            To confirm the subscription, visit the SubscribeURL included in this message.
            MessageId
            id
            SubscribeURL
            http://127.0.0.1:8083/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:t&Token=2336
            Timestamp
            1970-01-01T00:00:00.000Z
            Token
            2336
            TopicArn
            arn:aws:sns:us-east-1:123456789012:t
            Type
            SubscriptionConfirmation
        "#]]
        .assert_eq(&handshake.signed_text());
        let end = Handshake { is_end: true, ..handshake };
        assert_eq!(end.kind(), "UnsubscribeConfirmation");
        assert!(
            text(&end.members(&signature()))
                .contains("deactivate subscription arn:aws:sns:us-east-1:123456789012:t:5555.")
        );
    }
}
