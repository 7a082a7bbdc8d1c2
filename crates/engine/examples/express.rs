//! How many EXPRESS executions a second there are inside the process, and how many starts a second
//! batches make. Prints `name<TAB>value<TAB>unit`.
//!
//! `cargo run --release -p engine --example express [folder [name]]`. The folder must be on the disk that
//! is to be measured; a new one under it is used and removed. With a name, only that is measured.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use connectors::Connectors;
use engine::request::{BatchItem, CreateStateMachine, StartExecution, StartExecutionBatch};
use engine::{Engine, ExpressSettings, Settings};
use json::{Document, Text, Value};
use store::MachineType;

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FIVE_PASS: &str = r#"{ "StartAt": "A", "States": {
    "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Pass", "Next": "C" },
    "C": { "Type": "Pass", "Next": "D" }, "D": { "Type": "Pass", "Next": "E" },
    "E": { "Type": "Pass", "End": true } } }"#;

const INPUT: &str = r#"{"order":{"id":"0001","lines":[{"sku":"A-1","quantity":2}]}}"#;

/// How long each figure is measured.
const LENGTH: Duration = Duration::from_secs(3);
/// Callers of single starts, as in the figures over HTTP.
const CALLERS: usize = 64;
/// Callers of batches, and what each batch holds.
const BATCHERS: usize = 4;
const BATCH: usize = 1_000;

fn main() {
    let base = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = base.join(format!("stepwell-express-{}", std::process::id()));
    let only = std::env::args().nth(2);
    let is_wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for (name, logging) in
        [("express_sync_one_core", Value::Null), ("express_sync_one_core_logged", everything())]
    {
        if is_wanted(name) {
            print(name, one.block_on(synchronous(logging)), "executions/s");
        }
    }
    drop(one);
    let many = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    for (name, kind) in [
        ("express_async_starts", Kind::Single),
        ("batch_standard_starts", Kind::Batches(MachineType::Standard)),
        ("batch_express_starts", Kind::Batches(MachineType::Express)),
    ] {
        if is_wanted(name) {
            print(name, many.block_on(started(&folder.join(name), kind)), "starts/s");
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
}

fn print(name: &str, rate: f64, unit: &str) {
    println!("{name}\t{rate:.0}\t{unit}");
}

/// One caller, one thread: as many as there are, one after the other.
async fn synchronous(logging: Value) -> f64 {
    let (sink, mut messages) = engine::LogSink::channel();
    // Who writes logs has a thread of its own, and may be slower than this.
    std::thread::spawn(move || while messages.take(drop) {});
    let engine = engine(None, Some(sink));
    let arn = machine(&engine, MachineType::Express, logging).await;
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < LENGTH {
        for _ in 0..1_000 {
            let ended = engine.start_sync_execution(start(&arn)).await.expect("it runs");
            assert!(ended.close.output.is_some());
        }
        count += 1_000;
    }
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    engine.stop().await;
    rate
}

#[derive(Clone, Copy)]
enum Kind {
    Single,
    Batches(MachineType),
}

/// Many callers, a real folder; EXPRESS executions count when the last of them has ended.
async fn started(folder: &Path, kind: Kind) -> f64 {
    let engine = engine(Some(folder.to_owned()), None);
    let (machine_type, callers) = match kind {
        Kind::Single => (MachineType::Express, CALLERS),
        Kind::Batches(machine_type) => (machine_type, BATCHERS),
    };
    let arn = machine(&engine, machine_type, Value::Null).await;
    let count = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (engine, arn, count) = (engine.clone(), arn.clone(), count.clone());
            tokio::spawn(async move {
                while begun.elapsed() < LENGTH {
                    count.fetch_add(call(&engine, &arn, kind).await, Relaxed);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("it goes on");
    }
    let count = count.load(Relaxed);
    let express = &engine.statistics().express;
    while machine_type == MachineType::Express && express.succeeded.load(Relaxed) < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let rate = count as f64 / begun.elapsed().as_secs_f64();
    engine.stop().await;
    rate
}

/// One call; how many executions it started.
async fn call(engine: &Engine, arn: &Text, kind: Kind) -> u64 {
    match kind {
        Kind::Single => {
            engine.start_execution(start(arn)).await.expect("it starts");
            1
        }
        Kind::Batches(_) => {
            let item = || BatchItem { name: None, input: input(), trace_header: None };
            let executions = (0..BATCH).map(|_| item()).collect();
            let batch = StartExecutionBatch { state_machine_arn: arn.clone(), executions };
            let results = engine.start_execution_batch(batch).await.expect("they start");
            assert!(results.iter().all(Result::is_ok));
            results.len() as u64
        }
    }
}

fn engine(data_dir: Option<PathBuf>, logs: Option<engine::LogSink>) -> Engine {
    let store = store::Settings { data_dir, ..Default::default() };
    let express = ExpressSettings { executions_max: 100_000 };
    let settings = Settings { store, express, logs, ..Settings::default() };
    Engine::start(settings, Connectors::new(Default::default())).expect("the store opens")
}

async fn machine(engine: &Engine, machine_type: MachineType, logging: Value) -> Text {
    let request = CreateStateMachine {
        name: "five".into(),
        definition: FIVE_PASS.to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        machine_type,
        logging,
        tracing: Value::Null,
        encryption: Value::Null,
        tags: vec![],
        publish: None,
    };
    engine.create_state_machine(request).await.expect("a good definition").arn
}

/// A logging configuration.
fn everything() -> Value {
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:/five:*";
    json::value!({ "level": "ALL", "includeExecutionData": true,
        "destinations": [{ "cloudWatchLogsLogGroup": { "logGroupArn": group } }] })
}

fn start(arn: &Text) -> StartExecution {
    StartExecution {
        state_machine_arn: arn.clone(),
        name: None,
        input: input(),
        trace_header: None,
        test_case: None,
        parent: None,
    }
}

/// Parsed each time, as a caller's is.
fn input() -> Document {
    Document::parse(INPUT).expect("this is JSON")
}
