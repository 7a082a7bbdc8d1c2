//! What happens by itself: messages become visible for those who wait, old ones are removed, ids are forgotten.

use std::sync::{Arc, Weak};

use ledger::Batch;
use tokio::sync::Notify;

use super::keys::{self, Kind, MESSAGES, QueueId};
use super::number::Number;
use super::queues::Queues;
use super::state::State;
use crate::delivery::Clock;

/// How often it is looked for what is too old, in milliseconds: nobody can see the difference.
const UPKEEP: i64 = 1_000;

/// Those who wait are looked at no more often, however many messages become visible one by one: a sweep over thousands
/// of queues takes a part of a millisecond.
const PAUSE: i64 = 5;

/// How many messages of a queue are removed at once because of their age. More are removed a second later.
const REMOVED_MAX: usize = 20_000;

/// Runs until the queues are gone.
pub(crate) async fn run(queues: Weak<Queues>, clock: Arc<dyn Clock>, bell: Arc<Notify>) {
    let mut upkeep = clock.now() + UPKEEP;
    let mut earliest = clock.now();
    loop {
        let due = match queues.upgrade() {
            Some(queues) => queues.next_due(upkeep).max(earliest),
            None => return,
        };
        tokio::select! {
            () = clock.until(due) => {}
            () = bell.notified() => continue,
        }
        let Some(queues) = queues.upgrade() else { return };
        let now = clock.now();
        earliest = now + PAUSE;
        queues.serve_due(now);
        if now >= upkeep {
            upkeep = now + UPKEEP;
            queues.keep_up(now);
        }
    }
}

impl Queues {
    /// When something is due, at the latest then.
    fn next_due(&self, latest: i64) -> i64 {
        let mut state = self.state();
        let waited = state.waited.iter().filter_map(|id| state.queues.get(id)?.queue.next_due());
        let due = waited.min().unwrap_or(latest).min(latest);
        state.timer = Some(due);
        due
    }

    /// Serves those who wait at queues of which something has become visible.
    fn serve_due(self: &Arc<Self>, now: i64) {
        let mut state = self.state();
        let is_due = |state: &State, id: &QueueId| {
            let due = state.queues.get(id).and_then(|kept| kept.queue.next_due());
            due.is_some_and(|due| due <= now)
        };
        let due: Vec<_> = state.waited.iter().copied().filter(|id| is_due(&state, id)).collect();
        for id in due {
            self.serve(&mut state, id);
        }
    }

    /// Removes what is too old.
    fn keep_up(self: &Arc<Self>, now: i64) {
        let mut state = self.state();
        let state = &mut *state;
        state.deleted.retain(|_, at| *at + self.settings.deleted_pause > now);
        let mut batch = Batch::new();
        for (&id, kept) in &mut state.queues {
            kept.attempts.expire(now);
            for number in kept.window.expire(now, REMOVED_MAX) {
                batch.remove(MESSAGES, &id.entry(Kind::Deduplication, number, None));
            }
            self.remove_old(id, &mut kept.queue, now, &mut batch);
        }
        if !batch.is_empty() {
            // What is refused is found again: a second later, or after the next start.
            self.submit(state, batch, |_| {});
        }
        self.forget_move_tasks(state);
    }

    fn remove_old(&self, id: QueueId, queue: &mut super::queue::Queue, now: i64, batch: &mut Batch) {
        let sent = now - queue.rules.retention;
        for number in queue.moved_before(sent + 1, REMOVED_MAX) {
            let group = queue.held(number).and_then(|held| held.group.clone());
            queue.expire(number, group.as_ref());
            id.remove_message(batch, number, group.as_ref());
        }
        // Numbers are in the order of age, so the ledger's first keys are the oldest messages.
        let is_old =
            |key: &Vec<u8>| keys::number_and_group(key).is_some_and(|(number, _)| number < Number::at(sent));
        let prefix = id.prefix(Kind::Message);
        if !self.ledger.keys(MESSAGES, &prefix, None, 1).iter().any(is_old) {
            return;
        }
        let found = self.ledger.keys(MESSAGES, &prefix, None, REMOVED_MAX);
        for key in found.iter().take_while(|key| is_old(key)) {
            let Some((number, group)) = keys::number_and_group(key) else { continue };
            let group = group.map(|group| queue.group(group));
            queue.expire(number, group.as_ref());
            id.remove_message(batch, number, group.as_ref());
        }
    }
}
