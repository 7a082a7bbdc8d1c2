//! How much memory the texts of all subscriptions of a server may take.
//!
//! Each has a bound of its own; what many clients bring has this one. Never here: whose text it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Documents and variables of subscriptions that differ, in all: some hundred thousand of the size that clients send. What is
/// understood of them takes a few times as much.
pub(super) const BYTES_MAX: usize = 128 << 20;

/// What is left. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<AtomicUsize>);

/// A part of it, which is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Part {
    left: Arc<AtomicUsize>,
    bytes: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget::of(BYTES_MAX)
    }
}

impl Budget {
    /// So many bytes.
    pub fn of(bytes: usize) -> Budget {
        Budget(Arc::new(AtomicUsize::new(bytes)))
    }

    /// A part of it, if that much is left.
    pub fn take(&self, bytes: usize) -> Option<Part> {
        let taken = self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(bytes));
        taken.is_ok().then(|| Part { left: self.0.clone(), bytes })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.left.fetch_add(self.bytes, Relaxed);
    }
}
