//! The commit thread: takes every batch that is queued, makes one frame of them, waits for the disk, shows them
//! to readers, and only then tells those who wait.
//!
//! It also copies entries that the compactor wants moved, because only one thread appends.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};

use store::Error;
use store::log::{AppendError, Place};
use tokio::sync::oneshot;

use crate::batch::{Batch, Change};
use crate::compact::{Compactor, Move};
use crate::entry;
use crate::ledger::{Shared, damaged};

/// Where a frame is full: its sync takes the longer the larger it is.
const FRAME_BYTES: usize = 4 << 20;

/// How much is copied with one frame: little enough that no commit waits long for it.
const MOVED_BYTES: u32 = 256 << 10;

/// What may wait for the disk: half a second of the heaviest load. More is refused, so that whoever asks slows down.
const QUEUE_BYTES_MAX: usize = 64 << 20;
const QUEUE_BATCHES_MAX: usize = 65_536;

/// Why a batch was not committed. Nothing of it was, and but for one that is too large the same may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no room on the disk.
    #[error("The server's disk is full; free some space and try again")]
    NoRoom,
    /// Too much waits for the disk already.
    #[error("The server's disk is not keeping up; try again")]
    Busy,
    /// It is more than is kept at once, and trying again is no use.
    #[error("The change is larger than the server can keep at once ({} MiB)", Batch::BYTES_MAX >> 20)]
    TooLarge,
    /// The ledger is closing, or the disk has failed.
    #[error("The server is stopping; try again when it is back")]
    Stopped,
}

/// Comes when the batch is durable and visible.
#[derive(Debug)]
pub struct Commit(Waiting);

#[derive(Debug)]
enum Waiting {
    Refused(Refused),
    Queued(oneshot::Receiver<Result<(), Refused>>),
}

impl Future for Commit {
    type Output = Result<(), Refused>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Waiting::Refused(refused) => Poll::Ready(Err(*refused)),
            Waiting::Queued(receiver) => Pin::new(receiver).poll(context).map(|told| match told {
                Ok(outcome) => outcome,
                Err(_) => Err(Refused::Stopped),
            }),
        }
    }
}

impl Commit {
    /// Waits on this thread, which must not run tasks.
    pub fn wait(self) -> Result<(), Refused> {
        match self.0 {
            Waiting::Refused(refused) => Err(refused),
            Waiting::Queued(receiver) => receiver.blocking_recv().unwrap_or(Err(Refused::Stopped)),
        }
    }
}

struct Queued {
    batch: Batch,
    told: oneshot::Sender<Result<(), Refused>>,
}

#[derive(Default)]
struct State {
    batches: VecDeque<Queued>,
    bytes: usize,
    moves: Vec<Move>,
    is_closed: bool,
    /// Whether the commit thread waits: to wake somebody who does not costs a system call as well.
    is_idle: bool,
}

/// What waits for the commit thread.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    fn push(&self, batch: Batch) -> Commit {
        if batch.is_too_large {
            return Commit(Waiting::Refused(Refused::TooLarge));
        }
        let mut state = self.state();
        if state.is_closed {
            return Commit(Waiting::Refused(Refused::Stopped));
        }
        if state.bytes + batch.bytes() > QUEUE_BYTES_MAX && state.bytes > 0
            || state.batches.len() >= QUEUE_BATCHES_MAX
        {
            return Commit(Waiting::Refused(Refused::Busy));
        }
        let (told, receiver) = oneshot::channel();
        state.bytes += batch.bytes();
        state.batches.push_back(Queued { batch, told });
        self.tell(&state);
        Commit(Waiting::Queued(receiver))
    }

    /// Adds entries to be copied.
    pub fn push_moves(&self, moves: Vec<Move>) {
        let mut state = self.state();
        state.moves.extend(moves);
        self.tell(&state);
    }

    /// Whether all that was to be copied is copied.
    pub fn has_moved_all(&self) -> bool {
        self.state().moves.is_empty()
    }

    fn tell(&self, state: &State) {
        if state.is_idle {
            self.filled.notify_one();
        }
    }

    fn close(&self) {
        self.state().is_closed = true;
        self.filled.notify_all();
    }

    /// Everything that waits is refused, and so is all that comes.
    fn abandon(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.moves.clear();
        for queued in state.batches.drain(..) {
            let _ = queued.told.send(Err(Refused::Stopped));
        }
    }

    /// What fits into the next frame, with entries to be copied; `None` when everything is done and nothing comes any more.
    fn next(&self) -> Option<(Vec<Queued>, Vec<Move>)> {
        let mut state = self.state();
        while state.batches.is_empty() && state.moves.is_empty() {
            if state.is_closed {
                return None;
            }
            state.is_idle = true;
            state = self.filled.wait(state).expect("no holder of this lock panics");
            state.is_idle = false;
        }
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(queued) = state.batches.front() {
            if !taken.is_empty() && bytes + queued.batch.bytes() > FRAME_BYTES {
                break;
            }
            bytes += queued.batch.bytes();
            taken.extend(state.batches.pop_front());
        }
        state.bytes -= bytes;
        let moved = state.moves.iter().scan(0, |bytes, moving| {
            let before = *bytes;
            *bytes += moving.at.bytes;
            Some(before)
        });
        let count = moved.take_while(|&before| before < MOVED_BYTES).count();
        let moves = state.moves.drain(..count).collect();
        Some((taken, moves))
    }
}

/// The two threads behind a ledger. Dropping it commits what is queued and ends them.
pub(crate) struct Committer {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

/// Starts the commit thread and the compactor.
pub(crate) fn start(shared: Arc<Shared>) -> Result<Committer, Error> {
    let queue = Arc::new(Queue::default());
    let compactor = Compactor::start(shared.clone(), queue.clone())?;
    let mut committing =
        Committing { shared, queue: queue.clone(), compactor, body: Vec::new(), is_full: false };
    let thread = thread::Builder::new()
        .name("ledger".to_owned())
        .spawn(move || committing.run())
        .map_err(Error::io(|| "starting the thread of the ledger".to_owned()))?;
    Ok(Committer { queue, thread: Some(thread) })
}

impl Committer {
    pub fn submit(&self, batch: Batch) -> Commit {
        self.queue.push(batch)
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // It can only have panicked, and that was reported when it happened.
            let _ = thread.join();
        }
    }
}

struct Committing {
    shared: Arc<Shared>,
    queue: Arc<Queue>,
    compactor: Compactor,
    body: Vec<u8>,
    /// Whether the last frame found no room: that is told once.
    is_full: bool,
}

/// A defect on the commit thread is a fault like a failing disk: nothing would be durable any more.
struct StrikesOnPanic(Arc<Shared>);

impl Drop for StrikesOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fault.strike("a defect ended the thread of the ledger");
        }
    }
}

impl Committing {
    fn run(&mut self) {
        let _strikes = StrikesOnPanic(self.shared.clone());
        while let Some((queued, moves)) = self.queue.next() {
            if !self.commit(queued, moves) {
                self.queue.abandon();
                return;
            }
        }
    }

    /// Commits what is queued, behind copies of entries that are moved; whether the log can be appended to any more.
    fn commit(&mut self, queued: Vec<Queued>, moves: Vec<Move>) -> bool {
        self.body.clear();
        // First the copies: what a batch says of the same key comes later, and wins.
        let mut changes: Vec<(u32, Vec<Change>)> = vec![(0, self.copy(moves))];
        let mut waiting = Vec::new();
        for Queued { batch, told } in queued {
            changes.push((self.body.len() as u32, batch.changes));
            self.body.extend_from_slice(&batch.bytes);
            waiting.push(told);
        }
        let outcome = match self.append() {
            Ok(Some(place)) => {
                if std::mem::take(&mut self.is_full) {
                    tracing::warn!("the disk has room again, also for the services");
                }
                self.publish(place, changes);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(AppendError::NoRoom(error)) => {
                if !std::mem::replace(&mut self.is_full, true) {
                    tracing::error!(
                        "the disk is full, the services' new work is refused until there is room: {error}"
                    );
                }
                Err(Refused::NoRoom)
            }
            Err(error @ (AppendError::Fenced | AppendError::Failed(_))) => {
                self.shared.fault.strike(&format!("the ledger cannot be written: {error}"));
                return false;
            }
        };
        for told in waiting {
            // Whoever does not wait does not want to know.
            let _ = told.send(outcome);
        }
        true
    }

    /// Appends the frame; `None` where there is nothing in it.
    fn append(&self) -> Result<Option<Place>, AppendError> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let log = &self.shared.log;
        log.append(self.shared.epoch, log.next_seq(), &self.body).map(Some)
    }

    /// Puts copies of entries into the frame that are still where the compactor saw them.
    fn copy(&mut self, moves: Vec<Move>) -> Vec<Change> {
        let mut changes = Vec::new();
        for Move { key, at } in moves {
            if self.shared.read().get(&key) != Some(at) {
                continue;
            }
            match self.shared.value_at(&key, at).and_then(|value| value.ok_or_else(|| damaged(at))) {
                Ok(value) => {
                    let offset = self.body.len() as u32;
                    let bytes = entry::put(&mut self.body, &key, &value);
                    changes.push(Change { key, offset, bytes: Some(bytes) });
                }
                // Its segment stays, and whoever asks for it hears the same.
                Err(error) => tracing::error!("an entry of the ledger cannot be moved: {error}"),
            }
        }
        changes
    }

    /// Shows readers what the frame at this place says.
    fn publish(&mut self, place: Place, changes: Vec<(u32, Vec<Change>)>) {
        self.shared.note_appended(self.body.len());
        let mut index = self.shared.write();
        for (offset, changes) in changes {
            changes.into_iter().for_each(|change| index.apply(change, place.plus(offset)));
        }
        index.until = self.shared.log.next_seq();
        drop(index);
        self.compactor.notify_if_segment_ended(place.segment());
    }
}
