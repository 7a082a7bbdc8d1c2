//! Executions in a test case: what they count survives leaving memory and a new start, and a changed mock
//! file counts at once.

use std::path::PathBuf;
use std::time::Duration;

use connectors::Connectors;
use engine::request::{CreateActivity, CreateStateMachine, StartExecution};
use engine::{Engine, PresentMocks, Refusal, Settings};
use execution::{Mocks, Status};
use json::{Document, Text, Value};
use store::{ExecutionView, MachineType};

const WORK: &str = "arn:aws:states:us-east-1:123456789012:activity:work";

/// `Ask` is mocked, and a real worker says after each time whether it is asked again.
const MACHINE: &str = r#"{"StartAt":"Ask","States":{
    "Ask":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:nowhere",
        "ResultPath":"$.answer","Next":"Work"},
    "Work":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:work",
        "ResultPath":"$.again","Next":"Again"},
    "Again":{"Type":"Choice","Default":"Done","Choices":[{"Variable":"$.again","BooleanEquals":true,"Next":"Ask"}]},
    "Done":{"Type":"Pass","OutputPath":"$.answer","End":true}}}"#;

const EXPRESS: &str = r#"{"StartAt":"Ask","States":{
    "Ask":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:nowhere","End":true}}}"#;

fn mocks(answers: &str) -> Mocks {
    let file = format!(
        r#"{{"StateMachines":{{"m":{{"TestCases":{{"Happy":{{"Ask":"Answers"}},"AllReal":{{}}}}}}}},
            "MockedResponses":{{"Answers":{answers}}}}}"#
    );
    Mocks::parse(&file).expect("a good file")
}

fn start(data_dir: Option<PathBuf>, answers: &str) -> Engine {
    let present = PresentMocks::default();
    present.replace(mocks(answers));
    // So few that executions leave memory and are read back.
    let store = store::Settings { data_dir, open_max: 1, ..Default::default() };
    let settings = Settings { store, mocks: present, ..Settings::default() };
    Engine::start(settings, Connectors::new(Default::default())).expect("the store opens")
}

async fn machine(engine: &Engine, machine_type: MachineType, definition: &str) -> Text {
    let request = CreateStateMachine {
        name: "m".into(),
        definition: definition.to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        machine_type,
        logging: Value::Null,
        tracing: Value::Null,
        encryption: Value::Null,
        tags: vec![],
        publish: None,
    };
    let work = CreateActivity { name: "work".into(), encryption: Value::Null, tags: vec![] };
    engine.create_activity(work).await.expect("an activity");
    engine.create_state_machine(request).await.expect("a good definition").arn
}

fn request(machine_arn: &Text, name: &str, test_case: &str) -> StartExecution {
    StartExecution {
        state_machine_arn: machine_arn.clone(),
        name: Some(name.into()),
        input: Document::parse("{}").expect("JSON"),
        trace_header: None,
        parent: None,
        test_case: Some(test_case.into()),
    }
}

/// Does the work of every execution that waits for it.
async fn work(engine: &Engine, count: usize, again: bool) {
    for _ in 0..count {
        let patience = Duration::from_secs(10);
        let task = engine.get_activity_task(WORK.into(), None, patience).await.expect("an activity");
        let token = task.expect("somebody waits for the work").token;
        engine.send_task_success(&token, Document::from_value(Value::Bool(again))).await.expect("accepted");
    }
}

fn view(engine: &Engine, name: &str) -> ExecutionView {
    let arn = format!("arn:aws:states:us-east-1:123456789012:execution:m:{name}");
    engine.store().execution(&arn).expect("readable").expect("it is there")
}

fn output(engine: &Engine, name: &str) -> String {
    let view = view(engine, name);
    let cause = view.failure.and_then(|failure| failure.cause).unwrap_or_default();
    view.output.map_or(cause, |output| output.text().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invocations_count_on_out_of_memory_and_after_a_start() {
    let folder = std::env::temp_dir().join(format!("stepwell-engine-mocks-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let engine = start(Some(folder.clone()), r#"{"0":{"Return":"a"},"1":{"Return":"b"},"2":{"Return":"c"}}"#);
    let arn = machine(&engine, MachineType::Standard, MACHINE).await;
    for name in ["e1", "e2", "e3"] {
        engine.start_execution(request(&arn, name, "Happy")).await.expect("it starts");
    }
    work(&engine, 3, true).await;
    engine.stop().await;
    drop(engine);

    // The file is another one by now.
    let engine = start(Some(folder.clone()), r#"{"0-1":{"Return":"past"},"2":{"Return":"edited"}}"#);
    work(&engine, 3, true).await;
    work(&engine, 2, false).await;
    let ended = ["e1", "e2", "e3"].map(|name| output(&engine, name));
    assert_eq!(ended.iter().filter(|output| *output == r#""edited""#).count(), 2, "{ended:?}");
    // One more round than the file knows of.
    work(&engine, 1, true).await;
    let ended = ["e1", "e2", "e3"].map(|name| output(&engine, name));
    let causes: Vec<&String> = ended.iter().filter(|output| *output != r#""edited""#).collect();
    assert!(causes.len() == 1 && causes[0].contains("invocation 3 of this state"), "{ended:?}");
    engine.stop().await;
    let _ = std::fs::remove_dir_all(&folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_case_that_the_file_has_lost_ends_the_execution() {
    let engine = start(None, r#"{"0-9":{"Return":1}}"#);
    let arn = machine(&engine, MachineType::Standard, MACHINE).await;
    engine.start_execution(request(&arn, "e", "Happy")).await.expect("it starts");
    engine.mocks().replace(Mocks::default());
    work(&engine, 1, true).await;
    assert_eq!(view(&engine, "e").status, Status::Failed);
    let why = output(&engine, "e");
    assert!(
        why.contains("There is no test case 'Happy' of the state machine 'm': there are no mocks"),
        "{why}"
    );
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starts_in_unknown_test_cases_are_refused_and_a_name_belongs_to_one() {
    let engine = start(None, r#"{"0":{"Return":1}}"#);
    let arn = machine(&engine, MachineType::Standard, MACHINE).await;
    let message =
        "There is no test case 'Sad' of the state machine 'm': the mock file has 'AllReal', 'Happy'.";
    let refusal = Refusal::TestCaseDoesNotExist { message: message.to_owned() };
    assert_eq!(engine.start_execution(request(&arn, "e", "Sad")).await.map(drop), Err(refusal));

    let first = engine.start_execution(request(&arn, "e", "Happy")).await.expect("it starts");
    let again = engine.start_execution(request(&arn, "e", "Happy")).await.expect("it is the same");
    assert_eq!(again.execution_arn, first.execution_arn);
    let taken = Err(Refusal::ExecutionAlreadyExists { arn: first.execution_arn });
    assert_eq!(engine.start_execution(request(&arn, "e", "AllReal")).await.map(drop), taken);
    let untested = StartExecution { test_case: None, ..request(&arn, "e", "") };
    assert_eq!(engine.start_execution(untested).await.map(drop), taken);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn express_executions_run_in_test_cases() {
    let engine = start(None, r#"{"0":{"Return":{"n":1}}}"#);
    let arn = machine(&engine, MachineType::Express, EXPRESS).await;
    let run = |test_case| engine.start_sync_execution(request(&arn, "e", test_case));
    let ended = run("Happy").await.expect("it runs").close;
    assert_eq!(ended.output.expect("an output").text(), r#"{"n":1}"#);
    let called = run("AllReal").await.expect("it runs").close.failure.and_then(|failure| failure.cause);
    let called = called.expect("it is called, and is not there");
    assert!(called.contains("The function nowhere cannot be called"), "{called}");
    let refused = run("Sad").await.map(|ended| ended.close).expect_err("there is none");
    assert_eq!(refused.code(), "ValidationException");

    // Nobody waits for this one: the count of those that succeeded tells.
    let before = engine.statistics().express.succeeded.load(std::sync::atomic::Ordering::Relaxed);
    engine.start_execution(request(&arn, "e", "Happy")).await.expect("it starts");
    let after = engine.statistics().express.succeeded.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(after, before + 1, "a lone one whose first turn is its last has ended by then");
    let refused = engine.start_execution(request(&arn, "e", "Sad")).await.expect_err("there is none");
    assert_eq!(refused.code(), "ValidationException");
    engine.stop().await;
}
