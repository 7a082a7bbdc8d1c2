//! What one wake makes: history, changes, effects. Plain data; the store writes it, the engine acts on it.

use asl::{Resource, StateId, Timestamp};
use json::{Document, Text};

use crate::event::Event;
use crate::execution::Close;
use crate::frame::{Frame, FrameId};
use crate::map_run::MapRunStart;
use crate::standing::Standing;

/// The answer of [`Execution::wake`](crate::Execution::wake).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turn {
    /// The events that were made, in order.
    pub history: Vec<Event>,
    /// What changed in the execution; its size follows from what happened, not from the execution's size.
    pub changes: Vec<Change>,
    /// The end, if this turn brought it.
    pub close: Option<Close>,
    /// What the execution waits for after it.
    pub standing: Standing,
    /// What is asked for. Not recorded: after a restart it follows from the frames
    /// ([`Execution::outstanding`](crate::Execution::outstanding)).
    pub effects: Vec<Effect>,
}

/// One change of an execution.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A frame is new or different. The `results` of a waiting Map or Parallel are not part of it.
    Put(Frame),
    /// A frame has ended.
    Remove(FrameId),
    /// The branch or iteration `index` of the frame's Parallel or Map has this result.
    Result {
        /// The frame that stands at the Parallel or Map state.
        frame: FrameId,
        /// Branch or iteration.
        index: u32,
        /// Its output.
        output: Document,
    },
    /// A Task state has been asked so often, in an execution with a test case.
    Invocations {
        /// The Task state.
        state: StateId,
        /// How often since the start, retries included.
        count: u32,
    },
}

/// Something that the outside must do, after the turn is durable.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Call a function or a service; answer with `Wakeup::CallReturned`.
    CallTask(TaskCall),
    /// The job of a `.sync` task was started: watch it until it ends, then answer with
    /// `Wakeup::CallReturned`, again for this frame and attempt.
    AwaitJob {
        /// The call that started it.
        call: TaskCall,
        /// That call's response.
        submitted: Document,
    },
    /// Put a task in an activity's queue; answer with `Wakeup::ActivityStarted` when a worker takes it.
    OfferActivity {
        /// Whose task.
        frame: FrameId,
        /// Which attempt.
        attempt: u32,
        /// The activity.
        activity_arn: Text,
        /// What the worker gets.
        input: Document,
        /// The token for the worker.
        token: String,
    },
    /// Nobody waits for this task any more: stop the call, take the offer back.
    CancelTask {
        /// Whose task.
        frame: FrameId,
    },
    /// Begin a Map Run and answer with `Wakeup::MapRunEnded`. What it works with is in the frame
    /// ([`PendingMapRun::plan`](crate::frame::PendingMapRun)).
    StartMapRun(Box<MapRunStart>),
    /// Let a Map Run that has ended badly go on, and answer with `Wakeup::MapRunEnded`.
    RedriveMapRun {
        /// Whose Map Run.
        frame: FrameId,
        /// Which.
        map_run_arn: Text,
    },
    /// Nobody waits for this Map Run any more: stop it and its children.
    StopMapRun {
        /// Which.
        map_run_arn: Text,
    },
    /// Wake with `Wakeup::TimerFired` at `at`, never earlier. Replaces the frame's earlier timer.
    SetTimer {
        /// Whose timer.
        frame: FrameId,
        /// When.
        at: Timestamp,
    },
    /// Forget the frame's timer.
    CancelTimer {
        /// Whose timer.
        frame: FrameId,
    },
    /// The turn was cut at its bound: wake with `Wakeup::Again` once it is durable.
    WakeAgain,
}

/// A call to a function or a service.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskCall {
    /// Who asks.
    pub frame: FrameId,
    /// Which attempt.
    pub attempt: u32,
    /// Whom to call.
    pub resource: Resource,
    /// What with: the evaluated Parameters.
    pub arguments: Document,
    /// `Credentials.RoleArn`, evaluated.
    pub role_arn: Option<Text>,
    /// The same for every repetition of this very call: execution, frame and attempt.
    pub idempotency_token: String,
}
