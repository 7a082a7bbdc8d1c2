//! What callers ask for and what they get. Names, ARNs, sizes and JSON are checked before.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::{StateId, StateMachine, Timestamp};
use execution::TaskOutcome;
use execution::execution::{Close, Parent, Start};
use json::{Document, Object, Text, Value};
use store::{MachineType, Route};

/// CreateStateMachine.
#[derive(Clone, Debug)]
pub struct CreateStateMachine {
    /// A valid name.
    pub name: Text,
    /// As given.
    pub definition: String,
    /// As given.
    pub role_arn: Text,
    /// STANDARD unless said otherwise.
    pub machine_type: MachineType,
    /// `loggingConfiguration`, or AWS's default.
    pub logging: Value,
    /// `tracingConfiguration`, or AWS's default.
    pub tracing: Value,
    /// `encryptionConfiguration`, or AWS's default.
    pub encryption: Value,
    /// At most 50.
    pub tags: Vec<(Text, Text)>,
    /// Whether it is to be version 1 at once.
    pub publish: Option<Publish>,
}

/// That the revision which a request settles is to become a version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Publish {
    /// Of the version.
    pub description: Option<Text>,
}

/// UpdateStateMachine: what is `None` stays.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct UpdateStateMachine {
    pub state_machine_arn: Text,
    pub definition: Option<String>,
    pub role_arn: Option<Text>,
    pub logging: Option<Value>,
    pub tracing: Option<Value>,
    pub encryption: Option<Value>,
    pub publish: Option<Publish>,
}

/// The answer to CreateStateMachine.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct CreatedStateMachine {
    pub arn: Text,
    pub created_at: Timestamp,
    pub version_arn: Option<Text>,
}

/// The answer to UpdateStateMachine.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Updated {
    pub updated_at: Timestamp,
    pub revision_id: Option<Text>,
    pub version_arn: Option<Text>,
}

/// PublishStateMachineVersion.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct PublishVersion {
    pub state_machine_arn: Text,
    /// What the caller takes for the current revision; `INITIAL` for the one without an id.
    pub revision_id: Option<Text>,
    pub publish: Publish,
}

/// CreateStateMachineAlias.
#[derive(Clone, Debug)]
pub struct CreateAlias {
    /// Whose versions the routes name.
    pub state_machine_arn: Text,
    /// A valid name of an alias.
    pub name: Text,
    /// As given.
    pub description: Option<Text>,
    /// One or two, to different versions, with weights that add up to 100.
    pub routes: Vec<Route>,
}

/// UpdateStateMachineAlias: what is `None` stays.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct UpdateAlias {
    pub state_machine_arn: Text,
    pub name: Text,
    pub description: Option<Text>,
    pub routes: Option<Vec<Route>>,
}

/// What was created, or published, and when.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Created {
    pub arn: Text,
    pub created_at: Timestamp,
}

/// CreateActivity.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct CreateActivity {
    pub name: Text,
    pub encryption: Value,
    pub tags: Vec<(Text, Text)>,
}

/// StartExecution.
#[derive(Clone, Debug)]
pub struct StartExecution {
    /// Of a machine, a version or an alias.
    pub state_machine_arn: Text,
    /// A valid name; `None`: a UUID is drawn.
    pub name: Option<Text>,
    /// At most 256 KiB.
    pub input: Document,
    /// As given.
    pub trace_header: Option<Text>,
    /// The test case that mocks Task states; it must be one of the mock file.
    pub test_case: Option<Text>,
    /// Which call of another execution asks, if one does.
    pub parent: Option<Parent>,
}

/// The answer to StartExecution.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Started {
    pub execution_arn: Text,
    pub started_at: Timestamp,
}

/// The answer to StartSyncExecution.
#[derive(Clone, Debug)]
pub struct SyncExecution {
    /// What it was started with.
    pub start: Arc<Start>,
    /// How it ended.
    pub close: Close,
}

/// TestState.
#[derive(Clone, Debug)]
pub struct TestState {
    /// A machine with the state.
    pub machine: Arc<StateMachine>,
    /// The state of it.
    pub state: StateId,
    /// Whether the state stands in a Map.
    pub is_in_map: bool,
    /// As given.
    pub role_arn: Option<Text>,
    /// At most 256 KiB.
    pub input: Document,
    /// The variables that are there.
    pub variables: BTreeMap<Text, Document>,
    /// A Context Object, or parts of one.
    pub context: Object,
    /// How the state's work ends; without it the work is done, so the state must be one that works here.
    pub mock: Option<TaskOutcome>,
    /// How often the retriers have been used.
    pub retries: u32,
    /// How many iterations of a Map have failed.
    pub iteration_failures: u32,
    /// What a Map's ItemReader reads.
    pub item_reader_data: Option<Text>,
}

/// RedriveExecution.
#[derive(Clone, Debug)]
pub struct RedriveExecution {
    /// Which.
    pub execution_arn: Text,
    /// The same call again with the same token does nothing more.
    pub client_token: Option<Text>,
    /// For the state that failed, instead of the input that it had. AWS has no such member.
    pub input: Option<Document>,
}

/// StartExecutionBatch: many starts of one machine, each as by StartExecution.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct StartExecutionBatch {
    /// Of a machine, a version or an alias, which picks a version for each.
    pub state_machine_arn: Text,
    pub executions: Vec<BatchItem>,
}

/// One start of a batch: as [`StartExecution`]'s members.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct BatchItem {
    pub name: Option<Text>,
    pub input: Document,
    pub trace_header: Option<Text>,
}

/// What GetActivityTask hands to a worker.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct ActivityTask {
    pub token: String,
    pub input: Document,
}

/// Who waits for tasks of an activity, and how many tasks wait for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workers {
    /// Tasks that no worker has taken.
    pub tasks: usize,
    /// Workers that wait, by the names that they give; without one, under `None`.
    pub names: BTreeMap<Option<Text>, usize>,
}

/// UpdateMapRun: what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateMapRun {
    /// Of a Map Run that has not ended.
    pub map_run_arn: Text,
    /// Children at once; 0 for as many as there may be.
    pub max_concurrency: Option<u64>,
    /// 0 to 100.
    pub tolerated_failure_percentage: Option<f64>,
    /// Items.
    pub tolerated_failure_count: Option<u64>,
}
