//! The compactor: a thread that writes snapshots, gives back the space of segments that nobody needs,
//! and has the few records moved that keep a mostly dead segment alive.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

use crate::log::Segment;
use crate::record::ExecutionKey;
use crate::snapshot;
use crate::store::{Error, Shared};

/// A segment is worth moving what it still has when at most one in so many of its bytes is needed:
/// so moving costs at most a third of what it frees, and dead bytes are at most three in four.
const LIVE_SHARE: u64 = 4;

/// How many executions are moved before the segments are looked at again.
const MOVES_MAX: usize = 1_000;

/// How much of the index is looked at under one lock.
const CHUNK: usize = 2_000;

/// The snapshot that the log has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LastSnapshot {
    /// The first frame that is not in it; 0 if there is no snapshot.
    pub(crate) seq: u64,
    pub(crate) bytes: u64,
    /// How much was appended, as `Shared::appended` counts it, when it was begun.
    appended: u64,
}

impl LastSnapshot {
    pub(crate) fn new(seq: u64, bytes: u64) -> Self {
        LastSnapshot { seq, bytes, appended: 0 }
    }
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
    /// `push_moves` hands executions to the commit thread, to be copied to the end of the log.
    pub(crate) fn start(
        shared: Arc<Shared>,
        snapshot: LastSnapshot,
        push_moves: impl Fn(Vec<ExecutionKey>) + Send + 'static,
    ) -> Result<Compactor, Error> {
        let signal = Arc::<Signal>::default();
        let waits_for = signal.clone();
        let mut compacting = Compacting { shared, snapshot, push_moves };
        let thread = thread::Builder::new()
            .name("compact".to_owned())
            .spawn(move || {
                while waits_for.wait() {
                    compacting.run();
                }
            })
            .map_err(Error::io(|| "starting the compactor".to_owned()))?;
        Ok(Compactor { signal, thread: Some(thread), segment: AtomicU32::new(0) })
    }

    /// There may be something to do.
    pub(crate) fn notify(&self) {
        self.signal.set(|state| state.work = true);
    }

    /// A frame was appended to this segment.
    pub(crate) fn notify_if_segment_ended(&self, segment: u32) {
        if self.segment.swap(segment, Ordering::Relaxed) != segment {
            self.notify();
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

struct Compacting<F> {
    shared: Arc<Shared>,
    snapshot: LastSnapshot,
    push_moves: F,
}

impl<F: Fn(Vec<ExecutionKey>)> Compacting<F> {
    /// What cannot be done now, for want of room perhaps, is tried again when the next segment ends.
    fn run(&mut self) {
        let done = self.write_snapshot_if_due().and_then(|()| self.drop_dead_segments());
        if let Err(error) = done {
            tracing::error!("compacting the log: {error}");
        }
        self.move_from_mostly_dead_segments();
    }

    /// A snapshot is written when the log has grown by a segment and by twice the last snapshot, so
    /// that snapshots cost at most half of what the log does; and when one frees as much space.
    fn write_snapshot_if_due(&mut self) -> Result<(), Error> {
        if !self.shared.is_kept {
            return Ok(());
        }
        let worth = self.shared.segment_bytes.max(2 * self.snapshot.bytes);
        let appended = self.shared.appended.load(Ordering::Relaxed);
        let next = self.shared.published.load(Ordering::Acquire);
        let covered = self.shared.log.covered();
        let is_waiting = |segment: &Segment| {
            segment.ends_before.is_some_and(|end| end > covered) && self.live(segment) == 0
        };
        let waiting: u64 =
            self.segments().iter().filter(|segment| is_waiting(segment)).map(|segment| segment.bytes).sum();
        if next == self.snapshot.seq || appended - self.snapshot.appended < worth && waiting < worth {
            return Ok(());
        }
        self.snapshot = LastSnapshot { bytes: snapshot::put(&self.shared, next)?, seq: next, appended };
        Ok(())
    }

    /// Drops segments without needed records, once snapshots hold everything else that they say.
    fn drop_dead_segments(&self) -> Result<(), Error> {
        let covered = if self.shared.is_kept { self.shared.log.covered() } else { u64::MAX };
        for segment in self.segments() {
            // A frame may be in the log and not yet in the index.
            let shown = self.shared.published.load(Ordering::Acquire);
            let is_past = segment.ends_before.is_some_and(|end| end <= covered && end <= shown);
            if is_past && self.live(&segment) == 0 {
                self.shared.log.drop_segment(segment.number)?;
                self.shared.write().remove_segment(segment.number);
            }
        }
        Ok(())
    }

    fn move_from_mostly_dead_segments(&self) {
        let is_mostly_dead = |segment: &Segment| {
            let live = self.live(segment);
            segment.ends_before.is_some() && live > 0 && live * LIVE_SHARE <= segment.bytes
        };
        let numbers: Vec<u32> = self
            .segments()
            .iter()
            .filter(|segment| is_mostly_dead(segment))
            .map(|segment| segment.number)
            .collect();
        if numbers.is_empty() {
            return;
        }
        let (mut keys, mut last) = (Vec::new(), None);
        loop {
            let index = self.shared.read();
            let mut looked_at = 0;
            for (key, entry) in index.after(last).take(CHUNK) {
                (looked_at, last) = (looked_at + 1, Some(key));
                if entry.extent.parts().any(|(segment, _)| numbers.contains(&segment)) {
                    keys.push(key);
                }
            }
            if looked_at < CHUNK || keys.len() >= MOVES_MAX {
                break;
            }
        }
        (self.push_moves)(keys);
    }

    fn segments(&self) -> Vec<Segment> {
        self.shared.log.segments()
    }

    fn live(&self, segment: &Segment) -> u64 {
        self.shared.read().live_bytes(segment.number)
    }
}
