//! The ids in `x-amzn-RequestId`: unlike each other and hard to foresee.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes request ids: the hash of a counter under a key that is drawn at the start.
pub(crate) struct RequestIds {
    key: RandomState,
    next: AtomicU64,
}

impl RequestIds {
    /// With a fresh key.
    pub fn new() -> RequestIds {
        RequestIds { key: RandomState::new(), next: AtomicU64::new(0) }
    }

    /// A UUID that was not given out before.
    pub fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (high, low) = (self.key.hash_one((number, 0_u8)), self.key.hash_one((number, 1_u8)));
        aws_names::uuid_v4(u128::from(high) << 64 | u128::from(low))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ() {
        let ids = RequestIds::new();
        let made: std::collections::BTreeSet<String> = (0..1000).map(|_| ids.next()).collect();
        assert_eq!(made.len(), 1000);
        assert!(made.iter().all(|id| id.len() == 36));
    }
}
