//! Redrives over a real store: what is acknowledged survives a crash, and happens once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use asl::Failure;
use connectors::Connectors;
use engine::request::{CreateActivity, CreateStateMachine, RedriveExecution, StartExecution};
use engine::{Engine, Refusal, Settings};
use execution::{EventKind, Redrivable, Status};
use json::{Document, Text, Value};
use store::{ExecutionFilter, ExecutionView, MachineType};

const WORK: &str = r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
    {"StartAt":"A","States":{"A":{"Type":"Pass","Result":"kept","End":true}}},
    {"StartAt":"T","States":{"T":{"Type":"Task","End":true,
        "Resource":"arn:aws:states:us-east-1:123456789012:activity:work"}}}]}}}"#;
const ACTIVITY: &str = "arn:aws:states:us-east-1:123456789012:activity:work";
/// What takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder that goes with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("stepwell-redrive-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    /// What a crash at this moment leaves.
    fn crashed(&self, name: &str) -> Folder {
        let copy = Folder::new(name);
        for file in std::fs::read_dir(&self.0).expect("a folder") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), copy.0.join(file.file_name())).expect("a copy");
        }
        copy
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open(data_dir: &Path) -> Engine {
    // Executions leave memory at once.
    let store = store::Settings { data_dir: Some(data_dir.to_owned()), open_max: 1, ..Default::default() };
    Engine::start(Settings { store, ..Settings::default() }, Connectors::new(Default::default()))
        .expect("it opens")
}

async fn machine(engine: &Engine) -> Text {
    let request = CreateActivity { name: "work".into(), encryption: Value::Null, tags: vec![] };
    engine.create_activity(request).await.expect("it is created");
    let request = CreateStateMachine {
        name: "m".into(),
        definition: WORK.to_owned(),
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

async fn started(engine: &Engine, machine: &Text) -> Text {
    let request = StartExecution {
        state_machine_arn: machine.clone(),
        name: Some("e".into()),
        input: Document::from_value(json::value!({ "n": 1 })),
        trace_header: None,
        parent: None,
        test_case: None,
    };
    engine.start_execution(request).await.expect("it starts").execution_arn
}

fn redrive(arn: &Text, token: Option<&str>, input: Option<Value>) -> RedriveExecution {
    RedriveExecution {
        execution_arn: arn.clone(),
        client_token: token.map(Text::from),
        input: input.map(Document::from_value),
    }
}

fn view(engine: &Engine, arn: &str) -> ExecutionView {
    engine.store().execution(arn).expect("readable").expect("it is there")
}

async fn task(engine: &Engine) -> (String, String) {
    let task =
        engine.get_activity_task(ACTIVITY.into(), None, PATIENCE).await.expect("the activity is there");
    let task = task.expect("a task");
    (task.token, task.input.text().to_owned())
}

async fn closed(engine: &Engine, arn: &str) -> ExecutionView {
    tokio::time::timeout(PATIENCE, engine.closed(arn)).await.expect("it ends");
    view(engine, arn)
}

fn redrives(engine: &Engine, arn: &str) -> usize {
    let history = engine.store().history(arn, 0, usize::MAX, false).expect("readable").expect("there");
    history.events.iter().filter(|event| matches!(event.kind, EventKind::ExecutionRedriven { .. })).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redrive_that_was_acknowledged_survives_a_crash_and_happens_once() {
    let folder = Folder::new("crash");
    let engine = open(&folder.0);
    let arn = started(&engine, &machine(&engine).await).await;
    let (first_token, _) = task(&engine).await;
    engine.send_task_failure(&first_token, Failure::new("E", "c")).await.expect("it is taken");
    let failed = closed(&engine, &arn).await;
    assert_eq!((failed.status, failed.redrivable), (Status::Failed, Redrivable::Yes));

    let redriven_at = engine.redrive_execution(redrive(&arn, Some("t"), None)).await.expect("it is redriven");
    let crashed = folder.crashed("crash-after");
    assert_eq!(engine.redrive_execution(redrive(&arn, Some("t"), None)).await, Ok(redriven_at));
    let again = engine.redrive_execution(redrive(&arn, Some("u"), None)).await;
    let reason = "Execution is RUNNING and cannot be redriven";
    assert_eq!(again, Err(Refusal::ExecutionNotRedrivable { reason }));
    let running = view(&engine, &arn);
    assert_eq!((running.status, running.stopped_at, running.failure), (Status::Running, None, None));
    engine.stop().await;
    drop(engine);

    let engine = open(&crashed.0);
    let running = view(&engine, &arn);
    let redriven = running.redriven.expect("it was redriven");
    assert_eq!((running.status, redriven.count, redriven.at), (Status::Running, 1, redriven_at));
    assert_eq!(engine.redrive_execution(redrive(&arn, Some("t"), None)).await, Ok(redriven_at));
    let (token, _) = task(&engine).await;
    assert_ne!(token, first_token);
    assert_eq!(
        engine.send_task_success(&first_token, "1".parse_document()).await,
        Err(Refusal::TaskTimedOut)
    );
    engine.send_task_success(&token, "\"again\"".parse_document()).await.expect("it is taken");
    let succeeded = closed(&engine, &arn).await;
    assert_eq!(
        succeeded.output.map(|output| output.text().to_owned()).as_deref(),
        Some(r#"["kept","again"]"#)
    );
    assert_eq!(redrives(&engine, &arn), 1);
    // Its token is still known, and nothing else redrives a success.
    assert_eq!(engine.redrive_execution(redrive(&arn, Some("t"), None)).await, Ok(redriven_at));
    let reason = "Execution is SUCCEEDED and cannot be redriven";
    let refused = engine.redrive_execution(redrive(&arn, None, None)).await;
    assert_eq!(refused, Err(Refusal::ExecutionNotRedrivable { reason }));
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redrive_that_was_not_acknowledged_may_be_asked_for_after_a_crash() {
    let folder = Folder::new("before");
    let engine = open(&folder.0);
    let arn = started(&engine, &machine(&engine).await).await;
    engine.send_task_failure(&task(&engine).await.0, Failure::new("E", "c")).await.expect("it is taken");
    closed(&engine, &arn).await;
    let crashed = folder.crashed("before-after");
    engine.stop().await;
    drop(engine);

    let engine = open(&crashed.0);
    let changed = json::value!({ "n": 2 });
    engine.redrive_execution(redrive(&arn, None, Some(changed))).await.expect("it is redriven");
    let (token, input) = task(&engine).await;
    assert_eq!(input, r#"{"n":2}"#);
    assert_eq!(view(&engine, &arn).start.input.text(), r#"{"n":1}"#);
    // Stopped and redriven once more: the list of what runs has it at once.
    engine.stop_execution(arn.clone(), Failure::named("Stop")).await.expect("it is stopped");
    assert_eq!(engine.send_task_success(&token, "1".parse_document()).await, Err(Refusal::TaskTimedOut));
    engine.redrive_execution(redrive(&arn, None, None)).await.expect("it is redriven");
    let machine_arn = view(&engine, &arn).start.state_machine_arn.clone();
    let filter =
        ExecutionFilter { machine_arn, status: Some(Status::Running), limit: 9, ..Default::default() };
    let listed = engine.store().executions(&filter).expect("readable").executions;
    assert_eq!(
        listed.iter().map(|row| row.redriven.map(|redriven| redriven.count)).collect::<Vec<_>>(),
        [Some(2)]
    );
    engine.send_task_success(&task(&engine).await.0, "1".parse_document()).await.expect("it is taken");
    assert_eq!(closed(&engine, &arn).await.status, Status::Succeeded);
    engine.stop().await;
}

trait ParseDocument {
    fn parse_document(&self) -> Document;
}

impl ParseDocument for str {
    fn parse_document(&self) -> Document {
        Document::parse(self).expect("JSON")
    }
}
