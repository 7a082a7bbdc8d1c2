//! Versions and aliases over a real store: what they promise to whoever starts executions, and after a restart.

use std::collections::BTreeMap;
use std::path::PathBuf;

use connectors::Connectors;
use engine::request::*;
use engine::{Engine, Refusal, Settings};
use execution::Status;
use json::{Document, Text, Value};
use store::{ExecutionFilter, ExecutionView, MachineType, Route};

const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

fn result(n: u64) -> String {
    format!(r#"{{"StartAt":"A","States":{{"A":{{"Type":"Pass","Result":{n},"End":true}}}}}}"#)
}

const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1000,"End":true}}}"#;

fn open(data_dir: Option<PathBuf>) -> Engine {
    let store = store::Settings { data_dir, open_max: 2, ..Default::default() };
    let settings = Settings { store, ..Settings::default() };
    Engine::start(settings, Connectors::new(Default::default())).expect("the store opens")
}

fn described(description: &str) -> Option<Publish> {
    Some(Publish { description: Some(description.into()) })
}

fn creation(machine_type: MachineType, definition: String, publish: Option<Publish>) -> CreateStateMachine {
    CreateStateMachine {
        name: "m".into(),
        definition,
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        machine_type,
        logging: Value::Null,
        tracing: Value::Null,
        encryption: Value::Null,
        tags: vec![],
        publish,
    }
}

async fn create(engine: &Engine, machine_type: MachineType, definition: String) -> CreatedStateMachine {
    let request = creation(machine_type, definition, described("first"));
    engine.create_state_machine(request).await.expect("a good definition")
}

async fn update(engine: &Engine, definition: String, publish: Option<Publish>) -> Option<Text> {
    let definition = Some(definition);
    let request =
        UpdateStateMachine { state_machine_arn: MACHINE.into(), definition, publish, ..Default::default() };
    engine.update_state_machine(request).await.expect("a good definition").version_arn
}

fn publication(revision_id: Option<&str>) -> PublishVersion {
    let revision_id = revision_id.map(Text::from);
    PublishVersion { state_machine_arn: MACHINE.into(), revision_id, publish: Publish::default() }
}

fn alias(name: &str, routes: &[(u64, u8)]) -> CreateAlias {
    let routes = routes.iter().map(|&(version, weight)| Route { version, weight }).collect();
    CreateAlias { state_machine_arn: MACHINE.into(), name: name.into(), description: None, routes }
}

fn start(qualifier: &str, name: Option<&str>) -> StartExecution {
    StartExecution {
        state_machine_arn: format!("{MACHINE}{qualifier}").into(),
        name: name.map(Text::from),
        input: Document::from_value(json::value!({ "n": 1 })),
        trace_header: None,
        test_case: None,
        parent: None,
    }
}

async fn run(engine: &Engine, qualifier: &str) -> ExecutionView {
    let started = engine.start_execution(start(qualifier, None)).await.expect("it starts");
    engine.store().execution(&started.execution_arn).expect("readable").expect("it is there")
}

fn output(view: &ExecutionView) -> &str {
    view.output.as_ref().expect("it succeeded").text()
}

fn arn(qualifier: &str) -> Text {
    format!("{MACHINE}{qualifier}").into()
}

/// A folder of this test's own, gone when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("stepwell-versions-{name}-{}", std::process::id()));
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
async fn a_version_runs_what_it_was_published_as() {
    let engine = open(None);
    let created = create(&engine, MachineType::Standard, result(1)).await;
    assert_eq!(created.version_arn, Some(arn(":1")));
    assert_eq!(update(&engine, result(2), described("second")).await, Some(arn(":2")));
    assert_eq!(update(&engine, result(3), None).await, None);
    for (qualifier, expected) in [("", "3"), (":1", "1"), (":2", "2")] {
        let view = run(&engine, qualifier).await;
        assert_eq!((output(&view), &*view.start.state_machine_arn), (expected, MACHINE));
        let asked = (!qualifier.is_empty()).then(|| arn(qualifier));
        assert_eq!((&view.start.version_arn, &view.start.alias_arn), (&asked, &None));
    }
    for nothing in [":3", ":live"] {
        let refused = engine.start_execution(start(nothing, None)).await.expect_err("it is not there");
        assert_eq!(refused, Refusal::StateMachineDoesNotExist { arn: arn(nothing) });
    }
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revision_is_published_once() {
    let engine = open(None);
    let created = create(&engine, MachineType::Standard, result(1)).await;
    let publish = async |revision_id| engine.publish_version(publication(revision_id)).await;
    let first = Created { arn: arn(":1"), created_at: created.created_at };
    assert_eq!(publish(None).await, Ok(first.clone()));
    assert_eq!(publish(Some("INITIAL")).await, Ok(first));
    assert_eq!(update(&engine, result(1), described("again")).await, Some(arn(":1")));
    let conflict = publish(Some("another")).await.expect_err("it is not current");
    assert_eq!(
        (conflict.code(), conflict.to_string().as_str()),
        (
            "ConflictException",
            "Failed to publish the State Machine version for revision another. \
             The current State Machine revision is INITIAL."
        )
    );
    update(&engine, result(2), None).await;
    let revision = engine.store().machine(MACHINE).expect("it is there").current.revision_id.clone();
    assert_eq!(publish(Some("INITIAL")).await.map_err(|refusal| refusal.code()), Err("ConflictException"));
    assert_eq!(publish(revision.as_deref()).await.map(|created| created.arn), Ok(arn(":2")));
    // One that was deleted does not come back under its number.
    engine.delete_version(MACHINE.into(), 2).await.expect("nothing leads to it");
    engine.delete_version(MACHINE.into(), 2).await.expect("it is no error");
    assert_eq!(publish(None).await.map(|created| created.arn), Ok(arn(":3")));
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_is_created_again_with_the_same_version_only() {
    let engine = open(None);
    let ask = async |publish| {
        let request = creation(MachineType::Standard, result(1), publish);
        engine.create_state_machine(request).await.map_err(|refusal| refusal.code())
    };
    let created = ask(described("first")).await.expect("it is new");
    assert_eq!(ask(described("first")).await, Ok(created));
    assert_eq!(ask(described("other")).await, Err("StateMachineAlreadyExists"));
    assert_eq!(ask(None).await, Err("StateMachineAlreadyExists"));
    engine.delete_state_machine(MACHINE.into()).await.expect("it can be deleted");
    let created = ask(None).await.expect("it is new");
    assert_eq!(created.version_arn, None);
    assert_eq!(ask(None).await, Ok(created));
    assert_eq!(ask(described("first")).await, Err("StateMachineAlreadyExists"));
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aliases_lead_to_versions_that_are_there() {
    let engine = open(None);
    create(&engine, MachineType::Standard, result(1)).await;
    update(&engine, result(2), described("second")).await;
    let created = engine.create_alias(alias("live", &[(1, 30), (2, 70)])).await.expect("it is new");
    assert_eq!(created.arn, arn(":live"));
    assert_eq!(engine.create_alias(alias("live", &[(2, 70), (1, 30)])).await, Ok(created));
    let refusal = async |request| {
        let refused = engine.create_alias(request).await.expect_err("refused");
        format!("{}: {refused}", refused.code())
    };
    let conflict = "ConflictException: Failed to create alias because an alias with the same name and a different \
                    routing configuration already exists.";
    assert_eq!(refusal(alias("live", &[(1, 100)])).await, conflict);
    let other = CreateAlias { description: Some("d".into()), ..alias("live", &[(1, 30), (2, 70)]) };
    assert_eq!(refusal(other).await, conflict);
    let nothing = "ResourceNotFound: Request references a resource that does not exist.";
    assert_eq!(refusal(alias("next", &[(1, 50), (3, 50)])).await, nothing);
    let of_nobody = CreateAlias { state_machine_arn: "arn:nobody".into(), ..alias("next", &[(1, 100)]) };
    assert_eq!(refusal(of_nobody).await, nothing);

    engine.create_alias(alias("also", &[(1, 100)])).await.expect("it is new");
    let refused = engine.delete_version(MACHINE.into(), 1).await.expect_err("aliases lead to it");
    assert_eq!(
        format!("{}: {refused}", refused.code()),
        "ConflictException: Version to be deleted must not be referenced by an alias. \
         Current list of aliases referencing this version: [also, live]"
    );
    let change = |name: &str, routes: Option<Vec<Route>>| UpdateAlias {
        state_machine_arn: MACHINE.into(),
        name: name.into(),
        description: None,
        routes,
    };
    let second = vec![Route { version: 2, weight: 100 }];
    let updated = engine.update_alias(change("live", Some(second.clone()))).await.expect("it is there");
    assert_eq!(engine.update_alias(change("live", Some(second.clone()))).await, Ok(updated));
    let third = vec![Route { version: 3, weight: 100 }];
    for request in [change("live", Some(third)), change("nobody", Some(second))] {
        let refused = engine.update_alias(request).await.expect_err("refused");
        assert_eq!(format!("{}: {refused}", refused.code()), nothing);
    }
    engine.delete_alias(MACHINE.into(), "also".into()).await.expect("it is there");
    let refused = engine.delete_alias(MACHINE.into(), "also".into()).await.expect_err("it is gone");
    assert_eq!(format!("{}: {refused}", refused.code()), nothing);
    engine.delete_version(MACHINE.into(), 1).await.expect("nothing leads to it any more");
    assert_eq!(output(&run(&engine, ":live").await), "2");
    engine.stop().await;
}

/// The bounds are passed by chance once in a million runs of this test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alias_picks_by_weight_and_the_execution_knows_what_was_picked() {
    for machine_type in [MachineType::Standard, MachineType::Express] {
        let engine = open(None);
        create(&engine, machine_type, result(1)).await;
        update(&engine, result(2), described("second")).await;
        engine.create_alias(alias("live", &[(1, 25), (2, 75)])).await.expect("it is new");
        let mut picked = BTreeMap::<Text, usize>::new();
        for _ in 0..400 {
            let (start, output) = match machine_type {
                MachineType::Standard => {
                    let view = run(&engine, ":live").await;
                    (view.start.clone(), output(&view).to_owned())
                }
                MachineType::Express => {
                    let ended = engine.start_sync_execution(start(":live", None)).await.expect("it runs");
                    (ended.start, ended.close.output.expect("it succeeds").text().to_owned())
                }
            };
            assert_eq!(start.alias_arn, Some(arn(":live")));
            let version = start.version_arn.clone().expect("one was picked");
            assert_eq!(version, arn(&format!(":{output}")));
            *picked.entry(version).or_default() += 1;
        }
        let first = picked[&arn(":1")];
        assert!((55..=150).contains(&first), "{machine_type:?}: {picked:?}");
        engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_start_of_a_batch_picks_for_itself() {
    for machine_type in [MachineType::Standard, MachineType::Express] {
        let engine = open(None);
        create(&engine, machine_type, result(1)).await;
        update(&engine, result(2), described("second")).await;
        engine.create_alias(alias("live", &[(1, 50), (2, 50)])).await.expect("it is new");
        let item = || BatchItem { name: None, input: Document::from_valid_text("{}"), trace_header: None };
        let batch = StartExecutionBatch {
            state_machine_arn: arn(":live"),
            executions: std::iter::repeat_with(item).take(64).collect(),
        };
        let started = engine.start_execution_batch(batch).await.expect("it starts");
        assert!(started.len() == 64 && started.iter().all(Result::is_ok), "{machine_type:?}: {started:?}");
        if machine_type == MachineType::Standard {
            let listed = |qualifier: &str| {
                let machine_arn = arn(qualifier);
                let filter = ExecutionFilter { machine_arn, limit: 100, ..Default::default() };
                engine.store().executions(&filter).expect("readable").executions.len()
            };
            let (first, second) = (listed(":1"), listed(":2"));
            assert!(first > 0 && second > 0 && first + second == 64, "{first} {second}");
            assert_eq!(listed(":live"), 64);
        }
        engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_start_through_an_alias_is_one_execution() {
    let engine = open(None);
    create(&engine, MachineType::Standard, WAIT.to_owned()).await;
    update(&engine, WAIT.replace("1000", "1001"), described("second")).await;
    engine.create_alias(alias("live", &[(1, 50), (2, 50)])).await.expect("it is new");
    let first = engine.start_execution(start(":live", Some("e"))).await.expect("it starts");
    for _ in 0..20 {
        let again = engine.start_execution(start(":live", Some("e"))).await.expect("it is the same one");
        assert_eq!((again.execution_arn, again.started_at), (first.execution_arn.clone(), first.started_at));
    }
    let other = StartExecution { input: Document::from_valid_text("[]"), ..start(":live", Some("e")) };
    let refused = engine.start_execution(other).await.expect_err("it has another input");
    assert_eq!(refused, Refusal::ExecutionAlreadyExists { arn: first.execution_arn });
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_execution_outlives_its_version_and_a_restart() {
    let folder = Folder::new("outlives");
    let engine = open(Some(folder.0.clone()));
    create(&engine, MachineType::Standard, WAIT.to_owned()).await;
    update(&engine, result(2), described("second")).await;
    let begun = engine.start_execution(start(":1", Some("e"))).await.expect("it starts");
    engine.create_alias(alias("live", &[(2, 100)])).await.expect("it is new");
    engine.delete_version(MACHINE.into(), 1).await.expect("nothing leads to it");
    let refused = engine.start_execution(start(":1", None)).await.expect_err("it is gone");
    assert_eq!(refused, Refusal::StateMachineDoesNotExist { arn: arn(":1") });
    engine.stop().await;
    drop(engine);

    let engine = open(Some(folder.0.clone()));
    let view = engine.store().execution(&begun.execution_arn).expect("readable").expect("it is there");
    assert_eq!((view.status, view.start.version_arn.clone()), (Status::Running, Some(arn(":1"))));
    let revision = engine.store().revision(view.start.revision).expect("it is needed");
    assert_eq!(&*revision.definition, WAIT);
    assert_eq!(output(&run(&engine, ":live").await), "2");
    // What it waits for is known as well: it can be stopped, and what nobody needs is forgotten.
    let failure = asl::Failure { error: None, cause: None };
    engine.stop_execution(begun.execution_arn.clone(), failure).await.expect("it is running");
    update(&engine, result(3), described("third")).await;
    assert!(engine.store().named(&arn(":3")).is_some(), "numbers go on");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_and_aliases_have_a_limit() {
    let engine = open(None);
    create(&engine, MachineType::Standard, result(0)).await;
    let change = |n: u64, publish| {
        let role_arn = Some(format!("arn:aws:iam::123456789012:role/r{n}").into());
        let request =
            UpdateStateMachine { state_machine_arn: MACHINE.into(), role_arn, publish, ..Default::default() };
        engine.update_state_machine(request)
    };
    for n in 2..=1_000 {
        change(n, described("one more")).await.expect("there is room");
    }
    let refused = change(1_001, described("too many")).await.expect_err("there are a thousand");
    assert_eq!(refused.code(), "ServiceQuotaExceededException");
    let role = engine.store().machine(MACHINE).expect("it is there").current.role_arn.clone();
    assert!(role.ends_with("r1000"), "nothing was changed");
    assert_eq!(
        change(1_000, described("the same")).await.expect("it is one").version_arn,
        Some(arn(":1000"))
    );
    change(1_001, None).await.expect("it is no version");
    let refused = engine.publish_version(publication(None)).await.expect_err("there are a thousand");
    assert_eq!(refused.code(), "ServiceQuotaExceededException");
    engine.delete_version(MACHINE.into(), 7).await.expect("nothing leads to it");
    assert_eq!(engine.publish_version(publication(None)).await.map(|created| created.arn), Ok(arn(":1001")));

    for n in 0..100 {
        engine.create_alias(alias(&format!("a{n}"), &[(1, 100)])).await.expect("there is room");
    }
    let refused = engine.create_alias(alias("a100", &[(1, 100)])).await.expect_err("there are a hundred");
    assert_eq!(refused.code(), "ServiceQuotaExceededException");
    engine.stop().await;
}
