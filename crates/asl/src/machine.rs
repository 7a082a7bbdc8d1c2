//! A compiled state machine: plain data that `execution` walks. Every name is resolved, every path,
//! template and condition is a program; nothing here is parsed again.

use json::{Text, Value};

use crate::choice::Condition;
use crate::jsonata::Jsonata;
use crate::path::{Path, ReferencePath};
use crate::template::{Expression, Template};
use crate::timestamp::Timestamp;
use integrations::Resource;

/// A state's number: its place in document order, over the whole machine with all branches and item
/// processors (depth first, a state before the states inside it). Records on disk refer to states
/// by this number, so the order is a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateId(pub u32);

/// A container's number: 0 is the machine itself, then branches and item processors in document order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId(pub u32);

/// What the user wrote, checked and compiled.
#[derive(Debug)]
pub struct StateMachine {
    /// All states, by [`StateId`].
    pub states: Vec<State>,
    /// All `States` objects, by [`ContainerId`]; the first is the machine's own.
    pub containers: Vec<Container>,
    /// The execution's time limit in seconds, or none.
    pub timeout_seconds: Option<u64>,
    /// For every state that reads variables, in document order: their names, sorted, each once.
    /// (`variableReferences` of DescribeStateMachine)
    pub variable_references: Vec<(Text, Vec<Text>)>,
}

/// One `States` object: the machine's own, a branch's or an item processor's.
#[derive(Debug)]
pub struct Container {
    /// Where it starts.
    pub start_at: StateId,
    /// The Parallel or Map state that owns it; `None` for the machine itself.
    pub owner: Option<StateId>,
}

/// Which language a state's expressions are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryLanguage {
    /// Paths, payload templates and intrinsic functions.
    JsonPath,
    /// `{% … %}` expressions.
    Jsonata,
}

/// One state.
#[derive(Debug)]
pub struct State {
    /// Its name, unique in the whole machine.
    pub name: Text,
    /// The container it stands in; transitions stay inside.
    pub container: ContainerId,
    /// The language of its expressions.
    pub query_language: QueryLanguage,
    /// How data comes in and goes out.
    pub flow: Flow,
    /// Where it goes after success; `None` ends the container. Always `None` for Choice (its rules
    /// say), Succeed and Fail.
    pub next: Option<StateId>,
    /// Task, Parallel and Map only.
    pub retry: Vec<Retrier>,
    /// Task, Parallel and Map only.
    pub catch: Vec<Catcher>,
    /// What it does.
    pub kind: Kind,
}

/// The data flow fields, in the order of their evaluation. (spec/asl.md §4)
#[derive(Debug, Default)]
pub struct Flow {
    /// `InputPath`.
    pub input_path: Selection,
    /// `Parameters` (JSONPath) or `Arguments` (JSONata). A Map's `ItemSelector` is in [`Map`].
    pub parameters: Option<Template>,
    /// `ResultSelector`.
    pub result_selector: Option<Template>,
    /// `ResultPath`.
    pub result_path: ResultPath,
    /// `OutputPath`.
    pub output_path: Selection,
    /// `Output` (JSONata).
    pub output: Option<Template>,
    /// `Assign`: variable name → value.
    pub assign: Option<Template>,
}

/// `InputPath` and `OutputPath`.
#[derive(Debug, Default)]
pub enum Selection {
    /// `$`, the default: everything passes, untouched.
    #[default]
    Whole,
    /// `null`: an empty object.
    Nothing,
    /// A path into the input, the Context Object or a variable.
    Path(Path),
}

/// `ResultPath`.
#[derive(Debug, Default)]
pub enum ResultPath {
    /// `$`, the default: the result replaces the input.
    #[default]
    Whole,
    /// `null`: the result is dropped, the raw input stays.
    Discard,
    /// The result is put into the raw input here.
    At(ReferencePath),
}

/// What kind of state, with the fields of that kind.
#[derive(Debug)]
pub enum Kind {
    /// `Result`, where given, is the state's result as it stands.
    Pass {
        /// A literal.
        result: Option<Value>,
    },
    /// Calls the world.
    Task(Box<Task>),
    /// Waits.
    Wait(WaitUntil),
    /// Goes where the first rule that holds says.
    Choice {
        /// In order.
        rules: Vec<ChoiceRule>,
        /// Where to go when no rule holds; `None`: `States.NoChoiceMatched`.
        default: Option<StateId>,
    },
    /// Runs all branches at once.
    Parallel {
        /// In order.
        branches: Vec<ContainerId>,
    },
    /// Runs its processor once for each item.
    Map(Box<Map>),
    /// Ends the container well.
    Succeed,
    /// Ends the container badly.
    Fail {
        /// `Error` or `ErrorPath`.
        error: Option<FailText>,
        /// `Cause` or `CausePath`.
        cause: Option<FailText>,
    },
}

/// The fields of a Task state.
#[derive(Debug)]
pub struct Task {
    /// Whom it calls.
    pub resource: Resource,
    /// `TimeoutSeconds` or `TimeoutSecondsPath`; `None` means 99,999,999.
    pub timeout: Option<Count>,
    /// `HeartbeatSeconds` or `HeartbeatSecondsPath`.
    pub heartbeat: Option<Count>,
    /// `Credentials`: evaluates to an object with `RoleArn`.
    pub credentials: Option<Template>,
}

/// A whole number that is written in the definition or found in the data.
#[derive(Debug)]
pub enum Count {
    /// As written.
    Literal(u64),
    /// The `…Path` form. The text is kept in the path for AWS's error messages.
    Path(Path),
    /// JSONata.
    Jsonata(Jsonata),
}

/// Until when a Wait state waits.
#[derive(Debug)]
pub enum WaitUntil {
    /// `Seconds`.
    Seconds(u64),
    /// `SecondsPath`.
    SecondsPath(Path),
    /// `Timestamp`; fractions of a second are cut off.
    Timestamp(Timestamp),
    /// `TimestampPath`.
    TimestampPath(Path),
    /// `Seconds` in JSONata.
    JsonataSeconds(Jsonata),
    /// `Timestamp` in JSONata.
    JsonataTimestamp(Jsonata),
}

/// One element of `Choices`.
#[derive(Debug)]
pub struct ChoiceRule {
    /// When it holds.
    pub condition: Condition,
    /// Where to go then.
    pub next: StateId,
    /// The rule's own `Assign`.
    pub assign: Option<Template>,
    /// The rule's own `Output` (JSONata).
    pub output: Option<Template>,
}

/// The fields of a Map state.
#[derive(Debug)]
pub struct Map {
    /// `ItemProcessor` or `Iterator`.
    pub processor: ContainerId,
    /// `ItemsPath`: into the effective input; default `$`.
    pub items_path: Option<Path>,
    /// `Items` (JSONata): default the input.
    pub items: Option<Template>,
    /// `ItemSelector`, or the older `Parameters`.
    pub item_selector: Option<Template>,
    /// `MaxConcurrency` or its Path; 0 means as many as there are (40 at most, AWS's limit).
    pub max_concurrency: Count,
    /// `ToleratedFailureCount` or its Path; AWS honours it for distributed Maps only.
    pub tolerated_failure_count: Option<Count>,
    /// `ToleratedFailurePercentage` or its Path, 0 to 100.
    pub tolerated_failure_percentage: Option<Percentage>,
    /// `ProcessorConfig` with Mode `DISTRIBUTED`: each item or batch is an execution of its own.
    pub distributed: Option<Box<Distributed>>,
}

/// The fields of a Map state that only a distributed one has. (spec/asl.md §10.3 to §10.5)
#[derive(Debug, Default)]
pub struct Distributed {
    /// `ExecutionType`: EXPRESS, else STANDARD.
    pub express: bool,
    /// `Label`.
    pub label: Option<Text>,
    /// `ItemReader`.
    pub item_reader: Option<ItemReader>,
    /// `ItemBatcher`.
    pub item_batcher: Option<ItemBatcher>,
    /// `ResultWriter`.
    pub result_writer: Option<ResultWriter>,
}

/// Where the items come from, if not from the input.
#[derive(Debug)]
pub struct ItemReader {
    /// `s3:listObjectsV2`: the items are objects, or what is in them. Else `s3:getObject`: they are in
    /// one object.
    pub lists_objects: bool,
    /// `Parameters` or `Arguments`.
    pub parameters: Option<Template>,
    /// `InputType`.
    pub input_type: Option<InputType>,
    /// `Transformation` `LOAD_AND_FLATTEN`: what is in the listed objects.
    pub loads_objects: bool,
    /// `ManifestType`, as written.
    pub manifest_type: Option<Text>,
    /// `CSVDelimiter`.
    pub csv_delimiter: char,
    /// `CSVHeaders`; without them the first row has them.
    pub csv_headers: Option<Vec<Text>>,
    /// `MaxItems` or its Path; 0 means all.
    pub max_items: Option<Count>,
    /// `ItemsPointer`, a JSON Pointer into the data.
    pub items_pointer: Option<Text>,
}

/// What is in an object that items are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum InputType {
    Csv,
    Json,
    JsonLines,
    Parquet,
    Manifest,
}

/// How items are put together into batches.
#[derive(Debug)]
pub struct ItemBatcher {
    /// `MaxItemsPerBatch` or its Path.
    pub max_items: Option<Count>,
    /// `MaxInputBytesPerBatch` or its Path.
    pub max_bytes: Option<Count>,
    /// `BatchInput`, in every batch.
    pub input: Option<Template>,
}

/// Where the results go, and as what.
#[derive(Debug)]
pub struct ResultWriter {
    /// `Resource` is there: they are exported, and the state's result says where to.
    pub exports: bool,
    /// `Parameters` or `Arguments`.
    pub parameters: Option<Template>,
    /// `Transformation`, as written.
    pub transformation: Option<Text>,
    /// `OutputType`, as written.
    pub output_type: Option<Text>,
}

/// A percentage that is written in the definition or found in the data.
#[derive(Debug)]
pub enum Percentage {
    /// As written, 0.0 to 100.0.
    Literal(f64),
    /// The `…Path` form.
    Path(Path),
    /// JSONata.
    Jsonata(Jsonata),
}

/// `Error` or `Cause` of a Fail state.
#[derive(Debug)]
pub enum FailText {
    /// As written.
    Literal(Text),
    /// `ErrorPath` or `CausePath`: a path or an intrinsic call that gives a string.
    Expression(Expression),
    /// JSONata that gives a string.
    Jsonata(Jsonata),
}

/// One element of `Retry`.
#[derive(Debug)]
pub struct Retrier {
    /// Error names and wildcards.
    pub error_equals: Vec<Text>,
    /// Seconds before the first retry.
    pub interval_seconds: u64,
    /// How many retries; 0 means never.
    pub max_attempts: u64,
    /// What the interval is multiplied with after each retry.
    pub backoff_rate: f64,
    /// The longest delay in seconds.
    pub max_delay_seconds: Option<u64>,
    /// `JitterStrategy: FULL`: the delay is drawn from 0 to the computed one.
    pub full_jitter: bool,
}

/// One element of `Catch`.
#[derive(Debug)]
pub struct Catcher {
    /// Error names and wildcards.
    pub error_equals: Vec<Text>,
    /// Where to go.
    pub next: StateId,
    /// Where the Error Output goes in the raw input.
    pub result_path: ResultPath,
    /// The Catcher's own `Assign`; `$` is the Error Output.
    pub assign: Option<Template>,
    /// The Catcher's own `Output` (JSONata).
    pub output: Option<Template>,
}

impl StateMachine {
    /// The state with this number. Numbers come from this machine's own fields.
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.0 as usize]
    }

    /// The container with this number.
    pub fn container(&self, id: ContainerId) -> &Container {
        &self.containers[id.0 as usize]
    }
}
