//! An execution: what it was started with, its live frames, and the one function that moves it.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::{Failure, StateId, StateMachine, Timestamp};
use json::{Document, Text};

use crate::frame::{Frame, FrameId, TaskStage, place_result};
use crate::limits::{EXECUTION_SECONDS_MAX, EXPRESS_SECONDS_MAX};
use crate::map_run::ChildOf;
use crate::outside::Outside;
use crate::redrive::{Redrivable, Redrives};
use crate::run::Run;
use crate::turn::{Change, Effect, TaskCall, Turn};
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
    /// The state machine's type. Only STANDARD executions are recorded.
    pub machine_type: MachineType,
    /// Which revision of the machine it runs (the store's number).
    pub revision: u64,
    /// Started by version ARN.
    pub version_arn: Option<Text>,
    /// Started by alias ARN.
    pub alias_arn: Option<Text>,
    /// The test case that says what its mocked Task states answer.
    pub test_case: Option<Text>,
    /// The machine's role at the start.
    pub role_arn: Text,
    /// The region that we answer as.
    pub region: Text,
    /// The input.
    pub input: Document,
    /// As given to StartExecution.
    pub trace_header: Option<Text>,
    /// Who started it, where that was a Task of another execution.
    pub parent: Option<Parent>,
    /// Which Map Run began it, if one did.
    pub child_of: Option<ChildOf>,
    /// When it was started.
    pub started_at: Timestamp,
}

/// The call of another execution that started this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The ARN of the other execution.
    pub execution_arn: Text,
    /// The call's [idempotency token](crate::TaskCall::idempotency_token): a repetition of the very same call
    /// is known by it.
    pub call: Text,
}

/// STANDARD or EXPRESS: whether every transition is recorded, and how long an execution may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MachineType {
    Standard,
    Express,
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
    /// Whether it can be redriven.
    pub redrivable: Redrivable,
}

/// One run of a state machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    /// What it was started with.
    pub start: Arc<Start>,
    /// Live frames. Empty before the first wake and after the end.
    pub frames: BTreeMap<FrameId, Frame>,
    /// The id of the next history event, from 1.
    pub next_event: u64,
    /// The number of the next frame.
    pub next_frame: u32,
    /// How often each Task state has been asked, in an execution with a test case; empty in any other, and
    /// after an end that is not redriven.
    pub invocations: BTreeMap<StateId, u32>,
    /// The end, once it came.
    pub close: Option<Close>,
    /// The frames as they were at the end, of an execution that can be redriven. Empty while it is open.
    pub kept: BTreeMap<FrameId, Frame>,
    /// How often it was redriven.
    pub redrives: Redrives,
}

impl Execution {
    /// An execution that has not been woken.
    pub fn new(start: impl Into<Arc<Start>>) -> Self {
        Execution {
            start: start.into(),
            frames: BTreeMap::new(),
            next_event: 1,
            next_frame: FrameId::TOP.0,
            invocations: BTreeMap::new(),
            close: None,
            kept: BTreeMap::new(),
            redrives: Redrives::default(),
        }
    }

    /// Moves it as far as it can go without the outside world, and says what that made.
    ///
    /// Waking a closed execution makes an empty turn, unless a redrive opens it again; so does
    /// news that nobody waits for (a late reply, an old timer).
    pub fn wake(&mut self, machine: &StateMachine, wakeup: Wakeup, outside: Outside<'_>) -> Turn {
        let mut run = Run::new(self, machine, outside);
        match wakeup {
            Wakeup::Redriven { client_token, input } => run.redrive(client_token, input),
            wakeup if run.execution.close.is_none() => run.settle(wakeup),
            _ => {}
        }
        run.sum_up()
    }

    /// Does to this value what `wake` did when it made the turn: recovery is `new`, then `apply` for
    /// every recorded turn.
    pub fn apply(&mut self, turn: &Turn) {
        if let Some((at, client_token)) = turn.redrive() {
            self.reopen(at, client_token.clone());
        }
        for change in &turn.changes {
            match change {
                Change::Put(frame) => self.put(frame.clone()),
                Change::Remove(id) => {
                    self.frames.remove(id);
                }
                Change::Result { frame, index, output } => {
                    let results = self.frames.get_mut(frame).and_then(Frame::results_mut);
                    if let Some((_, results)) = results {
                        place_result(results, *index, output.clone());
                    }
                }
                Change::Invocations { state, count } => {
                    self.invocations.insert(*state, *count);
                }
            }
        }
        if let Some(last) = turn.history.last() {
            self.next_event = last.id + 1;
        }
        if let Some(close) = &turn.close {
            let frames = std::mem::take(&mut self.frames);
            match close.redrivable {
                Redrivable::Yes => self.kept = frames,
                Redrivable::NotKept | Redrivable::HistoryFull | Redrivable::TimeExceeded => {
                    self.invocations.clear();
                }
            }
            self.close = Some(close.clone());
        }
    }

    /// The effects that the present frames still need, for an engine that has just recovered this
    /// execution: timers, activity offers, `WakeAgain`, every call whose outcome is unknown, and redrives that
    /// a Map Run may not have heard of.
    pub fn outstanding(&self, machine: &StateMachine) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.close.is_some() {
            return effects;
        }
        let started = self.next_event > 1;
        if started {
            let timer = self.timer(machine).map(|at| Effect::SetTimer { frame: FrameId::EXECUTION, at });
            effects.extend(timer);
        }
        let last = self.last_moment();
        for (&id, frame) in &self.frames {
            effects.extend(crate::task::outstanding(&self.start, machine, frame));
            if let Some(pending) = frame.map_run().filter(|pending| pending.redrives > 0) {
                let map_run_arn = pending.map_run_arn.clone();
                effects.push(Effect::RedriveMapRun { frame: id, map_run_arn });
            }
            effects.extend(frame.timer(last).map(|at| Effect::SetTimer { frame: id, at }));
        }
        if !started || self.frames.values().any(|frame| frame.can_go_on()) {
            effects.push(Effect::WakeAgain);
        }
        effects
    }

    /// What a worker gets who takes the frame's activity task: its input and its token. `None` when that
    /// task is not on offer any more.
    pub fn offered(&self, frame: FrameId, attempt: u32) -> Option<(Document, String)> {
        let frame = self.frames.get(&frame).filter(|frame| frame.attempt == attempt)?;
        let task = frame.task().filter(|task| task.stage == TaskStage::Offered)?;
        Some((task.arguments.clone(), crate::task::token(&self.start, frame, task)))
    }

    /// The call of the frame's task, if that is still to be made or under way.
    pub fn called(&self, machine: &StateMachine, frame: FrameId, attempt: u32) -> Option<TaskCall> {
        let frame = self.frames.get(&frame).filter(|frame| frame.attempt == attempt)?;
        match crate::task::outstanding(&self.start, machine, frame)? {
            Effect::CallTask(call) => Some(call),
            Effect::AwaitJob { .. }
            | Effect::OfferActivity { .. }
            | Effect::CancelTask { .. }
            | Effect::StartMapRun(_)
            | Effect::RedriveMapRun { .. }
            | Effect::StopMapRun { .. }
            | Effect::SetTimer { .. }
            | Effect::CancelTimer { .. }
            | Effect::WakeAgain => None,
        }
    }

    /// Whether a token with these parts is for a task that waits for it now.
    pub fn accepts(&self, frame: FrameId, attempt: u32, nonce: u128) -> bool {
        let Some(frame) = self.frames.get(&frame).filter(|frame| frame.attempt == attempt) else {
            return false;
        };
        frame.task().is_some_and(|task| {
            let answerable = match task.stage {
                TaskStage::Called => task.early.is_none(),
                TaskStage::Offered => false,
                TaskStage::Given | TaskStage::Submitted => true,
            };
            answerable && task.nonce != 0 && task.nonce == nonce
        })
    }

    /// Whether its own time is up, so that any wakeup times it out and nothing else that has happened
    /// counts any more.
    pub fn has_run_out(&self, machine: &StateMachine, now: Timestamp) -> bool {
        self.next_event > 1 && self.deadline(machine) <= now
    }

    /// When the execution times out: by the machine's own `TimeoutSeconds`, which a redrive lets begin anew,
    /// or by AWS's limit.
    pub(crate) fn deadline(&self, machine: &StateMachine) -> Timestamp {
        let own = self.timeout_seconds(machine).map(|seconds| self.opened_at().plus_seconds(seconds));
        own.map_or(self.last_moment(), |own| own.min(self.last_moment()))
    }

    /// The machine's own `TimeoutSeconds`, which is not for the part of it that a child of a Map Run runs.
    fn timeout_seconds(&self, machine: &StateMachine) -> Option<u64> {
        machine.timeout_seconds.filter(|_| self.start.child_of.is_none())
    }

    /// When AWS's limit for any execution of its type ends it: so long may it be open in all. No frame waits
    /// longer.
    pub(crate) fn last_moment(&self) -> Timestamp {
        let seconds = match self.start.machine_type {
            MachineType::Standard => EXECUTION_SECONDS_MAX,
            MachineType::Express => EXPRESS_SECONDS_MAX,
        };
        let left = (seconds * 1000).saturating_sub(self.redrives.open_millis);
        self.opened_at().plus_millis(i64::try_from(left).unwrap_or(i64::MAX))
    }

    /// The execution's own timer, set from its first turn to its end. AWS's limit alone needs one only
    /// where a call, which has no timer, may outlast it: no call takes a year.
    pub(crate) fn timer(&self, machine: &StateMachine) -> Option<Timestamp> {
        let is_needed =
            self.timeout_seconds(machine).is_some() || self.start.machine_type == MachineType::Express;
        is_needed.then(|| self.deadline(machine))
    }

    /// Puts a recorded frame in; the results of a round that goes on are kept.
    fn put(&mut self, mut frame: Frame) {
        self.next_frame = self.next_frame.max(frame.id.0 + 1);
        let mut known = self.frames.remove(&frame.id);
        if let Some((round, results)) = frame.results_mut()
            && let Some((known_round, known_results)) = known.as_mut().and_then(Frame::results_mut)
            && round == known_round
        {
            *results = std::mem::take(known_results);
        }
        self.frames.insert(frame.id, frame);
    }
}
