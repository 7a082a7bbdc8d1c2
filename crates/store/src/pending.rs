//! What was committed a moment ago and is on its way to the disk, so that whoever commits sees it.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Values by key, each with the number of its commit; they leave when that commit is durable.
#[derive(Debug)]
pub(crate) struct Pending<K, V> {
    values: HashMap<K, (u64, V)>,
    order: VecDeque<(u64, K)>,
}

impl<K: Hash + Eq + Clone, V> Pending<K, V> {
    pub(crate) fn new() -> Self {
        Pending { values: HashMap::new(), order: VecDeque::new() }
    }

    /// Numbers never go down from call to call.
    pub(crate) fn put(&mut self, number: u64, key: K, value: V) {
        self.order.push_back((number, key.clone()));
        self.values.insert(key, (number, value));
    }

    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.values.get(key).map(|(_, value)| value)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Forgets what is durable: commits up to this number.
    pub(crate) fn settle(&mut self, durable: u64) {
        while self.order.front().is_some_and(|(number, _)| *number <= durable) {
            let Some((_, key)) = self.order.pop_front() else { break };
            // A later value of the same key stays.
            if self.values.get(&key).is_some_and(|(number, _)| *number <= durable) {
                self.values.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_leaves_with_its_commit_and_a_later_one_stays() {
        let mut pending = Pending::new();
        pending.put(1, "a", 10);
        pending.put(1, "b", 20);
        pending.put(2, "a", 11);
        pending.settle(0);
        assert_eq!((pending.get("a"), pending.get("b")), (Some(&11), Some(&20)));
        pending.settle(1);
        assert_eq!((pending.get("a"), pending.get("b")), (Some(&11), None));
        pending.settle(2);
        assert_eq!(pending.get("a"), None);
        assert!(pending.order.is_empty());
    }
}
