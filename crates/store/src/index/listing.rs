//! The executions of one machine, version, alias or Map Run, and the Map Runs of one execution, newest first, by
//! status.

use std::collections::{BTreeSet, HashMap};

use asl::Timestamp;
use execution::Status;
use json::Text;

use super::Entry;
use crate::record::ExecutionKey;
use crate::wire::status_number;

/// All listings. Each execution stands in that of its machine, and in those of what began it: a version, an
/// alias, a Map Run. Each Map Run stands in that of its label and in that of its execution.
#[derive(Debug, Default)]
pub(super) struct Listings {
    of_machines: HashMap<Text, Listing>,
    by_origin: HashMap<Text, Listing>,
    /// Map Runs by their ARNs without the names: few listings, to be looked through for old ones.
    map_runs: HashMap<Text, Listing>,
    map_runs_of_executions: HashMap<Text, Listing>,
}

impl Listings {
    /// Executions.
    pub(super) fn get(&self, arn: &str) -> Option<&Listing> {
        self.of_machines.get(arn).or_else(|| self.by_origin.get(arn))
    }

    /// Map Runs.
    pub(super) fn map_runs(&self, execution_arn: &str) -> Option<&Listing> {
        self.map_runs_of_executions.get(execution_arn)
    }

    /// Every execution and every Map Run is in one of these, and only in one.
    pub(super) fn all(&self) -> impl Iterator<Item = &Listing> {
        self.of_machines.values().chain(self.map_runs.values())
    }

    pub(super) fn insert(&mut self, key: ExecutionKey, entry: &Entry) {
        self.each_of(entry, |listings, arn| {
            listings.entry(arn.clone()).or_default().insert(key, entry);
        });
    }

    pub(super) fn remove(&mut self, key: ExecutionKey, entry: &Entry) {
        self.each_of(entry, |listings, arn| remove(listings, arn, key, entry));
    }

    /// Lets an entry change that is in the listings, and stays in the same ones.
    pub(super) fn change(&mut self, key: ExecutionKey, entry: &mut Entry, change: impl FnOnce(&mut Entry)) {
        self.each_of(entry, |listings, arn| {
            listings.get_mut(arn).into_iter().for_each(|listing| listing.remove(key, entry));
        });
        change(entry);
        self.insert(key, entry);
    }

    /// Puts an entry that is in the listings into the one that it is [listed under](super::entry::Rare) as well.
    pub(super) fn insert_listed_under(&mut self, key: ExecutionKey, entry: &Entry) {
        let Some(arn) = entry.listed_under() else { return };
        let (_, others) = self.of_kind(entry);
        others.entry(arn.clone()).or_default().insert(key, entry);
    }

    /// The same text; that of its listing if there is one, so that it is in memory once.
    pub(super) fn shared(&self, origin: Text) -> Text {
        let known = self.by_origin.get_key_value(&origin);
        known.map(|(known, _)| known.clone()).unwrap_or(origin)
    }

    fn each_of(&mut self, entry: &Entry, act: impl Fn(&mut HashMap<Text, Listing>, &Text)) {
        let (own, others) = self.of_kind(entry);
        act(own, &entry.family.machine_arn);
        for arn in entry.family.qualified().chain(entry.listed_under()) {
            act(others, arn);
        }
    }

    /// Those of which every entry like this one is in one, and the others.
    fn of_kind(&mut self, entry: &Entry) -> (&mut HashMap<Text, Listing>, &mut HashMap<Text, Listing>) {
        match entry.is_map_run() {
            false => (&mut self.of_machines, &mut self.by_origin),
            true => (&mut self.map_runs, &mut self.map_runs_of_executions),
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
        let executions = self.of_machines.iter().chain(&self.by_origin);
        let all = executions.chain(&self.map_runs).chain(&self.map_runs_of_executions);
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

    /// How many there are with this status.
    pub(crate) fn count(&self, status: Status) -> u64 {
        self.by_status[usize::from(status_number(status))].len() as u64
    }

    /// Newest first, behind `after`, with this status or any.
    pub(crate) fn newest_first(
        &self,
        status: Option<Status>,
        after: Option<Order>,
    ) -> impl Iterator<Item = (Order, ExecutionKey)> + use<'_> {
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
