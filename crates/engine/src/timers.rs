//! Timers of all open executions, ordered by time. They are not recorded: after a restart they follow
//! from what the store says that executions wait for.
//!
//! State machines take turns: a million timers of one that are due in the same second do not hold up
//! the timer of another.

use std::collections::{BTreeSet, HashMap, VecDeque};

use asl::Timestamp;
use execution::FrameId;
use store::ExecutionKey;

/// Who has set a timer. Each frame has one at most.
pub(crate) type Owner = (ExecutionKey, FrameId);

/// The set of all timers, by revision of a state machine.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    by_revision: HashMap<u64, OfRevision>,
    /// The first timer of every revision that is not in `due`.
    firsts: BTreeSet<(Timestamp, u64)>,
    /// Revisions whose first timer was due when somebody looked, in turn.
    due: VecDeque<u64>,
    by_owner: HashMap<Owner, (Timestamp, u64)>,
}

#[derive(Debug, Default)]
struct OfRevision {
    by_time: BTreeSet<(Timestamp, Owner)>,
    is_due: bool,
}

impl Timers {
    /// Sets the owner's timer, in place of an earlier one. An execution keeps its revision.
    pub(crate) fn set(&mut self, revision: u64, owner: Owner, at: Timestamp) {
        let earlier = self.by_owner.insert(owner, (at, revision));
        self.change(revision, |by_time| {
            if let Some((earlier, _)) = earlier {
                by_time.remove(&(earlier, owner));
            }
            by_time.insert((at, owner));
        });
    }

    /// Forgets the owner's timer, if it has one.
    pub(crate) fn cancel(&mut self, owner: Owner) {
        if let Some((at, revision)) = self.by_owner.remove(&owner) {
            self.change(revision, |by_time| {
                by_time.remove(&(at, owner));
            });
        }
    }

    /// When the next one is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let due = self.due.iter().filter_map(|revision| self.by_revision[revision].first());
        due.chain(self.firsts.first().map(|(at, _)| *at)).min()
    }

    /// Takes one that is due at `now`: the earliest of the revision whose turn it is.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Owner> {
        while let Some(&(at, revision)) = self.firsts.first().filter(|(at, _)| *at <= now) {
            self.firsts.remove(&(at, revision));
            self.due.push_back(revision);
            if let Some(of_revision) = self.by_revision.get_mut(&revision) {
                of_revision.is_due = true;
            }
        }
        while let Some(revision) = self.due.pop_front() {
            let Some(of_revision) = self.by_revision.get_mut(&revision) else { continue };
            let first = of_revision.by_time.first().copied().filter(|(at, _)| *at <= now);
            if let Some((at, owner)) = first {
                of_revision.by_time.remove(&(at, owner));
                self.by_owner.remove(&owner);
            }
            match of_revision.first() {
                Some(next) if next <= now => self.due.push_back(revision),
                Some(next) => {
                    of_revision.is_due = false;
                    self.firsts.insert((next, revision));
                }
                None => drop(self.by_revision.remove(&revision)),
            }
            if let Some((_, owner)) = first {
                return Some(owner);
            }
        }
        None
    }

    fn change(&mut self, revision: u64, change: impl FnOnce(&mut BTreeSet<(Timestamp, Owner)>)) {
        let of_revision = self.by_revision.entry(revision).or_default();
        let before = of_revision.first();
        change(&mut of_revision.by_time);
        let after = of_revision.first();
        // A revision that waits for its turn is looked at when that comes.
        if !of_revision.is_due && before != after {
            if let Some(before) = before {
                self.firsts.remove(&(before, revision));
            }
            match after {
                Some(after) => drop(self.firsts.insert((after, revision))),
                None => drop(self.by_revision.remove(&revision)),
            }
        }
    }
}

impl OfRevision {
    fn first(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn owner(key: u64, frame: u32) -> Owner {
        (ExecutionKey(key), FrameId(frame))
    }

    #[test]
    fn fires_in_order_and_never_early() {
        let mut timers = Timers::default();
        timers.set(1, owner(1, 1), Timestamp(30));
        timers.set(1, owner(2, 1), Timestamp(10));
        assert_eq!(timers.take_due(Timestamp(9)), None);
        assert_eq!(timers.take_due(Timestamp(30)), Some(owner(2, 1)));
        assert_eq!(timers.take_due(Timestamp(30)), Some(owner(1, 1)));
        assert_eq!(timers.take_due(Timestamp(99)), None);
    }

    #[test]
    fn setting_again_replaces_and_cancelling_forgets() {
        let mut timers = Timers::default();
        timers.set(1, owner(1, 1), Timestamp(10));
        timers.set(1, owner(1, 1), Timestamp(50));
        timers.set(1, owner(1, 2), Timestamp(20));
        timers.cancel(owner(1, 2));
        timers.cancel(owner(7, 7));
        assert_eq!(timers.next_due(), Some(Timestamp(50)));
        assert_eq!(timers.take_due(Timestamp(49)), None);
    }

    #[test]
    fn machines_take_turns() {
        let mut timers = Timers::default();
        for key in 0..1_000 {
            timers.set(1, owner(key, 1), Timestamp(key as i64 / 100));
        }
        timers.set(2, owner(5_000, 1), Timestamp(20));
        timers.set(2, owner(5_001, 1), Timestamp(21));
        let fired: Vec<u64> =
            std::iter::from_fn(|| timers.take_due(Timestamp(30))).map(|(key, _)| key.0).collect();
        assert_eq!(fired[..5], [0, 5_000, 1, 5_001, 2]);
        assert_eq!(fired.len(), 1_002);
        assert_eq!(timers.next_due(), None);
        assert!(timers.by_revision.is_empty() && timers.firsts.is_empty());
    }

    #[derive(Clone, Debug)]
    enum Step {
        Set(u8, i64),
        Cancel(u8),
        Take(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..12u8, 0..50i64).prop_map(|(who, at)| Step::Set(who, at)),
            (0..12u8).prop_map(Step::Cancel),
            (0..60i64).prop_map(Step::Take),
        ]
    }

    proptest! {
        #[test]
        fn every_timer_fires_once_and_none_early(steps in prop::collection::vec(step(), 0..200)) {
            let mut timers = Timers::default();
            let mut expected: HashMap<Owner, i64> = HashMap::new();
            let mut now = 0;
            for step in steps {
                match step {
                    Step::Set(who, at) => {
                        timers.set(u64::from(who % 3), owner(who.into(), 1), Timestamp(at));
                        expected.insert(owner(who.into(), 1), at);
                    }
                    Step::Cancel(who) => {
                        timers.cancel(owner(who.into(), 1));
                        expected.remove(&owner(who.into(), 1));
                    }
                    Step::Take(at) => {
                        now = at.max(now);
                        match timers.take_due(Timestamp(now)) {
                            Some(fired) => {
                                let at = expected.remove(&fired);
                                prop_assert!(at.is_some_and(|at| at <= now), "{:?} {:?} {}", fired, at, now);
                            }
                            None => prop_assert!(expected.values().all(|at| *at > now)),
                        }
                    }
                }
                prop_assert_eq!(timers.next_due(), expected.values().min().map(|at| Timestamp(*at)));
            }
        }
    }
}
