//! A frame: one live thread of an execution. The top level has one, each live Parallel branch and
//! each live Map iteration has one. It says where it is and what it waits for.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::{StateId, Timestamp};
use json::{Document, Text};

/// A frame's number in its execution; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(pub u32);

impl FrameId {
    /// Stands for the execution itself, as the owner of the machine's timeout.
    pub const EXECUTION: FrameId = FrameId(0);
    /// The top level.
    pub const TOP: FrameId = FrameId(1);
}

/// Variables of one scope.
pub type Variables = Arc<BTreeMap<Text, Document>>;

/// One live thread of an execution.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Its number.
    pub id: FrameId,
    /// The frame whose Parallel or Map state it runs in, and its branch or iteration index there.
    pub parent: Option<(FrameId, u32)>,
    /// The state it is in.
    pub state: StateId,
    /// When it entered that state.
    pub entered_at: Timestamp,
    /// The id of the state's Entered event; error causes name it.
    pub entered_event: u64,
    /// The last event of this thread: the next one's `previousEventId`.
    pub last_event: u64,
    /// The state's raw input.
    pub input: Document,
    /// The variables of this scope as of the state's entry.
    pub variables: Variables,
    /// How often each retrier has been used in this visit, by its place in `Retry`; empty until one is.
    pub retries: Vec<u32>,
    /// The number of the current attempt: 0, then one more with every retry.
    pub attempt: u32,
    /// What it waits for.
    pub waiting: Waiting,
}

/// What a frame waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Waiting {
    /// A Wait state's time.
    Until(Timestamp),
    /// A task's result.
    Task {
        /// How far the task has come.
        stage: TaskStage,
        /// The secret part of its token; 0 for a task that has none.
        nonce: u128,
        /// When `TimeoutSeconds` runs out. While an activity is unpolled this counts from scheduling.
        timeout_at: Option<Timestamp>,
        /// When a heartbeat is missed.
        heartbeat_at: Option<Timestamp>,
        /// The evaluated `TimeoutSeconds`.
        timeout_seconds: Option<u64>,
        /// The evaluated `HeartbeatSeconds`.
        heartbeat_seconds: Option<u64>,
    },
    /// The delay before a retry.
    Retry(Timestamp),
    /// Branches of a Parallel state.
    Parallel {
        /// The id of ParallelStateStarted.
        started_event: u64,
        /// What every branch got.
        input: Document,
        /// Results by branch; `None` while it runs.
        results: Vec<Option<Document>>,
        /// How many are still `None`.
        remaining: u32,
    },
    /// Iterations of a Map state. Results are recorded one by one
    /// ([`Change::Result`](crate::Change::Result)), not with the frame.
    Map {
        /// The id of MapStateStarted.
        started_event: u64,
        /// The effective input: `$` of ItemSelector.
        input: Document,
        /// The array.
        items: Document,
        /// The evaluated MaxConcurrency, 1 to 40.
        concurrency: u32,
        /// The next item to start.
        next: u32,
        /// How many have ended well.
        succeeded: u32,
        /// Results by index, `None` while missing.
        results: Vec<Option<Document>>,
    },
    /// A turn that was long enough: go on with entering `state`, at the next [`Wakeup::Again`](crate::Wakeup::Again).
    Again,
}

/// How far a task has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStage {
    /// A call is under way; after a crash nobody knows whether it arrived.
    Called,
    /// An activity that no worker has taken yet.
    Offered,
    /// A worker has it, or the submit call returned and the token is out.
    Given,
}
