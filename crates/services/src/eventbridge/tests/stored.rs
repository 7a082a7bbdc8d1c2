//! Archives and replays, and status changes of executions.

use expect_test::expect;
use json::{Document, Value};

use super::{BEGIN, QUEUE, World};
use crate::eventbridge::StatusChange;

const BUS: &str = "arn:aws:events:us-east-1:123456789012:event-bus/default";
const ARCHIVE: &str = "arn:aws:events:us-east-1:123456789012:archive/a";
const DAY: i64 = 86_400_000;

#[tokio::test]
async fn archives_and_replays() {
    let mut world = World::new();
    let archive = json::value!({
        "ArchiveName": "a",
        "EventSourceArn": BUS,
        "EventPattern": r#"{"detail":{"keep":[true]}}"#,
        "RetentionDays": 1,
    });
    let mut told = world.ask("CreateArchive", archive.clone()).await + "\n";
    told += &(world.ask("CreateArchive", archive).await + "\n");
    for detail in [r#"{"keep":true,"n":1}"#, r#"{"keep":false,"n":2}"#, r#"{"keep":true,"n":3}"#] {
        world.put(detail).await;
        world.pass(1_000).await;
    }
    told += &(world.ask("DescribeArchive", json::value!({ "ArchiveName": "a" })).await + "\n");
    world.restart().await;
    told += &(world.ask("ListArchives", json::value!({})).await + "\n");
    world.rule("r", r#"{"replay-name":["again"]}"#, json::value!({ "Id": "q", "Arn": QUEUE })).await;
    let seconds = |milliseconds: i64| Value::from((BEGIN + milliseconds) as f64 / 1_000.0);
    let replay = json::value!({
        "ReplayName": "again",
        "EventSourceArn": ARCHIVE,
        "EventStartTime": (seconds(0)),
        "EventEndTime": (seconds(10_000)),
        "Destination": { "Arn": BUS },
    });
    told += &(world.ask("StartReplay", replay.clone()).await + "\n");
    told += &(world.ask("StartReplay", replay).await + "\n");
    world.quiet().await;
    told += &(world.ask("DescribeReplay", json::value!({ "ReplayName": "again" })).await + "\n");
    told += &world.told();
    told += &(world.ask("CancelReplay", json::value!({ "ReplayName": "again" })).await + "\n");
    world.pass(DAY).await;
    world.pass(3_600_000).await;
    told += &(world.ask("DescribeArchive", json::value!({ "ArchiveName": "a" })).await + "\n");
    told += &(world.ask("DeleteArchive", json::value!({ "ArchiveName": "a" })).await + "\n");
    expect![[r#"
        {"ArchiveArn":"arn:aws:events:us-east-1:123456789012:archive/a","State":"ENABLED","CreationTime":1.66265592E9}
        ResourceAlreadyExistsException: Archive a already exists.
        {"ArchiveArn":"arn:aws:events:us-east-1:123456789012:archive/a","ArchiveName":"a","EventSourceArn":"arn:aws:events:us-east-1:123456789012:event-bus/default","EventPattern":"{\"detail\":{\"keep\":[true]}}","State":"ENABLED","RetentionDays":1,"SizeBytes":434,"EventCount":2,"CreationTime":1.66265592E9}
        {"Archives":[{"ArchiveName":"a","EventSourceArn":"arn:aws:events:us-east-1:123456789012:event-bus/default","State":"ENABLED","RetentionDays":1,"SizeBytes":434,"EventCount":2,"CreationTime":1.66265592E9}]}
        {"ReplayArn":"arn:aws:events:us-east-1:123456789012:replay/again","State":"STARTING","ReplayStartTime":1.662655923E9}
        ResourceAlreadyExistsException: Replay again already exists.
        {"ReplayName":"again","ReplayArn":"arn:aws:events:us-east-1:123456789012:replay/again","State":"COMPLETED","EventSourceArn":"arn:aws:events:us-east-1:123456789012:archive/a","Destination":{"Arn":"arn:aws:events:us-east-1:123456789012:event-bus/default"},"EventStartTime":1.66265592E9,"EventEndTime":1.66265593E9,"EventLastReplayedTime":1.662655922E9,"ReplayStartTime":1.662655923E9,"ReplayEndTime":1.662655923E9}
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders","MessageBody":"{\"version\":\"0\",\"id\":\"4aa17520-aa84-4bd8-a126-c1fa30932ebe\",\"detail-type\":\"order\",\"source\":\"shop\",\"account\":\"123456789012\",\"time\":\"2022-09-08T16:52:00Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":{\"keep\":true,\"n\":1},\"replay-name\":\"again\"}"}
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders","MessageBody":"{\"version\":\"0\",\"id\":\"8961afb7-d679-435a-af20-ace021cd5af0\",\"detail-type\":\"order\",\"source\":\"shop\",\"account\":\"123456789012\",\"time\":\"2022-09-08T16:52:02Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":{\"keep\":true,\"n\":3},\"replay-name\":\"again\"}"}
        IllegalStatusException: Replay again is not in a valid state for this operation.
        {"ArchiveArn":"arn:aws:events:us-east-1:123456789012:archive/a","ArchiveName":"a","EventSourceArn":"arn:aws:events:us-east-1:123456789012:event-bus/default","EventPattern":"{\"detail\":{\"keep\":[true]}}","State":"ENABLED","RetentionDays":1,"SizeBytes":0,"EventCount":0,"CreationTime":1.66265592E9}
        {}
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn events_of_an_archive_that_is_gone_are_gone() {
    let world = World::new();
    world.done("CreateArchive", json::value!({ "ArchiveName": "a", "EventSourceArn": BUS })).await;
    for _ in 0..3 {
        world.put("{}").await;
    }
    let before = world.ledger.len();
    world.done("DeleteArchive", json::value!({ "ArchiveName": "a" })).await;
    world.quiet().await;
    assert_eq!((before, world.ledger.len()), (4, 0));
}

fn change(status: &'static str, output: Option<&str>) -> StatusChange {
    StatusChange {
        execution_arn: "arn:aws:states:us-east-1:123456789012:execution:orders:e".to_owned(),
        state_machine_arn: super::MACHINE.to_owned(),
        version_arn: None,
        alias_arn: None,
        name: "e".to_owned(),
        status,
        started: BEGIN,
        stopped: output.map(|_| BEGIN + 1_500),
        input: Document::from_valid_text("{}"),
        output: output.map(Document::from_valid_text),
        error: None,
        cause: None,
        redrives: 0,
        redriven: None,
        redrive_status: "NOT_REDRIVABLE",
        redrive_status_reason: None,
    }
}

#[tokio::test]
async fn status_changes_of_executions() {
    let world = World::new();
    assert!(!*world.service.wants_status_changes().borrow());
    world.rule("other", r#"{"source":["shop"]}"#, json::value!({ "Id": "q", "Arn": QUEUE })).await;
    assert!(!*world.service.wants_status_changes().borrow());
    let pattern = r#"{"source":["aws.states"],"detail":{"status":["SUCCEEDED","RUNNING"]}}"#;
    world.rule("r", pattern, json::value!({ "Id": "q", "Arn": QUEUE })).await;
    world.service.report(&change("RUNNING", None));
    world.quiet().await;
    world.service.report(&change("SUCCEEDED", Some("\"Hello\"")));
    world.quiet().await;
    world.service.report(&change("FAILED", None));
    let large = format!("\"{}\"", "x".repeat(250 << 10));
    world.service.report(&change("SUCCEEDED", Some(&large)));
    world.quiet().await;
    expect![[r#"
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders","MessageBody":"{\"version\":\"0\",\"id\":\"3e8dbd70-d6d4-4ab3-b2f9-10072d0f6565\",\"detail-type\":\"Step Functions Execution Status Change\",\"source\":\"aws.states\",\"account\":\"123456789012\",\"time\":\"2022-09-08T16:52:00Z\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:states:us-east-1:123456789012:execution:orders:e\"],\"detail\":{\"executionArn\":\"arn:aws:states:us-east-1:123456789012:execution:orders:e\",\"stateMachineArn\":\"arn:aws:states:us-east-1:123456789012:stateMachine:orders\",\"name\":\"e\",\"status\":\"RUNNING\",\"startDate\":1662655920000,\"stopDate\":null,\"input\":\"{}\",\"output\":null,\"stateMachineVersionArn\":null,\"stateMachineAliasArn\":null,\"redriveCount\":0,\"redriveDate\":null,\"redriveStatus\":\"NOT_REDRIVABLE\",\"redriveStatusReason\":null,\"inputDetails\":{\"included\":true},\"outputDetails\":null,\"error\":null,\"cause\":null}}"}
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders","MessageBody":"{\"version\":\"0\",\"id\":\"1e5818bc-17f5-4a2b-b388-5174430c2d47\",\"detail-type\":\"Step Functions Execution Status Change\",\"source\":\"aws.states\",\"account\":\"123456789012\",\"time\":\"2022-09-08T16:52:01Z\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:states:us-east-1:123456789012:execution:orders:e\"],\"detail\":{\"executionArn\":\"arn:aws:states:us-east-1:123456789012:execution:orders:e\",\"stateMachineArn\":\"arn:aws:states:us-east-1:123456789012:stateMachine:orders\",\"name\":\"e\",\"status\":\"SUCCEEDED\",\"startDate\":1662655920000,\"stopDate\":1662655921500,\"input\":\"{}\",\"output\":\"\\\"Hello\\\"\",\"stateMachineVersionArn\":null,\"stateMachineAliasArn\":null,\"redriveCount\":0,\"redriveDate\":null,\"redriveStatus\":\"NOT_REDRIVABLE\",\"redriveStatusReason\":null,\"inputDetails\":{\"included\":true},\"outputDetails\":{\"included\":true},\"error\":null,\"cause\":null}}"}
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders","MessageBody":"{\"version\":\"0\",\"id\":\"cceecb2f-bc6b-4871-92c3-5f6dacf206b5\",\"detail-type\":\"Step Functions Execution Status Change\",\"source\":\"aws.states\",\"account\":\"123456789012\",\"time\":\"2022-09-08T16:52:01Z\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:states:us-east-1:123456789012:execution:orders:e\"],\"detail\":{\"executionArn\":\"arn:aws:states:us-east-1:123456789012:execution:orders:e\",\"stateMachineArn\":\"arn:aws:states:us-east-1:123456789012:stateMachine:orders\",\"name\":\"e\",\"status\":\"SUCCEEDED\",\"startDate\":1662655920000,\"stopDate\":1662655921500,\"input\":null,\"output\":null,\"stateMachineVersionArn\":null,\"stateMachineAliasArn\":null,\"redriveCount\":0,\"redriveDate\":null,\"redriveStatus\":\"NOT_REDRIVABLE\",\"redriveStatusReason\":null,\"inputDetails\":{\"included\":false},\"outputDetails\":{\"included\":false},\"error\":null,\"cause\":null}}"}
    "#]].assert_eq(&world.told());
}
