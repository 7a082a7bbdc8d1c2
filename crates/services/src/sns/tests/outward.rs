//! What goes out for a message: to whom, what it looks like, and what happens when it does not arrive.

use expect_test::expect;
use json::Value;

use super::world::{QUEUE, TOPIC, World, text};
use crate::delivery::Trouble;

const HOOK: &str = "http://127.0.0.1:9/hook";

fn publish(message: &str) -> Value {
    json::value!({ "TopicArn": TOPIC, "Message": message })
}

/// The message's id is drawn by chance.
async fn told(world: &World) -> String {
    world.settle().await;
    world.calls.told()
}

#[tokio::test]
async fn a_queue_gets_the_envelope_or_the_bare_message() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    world.subscribe(TOPIC, "sqs", QUEUE, json::value!({})).await;
    let answer = world.ask("Publish", publish("hello")).await.unwrap();
    assert_eq!(text(&answer, "MessageId").len(), 36);
    let calls = told(&world).await;
    let call = calls.strip_prefix("sqs:SendMessage ").unwrap();
    let call = Value::parse(call).unwrap();
    assert_eq!(text(&call, "QueueUrl"), "https://sqs.us-east-1.amazonaws.com/123456789012/q");
    let envelope = Value::parse(&text(&call, "MessageBody")).unwrap();
    assert_eq!(text(&envelope, "Message"), "hello");
    assert_eq!(text(&envelope, "MessageId"), text(&answer, "MessageId"));

    let raw = "arn:aws:sqs:us-east-1:123456789012:raw";
    world.subscribe(TOPIC, "sqs", raw, json::value!({ "RawMessageDelivery": "true" })).await;
    let mut input = publish("bare");
    input.as_object_mut().unwrap().insert(
        "MessageAttributes",
        json::value!({ "colour": { "DataType": "String", "StringValue": "blue" } }),
    );
    world.ask("Publish", input).await.unwrap();
    let calls = told(&world).await;
    let bare = calls.lines().find(|line| line.contains("/raw\"")).unwrap();
    expect![[r#"sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/raw","MessageBody":"bare","MessageAttributes":{"colour":{"DataType":"String","StringValue":"blue"}}}"#]]
        .assert_eq(bare);
}

#[tokio::test]
async fn filters_and_structures_decide_who_gets_what() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    let filter = json::value!({ "RawMessageDelivery": "true", "FilterPolicy": "{\"colour\": [\"blue\"]}" });
    world.subscribe(TOPIC, "sqs", QUEUE, filter).await;
    world
        .subscribe(TOPIC, "lambda", "arn:aws:lambda:us-east-1:123456789012:function:f", json::value!({}))
        .await;
    let colour = |colour: &str| {
        json::value!({
            "TopicArn": TOPIC,
            "Message": "{\"default\": \"d\", \"sqs\": \"s\"}",
            "MessageStructure": "json",
            "MessageAttributes": { "colour": { "DataType": "String", "StringValue": colour } },
        })
    };
    world.ask("Publish", colour("red")).await.unwrap();
    let calls = told(&world).await;
    let call = Value::parse(calls.strip_prefix("lambda:Invoke ").unwrap()).unwrap();
    assert_eq!(text(&call, "InvocationType"), "Event");
    let event = aws_protocols::base64::decode(&text(&call, "Payload")).unwrap();
    let event = Value::parse_bytes(&event).unwrap();
    assert_eq!(text(event.get("Records").unwrap().at(0).unwrap().get("Sns").unwrap(), "Message"), "d");
    world.ask("Publish", colour("blue")).await.unwrap();
    let calls = told(&world).await;
    assert!(calls.contains(r#""MessageBody":"s""#), "{calls}");
    assert_eq!(calls.lines().count(), 2);
}

#[tokio::test]
async fn a_webhook_confirms_and_then_gets_messages() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    let input = json::value!({ "TopicArn": TOPIC, "Protocol": "http", "Endpoint": HOOK });
    let answer = world.ask("Subscribe", input).await.unwrap();
    assert_eq!(text(&answer, "SubscriptionArn"), "pending confirmation");
    world.settle().await;
    let asked = world.web.told().remove(0);
    let body = Value::parse(&asked.body).unwrap();
    assert_eq!(text(&body, "Type"), "SubscriptionConfirmation");
    world.ask("Publish", publish("too early")).await.unwrap();
    world.settle().await;
    assert_eq!(world.web.told(), []);

    let token = json::value!({ "TopicArn": TOPIC, "Token": (text(&body, "Token")) });
    let confirmed = world.visit("ConfirmSubscription", token.clone()).await.unwrap();
    let again = world.visit("ConfirmSubscription", token).await.unwrap();
    assert_eq!(again, confirmed, "once is enough, and more often no harm");
    world.ask("Publish", publish("hello")).await.unwrap();
    world.settle().await;
    let post = world.web.told().remove(0);
    let arn = text(&confirmed, "SubscriptionArn");
    let headers: Vec<String> = post
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.replace(&arn, "SUBSCRIPTION")))
        .filter(|header| !header.contains("message-id"))
        .collect();
    expect![[r#"
        x-amz-sns-message-type: Notification
        x-amz-sns-topic-arn: arn:aws:sns:us-east-1:123456789012:t
        x-amz-sns-subscription-arn: SUBSCRIPTION
        content-type: text/plain; charset=UTF-8
        user-agent: Amazon Simple Notification Service Agent"#]]
    .assert_eq(&headers.join("\n"));

    // Whoever visits the address in a message ends it, and can take that back.
    let named = json::value!({ "SubscriptionArn": (arn.clone()) });
    world.visit("Unsubscribe", named.clone()).await.unwrap();
    world.settle().await;
    let told = Value::parse(&world.web.told()[0].body).unwrap();
    assert_eq!(text(&told, "Type"), "UnsubscribeConfirmation");
    let back = json::value!({ "TopicArn": TOPIC, "Token": (text(&told, "Token")) });
    assert_eq!(text(&world.visit("ConfirmSubscription", back).await.unwrap(), "SubscriptionArn"), arn);
    world.ask("Unsubscribe", named).await.unwrap();
    world.ask("Publish", publish("nobody hears")).await.unwrap();
    world.settle().await;
    assert_eq!(world.web.told(), []);
}

#[tokio::test]
async fn who_does_not_confirm_within_two_days_is_forgotten() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    let arn = world.subscribe(TOPIC, "http", HOOK, json::value!({})).await;
    world.settle().await;
    let token = text(&Value::parse(&world.web.told()[0].body).unwrap(), "Token");
    world.pass(2 * 86_400_000).await;
    let late = world.visit("ConfirmSubscription", json::value!({ "TopicArn": TOPIC, "Token": token })).await;
    assert_eq!(late.unwrap_err().message, "Invalid token");
    assert!(world.ask("GetSubscriptionAttributes", json::value!({ "SubscriptionArn": arn })).await.is_err());
    let listed = world.ask("ListSubscriptions", json::value!({})).await.unwrap();
    assert_eq!(listed.to_text(), r#"{"Subscriptions":[]}"#);
}

/// A confirmed subscription of a webhook.
async fn hooked(world: &World, attributes: Value) -> String {
    let arn = world.subscribe(TOPIC, "http", HOOK, attributes).await;
    world.settle().await;
    let token = text(&Value::parse(&world.web.told()[0].body).unwrap(), "Token");
    world.visit("ConfirmSubscription", json::value!({ "TopicArn": TOPIC, "Token": token })).await.unwrap();
    arn
}

#[tokio::test]
async fn a_webhook_that_fails_is_tried_fifty_times_more_and_then_buried() {
    let mut world = World::new();
    world.create("t", json::value!({})).await;
    let redrive = format!(r#"{{"deadLetterTargetArn":"{QUEUE}-dead"}}"#);
    hooked(&world, json::value!({ "RedrivePolicy": redrive, "RawMessageDelivery": "true" })).await;
    world.web.answer(HOOK, 503);
    world.ask("Publish", publish("hello")).await.unwrap();
    world.settle().await;
    assert_eq!(world.web.told().len(), 4, "the first, and three at once");
    let began = world.now();
    let mut tries = 4;
    for second in 0..4_000 {
        if second == 500 {
            world.restart().await;
        }
        world.pass(1_000).await;
        tries += world.web.told().len();
    }
    assert_eq!(tries, 51);
    assert!(world.now() - began > 700_000);
    expect![[r#"
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q-dead","MessageBody":"hello","MessageAttributes":{}}
    "#]]
    .assert_eq(&world.calls.told());
    assert_eq!(world.sns.open(), 0);
}

#[tokio::test]
async fn what_a_webhook_refuses_is_not_tried_again() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    hooked(&world, json::value!({})).await;
    for (status, is_over) in [(404, true), (302, true), (429, false), (0, false)] {
        world.web.answer(HOOK, status);
        world.ask("Publish", publish("hello")).await.unwrap();
        world.settle().await;
        assert_eq!((world.web.told().len() == 1, world.sns.open() == 0), (is_over, is_over), "{status}");
        world.web.answer(HOOK, 200);
        world.pass(60_000).await;
        world.web.told();
    }
}

#[tokio::test]
async fn who_cannot_be_asked_to_confirm_is_given_up() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    let redrive = format!(r#"{{"deadLetterTargetArn":"{QUEUE}-dead"}}"#);
    world.web.answer(HOOK, 404);
    world.subscribe(TOPIC, "http", HOOK, json::value!({ "RedrivePolicy": redrive })).await;
    assert_eq!(told(&world).await, "", "there is nothing to bury");
    assert_eq!((world.web.told().len(), world.sns.open()), (1, 0));
}

#[tokio::test]
async fn one_slow_webhook_holds_up_nobody() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    hooked(&world, json::value!({})).await;
    world.subscribe(TOPIC, "sqs", QUEUE, json::value!({})).await;
    world.web.answer(HOOK, 0);
    for place in 0..200 {
        world.ask("Publish", publish(&place.to_string())).await.unwrap();
    }
    assert_eq!(told(&world).await.lines().count(), 200);
}

#[tokio::test]
async fn a_subscriptions_own_policy_says_when_it_is_tried_again() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    let policy = r#"{"healthyRetryPolicy": {"numRetries": 2, "minDelayTarget": 5, "maxDelayTarget": 5},
                     "requestPolicy": {"headerContentType": "application/json"}}"#;
    hooked(&world, json::value!({ "DeliveryPolicy": policy })).await;
    world.web.answer(HOOK, 500);
    world.ask("Publish", publish("hello")).await.unwrap();
    world.settle().await;
    let mut tries = vec![world.web.told().len()];
    for _ in 0..4 {
        world.pass(5_000).await;
        let told = world.web.told();
        assert!(
            told.iter().all(|post| post.headers.contains(&("content-type", "application/json".to_owned())))
        );
        tries.push(told.len());
    }
    assert_eq!(tries, [1, 1, 1, 0, 0]);
    assert_eq!(world.sns.open(), 0);
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_given_up_at_once() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    world.subscribe(TOPIC, "sqs", QUEUE, json::value!({})).await;
    world.calls.answer("sqs", vec![Err(Trouble::lasting("QueueDoesNotExist", "it is not there"))]);
    world.ask("Publish", publish("hello")).await.unwrap();
    assert_eq!(told(&world).await.lines().count(), 1);
    assert_eq!(world.sns.open(), 0);
    world.calls.answer("sqs", vec![Err(Trouble::passing("ServiceUnavailable", "later")), Ok(Value::Null)]);
    world.ask("Publish", publish("hello")).await.unwrap();
    assert_eq!(told(&world).await.lines().count(), 2);
}

#[tokio::test]
async fn mails_and_short_messages_are_kept_to_be_read() {
    let mut world = World::new();
    world.create("t", json::value!({ "DisplayName": "Shop" })).await;
    world.subscribe(TOPIC, "email", "ada@example.com", json::value!({})).await;
    world.subscribe(TOPIC, "sms", "+15550100100", json::value!({})).await;
    world.settle().await;
    let asked = world.sns.outgoing(10).unwrap();
    let token = asked[0].text.rsplit(' ').next().unwrap().to_owned();
    assert!(asked[0].text.contains(&format!("/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={token}")));
    world.ask("ConfirmSubscription", json::value!({ "TopicArn": TOPIC, "Token": token })).await.unwrap();
    let input = json::value!({ "TopicArn": TOPIC, "Message": "hello", "Subject": "Hi" });
    world.ask("Publish", input).await.unwrap();
    world.ask("Publish", json::value!({ "PhoneNumber": "+15550100200", "Message": "one" })).await.unwrap();
    world.settle().await;
    world.restart().await;
    let mut notes: Vec<String> = world
        .sns
        .outgoing(3)
        .unwrap()
        .iter()
        .map(|note| format!("{} to {}: {:?} {:?}", note.kind, note.to, note.subject, note.text))
        .collect();
    notes.sort();
    expect![[r#"
        email to ada@example.com: "Hi" "hello"
        sms to +15550100100: "" "Shop> hello"
        sms to +15550100200: "" "one""#]]
    .assert_eq(&notes.join("\n"));
}

#[tokio::test]
async fn what_was_acknowledged_goes_out_after_a_restart() {
    let mut world = World::new();
    world.create("t", json::value!({})).await;
    world.subscribe(TOPIC, "sqs", QUEUE, json::value!({ "RawMessageDelivery": "true" })).await;
    world.calls.answer("sqs", vec![Err(Trouble::passing("ServiceUnavailable", "later"))]);
    world.ask("Publish", publish("hello")).await.unwrap();
    world.settle().await;
    world.restart().await;
    world.calls.told();
    world.calls.answer("sqs", vec![Ok(Value::Null)]);
    world.pass(60_000).await;
    assert_eq!(told(&world).await.lines().count(), 1);
    assert_eq!(world.sns.open(), 0);
}

#[tokio::test]
async fn a_batch_says_what_became_of_each() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    world.subscribe(TOPIC, "sqs", QUEUE, json::value!({ "RawMessageDelivery": "true" })).await;
    let entries = json::value!([{ "Id": "a", "Message": "one" }, { "Id": "b", "Message": "" }, { "Id": "c", "Message": "two" }]);
    let input = json::value!({ "TopicArn": TOPIC, "PublishBatchRequestEntries": entries });
    let answer = world.ask("PublishBatch", input).await.unwrap();
    let ids: Vec<String> =
        answer.get("Successful").unwrap().as_array().unwrap().iter().map(|entry| text(entry, "Id")).collect();
    assert_eq!(ids, ["a", "c"]);
    expect![[r#"[{"Id":"b","Code":"InvalidParameter","Message":"Invalid parameter: Empty message","SenderFault":true}]"#]]
        .assert_eq(&answer.get("Failed").unwrap().to_text());
    assert_eq!(told(&world).await.lines().count(), 2);
}
