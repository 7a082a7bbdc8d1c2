//! The log behind its small interface: frames are appended, each durable before the call returns.
//!
//! [`Disk`] keeps it in a folder, [`Memory`] forgets it at the end, [`ShardLog`] has one of the many
//! logs in a database that several processes share. A frame is opaque here.
//! Never here: what a frame holds, which of it is still needed.

pub mod database;
mod disk;
mod frame;
pub mod look;
mod member;
mod memory;
mod scan;
mod segment;
mod shard_log;
mod snapshot_files;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod torn;

use std::io;

pub use disk::Disk;
pub use member::{Clock, Member, SetClock};
pub use memory::Memory;
pub use shard_log::ShardLog;

use crate::ownership::Ownership;
use crate::store::Error;

/// The largest body of a frame. Ordinary frames are kept far below it by whoever fills them.
pub const BODY_MAX: usize = 64 << 20;

/// The largest segment: offsets have 32 bits, and one frame may go beyond.
const SEGMENT_MAX: u64 = 1 << 30;

/// Where a byte of a frame's body is: segment and offset. Later bytes have greater places, and the
/// bytes of one body follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place(u64);

impl Place {
    /// No place: before every other.
    pub const NONE: Place = Place(0);

    /// The byte at this offset of this segment. Segments are numbered from 1.
    pub const fn new(segment: u32, offset: u32) -> Place {
        Place((segment as u64) << 32 | offset as u64)
    }

    /// Which segment.
    pub const fn segment(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The offset in its segment.
    pub const fn offset(self) -> u32 {
        self.0 as u32
    }

    /// So many bytes later in the same body.
    pub const fn plus(self, bytes: u32) -> Place {
        Place(self.0 + bytes as u64)
    }

    /// So many bytes earlier; [`Place::NONE`] where there are not so many.
    pub const fn minus(self, bytes: u32) -> Place {
        Place(self.0.saturating_sub(bytes as u64))
    }

    /// As it is recorded.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// What [`Place::to_bits`] gave.
    pub const fn from_bits(bits: u64) -> Place {
        Place(bits)
    }
}

/// One frame, as it is read back.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Who wrote it.
    pub epoch: u64,
    /// 1, 2, 3 …
    pub seq: u64,
    /// Where the body begins.
    pub place: Place,
    /// What was appended.
    pub body: &'a [u8],
}

/// What is known of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its number; later segments have greater ones.
    pub number: u32,
    /// How many bytes it takes up.
    pub bytes: u64,
    /// Every frame in it has a lower number than this; `None` while frames are appended to it.
    pub ends_before: Option<u64>,
}

/// Why a frame was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// There is no room. Nothing was appended; the same frame may be tried again.
    #[error("no room: {0}")]
    NoRoom(io::Error),
    /// Somebody else owns the log by now, or the frame is not the next one.
    #[error("the log has another owner or another next frame")]
    Fenced,
    /// Whether the frame is durable is unknown and cannot be found out by trying again: the process must end.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// A log: frames in order, and snapshots of what they amount to.
pub trait Log: Send + Sync {
    /// Makes the caller the owner; the answer goes with every append. Greater than every epoch before it.
    fn acquire(&self) -> Result<u64, Error>;

    /// Who owns which executions, when this log is owned by this epoch. A log that one process has to
    /// itself holds all of them.
    fn ownership(&self, epoch: u64) -> Ownership {
        Ownership::Alone { epoch }
    }

    /// The number of the next frame, from 1; the greater, the later.
    fn next_seq(&self) -> u64;

    /// Appends a frame, durable on return; where its body begins. `body` has at most [`BODY_MAX`] bytes.
    fn append(&self, epoch: u64, seq: u64, body: &[u8]) -> Result<Place, AppendError>;

    /// At most `length` bytes of a body, from `place`; fewer where the segment ends. Not verified:
    /// records carry their own checksums.
    fn read(&self, place: Place, length: usize) -> Result<Vec<u8>, Error>;

    /// Visits the frames from this number on, in order, verified. A missing or damaged one is an error.
    fn frames(&self, from: u64, visit: &mut dyn FnMut(Frame<'_>) -> Result<(), Error>) -> Result<(), Error>;

    /// Keeps a snapshot of what the frames before `seq` amount to; returns its size in bytes once it is
    /// durable. The one before it is kept too, older ones are not.
    fn put_snapshot(&self, seq: u64, write: WriteSnapshot<'_>) -> Result<u64, Error>;

    /// The newest readable snapshot and its `seq`.
    fn snapshot(&self) -> Result<Option<(u64, Vec<u8>)>, Error>;

    /// Frames before this number are not needed any more for bringing back a snapshot.
    fn covered(&self) -> u64;

    /// All segments, the oldest first.
    fn segments(&self) -> Vec<Segment>;

    /// The sizes of the snapshots that are kept, in bytes, the oldest first. None where a log keeps them elsewhere.
    fn snapshot_sizes(&self) -> Vec<u64> {
        Vec::new()
    }

    /// Forgets a segment and gives its space back. Not the one that is appended to.
    fn drop_segment(&self, number: u32) -> Result<(), Error>;

    /// Whether the room that is set aside for coming frames could not be had.
    fn is_short_of_room(&self) -> bool;
}

/// Writes a snapshot's bytes.
pub type WriteSnapshot<'a> = &'a mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>;

/// The size of the next segment of a log whose segments have `held` bytes in all. Two are set aside whole at any time,
/// the one that is appended to and the next: by this they are a sixteenth of the most that the log has held, so
/// that what it gives back is not kept as room. Small ones first: a store with little in it stays small.
fn segment_size(held: u64, bytes_max: u64) -> u64 {
    const FIRST: u64 = 4 << 20;
    const HELD_SHARE: u64 = 32;
    (held / HELD_SHARE).max(FIRST).min(bytes_max).min(SEGMENT_MAX)
}

/// Whether an error means that there is no room, which passes.
fn is_no_room(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_aside_is_a_sixteenth_of_what_is_there() {
        let sizes = [0, 100 << 20, 1 << 30, 100 << 30].map(|held| segment_size(held, 64 << 20) >> 20);
        assert_eq!(sizes, [4, 4, 32, 64]);
        assert_eq!([segment_size(0, 4_096), segment_size(1 << 40, u64::MAX)], [4_096, SEGMENT_MAX]);
    }
}
