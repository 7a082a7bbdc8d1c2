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

/// A machine that waits until somebody stops it or answers its callback.
fn waiting() -> Value {
    json::value!({ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 90_000, "End": true } } })
}

/// The types of an execution's history events.
async fn event_types(world: &World, arn: &str) -> Vec<String> {
    let history = world.ask("GetExecutionHistory", &json::value!({ "executionArn": arn }).to_text()).await;
    let events = history.get("events").and_then(Value::as_array).expect("events");
    events.iter().map(|event| text(event, "type")).collect()
}

/// Reads the history until it has an event of this type.
async fn until_event(world: &World, arn: &str, event: &str) {
    loop {
        if event_types(world, arn).await.iter().any(|known| known == event) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_parent_waits_for_its_child_and_shows_it_as_recorded() {
    let world = World::start().await;
    let child = create(&world, "child", "STANDARD", &pass()).await;
    let parameters =
        |name: &str| json::value!({ "StateMachineArn": (child.as_str()), "Input": null, "Name": name });
    let members = |result: &Value| -> Vec<String> {
        result.as_object().expect("a result").keys().map(ToString::to_string).collect()
    };
    let result = outcome(&world, "states:startExecution.sync", parameters("one")).await;
    let expected = [
        "ExecutionArn",
        "Input",
        "InputDetails",
        "Name",
        "Output",
        "OutputDetails",
        "StartDate",
        "StateMachineArn",
        "Status",
        "StopDate",
    ];
    assert_eq!(members(&result), expected);
    assert_eq!((text(&result, "Input"), text(&result, "Output")), ("{}".into(), r#"{"a":1}"#.into()));

    let result = outcome(&world, "states:startExecution.sync:2", parameters("two")).await;
    assert_eq!(result.get("Input"), Some(&json::value!({})));
    assert_eq!(result.get("Output"), Some(&json::value!({ "a": 1 })));
    assert_eq!(text(&result, "RedriveStatus"), "NOT_REDRIVABLE");
    world.stopped().await;
}

#[tokio::test]
async fn a_child_that_fails_fails_its_parent_with_its_description() {
    let world = World::start().await;
    let fail =
        json::value!({ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "E", "Cause": "why" } } });
    let child = create(&world, "child", "STANDARD", &fail).await;
    let parameters = json::value!({ "StateMachineArn": (child.as_str()), "Name": "one" });
    let failure = outcome(&world, "states:startExecution.sync:2", parameters).await;
    let cause =
        failure.as_str().and_then(|text| text.strip_prefix("States.TaskFailed: ")).expect("a failed task");
    let cause = Value::parse(cause).expect("a description");
    assert_eq!(
        (text(&cause, "Status"), text(&cause, "Error"), text(&cause, "Cause")),
        ("FAILED".into(), "E".into(), "why".into())
    );

    // The name is taken by an execution that has closed.
    let parameters = json::value!({ "StateMachineArn": (child.as_str()), "Name": "one" });
    let failure = without_request_id(&outcome(&world, "states:startExecution.sync", parameters).await);
    assert!(failure.starts_with("StepFunctions.ExecutionAlreadyExistsException: "), "{failure}");
    world.stopped().await;
}

#[tokio::test]
async fn an_express_child_can_be_started_but_not_waited_for() {
    let world = World::start().await;
    let child = create(&world, "child", "EXPRESS", &pass()).await;
    let parameters = || json::value!({ "StateMachineArn": (child.as_str()) });
    let started = outcome(&world, "states:startExecution", parameters()).await;
    assert!(text(&started, "ExecutionArn").contains(":express:child:"), "{started}");
    let failure = outcome(&world, "states:startExecution.sync", parameters()).await;
    assert_eq!(
        without_request_id(&failure),
        "StepFunctions.InvalidArnException: Invalid Arn: 'Resource type not valid in this context: express' (Service: \
         AWSStepFunctions; Status Code: 400; Error Code: InvalidArn; Request ID: <id>; Proxy: null)"
    );
    world.stopped().await;
}

#[tokio::test]
async fn the_child_of_a_stopped_parent_is_stopped() {
    let world = World::start().await;
    let child = create(&world, "child", "STANDARD", &waiting()).await;
    let definition = task(
        "states:startExecution.sync",
        json::value!({ "StateMachineArn": (child.as_str()), "Name": "one" }),
    );
    let parent = create(&world, "parent", "STANDARD", &definition).await;
    let parent = start(&world, &parent, &json::value!({})).await;
    until_event(&world, &parent, "TaskSubmitted").await;
    world.ask("StopExecution", &json::value!({ "executionArn": (parent.as_str()) }).to_text()).await;
    let child = child.replace(":stateMachine:", ":execution:") + ":one";
    assert_eq!(text(&ended(&world, &child).await, "status"), "ABORTED");
    world.stopped().await;
}

#[tokio::test]
async fn the_child_of_a_state_that_times_out_and_of_a_branch_that_another_fails_is_stopped() {
    let world = World::start().await;
    let child = create(&world, "child", "STANDARD", &waiting()).await;
    let mut late = task(
        "states:startExecution.sync",
        json::value!({ "StateMachineArn": (child.as_str()), "Name": "late" }),
    );
    let state = late
        .as_object_mut()
        .and_then(|it| it.get_mut("States")?.as_object_mut()?.get_mut("T")?.as_object_mut());
    state.expect("a state").insert("TimeoutSeconds", 1);
    let parent = create(&world, "late", "STANDARD", &late).await;
    let parent = start(&world, &parent, &json::value!({})).await;
    assert_eq!(text(&ended(&world, &parent).await, "error"), "States.Timeout");
    let execution = |name: &str| format!("{}:{name}", child.replace(":stateMachine:", ":execution:"));
    assert_eq!(text(&ended(&world, &execution("late")).await, "status"), "ABORTED");

    // The other branch fails while the child runs, or while it is being started.
    let one = task(
        "states:startExecution.sync",
        json::value!({ "StateMachineArn": (child.as_str()), "Name": "other" }),
    );
    let other = json::value!({ "StartAt": "W", "States": {
        "W": { "Type": "Wait", "Seconds": 1, "Next": "F" }, "F": { "Type": "Fail", "Error": "E" }
    } });
    let both = json::value!({ "StartAt": "P", "States": {
        "P": { "Type": "Parallel", "Branches": [one, other], "End": true }
    } });
    let parent = create(&world, "both", "STANDARD", &both).await;
    let parent = start(&world, &parent, &json::value!({})).await;
    assert_eq!(text(&ended(&world, &parent).await, "error"), "E");
    assert_eq!(text(&ended(&world, &execution("other")).await, "status"), "ABORTED");
    world.stopped().await;
}

#[tokio::test]
async fn a_token_ends_the_waiting_and_the_child_goes_on() {
    let world = World::start().await;
    let child = create(&world, "child", "STANDARD", &waiting()).await;
    let parameters = json::value!({
        "StateMachineArn": (child.as_str()), "Name": "one", "Input": { "token.$": "$$.Task.Token" }
    });
    let parent = create(&world, "parent", "STANDARD", &task("states:startExecution.sync", parameters)).await;
    let parent = start(&world, &parent, &json::value!({})).await;
    until_event(&world, &parent, "TaskSubmitted").await;
    let child = child.replace(":stateMachine:", ":execution:") + ":one";
    let describe = json::value!({ "executionArn": (child.as_str()) }).to_text();
    let input = Value::parse(&text(&world.ask("DescribeExecution", &describe).await, "input")).expect("JSON");
    let answer = json::value!({ "taskToken": (text(&input, "token")), "output": "[7]" });
    world.ask("SendTaskSuccess", &answer.to_text()).await;
    assert_eq!(text(&ended(&world, &parent).await, "output"), "[7]");
    assert_eq!(text(&world.ask("DescribeExecution", &describe).await, "status"), "RUNNING");
    world.stopped().await;
}

#[tokio::test]
async fn a_child_may_answer_the_token_of_its_parent() {
    let world = World::start().await;
    let answer = task(
        "aws-sdk:sfn:sendTaskSuccess",
        json::value!({ "TaskToken.$": "$.token", "Output.$": "States.JsonToString($.value)" }),
    );
    let child = create(&world, "child", "STANDARD", &answer).await;
    let parameters = json::value!({
        "StateMachineArn": (child.as_str()), "Input": { "token.$": "$$.Task.Token", "value": { "b": 2 } }
    });
    let result = outcome(&world, "states:startExecution.waitForTaskToken", parameters).await;
    assert_eq!(result, json::value!({ "b": 2 }));
    world.stopped().await;
}

#[tokio::test]
async fn a_machine_that_starts_itself_comes_to_its_end() {
    const DEPTH: i64 = 60;
    let world = World::start().await;
    let child = json::value!({ "StateMachineArn.$": "$$.StateMachine.Id",
        "Input": { "left.$": "States.MathAdd($.left, -1)" } });
    let definition = json::value!({ "StartAt": "C", "States": {
        "C": { "Type": "Choice", "Default": "Down",
            "Choices": [{ "Variable": "$.left", "NumericEquals": 0, "Next": "End" }] },
        "Down": { "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": child, "OutputPath": "$.Output", "End": true },
        "End": { "Type": "Succeed" }
    } });
    let machine = create(&world, "self", "STANDARD", &definition).await;
    let execution = start(&world, &machine, &json::value!({ "left": DEPTH })).await;
    assert_eq!(text(&ended(&world, &execution).await, "output"), r#"{"left":0}"#);
    let listed = world.ask("ListExecutions", &json::value!({ "stateMachineArn": machine }).to_text()).await;
    assert_eq!(listed.get("executions").and_then(Value::as_array).map(json::Array::len), Some(61));
    world.stopped().await;
}

/// All of them wait for one and the same child: it is started once, by whoever comes first.
const MANY: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_that_wait_for_a_child_come_back_after_a_restart() {
    let folder = std::env::temp_dir().join(format!("stepwell-waiting-parents-{}", std::process::id()));
    let on_disk = || {
        // Those that wait leave memory.
        let store = store::Settings { data_dir: Some(folder.clone()), open_max: 100, ..Default::default() };
        World::start_on(store, http_api::Settings::default())
    };
    let world = on_disk().await;
    let machine = create(&world, "child", "STANDARD", &waiting()).await;
    let definition = task(
        "states:startExecution.sync",
        json::value!({ "StateMachineArn": (machine.as_str()), "Name": "one" }),
    );
    let parent = create(&world, "parent", "STANDARD", &definition).await;
    let child = machine.replace(":stateMachine:", ":execution:") + ":one";
    let mut parents = Vec::with_capacity(MANY);
    for _ in 0..MANY / 100 {
        let item = engine::request::BatchItem {
            name: None,
            input: json::Document::from_value(json::value!({})),
            trace_header: None,
        };
        let batch = engine::request::StartExecutionBatch {
            state_machine_arn: parent.as_str().into(),
            executions: vec![item; 100],
        };
        let started = world.engine().start_execution_batch(batch).await.expect("starts");
        parents.extend(started.into_iter().map(|started| started.expect("starts").execution_arn));
    }
    // Some have their child by now, others are about to ask for it and do so again after the restart.
    world.stopped().await;

    let world = on_disk().await;
    for arn in &parents {
        until_submitted(&world, arn).await;
    }
    let list = json::value!({ "stateMachineArn": (machine.as_str()) }).to_text();
    let listed = world.ask("ListExecutions", &list).await;
    assert_eq!(listed.get("executions").and_then(Value::as_array).map(json::Array::len), Some(1));
    world.ask("StopExecution", &json::value!({ "executionArn": (child.as_str()) }).to_text()).await;
    for arn in &parents {
        world.closed(arn).await;
        let view = world.engine().store().execution(arn).expect("readable").expect("it is there");
        let failure = view.failure.expect("it has failed with its child");
        assert_eq!(failure.name(), "States.TaskFailed");
        assert!(failure.cause.is_some_and(|cause| cause.contains(r#""Status":"ABORTED""#)));
    }
    world.stopped().await;
    let _ = std::fs::remove_dir_all(&folder);
}

/// Reads the store until the execution waits for its child.
async fn until_submitted(world: &World, arn: &str) {
    let submitted =
        |event: &execution::Event| matches!(event.kind, execution::EventKind::TaskSubmitted { .. });
    loop {
        let page = world.engine().store().history(arn, 0, 10, false).expect("readable").expect("it is there");
        if page.events.iter().any(submitted) {
            return;
        }
        tokio::task::yield_now().await;
    }
}
