//! What is in memory, out of what an earlier process left in the ledger.
//!
//! Bodies are not read: a queue of a million messages costs a walk over a million keys.

use std::collections::HashMap;

use ledger::{Batch, Error, Ledger};

use super::keys::{self, Kind, MESSAGES, QUEUES, QueueId};
use super::move_task::MoveTask;
use super::number::{Number, Numbers};
use super::queue::Held;
use super::record::Record;
use super::state::{Kept, State};
use super::sweep::Garbage;
use super::window::Use;
use crate::delivery::Clock;

/// How many keys are looked at under one lock of the ledger.
const KEYS_AT_ONCE: usize = 5_000;

/// What was found.
pub(crate) struct Found {
    pub state: State,
    pub secret: Vec<u8>,
    /// What is to be removed.
    pub garbage: Vec<Garbage>,
}

/// Reads all.
pub(crate) fn load(ledger: &Ledger, clock: &dyn Clock) -> Result<Found, Error> {
    let mut state = State::default();
    if let Some(bound) = ledger.get(QUEUES, keys::BOUND)? {
        let bound = bound.try_into().map_err(|_| damaged("the bound of all numbers"))?;
        state.numbers = Numbers::behind(Number(u64::from_be_bytes(bound)));
    }
    let mut garbage: Vec<_> = ledger
        .keys(QUEUES, keys::GARBAGE, None, usize::MAX)
        .iter()
        .filter_map(|key| QueueId::from_key(key))
        .map(|queue| Garbage { queue, purged: None })
        .collect();
    state.next_queue = garbage.iter().map(|garbage| garbage.queue.0 + 1).max().unwrap_or(1);
    for (key, value) in ledger.entries(QUEUES, keys::RECORDS, None, usize::MAX)? {
        let record = Record::from_bytes(&value).ok_or_else(|| damaged("a queue"))?;
        let id = QueueId::from_key(&key).ok_or_else(|| damaged("a queue's key"))?;
        state.next_queue = state.next_queue.max(id.0 + 1);
        state.names.insert(record.name.clone(), id);
        let purged = record.purged;
        let (kept, has_purged) = load_queue(ledger, id, record)?;
        if has_purged {
            garbage.push(Garbage { queue: id, purged: Some(purged) });
        }
        state.queues.insert(id, kept);
    }
    for (key, value) in ledger.entries(QUEUES, keys::MOVES, None, usize::MAX)? {
        let number = key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes));
        let task = MoveTask::from_bytes(&value);
        let (Some(number), Some(task)) = (number, task) else { return Err(damaged("a move task")) };
        state.move_tasks.insert(number, task);
    }
    Ok(Found { state, secret: secret(ledger, clock)?, garbage })
}

/// The secret of receipts, which is made at the first start.
fn secret(ledger: &Ledger, clock: &dyn Clock) -> Result<Vec<u8>, Error> {
    if let Some(secret) = ledger.get(QUEUES, keys::SECRET)? {
        return Ok(secret);
    }
    let secret = [clock.random().to_be_bytes(), clock.random().to_be_bytes()].concat();
    let mut batch = Batch::new();
    batch.put(QUEUES, keys::SECRET, &secret);
    // Ahead of every batch with a message, so it is there when a handle needs it.
    drop(ledger.submit(batch));
    Ok(secret)
}

/// A queue with its messages, and whether there are some that were purged.
fn load_queue(ledger: &Ledger, id: QueueId, record: Record) -> Result<(Kept, bool), Error> {
    let mut kept = Kept::new(record);
    let purged = kept.record.purged;
    let mut states = HashMap::new();
    ledger.visit(MESSAGES, &id.prefix(Kind::State), |key, value| {
        if let Some((number, _)) = keys::number_and_group(key) {
            states.insert(number, value);
        }
    })?;
    let mut has_purged = false;
    let mut is_damaged = false;
    visit_keys(ledger, &id.prefix(Kind::Message), |key| {
        let Some((number, group)) = keys::number_and_group(key) else { return is_damaged = true };
        has_purged |= number <= purged;
        let group = group.map(|group| kept.queue.group(group));
        match states.remove(&number).map(|bytes| Held::from_bytes(&bytes, group.clone())) {
            None => kept.queue.arrive_fresh(number, group),
            Some(Some(held)) => kept.queue.arrive(number, held),
            Some(None) => is_damaged = true,
        }
    });
    // A state without its message: it was written while the message was being removed.
    let mut batch = Batch::new();
    for number in states.into_keys() {
        batch.remove(MESSAGES, &id.entry(Kind::State, number, None));
    }
    drop(ledger.submit(batch));
    ledger.visit(MESSAGES, &id.prefix(Kind::Deduplication), |key, value| {
        let used = keys::number_and_group(key).and_then(|(number, _)| Use::from_bytes(number, &value));
        match used {
            Some((key, used)) => kept.window.add(key, used),
            None => is_damaged = true,
        }
    })?;
    if is_damaged {
        Err(damaged(&format!("an entry of the queue {}", kept.record.name)))
    } else {
        Ok((kept, has_purged))
    }
}

/// Visits all keys with a prefix, without their values.
fn visit_keys(ledger: &Ledger, prefix: &[u8], mut visit: impl FnMut(&[u8])) {
    let mut after: Option<Vec<u8>> = None;
    loop {
        let mut keys = ledger.keys(MESSAGES, prefix, after.as_deref(), KEYS_AT_ONCE);
        keys.iter().for_each(|key| visit(key));
        match keys.pop() {
            Some(last) => after = Some(last),
            None => return,
        }
    }
}

fn damaged(what: &str) -> Error {
    Error::Corrupt {
        place: "the ledger's queues".to_owned(),
        detail: format!("{what} is not as this version of Stepwell writes it"),
    }
}
