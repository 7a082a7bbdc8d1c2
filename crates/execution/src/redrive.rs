//! RedriveExecution: an execution that ended badly goes on where it stopped. (spec/api.md §6)
//!
//! What a redrive needs is kept when the execution ends: the frames as they were at that moment, those that
//! the failure removed on its way up included ([`Run::keep`]). A frame that failed is kept as
//! [`Waiting::Anew`]. Never here: whether AWS would allow it by the calendar; the engine knows the time.

use std::collections::{BTreeMap, VecDeque};

use asl::Timestamp;
use json::{Document, Text};

use crate::event::{Event, EventKind};
use crate::execution::Execution;
use crate::frame::{Frame, FrameId, Waiting};
use crate::limits::{EXECUTION_SECONDS_MAX, HISTORY_EVENTS_REDRIVABLE_MAX};
use crate::run::Run;
use crate::turn::{Effect, Turn};

/// How many client tokens are remembered. (spec/api.md §3.4)
const TOKENS_MAX: usize = 10;

/// How long a client token is remembered, in milliseconds: 15 minutes.
const TOKEN_MILLIS: i64 = 15 * 60 * 1000;

/// Whether an execution that has ended can go on, as far as that was settled by its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redrivable {
    /// Its frames were not kept: it ended well or before its first state, or it is EXPRESS, or a version ended it
    /// that kept none.
    #[default]
    NotKept,
    /// It can.
    Yes,
    /// Its history has no room for more.
    HistoryFull,
    /// It was open for as long as an execution may be.
    TimeExceeded,
}

/// How often an execution was redriven, and what follows from that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Redrives {
    /// How often.
    pub count: u64,
    /// When the last time.
    pub last_at: Option<Timestamp>,
    /// How long it was open before that, in milliseconds, the times between left out.
    pub(crate) open_millis: u64,
    /// The client tokens of the last redrives that had one, each with its time.
    pub(crate) tokens: VecDeque<(Text, Timestamp)>,
}

impl Redrives {
    /// When the redrive was that this client token has brought about, if that is not too long ago.
    pub fn by_token(&self, token: &str, now: Timestamp) -> Option<Timestamp> {
        let is_it = |known: &&(Text, Timestamp)| known.0 == token && now.0 - known.1.0 <= TOKEN_MILLIS;
        self.tokens.iter().rev().find(is_it).map(|known| known.1)
    }
}

impl Turn {
    /// When the redrive was that this turn begins with, if it does.
    pub fn redriven_at(&self) -> Option<Timestamp> {
        self.redrive().map(|(at, _)| at)
    }

    pub(crate) fn redrive(&self) -> Option<(Timestamp, &Option<Text>)> {
        match self.history.first() {
            Some(Event { timestamp, kind: EventKind::ExecutionRedriven { client_token, .. }, .. }) => {
                Some((*timestamp, client_token))
            }
            Some(_) | None => None,
        }
    }
}

impl Execution {
    /// When it was started or, if it was, redriven the last time: its timeouts count from then.
    pub(crate) fn opened_at(&self) -> Timestamp {
        self.redrives.last_at.unwrap_or(self.start.started_at)
    }

    /// Whether it has ended and can go on, as far as that was settled by its end.
    pub fn is_redrivable(&self) -> bool {
        self.close.as_ref().is_some_and(|close| close.redrivable == Redrivable::Yes)
    }

    /// Of an execution that has ended: whether one of its states is the one that failed, so that it can be
    /// redriven with a changed input of that state.
    pub fn has_one_failed_state(&self) -> bool {
        self.failed_frame().is_some()
    }

    /// The frame whose failure ended the execution; after a timeout or a stop, the one that was open, if it
    /// was the only one.
    fn failed_frame(&self) -> Option<FrameId> {
        let failed = self.kept.values().filter(|frame| frame.waiting == Waiting::Anew);
        let is_owner =
            |id: FrameId| self.kept.values().any(|frame| frame.parent.is_some_and(|(owner, _)| owner == id));
        only(failed.map(|frame| frame.id))
            .or_else(|| only(self.kept.keys().copied().filter(|id| !is_owner(*id))))
    }

    /// It is open again from `at` on.
    pub(crate) fn reopen(&mut self, at: Timestamp, client_token: Option<Text>) {
        let closed_at = self.close.take().map_or(at, |close| close.at);
        let open = closed_at.0.saturating_sub(self.opened_at().0);
        let redrives = &mut self.redrives;
        redrives.open_millis += u64::try_from(open).unwrap_or(0);
        redrives.count += 1;
        redrives.last_at = Some(at);
        if let Some(token) = client_token {
            if redrives.tokens.len() == TOKENS_MAX {
                redrives.tokens.pop_front();
            }
            redrives.tokens.push_back((token, at));
        }
        self.frames = std::mem::take(&mut self.kept);
    }

    /// What an end at `at` that is no success leaves.
    pub(crate) fn redrivable(&self, at: Timestamp) -> Redrivable {
        let open = at.0.saturating_sub(self.opened_at().0);
        let open = self.redrives.open_millis.saturating_add(u64::try_from(open).unwrap_or(0));
        if self.next_event - 1 > HISTORY_EVENTS_REDRIVABLE_MAX {
            Redrivable::HistoryFull
        } else if open >= EXECUTION_SECONDS_MAX * 1000 {
            Redrivable::TimeExceeded
        } else {
            Redrivable::Yes
        }
    }
}

/// The one that there is, if there are not more.
fn only(mut ids: impl Iterator<Item = FrameId>) -> Option<FrameId> {
    let first = ids.next()?;
    ids.next().is_none().then_some(first)
}

impl Run<'_> {
    /// The frame's state has failed, and the failure goes on to what is around it: if nothing takes it, the
    /// frame is to be there for a redrive.
    pub fn keep(&mut self, mut frame: Frame) {
        match frame.waiting {
            // What has ended in the round need not be done again.
            Waiting::Parallel(_) | Waiting::Map(_) | Waiting::MapRun(_) => {}
            Waiting::Until(_) | Waiting::Task(_) | Waiting::Retry(_) | Waiting::Again | Waiting::Anew => {
                frame.waiting = Waiting::Anew;
            }
        }
        self.keep_as_it_is(frame);
    }

    /// The same for a frame that did not fail itself. What was kept first is nearest to the failure.
    pub fn keep_as_it_is(&mut self, frame: Frame) {
        self.kept.entry(frame.id).or_insert(frame);
    }

    /// Something has taken the failure: nobody needs the frames any more that it removed.
    pub fn forget_kept(&mut self) {
        self.kept = BTreeMap::new();
    }

    /// Goes on with an execution that ended badly; with `input`, the state that failed gets that.
    pub fn redrive(&mut self, client_token: Option<Text>, input: Option<Document>) {
        let redrivable = self.execution.close.as_ref().map(|close| close.redrivable);
        let failed = self.execution.failed_frame();
        if redrivable != Some(Redrivable::Yes) || input.is_some() && failed.is_none() {
            return;
        }
        self.execution.reopen(self.now, client_token.clone());
        let redrive_count = self.execution.redrives.count;
        let previous = self.execution.next_event - 1;
        // The threads go on behind their own last events.
        self.emit(previous, EventKind::ExecutionRedriven { redrive_count, client_token });
        if let Some(at) = self.execution.timer(self.machine) {
            self.turn.effects.push(Effect::SetTimer { frame: FrameId::EXECUTION, at });
        }
        self.note_all_as_idle();
        for frame in self.execution.frames.values_mut() {
            frame.retries.clear();
            match frame.waiting {
                Waiting::Parallel(_)
                | Waiting::Map(_)
                | Waiting::MapRun(_)
                | Waiting::Again
                | Waiting::Anew => {}
                Waiting::Until(_) | Waiting::Task(_) | Waiting::Retry(_) => frame.waiting = Waiting::Anew,
            }
        }
        if let Some((input, frame)) = input.zip(failed.and_then(|id| self.execution.frames.get_mut(&id))) {
            frame.input = input;
            // The history is to show what it goes on with.
            frame.waiting = Waiting::Again;
        }
        self.redrive_map_runs();
        self.fill_maps();
        if self.turn.close.is_none() {
            self.again();
        }
    }

    /// Map Runs go on, instead of new ones in their place.
    fn redrive_map_runs(&mut self) {
        let waiting = self.execution.frames.values().filter(|frame| frame.map_run().is_some());
        let ids: Vec<FrameId> = waiting.map(|frame| frame.id).collect();
        for id in ids {
            let Some(mut frame) = self.take(id) else { unreachable!("it was there a moment ago") };
            self.redrive_map_run(&mut frame);
            self.put(frame);
        }
    }

    /// An iteration whose ItemSelector failed was never begun, and its place is free.
    fn fill_maps(&mut self) {
        let maps = self.execution.frames.values().filter(|frame| matches!(frame.waiting, Waiting::Map(_)));
        let ids: Vec<FrameId> = maps.map(|frame| frame.id).collect();
        for id in ids {
            // The failure of another one may have ended it.
            let Some(mut owner) = self.take(id) else { continue };
            match self.start_iterations(&mut owner) {
                None => self.put(owner),
                Some(failed) => self.advance(owner, failed),
            }
            if self.turn.close.is_some() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::{Close, MachineType, Start, Status};

    fn execution() -> Execution {
        Execution::new(Start {
            arn: "arn".into(),
            name: "name".into(),
            state_machine_arn: "machine".into(),
            state_machine_name: "m".into(),
            machine_type: MachineType::Standard,
            revision: 1,
            version_arn: None,
            alias_arn: None,
            role_arn: "role".into(),
            region: "region".into(),
            input: Document::from_valid_text("{}"),
            trace_header: None,
            parent: None,
            child_of: None,
            test_case: None,
            started_at: Timestamp(0),
        })
    }

    /// Ends it at `closed` and redrives it at `redriven`, in seconds.
    fn redrive(execution: &mut Execution, closed: i64, redriven: i64, token: &str) {
        let close = Close {
            status: Status::Failed,
            at: Timestamp(closed * 1000),
            output: None,
            failure: None,
            redrivable: Redrivable::Yes,
        };
        execution.close = Some(close);
        execution.reopen(Timestamp(redriven * 1000), Some(token.into()));
    }

    #[test]
    fn the_last_ten_tokens_are_known_for_fifteen_minutes() {
        let mut execution = execution();
        for second in 1..=11 {
            redrive(&mut execution, second, second, &format!("t{second}"));
        }
        let at = |token, seconds: i64| execution.redrives.by_token(token, Timestamp(seconds * 1000));
        assert_eq!((at("t1", 11), at("t2", 11)), (None, Some(Timestamp(2000))));
        assert_eq!((at("t2", 902), at("t2", 903)), (Some(Timestamp(2000)), None));
        assert_eq!(execution.redrives.count, 11);
    }

    #[test]
    fn a_full_history_and_a_year_of_being_open_are_the_end() {
        let mut execution = execution();
        execution.next_event = 24_999;
        assert_eq!(execution.redrivable(Timestamp(5)), Redrivable::Yes);
        execution.next_event = 25_000;
        assert_eq!(execution.redrivable(Timestamp(5)), Redrivable::HistoryFull);
        execution.next_event = 5;
        // The time between an end and a redrive does not count.
        let year = EXECUTION_SECONDS_MAX as i64;
        redrive(&mut execution, 100, 1000, "t");
        assert_eq!(execution.last_moment(), Timestamp((1000 + year - 100) * 1000));
        assert_eq!(execution.redrivable(Timestamp((1000 + year - 101) * 1000)), Redrivable::Yes);
        assert_eq!(execution.redrivable(execution.last_moment()), Redrivable::TimeExceeded);
    }
}
