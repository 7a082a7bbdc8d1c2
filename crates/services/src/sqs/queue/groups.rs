//! The lines of a FIFO queue: one for each message group. A group of which something is in flight has to wait.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::Held;
use super::line::Line;
use crate::sqs::number::Number;

/// All groups that have messages.
#[derive(Debug, Default)]
pub(super) struct Groups {
    groups: HashMap<Arc<str>, Group>,
    /// Those that can be received from, in the order in which they became so.
    ready: VecDeque<Arc<str>>,
}

#[derive(Debug, Default)]
struct Group {
    line: Line,
    in_flight: u32,
    /// Whether it is among those that are ready.
    is_listed: bool,
}

/// What is known of a message, if anything is.
type Known = HashMap<Number, Held>;

impl Groups {
    /// A name that the group's messages share.
    pub fn name(&self, group: &str) -> Arc<str> {
        self.groups.get_key_value(group).map_or_else(|| group.into(), |(name, _)| name.clone())
    }

    pub fn push_fresh(&mut self, group: &Arc<str>, number: Number, known: &Known) {
        self.group(group).line.push_fresh(number);
        self.list(group, known);
    }

    pub fn push_known(&mut self, group: &Arc<str>, number: Number, known: &Known) {
        self.group(group).line.push_known(number);
        self.list(group, known);
    }

    fn group(&mut self, group: &Arc<str>) -> &mut Group {
        self.groups.entry(group.clone()).or_default()
    }

    /// The oldest message of the group whose turn it is. The group goes on being it until [`pass`](Groups::pass).
    pub fn pop(&mut self, known: &Known) -> Option<(Arc<str>, Number)> {
        // Each round takes one out of the list.
        while let Some(name) = self.ready.front() {
            if let Some(group) = self.groups.get_mut(name)
                && let Some(number) = group.next(known)
            {
                group.line.remove(number);
                return Some((name.clone(), number));
            }
            self.pass(known);
        }
        None
    }

    /// It is the next group's turn.
    pub fn pass(&mut self, known: &Known) {
        let Some(name) = self.ready.pop_front() else { return };
        if let Some(group) = self.groups.get_mut(&name) {
            group.is_listed = false;
            self.list(&name, known);
        }
    }

    /// One of its messages is in flight.
    pub fn lock(&mut self, group: &Arc<str>) {
        self.group(group).in_flight += 1;
    }

    /// One of its messages is in flight no more.
    pub fn unlock(&mut self, group: &Arc<str>, known: &Known) {
        self.group(group).in_flight -= 1;
        self.list(group, known);
    }

    /// Takes a message out that is not in flight.
    pub fn remove(&mut self, group: &Arc<str>, number: Number, known: &Known) -> bool {
        let removed = self.groups.get_mut(group).is_some_and(|group| group.line.remove(number));
        self.list(group, known);
        removed
    }

    /// Lists a group if it can be received from, and forgets one that has nothing.
    pub fn list(&mut self, name: &Arc<str>, known: &Known) {
        let Some(group) = self.groups.get_mut(name) else { return };
        if group.in_flight == 0 && !group.is_listed {
            if group.line.is_empty() {
                self.groups.remove(name);
            } else if group.next(known).is_some() {
                group.is_listed = true;
                self.ready.push_back(name.clone());
            }
        }
    }
}

impl Group {
    /// What would be received next. A delayed message holds up those behind it.
    fn next(&self, known: &Known) -> Option<Number> {
        let first = self.line.first().filter(|_| self.in_flight == 0)?;
        let is_delayed = known.get(&first).is_some_and(|held| held.is_hidden());
        (!is_delayed).then_some(first)
    }
}
