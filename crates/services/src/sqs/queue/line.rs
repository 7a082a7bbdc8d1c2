//! Messages that wait to be received, the oldest first.

use std::collections::{BTreeSet, VecDeque};

use crate::sqs::number::Number;

/// A line. What nobody has touched yet takes eight bytes a message: that is how a queue of ten million fits.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Never received: nothing else is known of them in memory.
    fresh: VecDeque<Number>,
    /// Those of which more is known: received before, delayed, or moved here.
    known: BTreeSet<Number>,
}

impl Line {
    pub fn push_fresh(&mut self, number: Number) {
        self.fresh.push_back(number);
    }

    pub fn push_known(&mut self, number: Number) {
        self.known.insert(number);
    }

    /// The oldest.
    pub fn first(&self) -> Option<Number> {
        match (self.fresh.front(), self.known.first()) {
            (Some(&fresh), Some(&known)) => Some(fresh.min(known)),
            (fresh, known) => fresh.or(known).copied(),
        }
    }

    /// Takes the oldest.
    pub fn pop(&mut self) -> Option<Number> {
        let first = self.first()?;
        self.remove(first);
        Some(first)
    }

    /// Takes one out: any that is known, or the oldest; whether it was there.
    pub fn remove(&mut self, number: Number) -> bool {
        if self.fresh.front() != Some(&number) {
            return self.known.remove(&number);
        }
        self.fresh.pop_front();
        // Room for millions is not kept for a few.
        if self.fresh.capacity() > 4_096 && self.fresh.len() < self.fresh.capacity() / 8 {
            self.fresh.shrink_to(self.fresh.len() * 2);
        }
        true
    }

    pub fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.known.is_empty()
    }
}
