//! Map Runs over a real store and a folder of buckets: what children do, what becomes of the whole, and that a crash
//! at any moment loses and doubles nothing.

mod crash;
mod first;
mod world;
mod writes;

use std::time::Duration;

use asl::Failure;
use engine::Refusal;
use engine::request::UpdateMapRun;
use execution::Status;
use execution::map_run::Counts;
use json::{Document, Value};

use crate::world::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_item_becomes_a_child_and_every_result_comes_back_in_order() {
    let folder = Folder::new("order");
    let world = World::open(&folder.0);
    for (kind, machine) in [("STANDARD", PASS), ("EXPRESS", PASS)] {
        let world_of = Folder::new(&format!("order-{kind}"));
        let world = World::open(&world_of.0);
        world.machine(kind, machine, "").await;
        let arn = world.start(numbers(1_000)).await;
        assert_eq!(world.output(&arn).await, numbers(1_000));
        let run = world.map_run(&arn);
        assert_eq!((run.status, run.summary.executions), (Status::Succeeded, succeeded(1_000)), "{kind}");
        assert_eq!(run.summary.items, succeeded(1_000));
        assert_eq!(
            world.events(&arn),
            [
                "ExecutionStarted",
                "StateEntered",
                "MapStateStarted",
                "MapRunStarted",
                "MapRunSucceeded",
                "MapStateSucceeded",
                "StateExited",
                "ExecutionSucceeded"
            ]
        );
        if kind == "STANDARD" {
            assert_eq!(world.children(&run).len(), 1_000);
        }
        world.engine.stop().await;
    }
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_and_selectors_make_the_inputs() {
    let folder = Folder::new("batches");
    let world = World::open(&folder.0);
    let members = r#""ItemsPath":"$.items","ItemSelector":{"n.$":"$$.Map.Item.Value","i.$":"$$.Map.Item.Index","from.$":"$.from"},
        "ItemBatcher":{"MaxItemsPerBatch":3,"BatchInput":{"of.$":"$.from"}},"#;
    world.machine("EXPRESS", PASS, members).await;
    let arn = world.start(json::value!({ "items": (numbers(7)), "from": "x" })).await;
    let output = world.output(&arn).await;
    let batches = output.as_array().expect("an array");
    assert_eq!(batches.len(), 3);
    assert_eq!(
        batches.get(2).map(Value::to_text).as_deref(),
        Some(r#"{"BatchInput":{"of":"x"},"Items":[{"n":6,"i":6,"from":"x"}]}"#)
    );
    let run = world.map_run(&arn);
    assert_eq!((run.summary.executions, run.summary.items), (succeeded(3), succeeded(7)));
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_failures_than_are_tolerated_fail_the_run_and_a_redrive_begins_those_again() {
    for kind in ["STANDARD", "EXPRESS"] {
        let folder = Folder::new(&format!("tolerance-{kind}"));
        let world = World::open(&folder.0);
        world.machine(kind, PICKY, r#""ToleratedFailureCountPath":"$[0]","ItemsPath":"$[1]","#).await;
        let arn = world.start(json::value!([9, (numbers(300))])).await;
        let closed = world.closed(&arn).await;
        let failure = closed.failure.expect("a failure");
        assert_eq!(failure.error.as_deref(), Some("States.ExceedToleratedFailureThreshold"));
        assert_eq!(failure.cause.as_deref(), Some("The specified tolerated failure threshold was exceeded"));
        let run = world.map_run(&arn);
        let counts = run.summary.executions;
        assert_eq!((run.status, counts.failed, counts.running), (Status::Failed, 10, 0), "{kind}");

        world.redrive(&arn).await;
        let closed = world.closed(&arn).await;
        assert_eq!(closed.redriven.map(|redriven| redriven.count), Some(1));
        let run = world.map_run(&arn);
        assert_eq!((run.status, run.summary.redrives), (Status::Failed, 1));
        assert_eq!(run.summary.executions.failed, 10);
        assert_eq!(
            world.events(&arn)[7..],
            ["ExecutionRedriven", "MapRunRedriven", "MapRunFailed", "MapStateFailed", "ExecutionFailed"]
        );
        world.engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tolerated_failures_stand_in_the_result() {
    let folder = Folder::new("tolerated");
    let world = World::open(&folder.0);
    world.machine("EXPRESS", PICKY, r#""ToleratedFailurePercentage":50,"#).await;
    let arn = world.start(json::value!([5, 10, 11])).await;
    let output = world.output(&arn).await;
    let results = output.as_array().expect("an array");
    assert_eq!(results.get(0).and_then(|failed| failed.get("Error")).and_then(Value::as_str), Some("Small"));
    assert_eq!(results.get(1), Some(&Value::from(10)));
    assert_eq!(world.map_run(&arn).summary.items, Counts { failed: 1, ..succeeded(2) });
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_of_the_execution_stops_its_children_and_a_redrive_begins_them_again() {
    let folder = Folder::new("stop");
    let world = World::open(&folder.0);
    world.machine("STANDARD", WORK, r#""MaxConcurrency":3,"#).await;
    let arn = world.start(numbers(5)).await;
    let (token, input) = world.task().await;
    assert_eq!(input, "0");
    world.engine.send_task_success(&token, Document::from_valid_text("\"done\"")).await.expect("it is taken");
    world.task().await;
    world.engine.stop_execution(arn.clone(), Failure::new("E", "c")).await.expect("it is stopped");
    world.until(|| world.map_run(&arn).status == Status::Aborted).await;
    let run = world.map_run(&arn);
    assert_eq!(run.summary.executions, Counts { succeeded: 1, aborted: 3, ..run.summary.executions });
    assert!(world.children(&run).iter().all(|child| child.status != Status::Running));

    world.redrive(&arn).await;
    for _ in 1..5 {
        let (token, input) = world.task().await;
        world.engine.send_task_success(&token, Document::from_valid_text(input)).await.expect("it is taken");
    }
    assert_eq!(world.output(&arn).await.to_text(), r#"["done",1,2,3,4]"#);
    let run = world.map_run(&arn);
    assert_eq!((run.summary.executions, run.summary.redrives), (succeeded(5), 1));
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_counts_at_once() {
    let folder = Folder::new("update");
    let world = World::open(&folder.0);
    world.machine("STANDARD", WORK, r#""MaxConcurrency":1,"#).await;
    let arn = world.start(numbers(3)).await;
    let (first, _) = world.task().await;
    let map_run_arn = world.map_run(&arn).arn;
    assert_eq!(world.map_run(&arn).summary.executions.running, 1);
    let update =
        UpdateMapRun { map_run_arn: map_run_arn.clone(), max_concurrency: Some(3), ..Default::default() };
    world.engine.update_map_run(update.clone()).await.expect("it is updated");
    let (second, _) = world.task().await;
    let (third, _) = world.task().await;
    assert_eq!(world.map_run(&arn).summary.settings.max_concurrency, 3);
    for token in [first, second, third] {
        world.engine.send_task_success(&token, Document::from_valid_text("1")).await.expect("it is taken");
    }
    world.closed(&arn).await;
    assert_eq!(world.engine.update_map_run(update).await, Err(Refusal::MapRunCompleted { arn: map_run_arn }));
    let unknown = UpdateMapRun {
        map_run_arn: "arn:aws:states:us-east-1:123456789012:mapRun:m/L:x".into(),
        ..Default::default()
    };
    assert!(matches!(world.engine.update_map_run(unknown).await, Err(Refusal::ResourceNotFound { .. })));
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_a_file_become_items_and_results_become_files() {
    let folder = Folder::new("files");
    let rows: String = (0..2_000).map(|row| format!("{row},\"name {row}\"\n")).collect();
    std::fs::write(folder.object("rows.csv"), format!("id,name\n{rows}")).expect("a file");
    let world = World::open(&folder.0);
    let writer = r#""ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"bucket","Prefix":"out"},
        "WriterConfig":{"Transformation":"FLATTEN","OutputType":"JSONL"}},"ItemBatcher":{"MaxItemsPerBatch":50},"#;
    let batch = r#""I":{"Type":"Pass","OutputPath":"$.Items","End":true}"#;
    world.machine("EXPRESS", batch, &format!("{CSV}{writer}")).await;
    let arn = world.start(json::value!({ "key": "rows.csv" })).await;
    let output = world.output(&arn).await;
    let run = world.map_run(&arn);
    let uuid = run.arn.rsplit(':').next().expect("a name").to_owned();
    assert_eq!(output.get("MapRunArn").and_then(Value::as_str), Some(&*run.arn));
    assert_eq!((run.summary.executions, run.summary.items), (succeeded(40), succeeded(2_000)));
    let written = std::fs::read_to_string(folder.object(&format!("out/{uuid}/SUCCEEDED_0.jsonl")));
    let written =
        written.or_else(|_| std::fs::read_to_string(folder.object(&format!("out/{uuid}/SUCCEEDED_0.json"))));
    let written = written.expect("a result file");
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines.len(), 2_000);
    assert_eq!(lines[1_999], r#"{"id":"1999","name":"name 1999"}"#);
    assert!(folder.object(&format!("out/{uuid}/manifest.json")).is_file());

    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_fails_says_what_it_has_written() {
    let folder = Folder::new("failed-files");
    let world = World::open(&folder.0);
    let writer = r#""ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"bucket","Prefix":"out"}},
        "MaxConcurrency":1,"#;
    world.machine("EXPRESS", PICKY, writer).await;
    let arn = world.start(json::value!([10, 11, 5, 12])).await;
    let failure = world.closed(&arn).await.failure.expect("a failure");
    assert_eq!(failure.error.as_deref(), Some("States.ExceedToleratedFailureThreshold"));
    let run = world.map_run(&arn);
    assert_eq!(run.status, Status::Failed);
    let executions = run.summary.executions;
    assert_eq!((executions.succeeded, executions.failed, executions.results_written), (2, 1, 2));
    assert_eq!(run.summary.items.results_written, 2);
    let uuid = run.arn.rsplit(':').next().expect("a name");
    for file in ["SUCCEEDED_0.json", "FAILED_0.json", "PENDING_0.json", "manifest.json"] {
        assert!(folder.object(&format!("out/{uuid}/{file}")).is_file(), "{file}");
    }
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn children_are_kept_as_long_as_their_map_run_needs_them() {
    let folder = Folder::new("retention");
    // Long enough to see how the execution ends.
    let world = World::with_retention(&folder.0, Duration::from_millis(1_500));
    world.machine("STANDARD", WORK, r#""MaxConcurrency":1,"#).await;
    let arn = world.start(numbers(2)).await;
    let done = || Document::from_valid_text("1");
    let (first, _) = world.task().await;
    world.engine.send_task_success(&first, done()).await.expect("it is taken");
    let (second, _) = world.task().await;
    // What ends after the first child is forgotten, so the child's time has come as well.
    let other = world.pass().await;
    world.until(|| world.engine.store().execution(&other).is_ok_and(|execution| execution.is_none())).await;
    assert_eq!(world.children(&world.map_run(&arn)).len(), 2);
    world.engine.send_task_success(&second, done()).await.expect("it is taken");
    assert_eq!(world.output(&arn).await.to_text(), "[1,1]");
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_there_fails_the_run() {
    let folder = Folder::new("nothing");
    let world = World::open(&folder.0);
    world.machine("STANDARD", PASS, CSV).await;
    let arn = world.start(json::value!({ "key": "none.csv" })).await;
    let failure = world.closed(&arn).await.failure.expect("a failure");
    assert_eq!(failure.error.as_deref(), Some("States.ItemReaderFailed"));
    assert_eq!(world.map_run(&arn).status, Status::Failed);
    let events = world.events(&arn);
    assert_eq!(events[3..], ["MapRunStarted", "MapRunFailed", "MapStateFailed", "ExecutionFailed"]);
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_loses_no_item_and_begins_no_standard_child_twice() {
    let folder = Folder::new("crash-standard");
    let rows: String = (0..40).map(|row| format!("{row}\n")).collect();
    std::fs::write(folder.object("rows.csv"), format!("id\n{rows}")).expect("a file");
    let world = World::open(&folder.0);
    world
        .machine(
            "STANDARD",
            WORK,
            &format!(r#"{CSV}"MaxConcurrency":10,"ItemBatcher":{{"MaxItemsPerBatch":2}},"#),
        )
        .await;
    let arn = world.start(json::value!({ "key": "rows.csv" })).await;
    for _ in 0..5 {
        let (token, input) = world.task().await;
        world.engine.send_task_success(&token, Document::from_valid_text(input)).await.expect("it is taken");
    }
    let crashed = folder.crashed("crash-standard-after");
    world.engine.stop().await;
    drop(world);

    let world = World::open(&crashed.0);
    let answered = async {
        loop {
            let (token, input) = world.task().await;
            // One whose answer was on its way at the crash is offered no more.
            let _ = world.engine.send_task_success(&token, Document::from_valid_text(input)).await;
        }
    };
    let output =
        tokio::select! { output = world.output(&arn) => output, () = answered => unreachable!("it goes on") };
    let all: Vec<String> = output
        .as_array()
        .expect("an array")
        .iter()
        .flat_map(|batch| batch.get("Items").and_then(Value::as_array).into_iter().flatten())
        .map(|item| item.get("id").and_then(Value::as_str).expect("an id").to_owned())
        .collect();
    assert_eq!(all, (0..40).map(|row| row.to_string()).collect::<Vec<_>>());
    let run = world.map_run(&arn);
    assert_eq!((run.summary.executions, run.summary.items), (succeeded(20), succeeded(40)));
    assert_eq!(world.children(&run).len(), 20);
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_lets_express_children_that_ran_run_again() {
    let folder = Folder::new("crash-express");
    let rows: String = (0..60).map(|row| format!("{row}\n")).collect();
    std::fs::write(folder.object("rows.csv"), format!("id\n{rows}")).expect("a file");
    let world = World::open(&folder.0);
    // The third one takes its time, and the others wait behind it or have ended before.
    let waits = r#""I":{"Type":"Choice","Choices":[{"Variable":"$.id","StringEquals":"3","Next":"W"}],"Default":"P"},
        "W":{"Type":"Wait","Seconds":1,"Next":"P"},"P":{"Type":"Pass","End":true}"#;
    world.machine("EXPRESS", waits, &format!(r#"{CSV}"MaxConcurrency":2,"#)).await;
    let arn = world.start(json::value!({ "key": "rows.csv" })).await;
    world.until(|| world.map_run(&arn).summary.executions.succeeded > 10).await;
    let crashed = folder.crashed("crash-express-after");
    world.engine.stop().await;
    drop(world);

    let world = World::open(&crashed.0);
    let output = world.output(&arn).await;
    let ids: Vec<String> = output
        .as_array()
        .expect("an array")
        .iter()
        .map(|item| item.get("id").and_then(Value::as_str).expect("an id").to_owned())
        .collect();
    assert_eq!(ids, (0..60).map(|row| row.to_string()).collect::<Vec<_>>());
    assert_eq!(world.map_run(&arn).summary.executions, succeeded(60));
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_has_changed_is_not_read_on() {
    // One that waits runs again after a restart, from a file that is not there any more.
    let waits = r#""I":{"Type":"Wait","Seconds":1,"End":true}"#;
    for (kind, state) in [("STANDARD", WORK), ("EXPRESS", waits)] {
        let folder = Folder::new(&format!("changed-{kind}"));
        let rows: String = (0..400).map(|row| format!("{row}\n")).collect();
        std::fs::write(folder.object("rows.csv"), format!("id\n{rows}")).expect("a file");
        let world = World::open(&folder.0);
        world.machine(kind, state, &format!(r#"{CSV}"MaxConcurrency":1,"#)).await;
        let arn = world.start(json::value!({ "key": "rows.csv" })).await;
        world.until(|| world.map_run(&arn).summary.executions.running > 0).await;
        world.engine.stop().await;
        drop(world);

        std::fs::write(folder.object("rows.csv"), "id\nother\n").expect("a file");
        let world = World::open(&folder.0);
        let failure = world.closed(&arn).await.failure.expect("a failure");
        assert_eq!(failure.error.as_deref(), Some("States.ItemReaderFailed"));
        assert!(failure.cause.is_some_and(|cause| cause.contains("changed")));
        let counts = world.map_run(&arn).summary.executions;
        assert_eq!((counts.running, counts.aborted), (0, 1), "{kind}");
        world.engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_express_children_that_failed_begin_again_with_what_they_had() {
    let folder = Folder::new("again");
    let world = World::open(&folder.0);
    // More than are looked up at once, and all of them have failed before that is too many.
    let members = r#""ToleratedFailureCount":699,"#;
    world.machine("EXPRESS", r#""I":{"Type":"Fail","Error":"Always"}"#, members).await;
    let arn = world.start(numbers(700)).await;
    for redrives in 0..3 {
        let failure = world.closed(&arn).await.failure.expect("a failure");
        assert_eq!(failure.error.as_deref(), Some("States.ExceedToleratedFailureThreshold"));
        let run = world.map_run(&arn);
        let counts = Counts { failed: 700, ..Counts::default() };
        assert_eq!((run.summary.redrives, run.summary.executions), (redrives, counts));
        let children = world.engine.store().express_children(&run.arn, None, None, 1_000);
        let mut children = children.expect("readable").expect("there").children;
        children.sort_by_key(|child| child.child);
        let shown: Vec<_> =
            children.iter().map(|child| (child.input.text().to_owned(), child.redrives)).collect();
        assert_eq!(shown, (0..700).map(|number| (number.to_string(), redrives)).collect::<Vec<_>>());
        world.redrive(&arn).await;
    }
    world.closed(&arn).await;
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_map_runs_are_open_and_others_wait_for_one_of_them_to_end() {
    const OPEN: usize = 1_000;
    let folder = Folder::new("thousand");
    let world = World::open(&folder.0);
    world.machine("STANDARD", WORK, "").await;
    let mut arns = Vec::new();
    for number in 0..OPEN + 2 {
        arns.push(world.start_as(&format!("e{number}"), numbers(1)).await);
    }
    let running = |world: &World, number: usize| world.map_run(&arns[number]).summary.executions.running;
    for number in 0..OPEN {
        world.until(|| running(&world, number) == 1).await;
    }
    let waits = |world: &World, number: usize| {
        assert_eq!(world.events(&arns[number]).last().map(String::as_str), Some("MapRunStarted"));
        let run = world.map_run(&arns[number]);
        let items = Counts { pending: 1, ..Counts::default() };
        assert_eq!((run.status, run.summary.items, running(world, number)), (Status::Running, items, 0));
    };
    waits(&world, OPEN);
    waits(&world, OPEN + 1);

    // One that waits ends like any other, and one that ends makes room; after a restart as well.
    world.engine.stop_execution(arns[OPEN].clone(), Failure::new("E", "c")).await.expect("it is stopped");
    world.until(|| world.map_run(&arns[OPEN]).status == Status::Aborted).await;
    world.engine.stop().await;
    drop(world);
    let world = World::open(&folder.0);
    waits(&world, OPEN + 1);
    world.engine.stop_execution(arns[7].clone(), Failure::new("E", "c")).await.expect("it is stopped");
    world.until(|| running(&world, OPEN + 1) == 1).await;
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_map_run_within_the_children_of_another_one_waits_for_none() {
    const OPEN: usize = 1_000;
    let folder = Folder::new("nested-thousand");
    let world = World::open(&folder.0);
    let inner = r#""I":{"Type":"Map","Label":"Inner","ItemsPath":"$.inner","End":true,"ItemProcessor":{
        "ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}"#;
    let wait = inner.replace(r#""End":true,"ItemProcessor""#, r#""Next":"W","ItemProcessor""#);
    let states = format!(r#"{wait},"W":{{"Type":"Wait","Seconds":3600,"End":true}}"#);
    world.machine("STANDARD", &states, "").await;
    // As many as may be open, each of which opens another one.
    let mut arns = Vec::new();
    for number in 0..OPEN {
        let items = json::value!([{ "inner": [1] }]);
        arns.push(world.start_as(&format!("e{number}"), items).await);
    }
    let last = arns.last().expect("some");
    world.until(|| world.map_run(last).summary.executions.running == 1).await;
    let child = world.children(&world.map_run(last)).first().expect("a child").arn();
    world.until(|| world.events(&child).iter().any(|event| event == "MapRunSucceeded")).await;
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_whose_history_is_full_stays_failed_and_is_counted() {
    let folder = Folder::new("full");
    let world = World::open(&folder.0);
    let states = r#""I":{"Type":"Choice","Choices":[{"Variable":"$","NumericLessThan":2,"Next":"Round"}],"Default":"F"},
        "Round":{"Type":"Pass","Next":"I"},"F":{"Type":"Fail","Error":"Two"}"#;
    world.machine("STANDARD", states, r#""ToleratedFailureCount":1,"#).await;
    let arn = world.start(numbers(3)).await;
    world.closed(&arn).await;
    let counts = world.map_run(&arn).summary.executions;
    let failed = Counts { failed: 3, failures_not_redrivable: 2, ..Counts::default() };
    assert_eq!(counts, failed);
    world.redrive(&arn).await;
    world.closed(&arn).await;
    let run = world.map_run(&arn);
    assert_eq!((run.status, run.summary.redrives), (Status::Failed, 1));
    assert_eq!((run.summary.executions, run.summary.items), (failed, failed));
    assert!(world.children(&run).iter().all(|child| child.redriven.is_none()), "two are too many already");
    world.engine.stop().await;
}
