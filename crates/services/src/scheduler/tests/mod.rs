//! Scheduler in a world that does as it is told.

use std::sync::Arc;

use aws_names::Scope;
use expect_test::{Expect, expect};
use json::Value;
use ledger::{Batch, Ledger};

use super::{Scheduler, Setup};
use crate::delivery::Trouble;
use crate::delivery::testing::{ManualClock, Script, ledger, settle};
use crate::{Asker, Call, Service};

/// 2022-09-08T12:00:00Z
const NOON: i64 = 1_662_638_400_000;
const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:orders";
const ROLE: &str = "arn:aws:iam::123456789012:role/r";

struct World {
    clock: Arc<ManualClock>,
    ledger: Ledger,
    calls: Arc<Script>,
    service: Scheduler,
}

impl World {
    fn new() -> World {
        let (clock, ledger, calls) = (ManualClock::at(NOON), ledger(), Arc::new(Script::default()));
        let service = start(&clock, &ledger, &calls);
        World { clock, ledger, calls, service }
    }

    async fn restart(&mut self, down: i64) {
        self.service.stop().await;
        self.clock.pass(down);
        self.service = start(&self.clock, &self.ledger, &self.calls);
        self.quiet().await;
    }

    async fn ask(&self, operation: &str, input: Value) -> String {
        let asker = Asker::default();
        match self.service.call(Call { operation, input: &input, asker: &asker }).await {
            Ok(answer) => answer.to_text(),
            Err(fault) => format!("{}: {}", fault.code, fault.message),
        }
    }

    async fn create(&self, name: &str, expression: &str, more: Value) {
        let input = schedule(name, expression, more);
        let answer = self.ask("CreateSchedule", input).await;
        assert!(answer.starts_with("{\"ScheduleArn\""), "{answer}");
        self.quiet().await;
    }

    async fn pass(&self, milliseconds: i64) {
        self.clock.pass(milliseconds);
        self.quiet().await;
    }

    async fn quiet(&self) {
        for _ in 0..5 {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            self.ledger.commit(Batch::new()).await.unwrap();
            settle(|| self.service.0.deliveries.under_way() > 0).await;
        }
    }

    /// The bodies that queues got.
    fn bodies(&self) -> Vec<String> {
        let calls = std::mem::take(&mut *self.calls.calls.lock().unwrap());
        let body = |call: &crate::delivery::OutCall| {
            call.input.get("MessageBody").and_then(Value::as_str).map(str::to_owned)
        };
        calls.iter().map(|call| body(call).unwrap_or_default()).collect()
    }
}

fn start(clock: &Arc<ManualClock>, ledger: &Ledger, calls: &Arc<Script>) -> Scheduler {
    let setup =
        Setup { ledger: ledger.clone(), scope: Scope::default(), clock: clock.clone(), calls: calls.clone() };
    Scheduler::start(setup).unwrap()
}

/// A schedule that sends its time to a queue; `more` replaces members.
fn schedule(name: &str, expression: &str, more: Value) -> Value {
    let mut input = json::value!({
        "Name": name,
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": { "Mode": "OFF" },
        "Target": { "Arn": QUEUE, "RoleArn": ROLE, "Input": "<aws.scheduler.scheduled-time>" },
    });
    let members = input.as_object_mut().unwrap();
    more.as_object().unwrap().iter().for_each(|(name, value)| drop(members.insert(name.clone(), value)));
    input
}

fn target(arn: &str, more: Value) -> Value {
    let mut target = json::value!({ "Arn": arn, "RoleArn": ROLE });
    let members = target.as_object_mut().unwrap();
    more.as_object().unwrap().iter().for_each(|(name, value)| drop(members.insert(name.clone(), value)));
    json::value!({ "Target": target })
}

async fn check(script: &[(&str, Value)], expect: Expect) {
    let world = World::new();
    let mut told = String::new();
    for (operation, input) in script {
        told += &format!("{operation} → {}\n", world.ask(operation, input.clone()).await);
    }
    expect.assert_eq(&told);
}

#[tokio::test]
async fn schedules() {
    let create = |more: Value| ("CreateSchedule", schedule("s", "rate(1 hour)", more));
    check(
        &[
            create(json::value!({ "ClientToken": "t", "Description": "d", "StartDate": (NOON / 1_000 + 60) })),
            create(json::value!({})),
            create(json::value!({ "ClientToken": "t" })),
            ("GetSchedule", json::value!({ "Name": "s" })),
            ("UpdateSchedule", schedule("s", "cron(0 12 * * ? *)", json::value!({ "ScheduleExpressionTimezone": "Asia/Tokyo", "State": "DISABLED" }))),
            ("GetSchedule", json::value!({ "Name": "s" })),
            ("ListSchedules", json::value!({ "State": "DISABLED", "NamePrefix": "s" })),
            ("ListSchedules", json::value!({ "State": "ENABLED" })),
            ("ListSchedules", json::value!({ "GroupName": "none" })),
            ("DeleteSchedule", json::value!({ "Name": "s" })),
            ("DeleteSchedule", json::value!({ "Name": "s" })),
            ("GetSchedule", json::value!({ "Name": "s" })),
            ("UpdateSchedule", schedule("s", "rate(1 hour)", json::value!({}))),
        ],
        expect![[r#"
            CreateSchedule → {"ScheduleArn":"arn:aws:scheduler:us-east-1:123456789012:schedule/default/s"}
            CreateSchedule → ConflictException: Schedule s already exists.
            CreateSchedule → {"ScheduleArn":"arn:aws:scheduler:us-east-1:123456789012:schedule/default/s"}
            GetSchedule → {"ActionAfterCompletion":"NONE","Arn":"arn:aws:scheduler:us-east-1:123456789012:schedule/default/s","CreationDate":1.6626384E9,"Description":"d","FlexibleTimeWindow":{"Mode":"OFF"},"GroupName":"default","LastModificationDate":1.6626384E9,"Name":"s","ScheduleExpression":"rate(1 hour)","ScheduleExpressionTimezone":"UTC","StartDate":1.66263846E9,"State":"ENABLED","Target":{"Arn":"arn:aws:sqs:us-east-1:123456789012:orders","RoleArn":"arn:aws:iam::123456789012:role/r","Input":"<aws.scheduler.scheduled-time>","RetryPolicy":{"MaximumEventAgeInSeconds":86400,"MaximumRetryAttempts":185}}}
            UpdateSchedule → {"ScheduleArn":"arn:aws:scheduler:us-east-1:123456789012:schedule/default/s"}
            GetSchedule → {"ActionAfterCompletion":"NONE","Arn":"arn:aws:scheduler:us-east-1:123456789012:schedule/default/s","CreationDate":1.6626384E9,"FlexibleTimeWindow":{"Mode":"OFF"},"GroupName":"default","LastModificationDate":1.6626384E9,"Name":"s","ScheduleExpression":"cron(0 12 * * ? *)","ScheduleExpressionTimezone":"Asia/Tokyo","State":"DISABLED","Target":{"Arn":"arn:aws:sqs:us-east-1:123456789012:orders","RoleArn":"arn:aws:iam::123456789012:role/r","Input":"<aws.scheduler.scheduled-time>","RetryPolicy":{"MaximumEventAgeInSeconds":86400,"MaximumRetryAttempts":185}}}
            ListSchedules → {"Schedules":[{"Arn":"arn:aws:scheduler:us-east-1:123456789012:schedule/default/s","CreationDate":1.6626384E9,"GroupName":"default","LastModificationDate":1.6626384E9,"Name":"s","State":"DISABLED","Target":{"Arn":"arn:aws:sqs:us-east-1:123456789012:orders"}}]}
            ListSchedules → {"Schedules":[]}
            ListSchedules → ResourceNotFoundException: Schedule group none does not exist.
            DeleteSchedule → {}
            DeleteSchedule → ResourceNotFoundException: Schedule s does not exist.
            GetSchedule → ResourceNotFoundException: Schedule s does not exist.
            UpdateSchedule → ResourceNotFoundException: Schedule s does not exist.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn what_cannot_be_honoured_is_refused() {
    let create = |expression: &str, more: Value| ("CreateSchedule", schedule("s", expression, more));
    let with = |arn: &str, more: Value| create("rate(1 hour)", target(arn, more));
    check(
        &[
            create("rate(1 hours)", json::value!({})),
            create("rate(1 hour)", json::value!({ "ScheduleExpressionTimezone": "Mars/Olympus" })),
            create("rate(1 hour)", json::value!({ "GroupName": "none" })),
            create("rate(1 hour)", json::value!({ "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k" })),
            create("rate(1 hour)", json::value!({ "FlexibleTimeWindow": { "Mode": "FLEXIBLE" } })),
            create("rate(1 hour)", json::value!({ "FlexibleTimeWindow": { "Mode": "OFF", "MaximumWindowInMinutes": 5 } })),
            create("rate(1 hour)", json::value!({ "StartDate": (NOON / 1_000 - 301) })),
            create("rate(1 hour)", json::value!({ "EndDate": (NOON / 1_000 - 1) })),
            create("rate(1 hour)", json::value!({ "StartDate": (NOON / 1_000 + 2), "EndDate": (NOON / 1_000 + 1) })),
            with("nonsense", json::value!({})),
            with("arn:aws:ecs:us-east-1:123456789012:cluster/c", json::value!({})),
            with("arn:aws:logs:us-east-1:123456789012:log-group:g", json::value!({})),
            with(QUEUE, json::value!({ "EcsParameters": {} })),
            with(&format!("{QUEUE}.fifo"), json::value!({})),
            with("arn:aws:events:us-east-1:123456789012:event-bus/b", json::value!({})),
            with("arn:aws:scheduler:::aws-sdk:sqs:sendMesage", json::value!({})),
            with("arn:aws:scheduler:::aws-sdk:sqs:receiveMessage", json::value!({ "Input": "{}" })),
            with("arn:aws:scheduler:::aws-sdk:sqs:sendMessage", json::value!({ "Input": "[]" })),
        ],
        expect![[r#"
            CreateSchedule → ValidationException: Invalid Schedule Expression rate(1 hours).
            CreateSchedule → ValidationException: Invalid Schedule Expression Timezone Mars/Olympus.
            CreateSchedule → ResourceNotFoundException: Schedule group none does not exist.
            CreateSchedule → ValidationException: This server encrypts nothing with keys of KMS: leave KmsKeyArn out, and encrypt the disk of its data.
            CreateSchedule → ValidationException: MaximumWindowInMinutes must be specified for a flexible time window.
            CreateSchedule → ValidationException: MaximumWindowInMinutes must not be specified if the flexible time window is OFF.
            CreateSchedule → ValidationException: The StartDate you specify cannot be earlier than 5 minutes ago.
            CreateSchedule → ValidationException: The EndDate you specify must be in the future.
            CreateSchedule → ValidationException: The StartDate you specify must come before the EndDate.
            CreateSchedule → ValidationException: The target nonsense is no valid ARN.
            CreateSchedule → ValidationException: This server calls no targets of the kind ecs:cluster: use a universal target (arn:aws:scheduler:::aws-sdk:SERVICE:ACTION), or start a state machine that makes the call.
            CreateSchedule → ValidationException: The target arn:aws:logs:us-east-1:123456789012:log-group:g (LogGroup) can be called by rules of EventBridge only.
            CreateSchedule → ValidationException: This server calls no targets that would use EcsParameters: leave it out.
            CreateSchedule → ValidationException: The target arn:aws:sqs:us-east-1:123456789012:orders.fifo needs SqsParameters.
            CreateSchedule → ValidationException: The target arn:aws:events:us-east-1:123456789012:event-bus/b needs EventBridgeParameters.
            CreateSchedule → ValidationException: The target arn:aws:scheduler:::aws-sdk:sqs:sendMesage is not valid: there is no operation sqs:sendMesage.
            CreateSchedule → ValidationException: sqs:ReceiveMessage only reads, and EventBridge Scheduler calls no such operations.
            CreateSchedule → ValidationException: The Input of the target arn:aws:scheduler:::aws-sdk:sqs:sendMessage must be a JSON object.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn groups() {
    let arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/g";
    check(
        &[
            ("CreateScheduleGroup", json::value!({ "Name": "g", "Tags": [{ "Key": "k", "Value": "v" }] })),
            ("CreateScheduleGroup", json::value!({ "Name": "g" })),
            ("GetScheduleGroup", json::value!({ "Name": "g" })),
            ("ListScheduleGroups", json::value!({ "MaxResults": 1 })),
            ("ListScheduleGroups", json::value!({ "NamePrefix": "g" })),
            ("TagResource", json::value!({ "ResourceArn": arn, "Tags": [{ "Key": "a", "Value": "b" }] })),
            ("UntagResource", json::value!({ "ResourceArn": arn, "TagKeys": ["k"] })),
            ("ListTagsForResource", json::value!({ "ResourceArn": arn })),
            ("ListTagsForResource", json::value!({ "ResourceArn": (arn.replace("-group/g", "/g/s")) })),
            ("CreateSchedule", schedule("s", "rate(1 hour)", json::value!({ "GroupName": "g" }))),
            ("CreateSchedule", schedule("s", "rate(1 hour)", json::value!({}))),
            ("ListSchedules", json::value!({ "GroupName": "g" })),
            ("DeleteScheduleGroup", json::value!({ "Name": "g" })),
            ("GetScheduleGroup", json::value!({ "Name": "g" })),
            ("GetSchedule", json::value!({ "Name": "s", "GroupName": "g" })),
            ("DeleteScheduleGroup", json::value!({ "Name": "default" })),
        ],
        expect![[r#"
            CreateScheduleGroup → {"ScheduleGroupArn":"arn:aws:scheduler:us-east-1:123456789012:schedule-group/g"}
            CreateScheduleGroup → ConflictException: Schedule group g already exists.
            GetScheduleGroup → {"Arn":"arn:aws:scheduler:us-east-1:123456789012:schedule-group/g","CreationDate":1.6626384E9,"LastModificationDate":1.6626384E9,"Name":"g","State":"ACTIVE"}
            ListScheduleGroups → {"ScheduleGroups":[{"Arn":"arn:aws:scheduler:us-east-1:123456789012:schedule-group/default","CreationDate":1.6626384E9,"LastModificationDate":1.6626384E9,"Name":"default","State":"ACTIVE"}],"NextToken":"ZGVmYXVsdA=="}
            ListScheduleGroups → {"ScheduleGroups":[{"Arn":"arn:aws:scheduler:us-east-1:123456789012:schedule-group/g","CreationDate":1.6626384E9,"LastModificationDate":1.6626384E9,"Name":"g","State":"ACTIVE"}]}
            TagResource → {}
            UntagResource → {}
            ListTagsForResource → {"Tags":[{"Key":"a","Value":"b"}]}
            ListTagsForResource → ValidationException: arn:aws:scheduler:us-east-1:123456789012:schedule/g/s is no schedule group: only those have tags.
            CreateSchedule → {"ScheduleArn":"arn:aws:scheduler:us-east-1:123456789012:schedule/g/s"}
            CreateSchedule → {"ScheduleArn":"arn:aws:scheduler:us-east-1:123456789012:schedule/default/s"}
            ListSchedules → {"Schedules":[{"Arn":"arn:aws:scheduler:us-east-1:123456789012:schedule/g/s","CreationDate":1.6626384E9,"GroupName":"g","LastModificationDate":1.6626384E9,"Name":"s","State":"ENABLED","Target":{"Arn":"arn:aws:sqs:us-east-1:123456789012:orders"}}]}
            DeleteScheduleGroup → {}
            GetScheduleGroup → ResourceNotFoundException: Schedule group g does not exist.
            GetSchedule → ResourceNotFoundException: Schedule s does not exist.
            DeleteScheduleGroup → ValidationException: The default schedule group cannot be deleted.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_rate_begins_at_once_and_survives_restarts() {
    let mut world = World::new();
    world.create("s", "rate(5 minutes)", json::value!({})).await;
    world.pass(299_000).await;
    assert_eq!(world.bodies(), ["2022-09-08T12:00:00Z"]);
    world.pass(1_000).await;
    assert_eq!(world.bodies(), ["2022-09-08T12:05:00Z"]);
    world.restart(1_000_000).await;
    assert_eq!(world.bodies(), [""; 0], "three times passed, the last of them more than a minute ago");
    world.pass(200_000).await;
    assert_eq!(world.bodies(), ["2022-09-08T12:25:00Z"]);
    world.restart(301_000).await;
    assert_eq!(world.bodies(), ["2022-09-08T12:30:00Z"], "late by a second");
}

#[tokio::test]
async fn a_one_off_fires_once_however_late_and_may_be_deleted_then() {
    let mut world = World::new();
    world
        .create(
            "kept",
            "at(2022-09-08T14:30:00)",
            json::value!({ "ScheduleExpressionTimezone": "Europe/Berlin" }),
        )
        .await;
    world
        .create("gone", "at(2022-09-08T12:30:00)", json::value!({ "ActionAfterCompletion": "DELETE" }))
        .await;
    world.pass(1_799_000).await;
    assert_eq!(world.bodies(), [""; 0]);
    world.restart(86_400_000).await;
    assert_eq!(world.bodies(), ["2022-09-08T12:30:00Z"; 2]);
    world.restart(86_400_000).await;
    assert_eq!(world.bodies(), [""; 0]);
    let names = world.ask("ListSchedules", json::value!({})).await;
    assert!(names.contains("default/kept") && !names.contains("default/gone"), "{names}");
}

#[tokio::test]
async fn a_one_off_that_was_disabled_when_it_was_due_is_not_made_up_for() {
    let world = World::new();
    let expression = "at(2022-09-08T12:30:00)";
    world.create("s", expression, json::value!({ "State": "DISABLED" })).await;
    world.pass(3_600_000).await;
    world.ask("UpdateSchedule", schedule("s", expression, json::value!({ "State": "ENABLED" }))).await;
    world.pass(60_000).await;
    assert_eq!(world.bodies(), [""; 0]);
    world.ask("UpdateSchedule", schedule("s", "at(2022-09-08T14:00:00)", json::value!({}))).await;
    world.pass(3_600_000).await;
    assert_eq!(world.bodies(), ["2022-09-08T14:00:00Z"]);
}

#[tokio::test]
async fn a_flexible_window_spreads_schedules_within_it() {
    let world = World::new();
    for number in 0..20 {
        let window =
            json::value!({ "FlexibleTimeWindow": { "Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10 } });
        world.create(&format!("s{number}"), "at(2022-09-08T13:00:00)", window).await;
    }
    world.pass(3_599_000).await;
    assert_eq!(world.bodies().len(), 0);
    let mut minutes = Vec::new();
    for _ in 0..10 {
        world.pass(60_000).await;
        minutes.push(world.bodies().len());
    }
    assert_eq!(minutes.iter().sum::<usize>(), 20);
    assert!(minutes.iter().filter(|count| **count > 0).count() >= 5, "{minutes:?}");
}

#[tokio::test]
async fn targets_are_called_with_their_input_and_its_words() {
    let world = World::new();
    let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    world.create("m", "at(2022-09-08T12:00:01)", target(machine, json::value!({}))).await;
    let words = "{\"MessageBody\":\"<aws.scheduler.schedule-arn> <aws.scheduler.attempt-number>\",\"QueueUrl\":\"http://h/1/q\"}";
    let universal = target("arn:aws:scheduler:::aws-sdk:sqs:sendMessage", json::value!({ "Input": words }));
    world.create("u", "at(2022-09-08T12:00:02)", universal).await;
    let bus = target(
        "arn:aws:events:us-east-1:123456789012:event-bus/b",
        json::value!({
            "Input": "{\"a\":1}",
            "EventBridgeParameters": { "Source": "s", "DetailType": "t" },
        }),
    );
    world.create("b", "at(2022-09-08T12:00:03)", bus).await;
    for _ in 0..3 {
        world.pass(1_000).await;
    }
    expect![[r#"
        stepfunctions:StartExecution {"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","Name":"7facbe27-a9ff-4d24-8183-1cf8a5e8c3a4","Input":"{\"version\":\"0\",\"id\":\"7facbe27-a9ff-4d24-8183-1cf8a5e8c3a4\",\"detail-type\":\"Scheduled Event\",\"source\":\"aws.scheduler\",\"account\":\"123456789012\",\"time\":\"2022-09-08T12:00:01Z\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:scheduler:us-east-1:123456789012:schedule/default/m\"],\"detail\":\"{}\"}"}
        sqs:SendMessage {"MessageBody":"arn:aws:scheduler:us-east-1:123456789012:schedule/default/u 1","QueueUrl":"http://h/1/q"}
        events:PutEvents {"Entries":[{"Source":"s","DetailType":"t","Detail":"{\"a\":1}","EventBusName":"arn:aws:events:us-east-1:123456789012:event-bus/b"}]}
    "#]].assert_eq(&world.calls.told());
}

#[tokio::test]
async fn failures_are_tried_again_and_end_in_the_dead_letter_queue() {
    let mut world = World::new();
    let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    let more = json::value!({
        "Input": "{\"n\":<aws.scheduler.attempt-number>}",
        "RetryPolicy": { "MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600 },
        "DeadLetterConfig": { "Arn": (format!("{QUEUE}-dead")) },
    });
    let mut with = target(machine, more);
    with.as_object_mut().unwrap().insert("ActionAfterCompletion", "DELETE");
    world.create("m", "at(2022-09-08T12:00:01)", with).await;
    world.calls.answer("stepfunctions", vec![Err(Trouble::passing("ThrottlingException", "Slow down"))]);
    world.pass(1_000).await;
    world.restart(0).await;
    world.pass(1_000).await;
    world.pass(2_000).await;
    world.pass(4_000).await;
    expect![[r#"
        stepfunctions:StartExecution {"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","Name":"7facbe27-a9ff-4d24-8183-1cf8a5e8c3a4","Input":"{\"n\":1}"}
        stepfunctions:StartExecution {"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","Name":"7facbe27-a9ff-4d24-8183-1cf8a5e8c3a4","Input":"{\"n\":2}"}
        stepfunctions:StartExecution {"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","Name":"7facbe27-a9ff-4d24-8183-1cf8a5e8c3a4","Input":"{\"n\":3}"}
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders-dead","MessageBody":"{\"n\":3}","MessageAttributes":{"SCHEDULE_ARN":{"DataType":"String","StringValue":"arn:aws:scheduler:us-east-1:123456789012:schedule/default/m"},"TARGET_ARN":{"DataType":"String","StringValue":"arn:aws:states:us-east-1:123456789012:stateMachine:m"},"SCHEDULED_TIME":{"DataType":"String","StringValue":"2022-09-08T12:00:01Z"},"EXECUTION_ID":{"DataType":"String","StringValue":"7facbe27-a9ff-4d24-8183-1cf8a5e8c3a4"},"ERROR_CODE":{"DataType":"String","StringValue":"ThrottlingException"},"ERROR_MESSAGE":{"DataType":"String","StringValue":"Slow down"},"EXHAUSTED_RETRY_CONDITION":{"DataType":"String","StringValue":"MaximumRetryAttempts"},"RETRY_ATTEMPTS":{"DataType":"String","StringValue":"2"},"IS_PAYLOAD_TRUNCATED":{"DataType":"String","StringValue":"false"}}}
    "#]].assert_eq(&world.calls.told());
    assert_eq!(world.service.open_deliveries(), 0);
}
