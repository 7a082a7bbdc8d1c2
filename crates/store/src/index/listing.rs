//! The executions of one machine, newest first, by status.

use std::collections::BTreeSet;

use asl::Timestamp;
use execution::Status;

use super::Entry;
use crate::record::ExecutionKey;
use crate::wire::status_number;

/// Where an execution stands in its machine's list: running ones by start, closed ones by end
/// (spec/api.md §3.4), and those of the same millisecond by their keys. One number, so that it can be
/// the place where the next page begins: 42 bits of time, which last until 2109, and 22 of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order(pub(crate) u64);

const KEY_BITS: u32 = 22;

impl Order {
    pub(crate) fn of(time: Timestamp, key: ExecutionKey) -> Order {
        let millis = time.0.clamp(0, (1 << (64 - KEY_BITS)) - 1) as u64;
        Order(millis << KEY_BITS | key.0 & ((1 << KEY_BITS) - 1))
    }
}

/// One set for each status, so that a status filter looks at nothing else.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Listing {
    by_status: [BTreeSet<(Order, ExecutionKey)>; 5],
}

impl Listing {
    pub(super) fn insert(&mut self, key: ExecutionKey, entry: &Entry) {
        self.set_mut(entry.status).insert(place_of(key, entry));
    }

    pub(super) fn remove(&mut self, key: ExecutionKey, entry: &Entry) {
        self.set_mut(entry.status).remove(&place_of(key, entry));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_status.iter().all(BTreeSet::is_empty)
    }

    /// Closed executions that ended before this.
    pub(super) fn closed_before(&self, end: Order) -> impl Iterator<Item = ExecutionKey> {
        let closed = &self.by_status[1..];
        closed.iter().flat_map(move |set| set.range(..(end, ExecutionKey(0))).map(|(_, key)| *key))
    }

    /// Newest first, behind `after`, with this status or any.
    pub(crate) fn newest_first(
        &self,
        status: Option<Status>,
        after: Option<Order>,
    ) -> impl Iterator<Item = (Order, ExecutionKey)> {
        let end = (after.unwrap_or(Order(u64::MAX)), ExecutionKey(0));
        let wanted = |number: usize| status.is_none_or(|status| usize::from(status_number(status)) == number);
        let sets = self.by_status.iter().enumerate().filter(move |(number, _)| wanted(*number));
        let mut heads: Vec<_> = sets.map(|(_, set)| set.range(..end).rev().copied().peekable()).collect();
        std::iter::from_fn(move || {
            let firsts = heads.iter_mut().enumerate().filter_map(|(at, head)| Some((*head.peek()?, at)));
            let (_, newest) = firsts.max()?;
            heads[newest].next()
        })
    }

    fn set_mut(&mut self, status: Status) -> &mut BTreeSet<(Order, ExecutionKey)> {
        &mut self.by_status[usize::from(status_number(status))]
    }
}

fn place_of(key: ExecutionKey, entry: &Entry) -> (Order, ExecutionKey) {
    (Order::of(entry.stopped_at, key), key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_follows_time_first_and_keys_second() {
        let orders = [(-5, 9), (0, 10), (1, 3), (1, 4), (1_900_000_000_000, 0), (1_900_000_000_001, 0)];
        let orders = orders.map(|(millis, key)| Order::of(Timestamp(millis), ExecutionKey(key)));
        assert!(orders.is_sorted_by(|earlier, later| earlier < later));
    }
}
