//! The executions of one machine, version or alias, newest first, by status.

use std::collections::{BTreeSet, HashMap};

use asl::Timestamp;
use execution::Status;
use json::Text;

use super::{Entry, Family};
use crate::record::ExecutionKey;
use crate::wire::status_number;

/// All listings. Each execution stands in that of its machine, and where a version or an alias began
/// it, in those of these.
#[derive(Debug, Default)]
pub(super) struct Listings {
    of_machines: HashMap<Text, Listing>,
    of_versions_and_aliases: HashMap<Text, Listing>,
}

impl Listings {
    pub(super) fn get(&self, arn: &str) -> Option<&Listing> {
        self.of_machines.get(arn).or_else(|| self.of_versions_and_aliases.get(arn))
    }

    /// Every execution is in one of these, and only in one.
    pub(super) fn of_machines(&self) -> impl Iterator<Item = &Listing> {
        self.of_machines.values()
    }

    pub(super) fn insert(&mut self, key: ExecutionKey, entry: &Entry) {
        self.of_machines.entry(entry.family.machine_arn.clone()).or_default().insert(key, entry);
        for arn in entry.family.qualified() {
            self.of_versions_and_aliases.entry(arn.clone()).or_default().insert(key, entry);
        }
    }

    pub(super) fn remove(&mut self, key: ExecutionKey, entry: &Entry) {
        remove(&mut self.of_machines, &entry.family.machine_arn, key, entry);
        for arn in entry.family.qualified() {
            remove(&mut self.of_versions_and_aliases, arn, key, entry);
        }
    }

    /// Lets an entry change that is in the listings.
    pub(super) fn change(&mut self, key: ExecutionKey, entry: &mut Entry, change: impl FnOnce(&mut Entry)) {
        let family = entry.family.clone();
        self.each(&family, |listing| listing.remove(key, entry));
        change(entry);
        self.each(&family, |listing| listing.insert(key, entry));
    }

    fn each(&mut self, family: &Family, act: impl Fn(&mut Listing)) {
        self.of_machines.get_mut(&family.machine_arn).into_iter().for_each(&act);
        for arn in family.qualified() {
            self.of_versions_and_aliases.get_mut(arn).into_iter().for_each(&act);
        }
    }
}

fn remove(listings: &mut HashMap<Text, Listing>, arn: &Text, key: ExecutionKey, entry: &Entry) {
    if let Some(listing) = listings.get_mut(arn) {
        listing.remove(key, entry);
        if listing.is_empty() {
            listings.remove(arn);
        }
    }
}

#[cfg(test)]
impl Listings {
    /// All of them as text.
    pub(super) fn summary(&self) -> String {
        let all = self.of_machines.iter().chain(&self.of_versions_and_aliases);
        format!("{:#?}", all.collect::<std::collections::BTreeMap<_, _>>())
    }
}

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
