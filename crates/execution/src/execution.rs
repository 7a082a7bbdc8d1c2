//! An execution: what it was started with, its live frames, and the one function that moves it.

use std::collections::BTreeMap;

use asl::{Failure, StateMachine, Timestamp};
use json::{Document, Text};

use crate::frame::{Frame, FrameId};
use crate::turn::{Change, Effect, Turn};
use crate::wakeup::Wakeup;

/// What StartExecution settled; it never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// The execution's ARN.
    pub arn: Text,
    /// Its name.
    pub name: Text,
    /// The state machine's ARN, unqualified.
    pub state_machine_arn: Text,
    /// The state machine's name.
    pub state_machine_name: Text,
    /// Which revision of the machine it runs (the store's number).
    pub revision: u64,
    /// Started by version ARN.
    pub version_arn: Option<Text>,
    /// Started by alias ARN.
    pub alias_arn: Option<Text>,
    /// The machine's role at the start.
    pub role_arn: Text,
    /// The region that we answer as.
    pub region: Text,
    /// The input.
    pub input: Document,
    /// As given to StartExecution.
    pub trace_header: Option<Text>,
    /// When it was started.
    pub started_at: Timestamp,
}

/// Where an execution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Status {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Close {
    /// Never `Running`.
    pub status: Status,
    /// When.
    pub at: Timestamp,
    /// After success.
    pub output: Option<Document>,
    /// After failure or abort; DescribeExecution shows neither member for a timeout.
    pub failure: Option<Failure>,
}

/// One run of a state machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    /// What it was started with.
    pub start: Start,
    /// Live frames. Empty before the first wake and after the end.
    pub frames: BTreeMap<FrameId, Frame>,
    /// The id of the next history event, from 1.
    pub next_event: u64,
    /// The number of the next frame.
    pub next_frame: u32,
    /// The end, once it came.
    pub close: Option<Close>,
}

impl Execution {
    /// An execution that has not been woken.
    pub fn new(start: Start) -> Self {
        Execution { start, frames: BTreeMap::new(), next_event: 1, next_frame: FrameId::TOP.0, close: None }
    }

    /// Moves it as far as it can go without the outside world, and says what that made.
    ///
    /// `now` is the time of every event of the turn; `seed` is fresh randomness for tokens, jitter,
    /// `States.UUID` and `States.MathRandom`. Waking a closed execution makes an empty turn.
    pub fn wake(&mut self, machine: &StateMachine, wakeup: Wakeup, now: Timestamp, seed: u128) -> Turn {
        todo!("{machine:?} {wakeup:?} {now:?} {seed}")
    }

    /// Does to this value what `wake` did when it made the turn: recovery is `new`, then `apply` for
    /// every recorded turn.
    pub fn apply(&mut self, turn: &Turn) {
        for change in &turn.changes {
            match change {
                Change::Put(_) | Change::Remove(_) | Change::Result { .. } => todo!(),
            }
        }
    }

    /// The effects that the present frames still need, for an engine that has just recovered this
    /// execution: timers, activity offers, `WakeAgain`, and every call whose outcome is unknown.
    pub fn outstanding(&self, machine: &StateMachine) -> Vec<Effect> {
        todo!("{machine:?}")
    }

    /// Whether a token with these parts is for a task that waits for it now.
    pub fn accepts(&self, frame: FrameId, attempt: u32, nonce: u128) -> bool {
        todo!("{frame:?} {attempt} {nonce}")
    }
}
