//! What targets are called with, and what follows when they fail.

use expect_test::expect;
use json::Value;

use super::{MACHINE, QUEUE, World};
use crate::delivery::Trouble;

const PATTERN: &str = r#"{"source":["shop"]}"#;

#[tokio::test]
async fn an_event_reaches_each_kind_of_target_as_it_wants_it() {
    let world = World::new();
    let targets = [
        json::value!({ "Id": "1", "Arn": QUEUE }),
        json::value!({ "Id": "2", "Arn": MACHINE, "InputPath": "$.detail" }),
        json::value!({ "Id": "3", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:f", "Input": "{\"a\":1}" }),
        json::value!({ "Id": "4", "Arn": "arn:aws:sns:us-east-1:123456789012:t", "InputTransformer": {
            "InputPathsMap": { "id": "$.detail.id" },
            "InputTemplate": "\"order <id> by <aws.events.rule-name>\"",
        } }),
        json::value!({ "Id": "5", "Arn": (format!("{QUEUE}.fifo")), "Input": "1", "SqsParameters": { "MessageGroupId": "g" } }),
    ];
    world.done("PutRule", json::value!({ "Name": "r", "EventPattern": PATTERN })).await;
    world.done("PutTargets", json::value!({ "Rule": "r", "Targets": (Value::from(targets.to_vec())) })).await;
    world.rule("other", r#"{"source":["mart"]}"#, json::value!({ "Id": "q", "Arn": QUEUE })).await;
    world.put(r#"{"id":7}"#).await;
    let mut told: Vec<String> = world.told().lines().map(str::to_owned).collect();
    told.sort();
    expect![[r#"
        lambda:Invoke {"FunctionName":"arn:aws:lambda:us-east-1:123456789012:function:f","InvocationType":"Event","Payload":"eyJhIjoxfQ=="}
        sns:Publish {"TopicArn":"arn:aws:sns:us-east-1:123456789012:t","Message":"\"order 7 by r\""}
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders","MessageBody":"{\"version\":\"0\",\"id\":\"353fa067-2c9c-46af-a6b7-c66d69eb71aa\",\"detail-type\":\"order\",\"source\":\"shop\",\"account\":\"123456789012\",\"time\":\"2022-09-08T16:52:00Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":{\"id\":7}}"}
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders.fifo","MessageBody":"1","MessageGroupId":"g"}
        stepfunctions:StartExecution {"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:orders","Name":"353fa067-2c9c-46af-a6b7-c66d69eb71aa_cb2fbc6a-8871-42c3-8183-1e03f780ccee","Input":"{\"id\":7}"}"#]].assert_eq(&told.join("\n"));
    assert_eq!(world.service.open_deliveries(), 0);
}

#[tokio::test]
async fn what_fails_is_tried_again_and_then_goes_to_the_dead_letter_queue() {
    let world = World::new();
    let target = json::value!({
        "Id": "m",
        "Arn": MACHINE,
        "InputPath": "$.detail",
        "RetryPolicy": { "MaximumRetryAttempts": 1 },
        "DeadLetterConfig": { "Arn": (format!("{QUEUE}-dead")) },
    });
    world.rule("r", PATTERN, target).await;
    world.calls.answer("stepfunctions", vec![Err(Trouble::passing("ThrottlingException", "Slow down"))]);
    world.put("{}").await;
    let first = world.told();
    world.pass(749).await;
    assert_eq!(world.told(), "", "no pause is shorter than three quarters of a second");
    world.pass(251).await;
    let told = world.told();
    let (second, dead) = told.split_once('\n').unwrap();
    assert_eq!(first.trim_end(), second, "the same execution, by its name");
    expect![[r#"
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders-dead","MessageBody":"{\"version\":\"0\",\"id\":\"4aa17520-aa84-4bd8-a126-c1fa30932ebe\",\"detail-type\":\"order\",\"source\":\"shop\",\"account\":\"123456789012\",\"time\":\"2022-09-08T16:52:00Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":{}}","MessageAttributes":{"RULE_ARN":{"DataType":"String","StringValue":"arn:aws:events:us-east-1:123456789012:rule/r"},"TARGET_ARN":{"DataType":"String","StringValue":"arn:aws:states:us-east-1:123456789012:stateMachine:orders"},"ERROR_CODE":{"DataType":"String","StringValue":"THROTTLING"},"ERROR_MESSAGE":{"DataType":"String","StringValue":"Slow down"},"EXHAUSTED_RETRY_CONDITION":{"DataType":"String","StringValue":"MaximumRetryAttempts"},"RETRY_ATTEMPTS":{"DataType":"String","StringValue":"1"}}}
    "#]].assert_eq(dead);
    assert_eq!(world.service.open_deliveries(), 0);
}

#[tokio::test]
async fn what_trying_again_cannot_help_is_given_up_at_once() {
    let world = World::new();
    let dead = json::value!({ "Arn": (format!("{QUEUE}-dead")) });
    let target = json::value!({ "Id": "m", "Arn": MACHINE, "DeadLetterConfig": dead });
    world.rule("r", PATTERN, target).await;
    let none = Trouble::lasting("StateMachineDoesNotExist", "State Machine Does Not Exist: 'm'");
    world.calls.answer("stepfunctions", vec![Err(none)]);
    world.put("{}").await;
    let told = world.told();
    expect![[r#"sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders-dead","MessageBody":"{\"version\":\"0\",\"id\":\"4aa17520-aa84-4bd8-a126-c1fa30932ebe\",\"detail-type\":\"order\",\"source\":\"shop\",\"account\":\"123456789012\",\"time\":\"2022-09-08T16:52:00Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":{}}","MessageAttributes":{"RULE_ARN":{"DataType":"String","StringValue":"arn:aws:events:us-east-1:123456789012:rule/r"},"TARGET_ARN":{"DataType":"String","StringValue":"arn:aws:states:us-east-1:123456789012:stateMachine:orders"},"ERROR_CODE":{"DataType":"String","StringValue":"NO_RESOURCE"},"ERROR_MESSAGE":{"DataType":"String","StringValue":"State Machine Does Not Exist: 'm'"},"RETRY_ATTEMPTS":{"DataType":"String","StringValue":"0"}}}"#]].assert_eq(told.lines().nth(1).unwrap_or_default());
    assert_eq!((told.lines().count(), world.service.open_deliveries()), (2, 0));
}

#[tokio::test]
async fn an_execution_that_was_started_before_a_crash_is_not_started_twice() {
    let world = World::new();
    world.rule("r", PATTERN, json::value!({ "Id": "m", "Arn": MACHINE })).await;
    let there = Trouble::lasting("ExecutionAlreadyExists", "Execution Already Exists");
    world.calls.answer("stepfunctions", vec![Err(there)]);
    world.put("{}").await;
    assert_eq!((world.told().lines().count(), world.service.open_deliveries()), (1, 0));
}

#[tokio::test]
async fn whoever_removes_a_target_does_not_hear_of_what_still_waits() {
    let world = World::new();
    world.rule("r", PATTERN, json::value!({ "Id": "m", "Arn": MACHINE })).await;
    world.calls.answer("stepfunctions", vec![Err(Trouble::passing("Busy", ""))]);
    world.put("{}").await;
    assert_eq!((world.told().lines().count(), world.service.open_deliveries()), (1, 1));
    world.done("RemoveTargets", json::value!({ "Rule": "r", "Ids": ["m"] })).await;
    world.pass(86_400_000).await;
    assert_eq!((world.told().as_str(), world.service.open_deliveries()), ("", 0));
}

#[tokio::test]
async fn a_bus_sends_on_to_another_but_not_to_a_third() {
    let world = World::new();
    let bus = |name: &str| format!("arn:aws:events:us-east-1:123456789012:event-bus/{name}");
    for name in ["second", "third"] {
        world.done("CreateEventBus", json::value!({ "Name": name })).await;
    }
    world.rule("on", PATTERN, json::value!({ "Id": "b", "Arn": (bus("second")) })).await;
    for (from, to) in [("second", bus("third")), ("second", QUEUE.to_owned()), ("third", QUEUE.to_owned())] {
        let name = to.rsplit(['/', ':']).next().unwrap().to_owned();
        let rule = json::value!({ "Name": (name.as_str()), "EventBusName": from, "EventPattern": PATTERN });
        world.done("PutRule", rule).await;
        let dead = json::value!({ "Arn": (format!("{QUEUE}-dead")) });
        let target = json::value!({ "Id": "t", "Arn": to, "DeadLetterConfig": dead });
        world
            .done(
                "PutTargets",
                json::value!({ "Rule": (name.as_str()), "EventBusName": from, "Targets": [target] }),
            )
            .await;
    }
    world.put("{}").await;
    expect![[r#"
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders","MessageBody":"{\"version\":\"0\",\"id\":\"1e5818bc-17f5-4a2b-b388-5174430c2d47\",\"detail-type\":\"order\",\"source\":\"shop\",\"account\":\"123456789012\",\"time\":\"2022-09-08T16:52:00Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":{}}"}
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders-dead","MessageBody":"{\"version\":\"0\",\"id\":\"1e5818bc-17f5-4a2b-b388-5174430c2d47\",\"detail-type\":\"order\",\"source\":\"shop\",\"account\":\"123456789012\",\"time\":\"2022-09-08T16:52:00Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":{}}","MessageAttributes":{"RULE_ARN":{"DataType":"String","StringValue":"arn:aws:events:us-east-1:123456789012:rule/second/third"},"TARGET_ARN":{"DataType":"String","StringValue":"arn:aws:events:us-east-1:123456789012:event-bus/third"},"ERROR_CODE":{"DataType":"String","StringValue":"THIRD_ACCOUNT_HOP_DETECTED"},"ERROR_MESSAGE":{"DataType":"String","StringValue":"An event that was sent on by an event bus is not sent on to a third one."},"RETRY_ATTEMPTS":{"DataType":"String","StringValue":"0"}}}
    "#]].assert_eq(&world.told());
}

#[tokio::test]
async fn an_api_destination_is_called_with_its_connection_and_at_its_pace() {
    let world = World::new();
    let made = world
        .done(
            "CreateApiDestination",
            json::value!({
                "Name": "d",
                "ConnectionArn": (world.connection()),
                "InvocationEndpoint": "https://shop.example/orders/*/*",
                "HttpMethod": "POST",
                "InvocationRateLimitPerSecond": 1,
            }),
        )
        .await;
    let target = json::value!({
        "Id": "d",
        "Arn": (made.get("ApiDestinationArn").unwrap()),
        "InputPath": "$.detail",
        "HttpParameters": {
            "PathParameterValues": ["$.detail.id", "a/b"],
            "HeaderParameters": { "X-Source": "$.source" },
            "QueryStringParameters": { "q": "1" },
        },
    });
    world.rule("r", PATTERN, target).await;
    for id in [1, 2, 3] {
        world.put(&format!(r#"{{"id":{id}}}"#)).await;
    }
    let told = world.told();
    let connection = world.connections.all().values().next().unwrap().arn.clone();
    expect![[r#"
        http:invoke {"ApiEndpoint":"https://shop.example/orders/1/a%2Fb","Method":"POST","Authentication":{"ConnectionArn":"CONNECTION"},"Headers":{"X-Source":"shop"},"QueryParameters":{"q":"1"},"RequestBody":{"id":1}}
    "#]].assert_eq(&told.replace(&connection, "CONNECTION"));
    world.pass(999).await;
    assert_eq!(world.told(), "");
    world.pass(1).await;
    assert_eq!(world.told().lines().count(), 1);
    world.pass(1_000).await;
    assert_eq!((world.told().lines().count(), world.service.open_deliveries()), (1, 0));
}
