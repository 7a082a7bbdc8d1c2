//! Map Runs and their children, by the API.

use json::Value;

use crate::world::{World, text};

/// A machine whose Map runs three children: the one with the item 2 fails, one with an item above 2 waits.
fn machine(execution_type: &str, tolerated: u8) -> String {
    let choices = r#"[{"Variable":"$","NumericEquals":2,"Next":"F"},{"Variable":"$","NumericGreaterThan":2,"Next":"W"}]"#;
    let states = format!(
        r#"{{"C":{{"Type":"Choice","Choices":{choices},"Default":"P"}},"P":{{"Type":"Pass","End":true}},"F":{{"Type":"Fail","Error":"Two"}},"W":{{"Type":"Wait","Seconds":3600,"End":true}}}}"#
    );
    let config = format!(r#"{{"Mode":"DISTRIBUTED","ExecutionType":"{execution_type}"}}"#);
    let processor = format!(r#"{{"ProcessorConfig":{config},"StartAt":"C","States":{states}}}"#);
    let map = format!(
        r#"{{"Type":"Map","Label":"L","ToleratedFailureCount":{tolerated},"ItemProcessor":{processor},"End":true}}"#
    );
    format!(r#"{{"StartAt":"M","States":{{"M":{map}}}}}"#)
}

/// What was started, and its Map Run.
struct Begun {
    execution: String,
    map_run: String,
}

async fn begin(world: &World, definition: &str, items: &str) -> Begun {
    let definition = json::value!({
        "name": "m",
        "roleArn": "arn:aws:iam::123456789012:role/r",
        "definition": definition
    });
    let created = world.ask("CreateStateMachine", &definition.to_text()).await;
    let start =
        json::value!({ "stateMachineArn": text(&created, "stateMachineArn"), "name": "e", "input": items });
    let execution = text(&world.ask("StartExecution", &start.to_text()).await, "executionArn");
    let list = format!(r#"{{"executionArn":"{execution}"}}"#);
    let listed = until(world, "ListMapRuns", &list, |listed| !rows(listed, "mapRuns").is_empty()).await;
    let [map_run] = rows(&listed, "mapRuns") else { panic!("one Map Run: {listed:?}") };
    assert_eq!(text(map_run, "executionArn"), execution);
    assert_eq!(text(map_run, "stateMachineArn"), "arn:aws:states:us-east-1:123456789012:stateMachine:m/L");
    Begun { execution, map_run: text(map_run, "mapRunArn") }
}

/// Asks until the answer fits: what is asked for is on disk a moment later.
async fn until(world: &World, action: &str, body: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let mut answer = Value::Null;
    for _ in 0..5000 {
        answer = world.ask(action, body).await;
        if fits(&answer) {
            return answer;
        }
        tokio::task::yield_now().await;
    }
    panic!("{action} {body} goes on and on: {answer:?}");
}

fn rows<'v>(answer: &'v Value, list: &str) -> &'v [Value] {
    answer.get(list).and_then(Value::as_array).map(|list| list.as_slice()).expect("a list")
}

/// A count of `executionCounts`.
fn count(map_run: &Value, name: &str) -> i64 {
    let count = map_run.get("executionCounts").and_then(|counts| counts.get(name));
    count.and_then(Value::as_i64).expect("a number")
}

/// Name and status of each child, in the order of the list.
fn statuses(listed: &Value) -> Vec<String> {
    let mut statuses: Vec<String> =
        rows(listed, "executions").iter().map(|child| text(child, "status")).collect();
    statuses.sort();
    statuses
}

#[tokio::test]
async fn standard_children() {
    let world = World::start().await;
    let Begun { execution, map_run } = begin(&world, &machine("STANDARD", 1), "[1, 2, 3]").await;
    let by_run = format!(r#"{{"mapRunArn":"{map_run}"}}"#);
    let described = until(&world, "DescribeMapRun", &by_run, |run| {
        count(run, "succeeded") == 1 && count(run, "failed") == 1
    })
    .await;
    assert_eq!(
        (text(&described, "status"), text(&described, "executionArn")),
        ("RUNNING".into(), execution.clone())
    );
    assert_eq!([count(&described, "running"), count(&described, "total")], [1, 3]);

    let listed = world.ask("ListExecutions", &by_run).await;
    assert_eq!(statuses(&listed), ["FAILED", "RUNNING", "SUCCEEDED"]);
    for child in rows(&listed, "executions") {
        assert_eq!(text(child, "mapRunArn"), map_run);
        assert_eq!(child.get("itemCount").and_then(Value::as_i64), Some(1));
    }
    let failed =
        format!(r#"{{"mapRunArn":"{map_run}","statusFilter":"FAILED","redriveFilter":"NOT_REDRIVEN"}}"#);
    let listed = world.ask("ListExecutions", &failed).await;
    let [child] = rows(&listed, "executions") else { panic!("one failed: {listed:?}") };
    let child = text(child, "executionArn");
    assert!(child.starts_with("arn:aws:states:us-east-1:123456789012:execution:m/L:"), "{child}");
    // The executions of the machine are others.
    let of_machine = r#"{"stateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m"}"#;
    let listed = world.ask("ListExecutions", of_machine).await;
    assert_eq!(rows(&listed, "executions").len(), 1);
    assert!(rows(&listed, "executions")[0].get("mapRunArn").is_none());

    let by_child = format!(r#"{{"executionArn":"{child}"}}"#);
    let described = world.ask("DescribeExecution", &by_child).await;
    assert_eq!((text(&described, "status"), text(&described, "error")), ("FAILED".into(), "Two".into()));
    assert_eq!(text(&described, "mapRunArn"), map_run);
    assert_eq!(text(&described, "redriveStatus"), "REDRIVABLE_BY_MAP_RUN");
    let history = world.ask("GetExecutionHistory", &by_child).await;
    assert_eq!(
        rows(&history, "events").last().map(|event| text(event, "type")).as_deref(),
        Some("ExecutionFailed")
    );
    let refusal = world.refusal("RedriveExecution", &by_child).await;
    assert!(refusal.starts_with("ExecutionNotRedrivable: Execution was started by a Map Run"), "{refusal}");
    let runs = world.ask("DescribeStateMachineForExecution", &by_child).await;
    assert_eq!((text(&runs, "label"), text(&runs, "mapRunArn")), ("L".into(), map_run.clone()));
    assert!(text(&runs, "definition").contains(r#""StartAt":"C""#));
    let labelled = text(&runs, "stateMachineArn");
    let described =
        world.ask("DescribeStateMachine", &format!(r#"{{"stateMachineArn":"{labelled}"}}"#)).await;
    assert_eq!(described.get("definition"), runs.get("definition"));
    let start = format!(r#"{{"stateMachineArn":"{labelled}"}}"#);
    assert!(world.refusal("StartExecution", &start).await.starts_with("ValidationException: "));

    world.stopped().await;
}

#[tokio::test]
async fn a_child_is_stopped_by_itself_and_settings_count_at_once() {
    let world = World::start().await;
    let Begun { execution, map_run } = begin(&world, &machine("STANDARD", 1), "[3, 4]").await;
    let by_run = format!(r#"{{"mapRunArn":"{map_run}"}}"#);
    until(&world, "DescribeMapRun", &by_run, |run| count(run, "running") == 2).await;
    let update = format!(
        r#"{{"mapRunArn":"{map_run}","maxConcurrency":7,"toleratedFailurePercentage":1.5,"toleratedFailureCount":5}}"#
    );
    assert_eq!(world.ask("UpdateMapRun", &update).await.to_text(), "{}");
    let described = until(&world, "DescribeMapRun", &by_run, |run| {
        run.get("maxConcurrency").and_then(Value::as_i64) == Some(7)
    })
    .await;
    assert_eq!(described.get("toleratedFailurePercentage").and_then(Value::as_f64), Some(1.5));
    assert_eq!(described.get("toleratedFailureCount").and_then(Value::as_i64), Some(5));

    let listed = world.ask("ListExecutions", &format!(r#"{{"mapRunArn":"{map_run}","maxResults":1}}"#)).await;
    let [first] = rows(&listed, "executions") else { panic!("one: {listed:?}") };
    let token = text(&listed, "nextToken");
    let next = format!(r#"{{"mapRunArn":"{map_run}","maxResults":1,"nextToken":"{token}"}}"#);
    let listed = world.ask("ListExecutions", &next).await;
    let [second] = rows(&listed, "executions") else { panic!("one: {listed:?}") };
    assert!(first != second && listed.get("nextToken").is_none());
    for child in [first, second] {
        let stop = format!(r#"{{"executionArn":"{}","error":"Enough"}}"#, text(child, "executionArn"));
        world.ask("StopExecution", &stop).await;
    }
    let described = until(&world, "DescribeMapRun", &by_run, |run| text(run, "status") != "RUNNING").await;
    // Aborted children are no failures.
    assert_eq!((text(&described, "status"), count(&described, "aborted")), ("SUCCEEDED".into(), 2));
    let refusal = world.refusal("UpdateMapRun", &update).await;
    assert!(refusal.starts_with("ValidationException: "), "{refusal}");
    let by_execution = format!(r#"{{"executionArn":"{execution}"}}"#);
    until(&world, "DescribeExecution", &by_execution, |described| text(described, "status") == "SUCCEEDED")
        .await;
    let history = world.ask("GetExecutionHistory", &by_execution).await;
    let types: Vec<String> = rows(&history, "events").iter().map(|event| text(event, "type")).collect();
    assert_eq!(types[3..5], ["MapRunStarted", "MapRunSucceeded"]);
    world.stopped().await;
}

#[tokio::test]
async fn express_children() {
    let world = World::start().await;
    let Begun { execution, map_run } = begin(&world, &machine("EXPRESS", 0), "[1, 2]").await;
    let by_run = format!(r#"{{"mapRunArn":"{map_run}"}}"#);
    let described = until(&world, "DescribeMapRun", &by_run, |run| text(run, "status") != "RUNNING").await;
    assert_eq!(text(&described, "status"), "FAILED");
    let failed = format!(r#"{{"mapRunArn":"{map_run}","statusFilter":"FAILED"}}"#);
    let listed = world.ask("ListExecutions", &failed).await;
    let [child] = rows(&listed, "executions") else { panic!("one failed: {listed:?}") };
    let child = text(child, "executionArn");
    assert!(child.starts_with("arn:aws:states:us-east-1:123456789012:express:m/L:"), "{child}");
    let by_child = format!(r#"{{"executionArn":"{child}"}}"#);
    let described = world.ask("DescribeExecution", &by_child).await;
    assert_eq!((text(&described, "status"), text(&described, "input")), ("FAILED".into(), "2".into()));
    assert_eq!(text(&described, "mapRunArn"), map_run);
    assert_eq!(text(&described, "redriveStatus"), "REDRIVABLE_BY_MAP_RUN");
    for action in
        ["StopExecution", "GetExecutionHistory", "RedriveExecution", "DescribeStateMachineForExecution"]
    {
        let refusal = world.refusal(action, &by_child).await;
        assert_eq!(refusal, "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'");
    }

    // The redrive fails again, in the same Map Run.
    let by_execution = format!(r#"{{"executionArn":"{execution}"}}"#);
    until(&world, "DescribeExecution", &by_execution, |described| text(described, "status") == "FAILED")
        .await;
    world.ask("RedriveExecution", &by_execution).await;
    let again = until(&world, "DescribeMapRun", &by_run, |run| {
        run.get("redriveCount").and_then(Value::as_i64) == Some(1) && text(run, "status") == "FAILED"
    })
    .await;
    assert_eq!([count(&again, "failed"), count(&again, "pendingRedrive")], [1, 0]);
    let pending = format!(r#"{{"mapRunArn":"{map_run}","statusFilter":"PENDING_REDRIVE"}}"#);
    assert_eq!(statuses(&world.ask("ListExecutions", &pending).await), [""; 0]);
    assert_eq!(statuses(&world.ask("ListExecutions", &by_run).await), ["FAILED", "SUCCEEDED"]);
    for (filter, expected) in [("REDRIVEN", ["FAILED"]), ("NOT_REDRIVEN", ["SUCCEEDED"])] {
        let filtered = format!(r#"{{"mapRunArn":"{map_run}","redriveFilter":"{filter}"}}"#);
        assert_eq!(statuses(&world.ask("ListExecutions", &filtered).await), expected, "{filter}");
    }
    let described = world.ask("DescribeExecution", &by_child).await;
    assert_eq!(described.get("redriveCount").and_then(Value::as_i64), Some(1));
    let history = until(&world, "GetExecutionHistory", &by_execution, |history| {
        rows(history, "events").last().is_some_and(|event| text(event, "type") == "ExecutionFailed")
            && rows(history, "events").iter().any(|event| text(event, "type") == "ExecutionRedriven")
    })
    .await;
    let redriven = rows(&history, "events").iter().find(|event| text(event, "type") == "MapRunRedriven");
    let details = redriven.and_then(|event| event.get("mapRunRedrivenEventDetails")).expect("it is told");
    assert_eq!(text(details, "mapRunArn"), map_run);
    world.stopped().await;
}

#[tokio::test]
async fn a_redrive_begins_again_what_was_stopped() {
    let world = World::start().await;
    let failing = machine("STANDARD", 0).replace(r#""Label""#, r#""MaxConcurrency":1,"Label""#);
    // What fails in the first place waits in the second.
    let failing =
        failing.replace(r#"{"Type":"Fail","Error":"Two"}"#, r#"{"Type":"Wait","Seconds":3600,"End":true}"#);
    let Begun { execution, map_run } = begin(&world, &failing, "[2, 2, 2]").await;
    let by_run = format!(r#"{{"mapRunArn":"{map_run}"}}"#);
    let listed =
        until(&world, "ListExecutions", &by_run, |listed| !rows(listed, "executions").is_empty()).await;
    let child = text(&rows(&listed, "executions")[0], "executionArn");
    let by_execution = format!(r#"{{"executionArn":"{execution}"}}"#);
    let update = format!(r#"{{"mapRunArn":"{map_run}","maxConcurrency":2}}"#);
    world.ask("UpdateMapRun", &update).await;
    until(&world, "DescribeMapRun", &by_run, |run| count(run, "running") == 2).await;
    world.ask("StopExecution", &by_execution).await;
    until(&world, "DescribeMapRun", &by_run, |run| text(run, "status") == "ABORTED").await;

    world.ask("RedriveExecution", &by_execution).await;
    // The two begin again, and the third, which has never begun, waits until there is room for it.
    let run = until(&world, "DescribeMapRun", &by_run, |run| {
        count(run, "running") == 2 && count(run, "pending") == 1
    })
    .await;
    assert_eq!((text(&run, "status"), count(&run, "pendingRedrive")), ("RUNNING".into(), 0));
    let described = world.ask("DescribeExecution", &format!(r#"{{"executionArn":"{child}"}}"#)).await;
    assert_eq!(text(&described, "status"), "RUNNING");
    assert_eq!(described.get("redriveCount").and_then(Value::as_i64), Some(1));
    let redriven = format!(r#"{{"mapRunArn":"{map_run}","redriveFilter":"REDRIVEN"}}"#);
    assert_eq!(statuses(&world.ask("ListExecutions", &redriven).await), ["RUNNING"; 2]);
    world.ask("StopExecution", &by_execution).await;
    world.stopped().await;
}

#[tokio::test]
async fn express_children_that_run_are_listed_and_described() {
    let world = World::start().await;
    let Begun { execution, map_run } = begin(&world, &machine("EXPRESS", 0), "[1, 3, 4]").await;
    let by_run = |more: &str| format!(r#"{{"mapRunArn":"{map_run}"{more}}}"#);
    let all =
        until(&world, "ListExecutions", &by_run(""), |listed| rows(listed, "executions").len() == 3).await;
    assert_eq!(statuses(&all), ["RUNNING", "RUNNING", "SUCCEEDED"]);
    let [first, ..] = rows(&all, "executions") else { unreachable!("there are three") };
    assert_eq!((text(first, "mapRunArn"), first.get("itemCount")), (map_run.clone(), Some(&Value::from(1))));
    assert!(first.get("startDate").is_some() && first.get("stopDate").is_none(), "{first:?}");

    // Page by page, those that run and those that have ended.
    let (mut paged, mut next) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = world.ask("ListExecutions", &by_run(&format!(r#","maxResults":1{next}"#))).await;
        paged.extend(rows(&page, "executions").iter().map(|row| text(row, "executionArn")));
        next = format!(
            r#","nextToken":"{}""#,
            page.get("nextToken").and_then(Value::as_str).unwrap_or_default()
        );
    }
    let listed: Vec<String> = rows(&all, "executions").iter().map(|row| text(row, "executionArn")).collect();
    assert_eq!(paged, listed);
    let running = world.ask("ListExecutions", &by_run(r#","statusFilter":"RUNNING""#)).await;
    assert_eq!(statuses(&running), ["RUNNING"; 2]);
    let succeeded = world.ask("ListExecutions", &by_run(r#","statusFilter":"SUCCEEDED""#)).await;
    assert_eq!(statuses(&succeeded), ["SUCCEEDED"]);

    let described = world.ask("DescribeExecution", &format!(r#"{{"executionArn":"{}"}}"#, listed[0])).await;
    assert_eq!((text(&described, "status"), text(&described, "input")), ("RUNNING".into(), "4".into()));
    assert_eq!(described.get("startDate"), first.get("startDate"));
    assert_eq!(text(&described, "mapRunArn"), map_run);
    assert_eq!(text(&described, "stateMachineArn"), "arn:aws:states:us-east-1:123456789012:stateMachine:m/L");
    assert_eq!(text(&described, "redriveStatus"), "NOT_REDRIVABLE");
    assert_eq!(text(&described, "redriveStatusReason"), "Execution is RUNNING and cannot be redriven");
    world.ask("StopExecution", &format!(r#"{{"executionArn":"{execution}"}}"#)).await;
    world.stopped().await;
}
