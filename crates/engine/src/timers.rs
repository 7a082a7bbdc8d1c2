//! Timers of all open executions, ordered by time. They are not recorded: after a restart they follow
//! from the frames.

use std::collections::{BTreeSet, HashMap};

use asl::Timestamp;
use execution::FrameId;
use store::ExecutionKey;

/// Who has set a timer. Each frame has one at most.
pub(crate) type Owner = (ExecutionKey, FrameId);

/// The set of all timers.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    by_time: BTreeSet<(Timestamp, Owner)>,
    by_owner: HashMap<Owner, Timestamp>,
}

impl Timers {
    /// Sets the owner's timer, in place of an earlier one.
    pub(crate) fn set(&mut self, owner: Owner, at: Timestamp) {
        if let Some(earlier) = self.by_owner.insert(owner, at) {
            self.by_time.remove(&(earlier, owner));
        }
        self.by_time.insert((at, owner));
    }

    /// Forgets the owner's timer, if it has one.
    pub(crate) fn cancel(&mut self, owner: Owner) {
        if let Some(at) = self.by_owner.remove(&owner) {
            self.by_time.remove(&(at, owner));
        }
    }

    /// When the next one is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes one that is due at `now`, the earliest first.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Owner> {
        let (at, owner) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.by_time.pop_first();
        self.by_owner.remove(&owner);
        Some(owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(key: u64, frame: u32) -> Owner {
        (ExecutionKey(key), FrameId(frame))
    }

    #[test]
    fn fires_in_order_and_never_early() {
        let mut timers = Timers::default();
        timers.set(owner(1, 1), Timestamp(30));
        timers.set(owner(2, 1), Timestamp(10));
        assert_eq!(timers.take_due(Timestamp(9)), None);
        assert_eq!(timers.take_due(Timestamp(30)), Some(owner(2, 1)));
        assert_eq!(timers.take_due(Timestamp(30)), Some(owner(1, 1)));
        assert_eq!(timers.take_due(Timestamp(99)), None);
    }

    #[test]
    fn setting_again_replaces_and_cancelling_forgets() {
        let mut timers = Timers::default();
        timers.set(owner(1, 1), Timestamp(10));
        timers.set(owner(1, 1), Timestamp(50));
        timers.set(owner(1, 2), Timestamp(20));
        timers.cancel(owner(1, 2));
        timers.cancel(owner(7, 7));
        assert_eq!(timers.next_due(), Some(Timestamp(50)));
        assert_eq!(timers.take_due(Timestamp(49)), None);
    }
}
