//! The engine over a real store: what callers ask for, and what a restart brings back.

use std::path::PathBuf;
use std::time::Duration;

use asl::Failure;
use aws_names::Scope;
use connectors::Connectors;
use engine::request::{CreateActivity, CreateStateMachine, StartExecution};
use engine::{Engine, Happening, Heard, Refusal, Settings, UnknownCalls};
use execution::Status;
use json::{Document, Text, Value};
use store::{ExecutionView, MachineType};

const PASS: &str =
    r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","End":true}}}"#;
const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}}"#;
const LONG_WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1000,"End":true}}}"#;
const WORK: &str = r#"{"StartAt":"T","States":{"T":{"Type":"Task","End":true,
    "Resource":"arn:aws:states:us-east-1:123456789012:activity:work"}}}"#;

fn start(data_dir: Option<PathBuf>) -> Engine {
    // So few that executions leave memory and are read back.
    let store = store::Settings { data_dir, open_max: 2, ..Default::default() };
    let settings = Settings {
        scope: Scope::default(),
        unknown_calls: UnknownCalls::Fail,
        store,
        express: Default::default(),
        logs: None,
        mocks: Default::default(),
    };
    Engine::start(settings, Connectors::new(Default::default())).expect("the store opens")
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

fn execution(machine_arn: &Text, name: &str) -> StartExecution {
    StartExecution {
        state_machine_arn: machine_arn.clone(),
        name: Some(name.into()),
        input: Document::from_value(json::value!({ "n": 1 })),
        trace_header: None,
        test_case: None,
        parent: None,
    }
}

fn view(engine: &Engine, arn: &str) -> ExecutionView {
    engine.store().execution(arn).expect("readable").expect("it is there")
}

async fn ended(engine: &Engine, arn: &str) -> ExecutionView {
    for _ in 0..1_000 {
        let view = view(engine, arn);
        if view.status != Status::Running {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{arn} does not end");
}

/// A folder of this test's own, gone when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("stepwell-engine-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_is_answered_can_be_read_at_once() {
    let engine = start(None);
    let arn = machine(&engine, "m", PASS).await;
    let started = engine.start_execution(execution(&arn, "e")).await.expect("starts");
    let view = view(&engine, &started.execution_arn);
    assert_eq!(view.status, Status::Succeeded);
    assert_eq!(view.output.map(|output| output.text().to_owned()).as_deref(), Some(r#"{"n":1}"#));
    let history =
        engine.store().history(&started.execution_arn, 0, 100, false).expect("readable").expect("there");
    let ids: Vec<u64> = history.events.iter().map(|event| event.id).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_make_starts_idempotent_while_running() {
    let engine = start(None);
    let arn = machine(&engine, "m", LONG_WAIT).await;
    let first = engine.start_execution(execution(&arn, "e")).await.expect("starts");
    let again = engine.start_execution(execution(&arn, "e")).await.expect("the same one");
    assert_eq!(first.execution_arn, again.execution_arn);
    assert_eq!(first.started_at, again.started_at);

    let other_input = StartExecution { input: Document::from_value(Value::Null), ..execution(&arn, "e") };
    let taken = Err(Refusal::ExecutionAlreadyExists { arn: first.execution_arn.clone() });
    assert_eq!(engine.start_execution(other_input).await.map(|_| ()), taken);

    let stopped = Failure { error: Some("E".into()), cause: Some("c".into()) };
    let stopped_at =
        engine.stop_execution(first.execution_arn.clone(), stopped.clone()).await.expect("stops");
    assert_eq!(engine.stop_execution(first.execution_arn.clone(), stopped).await, Ok(stopped_at));
    assert_eq!(view(&engine, &first.execution_arn).status, Status::Aborted);
    assert_eq!(engine.start_execution(execution(&arn, "e")).await.map(|_| ()), taken);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_starts_of_one_name_at_once_are_one_execution() {
    let engine = start(None);
    let arn = machine(&engine, "m", LONG_WAIT).await;
    let calls: Vec<_> = (0..50).map(|_| engine.start_execution(execution(&arn, "e"))).collect();
    for call in calls {
        call.await.expect("all are the same call");
    }
    let filter = store::ExecutionFilter { machine_arn: arn, limit: 10, ..Default::default() };
    assert_eq!(engine.store().executions(&filter).expect("readable").executions.len(), 1);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_gets_a_task_whoever_comes_first() {
    let engine = start(None);
    let activity = CreateActivity { name: "work".into(), encryption: Value::Null, tags: vec![] };
    let activity = engine.create_activity(activity).await.expect("created").arn;
    let arn = machine(&engine, "m", WORK).await;

    let poller = engine.get_activity_task(activity.clone(), Some("w".into()), Duration::from_secs(10));
    let (task, started) = tokio::join!(poller, engine.start_execution(execution(&arn, "early-worker")));
    let task = task.expect("polls").expect("a task");
    engine.send_task_heartbeat(&task.token).await.expect("alive");
    let output = Document::from_value(json::value!({ "done": true }));
    engine.send_task_success(&task.token, output.clone()).await.expect("accepted");
    assert_eq!(ended(&engine, &started.expect("starts").execution_arn).await.output, Some(output.clone()));
    assert_eq!(engine.send_task_success(&task.token, output).await, Err(Refusal::TaskTimedOut));

    let started = engine.start_execution(execution(&arn, "late-worker")).await.expect("starts");
    let task = engine.get_activity_task(activity.clone(), None, Duration::from_secs(10)).await;
    let task = task.expect("polls").expect("a task");
    assert_eq!(task.input.text(), r#"{"n":1}"#);
    engine.send_task_failure(&task.token, Failure::new("Broken", "it is")).await.expect("accepted");
    assert_eq!(ended(&engine, &started.execution_arn).await.failure, Some(Failure::new("Broken", "it is")));

    let none = engine.get_activity_task(activity, None, Duration::from_millis(20)).await.expect("polls");
    assert!(none.is_none());
    assert_eq!(engine.send_task_heartbeat("nonsense").await, Err(Refusal::InvalidToken));
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_and_tasks_that_wait_are_counted() {
    let engine = start(None);
    let activity = CreateActivity { name: "work".into(), encryption: Value::Null, tags: vec![] };
    let activity = engine.create_activity(activity).await.expect("created").arn;
    let arn = machine(&engine, "m", WORK).await;
    assert!(engine.workers().await.expect("told").is_empty());
    for name in ["one", "two"] {
        engine.start_execution(execution(&arn, name)).await.expect("starts");
    }
    assert_eq!(engine.workers().await.expect("told")[&activity].tasks, 2);

    let poll =
        |name: &str| engine.get_activity_task(activity.clone(), Some(name.into()), Duration::from_secs(10));
    for _ in 0..2 {
        poll("w").await.expect("polls").expect("a task");
    }
    let (mut first, mut second, mut third) =
        (Box::pin(poll("w")), Box::pin(poll("w")), Box::pin(poll("other")));
    // They have sent what they ask for once they have been polled.
    for waiting in [&mut first, &mut second, &mut third] {
        assert!(polled_once(waiting.as_mut()).is_none());
    }
    let waiting = engine.workers().await.expect("told").remove(&activity).expect("somebody waits");
    let names: Vec<_> = waiting.names.iter().map(|(name, count)| (name.as_deref(), *count)).collect();
    assert_eq!((waiting.tasks, names), (0, vec![(Some("other"), 1), (Some("w"), 2)]));
    drop((first, second));
    let waiting = engine.workers().await.expect("told").remove(&activity).expect("somebody waits");
    assert_eq!(waiting.names.into_keys().collect::<Vec<_>>(), [Some("other".into())]);
    drop(third);
    engine.stop().await;
}

/// What a future has come to without waiting.
fn polled_once<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_brings_back_timers_offers_and_tokens() {
    let folder = Folder::new("restart");
    let engine = start(Some(folder.0.clone()));
    let activity = CreateActivity { name: "work".into(), encryption: Value::Null, tags: vec![] };
    let activity = engine.create_activity(activity).await.expect("created").arn;
    let (waits, works) = (machine(&engine, "waits", WAIT).await, machine(&engine, "works", WORK).await);
    let waiting = engine.start_execution(execution(&waits, "e")).await.expect("starts").execution_arn;
    let given = engine.start_execution(execution(&works, "given")).await.expect("starts").execution_arn;
    let task = engine.get_activity_task(activity.clone(), None, Duration::from_secs(10)).await;
    let task = task.expect("polls").expect("a task");
    let offered = engine.start_execution(execution(&works, "offered")).await.expect("starts").execution_arn;
    engine.stop().await;
    drop(engine);

    let engine = start(Some(folder.0.clone()));
    let output = Document::from_value(json::value!("late but there"));
    engine.send_task_success(&task.token, output.clone()).await.expect("the token survived");
    assert_eq!(ended(&engine, &given).await.output, Some(output.clone()));
    let task = engine.get_activity_task(activity, None, Duration::from_secs(10)).await;
    let task = task.expect("polls").expect("the offer survived");
    engine.send_task_success(&task.token, output).await.expect("accepted");
    assert_eq!(ended(&engine, &offered).await.status, Status::Succeeded);

    let view = ended(&engine, &waiting).await;
    let waited = view.stopped_at.expect("ended").0 - view.start.started_at.0;
    assert!((1_000..10_000).contains(&waited), "waited {waited} ms");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_a_machine_stops_its_executions() {
    let engine = start(None);
    let arn = machine(&engine, "m", LONG_WAIT).await;
    let started = engine.start_execution(execution(&arn, "e")).await.expect("starts");
    engine.delete_state_machine(arn.clone()).await.expect("deleted");
    engine.delete_state_machine(arn.clone()).await.expect("deleting again is no error");
    assert_eq!(view(&engine, &started.execution_arn).status, Status::Aborted);
    let refused = engine.start_execution(execution(&arn, "f")).await.map(|_| ());
    assert_eq!(refused, Err(Refusal::StateMachineDoesNotExist { arn }));
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_with_many_executions_is_deleting_until_all_are_stopped_also_across_a_restart() {
    let folder = Folder::new("deleting");
    let engine = start(Some(folder.0.clone()));
    let arn = machine(&engine, "m", LONG_WAIT).await;
    let mut executions = Vec::new();
    for n in 0..700 {
        let started = engine.start_execution(execution(&arn, &format!("e{n}"))).await.expect("starts");
        executions.push(started.execution_arn);
    }
    engine.delete_state_machine(arn.clone()).await.expect("deleted");
    let refused = engine.start_execution(execution(&arn, "f")).await.map(|_| ());
    assert!(matches!(
        refused,
        Err(Refusal::StateMachineDeleting { .. } | Refusal::StateMachineDoesNotExist { .. })
    ));
    engine.stop().await;
    drop(engine);

    let engine = start(Some(folder.0.clone()));
    for arn in &executions {
        assert_eq!(ended(&engine, arn).await.status, Status::Aborted);
    }
    for _ in 0..1_000 {
        if engine.store().machine(&arn).is_none() {
            return engine.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the machine is still there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_executions_wait_outside_of_memory_and_each_goes_on() {
    let engine = start(None);
    let activity = CreateActivity { name: "work".into(), encryption: Value::Null, tags: vec![] };
    let activity = engine.create_activity(activity).await.expect("created").arn;
    let (waits, works) = (machine(&engine, "waits", WAIT).await, machine(&engine, "works", WORK).await);
    let mut executions = Vec::new();
    for n in 0..40 {
        for machine in [&waits, &works] {
            let started = engine.start_execution(execution(machine, &format!("e{n}"))).await.expect("starts");
            executions.push(started.execution_arn);
        }
    }
    let again = engine.start_execution(execution(&works, "e0")).await.expect("the same one");
    assert_eq!(again.execution_arn, executions[1]);
    for _ in 0..40 {
        let task = engine.get_activity_task(activity.clone(), None, Duration::from_secs(10)).await;
        let task = task.expect("polls").expect("a task");
        assert_eq!(task.input.text(), r#"{"n":1}"#);
        engine.send_task_success(&task.token, task.input).await.expect("accepted");
    }
    for arn in &executions {
        assert_eq!(ended(&engine, arn).await.status, Status::Succeeded);
    }
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ring_of_states_does_not_hold_up_others() {
    let ring = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},
        "B":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericEquals":2,"Next":"C"}],"Default":"A"},
        "C":{"Type":"Succeed"}}}"#;
    let engine = start(None);
    let ring = machine(&engine, "ring", ring).await;
    let quick = machine(&engine, "quick", PASS).await;
    let started = engine.start_execution(execution(&ring, "e")).await.expect("starts").execution_arn;
    engine.start_execution(execution(&quick, "e")).await.expect("starts");
    let failure = ended(&engine, &started).await.failure.expect("it failed");
    assert_eq!(
        failure.cause.as_deref(),
        Some("The execution reached the maximum number of history events (25000).")
    );
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_watches_hears_what_becomes_of_executions() {
    let engine = start(None);
    let machine = machine(&engine, "m", LONG_WAIT).await;
    let mut watcher = engine.watch();
    let arn = engine.start_execution(execution(&machine, "e")).await.expect("it starts").execution_arn;
    let failure = Failure { error: None, cause: None };
    engine.stop_execution(arn.clone(), failure).await.expect("it stops");
    let mut heard = Vec::new();
    while heard.last() != Some(&Happening::Ended(Status::Aborted)) {
        match watcher.next().await {
            Some(Heard::News(news)) if news.start.arn == arn => heard.push(news.what),
            other => panic!("{other:?}"),
        }
        // Readers see it already.
        assert!(engine.store().execution(&arn).expect("readable").is_some());
    }
    assert_eq!(heard, [Happening::Started, Happening::Moved, Happening::Ended(Status::Aborted)]);
    engine.stop().await;
}
