//! A log in memory whose disk is slow, full or broken at will.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use crate::Error;
use crate::log::{AppendError, Frame, Log, Memory, Place, Segment, WriteSnapshot};

pub(super) struct Fake {
    memory: Memory,
    mode: Mutex<Mode>,
    changed: Condvar,
    /// How often an append found no room.
    pub(super) refused: AtomicU32,
    /// How many pieces of snapshots were begun.
    pub(super) snapshots: AtomicU32,
    /// How often something was read by its place.
    pub(super) reads: AtomicU32,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    Open,
    /// Appends wait.
    Held,
    Full,
    Broken,
    /// Snapshots stop once they have begun.
    SnapshotHeld,
}

impl Fake {
    pub(super) fn new() -> Arc<Fake> {
        Arc::new(Fake {
            memory: Memory::new(4_096),
            mode: Mutex::new(Mode::Open),
            changed: Condvar::new(),
            refused: AtomicU32::new(0),
            snapshots: AtomicU32::new(0),
            reads: AtomicU32::new(0),
        })
    }

    pub(super) fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
        self.changed.notify_all();
    }
}

impl Log for Fake {
    fn append(&self, epoch: u64, seq: u64, body: &[u8]) -> Result<Place, AppendError> {
        let mode = self.changed.wait_while(self.mode.lock().unwrap(), |mode| *mode == Mode::Held).unwrap();
        match *mode {
            Mode::Open | Mode::Held | Mode::SnapshotHeld => self.memory.append(epoch, seq, body),
            Mode::Full => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                Err(AppendError::NoRoom(io::ErrorKind::StorageFull.into()))
            }
            Mode::Broken => {
                let source = io::Error::other("input/output error");
                Err(AppendError::Failed(Error::Io { action: "syncing a segment".to_owned(), source }))
            }
        }
    }

    fn acquire(&self) -> Result<u64, Error> {
        self.memory.acquire()
    }

    fn next_seq(&self) -> u64 {
        self.memory.next_seq()
    }

    fn read(&self, place: Place, length: usize) -> Result<Vec<u8>, Error> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.memory.read(place, length)
    }

    fn frames(&self, from: u64, visit: &mut dyn FnMut(Frame<'_>) -> Result<(), Error>) -> Result<(), Error> {
        self.memory.frames(from, visit)
    }

    fn put_snapshot(&self, seq: u64, write: WriteSnapshot<'_>) -> Result<u64, Error> {
        self.memory.put_snapshot(seq, &mut |out| write(&mut Gate { fake: self, out }))
    }

    fn snapshot(&self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        self.memory.snapshot()
    }

    fn covered(&self) -> u64 {
        self.memory.covered()
    }

    fn segments(&self) -> Vec<Segment> {
        self.memory.segments()
    }

    fn drop_segment(&self, number: u32) -> Result<(), Error> {
        self.memory.drop_segment(number)
    }

    fn is_short_of_room(&self) -> bool {
        false
    }
}

/// What a snapshot is written through.
struct Gate<'a> {
    fake: &'a Fake,
    out: &'a mut dyn io::Write,
}

impl io::Write for Gate<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.fake.snapshots.fetch_add(1, Ordering::Relaxed);
        let mode = self.fake.mode.lock().unwrap();
        drop(self.fake.changed.wait_while(mode, |mode| *mode == Mode::SnapshotHeld).unwrap());
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
