//! EXPRESS executions that run on their own: where the record of each start is, until its end is noted.

use super::Index;
use crate::express::ExpressKey;
use crate::log::Place;

/// One that is under way, as far as the log knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) revision: u64,
    /// Its start's record.
    pub(crate) place: Place,
    pub(crate) bytes: u32,
}

impl Index {
    /// One has been started. What is known already changes nothing, as with [`Index::start`].
    pub(crate) fn express_start(&mut self, key: ExpressKey, revision: u64, place: Place, bytes: u32) {
        if self.express.contains_key(&key) {
            return;
        }
        *self.live.entry(place.segment()).or_default() += u64::from(bytes);
        self.catalog.use_revision(revision);
        self.express.insert(key, Pending { revision, place, bytes });
    }

    /// One has ended: its record is needed no longer.
    pub(crate) fn express_end(&mut self, key: ExpressKey) {
        let Some(pending) = self.express.remove(&key) else { return };
        if let Some(live) = self.live.get_mut(&pending.place.segment()) {
            *live -= u64::from(pending.bytes);
        }
        self.catalog.release_revision(pending.revision);
    }

    /// All that have not ended, in the order of their starts.
    pub(crate) fn express_pending(&self) -> impl Iterator<Item = (ExpressKey, Pending)> {
        self.express.iter().map(|(&key, &pending)| (key, pending))
    }
}
