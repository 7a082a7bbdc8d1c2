//! What is changed at once: all of it becomes durable, or nothing.

use crate::Space;
use crate::entry;

/// Puts and removes, in order. Later ones win.
#[derive(Debug, Default)]
pub struct Batch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) changes: Vec<Change>,
    /// Something was left out for that, so nothing of it may be done.
    pub(crate) is_too_large: bool,
}

/// What an entry in the bytes of a batch means for the index.
#[derive(Debug)]
pub(crate) struct Change {
    pub key: Box<[u8]>,
    /// Where the entry begins in the batch.
    pub offset: u32,
    /// Of the whole entry; `None` where the key is removed.
    pub bytes: Option<u32>,
}

impl Batch {
    /// The longest key, with its space.
    pub const KEY_BYTES_MAX: usize = 1 << 10;

    /// The largest batch: a frame of 64 MiB has room for it and for one that the compactor moves. Larger ones are refused.
    pub const BYTES_MAX: usize = 24 << 20;

    /// Nothing so far.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// Puts a value, or replaces the one that is there.
    ///
    /// # Panics
    ///
    /// If the key is longer than it may be: names from outside have bounds of their own.
    pub fn put(&mut self, space: Space, key: &[u8], value: &[u8]) {
        let key = space.key(key);
        assert!(key.len() <= Self::KEY_BYTES_MAX, "a key of {} bytes", key.len());
        if self.is_too_large || self.bytes.len() + value.len() > Self::BYTES_MAX {
            self.is_too_large = true;
            return;
        }
        let offset = self.bytes.len() as u32;
        let bytes = entry::put(&mut self.bytes, &key, value);
        self.changes.push(Change { key, offset, bytes: Some(bytes) });
    }

    /// Removes a key; nothing happens if it is not there.
    pub fn remove(&mut self, space: Space, key: &[u8]) {
        let key = space.key(key);
        self.is_too_large |= self.bytes.len() + key.len() > Self::BYTES_MAX;
        if self.is_too_large {
            return;
        }
        let offset = self.bytes.len() as u32;
        entry::remove(&mut self.bytes, &key);
        self.changes.push(Change { key, offset, bytes: None });
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.is_too_large
    }

    /// How many bytes it takes in the log.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}
