//! What can happen to an execution.

use asl::Failure;
use json::{Document, Text};

use crate::frame::FrameId;

/// What has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Wakeup {
    /// It was started.
    Started,
    /// A timer that it set is due. A timer that is no longer its frame's current one is ignored.
    TimerFired {
        /// Whose timer; [`FrameId::EXECUTION`] for the machine's own `TimeoutSeconds`.
        frame: FrameId,
    },
    /// The call that an [`Effect::CallTask`](crate::Effect::CallTask) asked for has come back, or the
    /// job of an [`Effect::AwaitJob`](crate::Effect::AwaitJob) has ended.
    CallReturned {
        /// Who asked.
        frame: FrameId,
        /// Which attempt; an answer to an older attempt is dropped.
        attempt: u32,
        /// How it ended.
        outcome: TaskOutcome,
    },
    /// A worker got the activity task.
    ActivityStarted {
        /// Whose task.
        frame: FrameId,
        /// Which attempt.
        attempt: u32,
        /// As the worker calls itself.
        worker_name: Option<Text>,
    },
    /// SendTaskSuccess or SendTaskFailure for a token of this execution (already checked with
    /// [`Execution::accepts`](crate::Execution::accepts)).
    TokenAnswered {
        /// Whose task.
        frame: FrameId,
        /// Which attempt.
        attempt: u32,
        /// What the worker sent.
        outcome: TaskOutcome,
    },
    /// SendTaskHeartbeat.
    Heartbeat {
        /// Whose task.
        frame: FrameId,
        /// Which attempt.
        attempt: u32,
    },
    /// The Map Run of an [`Effect::StartMapRun`](crate::Effect::StartMapRun) has ended. One that the frame does not
    /// wait for is ignored.
    MapRunEnded {
        /// Whose Map Run.
        frame: FrameId,
        /// Which.
        map_run_arn: Text,
        /// With the state's result, or why it failed.
        outcome: Result<Document, Failure>,
    },
    /// StopExecution.
    Stopped {
        /// As the caller gave them.
        failure: Failure,
    },
    /// RedriveExecution: it ended badly and is to go on where it stopped. Nothing happens to one that is open,
    /// or that did not keep what that needs ([`Close::redrivable`](crate::Close::redrivable)).
    Redriven {
        /// As the caller gave it, so that the same call again is known.
        client_token: Option<Text>,
        /// What the failed state gets for its input instead of what it had. Nothing happens where there is not
        /// [one such state](crate::Execution::has_one_failed_state).
        input: Option<Document>,
    },
    /// An [`Effect::WakeAgain`](crate::Effect::WakeAgain): go on after a bounded turn.
    Again,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskOutcome {
    /// With a result.
    Succeeded(Document),
    /// With an error.
    Failed(Failure),
    /// The service's own limit ran out (a function's timeout is a failure, not this).
    TimedOut,
}
