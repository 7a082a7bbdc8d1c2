//! Topics and subscriptions: made, found again, listed, changed, gone.

use expect_test::{Expect, expect};
use json::Value;

use super::world::{QUEUE, TOPIC, World, text};

async fn check(world: &World, operation: &str, input: Value, expected: Expect) {
    expected.assert_eq(&world.say(operation, input).await);
}

#[tokio::test]
async fn a_topic_is_found_again_if_it_is_what_is_asked_for() {
    let world = World::new();
    let named = |attributes: Value| json::value!({ "Name": "t", "Attributes": attributes });
    let arn = || expect![[r#"{"TopicArn":"arn:aws:sns:us-east-1:123456789012:t"}"#]];
    check(&world, "CreateTopic", named(json::value!({ "DisplayName": "T" })), arn()).await;
    check(&world, "CreateTopic", named(json::value!({})), arn()).await;
    let different = expect![
        "InvalidParameterException 400: Invalid parameter: Attributes Reason: Topic already exists with different attributes"
    ];
    check(&world, "CreateTopic", named(json::value!({ "DisplayName": "U" })), different).await;
    let tags = json::value!({ "Name": "t", "Tags": [{ "Key": "team", "Value": "blue" }] });
    let different = expect![
        "InvalidParameterException 400: Invalid parameter: Tags Reason: Topic already exists with different tags"
    ];
    check(&world, "CreateTopic", tags, different).await;
    check(&world, "DeleteTopic", json::value!({ "TopicArn": TOPIC }), expect!["{}"]).await;
    check(&world, "DeleteTopic", json::value!({ "TopicArn": TOPIC }), expect!["{}"]).await;
    let gone = expect!["NotFoundException 404: Topic does not exist"];
    check(&world, "GetTopicAttributes", json::value!({ "TopicArn": TOPIC }), gone).await;
}

#[tokio::test]
async fn lists_have_pages() {
    let world = World::new();
    for place in 0..101 {
        world.create(&format!("t{place:03}"), json::value!({})).await;
    }
    let first = world.ask("ListTopics", json::value!({})).await.unwrap();
    assert_eq!(first.get("Topics").unwrap().as_array().unwrap().len(), 100);
    let token = text(&first, "NextToken");
    let rest = expect![[r#"{"Topics":[{"TopicArn":"arn:aws:sns:us-east-1:123456789012:t100"}]}"#]];
    check(&world, "ListTopics", json::value!({ "NextToken": token }), rest).await;

    let topic = format!("{TOPIC}050");
    for place in 0..101 {
        world.subscribe(&topic, "sqs", &format!("{QUEUE}{place}"), json::value!({})).await;
    }
    world.subscribe(&format!("{TOPIC}051"), "sqs", QUEUE, json::value!({})).await;
    for (operation, counts) in [("ListSubscriptions", [100, 2]), ("ListSubscriptionsByTopic", [100, 1])] {
        let (mut token, mut seen) = (String::new(), Vec::new());
        for count in counts {
            let input = json::value!({ "TopicArn": (topic.clone()), "NextToken": token });
            let page = world.ask(operation, input).await.unwrap();
            let items = page.get("Subscriptions").unwrap().as_array().unwrap();
            assert_eq!(items.len(), count, "{operation}");
            seen.extend(items.iter().map(|item| text(item, "SubscriptionArn")));
            token = text(&page, "NextToken");
        }
        assert_eq!(token, "");
        assert!(seen.is_sorted_by(|one, other| one < other), "each once");
    }
    let wrong = expect!["InvalidParameterException 400: Invalid parameter: NextToken"];
    check(&world, "ListTopics", json::value!({ "NextToken": "x" }), wrong).await;
}

#[tokio::test]
async fn a_subscription_is_found_again_if_it_is_what_is_asked_for() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    let raw = json::value!({ "RawMessageDelivery": "true" });
    let arn = world.subscribe(TOPIC, "sqs", QUEUE, raw.clone()).await;
    assert_eq!(world.subscribe(TOPIC, "sqs", QUEUE, raw).await, arn);
    assert_eq!(world.subscribe(TOPIC, "sqs", QUEUE, json::value!({})).await, arn);
    let other = json::value!({
        "TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE, "Attributes": { "RawMessageDelivery": "false" }
    });
    let different = expect![
        "InvalidParameterException 400: Invalid parameter: Attributes Reason: Subscription already exists with different \
         attributes"
    ];
    check(&world, "Subscribe", other, different).await;
    let named = json::value!({ "SubscriptionArn": (arn.clone()) });
    check(&world, "Unsubscribe", named.clone(), expect!["{}"]).await;
    check(&world, "Unsubscribe", named.clone(), expect!["{}"]).await;
    let gone = expect!["NotFoundException 404: Subscription does not exist"];
    check(&world, "GetSubscriptionAttributes", named, gone).await;
    let shown = world.ask("GetTopicAttributes", json::value!({ "TopicArn": TOPIC })).await.unwrap();
    assert_eq!(text(shown.get("Attributes").unwrap(), "SubscriptionsDeleted"), "1");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused() {
    let world = World::new();
    world.create("t", json::value!({})).await;
    let subscribe = |protocol: &str, endpoint: &str| json::value!({ "TopicArn": TOPIC, "Protocol": protocol, "Endpoint": endpoint });
    for (operation, input, expected) in [
        (
            "CreateTopic",
            json::value!({ "Name": "a b" }),
            expect!["InvalidParameterException 400: Invalid parameter: Topic Name"],
        ),
        (
            "CreateTopic",
            json::value!({ "Name": "u", "Attributes": { "Colour": "red" } }),
            expect!["InvalidParameterException 400: Invalid parameter: AttributeName"],
        ),
        (
            "GetTopicAttributes",
            json::value!({ "TopicArn": "t" }),
            expect![
                "InvalidParameterException 400: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"
            ],
        ),
        (
            "Subscribe",
            subscribe("fax", "1"),
            expect![
                "InvalidParameterException 400: Invalid parameter: Amazon SNS does not support this protocol string: fax"
            ],
        ),
        (
            "Subscribe",
            subscribe("sqs", "q"),
            expect!["InvalidParameterException 400: Invalid parameter: SQS endpoint ARN"],
        ),
        (
            "ConfirmSubscription",
            json::value!({ "TopicArn": TOPIC, "Token": "x" }),
            expect!["InvalidParameterException 400: Invalid token"],
        ),
        (
            "TagResource",
            json::value!({ "ResourceArn": "arn:aws:sns:us-east-1:123456789012:none", "Tags": [] }),
            expect!["ResourceNotFoundException 404: Resource does not exist"],
        ),
        (
            "Publish",
            json::value!({ "Message": "m" }),
            expect![
                "InvalidParameterException 400: Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"
            ],
        ),
        (
            "Publish",
            json::value!({ "Message": "m", "PhoneNumber": "call me" }),
            expect![
                "InvalidParameterException 400: Invalid parameter: PhoneNumber Reason: call me is not valid to publish to"
            ],
        ),
        (
            "PublishBatch",
            json::value!({ "TopicArn": TOPIC, "PublishBatchRequestEntries": [] }),
            expect!["EmptyBatchRequestException 400: The batch request doesn't contain any entries."],
        ),
        (
            "PublishBatch",
            json::value!({
                "TopicArn": TOPIC,
                "PublishBatchRequestEntries": [{ "Id": "a", "Message": "m" }, { "Id": "a", "Message": "m" }]
            }),
            expect![
                "BatchEntryIdsNotDistinctException 400: Two or more batch entries in the request have the same Id."
            ],
        ),
        (
            "CreatePlatformApplication",
            json::value!({}),
            expect![
                "InvalidAction 400: CreatePlatformApplication is not supported by Stepwell: it has no mobile push."
            ],
        ),
    ] {
        check(&world, operation, input, expected).await;
    }
}

#[tokio::test]
async fn tags_and_permissions_are_kept() {
    let mut world = World::new();
    world.create("t", json::value!({})).await;
    let tags = json::value!({
        "ResourceArn": TOPIC, "Tags": [{ "Key": "team", "Value": "blue" }, { "Key": "old", "Value": "" }]
    });
    check(&world, "TagResource", tags, expect!["{}"]).await;
    check(&world, "UntagResource", json::value!({ "ResourceArn": TOPIC, "TagKeys": ["old"] }), expect!["{}"])
        .await;
    let permission = json::value!({
        "TopicArn": TOPIC, "Label": "friends", "AWSAccountId": ["111111111111"], "ActionName": ["Publish"]
    });
    check(&world, "AddPermission", permission.clone(), expect!["{}"]).await;
    let twice = expect!["InvalidParameterException 400: Invalid parameter: Statement already exists"];
    check(&world, "AddPermission", permission, twice).await;
    world.restart().await;
    let expected = expect![[r#"{"Tags":[{"Key":"team","Value":"blue"}]}"#]];
    check(&world, "ListTagsForResource", json::value!({ "ResourceArn": TOPIC }), expected).await;
    let shown = world.ask("GetTopicAttributes", json::value!({ "TopicArn": TOPIC })).await.unwrap();
    let policy = Value::parse(&text(shown.get("Attributes").unwrap(), "Policy")).unwrap();
    expect![[r#"{"Sid":"friends","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"SNS:Publish","Resource":"arn:aws:sns:us-east-1:123456789012:t"}"#]]
        .assert_eq(&policy.get("Statement").unwrap().at(1).unwrap().to_text());
    check(&world, "RemovePermission", json::value!({ "TopicArn": TOPIC, "Label": "friends" }), expect!["{}"])
        .await;
}
