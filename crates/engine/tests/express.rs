//! EXPRESS executions over a real store: synchronous, asynchronous, in batches, and after a restart.

use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use aws_names::Scope;
use connectors::Connectors;
use engine::request::{
    BatchItem, CreateStateMachine, StartExecution, StartExecutionBatch, UpdateStateMachine,
};
use engine::{Engine, ExpressSettings, Refusal, Settings, UnknownCalls};
use execution::{Close, Status};
use json::{Document, Text, Value};
use store::MachineType;

const PASS: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Succeed"}}}"#;
const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","SecondsPath":"$.n","End":true}}}"#;

struct World {
    engine: Engine,
}

impl World {
    fn start(data_dir: Option<PathBuf>) -> World {
        World::start_with(data_dir, ExpressSettings::default())
    }

    fn start_with(data_dir: Option<PathBuf>, express: ExpressSettings) -> World {
        let store = store::Settings { data_dir, ..Default::default() };
        let settings = Settings {
            scope: Scope::default(),
            unknown_calls: UnknownCalls::Fail,
            store,
            express,
            logs: None,
            mocks: Default::default(),
        };
        World { engine: Engine::start(settings, Connectors::new(Default::default())).expect("it opens") }
    }

    async fn machine(&self, name: &str, machine_type: MachineType, definition: &str) -> Text {
        let request = CreateStateMachine {
            name: name.into(),
            definition: definition.to_owned(),
            role_arn: "arn:aws:iam::123456789012:role/r".into(),
            machine_type,
            logging: Value::Null,
            tracing: Value::Null,
            encryption: Value::Null,
            tags: vec![],
            publish: None,
        };
        self.engine.create_state_machine(request).await.expect("a good definition").arn
    }

    async fn express(&self, definition: &str) -> Text {
        self.machine("m", MachineType::Express, definition).await
    }

    async fn sync(&self, arn: &Text, input: Value) -> Result<Close, Refusal> {
        self.engine.start_sync_execution(start(arn, input)).await.map(|ended| ended.close)
    }

    /// Waits until so many have succeeded since the engine was started.
    async fn succeeded(&self, count: u64) {
        let express = &self.engine.statistics().express;
        for _ in 0..2_000 {
            if express.succeeded.load(Relaxed) >= count {
                assert_eq!(express.succeeded.load(Relaxed), count);
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{:?}", express);
    }

    async fn stop(self) {
        self.engine.stop().await;
    }
}

fn start(arn: &Text, input: Value) -> StartExecution {
    StartExecution {
        state_machine_arn: arn.clone(),
        name: Some("e".into()),
        input: Document::from_value(input),
        trace_header: None,
        test_case: None,
        parent: None,
    }
}

fn output(close: &Close) -> &str {
    close.output.as_ref().expect("it succeeded").text()
}

/// A folder of this test's own, gone when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("stepwell-express-{name}-{}", std::process::id()));
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
async fn a_synchronous_execution_answers_with_its_end_and_writes_nothing() {
    let world = World::start(None);
    let arn = world.express(PASS).await;
    let syncs = world.engine.store().log_syncs();
    let ended = world.engine.start_sync_execution(start(&arn, json::value!({ "a": 1 }))).await.expect("runs");
    assert_eq!((ended.close.status, output(&ended.close)), (Status::Succeeded, r#"{"a":1}"#));
    let arn_start = "arn:aws:states:us-east-1:123456789012:express:m:e:";
    assert_eq!(ended.start.arn.strip_prefix(arn_start).map(str::len), Some(36), "{}", ended.start.arn);
    assert_eq!(ended.start.state_machine_arn, arn);
    assert_eq!(world.engine.store().log_syncs(), syncs);
    let unnamed = StartExecution { name: None, ..start(&arn, Value::Null) };
    let unnamed = world.engine.start_sync_execution(unnamed).await.expect("runs");
    assert_eq!(unnamed.start.name.len(), 36);
    assert_eq!(world.engine.statistics().express.under_way.load(Relaxed), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_timers_and_branches_are_driven_to_the_end() {
    let world = World::start(None);
    // A function that cannot be called, tried twice; beside it a wait; and a ring of many turns.
    let arn = world
        .express(
            r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
                {"StartAt":"T","States":{"T":{"Type":"Task","End":true,
                    "Resource":"arn:aws:lambda:us-east-1:123456789012:function:nowhere",
                    "TimeoutSeconds":60,
                    "Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"MaxAttempts":1}],
                    "Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}]},
                  "C":{"Type":"Pass","Result":"caught","End":true}}},
                {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"D"},
                  "D":{"Type":"Pass","Result":"waited","End":true}}},
                {"StartAt":"N","States":{
                  "N":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, 1)"},"Next":"Enough"},
                  "Enough":{"Type":"Choice","Default":"N",
                    "Choices":[{"Variable":"$.n","NumericGreaterThan":8000,"Next":"Done"}]},
                  "Done":{"Type":"Succeed","OutputPath":"$.n"}}}]}}}"#,
        )
        .await;
    let close = world.sync(&arn, json::value!({ "n": 0 })).await.expect("runs");
    assert_eq!(close.status, Status::Failed, "States.Runtime cannot be caught");
    let text = close.failure.and_then(|failure| failure.cause).expect("a cause");
    assert!(text.contains("The function nowhere cannot be called"), "{text}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waits_and_long_turns_end_in_order() {
    let world = World::start(None);
    let arn = world
        .express(
            r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
                {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"D"},
                  "D":{"Type":"Pass","Result":"waited","End":true}}},
                {"StartAt":"N","States":{
                  "N":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, 1)"},"Next":"Enough"},
                  "Enough":{"Type":"Choice","Default":"N",
                    "Choices":[{"Variable":"$.n","NumericGreaterThan":8000,"Next":"Done"}]},
                  "Done":{"Type":"Succeed","OutputPath":"$.n"}}}]}}}"#,
        )
        .await;
    let ended = world.engine.start_sync_execution(start(&arn, json::value!({ "n": 0 }))).await.expect("runs");
    // The second branch alone makes more events than a history would hold.
    assert_eq!(output(&ended.close), r#"["waited",8001]"#);
    let took = ended.close.at.0 - ended.start.started_at.0;
    assert!((1_000..20_000).contains(&took), "it took {took} ms");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_s_timeout_ends_an_execution() {
    let world = World::start(None);
    let arn = world
        .express(
            r#"{"StartAt":"W","TimeoutSeconds":1,"States":{"W":{"Type":"Wait","Seconds":200,"End":true}}}"#,
        )
        .await;
    let close = world.sync(&arn, Value::Null).await.expect("runs");
    assert_eq!((close.status, close.output, close.failure), (Status::TimedOut, None, None));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_type_has_its_own_starts() {
    let world = World::start(None);
    let standard = world.machine("s", MachineType::Standard, PASS).await;
    let refused = world.sync(&standard, Value::Null).await.expect_err("refused");
    assert_eq!(
        (refused.code(), refused.to_string().as_str()),
        ("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
    );
    let none: Text = "arn:aws:states:us-east-1:123456789012:stateMachine:none".into();
    let unknown = Refusal::StateMachineDoesNotExist { arn: none.clone() };
    assert_eq!(world.sync(&none, Value::Null).await, Err(unknown.clone()));
    assert_eq!(world.engine.start_execution(start(&none, Value::Null)).await.map(|_| ()), Err(unknown));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_about_a_machine_counts_for_the_next_start() {
    let world = World::start(None);
    let arn = world.express(PASS).await;
    let result =
        |n: u32| format!(r#"{{"StartAt":"A","States":{{"A":{{"Type":"Pass","Result":{n},"End":true}}}}}}"#);
    for n in 0..20 {
        let definition = Some(result(n));
        let request = UpdateStateMachine { state_machine_arn: arn.clone(), definition, ..Default::default() };
        world.engine.update_state_machine(request).await.expect("updated");
        let close = world.sync(&arn, Value::Null).await.expect("runs");
        assert_eq!(output(&close), n.to_string());
    }
    world.engine.delete_state_machine(arn.clone()).await.expect("deleted");
    let gone = Refusal::StateMachineDoesNotExist { arn: arn.clone() };
    assert_eq!(world.sync(&arn, Value::Null).await, Err(gone));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_a_bound_and_whoever_hangs_up_makes_room() {
    let world = World::start_with(None, ExpressSettings { executions_max: 2 });
    let arn = world.express(WAIT).await;
    let forever = || world.sync(&arn, json::value!({ "n": 299 }));
    {
        let (mut one, mut two) = (Box::pin(forever()), Box::pin(forever()));
        assert!(is_pending(&mut one).await && is_pending(&mut two).await);
        let refused = forever().await.expect_err("too many");
        assert_eq!(refused.code(), "ServiceUnavailable");
        assert!(refused.to_string().starts_with("2 EXPRESS executions are under way"), "{refused}");
        let refused = world.engine.start_execution(start(&arn, json::value!({ "n": 0 }))).await;
        assert_eq!(refused.expect_err("too many").code(), "ServiceUnavailable");
    }
    assert_eq!(world.engine.statistics().express.under_way.load(Relaxed), 0);
    assert_eq!(world.sync(&arn, json::value!({ "n": 0 })).await.expect("room").status, Status::Succeeded);
    world.stop().await;
}

/// Polls a future once: whether it is not ready yet.
async fn is_pending<T>(future: &mut (impl Future<Output = T> + Unpin)) -> bool {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asynchronous_starts_repeat_names_and_run_once_each() {
    let folder = Folder::new("async");
    let world = World::start(Some(folder.0.clone()));
    let arn = world.express(PASS).await;
    let mut arns = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let started = world.engine.start_execution(start(&arn, Value::Null)).await.expect("starts");
        arns.insert(started.execution_arn);
    }
    assert_eq!(arns.len(), 50);
    world.succeeded(50).await;
    assert_eq!(world.engine.statistics().express.started.load(Relaxed), 50);
    world.stop().await;

    // What has ended does not run again.
    let world = World::start(Some(folder.0.clone()));
    assert_eq!(world.engine.statistics().express.under_way.load(Relaxed), 0);
    world.sync(&arn, Value::Null).await.expect("the machine is there");
    world.succeeded(1).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_waiting_when_the_engine_stopped_runs_again() {
    let folder = Folder::new("again");
    let world = World::start(Some(folder.0.clone()));
    let arn = world.express(WAIT).await;
    for n in [1, 1, 250] {
        world.engine.start_execution(start(&arn, json::value!({ "n": n }))).await.expect("starts");
    }
    // It is replaced and even removed meanwhile; an execution keeps what it began with.
    let definition = Some(PASS.to_owned());
    let request = UpdateStateMachine { state_machine_arn: arn.clone(), definition, ..Default::default() };
    world.engine.update_state_machine(request).await.expect("updated");
    world.engine.delete_state_machine(arn.clone()).await.expect("deleted");
    world.stop().await;

    let world = World::start(Some(folder.0.clone()));
    world.succeeded(2).await;
    assert_eq!(world.engine.statistics().express.under_way.load(Relaxed), 1, "the long one");
    world.stop().await;

    let world = World::start(Some(folder.0.clone()));
    assert_eq!(world.engine.statistics().express.under_way.load(Relaxed), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_answered_in_order_by_the_rules_of_single_starts() {
    let folder = Folder::new("batch");
    let world = World::start(Some(folder.0.clone()));
    let item = |name: Option<&str>, input: i64| BatchItem {
        name: name.map(Into::into),
        input: Document::from_value(Value::from(input)),
        trace_header: None,
    };
    let standard = world.machine("s", MachineType::Standard, PASS).await;
    let executions = vec![item(Some("a"), 1), item(None, 2), item(Some("a"), 3), item(Some("b"), 4)];
    let batch = StartExecutionBatch { state_machine_arn: standard, executions: executions.clone() };
    let syncs = world.engine.store().log_syncs();
    let results = world.engine.start_execution_batch(batch).await.expect("answered");
    assert_eq!(world.engine.store().log_syncs(), syncs + 1);
    let prefix = "arn:aws:states:us-east-1:123456789012:execution:s:";
    let taken = Refusal::ExecutionAlreadyExists { arn: format!("{prefix}a").into() };
    assert_eq!(results.len(), 4);
    assert_eq!(results[2].as_ref().map(|_| ()), Err(&taken));
    for result in [&results[0], &results[1], &results[3]] {
        let arn = &result.as_ref().expect("started").execution_arn;
        let view = world.engine.store().execution(arn).expect("readable").expect("it is durable");
        assert_eq!(view.status, Status::Succeeded);
    }

    let express = world.express(PASS).await;
    let many = executions.into_iter().cycle().take(1_000).collect();
    let batch = StartExecutionBatch { state_machine_arn: express, executions: many };
    let results = world.engine.start_execution_batch(batch).await.expect("answered");
    assert!(results.iter().all(Result::is_ok) && results.len() == 1_000);
    world.succeeded(1_000).await;

    let none: Text = "arn:aws:states:us-east-1:123456789012:stateMachine:none".into();
    let batch = StartExecutionBatch { state_machine_arn: none.clone(), executions: vec![item(None, 1)] };
    let refused = world.engine.start_execution_batch(batch).await.map(|_| ());
    assert_eq!(refused, Err(Refusal::StateMachineDoesNotExist { arn: none }));
    world.stop().await;
}
