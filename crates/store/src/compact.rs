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

/// So much of the log, or more, may be of no use and stay because snapshots are younger than it: one in so many bytes.
const WAITING_SHARE: u64 = 8;

/// How many snapshots a log keeps.
const SNAPSHOTS_KEPT: u64 = 2;

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
    /// How many executions and Map Runs the index had when it was begun.
    executions: usize,
    /// How much was appended, as `Shared::appended` counts it, at the same moment.
    appended: u64,
}

impl LastSnapshot {
    pub(crate) fn new(seq: u64, bytes: u64, executions: usize) -> Self {
        LastSnapshot { seq, bytes, executions, appended: 0 }
    }

    /// About how large one is that is written now: no larger than this one, until one is.
    fn next_bytes(&self, executions: usize) -> u64 {
        match self.executions {
            0 => self.bytes,
            then => self.bytes * executions.min(then) as u64 / then as u64,
        }
    }
}

/// What the compactor asks the commit thread for.
pub(crate) enum Wish {
    /// These executions are copied to the end of the log.
    Move(Vec<ExecutionKey>),
    /// A frame that says nothing, because snapshots are told apart by the number of the next frame.
    Frame,
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
    /// `ask` hands what is wanted to the commit thread.
    pub(crate) fn start(
        shared: Arc<Shared>,
        snapshot: LastSnapshot,
        ask: impl Fn(Wish) + Send + 'static,
    ) -> Result<Compactor, Error> {
        let signal = Arc::<Signal>::default();
        let waits_for = signal.clone();
        let mut compacting = Compacting { shared, snapshot, ask };
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
    ask: F,
}

impl<F: Fn(Wish)> Compacting<F> {
    /// What cannot be done now, for want of room perhaps, is tried again when the next segment ends.
    fn run(&mut self) {
        if let Err(error) = self.write_snapshots_and_drop_segments() {
            tracing::error!("compacting the log: {error}");
        }
        self.move_from_mostly_dead_segments();
    }

    /// What a snapshot covers comes free with the next one: so that is written at once if it is worth it.
    fn write_snapshots_and_drop_segments(&mut self) -> Result<(), Error> {
        for _ in 0..SNAPSHOTS_KEPT {
            if !self.is_snapshot_due() {
                break;
            }
            let (seq, executions) = (self.shared.published.load(Ordering::Acquire), self.shared.read().len());
            if seq == self.snapshot.seq {
                (self.ask)(Wish::Frame);
                break;
            }
            let appended = self.shared.appended.load(Ordering::Relaxed);
            let bytes = snapshot::put(&self.shared, seq)?;
            self.snapshot = LastSnapshot { seq, bytes, executions, appended };
            self.drop_dead_segments()?;
        }
        self.drop_dead_segments()
    }

    /// A snapshot is due when the log has grown by a segment and by twice what one takes, so that snapshots cost at
    /// most half of what the log does. And when what two of them would free is more than they cost again, and
    /// too large a part of the log.
    fn is_snapshot_due(&self) -> bool {
        if !self.shared.is_kept {
            return false;
        }
        let next_bytes = self.snapshot.next_bytes(self.shared.read().len());
        let appended = self.shared.appended.load(Ordering::Relaxed) - self.snapshot.appended;
        if appended >= self.shared.segment_bytes.max(2 * next_bytes) {
            return true;
        }
        let (segments, covered) = (self.segments(), self.shared.log.covered());
        let is_waiting = |segment: &&Segment| {
            segment.ends_before.is_some_and(|end| end > covered) && self.live(segment) == 0
        };
        let waiting: u64 = segments.iter().filter(is_waiting).map(|segment| segment.bytes).sum();
        let kept: u64 = self.shared.log.snapshot_sizes().iter().sum();
        let log: u64 = segments.iter().map(|segment| segment.bytes).sum();
        waiting + kept > 2 * SNAPSHOTS_KEPT * next_bytes + log / WAITING_SHARE
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
        (self.ask)(Wish::Move(keys));
    }

    fn segments(&self) -> Vec<Segment> {
        self.shared.log.segments()
    }

    fn live(&self, segment: &Segment) -> u64 {
        self.shared.read().live_bytes(segment.number)
    }
}
