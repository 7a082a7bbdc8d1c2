//! Which keys there are, where their values lie, and how much of each segment is still needed.

use std::collections::BTreeMap;
use std::ops::Bound;

use store::log::Place;

use crate::batch::Change;

/// Where an entry lies in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub place: Place,
    /// Of the whole entry.
    pub bytes: u32,
}

/// All keys.
#[derive(Debug, Default)]
pub(crate) struct Index {
    keys: BTreeMap<Box<[u8]>, At>,
    /// By segment: how many bytes of entries in it are still needed.
    needed: BTreeMap<u32, u64>,
    /// The first frame that is not shown.
    pub until: u64,
}

impl Index {
    /// What a change whose batch begins at this place means.
    pub fn apply(&mut self, change: Change, batch: Place) {
        match change.bytes {
            Some(bytes) => self.put(change.key, At { place: batch.plus(change.offset), bytes }),
            None => self.remove(&change.key),
        }
    }

    pub fn put(&mut self, key: Box<[u8]>, at: At) {
        *self.needed.entry(at.place.segment()).or_default() += u64::from(at.bytes);
        if let Some(before) = self.keys.insert(key, at) {
            self.forget(before);
        }
    }

    pub fn remove(&mut self, key: &[u8]) {
        if let Some(before) = self.keys.remove(key) {
            self.forget(before);
        }
    }

    fn forget(&mut self, at: At) {
        let segment = at.place.segment();
        let needed = self.needed.get_mut(&segment).expect("an entry is counted in its segment");
        *needed -= u64::from(at.bytes);
        if *needed == 0 {
            self.needed.remove(&segment);
        }
    }

    pub fn get(&self, key: &[u8]) -> Option<At> {
        self.keys.get(key).copied()
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// How many bytes of a segment are still needed.
    pub fn needed(&self, segment: u32) -> u64 {
        self.needed.get(&segment).copied().unwrap_or_default()
    }

    /// The keys behind this one that begin with a prefix, in order.
    pub fn range<'a>(
        &'a self,
        prefix: &'a [u8],
        after: Option<&'a [u8]>,
    ) -> impl Iterator<Item = (&'a [u8], At)> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let keys = self.keys.range::<[u8], _>((from, Bound::Unbounded));
        keys.map(|(key, &at)| (&**key, at)).take_while(move |(key, _)| key.starts_with(prefix))
    }
}
