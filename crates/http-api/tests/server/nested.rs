//! Executions that call Step Functions, which is this very server.

use std::sync::atomic::{AtomicU64, Ordering};

use json::Value;

use crate::world::{World, text};

async fn create(world: &World, name: &str, machine_type: &str, definition: &Value) -> String {
    let request = json::value!({
        "name": name,
        "definition": (definition.to_text()),
        "roleArn": "arn:aws:iam::123456789012:role/r",
        "type": machine_type,
    });
    text(&world.ask("CreateStateMachine", &request.to_text()).await, "stateMachineArn")
}

/// A machine of one Task with this resource and these parameters.
fn task(resource: &str, parameters: Value) -> Value {
    let resource = format!("arn:aws:states:::{resource}");
    let task = json::value!({ "Type": "Task", "Resource": resource, "Parameters": parameters, "End": true });
    json::value!({ "StartAt": "T", "States": { "T": task } })
}

fn pass() -> Value {
    json::value!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "Result": { "a": 1 }, "End": true } } })
}

async fn start(world: &World, machine: &str, input: &Value) -> String {
    let request = json::value!({ "stateMachineArn": machine, "input": (input.to_text()) });
    text(&world.ask("StartExecution", &request.to_text()).await, "executionArn")
}

/// What DescribeExecution says once it has ended.
async fn ended(world: &World, arn: &str) -> Value {
    world.closed(arn).await;
    world.ask("DescribeExecution", &json::value!({ "executionArn": arn }).to_text()).await
}

/// Runs a machine of one Task: its output, or `error: cause`.
async fn outcome(world: &World, resource: &str, parameters: Value) -> Value {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let name = format!("parent-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let machine = create(world, &name, "STANDARD", &task(resource, parameters)).await;
    let execution = start(world, &machine, &json::value!({})).await;
    let description = ended(world, &execution).await;
    match description.get("output").and_then(Value::as_str) {
        Some(output) => Value::parse(output).expect("JSON"),
        None => format!("{}: {}", text(&description, "error"), text(&description, "cause")).into(),
    }
}

/// A text with its request id taken out.
fn without_request_id(value: &Value) -> String {
    let text = value.as_str().expect("a failure");
    let Some((before, rest)) = text.split_once("Request ID: ") else { return text.to_owned() };
    format!("{before}Request ID: <id>{}", &rest[36..])
}

#[tokio::test]
async fn the_sdk_integration_reaches_every_action() {
    let world = World::start().await;
    let child = create(&world, "child", "STANDARD", &pass()).await;
    let started = outcome(
        &world,
        "aws-sdk:sfn:startExecution",
        json::value!({ "StateMachineArn": (child.as_str()), "Name": "one", "Input": { "key": "value" } }),
    )
    .await;
    let arn = text(&started, "ExecutionArn");
    assert_eq!(arn, child.replace(":stateMachine:", ":execution:") + ":one");
    assert!(text(&started, "StartDate").ends_with('Z'), "{started}");
    assert_eq!(text(&ended(&world, &arn).await, "input"), r#"{"key":"value"}"#);

    let described =
        outcome(&world, "aws-sdk:sfn:describeExecution", json::value!({ "ExecutionArn": (arn.as_str()) }))
            .await;
    assert_eq!(text(&described, "Status"), "SUCCEEDED");
    let refused =
        outcome(&world, "aws-sdk:sfn:sendTaskSuccess", json::value!({ "TaskToken": "x", "Output": "{}" }))
            .await;
    assert_eq!(
        without_request_id(&refused),
        "Sfn.InvalidTokenException: Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: <id>) \
         (SDK Attempt Count: 1)"
    );
    let express = create(&world, "express", "EXPRESS", &pass()).await;
    let answer = outcome(
        &world,
        "aws-sdk:sfn:startSyncExecution",
        json::value!({ "StateMachineArn": (express.as_str()) }),
    )
    .await;
    assert_eq!((text(&answer, "Status"), text(&answer, "Output")), ("SUCCEEDED".into(), r#"{"a":1}"#.into()));
    world.stopped().await;
}

#[tokio::test]
async fn a_child_is_started_with_the_recorded_result() {
    let world = World::start().await;
    let child = create(&world, "child", "STANDARD", &pass()).await;
    let parameters = json::value!({ "StateMachineArn": (child.as_str()), "Input": null, "Name": "one" });
    let started = outcome(&world, "states:startExecution", parameters).await;
    let members: Vec<&str> = started.as_object().expect("a result").keys().map(json::Text::as_str).collect();
    assert_eq!(members, ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]);
    assert_eq!(text(&ended(&world, &text(&started, "ExecutionArn")).await, "input"), "{}");

    let missing = json::value!({ "StateMachineArn": (format!("{child}x")) });
    assert_eq!(
        without_request_id(&outcome(&world, "states:startExecution", missing).await),
        format!(
            "StepFunctions.StateMachineDoesNotExistException: State Machine Does Not Exist: '{child}x' (Service: \
             AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: <id>; Proxy: null)"
        )
    );
    world.stopped().await;
}
