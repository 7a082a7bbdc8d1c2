//! Things that wait for their turn, by state machine. Machines take turns, so that a million things of
//! one do not hold up another's.

use std::collections::{HashMap, VecDeque};

/// Queues by revision of a state machine, served one thing at a time in turn.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    queues: HashMap<u64, VecDeque<T>>,
    /// Revisions that have something, in turn.
    order: VecDeque<u64>,
    len: usize,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Ring { queues: HashMap::new(), order: VecDeque::new(), len: 0 }
    }
}

impl<T> Ring<T> {
    /// Puts it behind what this revision has already.
    pub(crate) fn push(&mut self, revision: u64, thing: T) {
        let queue = self.queues.entry(revision).or_default();
        if queue.is_empty() {
            self.order.push_back(revision);
        }
        queue.push_back(thing);
        self.len += 1;
    }

    /// Takes the oldest thing of the revision whose turn it is.
    pub(crate) fn take(&mut self) -> Option<T> {
        let revision = self.order.pop_front()?;
        let queue = self.queues.get_mut(&revision)?;
        let thing = queue.pop_front();
        match queue.is_empty() {
            true => drop(self.queues.remove(&revision)),
            false => self.order.push_back(revision),
        }
        self.len -= usize::from(thing.is_some());
        thing
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_take_turns_and_each_keeps_its_order() {
        let mut ring = Ring::default();
        for thing in ["a1", "a2", "a3"] {
            ring.push(1, thing);
        }
        ring.push(2, "b1");
        assert_eq!((ring.take(), ring.take(), ring.len()), (Some("a1"), Some("b1"), 2));
        ring.push(2, "b2");
        let rest: Vec<&str> = std::iter::from_fn(|| ring.take()).collect();
        assert_eq!(rest, ["a2", "b2", "a3"]);
        assert!(ring.is_empty() && ring.queues.is_empty());
    }
}
