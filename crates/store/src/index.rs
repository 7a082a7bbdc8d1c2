//! What is known in memory of every execution and every Map Run that the log holds, and where its records are.
//!
//! The commit thread changes it once a frame is durable; readers share it. Everything here can be
//! rebuilt from the log. A closed execution costs about 250 bytes.

mod entry;
mod express;
mod listing;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::ops::Bound;
use std::sync::Arc;

use asl::Timestamp;
use execution::execution::{Close, Start};
use execution::map_run::MapRunStart;
use execution::{Standing, Status};
use json::Text;

use crate::catalog::Catalog;
use crate::express::ExpressKey;
use crate::log::Place;
use crate::record::ExecutionKey;

pub use entry::Redriven;
pub(crate) use entry::{Entry, Extent, Family, Hot, Rare};
pub(crate) use express::Pending;
use listing::Listings;
pub(crate) use listing::{Listing, Order};

/// How many executions keep their input and output in memory, and how many bytes of them: who has
/// just begun or ended is asked for soon.
const RECENT_MAX: usize = 10_000;
const RECENT_BYTES_MAX: usize = 32 << 20;

/// The index, and the catalog beside it.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) catalog: Catalog,
    /// The catalog holds every change before this place.
    pub(crate) catalog_until: Place,
    /// Every key in use is lower.
    pub(crate) next_key: u64,
    pub(crate) next_revision: u64,
    /// Map Runs, too.
    executions: BTreeMap<ExecutionKey, Box<Entry>>,
    /// By the hash of their ARN: the ARN itself is not stored twice.
    by_hash: HashMap<u64, ExecutionKey>,
    /// Those whose hash another execution has.
    by_arn: HashMap<Text, ExecutionKey>,
    hasher: RandomState,
    families: HashMap<u64, Vec<Arc<Family>>>,
    listings: Listings,
    /// EXPRESS executions whose end is not noted yet.
    express: BTreeMap<ExpressKey, express::Pending>,
    recent: VecDeque<Recent>,
    recent_bytes: usize,
    /// Bytes of records in each segment that are still needed.
    live: BTreeMap<u32, u64>,
}

/// What is in memory of an execution that began or ended lately.
#[derive(Debug)]
struct Recent {
    key: ExecutionKey,
    bytes: usize,
    is_closed: bool,
}

/// What a record means for the execution that it is of.
#[derive(Debug)]
pub(crate) enum TurnEnd {
    /// It waits.
    Open(Standing),
    /// It has ended.
    Closed(Status, Timestamp),
}

impl Index {
    /// An empty one, into which a log is going to be read.
    pub(crate) fn new() -> Index {
        Index { catalog: Catalog::default().incomplete(), ..Index::default() }
    }

    /// The log has been read.
    pub(crate) fn complete(&mut self) {
        let revisions = self.executions.values().map(|entry| entry.family.revision);
        self.catalog.complete(revisions.chain(self.express.values().map(|pending| pending.revision)));
    }

    fn find(&self, arn: &str) -> Option<(ExecutionKey, &Entry)> {
        let by_hash = self.by_hash.get(&self.hasher.hash_one(arn)).map(|&key| (key, &*self.executions[&key]));
        by_hash.filter(|(_, entry)| entry.is(arn)).or_else(|| {
            let key = *self.by_arn.get(arn)?;
            Some((key, &*self.executions[&key]))
        })
    }

    pub(crate) fn find_execution(&self, arn: &str) -> Option<(ExecutionKey, &Entry)> {
        self.find(arn).filter(|(_, entry)| !entry.is_map_run())
    }

    pub(crate) fn find_map_run(&self, arn: &str) -> Option<(ExecutionKey, &Entry)> {
        self.find(arn).filter(|(_, entry)| entry.is_map_run())
    }

    /// An execution, not a Map Run.
    pub(crate) fn execution(&self, key: ExecutionKey) -> Option<&Entry> {
        self.get(key).filter(|entry| !entry.is_map_run())
    }

    pub(crate) fn map_run(&self, key: ExecutionKey) -> Option<&Entry> {
        self.get(key).filter(|entry| entry.is_map_run())
    }

    pub(crate) fn get(&self, key: ExecutionKey) -> Option<&Entry> {
        self.executions.get(&key).map(|entry| &**entry)
    }

    pub(crate) fn len(&self) -> usize {
        self.executions.len()
    }

    /// Every execution behind this key, in the order of keys.
    pub(crate) fn after(&self, key: Option<ExecutionKey>) -> impl Iterator<Item = (ExecutionKey, &Entry)> {
        let from = key.map_or(Bound::Unbounded, Bound::Excluded);
        self.executions.range((from, Bound::Unbounded)).map(|(&key, entry)| (key, &**entry))
    }

    /// The executions of a machine, or those that a version, an alias or a Map Run began.
    pub(crate) fn listing(&self, arn: &str) -> Option<&Listing> {
        self.listings.get(arn)
    }

    /// Listings in which every execution and every Map Run is once.
    pub(crate) fn all_listings(&self) -> impl Iterator<Item = &Listing> {
        self.listings.all()
    }

    /// The Map Runs that an execution began.
    pub(crate) fn map_runs(&self, execution_arn: &str) -> Option<&Listing> {
        self.listings.map_runs(execution_arn)
    }

    /// Closed executions and Map Runs that ended before `end`, at most so many; without children that their Map Run
    /// still needs for its results.
    pub(crate) fn ended_before(&self, end: Timestamp, at_most: usize) -> Vec<ExecutionKey> {
        let order = Order::of(end, ExecutionKey(0));
        let mut keys = Vec::new();
        for listing in self.listings.all() {
            let ended = listing.closed_before(order).filter(|key| !self.is_needed(*key));
            keys.extend(ended.take(at_most - keys.len()));
            if keys.len() == at_most {
                break;
            }
        }
        keys
    }

    /// Whether it is a child of a Map Run that has not ended.
    fn is_needed(&self, key: ExecutionKey) -> bool {
        let under = self.get(key).and_then(Entry::listed_under);
        // A Map Run is listed under its execution, which needs it for nothing.
        let map_run = under.filter(|arn| arn.contains(":mapRun:")).and_then(|arn| self.find(arn));
        map_run.is_some_and(|(_, map_run)| map_run.status == Status::Running)
    }

    /// Bytes of needed records in a segment.
    pub(crate) fn live_bytes(&self, segment: u32) -> u64 {
        self.live.get(&segment).copied().unwrap_or(0)
    }

    /// An execution has begun. What is known already changes nothing: reading a log back may begin
    /// before the moment that a snapshot shows.
    pub(crate) fn start(&mut self, key: ExecutionKey, start: &Arc<Start>, place: Place, bytes: u32) {
        self.next_key = self.next_key.max(key.0 + 1);
        if self.executions.contains_key(&key) {
            return;
        }
        let family = self.family(start);
        let rare = start.child_of.as_ref().map(|child| Box::new(Rare::of_child(child)));
        let hot = Some(Arc::new(Hot { start: start.clone(), close: None }));
        let entry = Entry::begun(&start.name, family, start.started_at, place, bytes);
        self.begin(key, Entry { rare, hot, ..entry });
        self.keep_recent(Recent { key, bytes: start.input.size(), is_closed: false });
    }

    /// A Map Run has begun; as with [`Index::start`].
    pub(crate) fn map_run_start(&mut self, key: ExecutionKey, start: &MapRunStart, place: Place, bytes: u32) {
        self.next_key = self.next_key.max(key.0 + 1);
        if self.executions.contains_key(&key) {
            return;
        }
        let family = self.share(Family::of_map_run(start));
        let entry = Entry::begun(&start.name, family, start.started_at, place, bytes);
        self.begin(key, Entry { rare: Some(Box::new(Rare::of_map_run(start))), ..entry });
    }

    /// An execution or a Map Run from a snapshot, with a family from [`Index::share`].
    pub(crate) fn restore(&mut self, key: ExecutionKey, entry: Entry) {
        self.next_key = self.next_key.max(key.0 + 1);
        self.begin(key, entry);
    }

    fn begin(&mut self, key: ExecutionKey, mut entry: Entry) {
        for (segment, bytes) in entry.extent.parts() {
            *self.live.entry(segment).or_default() += u64::from(bytes);
        }
        self.catalog.use_revision(entry.family.revision);
        if let Some(rare) = &mut entry.rare {
            rare.listed_under = rare.listed_under.take().map(|origin| self.listings.shared(origin));
        }
        self.put(key, entry);
    }

    /// What a snapshot says beside of an execution that it has; `None` if it has none such.
    pub(crate) fn restore_redriven(&mut self, key: ExecutionKey, redriven: Redriven) -> Option<()> {
        self.executions.get_mut(&key)?.rare.get_or_insert_default().redriven = Some(redriven);
        Some(())
    }

    /// The same of a child of a Map Run, or of a Map Run.
    pub(crate) fn restore_listed(&mut self, key: ExecutionKey, under: Text, items: u32) -> Option<()> {
        let under = self.listings.shared(under);
        let entry = self.executions.get_mut(&key)?;
        let rare = entry.rare.get_or_insert_default();
        (rare.listed_under, rare.items) = (Some(under), items);
        self.listings.insert_listed_under(key, entry);
        Some(())
    }

    fn put(&mut self, key: ExecutionKey, entry: Entry) {
        let arn = entry.arn();
        let hash = self.hasher.hash_one(&*arn);
        if let Some(other) = self.by_hash.insert(hash, key) {
            self.by_hash.insert(hash, other);
            self.by_arn.insert(arn, key);
        }
        self.listings.insert(key, &entry);
        self.executions.insert(key, Box::new(entry));
    }

    /// The turn at `place`, which [`Index::turn`] is told of next, opens what had ended.
    pub(crate) fn redrive(&mut self, key: ExecutionKey, place: Place, at: Option<Timestamp>) {
        let entry = self.executions.get_mut(&key).filter(|entry| entry.last < place);
        let Some((entry, at)) = entry.zip(at) else { return };
        // What is at hand says that it has ended.
        entry.hot = None;
        let count = entry.redriven().map_or(0, |redriven| redriven.count) + 1;
        self.listings.change(key, entry, |entry| {
            (entry.status, entry.stopped_at) = (Status::Running, at);
            entry.rare.get_or_insert_default().redriven = Some(Redriven { count, at });
        });
    }

    /// An execution or a Map Run has made a turn, and has perhaps ended with it.
    pub(crate) fn turn(&mut self, key: ExecutionKey, place: Place, bytes: u32, end: TurnEnd) {
        let Some(entry) = self.executions.get_mut(&key).filter(|entry| entry.last < place) else { return };
        entry.last = place;
        entry.extent.add(place.segment(), bytes);
        *self.live.entry(place.segment()).or_default() += u64::from(bytes);
        match end {
            TurnEnd::Open(standing) => entry.standing = standing,
            TurnEnd::Closed(status, stopped_at) => {
                entry.standing = Standing::ended();
                self.listings.change(key, entry, |entry| {
                    (entry.status, entry.stopped_at) = (status, stopped_at);
                });
            }
        }
    }

    /// An execution has a record more at `place` that changes nothing of what is known here: a
    /// checkpoint, or a copy behind [`Index::moved_start`].
    pub(crate) fn more_records(&mut self, key: ExecutionKey, place: Place, bytes: u32) {
        let Some(entry) = self.executions.get_mut(&key).filter(|entry| entry.last < place) else { return };
        entry.last = place;
        entry.extent.add(place.segment(), bytes);
        *self.live.entry(place.segment()).or_default() += u64::from(bytes);
    }

    /// Keeps the end of an execution that has just closed in memory for a while, or, when it is not
    /// at hand, nothing of it.
    pub(crate) fn keep_close(&mut self, key: ExecutionKey, close: Option<Close>) {
        let Some(entry) = self.executions.get_mut(&key) else { return };
        let hot = entry.hot.take();
        if let (Some(hot), Some(close)) = (hot, close) {
            let bytes = hot.start.input.size() + close.output.as_ref().map_or(0, json::Document::size);
            entry.hot = Some(Arc::new(Hot { start: hot.start.clone(), close: Some(close) }));
            self.keep_recent(Recent { key, bytes, is_closed: true });
        }
    }

    fn keep_recent(&mut self, recent: Recent) {
        self.recent_bytes += recent.bytes;
        self.recent.push_back(recent);
        while self.recent.len() > RECENT_MAX || self.recent_bytes > RECENT_BYTES_MAX {
            let Some(Recent { key, bytes, is_closed }) = self.recent.pop_front() else { break };
            self.recent_bytes -= bytes;
            if let Some(entry) = self.executions.get_mut(&key)
                // One that has ended since has a later place in the queue.
                && entry.hot.as_ref().is_some_and(|hot| hot.close.is_some() == is_closed)
            {
                entry.hot = None;
            }
        }
    }

    /// The first record of an execution has been copied to `place`; the copies of the others follow.
    pub(crate) fn moved_start(&mut self, key: ExecutionKey, place: Place, bytes: u32) {
        let Some(entry) = self.executions.get_mut(&key).filter(|entry| entry.last < place) else { return };
        for (segment, bytes) in entry.extent.parts() {
            if let Some(live) = self.live.get_mut(&segment) {
                *live -= u64::from(bytes);
            }
        }
        entry.last = place;
        entry.extent = Extent::new(place.segment(), bytes);
        *self.live.entry(place.segment()).or_default() += u64::from(bytes);
    }

    /// Forgets an execution.
    pub(crate) fn remove(&mut self, key: ExecutionKey) {
        let Some(entry) = self.executions.remove(&key) else { return };
        let arn = entry.arn();
        let hash = self.hasher.hash_one(&*arn);
        if self.by_hash.get(&hash) == Some(&key) {
            self.by_hash.remove(&hash);
        } else {
            self.by_arn.remove(&arn);
        }
        self.listings.remove(key, &entry);
        for (segment, bytes) in entry.extent.parts() {
            if let Some(live) = self.live.get_mut(&segment) {
                *live -= u64::from(bytes);
            }
        }
        let revision = entry.family.revision;
        self.catalog.release_revision(revision);
        drop(entry);
        if let Some(families) = self.families.get_mut(&revision) {
            families.retain(|family| Arc::strong_count(family) > 1);
            if families.is_empty() {
                self.families.remove(&revision);
            }
        }
    }

    /// Forgets a segment that was dropped.
    pub(crate) fn remove_segment(&mut self, segment: u32) {
        self.live.remove(&segment);
    }

    /// The same family; the one that is known if one is, so that it is in memory once.
    pub(crate) fn share(&mut self, family: Family) -> Arc<Family> {
        let families = self.families.entry(family.revision).or_default();
        if let Some(known) = families.iter().find(|known| ***known == family) {
            return known.clone();
        }
        let family = Arc::new(family);
        families.push(family.clone());
        family
    }

    fn family(&mut self, start: &Start) -> Arc<Family> {
        let families = self.families.entry(start.revision).or_default();
        if let Some(family) = families.iter().find(|family| family.fits(start)) {
            return family.clone();
        }
        let family = Arc::new(Family::of(start));
        families.push(family.clone());
        family
    }
}

#[cfg(test)]
impl Index {
    pub(crate) fn family_count(&self) -> usize {
        self.families.values().map(Vec::len).sum()
    }

    /// What it says of every execution, as text. What is kept in memory beside that may differ from
    /// another index that says the same.
    pub(crate) fn summary(&self) -> String {
        let executions: Vec<_> = self
            .executions
            .iter()
            .map(|(key, entry)| (key, Entry { hot: None, ..Entry::clone(entry) }))
            .collect();
        let live: Vec<_> = self.live.iter().filter(|(_, bytes)| **bytes > 0).collect();
        let listings = self.listings.summary();
        let express = &self.express;
        format!("{executions:#?}\n{}\n{listings}\n{live:?}\n{express:?}", self.catalog.summary())
    }
}
