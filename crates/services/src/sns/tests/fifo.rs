//! FIFO topics: order, duplicates, numbers, over restarts.

use json::Value;

use super::world::{World, text};
use crate::delivery::Trouble;

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:t.fifo";
const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:q.fifo";

async fn fifo() -> World {
    let world = World::new();
    world.create("t.fifo", json::value!({ "FifoTopic": "true", "ContentBasedDeduplication": "true" })).await;
    world.subscribe(TOPIC, "sqs", QUEUE, json::value!({ "RawMessageDelivery": "true" })).await;
    world
}

fn publish(group: &str, message: &str) -> Value {
    json::value!({ "TopicArn": TOPIC, "Message": message, "MessageGroupId": group })
}

async fn bodies(world: &World) -> Vec<String> {
    world.settle().await;
    let calls = world.calls.told();
    let body =
        |line: &str| text(&Value::parse(line.strip_prefix("sqs:SendMessage ")?).ok()?, "MessageBody").into();
    calls.lines().filter_map(body).collect()
}

#[tokio::test]
async fn a_group_keeps_its_order_while_others_go_by() {
    let mut world = fifo().await;
    let later = || Err(Trouble::passing("ServiceUnavailable", "later"));
    // The first of the one group fails until its pauses begin; the other group goes on.
    world.calls.answer("sqs", (0..4).map(|_| later()).chain([Ok(Value::Null)]).collect());
    world.ask("Publish", publish("a", "a1")).await.unwrap();
    world.settle().await;
    assert_eq!(world.calls.told().lines().count(), 4);
    for message in ["a2", "b1", "a3"] {
        world.ask("Publish", publish(&message[..1], message)).await.unwrap();
    }
    assert_eq!(bodies(&world).await, ["b1"]);
    world.restart().await;
    world.pass(1_000).await;
    assert_eq!(bodies(&world).await, ["a1", "a2", "a3"]);
}

#[tokio::test]
async fn duplicates_are_acknowledged_and_not_sent() {
    let mut world = fifo().await;
    let first = world.ask("Publish", publish("g", "hello")).await.unwrap();
    assert_eq!(text(&first, "SequenceNumber"), "10000000000000000000");
    assert_eq!(bodies(&world).await, ["hello"]);
    world.restart().await;
    assert_eq!(world.ask("Publish", publish("h", "hello")).await.unwrap(), first);
    assert!(bodies(&world).await.is_empty());
    let other = world.ask("Publish", publish("g", "other")).await.unwrap();
    assert_eq!(text(&other, "SequenceNumber"), "10000000000000001000");
    world.pass(5 * 60_000).await;
    let again = world.ask("Publish", publish("g", "hello")).await.unwrap();
    assert_eq!(text(&again, "SequenceNumber"), "10000000000000002000");
    assert_eq!(bodies(&world).await, ["other", "hello"]);
}

#[tokio::test]
async fn a_batch_has_an_order_and_knows_its_own_duplicates() {
    let world = fifo().await;
    let entry =
        |id: &str, message: &str| json::value!({ "Id": id, "Message": message, "MessageGroupId": "g" });
    let entries = json::value!([(entry("1", "one")), (entry("2", "two")), (entry("3", "one"))]);
    let input = json::value!({ "TopicArn": TOPIC, "PublishBatchRequestEntries": entries });
    let answer = world.ask("PublishBatch", input).await.unwrap();
    let numbers: Vec<String> = answer
        .get("Successful")
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| text(entry, "SequenceNumber")[16..].to_owned())
        .collect();
    assert_eq!(numbers, ["0000", "1000", "0000"]);
    assert_eq!(bodies(&world).await, ["one", "two"]);
}

#[tokio::test]
async fn groups_may_have_duplicates_of_their_own() {
    let world = fifo().await;
    let scope = json::value!({
        "TopicArn": TOPIC, "AttributeName": "FifoThroughputScope", "AttributeValue": "MessageGroup"
    });
    world.ask("SetTopicAttributes", scope).await.unwrap();
    for group in ["a", "b", "a"] {
        world.ask("Publish", publish(group, "same")).await.unwrap();
    }
    assert_eq!(bodies(&world).await, ["same", "same"]);
}

#[tokio::test]
async fn a_topic_that_is_made_anew_counts_anew() {
    let world = fifo().await;
    world.ask("Publish", publish("g", "hello")).await.unwrap();
    world.ask("DeleteTopic", json::value!({ "TopicArn": TOPIC })).await.unwrap();
    world.create("t.fifo", json::value!({ "FifoTopic": "true", "ContentBasedDeduplication": "true" })).await;
    let again = world.ask("Publish", publish("g", "hello")).await.unwrap();
    assert_eq!(text(&again, "SequenceNumber"), "10000000000000000000");
    let calls = world.calls.told();
    assert!(calls.contains(r#""MessageGroupId":"g","MessageDeduplicationId":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#), "{calls}");
}
