//! A queue as a value: which messages it has, which of them can be received, and by when the others can.
//!
//! Only what is needed to decide is here; bodies stay in the ledger. Never here: a clock, a disk, `async`. Time comes in
//! as an argument, in milliseconds since 1970, and what has changed goes out, for the caller to write down.

mod groups;
mod held;
mod line;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use self::groups::Groups;
pub(crate) use self::held::{Held, Phase};
use self::line::Line;
use super::number::Number;

/// How many messages one receive looks at: some may have expired or may have been received too often. The next receive
/// goes on.
const LOOKED_AT_MAX: usize = 1_000;

/// A message is never hidden for longer than this after a receive. (documented: 12 hours)
pub(crate) const HIDDEN_MAX: i64 = 43_200_000;

/// What a queue's attributes mean for its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// How long a message is kept, in milliseconds.
    pub retention: i64,
    /// How often a message may be received before it is dead.
    pub receives_max: Option<u32>,
    /// How many may be in flight.
    pub in_flight_max: usize,
}

/// A queue.
#[derive(Debug)]
pub(crate) struct Queue {
    pub rules: Rules,
    lines: Lines,
    held: HashMap<Number, Held>,
    /// Hidden messages, by when they become visible.
    due: BTreeSet<(i64, Number)>,
    /// Messages that are older than their numbers say, by when they were sent.
    moved: BTreeSet<(i64, Number)>,
    /// Messages up to this one were purged.
    purged: Number,
    /// All messages.
    count: usize,
    in_flight: usize,
}

#[derive(Debug)]
enum Lines {
    Standard(Line),
    Fifo(Groups),
}

/// A message that has been received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub number: Number,
    /// As it is from now on.
    pub held: Held,
}

/// What a receive found.
#[derive(Debug, Default)]
pub(crate) struct Taking {
    /// In flight from now on, or visible again at once if that was asked for.
    pub taken: Vec<Taken>,
    /// Out of the queue: received too often already. They are to be moved or [`restored`](Queue::restore).
    pub dead: Vec<Taken>,
    /// Out of the queue: too old. They are to be removed.
    pub expired: Vec<Taken>,
    /// Whether so many are in flight that no more may be.
    pub is_over_limit: bool,
}

/// Why a receipt is good for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stale {
    /// There is no such message any more.
    Gone,
    /// The message was received again since.
    ReceivedAgain,
    /// It is visible again.
    Visible,
    /// It would be hidden for longer than allowed.
    TooLong,
}

impl Queue {
    pub fn new(is_fifo: bool, rules: Rules, purged: Number) -> Queue {
        let lines = if is_fifo { Lines::Fifo(Groups::default()) } else { Lines::Standard(Line::default()) };
        Queue {
            rules,
            lines,
            held: HashMap::new(),
            due: BTreeSet::new(),
            moved: BTreeSet::new(),
            purged,
            count: 0,
            in_flight: 0,
        }
    }

    /// How many can be received, are delayed, are in flight.
    pub fn counts(&self) -> (usize, usize, usize) {
        let delayed = self.due.len() - self.in_flight;
        (self.count - self.due.len(), delayed, self.in_flight)
    }

    /// A name that a group's messages share.
    pub fn group(&self, group: &str) -> Arc<str> {
        match &self.lines {
            Lines::Standard(_) => group.into(),
            Lines::Fifo(groups) => groups.name(group),
        }
    }

    /// What is known of a message.
    pub fn held(&self, number: Number) -> Option<&Held> {
        self.held.get(&number)
    }

    /// When the next hidden message becomes visible.
    pub fn next_due(&self) -> Option<i64> {
        self.due.first().map(|&(due, _)| due)
    }

    /// A message came of which there is nothing more to know. They come in order.
    pub fn arrive_fresh(&mut self, number: Number, group: Option<Arc<str>>) {
        if number <= self.purged {
            return;
        }
        self.count += 1;
        match (&mut self.lines, group) {
            (Lines::Fifo(groups), Some(group)) => groups.push_fresh(&group, number, &self.held),
            (Lines::Standard(line), _) => line.push_fresh(number),
            (Lines::Fifo(_), None) => unreachable!("a message of a FIFO queue has a group"),
        }
    }

    /// A message came that is delayed, was moved here, or was found after a restart.
    pub fn arrive(&mut self, number: Number, held: Held) {
        if number > self.purged {
            self.restore(number, held);
        }
    }

    /// Puts a message back that was taken out, or should not have been: as it was.
    pub fn restore(&mut self, number: Number, held: Held) {
        if number <= self.purged || self.held.contains_key(&number) {
            return;
        }
        self.count += 1;
        if held.sent < number.time() {
            self.moved.insert((held.sent, number));
        }
        self.due.extend(held.due().map(|due| (due, number)));
        self.in_flight += usize::from(held.is_in_flight());
        self.held.insert(number, held.clone());
        match (&mut self.lines, &held.group) {
            (Lines::Fifo(groups), Some(group)) if held.is_in_flight() => groups.lock(group),
            (Lines::Fifo(groups), Some(group)) => groups.push_known(group, number, &self.held),
            (Lines::Standard(line), _) if !held.is_hidden() => line.push_known(number),
            _ => {}
        }
    }

    /// Makes visible what is due.
    pub fn wake(&mut self, now: i64) {
        while let Some(&(due, number)) = self.due.first()
            && due <= now
        {
            self.show(number);
        }
    }

    /// Receives up to `max` messages, which are in flight until `until`.
    pub fn take(&mut self, now: i64, max: usize, until: i64) -> Taking {
        self.wake(now);
        let mut taking = Taking::default();
        for _ in 0..LOOKED_AT_MAX {
            if taking.taken.len() == max {
                break;
            }
            if self.in_flight + taking.taken.len() >= self.rules.in_flight_max {
                taking.is_over_limit = true;
                break;
            }
            let Some(Taken { number, mut held }) = self.pop() else { break };
            if held.sent + self.rules.retention <= now {
                taking.expired.push(Taken { number, held });
                continue;
            }
            if self.rules.receives_max.is_some_and(|max| held.receives >= max) {
                taking.dead.push(Taken { number, held });
                continue;
            }
            if held.first_received == 0 {
                held.first_received = now;
            }
            held.received = now;
            held.receives = held.receives.saturating_add(1);
            held.phase = if until > now { Phase::InFlight(until) } else { Phase::Visible };
            taking.taken.push(Taken { number, held });
        }
        // Not before: the messages of a group may be received together, and what is visible at once not twice.
        for Taken { number, held } in &taking.taken {
            self.restore(*number, held.clone());
        }
        taking
    }

    /// Takes up to `max` messages out that can be received and are not newer than `last`. They are to be moved or
    /// [`restored`](Queue::restore).
    pub fn pull(&mut self, now: i64, max: usize, last: Number) -> Vec<Taken> {
        self.wake(now);
        let (mut pulled, mut newer) = (Vec::new(), Vec::new());
        for _ in 0..LOOKED_AT_MAX {
            if pulled.len() == max {
                break;
            }
            let Some(taken) = self.pop() else { break };
            if taken.number <= last { pulled.push(taken) } else { newer.push(taken) }
        }
        for Taken { number, held } in newer {
            self.restore(number, held);
        }
        pulled
    }

    /// Takes the first out of its line, and out of the queue.
    fn pop(&mut self) -> Option<Taken> {
        let (group, number) = match &mut self.lines {
            Lines::Standard(line) => (None, line.pop()?),
            Lines::Fifo(groups) => {
                let (group, number) = groups.pop(&self.held)?;
                (Some(group), number)
            }
        };
        self.count -= 1;
        let known = self.held.remove(&number);
        if let Some(held) = &known {
            self.moved.remove(&(held.sent, number));
        }
        let held = known.unwrap_or_else(|| Held::new(number.time(), Phase::Visible, group));
        Some(Taken { number, held })
    }

    /// Deletes the message of a receipt; what it was. One that was received again since belongs to its new receiver.
    pub fn remove(&mut self, number: Number, receives: u32) -> Result<Held, Stale> {
        let held = self.held.get(&number).ok_or(Stale::Gone)?;
        let is_latest = held.receives == receives;
        // A FIFO queue would have to tell whether the next of the group may follow.
        if matches!(self.lines, Lines::Fifo(_)) && !(is_latest && held.is_in_flight()) {
            return Err(Stale::Visible);
        }
        if !is_latest {
            return Err(Stale::ReceivedAgain);
        }
        Ok(self.take_out(number).expect("it is there"))
    }

    /// Takes a message that is known out of wherever it is.
    fn take_out(&mut self, number: Number) -> Option<Held> {
        let held = self.held.remove(&number)?;
        self.count -= 1;
        self.moved.remove(&(held.sent, number));
        if let Some(due) = held.due() {
            self.due.remove(&(due, number));
        }
        self.in_flight -= usize::from(held.is_in_flight());
        match (&mut self.lines, &held.group) {
            (Lines::Fifo(groups), Some(group)) if held.is_in_flight() => groups.unlock(group, &self.held),
            (Lines::Fifo(groups), Some(group)) => {
                groups.remove(group, number, &self.held);
            }
            (Lines::Standard(line), _) => {
                line.remove(number);
            }
            (Lines::Fifo(_), None) => unreachable!("a message of a FIFO queue has a group"),
        }
        Some(held)
    }

    /// Hides the message of a receipt until another time; what it is from now on.
    pub fn hide(&mut self, number: Number, receives: u32, until: i64, now: i64) -> Result<Held, Stale> {
        self.wake(now);
        let held = self.held.get(&number).ok_or(Stale::Gone)?;
        if held.receives != receives {
            return Err(Stale::ReceivedAgain);
        }
        if !held.is_in_flight() {
            return Err(Stale::Visible);
        }
        if until > held.received + HIDDEN_MAX {
            return Err(Stale::TooLong);
        }
        let mut held = self.take_out(number).expect("it is there");
        held.phase = if until > now { Phase::InFlight(until) } else { Phase::Visible };
        self.restore(number, held.clone());
        Ok(held)
    }

    /// Gives a message back whose receiver never heard of it; what it is from now on, if it still is in flight.
    pub fn give_back(&mut self, number: Number, receives: u32) -> Option<Held> {
        let held = self.held.get(&number)?;
        if held.receives != receives || !held.is_in_flight() {
            return None;
        }
        self.show(number);
        self.held.get(&number).cloned()
    }

    fn show(&mut self, number: Number) {
        if let Some(mut held) = self.take_out(number) {
            held.phase = Phase::Visible;
            self.restore(number, held);
        }
    }

    /// Messages of other queues that have been here for too long, by when they were sent: at most so many.
    pub fn moved_before(&self, sent: i64, limit: usize) -> Vec<Number> {
        let before = self.moved.range(..(sent, Number(0)));
        before.take(limit).map(|&(_, number)| number).collect()
    }

    /// Takes a message out that is too old: one that is known, or the oldest of its line.
    pub fn expire(&mut self, number: Number, group: Option<&Arc<str>>) {
        if self.take_out(number).is_some() {
            return;
        }
        let was_there = match (&mut self.lines, group) {
            (Lines::Standard(line), _) => line.remove(number),
            (Lines::Fifo(groups), Some(group)) => groups.remove(group, number, &self.held),
            (Lines::Fifo(_), None) => false,
        };
        self.count -= usize::from(was_there);
    }

    /// Forgets all messages up to this one, among them those that have not arrived yet.
    pub fn purge(&mut self, purged: Number) {
        let is_fifo = matches!(self.lines, Lines::Fifo(_));
        *self = Queue::new(is_fifo, self.rules, purged);
    }
}
