//! EXPRESS machines and batches of starts over HTTP.

use json::Value;

use crate::world::{World, post, refusal_in, text};

const PASS: &str = r#"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"},\"B\":{\"Type\":\"Succeed\"}}}"#;
const FAIL: &str =
    r#"{\"StartAt\":\"F\",\"States\":{\"F\":{\"Type\":\"Fail\",\"Error\":\"E\",\"Cause\":\"why\"}}}"#;
const WAIT: &str =
    r#"{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":200,\"End\":true}}}"#;

async fn create(world: &World, name: &str, machine_type: &str, definition: &str) -> String {
    let body = format!(
        r#"{{"name":"{name}","definition":"{definition}","roleArn":"arn:aws:iam::1:role/r","type":"{machine_type}"}}"#
    );
    text(&world.ask("CreateStateMachine", &body).await, "stateMachineArn")
}

#[tokio::test]
async fn synchronous_starts_answer_with_the_end() {
    let world = World::start().await;
    let machine = create(&world, "m", "EXPRESS", PASS).await;
    let body =
        format!(r#"{{"stateMachineArn":"{machine}","name":"e","input":"{{ }}","traceHeader":"Root=1"}}"#);
    let answer = world.ask("StartSyncExecution", &body).await;
    let arn = text(&answer, "executionArn");
    assert!(arn.starts_with("arn:aws:states:us-east-1:123456789012:express:m:e:"), "{arn}");
    assert_eq!(text(&answer, "status"), "SUCCEEDED");
    assert_eq!((text(&answer, "input"), text(&answer, "output")), ("{ }".into(), "{ }".into()));
    assert_eq!(text(&answer, "traceHeader"), "Root=1");

    let failing = create(&world, "f", "EXPRESS", FAIL).await;
    let answer = world.ask("StartSyncExecution", &format!(r#"{{"stateMachineArn":"{failing}"}}"#)).await;
    assert_eq!(text(&answer, "status"), "FAILED");
    assert_eq!((text(&answer, "error"), text(&answer, "cause")), ("E".into(), "why".into()));
    world.stopped().await;
}

#[tokio::test]
async fn what_is_not_for_express_is_refused() {
    let world = World::start().await;
    let standard = create(&world, "s", "STANDARD", PASS).await;
    let not_supported =
        "StateMachineTypeNotSupported: This operation is not supported by this type of state machine";
    let of = |arn: &str| format!(r#"{{"stateMachineArn":"{arn}"}}"#);
    assert_eq!(world.refusal("StartSyncExecution", &of(&standard)).await, not_supported);
    let machine = create(&world, "m", "EXPRESS", PASS).await;
    assert_eq!(world.refusal("ListExecutions", &of(&machine)).await, not_supported);

    let started = world.ask("StartExecution", &of(&machine)).await;
    let arn = text(&started, "executionArn");
    let context = "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'";
    for action in [
        "DescribeExecution",
        "DescribeStateMachineForExecution",
        "GetExecutionHistory",
        "ListMapRuns",
        "RedriveExecution",
        "StopExecution",
    ] {
        let refusal = world.refusal(action, &format!(r#"{{"executionArn":"{arn}"}}"#)).await;
        assert_eq!(refusal, context, "{action}");
    }
    world.stopped().await;
}

#[tokio::test]
async fn who_hangs_up_ends_a_synchronous_execution() {
    let world = World::start().await;
    let machine = create(&world, "m", "EXPRESS", WAIT).await;
    let under_way = async || {
        let mut client = world.client().await;
        client.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let page = client.answer().await.expect("a page").text;
        let line = page.lines().find_map(|line| line.strip_prefix("stepwell_express_executions_under_way "));
        line.expect("it is counted").to_owned()
    };
    let mut client = world.client().await;
    let body = format!(r#"{{"stateMachineArn":"{machine}"}}"#);
    client.send(&crate::world::request("AWSStepFunctions.StartSyncExecution", body.as_bytes())).await;
    while under_way().await != "1" {
        tokio::task::yield_now().await;
    }
    drop(client);
    while under_way().await != "0" {
        tokio::task::yield_now().await;
    }
    world.stopped().await;
}

async fn batch(world: &World, body: &str) -> (u16, Value) {
    let mut client = world.client().await;
    client.send(&post("/v1/start-execution-batch", body.as_bytes())).await;
    let answer = client.answer().await.expect("an answer");
    (answer.status, Value::parse(&answer.text).expect("JSON"))
}

#[tokio::test]
async fn batches_answer_for_each_start_in_order() {
    let world = World::start().await;
    for (name, machine_type, kind) in [("s", "STANDARD", "execution"), ("m", "EXPRESS", "express")] {
        let machine = create(&world, name, machine_type, PASS).await;
        let (status, answer) = batch(
            &world,
            &format!(
                r#"{{"stateMachineArn":"{machine}","executions":[{{"name":"a","input":"1"}},{{"name":"a b"}},{{}},
                    {{"name":"a","input":"2"}}]}}"#
            ),
        )
        .await;
        assert_eq!(status, 200, "{answer}");
        let results = answer.get("results").and_then(Value::as_array).expect("results");
        let shown: Vec<String> = results
            .iter()
            .map(|result| match result.get("error").and_then(Value::as_str) {
                Some(error) => error.to_owned(),
                None => {
                    let arn = text(result, "executionArn");
                    arn.split(':').skip(5).take(2).collect::<Vec<_>>().join(":")
                }
            })
            .collect();
        let started = format!("{kind}:{name}");
        let last = if machine_type == "STANDARD" { "ExecutionAlreadyExists" } else { &started };
        assert_eq!(shown, [&started, "InvalidName", &started, last]);
    }
    world.stopped().await;
}

#[tokio::test]
async fn a_batch_as_a_whole_can_be_refused() {
    let world = World::start().await;
    let refusal = async |body: &str| {
        let (status, answer) = batch(&world, body).await;
        assert_eq!(status, 400, "{answer}");
        refusal_in(&answer)
    };
    let unknown = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    let body = format!(r#"{{"stateMachineArn":"{unknown}","executions":[{{}}]}}"#);
    let expected = format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{unknown}'");
    assert_eq!(refusal(&body).await, expected);
    assert!(refusal("{").await.starts_with("SerializationException: "));
    let mut client = world.client().await;
    client.send(b"GET /v1/start-execution-batch HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(client.answer().await.expect("an answer").status, 404);
    // More than a call of the API may bring is fine, as far as it goes.
    let machine = create(&world, "m", "EXPRESS", PASS).await;
    let item = format!(r#"{{"input":"\"{}\""}}"#, "x".repeat(200_000));
    let body = format!(r#"{{"stateMachineArn":"{machine}","executions":[{}]}}"#, vec![item; 12].join(","));
    assert_eq!(batch(&world, &body).await.0, 200);
    client = world.client().await;
    client
        .send(b"POST /v1/start-execution-batch HTTP/1.1\r\nHost: x\r\nContent-Length: 8388609\r\n\r\n")
        .await;
    assert_eq!(client.answer().await.expect("an answer").status, 413);
    world.stopped().await;
}
