//! State machines and their executions, from creation to deletion.

use json::Value;

use crate::world::{World, text};

const PASS: &str =
    r#"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Result\":{\"a\":1},\"End\":true}}}"#;
const WAIT: &str =
    r#"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Wait\",\"Seconds\":3600,\"End\":true}}}"#;

async fn create(world: &World, name: &str, definition: &str) -> String {
    let role = "arn:aws:iam::123456789012:role/r";
    let body = format!(r#"{{"name":"{name}","definition":"{definition}","roleArn":"{role}"}}"#);
    text(&world.ask("CreateStateMachine", &body).await, "stateMachineArn")
}

/// Describes an execution until it is closed: its end is on disk a moment after its start.
async fn closed(world: &World, arn: &str) -> Value {
    for _ in 0..1000 {
        let described = world.ask("DescribeExecution", &format!(r#"{{"executionArn":"{arn}"}}"#)).await;
        if text(&described, "status") != "RUNNING" {
            return described;
        }
        tokio::task::yield_now().await;
    }
    panic!("{arn} goes on and on");
}

#[tokio::test]
async fn a_life() {
    let world = World::start().await;
    let machine = create(&world, "m", PASS).await;
    let described = world.ask("DescribeStateMachine", &format!(r#"{{"stateMachineArn":"{machine}"}}"#)).await;
    assert_eq!(text(&described, "definition"), PASS.replace('\\', ""));

    let start = format!(r#"{{"stateMachineArn":"{machine}","name":"e","input":"{{\"x\":[1, 2]}}"}}"#);
    let started = world.ask("StartExecution", &start).await;
    let arn = text(&started, "executionArn");
    assert_eq!(arn, "arn:aws:states:us-east-1:123456789012:execution:m:e");
    let described = closed(&world, &arn).await;
    assert_eq!(text(&described, "status"), "SUCCEEDED");
    assert_eq!(text(&described, "input"), r#"{"x":[1, 2]}"#);
    assert_eq!(text(&described, "output"), r#"{"a":1}"#);
    assert_eq!(described.get("startDate"), started.get("startDate"));

    let history = world.ask("GetExecutionHistory", &format!(r#"{{"executionArn":"{arn}"}}"#)).await;
    let events = history.get("events").and_then(Value::as_array).expect("a list");
    let types: Vec<String> = events.iter().map(|event| text(event, "type")).collect();
    assert_eq!(types, ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]);

    let refusal = world.refusal("StartExecution", &start).await;
    assert_eq!(refusal, format!("ExecutionAlreadyExists: Execution Already Exists: '{arn}'"));
    let of_execution =
        world.ask("DescribeStateMachineForExecution", &format!(r#"{{"executionArn":"{arn}"}}"#)).await;
    assert_eq!(text(&of_execution, "stateMachineArn"), machine);
    let by_arn = format!(r#"{{"stateMachineArn":"{machine}"}}"#);
    let refusal = world.refusal("StartSyncExecution", &by_arn).await;
    let message = "This operation is not supported by this type of state machine";
    assert_eq!(refusal, format!("StateMachineTypeNotSupported: {message}"));

    world.ask("DeleteStateMachine", &format!(r#"{{"stateMachineArn":"{machine}"}}"#)).await;
    let refusal = world.refusal("StartExecution", &start.replace("\"e\"", "\"f\"")).await;
    assert!(refusal.starts_with("StateMachine"), "{refusal}");
    world.stopped().await;
}

#[tokio::test]
async fn a_waiting_execution_can_be_stopped() {
    let world = World::start().await;
    let machine = create(&world, "m", WAIT).await;
    let start = format!(r#"{{"stateMachineArn":"{machine}","name":"e"}}"#);
    let started = world.ask("StartExecution", &start).await;
    assert_eq!(world.ask("StartExecution", &start).await, started);
    let arn = text(&started, "executionArn");

    let stop = format!(r#"{{"executionArn":"{arn}","error":"Enough","cause":"of this"}}"#);
    let stopped = world.ask("StopExecution", &stop).await;
    let described = closed(&world, &arn).await;
    assert_eq!(text(&described, "status"), "ABORTED");
    assert_eq!((text(&described, "error"), text(&described, "cause")), ("Enough".into(), "of this".into()));
    assert_eq!(described.get("stopDate"), stopped.get("stopDate"));
    world.stopped().await;
}

#[tokio::test]
async fn lists_are_newest_first_and_paged() {
    let world = World::start().await;
    let machine = create(&world, "m", PASS).await;
    for name in ["a", "b", "c"] {
        let start = format!(r#"{{"stateMachineArn":"{machine}","name":"{name}"}}"#);
        let started = world.ask("StartExecution", &start).await;
        closed(&world, &text(&started, "executionArn")).await;
    }
    let list = async |members: String| {
        let page =
            world.ask("ListExecutions", &format!(r#"{{"stateMachineArn":"{machine}"{members}}}"#)).await;
        let items = page.get("executions").and_then(Value::as_array).expect("a list");
        let names: Vec<String> = items.iter().map(|item| text(item, "name")).collect();
        (names.join(" "), page.get("nextToken").and_then(Value::as_str).map(str::to_owned))
    };
    let (names, token) = list(r#","maxResults":2"#.to_owned()).await;
    assert_eq!(names, "c b");
    let token = token.expect("a next page");
    assert_eq!(list(format!(r#","nextToken":"{token}""#)).await, ("a".to_owned(), None));
    assert_eq!(list(r#","statusFilter":"FAILED""#.to_owned()).await, (String::new(), None));
    world.stopped().await;
}

#[tokio::test]
async fn bad_definitions_and_types_are_refused() {
    let world = World::start().await;
    let create = |definition: &str, more: &str| {
        format!(r#"{{"name":"m","definition":"{definition}","roleArn":"arn:aws:iam::1:role/r"{more}}}"#)
    };
    let refusal = world.refusal("CreateStateMachine", &create("{}", "")).await;
    assert!(refusal.starts_with("InvalidDefinition: Invalid State Machine Definition: '"), "{refusal}");
    let refusal = world.refusal("CreateStateMachine", &create("{}", r#","type":"EXPRESS""#)).await;
    assert!(refusal.starts_with("InvalidDefinition: "), "{refusal}");
    let verdict = world.ask("ValidateStateMachineDefinition", r#"{"definition":"{}"}"#).await;
    assert_eq!(text(&verdict, "result"), "FAIL");
    let verdict = world.ask("ValidateStateMachineDefinition", &format!(r#"{{"definition":"{PASS}"}}"#)).await;
    assert_eq!(verdict.to_text(), r#"{"result":"OK","diagnostics":[],"truncated":false}"#);
    world.stopped().await;
}

#[tokio::test]
async fn redriving_says_why_not() {
    let world = World::start().await;
    let machine = create(&world, "m", WAIT).await;
    let start = format!(r#"{{"stateMachineArn":"{machine}"}}"#);
    let arn = text(&world.ask("StartExecution", &start).await, "executionArn");
    let body = format!(r#"{{"executionArn":"{arn}"}}"#);
    let of_nobody = format!(r#"{{"executionArn":"{arn}x"}}"#);
    let redriven = world.refusal("RedriveExecution", &body).await;
    assert_eq!(redriven, "ExecutionNotRedrivable: Execution is RUNNING and cannot be redriven");
    let redriven = world.refusal("RedriveExecution", &of_nobody).await;
    assert_eq!(redriven, format!("ExecutionDoesNotExist: Execution Does Not Exist: '{arn}x'"));
    world.ask("StopExecution", &body).await;
    world.ask("DeleteStateMachine", &start).await;
    let redriven = world.refusal("RedriveExecution", &body).await;
    assert_eq!(redriven, "ExecutionNotRedrivable: State machine is in DELETING status.");
    world.stopped().await;
}

#[tokio::test]
async fn an_execution_that_failed_is_redriven() {
    let world = World::start().await;
    let choice = r#"{\"StartAt\":\"C\",\"States\":{\"C\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.go\",\"BooleanEquals\":true,\"Next\":\"W\"}]},\"W\":{\"Type\":\"Wait\",\"Seconds\":3600,\"End\":true}}}"#;
    let machine = create(&world, "m", choice).await;
    let start = format!(r#"{{"stateMachineArn":"{machine}","name":"e","input":"{{\"go\":false}}"}}"#);
    let arn = text(&world.ask("StartExecution", &start).await, "executionArn");
    let described = closed(&world, &arn).await;
    assert_eq!(
        (text(&described, "status"), text(&described, "redriveStatus")),
        ("FAILED".into(), "REDRIVABLE".into())
    );

    // The same input fails again, and the same token does not try a second time.
    let body = format!(r#"{{"executionArn":"{arn}","clientToken":"t"}}"#);
    let redriven = world.ask("RedriveExecution", &body).await;
    assert_eq!(world.ask("RedriveExecution", &body).await, redriven);
    let described = closed(&world, &arn).await;
    assert_eq!(described.get("redriveCount"), Some(&json::value!(1)));
    assert_eq!(described.get("redriveDate"), redriven.get("redriveDate"));

    // With another input it goes on, and is open again for everybody.
    let body = format!(r#"{{"executionArn":"{arn}","input":"{{\"go\":true}}"}}"#);
    let post = format!(
        "POST /v1/redrive-execution HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut client = world.client().await;
    client.send(post.as_bytes()).await;
    let answer = client.answer().await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text);
    let described = world.ask("DescribeExecution", &format!(r#"{{"executionArn":"{arn}"}}"#)).await;
    assert_eq!(
        (text(&described, "status"), text(&described, "input")),
        ("RUNNING".into(), r#"{"go":false}"#.into())
    );
    assert!(described.get("stopDate").is_none() && described.get("error").is_none());
    let body = format!(r#"{{"stateMachineArn":"{machine}","statusFilter":"RUNNING"}}"#);
    let listed = world.ask("ListExecutions", &body).await;
    let row =
        listed.get("executions").and_then(Value::as_array).and_then(|rows| rows.get(0)).expect("one runs");
    assert_eq!(row.get("redriveCount"), Some(&json::value!(2)));
    assert_eq!(row.get("redriveDate"), described.get("redriveDate"));

    let history = world.ask("GetExecutionHistory", &format!(r#"{{"executionArn":"{arn}"}}"#)).await;
    let events = history.get("events").and_then(Value::as_array).expect("a list");
    let types: Vec<String> = events.iter().map(|event| text(event, "type")).collect();
    let expected = [
        "ExecutionStarted",
        "ChoiceStateEntered",
        "ExecutionFailed",
        "ExecutionRedriven",
        "ExecutionFailed",
        "ExecutionRedriven",
        "ChoiceStateEntered",
        "ChoiceStateExited",
        "WaitStateEntered",
    ];
    assert_eq!(types, expected);
    let details = events.get(5).and_then(|event| event.get("executionRedrivenEventDetails"));
    assert_eq!(details, Some(&json::value!({ "redriveCount": 2 })));
    world.stopped().await;
}

#[tokio::test]
async fn an_execution_without_a_distributed_map_has_no_map_runs() {
    let world = World::start().await;
    let machine = create(&world, "m", WAIT).await;
    let started = world.ask("StartExecution", &format!(r#"{{"stateMachineArn":"{machine}"}}"#)).await;
    let arn = text(&started, "executionArn");
    let listed = world.ask("ListMapRuns", &format!(r#"{{"executionArn":"{arn}"}}"#)).await;
    assert_eq!(listed.to_text(), r#"{"mapRuns":[]}"#);
    let refused = world.refusal("ListMapRuns", &format!(r#"{{"executionArn":"{arn}x"}}"#)).await;
    assert_eq!(refused, format!("ExecutionDoesNotExist: Execution Does Not Exist: '{arn}x'"));
    world.stopped().await;
}
