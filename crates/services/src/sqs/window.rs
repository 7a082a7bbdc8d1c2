//! Which deduplication ids were used within the last five minutes.

use std::collections::{HashMap, VecDeque};

use sha2::{Digest, Sha256};

use super::number::Number;

/// How long an id is remembered, in milliseconds. (documented: 5 minutes)
const REMEMBERED: i64 = 300_000;

/// A deduplication id, and the group if the queue tells them apart by group: as a digest, because ids have up to 128 bytes.
pub(crate) type DeduplicationKey = [u8; 16];

/// The message for which an id was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub number: Number,
    pub message_id: u128,
    /// When it was sent.
    pub sent: i64,
}

/// The window of a FIFO queue. An id takes some 150 bytes, so it is bounded by what a disk makes durable in five minutes.
#[derive(Debug, Default)]
pub(crate) struct Window {
    uses: HashMap<DeduplicationKey, Use>,
    /// By age.
    order: VecDeque<(DeduplicationKey, Use)>,
}

/// The key of an id.
pub(crate) fn key(group: Option<&str>, id: &str) -> DeduplicationKey {
    let mut digest = Sha256::new();
    if let Some(group) = group {
        digest.update(group.as_bytes());
        // In no group and no id.
        digest.update([0]);
    }
    digest.update(id.as_bytes());
    let whole: [u8; 32] = digest.finalize().into();
    *whole.first_chunk().expect("it has 32 bytes")
}

/// The id that a body has where content decides: its SHA-256.
pub(crate) fn id_of_body(body: &str) -> String {
    Sha256::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Window {
    /// Who used an id, if that is not too long ago.
    pub fn find(&self, key: &DeduplicationKey, now: i64) -> Option<Use> {
        self.uses.get(key).copied().filter(|found| found.sent + REMEMBERED > now)
    }

    /// An id is used.
    pub fn add(&mut self, key: DeduplicationKey, by: Use) {
        self.uses.insert(key, by);
        self.order.push_back((key, by));
    }

    /// The message was not sent after all.
    pub fn forget(&mut self, key: &DeduplicationKey, number: Number) {
        if self.uses.get(key).is_some_and(|found| found.number == number) {
            self.uses.remove(key);
        }
    }

    /// Forgets what is too long ago, at most so many; whose entries are to be removed.
    pub fn expire(&mut self, now: i64, limit: usize) -> Vec<Number> {
        let mut expired = Vec::new();
        while expired.len() < limit
            && let Some(&(key, by)) = self.order.front()
            && by.sent + REMEMBERED <= now
        {
            self.order.pop_front();
            self.forget(&key, by.number);
            expired.push(by.number);
        }
        expired
    }
}

impl Use {
    /// As the ledger has it.
    pub fn to_bytes(self, key: &DeduplicationKey) -> Vec<u8> {
        [&key[..], &self.message_id.to_be_bytes(), &self.sent.to_le_bytes()].concat()
    }

    /// Reads what [`to_bytes`](Use::to_bytes) wrote for this number.
    pub fn from_bytes(number: Number, bytes: &[u8]) -> Option<(DeduplicationKey, Use)> {
        let (key, rest) = bytes.split_first_chunk::<16>()?;
        let (id, sent) = rest.split_first_chunk::<16>()?;
        let sent = i64::from_le_bytes(sent.try_into().ok()?);
        Some((*key, Use { number, message_id: u128::from_be_bytes(*id), sent }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_remembered_for_five_minutes() {
        let mut window = Window::default();
        let (one, other) = (key(None, "a"), key(Some("g"), "a"));
        assert_ne!(one, other);
        let by = Use { number: Number(5), message_id: 9, sent: 1_000 };
        window.add(one, by);
        assert_eq!(Use::from_bytes(by.number, &by.to_bytes(&one)), Some((one, by)));
        assert_eq!(window.find(&one, 300_999), Some(by));
        assert_eq!(window.find(&one, 301_000), None);
        assert_eq!(window.find(&other, 1_000), None);
        assert_eq!(window.expire(300_999, 10), []);
        assert_eq!(window.expire(301_000, 10), [Number(5)]);
        assert_eq!(window.find(&one, 1_000), None);
    }
}
