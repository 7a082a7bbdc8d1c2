//! What callers, calls and timers send to the loop. Every message that has a `reply` is answered once
//! its effect, or what it was compared with, is on disk.
//!
//! The queue needs no bound of its own: a caller waits for its answer before it asks again, and the
//! front limits callers; calls in flight are limited by the tasks that are open.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::{Failure, Timestamp};
use connectors::Place;
use execution::execution::Start;
use execution::{FrameId, Status, TaskCall, TaskOutcome};
use json::{Document, Text};
use store::ExecutionKey;
use tokio::sync::oneshot;

use crate::map_runs::{MapRunNews, MapRunWork};
use crate::news::News;
use crate::refusal::Refusal;
use crate::request::{
    ActivityTask, CreateActivity, CreateAlias, CreateStateMachine, Created, CreatedStateMachine,
    PublishVersion, RedriveExecution, StartExecution, StartExecutionBatch, Started, UpdateAlias,
    UpdateMapRun, UpdateStateMachine, Updated, Workers,
};

/// Where an answer goes.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, Refusal>>;

/// One message to the loop.
pub(crate) enum Message {
    CreateMachine {
        request: CreateStateMachine,
        compiled: Arc<asl::StateMachine>,
        reply: Reply<CreatedStateMachine>,
    },
    UpdateMachine {
        request: UpdateStateMachine,
        compiled: Option<Arc<asl::StateMachine>>,
        reply: Reply<Updated>,
    },
    DeleteMachine {
        arn: Text,
        reply: Reply<()>,
    },
    PublishVersion {
        request: PublishVersion,
        reply: Reply<Created>,
    },
    DeleteVersion {
        machine_arn: Text,
        number: u64,
        reply: Reply<()>,
    },
    CreateAlias {
        request: CreateAlias,
        reply: Reply<Created>,
    },
    UpdateAlias {
        request: UpdateAlias,
        reply: Reply<Timestamp>,
    },
    DeleteAlias {
        machine_arn: Text,
        name: Text,
        reply: Reply<()>,
    },
    CreateActivity {
        request: CreateActivity,
        reply: Reply<Created>,
    },
    DeleteActivity {
        arn: Text,
        reply: Reply<()>,
    },
    Tag {
        arn: Text,
        tags: Vec<(Text, Text)>,
        reply: Reply<()>,
    },
    Untag {
        arn: Text,
        keys: Vec<Text>,
        reply: Reply<()>,
    },
    Start {
        request: StartExecution,
        reply: Reply<Started>,
    },
    StartBatch {
        request: StartExecutionBatch,
        reply: Reply<Vec<Result<Started, Refusal>>>,
    },
    Redrive {
        request: RedriveExecution,
        reply: Reply<Timestamp>,
    },
    Stop {
        arn: Text,
        failure: Failure,
        reply: Reply<Timestamp>,
    },
    Poll {
        arn: Text,
        worker_name: Option<Text>,
        poll: u64,
        reply: Reply<Option<ActivityTask>>,
    },
    /// The poll's patience has run out: answer it with nothing, unless it has just been given a task.
    PollExpired {
        arn: Text,
        poll: u64,
    },
    /// Who waits for tasks of activities.
    Workers {
        reply: Reply<BTreeMap<Text, Workers>>,
    },
    Answer {
        token: String,
        answer: Answer,
        reply: Reply<()>,
    },
    /// A call that the outbox made has come back, or a job that it waited for has ended.
    Returned {
        key: ExecutionKey,
        frame: FrameId,
        attempt: u32,
        outcome: TaskOutcome,
    },
    /// A call that stood in line has a place. What it is about was not kept there.
    Turn {
        key: ExecutionKey,
        frame: FrameId,
        attempt: u32,
        place: Place,
    },
    UpdateMapRun {
        request: UpdateMapRun,
        reply: Reply<()>,
    },
    /// What was done beside the loop for a Map Run.
    MapRun {
        key: ExecutionKey,
        news: MapRunNews,
    },
    /// Commit what is queued and end the loop.
    Shutdown {
        done: oneshot::Sender<()>,
    },
}

/// What a worker says about its task.
pub(crate) enum Answer {
    Outcome(TaskOutcome),
    Heartbeat,
}

/// What is done when a commit is durable.
pub(crate) enum After {
    /// Tell a caller.
    Reply(Box<dyn FnOnce() + Send>),
    /// Make a call; with its place, if it has stood in line for one.
    Call { key: ExecutionKey, caller: Arc<Start>, call: TaskCall, place: Option<Place> },
    /// Wait for the job that a call has started.
    AwaitJob { key: ExecutionKey, caller: Arc<Start>, call: TaskCall, submitted: Document },
    /// Nobody waits for this call or job any more: it is to be stopped.
    Cancel { key: ExecutionKey, frame: FrameId },
    /// The loop has heard of what this call was answered, and has said what follows from it.
    Heard { key: ExecutionKey, frame: FrameId, attempt: u32 },
    /// Nobody waits for the job of this task any more, and it goes on.
    Forget { key: ExecutionKey, frame: FrameId, attempt: u32 },
    /// Do something for a Map Run.
    MapRun { key: ExecutionKey, work: MapRunWork },
    /// Tell those that watch.
    Tell(News),
    /// Tell those that wait for the end of this execution, and those that watch.
    Closed { start: Arc<Start>, status: Status },
}

impl After {
    /// Sends `answer` once it is durable. A caller that has gone is no trouble.
    pub(crate) fn reply<T: Send + 'static>(reply: Reply<T>, answer: Result<T, Refusal>) -> After {
        After::Reply(Box::new(move || {
            let _ = reply.send(answer);
        }))
    }
}

/// A worker's answer in the words of the core; the document is the worker's output.
pub(crate) fn succeeded(output: Document) -> Answer {
    Answer::Outcome(TaskOutcome::Succeeded(output))
}
