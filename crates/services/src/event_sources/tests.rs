//! Mappings between real queues and functions that do as they are told.

use std::sync::{Arc, Mutex};

use connectors::Answering;
use expect_test::{Expect, expect};
use json::Value;
use ledger::Ledger;

use super::EventSources;
use crate::delivery::testing::{ManualClock, ledger};
use crate::delivery::{Calls, OutCall, Trouble};
use crate::sqs::{Settings, Sqs};
use crate::{Asker, Call, Service};

const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:q";

/// Queues that are there, and functions that note what they are called with.
struct World {
    sqs: Sqs,
    told: Mutex<Vec<String>>,
    /// What a function answers, in order; after that it returns null.
    answers: Mutex<Vec<Value>>,
}

impl Calls for World {
    fn call<'a>(&'a self, call: &'a OutCall) -> Answering<'a, Result<Value, Trouble>> {
        Box::pin(async move {
            if call.service == "sqs" {
                let asker = asker();
                let call = Call { operation: &call.operation, input: &call.input, asker: &asker };
                let answer = self.sqs.call(call).await;
                return answer.map_err(|fault| Trouble::lasting(&fault.code, fault.message));
            }
            if call.input.get("InvocationType").and_then(Value::as_str) == Some("DryRun") {
                let name = call.input.get("FunctionName").and_then(Value::as_str).unwrap();
                let is_there = name.ends_with(":work");
                return if is_there {
                    Ok(json::value!({}))
                } else {
                    Err(Trouble::lasting("ResourceNotFoundException", format!("Function not found: {name}")))
                };
            }
            if call.operation == "DescribeStateMachine" {
                return Ok(json::value!({}));
            }
            let event = match call.input.get("Payload").and_then(Value::as_str) {
                Some(payload) => String::from_utf8(aws_protocols::base64::decode(payload).unwrap()).unwrap(),
                None => call.input.get("Input").and_then(Value::as_str).unwrap().to_owned(),
            };
            let bodies: Vec<_> = Value::parse(&event)
                .unwrap()
                .get("Records")
                .unwrap()
                .as_array()
                .unwrap()
                .iter()
                .map(|record| record.get("body").unwrap().to_text())
                .collect();
            self.told.lock().unwrap().push(format!("{} {}\n", call.operation, bodies.join(" ")));
            let mut answers = self.answers.lock().unwrap();
            Ok(if answers.is_empty() { json::value!({ "Payload": "null" }) } else { answers.remove(0) })
        })
    }
}

fn asker() -> Asker {
    Asker {
        account: "123456789012".into(),
        region: "us-east-1".into(),
        base_url: "http://localhost".into(),
        ..Asker::default()
    }
}

struct Test {
    world: Arc<World>,
    ledger: Ledger,
    clock: Arc<ManualClock>,
    sources: EventSources,
}

impl Test {
    async fn new() -> Test {
        let (ledger, clock) = (ledger(), ManualClock::at(1_795_824_000_000));
        let sqs = Sqs::new(ledger.clone(), clock.clone(), Settings::default()).unwrap();
        let world = Arc::new(World { sqs, told: Mutex::default(), answers: Mutex::default() });
        let sources = EventSources::start(ledger.clone(), clock.clone(), world.clone()).unwrap();
        let test = Test { world, ledger, clock, sources };
        test.sqs("CreateQueue", "{'QueueName':'q','Attributes':{'VisibilityTimeout':'30'}}").await;
        test
    }

    async fn sqs(&self, operation: &str, input: &str) -> String {
        let mut input = Value::parse(&input.replace('\'', "\"")).unwrap();
        input.as_object_mut().unwrap().insert("QueueUrl", "http://localhost/123456789012/q");
        let asker = asker();
        let answer = self.world.sqs.call(Call { operation, input: &input, asker: &asker }).await;
        answer.unwrap().to_text()
    }

    async fn call(&self, operation: &str, input: &str) -> String {
        let input = Value::parse(&input.replace('\'', "\"")).unwrap();
        let asker = asker();
        let answer = self.sources.call(Call { operation, input: &input, asker: &asker }).await;
        answer.map_or_else(
            |fault| format!("{} {}: {}", fault.status, fault.code, fault.message),
            |value| value.to_text(),
        )
    }

    async fn create(&self, more: &str) -> String {
        let input = format!("{{'EventSourceArn':'{QUEUE}','FunctionName':'work'{more}}}");
        self.call("CreateEventSourceMapping", &input).await
    }

    async fn send(&self, bodies: &[&str]) {
        for body in bodies {
            let body = Value::from(*body).to_text();
            self.sqs("SendMessage", &format!("{{'MessageBody':{body}}}")).await;
        }
    }

    async fn pass(&self, seconds: i64) {
        for _ in 0..seconds {
            self.clock.pass(1_000);
            self.settle().await;
        }
    }

    async fn settle(&self) {
        for _ in 0..6 {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            self.ledger.commit(ledger::Batch::new()).await.unwrap();
        }
    }

    async fn told(&self, expected: Expect) {
        self.settle().await;
        let told: String = std::mem::take(&mut *self.world.told.lock().unwrap()).concat();
        let names =
            "{'AttributeNames':['ApproximateNumberOfMessages','ApproximateNumberOfMessagesNotVisible']}";
        expected.assert_eq(&format!("{told}{}\n", self.sqs("GetQueueAttributes", names).await));
    }
}

#[tokio::test]
async fn messages_are_worked_on_and_deleted() {
    let test = Test::new().await;
    test.send(&["a", "b"]).await;
    test.create("").await;
    test.told(expect![[r#"
        Invoke "a" "b"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}
    "#]])
        .await;
    test.send(&["c"]).await;
    test.told(expect![[r#"
        Invoke "c"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}
    "#]])
        .await;
}

#[tokio::test]
async fn what_fails_comes_again() {
    let test = Test::new().await;
    *test.world.answers.lock().unwrap() =
        vec![json::value!({ "FunctionError": "Unhandled", "Payload": "{}" })];
    test.create("").await;
    test.send(&["a"]).await;
    test.told(expect![[r#"
        Invoke "a"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"1"}}
    "#]])
        .await;
    test.pass(31).await;
    test.told(expect![[r#"
        Invoke "a"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}
    "#]])
        .await;
}

#[tokio::test]
async fn a_function_says_which_failed() {
    let test = Test::new().await;
    test.send(&["a", "b"]).await;
    let peeked = test.sqs("ReceiveMessage", "{'VisibilityTimeout':0}").await;
    let id = Value::parse(&peeked)
        .unwrap()
        .get("Messages")
        .unwrap()
        .at(0)
        .unwrap()
        .get("MessageId")
        .unwrap()
        .clone();
    let failed = json::value!({ "batchItemFailures": [{ "itemIdentifier": id }] });
    *test.world.answers.lock().unwrap() = vec![
        json::value!({ "Payload": (failed.to_text()) }),
        json::value!({ "Payload": "{\"batchItemFailures\":[{}]}" }),
    ];
    test.create(",'FunctionResponseTypes':['ReportBatchItemFailures']").await;
    test.told(expect![[r#"
        Invoke "a" "b"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"1"}}
    "#]])
        .await;
    test.pass(31).await;
    test.told(expect![[r#"
        Invoke "a"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"1"}}
    "#]])
        .await;
    test.pass(31).await;
    test.told(expect![[r#"
        Invoke "a"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}
    "#]])
        .await;
}

#[tokio::test]
async fn a_filter_deletes_what_it_does_not_want() {
    let test = Test::new().await;
    test.send(&["{\"kind\":\"a\",\"n\":1}", "{\"kind\":\"b\"}", "plain"]).await;
    test.create(
        ",'FilterCriteria':{'Filters':[{'Pattern':'{\\'body\\':{\\'kind\\':[\\'a\\']}}'}]}"
            .replace("\\'", "\\\"")
            .as_str(),
    )
    .await;
    test.told(expect![[r#"
        Invoke "{\"kind\":\"a\",\"n\":1}"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}
    "#]])
        .await;
}

#[tokio::test]
async fn a_window_fills_a_batch() {
    let test = Test::new().await;
    test.create(",'BatchSize':20,'MaximumBatchingWindowInSeconds':5").await;
    test.send(&["a"]).await;
    test.pass(3).await;
    test.send(&["b"]).await;
    test.told(expect![[r#"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"2"}}
    "#]])
        .await;
    test.pass(3).await;
    test.told(expect![[r#"
        Invoke "a" "b"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}
    "#]])
        .await;
}

#[tokio::test]
async fn a_state_machine_is_started() {
    let test = Test::new().await;
    let arn = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    let input = format!("{{'EventSourceArn':'{QUEUE}','FunctionName':'{arn}'}}");
    test.call("CreateEventSourceMapping", &input).await;
    test.send(&["a"]).await;
    test.told(expect![[r#"
        StartExecution "a"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}
    "#]])
        .await;
}

#[tokio::test]
async fn mappings_are_made_shown_changed_and_deleted() {
    let test = Test::new().await;
    let mut told = String::new();
    let created = test.create(",'Enabled':false").await;
    let id = Value::parse(&created).unwrap().get("UUID").unwrap().as_str().unwrap().to_owned();
    told.push_str(&format!("{created}\n"));
    for (operation, input) in [
        ("GetEventSourceMapping", format!("{{'UUID':'{id}'}}")),
        ("CreateEventSourceMapping", format!("{{'EventSourceArn':'{QUEUE}','FunctionName':'work'}}")),
        ("CreateEventSourceMapping", format!("{{'EventSourceArn':'{QUEUE}x','FunctionName':'work'}}")),
        ("CreateEventSourceMapping", format!("{{'EventSourceArn':'{QUEUE}','FunctionName':'none'}}")),
        (
            "CreateEventSourceMapping",
            "{'EventSourceArn':'arn:aws:kinesis:us-east-1:1:stream/s','FunctionName':'work'}".to_owned(),
        ),
        (
            "CreateEventSourceMapping",
            format!("{{'EventSourceArn':'{QUEUE}','FunctionName':'work','BatchSize':11}}"),
        ),
        (
            "CreateEventSourceMapping",
            format!("{{'EventSourceArn':'{QUEUE}','FunctionName':'work','StartingPosition':'LATEST'}}"),
        ),
        (
            "UpdateEventSourceMapping",
            format!(
                "{{'UUID':'{id}','Enabled':true,'BatchSize':5,'ScalingConfig':{{'MaximumConcurrency':2}}}}"
            ),
        ),
        ("ListEventSourceMappings", "{'FunctionName':'work'}".to_owned()),
        ("ListEventSourceMappings", "{'FunctionName':'ork'}".to_owned()),
        ("DeleteEventSourceMapping", format!("{{'UUID':'{id}'}}")),
        ("GetEventSourceMapping", format!("{{'UUID':'{id}'}}")),
    ] {
        told.push_str(&format!("{operation} {input}\n    {}\n", test.call(operation, &input).await));
    }
    expect![[r#"
        {"UUID":"<id>","BatchSize":10,"MaximumBatchingWindowInSeconds":0,"EventSourceArn":"arn:aws:sqs:us-east-1:123456789012:q","FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:work","LastModified":1.795824E9,"State":"Creating","StateTransitionReason":"USER_INITIATED","FunctionResponseTypes":[],"EventSourceMappingArn":"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:<id>"}
        GetEventSourceMapping {'UUID':'<id>'}
            {"UUID":"<id>","BatchSize":10,"MaximumBatchingWindowInSeconds":0,"EventSourceArn":"arn:aws:sqs:us-east-1:123456789012:q","FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:work","LastModified":1.795824E9,"State":"Disabled","StateTransitionReason":"USER_INITIATED","FunctionResponseTypes":[],"EventSourceMappingArn":"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:<id>"}
        CreateEventSourceMapping {'EventSourceArn':'arn:aws:sqs:us-east-1:123456789012:q','FunctionName':'work'}
            409 ResourceConflictException: An event source mapping with SQS arn (" arn:aws:sqs:us-east-1:123456789012:q ") and function (" work ") already exists. Please update or delete the existing mapping with UUID <id>
        CreateEventSourceMapping {'EventSourceArn':'arn:aws:sqs:us-east-1:123456789012:qx','FunctionName':'work'}
            400 InvalidParameterValueException: Error occurred while ReceiveMessage. SQS Error Code: QueueDoesNotExist. SQS Error Message: The specified queue does not exist.
        CreateEventSourceMapping {'EventSourceArn':'arn:aws:sqs:us-east-1:123456789012:q','FunctionName':'none'}
            400 InvalidParameterValueException: Function does not exist: Function not found: arn:aws:lambda:us-east-1:123456789012:function:none
        CreateEventSourceMapping {'EventSourceArn':'arn:aws:kinesis:us-east-1:1:stream/s','FunctionName':'work'}
            400 InvalidParameterValueException: Unrecognized event source: "arn:aws:kinesis:us-east-1:1:stream/s". Stepwell feeds functions from queues of SQS: give a queue's ARN as EventSourceArn
        CreateEventSourceMapping {'EventSourceArn':'arn:aws:sqs:us-east-1:123456789012:q','FunctionName':'work','BatchSize':11}
            400 InvalidParameterValueException: Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10
        CreateEventSourceMapping {'EventSourceArn':'arn:aws:sqs:us-east-1:123456789012:q','FunctionName':'work','StartingPosition':'LATEST'}
            400 InvalidParameterValueException: StartingPosition is not supported by Stepwell for queues of SQS: leave it out
        UpdateEventSourceMapping {'UUID':'<id>','Enabled':true,'BatchSize':5,'ScalingConfig':{'MaximumConcurrency':2}}
            {"UUID":"<id>","BatchSize":5,"MaximumBatchingWindowInSeconds":0,"EventSourceArn":"arn:aws:sqs:us-east-1:123456789012:q","FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:work","LastModified":1.795824E9,"State":"Updating","StateTransitionReason":"USER_INITIATED","FunctionResponseTypes":[],"ScalingConfig":{"MaximumConcurrency":2},"EventSourceMappingArn":"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:<id>"}
        ListEventSourceMappings {'FunctionName':'work'}
            {"EventSourceMappings":[{"UUID":"<id>","BatchSize":5,"MaximumBatchingWindowInSeconds":0,"EventSourceArn":"arn:aws:sqs:us-east-1:123456789012:q","FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:work","LastModified":1.795824E9,"State":"Enabled","StateTransitionReason":"USER_INITIATED","FunctionResponseTypes":[],"ScalingConfig":{"MaximumConcurrency":2},"EventSourceMappingArn":"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:<id>"}]}
        ListEventSourceMappings {'FunctionName':'ork'}
            {"EventSourceMappings":[]}
        DeleteEventSourceMapping {'UUID':'<id>'}
            {"UUID":"<id>","BatchSize":5,"MaximumBatchingWindowInSeconds":0,"EventSourceArn":"arn:aws:sqs:us-east-1:123456789012:q","FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:work","LastModified":1.795824E9,"State":"Deleting","StateTransitionReason":"USER_INITIATED","FunctionResponseTypes":[],"ScalingConfig":{"MaximumConcurrency":2},"EventSourceMappingArn":"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:<id>"}
        GetEventSourceMapping {'UUID':'<id>'}
            404 ResourceNotFoundException: The resource you requested does not exist.
    "#]].assert_eq(&told.replace(&id, "<id>"));
}

#[tokio::test]
async fn mappings_survive_a_restart() {
    let mut test = Test::new().await;
    test.create("").await;
    test.sources = EventSources::start(test.ledger.clone(), test.clock.clone(), test.world.clone()).unwrap();
    test.send(&["a"]).await;
    test.told(expect![[r#"
        Invoke "a"
        {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}
    "#]])
        .await;
}
