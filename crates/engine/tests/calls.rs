//! Calls to targets that are slow: others are not held up, and every call gets its turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use asl::Failure;
use connectors::Connectors;
use engine::request::{CreateStateMachine, StartExecution, TestState};
use engine::{Engine, ExpressSettings, Refusal, Settings};
use execution::Status;
use execution::test_state::{TestStatus, Tested};
use json::{Document, Object, Text, Value};
use store::MachineType;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// More than one target may have under way.
const MANY: usize = 1_300;

/// The Invoke API, of which `slow` answers once for each permit and `quick` at once.
struct Lambda {
    port: u16,
    permits: Arc<Semaphore>,
    /// How many calls of `slow` have arrived, and how many are without an answer now.
    arrived: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
}

impl Lambda {
    async fn start() -> Lambda {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let lambda = Lambda {
            port,
            permits: Arc::new(Semaphore::new(0)),
            arrived: Arc::default(),
            under_way: Arc::default(),
        };
        let (permits, arrived, under_way) =
            (lambda.permits.clone(), lambda.arrived.clone(), lambda.under_way.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, permits.clone(), arrived.clone(), under_way.clone()));
            }
        });
        lambda
    }
}

async fn answer(
    mut stream: TcpStream,
    permits: Arc<Semaphore>,
    arrived: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
) {
    let mut bytes = vec![0; 4_096];
    loop {
        let mut have = 0;
        let head = loop {
            match stream.read(&mut bytes[have..]).await {
                Ok(0) | Err(_) => return,
                Ok(read) => have += read,
            }
            // The body of these calls is `{}`.
            if bytes[..have].ends_with(b"\r\n\r\n{}") {
                break String::from_utf8_lossy(&bytes[..have]).into_owned();
            }
        };
        if head.contains("slow/invocations") {
            arrived.fetch_add(1, SeqCst);
            under_way.fetch_add(1, SeqCst);
            permits.acquire().await.expect("never closed").forget();
            under_way.fetch_sub(1, SeqCst);
        }
        if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue").await.is_err() {
            return;
        }
    }
}

fn start(lambda: &Lambda) -> Engine {
    let store = store::Settings { open_max: 100, ..Default::default() };
    let settings = Settings { store, ..Default::default() };
    let endpoints = [("lambda".to_owned(), format!("http://127.0.0.1:{}", lambda.port))];
    let aws = connectors::AwsSettings { endpoints: endpoints.into(), ..Default::default() };
    let connectors = connectors::Settings { aws, ..Default::default() };
    Engine::start(settings, Connectors::new(connectors)).expect("the store opens")
}

async fn machine(engine: &Engine, function: &str) -> Text {
    let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{function}");
    let definition =
        json::value!({"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": arn, "End": true}}});
    let request = CreateStateMachine {
        name: function.into(),
        definition: definition.to_text(),
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

async fn execute(engine: &Engine, machine: &Text) -> Text {
    let request = StartExecution {
        state_machine_arn: machine.clone(),
        name: None,
        input: Document::from_value(json::value!({})),
        trace_header: None,
        test_case: None,
        parent: None,
    };
    engine.start_execution(request).await.expect("starts").execution_arn
}

fn status(engine: &Engine, arn: &Text) -> Status {
    engine.store().execution(arn).expect("readable").expect("it is there").status
}

async fn wait_until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: waited too long");
}

/// A request to test a state with an empty object.
fn testing(state: &Value) -> TestState {
    let alone = asl::compile_state(&state.to_text(), None).expect("a good definition");
    TestState {
        machine: Arc::new(alone.machine),
        state: asl::Alone::STATE,
        is_in_map: false,
        role_arn: None,
        input: Document::from_value(json::value!({})),
        variables: Default::default(),
        context: Object::new(),
        mock: None,
        retries: 0,
        iteration_failures: 0,
        item_reader_data: None,
    }
}

/// Tests a state that calls this function.
async fn test_call(engine: &Engine, function: &str) -> Tested {
    let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{function}");
    let state = json::value!({ "Type": "Task", "Resource": arn, "TimeoutSeconds": 1, "End": true });
    engine.test_state(testing(&state)).await.expect("it is tested")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_under_test_makes_its_call_and_waits_no_longer_than_it_may() {
    let lambda = Lambda::start().await;
    let engine = start(&lambda);
    let tested = test_call(&engine, "quick").await;
    assert_eq!(
        (tested.status, tested.output.as_ref().map(Document::text)),
        (TestStatus::Succeeded, Some("true"))
    );
    let tested = test_call(&engine, "slow").await;
    assert_eq!((tested.status, tested.failure), (TestStatus::Failed, Some(Failure::named("States.Timeout"))));
    assert_eq!(lambda.arrived.load(SeqCst), 1);
    engine.stop().await;
}

#[tokio::test]
async fn tests_of_states_have_a_bound() {
    let express = ExpressSettings { executions_max: 0 };
    let engine =
        Engine::start(Settings { express, ..Settings::default() }, Connectors::new(Default::default()));
    let engine = engine.expect("the store opens");
    let refusal =
        engine.test_state(testing(&json::value!({ "Type": "Succeed" }))).await.expect_err("it is refused");
    assert!(matches!(refusal, Refusal::ServiceUnavailable { .. }), "{refusal}");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_target_holds_up_nobody_else_and_answers_all_in_the_end() {
    let lambda = Lambda::start().await;
    let engine = start(&lambda);
    let (slow, quick) = (machine(&engine, "slow").await, machine(&engine, "quick").await);
    let mut executions = Vec::new();
    for _ in 0..MANY {
        executions.push(execute(&engine, &slow).await);
    }
    wait_until("calls arrive", || lambda.under_way.load(SeqCst) == 1_000).await;
    let other = execute(&engine, &quick).await;
    wait_until("the other machine goes on", || status(&engine, &other) == Status::Succeeded).await;
    assert_eq!(lambda.arrived.load(SeqCst), 1_000, "the others stand in line");

    // Those in the line that are stopped are never called, and one that is stopped while it is
    // called gives its place away.
    let stop = Failure { error: None, cause: None };
    for arn in &executions[1_200..] {
        engine.stop_execution(arn.clone(), stop.clone()).await.expect("stops");
    }
    engine.stop_execution(executions[0].clone(), stop).await.expect("stops");
    wait_until("the next one has its turn", || lambda.arrived.load(SeqCst) == 1_001).await;

    lambda.permits.add_permits(2 * MANY);
    for arn in &executions[1..1_200] {
        wait_until("all end", || status(&engine, arn) == Status::Succeeded).await;
    }
    assert_eq!(lambda.arrived.load(SeqCst), 1_200);
    engine.stop().await;
}
