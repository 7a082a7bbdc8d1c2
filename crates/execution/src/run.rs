//! One wake in progress: the frames that move, the turn that grows, and how it is summed up.
//!
//! A frame that moves is taken out of the execution and put back when it waits. What changed and
//! which timers and calls follow from it is found at the end, by comparing the frames that were
//! taken with what they were before.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use asl::machine::{State, StateMachine};
use asl::{Failure, StateId, Timestamp};
use json::{Document, Text};
use jsonata::Budget;

use crate::context::Around;
use crate::event::{Event, EventKind};
use crate::execution::{Close, Execution, MachineType, Status};
use crate::frame::{Frame, FrameId, Waiting};
use crate::inspection::Inspection;
use crate::limits::{
    BYTES_PER_TURN_MAX, EVALUATION_STEPS_PER_TURN_MAX, EVENTS_PER_TURN_MAX, HISTORY_EVENTS_MAX,
};
use crate::mocks::Mocks;
use crate::outside::Outside;
use crate::random::Random;
use crate::redrive::Redrivable;
use crate::standing::Standing;
use crate::step::Step;
use crate::turn::{Change, Effect, Turn};

/// Room for the events of a few states: most turns make no more.
const EVENTS_EXPECTED: usize = 16;

pub(crate) struct Run<'a> {
    pub machine: &'a StateMachine,
    pub execution: &'a mut Execution,
    pub now: Timestamp,
    pub activity_exists: &'a dyn Fn(&str) -> bool,
    pub mocks: &'a Mocks,
    pub random: Random,
    /// What is left for the expressions of the state that is entered or left.
    budget: Cell<Budget>,
    /// Steps of evaluation that earlier ones took in this turn.
    steps: u64,
    /// Bytes of payloads in this turn; one that goes from event to event counts once.
    bytes: usize,
    /// The last one that was counted.
    counted: Option<Document>,
    /// Who looks on while a state is tested.
    pub inspection: Option<&'a Inspection>,
    /// Whether the state's work is mocked, so that no service sees its Parameters.
    pub is_mocked: bool,
    /// History and new calls; the rest is added by [`Run::sum_up`].
    pub turn: Turn,
    /// Frames that can go on, in order.
    pub ready: VecDeque<FrameId>,
    /// Frames that a failure removed on its way up, for a redrive if nothing takes it.
    pub kept: BTreeMap<FrameId, Frame>,
    /// The task that this wake's answer is for: it needs no cancelling.
    pub answered: Option<(FrameId, u32)>,
    /// The Map Run that has just ended: it needs no stopping.
    pub ended_run: Option<Text>,
    /// The frame whose timer has just fired: it needs no cancelling either.
    pub fired: Option<FrameId>,
    results: Vec<NewResult>,
    /// Task states that were asked in this turn, where that is counted.
    invoked: BTreeSet<StateId>,
    before: BTreeMap<FrameId, Before>,
    /// Frames from here on are of this turn.
    first_new: u32,
    history_full: bool,
}

/// What a frame asked of the outside before this turn.
struct Before {
    timer: Option<Timestamp>,
    task: Option<u32>,
    map_run: Option<Text>,
}

/// A branch's or iteration's result of this turn.
struct NewResult {
    frame: FrameId,
    started_event: u64,
    index: u32,
    output: Document,
}

impl<'a> Run<'a> {
    pub fn new(execution: &'a mut Execution, machine: &'a StateMachine, outside: Outside<'a>) -> Run<'a> {
        Run {
            machine,
            now: outside.now,
            activity_exists: outside.activity_exists,
            mocks: outside.mocks,
            random: Random::new(outside.seed),
            budget: Cell::default(),
            steps: 0,
            bytes: 0,
            counted: None,
            inspection: None,
            is_mocked: false,
            turn: Turn { history: Vec::with_capacity(EVENTS_EXPECTED), ..Turn::default() },
            ready: VecDeque::new(),
            kept: BTreeMap::new(),
            answered: None,
            ended_run: None,
            fired: None,
            results: Vec::new(),
            invoked: BTreeSet::new(),
            before: BTreeMap::new(),
            first_new: execution.next_frame,
            history_full: false,
            execution,
        }
    }

    /// Lets every frame that can go on go on, until all wait, the turn is long, or the execution ends.
    pub fn go_on(&mut self) {
        while !self.is_long()
            && let Some(id) = self.ready.pop_front()
        {
            // A sibling's failure may have removed it in the meantime.
            if let Some(mut frame) = self.take(id) {
                let is_in_its_state = frame.waiting == Waiting::Anew;
                let step = if is_in_its_state { self.begin_anew(&mut frame) } else { Step::Enter };
                self.advance(frame, step);
            }
        }
    }

    /// The machine's state that `frame` is in; it outlives every change of this run.
    pub fn state(&self, frame: &Frame) -> &'a State {
        self.machine.state(frame.state)
    }

    /// What the expressions of `frame`'s state see.
    pub fn around<'b>(&'b self, frame: &'b Frame) -> Around<'b> {
        Around {
            machine: self.machine,
            start: &self.execution.start,
            redrives: &self.execution.redrives,
            frames: &self.execution.frames,
            frame,
            random: &self.random,
            inspection: self.inspection,
            now: self.now,
            budget: &self.budget,
            nonce: 0,
            item: None,
            context: OnceCell::new(),
        }
    }

    /// Whether this turn has made as many events, written or evaluated as much, as one may.
    pub fn is_long(&self) -> bool {
        self.turn.history.len() >= EVENTS_PER_TURN_MAX
            || self.bytes >= BYTES_PER_TURN_MAX
            || self.steps + self.steps_of_this_budget() >= EVALUATION_STEPS_PER_TURN_MAX
    }

    /// What is entered, left or caught next may evaluate as much as any.
    ///
    /// All expressions that are evaluated in one go share the budget of one evaluation, or a state with
    /// thousands of them could hold up everybody.
    pub fn renew_budget(&mut self) {
        self.steps += self.steps_of_this_budget();
        self.budget = Cell::default();
    }

    fn steps_of_this_budget(&self) -> u64 {
        Budget::default().steps - self.budget.get().steps
    }

    /// Whether the events make a history, which has a length.
    fn has_history(&self) -> bool {
        self.execution.start.machine_type == MachineType::Standard
    }

    /// Whether an event found no room in the history.
    pub fn history_is_full(&self) -> bool {
        self.history_full
    }

    /// Adds an event, and makes it the last one of `frame`'s thread.
    pub fn follow(&mut self, frame: &mut Frame, kind: EventKind) -> u64 {
        frame.last_event = self.emit(frame.last_event, kind);
        frame.last_event
    }

    /// Adds an event and returns its id. The last place of the history is kept for the event that
    /// ends the execution.
    pub fn emit(&mut self, previous: u64, kind: EventKind) -> u64 {
        let id = self.execution.next_event;
        if id >= HISTORY_EVENTS_MAX && !ends_execution(&kind) && self.has_history() {
            self.history_full = true;
            return previous;
        }
        if let Some(payload) = kind.payload() {
            self.count(payload);
        }
        if let EventKind::StateExited { assigned, .. } = &kind {
            self.bytes += assigned.iter().map(|(_, value)| value.size()).sum::<usize>();
        }
        self.turn.history.push(Event { id, previous, timestamp: self.now, kind });
        self.execution.next_event = id + 1;
        id
    }

    /// Counts a payload that becomes part of the turn's record.
    pub fn count(&mut self, payload: &Document) {
        if self.counted.as_ref().is_none_or(|counted| !counted.same(payload)) {
            self.bytes += payload.size();
            self.counted = Some(payload.clone());
        }
    }

    /// Takes a frame out to move it.
    pub fn take(&mut self, id: FrameId) -> Option<Frame> {
        let frame = self.execution.frames.remove(&id)?;
        self.note(&frame);
        Some(frame)
    }

    /// Puts a frame (back) in.
    pub fn put(&mut self, frame: Frame) {
        self.execution.frames.insert(frame.id, frame);
    }

    /// The number of a new frame.
    pub fn new_frame_id(&mut self) -> FrameId {
        let id = FrameId(self.execution.next_frame);
        self.execution.next_frame += 1;
        id
    }

    /// Notes the result of a branch or iteration that ended well.
    pub fn note_result(&mut self, owner: &mut Frame, index: u32, output: Document) {
        if let Some((started_event, results)) = owner.results_mut() {
            crate::frame::place_result(results, index, output.clone());
            self.results.push(NewResult { frame: owner.id, started_event, index, output });
        }
    }

    /// Counts one more invocation of the Task state that `frame` is in.
    pub fn count_invocation(&mut self, frame: &Frame) {
        *self.execution.invocations.entry(frame.state).or_default() += 1;
        self.invoked.insert(frame.state);
    }

    /// Ends the execution at this moment of its own, even where the wake comes later.
    pub fn time_out(&mut self, at: Timestamp) {
        self.now = at;
        // No state is aborted, and DescribeExecution shows no error. (spec/history-events.md §3.5)
        let event = EventKind::ExecutionTimedOut { failure: Failure::named(aws_names::error::TIMEOUT) };
        self.close(0, event, Status::TimedOut, None, None);
    }

    /// Ends the execution; `event` is its last one and follows `previous`.
    pub fn close(
        &mut self,
        previous: u64,
        event: EventKind,
        status: Status,
        output: Option<Document>,
        failure: Option<Failure>,
    ) {
        self.emit(previous, event);
        self.ready.clear();
        let is_empty = self.execution.frames.is_empty() && self.kept.is_empty();
        let redrivable = match status {
            Status::Failed | Status::TimedOut | Status::Aborted if self.has_history() && !is_empty => {
                self.execution.redrivable(self.now)
            }
            Status::Failed | Status::TimedOut | Status::Aborted | Status::Succeeded | Status::Running => {
                Redrivable::NotKept
            }
        };
        self.turn.close = Some(Close { status, at: self.now, output, failure, redrivable });
    }

    /// Ends the execution with a failure.
    pub fn close_failed(&mut self, previous: u64, failure: Failure) {
        let event = EventKind::ExecutionFailed { failure: failure.clone() };
        self.close(previous, event, Status::Failed, None, Some(failure));
    }

    /// Adds changes and effects to the turn: all that follows from what the frames were and are.
    pub fn sum_up(mut self) -> Turn {
        if let Some(close) = self.turn.close.clone() {
            self.sum_up_end(close);
            return self.turn;
        }
        let last_moment = self.execution.last_moment();
        let mut calls = std::mem::take(&mut self.turn.effects);
        calls.retain(|effect| is_wanted(effect, &self.execution.frames));
        self.add_changes();
        for (&id, before) in &self.before {
            let frame = self.execution.frames.get(&id);
            let same_task = frame.is_some_and(|frame| frame.task().map(|_| frame.attempt) == before.task);
            if let Some(attempt) = before.task
                && !same_task
                && self.answered != Some((id, attempt))
            {
                self.turn.effects.push(Effect::CancelTask { frame: id });
            }
            let map_run = frame.and_then(|frame| Some(&frame.map_run()?.map_run_arn));
            if let Some(map_run_arn) = &before.map_run
                && map_run != Some(map_run_arn)
                && self.ended_run.as_ref() != Some(map_run_arn)
            {
                self.turn.effects.push(Effect::StopMapRun { map_run_arn: map_run_arn.clone() });
            }
        }
        self.turn.effects.append(&mut calls);
        let frames = &self.execution.frames;
        let effects = &mut self.turn.effects;
        let new = frames.range(FrameId(self.first_new)..);
        let timers =
            self.before.iter().map(|(&id, before)| (id, before.timer)).chain(new.map(|(&id, _)| (id, None)));
        for (id, before) in timers {
            let before = before.filter(|_| self.fired != Some(id));
            let after = frames.get(&id).and_then(|frame| frame.timer(last_moment));
            match after {
                Some(at) if before != after => effects.push(Effect::SetTimer { frame: id, at }),
                None if before.is_some() => effects.push(Effect::CancelTimer { frame: id }),
                Some(_) | None => {}
            }
        }
        if self.ready.iter().any(|id| frames.contains_key(id)) {
            effects.push(Effect::WakeAgain);
        }
        // Frames that came and went in this turn were never seen outside: their numbers are free again.
        let last = frames.last_key_value().map_or(0, |(id, _)| id.0);
        self.execution.next_frame = self.first_new.max(last + 1);
        self.turn.standing = Standing::of(self.execution, self.machine);
        self.turn
    }

    /// What the frames that this turn has touched have become.
    fn add_changes(&mut self) {
        let frames = &self.execution.frames;
        let changes = &mut self.turn.changes;
        for &id in self.before.keys() {
            let frame = frames.get(&id);
            changes.push(frame.map_or(Change::Remove(id), |frame| Change::Put(frame.to_record())));
        }
        let new = frames.range(FrameId(self.first_new)..);
        changes.extend(new.map(|(_, frame)| Change::Put(frame.to_record())));
        for result in std::mem::take(&mut self.results) {
            // Results of a round that has ended in the same turn are part of what came after it.
            let owner = frames.get(&result.frame);
            if owner.is_some_and(|owner| started_event(owner) == Some(result.started_event)) {
                let NewResult { frame, index, output, .. } = result;
                changes.push(Change::Result { frame, index, output });
            }
        }
        let invocations = &self.execution.invocations;
        let counted = self.invoked.iter().filter_map(|state| Some((*state, *invocations.get(state)?)));
        changes.extend(counted.map(|(state, count)| Change::Invocations { state, count }));
    }

    fn sum_up_end(&mut self, close: Close) {
        if close.redrivable == Redrivable::Yes {
            self.execution.frames.append(&mut self.kept);
            self.add_changes();
        }
        let frames = std::mem::take(&mut self.execution.frames);
        for frame in frames.values() {
            self.note(frame);
        }
        // The timer of a turn that opens the execution was never set.
        let opens =
            self.turn.redriven_at().is_some() || self.turn.history.first().is_some_and(|event| event.id == 1);
        let effects = &mut self.turn.effects;
        effects.clear();
        for (&frame, before) in &self.before {
            if let Some(attempt) = before.task
                && self.answered != Some((frame, attempt))
            {
                effects.push(Effect::CancelTask { frame });
            }
            if before.timer.is_some() && self.fired != Some(frame) {
                effects.push(Effect::CancelTimer { frame });
            }
            if let Some(map_run_arn) = &before.map_run
                && self.ended_run.as_ref() != Some(map_run_arn)
            {
                effects.push(Effect::StopMapRun { map_run_arn: map_run_arn.clone() });
            }
        }
        let has_timer = !opens && self.execution.timer(self.machine).is_some();
        if has_timer && self.fired != Some(FrameId::EXECUTION) {
            effects.push(Effect::CancelTimer { frame: FrameId::EXECUTION });
        }
        self.execution.next_frame = self.first_new;
        if close.redrivable == Redrivable::Yes {
            let last = frames.last_key_value().map_or(0, |(id, _)| id.0);
            self.execution.next_frame = self.first_new.max(last + 1);
            self.execution.kept = frames;
        } else {
            self.execution.invocations.clear();
        }
        self.execution.close = Some(close);
        self.turn.standing = Standing::ended();
    }

    /// All frames are going to be touched, and none of them has asked the outside for anything.
    pub fn note_all_as_idle(&mut self) {
        let ids = self.execution.frames.keys();
        self.before.extend(ids.map(|&id| (id, Before { timer: None, task: None, map_run: None })));
    }

    /// Remembers what a frame of an earlier turn was.
    fn note(&mut self, frame: &Frame) {
        if frame.id.0 < self.first_new {
            let last_moment = self.execution.last_moment();
            self.before.entry(frame.id).or_insert_with(|| Before::of(frame, last_moment));
        }
    }
}

impl Before {
    fn of(frame: &Frame, last_moment: Timestamp) -> Before {
        Before {
            timer: frame.timer(last_moment),
            task: frame.task().map(|_| frame.attempt),
            map_run: frame.map_run().map(|pending| pending.map_run_arn.clone()),
        }
    }
}

/// Whether the task that `effect` is about is still waited for.
fn is_wanted(effect: &Effect, frames: &BTreeMap<FrameId, Frame>) -> bool {
    match effect {
        Effect::CallTask(call) | Effect::AwaitJob { call, .. } => {
            is_pending(frames, call.frame, call.attempt)
        }
        Effect::OfferActivity { frame, attempt, .. } => is_pending(frames, *frame, *attempt),
        Effect::StartMapRun(start) => waits_for(frames, start.frame, &start.arn),
        Effect::RedriveMapRun { frame, map_run_arn } => waits_for(frames, *frame, map_run_arn),
        Effect::SetTimer { .. }
        | Effect::CancelTimer { .. }
        | Effect::CancelTask { .. }
        | Effect::StopMapRun { .. }
        | Effect::WakeAgain => true,
    }
}

fn waits_for(frames: &BTreeMap<FrameId, Frame>, id: FrameId, map_run_arn: &Text) -> bool {
    let pending = frames.get(&id).and_then(Frame::map_run);
    pending.is_some_and(|pending| pending.map_run_arn == *map_run_arn)
}

fn is_pending(frames: &BTreeMap<FrameId, Frame>, id: FrameId, attempt: u32) -> bool {
    frames.get(&id).is_some_and(|frame| frame.attempt == attempt && frame.task().is_some())
}

/// The event that began the present round of the Parallel or Map state that `frame` stands at.
fn started_event(frame: &Frame) -> Option<u64> {
    match &frame.waiting {
        Waiting::Parallel(pending) => Some(pending.started_event),
        Waiting::Map(pending) => Some(pending.started_event),
        Waiting::Until(_)
        | Waiting::Task(_)
        | Waiting::Retry(_)
        | Waiting::MapRun(_)
        | Waiting::Again
        | Waiting::Anew => None,
    }
}

fn ends_execution(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::ExecutionSucceeded { .. }
            | EventKind::ExecutionFailed { .. }
            | EventKind::ExecutionAborted { .. }
            | EventKind::ExecutionTimedOut { .. }
    )
}
