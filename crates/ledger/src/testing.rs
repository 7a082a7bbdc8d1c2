//! For tests of those who keep something: a disk that is full.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use store::Error;
use store::log::{AppendError, Frame, Log, Memory, Place, Segment, WriteSnapshot};

/// A log in memory on which there is no room for as long as a test says so.
#[derive(Debug)]
pub struct Full(Memory, AtomicBool);

impl Full {
    /// With segments of this size, and with room.
    pub fn new(segment_bytes: u64) -> Full {
        Full(Memory::new(segment_bytes), AtomicBool::new(false))
    }

    /// Whether there is no room from now on.
    pub fn set_full(&self, is_full: bool) {
        self.1.store(is_full, Ordering::Relaxed);
    }
}

impl Log for Full {
    fn acquire(&self) -> Result<u64, Error> {
        self.0.acquire()
    }

    fn next_seq(&self) -> u64 {
        self.0.next_seq()
    }

    fn append(&self, epoch: u64, seq: u64, body: &[u8]) -> Result<Place, AppendError> {
        if self.1.load(Ordering::Relaxed) {
            return Err(AppendError::NoRoom(io::ErrorKind::StorageFull.into()));
        }
        self.0.append(epoch, seq, body)
    }

    fn read(&self, place: Place, length: usize) -> Result<Vec<u8>, Error> {
        self.0.read(place, length)
    }

    fn frames(&self, from: u64, visit: &mut dyn FnMut(Frame<'_>) -> Result<(), Error>) -> Result<(), Error> {
        self.0.frames(from, visit)
    }

    fn put_snapshot(&self, seq: u64, write: WriteSnapshot<'_>) -> Result<u64, Error> {
        self.0.put_snapshot(seq, write)
    }

    fn snapshot(&self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        self.0.snapshot()
    }

    fn covered(&self) -> u64 {
        self.0.covered()
    }

    fn segments(&self) -> Vec<Segment> {
        self.0.segments()
    }

    fn drop_segment(&self, number: u32) -> Result<(), Error> {
        self.0.drop_segment(number)
    }

    fn is_short_of_room(&self) -> bool {
        false
    }
}
