//! The compactor: a thread that writes snapshots, gives back the space of segments that nobody needs, and has the few
//! entries moved that keep a mostly dead segment alive.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

use store::Error;
use store::log::Segment;

use crate::commit::Queue;
use crate::index::At;
use crate::ledger::Shared;
use crate::snapshot;

/// A segment is worth moving what it still has when at most one in so many of its bytes is needed: so moving costs at
/// most a third of what it frees.
const NEEDED_SHARE: u64 = 4;

/// How many entries are moved before the segments are looked at again.
const MOVES_MAX: usize = 10_000;

/// How much of the index is looked at under one lock.
const CHUNK: usize = 5_000;

/// An entry that is to be copied to the end of the log, if it is still there.
#[derive(Debug)]
pub(crate) struct Move {
    pub key: Box<[u8]>,
    pub at: At,
}

/// The compactor as the commit thread sees it.
pub(crate) struct Compactor {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
    /// Where the last frame went.
    segment: AtomicU32,
}

#[derive(Default)]
struct Signal {
    state: Mutex<SignalState>,
    changed: Condvar,
}

#[derive(Default)]
struct SignalState {
    work: bool,
    ended: bool,
}

impl Compactor {
    /// Entries to be copied are handed to the commit thread by its queue.
    pub fn start(shared: Arc<Shared>, queue: Arc<Queue>) -> Result<Compactor, Error> {
        let signal = Arc::<Signal>::default();
        let waits_for = signal.clone();
        let mut compacting = Compacting { shared, queue, snapshot_bytes: 0 };
        let thread = thread::Builder::new()
            .name("ledger-compact".to_owned())
            .spawn(move || {
                while waits_for.wait() {
                    compacting.run();
                }
            })
            .map_err(Error::io(|| "starting the ledger's compactor".to_owned()))?;
        Ok(Compactor { signal, thread: Some(thread), segment: AtomicU32::new(0) })
    }

    /// A frame was appended to this segment.
    pub fn notify_if_segment_ended(&self, segment: u32) {
        if self.segment.swap(segment, Ordering::Relaxed) != segment {
            self.signal.set(|state| state.work = true);
        }
    }
}

impl Drop for Compactor {
    fn drop(&mut self) {
        self.signal.set(|state| state.ended = true);
        if let Some(thread) = self.thread.take() {
            // It can only have panicked, and that was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl Signal {
    fn set(&self, change: impl FnOnce(&mut SignalState)) {
        change(&mut self.state.lock().expect("no holder of this lock panics"));
        self.changed.notify_one();
    }

    /// Whether there is something to do, rather than an end.
    fn wait(&self) -> bool {
        let state = self.state.lock().expect("no holder of this lock panics");
        let waited = self.changed.wait_while(state, |state| !state.work && !state.ended);
        let mut state = waited.expect("no holder of this lock panics");
        state.work = false;
        !state.ended
    }
}

struct Compacting {
    shared: Arc<Shared>,
    queue: Arc<Queue>,
    snapshot_bytes: u64,
}

impl Compacting {
    /// What cannot be done now, for want of room perhaps, is tried again when the next segment ends.
    fn run(&mut self) {
        let done = self.write_snapshot_if_due().and_then(|()| self.drop_dead_segments());
        if let Err(error) = done {
            tracing::error!("compacting the ledger: {error}");
        }
        self.move_from_mostly_dead_segments();
    }

    /// A snapshot is written when the log has grown by a segment and by twice the last snapshot, so that snapshots cost at
    /// most half of what the log does.
    fn write_snapshot_if_due(&mut self) -> Result<(), Error> {
        let worth = self.shared.segment_bytes.max(2 * self.snapshot_bytes);
        if !self.shared.is_kept || self.shared.appended.load(Ordering::Relaxed) < worth {
            return Ok(());
        }
        (_, self.snapshot_bytes) = snapshot::put(&self.shared)?;
        Ok(())
    }

    /// Drops segments without needed entries, once snapshots hold everything else that they say.
    fn drop_dead_segments(&self) -> Result<(), Error> {
        let covered = if self.shared.is_kept { self.shared.log.covered() } else { u64::MAX };
        for segment in self.shared.log.segments() {
            // A frame may be in the log and not yet in the index.
            let (shown, needed) = {
                let index = self.shared.read();
                (index.until, index.needed(segment.number))
            };
            let is_past = segment.ends_before.is_some_and(|end| end <= covered && end <= shown);
            if is_past && needed == 0 {
                self.shared.log.drop_segment(segment.number)?;
            }
        }
        Ok(())
    }

    fn move_from_mostly_dead_segments(&self) {
        let segments = self.shared.log.segments();
        let numbers: Vec<u32> = segments
            .iter()
            .filter(|segment| self.is_mostly_dead(segment))
            .map(|segment| segment.number)
            .collect();
        if numbers.is_empty() || !self.queue.has_moved_all() {
            return;
        }
        let mut moves: Vec<Move> = Vec::new();
        let mut after: Option<Box<[u8]>> = None;
        while moves.len() < MOVES_MAX {
            let index = self.shared.read();
            let mut last = None;
            for (at_number, (key, at)) in index.range(&[], after.as_deref()).take(CHUNK).enumerate() {
                if numbers.contains(&at.place.segment()) {
                    moves.push(Move { key: key.into(), at });
                }
                last = (at_number + 1 == CHUNK).then(|| key.into());
            }
            drop(index);
            if last.is_none() {
                break;
            }
            after = last;
        }
        self.queue.push_moves(moves);
    }

    fn is_mostly_dead(&self, segment: &Segment) -> bool {
        let needed = self.shared.read().needed(segment.number);
        segment.ends_before.is_some() && needed > 0 && needed * NEEDED_SHARE <= segment.bytes
    }
}
