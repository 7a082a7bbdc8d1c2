//! Executions that others start and wait for: the same call again, and the end of an execution.

use std::path::PathBuf;
use std::time::Duration;

use asl::Failure;
use connectors::Connectors;
use engine::request::{CreateStateMachine, StartExecution, Started};
use engine::{Engine, Refusal, Settings};
use execution::execution::Parent;
use json::{Document, Text, Value};
use store::MachineType;

const PASS: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":90000,"End":true}}}"#;
/// What takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder that goes with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("stepwell-nested-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open(data_dir: Option<PathBuf>) -> Engine {
    // Executions leave memory at once.
    let store = store::Settings { data_dir, open_max: 1, ..Default::default() };
    Engine::start(Settings { store, ..Settings::default() }, Connectors::new(Default::default()))
        .expect("it opens")
}

async fn machine(engine: &Engine, name: &str, definition: &str) -> Text {
    let request = CreateStateMachine {
        name: name.into(),
        definition: definition.to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        machine_type: MachineType::Standard,
        logging: Value::Null,
        tracing: Value::Null,
        encryption: Value::Null,
        tags: vec![],
        publish: None,
    };
    engine.create_state_machine(request).await.expect("a good definition").arn
}

/// Starts `child` by a call of the execution `arn:parent`.
async fn start(engine: &Engine, machine: &Text, call: &str) -> Result<Started, Refusal> {
    let request = StartExecution {
        state_machine_arn: machine.clone(),
        name: Some("child".into()),
        input: Document::from_value(json::value!({})),
        trace_header: None,
        test_case: None,
        parent: Some(Parent { execution_arn: "arn:parent".into(), call: call.into() }),
    };
    engine.start_execution(request).await
}

async fn closed(engine: &Engine, arn: &str) {
    tokio::time::timeout(PATIENCE, engine.closed(arn)).await.expect("it closes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_call_again_finds_its_child_even_when_that_has_closed() {
    let folder = Folder::new("repeated");
    let engine = open(Some(folder.0.clone()));
    let machine = machine(&engine, "m", PASS).await;
    let first = start(&engine, &machine, "one").await.expect("starts");
    closed(&engine, &first.execution_arn).await;
    let again = start(&engine, &machine, "one").await.expect("is the same call");
    assert_eq!((&again.execution_arn, again.started_at), (&first.execution_arn, first.started_at));
    let other = start(&engine, &machine, "two").await.expect_err("is another call");
    assert!(matches!(other, Refusal::ExecutionAlreadyExists { .. }), "{other}");
    engine.stop().await;
    drop(engine);

    let engine = open(Some(folder.0.clone()));
    let again = start(&engine, &machine, "one").await.expect("is the same call");
    assert_eq!(again.started_at, first.started_at);
    let view = engine.store().execution(&first.execution_arn).expect("readable").expect("it is there");
    let parent = view.start.parent.as_ref().map(|parent| parent.execution_arn.as_str());
    assert_eq!(parent, Some("arn:parent"));
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_are_told_to_all_that_wait_and_what_is_not_there_has_ended() {
    let engine = open(None);
    closed(&engine, "arn:aws:states:us-east-1:123456789012:execution:m:nobody").await;
    let machine = machine(&engine, "m", WAIT).await;
    let child = start(&engine, &machine, "one").await.expect("starts").execution_arn;
    let waiting: Vec<_> = (0..100).map(|_| tokio::spawn(engine.closed(&child))).collect();
    let gone = engine.closed(&child);
    drop(gone);
    engine.stop_execution(child.clone(), Failure { error: None, cause: None }).await.expect("stops");
    for one in waiting {
        tokio::time::timeout(PATIENCE, one).await.expect("is told").expect("does not panic");
    }
    closed(&engine, &child).await;
    engine.stop().await;
}
