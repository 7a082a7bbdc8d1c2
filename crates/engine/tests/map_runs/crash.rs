//! A crash at any moment. The log is written with a frame for each thing that a crash may part from the next, and cut
//! off at many places; from each of them everything comes to its end.

use std::collections::BTreeSet;

use asl::Failure;
use engine::request::UpdateMapRun;
use execution::Status;
use execution::map_run::Counts;
use json::{Document, Text, Value};
use store::{ExecutionRow, ExecutionView};
use tokio::task::JoinSet;

use crate::world::*;

/// A test cuts at so many places, as evenly as may be.
const CUTS: usize = 24;

/// In bytes: shorter than any frame.
const REDRIVE_STEP: usize = 60;

/// Tasks that were given to a worker.
type Given = Vec<(String, String)>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn standard_children_that_fail_are_stopped_and_redriven() {
    let folder = Folder::new("cut-standard");
    let world = World::parted(&folder.0);
    world.machine("STANDARD", WORK, r#""MaxConcurrency":4,"#).await;
    let arn = world.start(numbers(8)).await;
    let mut given = Given::new();
    answer(&world, &mut given, 2, |item| item != "1").await;
    world.closed(&arn).await;
    let before = folder.written();
    world.redrive(&arn).await;
    world.until(|| world.map_run(&arn).summary.executions.running > 0).await;
    // The execution goes on before its Map Run hears of that.
    let redrive = (before..folder.written()).step_by(REDRIVE_STEP);
    answer(&world, &mut given, 2, |_| true).await;
    world.engine.stop_execution(arn.clone(), Failure::new("E", "c")).await.expect("it is stopped");
    world.until(|| world.map_run(&arn).status == Status::Aborted).await;
    world.redrive(&arn).await;
    answer(&world, &mut given, 2, |_| true).await;
    cut_at(&folder, redrive, &arn, &given, &numbers(8)).await;
    let ends = cut_everywhere(&folder, &arn, given, numbers(8)).await;
    assert!(ends > CUTS / 4, "of {ends} places only");
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn express_children_that_nobody_waited_for_begin_again_with_what_they_had() {
    let folder = Folder::new("cut-express");
    let world = World::parted(&folder.0);
    // Some are in the middle of it wherever it is cut.
    let waits = r#""I":{"Type":"Choice","Choices":[{"Variable":"$","NumericLessThan":3,"Next":"W"}],"Default":"P"},
        "W":{"Type":"Wait","Seconds":1,"Next":"P"},"P":{"Type":"Pass","End":true}"#;
    world.machine("EXPRESS", waits, r#""MaxConcurrency":4,"#).await;
    let arn = world.start(numbers(12)).await;
    world.until(|| world.map_run(&arn).summary.executions.running > 0).await;
    world.engine.stop_execution(arn.clone(), Failure::new("E", "c")).await.expect("it is stopped");
    world.until(|| world.map_run(&arn).status == Status::Aborted).await;
    world.redrive(&arn).await;
    world.until(|| world.map_run(&arn).summary.executions.succeeded > 5).await;
    let ends = cut_everywhere(&folder, &arn, Given::new(), numbers(12)).await;
    assert!(ends > CUTS / 4, "of {ends} places only");
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn map_runs_that_end_together_are_all_heard_of() {
    let folder = Folder::new("cut-parallel");
    let world = World::parted(&folder.0);
    let branch = |branch: usize| {
        format!(
            r#"{{"StartAt":"M{branch}","States":{{"M{branch}":{{"Type":"Map","Label":"L{branch}","End":true,
                "ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}},
                "StartAt":"P{branch}","States":{{"P{branch}":{{"Type":"Pass","End":true}}}}}}}}}}}}"#
        )
    };
    let branches: Vec<String> = (0..6).map(branch).collect();
    let definition = format!(
        r#"{{"StartAt":"All","States":{{"All":{{"Type":"Parallel","End":true,"Branches":[{}]}}}}}}"#,
        branches.join(",")
    );
    world.machine_of(definition).await;
    let arn = world.start(numbers(2)).await;
    let expected: Value = (0..6).map(|_| numbers(2)).collect();
    assert_eq!(world.output(&arn).await, expected);
    cut_everywhere(&folder, &arn, Given::new(), expected).await;
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_was_acknowledged_holds() {
    let folder = Folder::new("update-crash");
    let world = World::open(&folder.0);
    let branch = |branch: usize| {
        format!(
            r#"{{"StartAt":"M{branch}","States":{{"M{branch}":{{"Type":"Map","Label":"L{branch}","MaxConcurrency":1,"End":true,
                "ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},
                "StartAt":"P{branch}","States":{{"P{branch}":{{"Type":"Wait","Seconds":100,"End":true}}}}}}}}}}}}"#
        )
    };
    let branches: Vec<String> = (0..30).map(branch).collect();
    let definition = format!(
        r#"{{"StartAt":"All","States":{{"All":{{"Type":"Parallel","End":true,"Branches":[{}]}}}}}}"#,
        branches.join(",")
    );
    world.machine_of(definition).await;
    let arn = world.start(numbers(2)).await;
    let runs = world.engine.store().map_runs(&arn, None, 100).map_runs;
    assert_eq!(runs.len(), 30);
    let mut updates = JoinSet::new();
    for run in &runs {
        let (engine, map_run_arn) = (world.engine.clone(), run.arn.clone());
        updates.spawn(async move {
            let update = UpdateMapRun { map_run_arn, max_concurrency: Some(2), ..Default::default() };
            engine.update_map_run(update).await.expect("it is updated");
        });
    }
    updates.join_all().await;
    let crashed = folder.crashed("update-crash-after");
    world.engine.stop().await;

    let world = World::open(&crashed.0);
    for run in &runs {
        let view = world.engine.store().map_run(&run.arn).expect("readable").expect("it is there");
        assert_eq!(view.summary.settings.max_concurrency, 2);
    }
    world.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tolerated_percentage_is_one_of_all_items_after_a_crash_too() {
    let folder = Folder::new("percentage");
    let rows: String = (0..40).map(|row| format!("{row}\n")).collect();
    std::fs::write(folder.object("rows.csv"), format!("id\n{rows}")).expect("a file");
    let world = World::open(&folder.0);
    // A quarter fails; the one in the middle takes its time.
    let states = r#""I":{"Type":"Choice","Default":"P","Choices":[
            {"Variable":"$.id","StringEquals":"20","Next":"W"},{"Variable":"$.id","StringMatches":"1*","Next":"F"}]},
        "W":{"Type":"Wait","Seconds":1,"Next":"P"},"F":{"Type":"Fail"},"P":{"Type":"Pass","End":true}"#;
    world.machine("EXPRESS", states, &format!(r#"{CSV}"ToleratedFailurePercentage":40,"#)).await;
    let arn = world.start(json::value!({ "key": "rows.csv" })).await;
    world.until(|| world.map_run(&arn).summary.executions.running == 1).await;
    let crashed = folder.crashed("percentage-after");
    world.engine.stop().await;
    drop(world);

    let world = World::open(&crashed.0);
    assert_eq!(world.closed(&arn).await.failure, None);
    assert_eq!(world.map_run(&arn).summary.items, Counts { failed: 11, ..succeeded(29) });
    world.engine.stop().await;
}

/// Answers so many tasks, well or not.
async fn answer(world: &World, given: &mut Given, count: usize, is_well: impl Fn(&str) -> bool) {
    for _ in 0..count {
        let (token, input) = world.task().await;
        given.push((token.clone(), input.clone()));
        let answered = match is_well(&input) {
            true => world.engine.send_task_success(&token, Document::from_valid_text(input)).await,
            false => world.engine.send_task_failure(&token, Failure::new("Bad", "")).await,
        };
        answered.expect("it is taken");
    }
}

/// Cuts the log at many places. At how many of them the execution had begun.
async fn cut_everywhere(folder: &Folder, arn: &Text, given: Given, expected: Value) -> usize {
    let written = folder.written();
    cut_at(folder, (1..=CUTS).map(|number| written * number / CUTS), arn, &given, &expected).await
}

/// Cuts the log at these places, and lets the execution come to its end from each. Every other one is stopped before
/// it can go on: what was begun must be known by then.
async fn cut_at(
    folder: &Folder,
    places: impl Iterator<Item = usize>,
    arn: &Text,
    given: &Given,
    expected: &Value,
) -> usize {
    let name = folder.0.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let image = folder.crashed(&format!("{name}-image"));
    let mut ends = JoinSet::new();
    for (number, at) in places.enumerate() {
        let cut = image.cut(&format!("{name}-{at}"), at);
        let (arn, given, expected) = (arn.clone(), given.clone(), expected.clone());
        ends.spawn(async move {
            let world = World::parted(&cut.0);
            if number % 2 == 1 {
                // It may have ended, or never begun.
                let _ = world.engine.stop_execution(arn.clone(), Failure::new("E", "c")).await;
            }
            let has_begun = finish(&world, &arn, &given, &expected, at).await;
            world.engine.stop().await;
            has_begun
        });
    }
    ends.join_all().await.into_iter().filter(|has_begun| *has_begun).count()
}

/// Whether it had begun.
async fn finish(world: &World, arn: &Text, given: &Given, expected: &Value, at: usize) -> bool {
    let read = || world.engine.store().execution(arn).expect("readable");
    if read().is_none() {
        return false;
    }
    // Whoever was given them answers in any case. What has been answered before is refused.
    for (token, input) in given {
        let _ = world.engine.send_task_success(token, Document::from_valid_text(input.clone())).await;
    }
    let working = async {
        loop {
            let (token, input) = world.task().await;
            let _ = world.engine.send_task_success(&token, Document::from_valid_text(input)).await;
        }
    };
    let ending = async {
        // It failed once and was stopped twice, at the most.
        for _ in 0..4 {
            let closed = world.closed(arn).await;
            if closed.status == Status::Succeeded {
                return closed;
            }
            world.until(|| world.map_run(arn).status != Status::Running).await;
            let run = world.map_run(arn);
            assert_eq!(run.summary.executions.running, 0, "cut at {at}");
            assert!(world.children(&run).iter().all(|child| child.status != Status::Running), "cut at {at}");
            world.redrive(arn).await;
        }
        panic!("cut at {at}, it does not succeed: {:?}", read());
    };
    let closed: ExecutionView = tokio::select! {
        closed = ending => closed,
        () = working => unreachable!("it goes on"),
    };
    assert_eq!(closed.output.expect("an output").value(), expected, "cut at {at}");
    let run = world.map_run(arn);
    let count = run.summary.items.total();
    assert_eq!((run.status, run.summary.items), (Status::Succeeded, succeeded(count)), "cut at {at}");
    assert_eq!(run.summary.executions, succeeded(count), "cut at {at}");
    assert_eq!(run.summary.redrives, closed.redriven.map_or(0, |redriven| redriven.count), "cut at {at}");
    let children = world.children(&run);
    let input = |child: &ExecutionRow| {
        let whole = world.engine.store().execution(&child.arn()).expect("readable").expect("it is there");
        whole.start.input.text().to_owned()
    };
    let inputs: BTreeSet<String> = children.iter().map(input).collect();
    if !children.is_empty() {
        assert_eq!((children.len() as u64, inputs.len() as u64), (count, count), "cut at {at}");
    }
    for child in &children {
        let begun = world.events(&child.arn()).iter().filter(|event| *event == "ExecutionStarted").count();
        assert_eq!(begun, 1, "cut at {at}");
    }
    true
}
