//! What waits for the commit thread: commits, which go first, and the chores between them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use asl::Timestamp;

use super::Batch;
use crate::compact::Wish;
use crate::record::ExecutionKey;

/// What may wait before the writer has to: half a second of the heaviest load. The second bound is
/// for commits without records.
const BYTES_MAX: usize = 32 << 20;
const BATCHES_MAX: usize = 4_096;

/// The queue between a writer and its commit thread.
pub(crate) struct Queue<A> {
    state: Mutex<State<A>>,
    /// There is something to do.
    filled: Condvar,
    /// There is room.
    emptied: Condvar,
}

struct State<A> {
    batches: VecDeque<Batch<A>>,
    bytes: usize,
    /// Executions that ended before this are to be removed.
    expire: Option<Timestamp>,
    moves: VecDeque<ExecutionKey>,
    /// A frame is wanted that says nothing.
    wants_frame: bool,
    /// Whether the next chore goes before the next commit: under load both must get on.
    chore_is_due: bool,
    is_closed: bool,
    is_abandoned: bool,
    /// Whether the commit thread waits for something to do, and how many writers wait for room: to tell
    /// somebody who does not wait costs a system call as well.
    is_idle: bool,
    waiting_for_room: usize,
}

/// What to do next.
pub(super) enum Task<A> {
    Commit(Vec<Batch<A>>),
    Expire(Timestamp),
    Move(ExecutionKey),
    Frame,
}

impl<A> Queue<A> {
    pub(super) fn new() -> Self {
        let state = State {
            batches: VecDeque::new(),
            bytes: 0,
            expire: None,
            moves: VecDeque::new(),
            wants_frame: false,
            chore_is_due: false,
            is_closed: false,
            is_abandoned: false,
            is_idle: false,
            waiting_for_room: 0,
        };
        Queue { state: Mutex::new(state), filled: Condvar::new(), emptied: Condvar::new() }
    }

    /// Waits while the queue is at its bound. What comes after [`Queue::abandon`] is dropped.
    pub(super) fn push(&self, batch: Batch<A>) {
        let is_at_bound = |state: &mut State<A>| {
            !state.is_abandoned && (state.bytes >= BYTES_MAX || state.batches.len() >= BATCHES_MAX)
        };
        let mut state = self.state();
        if is_at_bound(&mut state) {
            state.waiting_for_room += 1;
            state = self.emptied.wait_while(state, is_at_bound).expect(NEVER_POISONED);
            state.waiting_for_room -= 1;
        }
        if !state.is_abandoned {
            state.bytes += batch.bytes.len();
            state.batches.push_back(batch);
            self.tell_if_idle(&state);
        }
    }

    /// Takes batches that follow one another, or gives them back while the queue is at its bound. What
    /// comes after the end of commits is dropped.
    pub(crate) fn try_push(&self, batches: Vec<Batch<A>>) -> Result<(), Vec<Batch<A>>> {
        let mut state = self.state();
        if state.is_abandoned || state.is_closed {
            return Ok(());
        }
        if state.bytes >= BYTES_MAX || state.batches.len() >= BATCHES_MAX {
            return Err(batches);
        }
        state.bytes += batches.iter().map(|batch| batch.bytes.len()).sum::<usize>();
        state.batches.extend(batches);
        self.tell_if_idle(&state);
        Ok(())
    }

    fn tell_if_idle(&self, state: &State<A>) {
        if state.is_idle {
            self.filled.notify_one();
        }
    }

    pub(super) fn expire(&self, end: Timestamp) {
        self.state().expire = Some(end);
        self.filled.notify_one();
    }

    /// Adds what the compactor wants; no executions to move while there are still some: it will find them again.
    pub(super) fn push_wish(&self, wish: Wish) {
        let mut state = self.state();
        match wish {
            Wish::Move(keys) if state.moves.is_empty() => state.moves.extend(keys),
            Wish::Move(_) => return,
            Wish::Frame => state.wants_frame = true,
        }
        self.filled.notify_one();
    }

    /// Nothing comes any more; what is there is still committed.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.filled.notify_all();
    }

    /// Nothing is committed any more.
    pub(super) fn abandon(&self) {
        let mut state = self.state();
        state.is_abandoned = true;
        state.batches.clear();
        self.filled.notify_all();
        self.emptied.notify_all();
    }

    /// Waits for a while; whether the queue was closed before or meanwhile.
    pub(super) fn pause(&self, patience: Duration) -> bool {
        let open = |state: &mut State<A>| !state.is_closed && !state.is_abandoned;
        let waited = self.filled.wait_timeout_while(self.state(), patience, open);
        let (state, _) = waited.expect(NEVER_POISONED);
        state.is_closed || state.is_abandoned
    }

    /// What to do next, waiting for it; `None` when everything is done and nothing comes any more.
    /// Commits are taken as many as there are, at most about `bytes_max` bytes of them.
    pub(super) fn next(&self, bytes_max: usize) -> Option<Task<A>> {
        let idle = |state: &mut State<A>| {
            !state.is_closed
                && !state.is_abandoned
                && state.batches.is_empty()
                && state.expire.is_none()
                && state.moves.is_empty()
                && !state.wants_frame
        };
        let mut state = self.state();
        if idle(&mut state) {
            state.is_idle = true;
            state = self.filled.wait_while(state, idle).expect(NEVER_POISONED);
            state.is_idle = false;
        }
        if state.is_abandoned || state.is_closed && state.batches.is_empty() {
            return None;
        }
        if state.batches.is_empty() || state.chore_is_due {
            state.chore_is_due = false;
            if let Some(end) = state.expire.take() {
                return Some(Task::Expire(end));
            }
            if let Some(key) = state.moves.pop_front() {
                return Some(Task::Move(key));
            }
            if std::mem::take(&mut state.wants_frame) {
                return Some(Task::Frame);
            }
        }
        state.chore_is_due = true;
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(batch) = state.batches.front() {
            if !taken.is_empty() && bytes + batch.bytes.len() > bytes_max {
                break;
            }
            bytes += batch.bytes.len();
            taken.extend(state.batches.pop_front());
        }
        state.bytes -= bytes;
        if state.waiting_for_room > 0 {
            self.emptied.notify_all();
        }
        Some(Task::Commit(taken))
    }

    fn state(&self) -> MutexGuard<'_, State<A>> {
        self.state.lock().expect(NEVER_POISONED)
    }
}

const NEVER_POISONED: &str = "no holder of this lock panics";
