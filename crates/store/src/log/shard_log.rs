//! The log of one shard in a shared database, as its owner has it.
//!
//! This is what an owner does, whatever the database: take the lease, seal what was before, append row
//! after row (`owner.rs` gets them written, `row.rs` says how they lie), and stop for good when another
//! owner has written. Never here: what the database promises (`database.rs`), leases and clocks
//! (`member.rs`).

#[cfg(test)]
mod interleavings;
mod owner;
mod row;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use super::database::{Acquired, Row, RowKind, Trouble, Verdict};
use super::member::{Member, OneShard};
use super::memory::{gone, missing};
use super::segment::{FORMAT, check_format};
use super::{AppendError, BODY_MAX, Frame, Log, Place, Segment, WriteSnapshot};
use crate::ownership::{Owner, Ownership};
use crate::shard::Shard;
use crate::store::Error;
use owner::NotWritten;
use row::{
    SEGMENT_ROWS, SEQ_MAX, check, first_seq_of, place_of, segment_of, seq_and_offset_of, whole_snapshot,
};

/// The log of one shard.
pub struct ShardLog {
    shard: Shard,
    member: Arc<Member>,
    head: Mutex<Head>,
    /// The bytes of each segment in which there are bodies.
    segments: Mutex<BTreeMap<u32, u64>>,
    /// The numbers of the snapshots that are kept, the newest two.
    snapshots: Mutex<Vec<u64>>,
    is_short_of_room: AtomicBool,
}

/// The last row, as far as this owner knows.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    /// 0 before the log is acquired, and once another owner has written.
    epoch: u64,
    seq: u64,
}

impl ShardLog {
    /// The log of a shard for one of those that share a database. Nothing is read or taken before
    /// [`acquire`](Log::acquire), with which a store begins.
    pub fn new(member: Arc<Member>, shard: Shard) -> ShardLog {
        ShardLog {
            shard,
            member,
            head: Mutex::default(),
            segments: Mutex::default(),
            snapshots: Mutex::default(),
            is_short_of_room: AtomicBool::new(false),
        }
    }

    /// Which one.
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// Gives the shard up; nothing is appended any more. Without it others wait for the end of the lease.
    pub fn release(&self) -> Result<(), Error> {
        let epoch = std::mem::take(&mut *self.head()).epoch;
        self.member.release(self.shard, epoch).map_err(|trouble| self.during("releasing", trouble))
    }

    /// Another owner has written, or could: nothing is sent any more.
    fn stop(&self, head: &mut Head) {
        self.member.lose(self.shard, head.epoch);
        head.epoch = 0;
    }

    /// Says who has the shard.
    fn owned(&self) -> Error {
        let owner = match self.member.owner_of(self.shard) {
            Owner::Elsewhere { address } => address.to_string(),
            Owner::Here { .. } | Owner::Nobody => "another process".to_owned(),
        };
        Error::Owned { shard: self.shard, owner }
    }

    /// Does what only the owner may do.
    fn as_owner(
        &self,
        action: &str,
        change: impl FnOnce(u64) -> Result<Verdict, Trouble>,
    ) -> Result<(), Error> {
        let epoch = self.head().epoch;
        if epoch == 0 {
            return Err(self.owned());
        }
        match change(epoch) {
            Ok(Verdict::Done) => Ok(()),
            Ok(Verdict::Refused) => Err(self.owned()),
            Err(trouble) => Err(self.during(action, trouble)),
        }
    }

    fn during(&self, action: &str, trouble: Trouble) -> Error {
        trouble.during(|| format!("{action} the log of shard {}", self.shard))
    }

    fn place_name(&self, seq: u64) -> String {
        format!("frame {seq} of shard {}", self.shard)
    }

    fn head(&self) -> MutexGuard<'_, Head> {
        self.head.lock().expect(NEVER_POISONED)
    }

    fn bytes_of_segments(&self) -> MutexGuard<'_, BTreeMap<u32, u64>> {
        self.segments.lock().expect(NEVER_POISONED)
    }

    fn kept_snapshots(&self) -> MutexGuard<'_, Vec<u64>> {
        self.snapshots.lock().expect(NEVER_POISONED)
    }
}

impl Log for ShardLog {
    /// Fails with [`Error::Owned`] while somebody else's lease runs.
    fn acquire(&self) -> Result<u64, Error> {
        let mut head = self.head();
        head.epoch = 0;
        let acquired = self.member.acquire(self.shard).map_err(|trouble| self.during("taking", trouble))?;
        let epoch = match acquired {
            Acquired::Yes { epoch } => epoch,
            Acquired::Held { .. } => return Err(self.owned()),
        };
        let end = self.member.clock.now() + self.member.ttl;
        let sealed = self.seal(epoch, end).and_then(|sealed| {
            // Nobody before us can write any more, so that what is read from here on stays true.
            let database = &self.member.database;
            let reading = |trouble| self.during("reading", trouble);
            let sizes = self.retrying(end, || database.sizes(self.shard, SEGMENT_ROWS)).map_err(reading)?;
            let snapshots = self.retrying(end, || database.snapshots(self.shard)).map_err(reading)?;
            let sizes = sizes.into_iter().map(|(group, bytes)| (segment_of(group * SEGMENT_ROWS), bytes));
            *self.bytes_of_segments() = sizes.collect();
            *self.kept_snapshots() = snapshots;
            Ok(sealed)
        });
        match sealed {
            Ok(sealed) => *head = sealed,
            Err(error) => {
                self.member.lose(self.shard, epoch);
                return Err(error);
            }
        }
        Ok(epoch)
    }

    fn ownership(&self, _: u64) -> Ownership {
        Ownership::Shared(Arc::new(OneShard { shard: self.shard, member: self.member.clone() }))
    }

    fn next_seq(&self) -> u64 {
        self.head().seq + 1
    }

    fn append(&self, epoch: u64, seq: u64, body: &[u8]) -> Result<Place, AppendError> {
        assert!(!body.is_empty() && body.len() <= BODY_MAX, "a frame's body has 1 to {BODY_MAX} bytes");
        let mut head = self.head();
        if epoch == 0 || epoch != head.epoch || seq != head.seq + 1 {
            return Err(AppendError::Fenced);
        }
        if seq > SEQ_MAX {
            let detail = "its numbers are used up".to_owned();
            return Err(AppendError::Failed(Error::Corrupt { place: self.place_name(seq), detail }));
        }
        let written = self.write(RowKind::Frame, epoch, seq, body);
        self.is_short_of_room.store(matches!(written, Err(NotWritten::NoRoom(_))), Ordering::Relaxed);
        match written {
            Ok(()) => {
                head.seq = seq;
                *self.bytes_of_segments().entry(segment_of(seq)).or_default() += body.len() as u64;
                Ok(place_of(seq))
            }
            Err(NotWritten::NoRoom(source)) => Err(AppendError::NoRoom(source)),
            Err(NotWritten::Refused | NotWritten::NotSent) => {
                self.stop(&mut head);
                Err(AppendError::Fenced)
            }
            Err(NotWritten::Failed(error)) => {
                self.stop(&mut head);
                Err(AppendError::Failed(error))
            }
        }
    }

    fn read(&self, place: Place, length: usize) -> Result<Vec<u8>, Error> {
        let (seq, offset) = seq_and_offset_of(place).ok_or_else(|| gone(place))?;
        let read = self.member.database.read(self.shard, seq, offset, length);
        read.map_err(|trouble| self.during("reading", trouble))?.ok_or_else(|| gone(place))
    }

    fn frames(&self, from: u64, visit: &mut dyn FnMut(Frame<'_>) -> Result<(), Error>) -> Result<(), Error> {
        let end = self.next_seq();
        let mut next = from;
        let visited = self.member.database.rows(self.shard, from, &mut |row: Row<'_>| {
            let Row { seq, epoch, kind, body, .. } = row;
            if seq >= end {
                return Ok(());
            }
            if seq != next {
                return Err(missing(next, seq));
            }
            if row.check != check(self.shard, kind, epoch, seq, body) {
                let detail = "it has a wrong checksum".to_owned();
                return Err(Error::Corrupt { place: self.place_name(seq), detail });
            }
            next += 1;
            match kind {
                // Whatever version of this program has written it: it says that somebody came.
                RowKind::Open => Ok(()),
                RowKind::Frame => {
                    check_format(row.format, || self.place_name(seq))?;
                    visit(Frame { epoch, seq, place: place_of(seq), body })
                }
            }
        });
        visited.map_err(|trouble| self.during("reading", trouble))?;
        if next < end { Err(missing(next, end)) } else { Ok(()) }
    }

    fn put_snapshot(&self, seq: u64, write: WriteSnapshot<'_>) -> Result<u64, Error> {
        let mut bytes = Vec::new();
        write(&mut bytes).map_err(Error::io(|| format!("writing a snapshot of shard {}", self.shard)))?;
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        let database = &self.member.database;
        self.as_owner("writing a snapshot of", |epoch| {
            database.put_snapshot(self.shard, epoch, seq, &bytes)
        })?;
        let mut kept = self.kept_snapshots();
        kept.retain(|&earlier| earlier != seq);
        kept.push(seq);
        kept.sort_unstable();
        let surplus = kept.len().saturating_sub(2);
        kept.drain(..surplus);
        Ok(bytes.len() as u64)
    }

    fn snapshot(&self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        let mut kept = self.kept_snapshots();
        while let Some(&seq) = kept.last() {
            let read = self.member.database.snapshot(self.shard, seq);
            let bytes = read.map_err(|trouble| self.during("reading a snapshot of", trouble))?;
            if let Some(bytes) =
                bytes.map(|bytes| whole_snapshot(bytes, self.shard, seq)).transpose()?.flatten()
            {
                return Ok(Some((seq, bytes)));
            }
            tracing::error!(shard = %self.shard, seq, "this snapshot is damaged; trying the one before it");
            kept.pop();
        }
        Ok(None)
    }

    fn covered(&self) -> u64 {
        let kept = self.kept_snapshots();
        if kept.len() < 2 { 1 } else { kept[0] }
    }

    fn segments(&self) -> Vec<Segment> {
        let last = segment_of(self.next_seq() - 1);
        let mut bytes = self.bytes_of_segments().clone();
        bytes.entry(last).or_default();
        let segment = |(number, bytes)| Segment {
            number,
            bytes,
            ends_before: (number != last).then(|| first_seq_of(number + 1)),
        };
        bytes.into_iter().map(segment).collect()
    }

    fn drop_segment(&self, number: u32) -> Result<(), Error> {
        let last = segment_of(self.next_seq() - 1);
        assert!(number != last, "the last segment is appended to");
        let (is_first, first_kept) = {
            let bytes = self.bytes_of_segments();
            let first_kept = bytes.keys().copied().find(|&kept| kept != number).unwrap_or(last);
            (bytes.keys().next().is_none_or(|&first| first == number), first_kept.min(last))
        };
        let database = &self.member.database;
        self.as_owner("dropping a part of", |epoch| match is_first {
            // What was forgotten before, between this segment and the first one that is kept, goes too.
            true => database.truncate(self.shard, epoch, first_seq_of(first_kept)),
            false => database.forget(self.shard, epoch, first_seq_of(number)..first_seq_of(number + 1)),
        })?;
        self.bytes_of_segments().remove(&number);
        Ok(())
    }

    fn is_short_of_room(&self) -> bool {
        self.is_short_of_room.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for ShardLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardLog")
            .field("shard", &self.shard)
            .field("head", &*self.head())
            .finish_non_exhaustive()
    }
}

const NEVER_POISONED: &str = "no holder of this lock panics";
