//! Which schedule is due next: a small entry for each, whatever its target is sent.

use std::collections::{BTreeSet, HashMap};

use json::Text;

use super::timing::Due;

/// A schedule: its group and its name, with a `/` between them.
pub(super) type Key = Text;

/// All schedules that are due at some time.
#[derive(Debug, Default)]
pub(super) struct Dues {
    by_time: BTreeSet<(i64, Key)>,
    by_key: HashMap<Key, Due>,
}

impl Dues {
    /// When this schedule is due; never, with `None`.
    pub fn set(&mut self, key: &Key, due: Option<Due>) {
        if let Some(before) = self.by_key.remove(key) {
            self.by_time.remove(&(before.fires, key.clone()));
        }
        if let Some(due) = due {
            self.by_time.insert((due.fires, key.clone()));
            self.by_key.insert(key.clone(), due);
        }
    }

    /// When a schedule is due, as far as is known.
    pub fn get(&self, key: &Key) -> Option<Due> {
        self.by_key.get(key).copied()
    }

    /// The first that are due by now, at most so many.
    pub fn ripe(&self, now: i64, limit: usize) -> Vec<Key> {
        let ripe = self.by_time.iter().take_while(|(fires, _)| *fires <= now);
        ripe.take(limit).map(|(_, key)| key.clone()).collect()
    }

    /// When the first is due.
    pub fn wakes(&self) -> Option<i64> {
        self.by_time.first().map(|(fires, _)| *fires)
    }
}
