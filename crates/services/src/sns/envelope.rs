//! What SNS wraps a message into: a notification, a request to confirm, an event of Lambda. (spec/event-routers.md §2)
//!
//! Never here: where it goes, how signatures are made.

use json::{Object, Value};

use super::endpoint::Protocol;
use super::message::Message;
use crate::timestamp::iso8601;

/// Signs what an envelope says.
pub(super) trait Sign {
    fn sign(&self, text: &str) -> Signature;
}

/// What a signature adds to an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// `1` or `2`
    pub version: &'static str,
    /// Base64; empty where nothing is signed.
    pub signature: String,
    /// Where the certificate is, below the server's address; empty where nothing is signed.
    pub certificate_path: String,
}

/// Members of an envelope in their order: texts, and for attributes an object.
type Members = Vec<(&'static str, Value)>;

/// A message as whoever is subscribed with this ARN gets it.
pub(super) fn notification(
    message: &Message,
    protocol: Protocol,
    subscription_arn: &str,
    signer: &dyn Sign,
) -> Members {
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
    sign(&mut members, &SIGNED_OF_NOTIFICATION, &message.base_url, signer);
    members.push(("UnsubscribeURL", unsubscribe_url(&message.base_url, subscription_arn).into()));
    if !message.attributes.is_empty() {
        members.push(("MessageAttributes", attributes(message).into()));
    }
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

    pub fn members(&self, signer: &dyn Sign) -> Members {
        let Handshake { message_id, token, topic_arn, subscription_arn, base_url, .. } = self;
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
        let mut members: Members = vec![
            ("Type", self.kind().into()),
            ("MessageId", (*message_id).into()),
            ("Token", (*token).into()),
            ("TopicArn", (*topic_arn).into()),
            ("Message", message.into()),
            ("SubscribeURL", self.subscribe_url().into()),
            ("Timestamp", iso8601(self.sent).into()),
        ];
        sign(&mut members, &SIGNED_OF_HANDSHAKE, base_url, signer);
        members
    }
}

/// What Lambda is called with.
pub(super) fn lambda_event(message: &Message, subscription_arn: &str, signer: &dyn Sign) -> Value {
    let mut members = notification(message, Protocol::Lambda, subscription_arn, signer);
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

fn sign(members: &mut Members, signed: &[&str], base_url: &str, signer: &dyn Sign) {
    let mut text = String::new();
    for name in signed {
        let value = members.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_str());
        if let Some(value) = value {
            text.extend([name, "\n", value, "\n"]);
        }
    }
    let Signature { version, signature, certificate_path } = signer.sign(&text);
    members.push(("SignatureVersion", version.into()));
    members.push(("Signature", signature.into()));
    let base_url = if certificate_path.is_empty() { "" } else { base_url };
    members.push(("SigningCertURL", format!("{base_url}{certificate_path}").into()));
}

fn unsubscribe_url(base_url: &str, subscription_arn: &str) -> String {
    format!("{base_url}/?Action=Unsubscribe&SubscriptionArn={subscription_arn}")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use expect_test::expect;

    use super::super::message::Body;
    use super::*;

    /// Signs with the length of the text, and shows it.
    #[derive(Default)]
    struct Signer(RefCell<String>);

    impl Sign for Signer {
        fn sign(&self, text: &str) -> Signature {
            *self.0.borrow_mut() = text.to_owned();
            let certificate_path = "/cert.pem".to_owned();
            Signature { version: "1", signature: text.len().to_string(), certificate_path }
        }
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
        let signer = Signer::default();
        expect![[r#"
            {
              "Type" : "Notification",
              "MessageId" : "165545c9",
              "TopicArn" : "arn:aws:sns:us-east-1:123456789012:t",
              "Subject" : "My \"first\"",
              "Message" : "Hello\nworld!",
              "Timestamp" : "2012-05-02T00:54:06.655Z",
              "SignatureVersion" : "1",
              "Signature" : "158",
              "SigningCertURL" : "http://127.0.0.1:8083/cert.pem",
              "UnsubscribeURL" : "http://127.0.0.1:8083/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:123456789012:t:5555",
              "MessageAttributes" : {
                "a" : {"Type":"Number","Value":"7"},
                "b" : {"Type":"Binary","Value":"AAAA"}
              }
            }"#]]
        .assert_eq(&text(&notification(&message(), Protocol::Sqs, SUBSCRIPTION, &signer)));
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
        .assert_eq(&signer.0.borrow());
    }

    #[test]
    fn a_fifo_notification_has_its_number() {
        let bare = Message {
            subject: None,
            attributes: Object::new(),
            sequence: Some(10_000_000_000_000_003_000),
            ..message()
        };
        let members = notification(&bare, Protocol::Sqs, SUBSCRIPTION, &Signer::default());
        let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
        assert_eq!(names[..5], ["Type", "MessageId", "SequenceNumber", "TopicArn", "Message"]);
        assert_eq!(members[2].1.as_str(), Some("10000000000000003000"));
        assert_eq!(names.last(), Some(&"UnsubscribeURL"));
    }

    #[test]
    fn an_event_of_lambda() {
        let bare = Message { subject: None, ..message() };
        expect![[r#"{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:us-east-1:123456789012:t:5555","Sns":{"Type":"Notification","MessageId":"165545c9","TopicArn":"arn:aws:sns:us-east-1:123456789012:t","Message":"Hello\nworld!","Timestamp":"2012-05-02T00:54:06.655Z","SignatureVersion":"1","Signature":"139","SigningCertUrl":"http://127.0.0.1:8083/cert.pem","UnsubscribeUrl":"http://127.0.0.1:8083/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:123456789012:t:5555","Subject":null,"MessageAttributes":{"a":{"Type":"Number","Value":"7"},"b":{"Type":"Binary","Value":"AAAA"}}}}]}"#]]
        .assert_eq(&lambda_event(&bare, SUBSCRIPTION, &Signer::default()).to_text());
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
              "Signature" : "421",
              "SigningCertURL" : "http://127.0.0.1:8083/cert.pem"
            }"#]]
        .assert_eq(&text(&handshake.members(&Signer::default())));
        let end = Handshake { is_end: true, ..handshake };
        assert_eq!(end.kind(), "UnsubscribeConfirmation");
        assert!(
            text(&end.members(&Signer::default()))
                .contains("deactivate subscription arn:aws:sns:us-east-1:123456789012:t:5555.")
        );
    }
}
