//! How many items are still to come, of one file or of several that are read one after the other.

use crate::ITEMS_MAX;

/// What of a file's items is wanted. A reader counts it down; the next file of the same Map goes on with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// How many items are still to come, with those that are passed over.
    left: u64,
    /// So many of them are passed over: they are counted, and not made.
    skipped: u64,
}

impl Wanted {
    /// Whether an item may still come.
    pub fn is_any(&self) -> bool {
        self.left > 0
    }

    /// Passes over so many more of the next items. They were read before, so what is wrong in them may go unnoticed.
    pub fn skip(&mut self, items: u64) {
        self.skipped = self.skipped.saturating_add(items);
    }

    /// Counts the next item; says whether it is to be made.
    pub fn take(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        let is_skipped = self.skipped > 0;
        self.skipped = self.skipped.saturating_sub(1);
        !is_skipped
    }

    /// Counts all of the next `items` if none of them is to be made; says whether that is so.
    pub(crate) fn skip_all(&mut self, items: u64) -> bool {
        let skips = items <= self.skipped;
        if skips {
            self.left = self.left.saturating_sub(items);
            self.skipped -= items;
        }
        skips
    }
}

impl From<u64> for Wanted {
    /// So many items at most, and never more than [`ITEMS_MAX`].
    fn from(items_max: u64) -> Wanted {
        Wanted { left: items_max.min(ITEMS_MAX), skipped: 0 }
    }
}
