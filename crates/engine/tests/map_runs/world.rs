//! A real engine over a folder, and what a crash leaves of it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use connectors::{AwsSettings, Connectors};
use engine::request::{CreateActivity, CreateStateMachine, RedriveExecution, StartExecution};
use engine::{Engine, Settings};
use execution::EventKind;
use execution::map_run::Counts;
use json::{Document, Text, Value};
use store::{ExecutionFilter, ExecutionRow, ExecutionView, MachineType, MapRunView};

pub const ACTIVITY: &str = "arn:aws:states:us-east-1:123456789012:activity:work";
/// What takes this long hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A folder that goes with the value.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("stepwell-map-runs-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(path.join("data")).expect("a folder");
        std::fs::create_dir_all(path.join("s3/bucket")).expect("a folder");
        Folder(path)
    }

    /// What a crash at this moment leaves. Buckets are somewhere else, and stay.
    pub fn crashed(&self, name: &str) -> Folder {
        let copy = Folder::new(name);
        for file in std::fs::read_dir(self.0.join("data")).expect("a folder") {
            let file = file.expect("a file");
            let copied = std::fs::copy(file.path(), copy.0.join("data").join(file.file_name()));
            // A file that is being written goes when it is complete.
            assert!(copied.is_ok() || !file.path().exists(), "{copied:?}");
        }
        for file in std::fs::read_dir(self.0.join("s3/bucket")).expect("a folder") {
            let file = file.expect("a file");
            // The same file: its ETag is the same.
            let link = copy.0.join("s3/bucket").join(file.file_name());
            if file.path().is_file() {
                std::fs::hard_link(file.path(), link).expect("a link");
            }
        }
        copy
    }

    /// How many bytes of the log are written. It is one segment in all tests here.
    pub fn written(&self) -> usize {
        let log = std::fs::read(self.log()).expect("a log");
        log.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
    }

    /// What a crash leaves after which only so many bytes of the log are on disk.
    pub fn cut(&self, name: &str, bytes: usize) -> Folder {
        let copy = self.crashed(name);
        let mut log = std::fs::read(copy.log()).expect("a log");
        log[bytes..].fill(0);
        std::fs::write(copy.log(), log).expect("it is written");
        copy
    }

    fn log(&self) -> PathBuf {
        self.0.join("data/segment-00000001.log")
    }

    pub fn object(&self, key: &str) -> PathBuf {
        self.0.join("s3/bucket").join(key)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub struct World {
    pub engine: Engine,
}

impl World {
    pub fn open(folder: &Path) -> World {
        World::with(folder, store::Settings::default())
    }

    /// With a frame for each thing that a crash may part from the next, in a small log.
    pub fn parted(folder: &Path) -> World {
        World::with(folder, store::Settings { frame_bytes: 1, segment_bytes: 1 << 17, ..Default::default() })
    }

    /// One that keeps what has ended for so long.
    pub fn with_retention(folder: &Path, retention: Duration) -> World {
        World::with(folder, store::Settings { retention, ..Default::default() })
    }

    /// One whose buckets are there.
    pub fn with_s3_at(folder: &Path, address: SocketAddr) -> World {
        let endpoint = ("s3".to_owned(), format!("http://{address}"));
        let aws = AwsSettings { endpoints: [endpoint].into_iter().collect(), ..Default::default() };
        let connectors = connectors::Settings { aws, ..Default::default() };
        World::connected(folder, store::Settings::default(), connectors)
    }

    fn with(folder: &Path, settings: store::Settings) -> World {
        let connectors = connectors::Settings { s3_root: Some(folder.join("s3")), ..Default::default() };
        World::connected(folder, settings, connectors)
    }

    fn connected(folder: &Path, settings: store::Settings, connectors: connectors::Settings) -> World {
        let store = store::Settings { data_dir: Some(folder.join("data")), ..settings };
        let engine = Engine::start(Settings { store, ..Settings::default() }, Connectors::new(connectors));
        World { engine: engine.expect("it opens") }
    }

    /// An execution of another machine, of one Pass state.
    pub async fn pass(&self) -> Text {
        let machine = CreateStateMachine {
            name: "p".into(),
            definition: r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#.to_owned(),
            role_arn: "arn:aws:iam::123456789012:role/r".into(),
            machine_type: MachineType::Standard,
            logging: Value::Null,
            tracing: Value::Null,
            encryption: Value::Null,
            tags: vec![],
            publish: None,
        };
        let machine = self.engine.create_state_machine(machine).await.expect("a good definition");
        let request = StartExecution {
            state_machine_arn: machine.arn,
            name: None,
            input: Document::from_valid_text("{}"),
            trace_header: None,
            parent: None,
            test_case: None,
        };
        self.engine.start_execution(request).await.expect("it starts").execution_arn
    }

    /// A machine `m` with one Map state whose processor and members these are.
    pub async fn machine(&self, kind: &str, states: &str, members: &str) {
        let config = format!(r#"{{"Mode":"DISTRIBUTED","ExecutionType":"{kind}"}}"#);
        let definition = format!(
            r#"{{"StartAt":"M","States":{{"M":{{"Type":"Map","Label":"L","End":true,{members}
                "ItemProcessor":{{"ProcessorConfig":{config},"StartAt":"I","States":{{{states}}}}}}}}}}}"#
        );
        self.machine_of(definition).await;
    }

    /// A machine `m`.
    pub async fn machine_of(&self, definition: String) {
        let request = CreateActivity { name: "work".into(), encryption: Value::Null, tags: vec![] };
        self.engine.create_activity(request).await.expect("it is created");
        let request = CreateStateMachine {
            name: "m".into(),
            definition,
            role_arn: "arn:aws:iam::123456789012:role/r".into(),
            machine_type: MachineType::Standard,
            logging: Value::Null,
            tracing: Value::Null,
            encryption: Value::Null,
            tags: vec![],
            publish: None,
        };
        self.engine.create_state_machine(request).await.expect("a good definition");
    }

    pub async fn start(&self, input: Value) -> Text {
        self.start_as("e", input).await
    }

    /// An execution with this name.
    pub async fn start_as(&self, name: &str, input: Value) -> Text {
        let request = StartExecution {
            state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:m".into(),
            name: Some(name.into()),
            input: Document::from_value(input),
            trace_header: None,
            parent: None,
            test_case: None,
        };
        self.engine.start_execution(request).await.expect("it starts").execution_arn
    }

    pub async fn redrive(&self, arn: &Text) {
        let request = RedriveExecution { execution_arn: arn.clone(), client_token: None, input: None };
        self.engine.redrive_execution(request).await.expect("it is redriven");
    }

    pub async fn closed(&self, arn: &str) -> ExecutionView {
        tokio::time::timeout(PATIENCE, self.engine.closed(arn)).await.expect("it ends");
        self.engine.store().execution(arn).expect("readable").expect("it is there")
    }

    /// The output of an execution that ends well.
    pub async fn output(&self, arn: &str) -> Value {
        let closed = self.closed(arn).await;
        assert_eq!(closed.failure, None);
        closed.output.expect("an output").value().clone()
    }

    /// The newest Map Run of an execution.
    pub fn map_run(&self, execution: &str) -> MapRunView {
        let page = self.engine.store().map_runs(execution, None, 1);
        let arn = page.map_runs.first().expect("a Map Run").arn.clone();
        self.engine.store().map_run(&arn).expect("readable").expect("it is there")
    }

    pub fn children(&self, map_run: &MapRunView) -> Vec<ExecutionRow> {
        let filter =
            ExecutionFilter { machine_arn: map_run.arn.clone(), limit: 10_000, ..Default::default() };
        self.engine.store().executions(&filter).expect("readable").executions
    }

    pub async fn task(&self) -> (String, String) {
        let task = self.engine.get_activity_task(ACTIVITY.into(), None, PATIENCE).await;
        let task = task.expect("the activity is there").expect("a task");
        (task.token, task.input.text().to_owned())
    }

    pub fn events(&self, arn: &str) -> Vec<String> {
        let history =
            self.engine.store().history(arn, 0, usize::MAX, false).expect("readable").expect("there");
        let name = |kind: &EventKind| {
            let text = format!("{kind:?}");
            text.split([' ', '{', '(']).next().unwrap_or_default().to_owned()
        };
        history.events.iter().map(|event| name(&event.kind)).collect()
    }

    /// Waits until it is so. What is waited for is brought about by what the test has done already.
    pub async fn until(&self, mut is_so: impl FnMut() -> bool) {
        let begun = std::time::Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < PATIENCE, "it does not come about");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

pub fn numbers(count: i64) -> Value {
    (0..count).map(Value::from).collect()
}

pub fn succeeded(count: u64) -> Counts {
    Counts { succeeded: count, results_written: count, ..Counts::default() }
}

pub const PASS: &str = r#""I":{"Type":"Pass","End":true}"#;
pub const WORK: &str =
    r#""I":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:work","End":true}"#;
/// Fails for items below 10.
pub const PICKY: &str = r#""I":{"Type":"Choice","Choices":[{"Variable":"$","NumericLessThan":10,"Next":"F"}],"Default":"P"},
    "F":{"Type":"Fail","Error":"Small"},"P":{"Type":"Pass","End":true}"#;

pub const CSV: &str = r#""ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
    "ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"},"Parameters":{"Bucket":"bucket","Key.$":"$.key"}},"#;
