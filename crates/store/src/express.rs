//! The journal of EXPRESS executions that nobody waits for: at least once means that a start is on disk
//! before it is acknowledged, and that one whose end is not noted runs again after a crash.
//!
//! A start is one record in the same log as everything else, committed from any thread without the
//! engine's loop. Ends are noted together, in the next frame that is written anyway, or with the tick.
//! Until its end is noted, a start keeps its segment of the log, which is five minutes at the most.
//! Never here: what such an execution does; nothing is written while it runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use asl::Timestamp;
use json::{Document, Text};

use crate::bytes::{Malformed, PutBytes, TakeBytes};
use crate::chain::damaged;
use crate::commit::queue::Queue;
use crate::commit::{Batch, Change};
use crate::index::Pending;
use crate::log::Log;
use crate::record::ExecutionKey;
use crate::store::{Error, Shared};
use crate::wire::{self, Header, Kind};
use crate::writer::FRAME_BYTES;

/// Our number for an EXPRESS execution in the journal: unique, never used twice, not shown to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExpressKey(u64);

/// Below the owner's epoch, so many bits count its starts: four years at 10,000 a millisecond.
const COUNT_BITS: u32 = 40;

/// What the journal keeps of a start.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpressStart {
    /// Its number, from [`Journal::new_key`].
    pub key: ExpressKey,
    /// Which revision of the machine it runs.
    pub revision: u64,
    /// The machine's name, for a revision that was replaced while the start was on its way.
    pub machine_name: Text,
    /// The execution's name.
    pub name: Text,
    /// What makes its ARN unique.
    pub uuid: u128,
    /// The input.
    pub input: Document,
    /// As given.
    pub trace_header: Option<Text>,
    /// When it was started first.
    pub started_at: Timestamp,
    /// The version that it runs, if it was started by one or by an alias.
    pub version_arn: Option<Text>,
    /// The alias that it was started by.
    pub alias_arn: Option<Text>,
    /// The test case that it runs.
    pub test_case: Option<Text>,
}

/// Commits starts and notes ends. Cheap to clone; it works from any thread.
pub struct Journal<A> {
    shared: Arc<Shared>,
    queue: Arc<Queue<A>>,
}

impl<A> Clone for Journal<A> {
    fn clone(&self) -> Self {
        Journal { shared: self.shared.clone(), queue: self.queue.clone() }
    }
}

/// Starts as bytes, on their way into the log.
pub struct Entry<A>(Vec<Batch<A>>);

impl<A> Journal<A> {
    pub(crate) fn new(shared: Arc<Shared>, queue: Arc<Queue<A>>) -> Self {
        Journal { shared, queue }
    }

    /// A number for a start.
    pub fn new_key(&self) -> ExpressKey {
        ExpressKey(self.shared.express.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Whether new work is refused because the disk is full.
    pub fn is_full(&self) -> bool {
        self.shared.is_full()
    }

    /// Turns starts into bytes; `after` is handed to `on_durable` once all of them are on disk.
    pub fn entry<'s>(&self, starts: impl IntoIterator<Item = &'s ExpressStart>, after: A) -> Entry<A> {
        let mut batches = Vec::new();
        let mut batch = Batch::new(None);
        for start in starts {
            if batch.bytes.len() >= FRAME_BYTES {
                batches.push(std::mem::replace(&mut batch, Batch::new(None)));
            }
            let header = Header::of(Kind::ExpressStart, ExecutionKey(start.key.0));
            wire::put(header, &mut batch.bytes, |out| encode(start, out));
            batch.changes.push(Change::ExpressStart { key: start.key, revision: start.revision });
        }
        batch.after = Some(after);
        batches.push(batch);
        Entry(batches)
    }

    /// Queues an entry for the next frame, or gives it back while the queue is at its bound. When
    /// nothing is committed any more, `after` is dropped instead of handed over.
    pub fn try_commit(&self, entry: Entry<A>) -> Result<(), Entry<A>> {
        self.queue.try_push(entry.0).map_err(Entry)
    }

    /// An execution has ended: it does not run again.
    pub fn ended(&self, key: ExpressKey) {
        self.shared.express.ended.lock().expect(NEVER_POISONED).push(key);
    }
}

/// What the journals of a store share.
pub(crate) struct Express {
    next: AtomicU64,
    /// What has ended and is not noted: no more than there are executions under way in about a second.
    ended: Mutex<Vec<ExpressKey>>,
}

impl Express {
    /// No earlier owner of the log has used a number of this epoch.
    pub(crate) fn new(epoch: u64) -> Express {
        Express { next: AtomicU64::new(epoch << COUNT_BITS), ended: Mutex::default() }
    }
}

/// Appends the record of all ends that are not noted yet, if there are any.
pub(crate) fn put_ended(shared: &Shared, body: &mut Vec<u8>) -> Option<Change> {
    let keys = std::mem::take(&mut *shared.express.ended.lock().expect(NEVER_POISONED));
    if keys.is_empty() {
        return None;
    }
    wire::put(Header::of(Kind::ExpressEnd, ExecutionKey(0)), body, |out| {
        keys.iter().for_each(|key| out.put_u64(key.0));
    });
    Some(Change::ExpressEnd(keys))
}

/// Every start whose end is not noted, read back.
pub(crate) fn pending(shared: &Shared) -> Result<Vec<ExpressStart>, Error> {
    let places: Vec<_> = shared.read().express_pending().collect();
    places.into_iter().map(|(_, pending)| read_pending(&*shared.log, pending)).collect()
}

/// A start whose end is not noted, read back.
pub(crate) fn read_pending(log: &dyn Log, pending: Pending) -> Result<ExpressStart, Error> {
    let record = log.read(pending.place, pending.bytes as usize)?;
    let damaged = || damaged(pending.place, "the record of an EXPRESS start cannot be read");
    let (header, body) = wire::take(&record).ok_or_else(damaged)?;
    decode(&header, body).map_err(|Malformed| damaged())
}

/// What a record of a start means for the index.
pub(crate) fn start_change(header: &Header, body: &[u8]) -> Result<Change, Malformed> {
    let revision = TakeBytes(body).u64()?;
    Ok(Change::ExpressStart { key: ExpressKey(header.key.0), revision })
}

/// What a record of ends means for the index.
pub(crate) fn end_change(body: &[u8]) -> Result<Change, Malformed> {
    let mut content = TakeBytes(body);
    let mut keys = Vec::with_capacity(body.len() / 8);
    while !content.0.is_empty() {
        keys.push(ExpressKey(content.u64()?));
    }
    Ok(Change::ExpressEnd(keys))
}

pub(crate) fn put_key(key: ExpressKey, out: &mut Vec<u8>) {
    out.put_u64(key.0);
}

pub(crate) fn take_key(bytes: &mut TakeBytes<'_>) -> Result<ExpressKey, Malformed> {
    bytes.u64().map(ExpressKey)
}

fn encode(start: &ExpressStart, out: &mut Vec<u8>) {
    out.put_u64(start.revision);
    out.put_text(&start.machine_name);
    out.put_text(&start.name);
    out.put_u64((start.uuid >> 64) as u64);
    out.put_u64(start.uuid as u64);
    out.put_time(start.started_at);
    out.put_option(start.trace_header.as_deref());
    out.put_text(start.input.text());
    // Those without a version are as format 2 has them, those without a test case as format 3, and no longer.
    if start.version_arn.is_some() || start.test_case.is_some() {
        out.put_option(start.version_arn.as_deref());
        out.put_option(start.alias_arn.as_deref());
    }
    if start.test_case.is_some() {
        out.put_option(start.test_case.as_deref());
    }
}

fn decode(header: &Header, body: &[u8]) -> Result<ExpressStart, Malformed> {
    let mut content = TakeBytes(body);
    let mut start = ExpressStart {
        key: ExpressKey(header.key.0),
        revision: content.u64()?,
        machine_name: content.text()?,
        name: content.text()?,
        uuid: u128::from(content.u64()?) << 64 | u128::from(content.u64()?),
        started_at: content.time()?,
        trace_header: content.option()?,
        input: Document::parse(content.str()?).map_err(|_| Malformed)?,
        version_arn: None,
        alias_arn: None,
        test_case: None,
    };
    if !content.0.is_empty() {
        (start.version_arn, start.alias_arn) = (content.option()?, content.option()?);
    }
    if !content.0.is_empty() {
        start.test_case = content.option()?;
    }
    content.end()?;
    Ok(start)
}

const NEVER_POISONED: &str = "no holder of this lock panics";
