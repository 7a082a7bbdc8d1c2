//! Signatures of what goes out, checked as SNS's guide says ("Verifying the signatures of Amazon SNS messages").

use json::{Value, value};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};

use super::key;
use super::world::{QUEUE, TOPIC, World, text};
use crate::Service;

const HOOK: &str = "http://127.0.0.1:9/hook";

/// Whether an envelope is signed right.
fn is_right(envelope: &Value) -> bool {
    let named: &[&str] = match text(envelope, "Type").as_str() {
        "Notification" => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
        _ => &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    };
    let there = named.iter().filter(|name| envelope.get(name).is_some());
    let signed: String = there.map(|name| format!("{name}\n{}\n", text(envelope, name))).collect();
    let algorithm = match text(envelope, "SignatureVersion").as_str() {
        "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        _ => &RSA_PKCS1_2048_8192_SHA256,
    };
    let signature = aws_protocols::base64::decode(&text(envelope, "Signature")).unwrap();
    UnparsedPublicKey::new(algorithm, key::public()).verify(signed.as_bytes(), &signature).is_ok()
}

async fn body_of_post(world: &World) -> Value {
    world.settle().await;
    let posts = world.web.told();
    assert_eq!(posts.len(), 1);
    Value::parse(&posts[0].body).unwrap()
}

#[tokio::test]
async fn webhooks_are_asked_told_and_left_under_a_signature() {
    let world = World::new();
    world.create("t", value!({})).await;
    let arn = world.subscribe(TOPIC, "http", HOOK, value!({})).await;
    let asked = body_of_post(&world).await;
    assert_eq!(text(&asked, "Type"), "SubscriptionConfirmation");
    assert!(is_right(&asked), "{}", asked.to_text());
    let confirm = value!({ "TopicArn": TOPIC, "Token": (text(&asked, "Token")) });
    world.ask("ConfirmSubscription", confirm).await.unwrap();
    world.ask("Publish", value!({ "TopicArn": TOPIC, "Message": "a\n\"b\"", "Subject": "s" })).await.unwrap();
    let told = body_of_post(&world).await;
    assert_eq!((text(&told, "Type"), text(&told, "SignatureVersion")), ("Notification".into(), "1".into()));
    assert!(is_right(&told), "{}", told.to_text());
    let mut forged = told.as_object().unwrap().clone();
    forged.insert("Message", "another");
    assert!(!is_right(&forged.into()));
    world.visit("Unsubscribe", value!({ "SubscriptionArn": arn })).await.unwrap();
    let left = body_of_post(&world).await;
    assert_eq!(text(&left, "Type"), "UnsubscribeConfirmation");
    assert!(is_right(&left), "{}", left.to_text());
}

#[tokio::test]
async fn queues_and_functions_get_the_version_that_the_topic_says() {
    let world = World::new();
    world.create("t", value!({ "SignatureVersion": "2" })).await;
    world.subscribe(TOPIC, "sqs", QUEUE, value!({})).await;
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    world.subscribe(TOPIC, "lambda", function, value!({})).await;
    world.ask("Publish", value!({ "TopicArn": TOPIC, "Message": "m" })).await.unwrap();
    world.settle().await;
    let calls = world.calls.told();
    let input = |service: &str| {
        let line = calls.lines().find_map(|line| line.strip_prefix(service)).unwrap();
        Value::parse(line).unwrap()
    };
    let envelope = Value::parse(&text(&input("sqs:SendMessage "), "MessageBody")).unwrap();
    assert_eq!(text(&envelope, "SignatureVersion"), "2");
    assert!(is_right(&envelope), "{}", envelope.to_text());
    let event = aws_protocols::base64::decode(&text(&input("lambda:Invoke "), "Payload")).unwrap();
    let event = Value::parse_bytes(&event).unwrap();
    let record = event.get("Records").unwrap().at(0).unwrap().get("Sns").unwrap().clone();
    // Lambda has null where there is no subject, and that is not signed.
    let mut record = record.as_object().unwrap().clone();
    record.remove("Subject");
    assert!(is_right(&record.clone().into()));
    assert_eq!(record.get("SigningCertUrl"), envelope.get("SigningCertURL"));
}

#[tokio::test]
async fn the_certificate_is_where_the_envelope_says() {
    let mut world = World::new();
    world.create("t", value!({})).await;
    world.subscribe(TOPIC, "http", HOOK, value!({})).await;
    let url = text(&body_of_post(&world).await, "SigningCertURL");
    let path = url.strip_prefix("http://127.0.0.1:8083").unwrap();
    assert!(path.starts_with("/SimpleNotificationService-") && path.ends_with(".pem"), "{path}");
    let certificate = world.sns.document(path).unwrap();
    world.restart().await;
    assert_eq!(world.sns.document(path), Some(certificate));
    assert_eq!(world.sns.document("/SimpleNotificationService-0.pem"), None);
}
