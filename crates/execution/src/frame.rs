//! A frame: one live thread of an execution. The top level has one, each live Parallel branch and
//! each live Map iteration has one. It says where it is and what it waits for.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::{StateId, Timestamp};
use json::{Document, Text};

use crate::map_run::MapPlan;
use crate::wakeup::TaskOutcome;

/// A frame's number in its execution. Numbers rise; one that the outside has seen is never used again.
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
    /// The number of the latest task of this frame: 0 before the first, one more with every visit of
    /// a Task state and with every retry, so that an answer to an earlier task is never taken for
    /// an answer to this one.
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
    Task(Box<PendingTask>),
    /// The delay before a retry.
    Retry(Timestamp),
    /// Branches of a Parallel state.
    Parallel(Box<PendingParallel>),
    /// Iterations of a Map state.
    Map(Box<PendingMap>),
    /// The Map Run of a distributed Map state.
    MapRun(Box<PendingMapRun>),
    /// Nothing: it can go on with entering `state`. Seen outside only after a turn that was long
    /// enough, until the next [`Wakeup::Again`](crate::Wakeup::Again).
    Again,
    /// Nothing, but not as `Again`: it has entered `state`, whose work is to begin anew. It failed there, and
    /// is kept so that a redrive can go on with it; or it was redriven in a turn that was long enough.
    Anew,
}

/// A task that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingTask {
    /// How far the task has come.
    pub stage: TaskStage,
    /// The secret part of its token; 0 for a task that has none.
    pub nonce: u128,
    /// When `TimeoutSeconds` runs out. While an activity is unpolled this counts from scheduling.
    pub timeout_at: Option<Timestamp>,
    /// When a heartbeat is missed.
    pub heartbeat_at: Option<Timestamp>,
    /// The evaluated `TimeoutSeconds`.
    pub timeout_seconds: Option<u64>,
    /// The evaluated `HeartbeatSeconds`.
    pub heartbeat_seconds: Option<u64>,
    /// What it was asked with: the evaluated `Parameters`.
    pub arguments: Document,
    /// `Credentials.RoleArn`, evaluated.
    pub role_arn: Option<Text>,
    /// The response of the call that started the job of a `.sync` task, once there is one.
    pub submitted: Option<Document>,
    /// A worker's answer that came while the call was still under way; it counts when the call returns.
    pub early: Option<TaskOutcome>,
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
    /// A `.sync` job that was started and is watched until it ends.
    Submitted,
}

/// Branches that are under way.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingParallel {
    /// The id of ParallelStateStarted.
    pub started_event: u64,
    /// How many branches have not ended.
    pub remaining: u32,
    /// Results by branch, `None` while missing; shorter than the branches until the last ones end.
    /// Recorded one by one ([`Change::Result`](crate::Change::Result)), never with the frame.
    pub results: Vec<Option<Document>>,
}

/// Iterations that are under way.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingMap {
    /// The id of MapStateStarted.
    pub started_event: u64,
    /// The effective input: `$` of ItemSelector.
    pub input: Document,
    /// The array.
    pub items: Document,
    /// The evaluated MaxConcurrency, 1 to 40.
    pub concurrency: u32,
    /// The next item to start.
    pub next: u32,
    /// How many have ended well.
    pub succeeded: u32,
    /// Results by index, `None` while missing; shorter than the items until the last ones end.
    /// Recorded one by one ([`Change::Result`](crate::Change::Result)), never with the frame.
    pub results: Vec<Option<Document>>,
}

/// A Map Run that is under way. How far it has come is its own affair.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingMapRun {
    /// The id of MapRunStarted or of the last MapRunRedriven.
    pub run_event: u64,
    /// Which one.
    pub map_run_arn: Text,
    /// How often it was redriven.
    pub redrives: u64,
    /// What it works with.
    pub plan: MapPlan,
}

impl Frame {
    /// A frame that is about to enter `state`.
    pub(crate) fn new(id: FrameId, parent: Option<(FrameId, u32)>, state: StateId, input: Document) -> Frame {
        Frame {
            id,
            parent,
            state,
            entered_at: Timestamp(0),
            entered_event: 0,
            last_event: 0,
            input,
            variables: Variables::default(),
            retries: Vec::new(),
            attempt: 0,
            waiting: Waiting::Again,
        }
    }

    /// When it wants to be woken, whatever else happens; `last` is the execution's last moment.
    pub(crate) fn timer(&self, last: Timestamp) -> Option<Timestamp> {
        match &self.waiting {
            Waiting::Until(at) | Waiting::Retry(at) => Some(last.min(*at)),
            Waiting::Task(task) => match task.stage {
                // A call returns, whatever happens.
                TaskStage::Called => task.timer(),
                TaskStage::Offered | TaskStage::Given | TaskStage::Submitted => {
                    Some(task.timer().map_or(last, |at| last.min(at)))
                }
            },
            Waiting::Parallel(_) | Waiting::Map(_) | Waiting::MapRun(_) | Waiting::Again | Waiting::Anew => {
                None
            }
        }
    }

    /// Whether it waits for nothing.
    pub(crate) fn can_go_on(&self) -> bool {
        matches!(self.waiting, Waiting::Again | Waiting::Anew)
    }

    /// The task that it waits for.
    pub(crate) fn task(&self) -> Option<&PendingTask> {
        match &self.waiting {
            Waiting::Task(task) => Some(task),
            Waiting::Until(_)
            | Waiting::Retry(_)
            | Waiting::Parallel(_)
            | Waiting::Map(_)
            | Waiting::MapRun(_)
            | Waiting::Again
            | Waiting::Anew => None,
        }
    }

    /// The Map Run that it waits for.
    pub fn map_run(&self) -> Option<&PendingMapRun> {
        match &self.waiting {
            Waiting::MapRun(pending) => Some(pending),
            Waiting::Until(_)
            | Waiting::Task(_)
            | Waiting::Retry(_)
            | Waiting::Parallel(_)
            | Waiting::Map(_)
            | Waiting::Again
            | Waiting::Anew => None,
        }
    }

    /// The retries of this visit: `$$.State.RetryCount`.
    pub(crate) fn retry_count(&self) -> u64 {
        self.retries.iter().map(|&used| u64::from(used)).sum()
    }

    /// The frame as it is recorded: without the results that are recorded on their own.
    pub(crate) fn to_record(&self) -> Frame {
        let waiting = match &self.waiting {
            Waiting::Parallel(pending) => Waiting::Parallel(Box::new(PendingParallel {
                results: Vec::new(),
                started_event: pending.started_event,
                remaining: pending.remaining,
            })),
            Waiting::Map(pending) => Waiting::Map(Box::new(PendingMap {
                results: Vec::new(),
                started_event: pending.started_event,
                input: pending.input.clone(),
                items: pending.items.clone(),
                concurrency: pending.concurrency,
                next: pending.next,
                succeeded: pending.succeeded,
            })),
            Waiting::Until(_)
            | Waiting::Task(_)
            | Waiting::Retry(_)
            | Waiting::MapRun(_)
            | Waiting::Again
            | Waiting::Anew => self.waiting.clone(),
        };
        Frame {
            id: self.id,
            parent: self.parent,
            state: self.state,
            entered_at: self.entered_at,
            entered_event: self.entered_event,
            last_event: self.last_event,
            input: self.input.clone(),
            variables: self.variables.clone(),
            retries: self.retries.clone(),
            attempt: self.attempt,
            waiting,
        }
    }

    /// The results of the Parallel or Map state that it stands at.
    pub(crate) fn results(&self) -> Option<&[Option<Document>]> {
        match &self.waiting {
            Waiting::Parallel(pending) => Some(&pending.results),
            Waiting::Map(pending) => Some(&pending.results),
            Waiting::Until(_)
            | Waiting::Task(_)
            | Waiting::Retry(_)
            | Waiting::MapRun(_)
            | Waiting::Again
            | Waiting::Anew => None,
        }
    }

    /// The results of the Parallel or Map state that it stands at, and the event that began this
    /// round of it.
    pub(crate) fn results_mut(&mut self) -> Option<(u64, &mut Vec<Option<Document>>)> {
        match &mut self.waiting {
            Waiting::Parallel(pending) => Some((pending.started_event, &mut pending.results)),
            Waiting::Map(pending) => Some((pending.started_event, &mut pending.results)),
            Waiting::Until(_)
            | Waiting::Task(_)
            | Waiting::Retry(_)
            | Waiting::MapRun(_)
            | Waiting::Again
            | Waiting::Anew => None,
        }
    }
}

impl PendingTask {
    /// The earlier of timeout and missed heartbeat.
    pub(crate) fn timer(&self) -> Option<Timestamp> {
        match (self.timeout_at, self.heartbeat_at) {
            (Some(timeout), Some(heartbeat)) => Some(timeout.min(heartbeat)),
            (timeout, heartbeat) => timeout.or(heartbeat),
        }
    }
}

/// Puts a result at its index.
pub(crate) fn place_result(results: &mut Vec<Option<Document>>, index: u32, output: Document) {
    let index = index as usize;
    if results.len() <= index {
        results.resize(index + 1, None);
    }
    results[index] = Some(output);
}
