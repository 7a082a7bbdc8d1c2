//! Where everything is in the ledger.
//!
//! In `QUEUES`: `q` and the queue's number: its record. `g` and the number of a queue that was deleted: its messages are to
//! be removed. `n`: the bound of all numbers. `s`: the secret of receipts. `t` and a task's number: a move task.
//!
//! In `MESSAGES`: the queue's number (4 bytes), a kind (1 byte), the message's number (8 bytes). The message itself has its
//! group behind that in a FIFO queue, so that a start reads no bodies.

use std::sync::Arc;

use ledger::{Batch, Space};

use super::message::Message;
use super::number::Number;
use super::queue::Held;
use crate::spaces;

pub(crate) const QUEUES: Space = spaces::QUEUES;
pub(crate) const MESSAGES: Space = spaces::MESSAGES;

pub(crate) const RECORDS: &[u8] = b"q";
pub(crate) const GARBAGE: &[u8] = b"g";
pub(crate) const BOUND: &[u8] = b"n";
pub(crate) const SECRET: &[u8] = b"s";
pub(crate) const MOVES: &[u8] = b"t";

/// A queue, for as long as it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct QueueId(pub u32);

/// What an entry of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The message.
    Message = b'm' as isize,
    /// What changes about it: [`Held`].
    State = b's' as isize,
    /// A deduplication id that was used.
    Deduplication = b'd' as isize,
}

impl QueueId {
    /// The key of the queue's record, or of its garbage.
    pub fn key(self, prefix: &[u8]) -> Vec<u8> {
        [prefix, &self.0.to_be_bytes()].concat()
    }

    /// From the end of such a key.
    pub fn from_key(key: &[u8]) -> Option<QueueId> {
        key.last_chunk().map(|bytes| QueueId(u32::from_be_bytes(*bytes)))
    }

    /// What the keys of all entries of a kind begin with.
    pub fn prefix(self, kind: Kind) -> [u8; 5] {
        let [a, b, c, d] = self.0.to_be_bytes();
        [a, b, c, d, kind as u8]
    }

    /// The key of an entry; of a message in a FIFO queue, with its group.
    pub fn entry(self, kind: Kind, number: Number, group: Option<&str>) -> Vec<u8> {
        [&self.prefix(kind)[..], &number.0.to_be_bytes(), group.unwrap_or_default().as_bytes()].concat()
    }

    /// Puts a message.
    pub fn put_message(self, batch: &mut Batch, number: Number, group: Option<&str>, message: &Message) {
        batch.put(MESSAGES, &self.entry(Kind::Message, number, group), &message.to_bytes());
    }

    /// Puts what changes about a message.
    pub fn put_state(self, batch: &mut Batch, number: Number, held: &Held) {
        batch.put(MESSAGES, &self.entry(Kind::State, number, None), &held.to_bytes());
    }

    /// Removes all of a message.
    pub fn remove_message(self, batch: &mut Batch, number: Number, group: Option<&Arc<str>>) {
        batch.remove(MESSAGES, &self.entry(Kind::Message, number, group.map(|group| &**group)));
        batch.remove(MESSAGES, &self.entry(Kind::State, number, None));
    }
}

/// The number and the group in an entry's key.
pub(crate) fn number_and_group(key: &[u8]) -> Option<(Number, Option<&str>)> {
    let (number, group) = key.get(5..)?.split_first_chunk::<8>()?;
    let group = (!group.is_empty()).then(|| str::from_utf8(group)).transpose().ok()?;
    Some((Number(u64::from_be_bytes(*number)), group))
}
