//! Rules with schedules.

use expect_test::expect;

use super::{QUEUE, World};

async fn scheduled(world: &World, name: &str, expression: &str) {
    world.done("PutRule", json::value!({ "Name": name, "ScheduleExpression": expression })).await;
    let target = json::value!({ "Id": "q", "Arn": QUEUE, "InputTransformer": {
        "InputPathsMap": { "time": "$.time", "type": "$.detail-type", "source": "$.source", "of": "$.resources[0]" },
        "InputTemplate": "\"<time> <type> <source> <of>\"",
    } });
    world.done("PutTargets", json::value!({ "Rule": name, "Targets": [target] })).await;
}

fn bodies(world: &World) -> String {
    let calls = world.calls.calls.lock().unwrap().drain(..).collect::<Vec<_>>();
    let body = |call: &crate::delivery::OutCall| {
        call.input.get("MessageBody").and_then(|body| body.as_str()).unwrap_or_default().to_owned() + "\n"
    };
    calls.iter().map(body).collect()
}

#[tokio::test]
async fn a_rate_counts_from_when_its_rule_was_made_and_survives_restarts() {
    let mut world = World::new();
    world.pass(7_000).await;
    scheduled(&world, "r", "rate(5 minutes)").await;
    world.pass(299_000).await;
    assert_eq!(bodies(&world), "");
    world.pass(1_000).await;
    expect![[r#"
        "2022-09-08T16:57:07Z Scheduled Event aws.events arn:aws:events:us-east-1:123456789012:rule/r"
    "#]]
    .assert_eq(&bodies(&world));
    // While the server is down a time passes.
    world.service.stop().await;
    world.clock.pass(400_000);
    world.restart().await;
    assert_eq!(bodies(&world), "", "what passed meanwhile is skipped");
    world.pass(199_000).await;
    assert_eq!(bodies(&world), "");
    world.pass(1_000).await;
    expect![[r#"
        "2022-09-08T17:07:07Z Scheduled Event aws.events arn:aws:events:us-east-1:123456789012:rule/r"
    "#]]
    .assert_eq(&bodies(&world));
}

#[tokio::test]
async fn cron_fires_in_its_minute_and_not_while_it_is_disabled() {
    let world = World::new();
    scheduled(&world, "c", "cron(0/10 * * * ? *)").await;
    world.pass(480_000).await;
    expect![[r#"
        "2022-09-08T17:00:00Z Scheduled Event aws.events arn:aws:events:us-east-1:123456789012:rule/c"
    "#]]
    .assert_eq(&bodies(&world));
    world.done("DisableRule", json::value!({ "Name": "c" })).await;
    world.pass(600_000).await;
    assert_eq!(bodies(&world), "");
    world.done("EnableRule", json::value!({ "Name": "c" })).await;
    world.pass(600_000).await;
    expect![[r#"
        "2022-09-08T17:20:00Z Scheduled Event aws.events arn:aws:events:us-east-1:123456789012:rule/c"
    "#]]
    .assert_eq(&bodies(&world));
}
