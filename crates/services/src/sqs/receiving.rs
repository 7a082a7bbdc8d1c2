//! Messages are received, deleted, hidden for longer.

use std::sync::Arc;

use ledger::Batch;
use tokio::sync::oneshot;

use super::fault;
use super::keys::QueueId;
use super::number::Number;
use super::queue::{Held, Stale, Taken, Taking};
use super::queues::{Queues, Settled, told};
use super::state::{Kept, State, Told, Waiter, Wish};
use crate::Fault;

/// How many may wait at all queues together: each takes some hundred bytes here, and a connection elsewhere.
const WAITERS_MAX: usize = 100_000;

type Comes = oneshot::Receiver<Result<Vec<Taken>, Fault>>;

impl Queues {
    /// Receives messages; waits for some up to so many milliseconds. That they were received is durable when this comes.
    pub async fn receive(self: &Arc<Self>, id: QueueId, wish: Wish, wait: i64) -> Result<Vec<Taken>, Fault> {
        let deadline = self.clock.now() + wait;
        let (mut waiting, mut comes) = match self.begin_to_receive(id, wish, wait > 0)? {
            (None, comes) => return comes.await.unwrap_or(Ok(Vec::new())),
            (Some(number), comes) => (Waiting { queues: self, id, number }, comes),
        };
        tokio::select! {
            biased;
            received = &mut comes => received.unwrap_or(Ok(Vec::new())),
            () = self.clock.until(deadline) => match waiting.leave() {
                true => Ok(Vec::new()),
                // Messages are on their way.
                false => comes.await.unwrap_or(Ok(Vec::new())),
            },
        }
    }

    /// Takes what is there, or gets in line; its number there.
    fn begin_to_receive(
        self: &Arc<Self>,
        id: QueueId,
        wish: Wish,
        waits: bool,
    ) -> Result<(Option<u64>, Comes), Fault> {
        let now = self.clock.now();
        let mut state = self.state();
        state.kept(id)?;
        let (tell, comes) = oneshot::channel();
        let waits = waits && !state.is_stopped;
        let taking = self.take(&mut state, id, &wish, now);
        if !taking.taken.is_empty() || !taking.dead.is_empty() && !waits {
            self.hand_over(&mut state, id, taking, tell);
            return Ok((None, comes));
        }
        let is_over_limit = taking.is_over_limit;
        self.put_away(&mut state, id, taking);
        if !waits {
            // (documented: FIFO queues do not tell)
            if is_over_limit && !state.kept(id)?.record.attributes.is_fifo() {
                return Err(Fault::new("OverLimit", "Too many messages are in flight."));
            }
            let _ = tell.send(Ok(Vec::new()));
            return Ok((None, comes));
        }
        if state.waiters == WAITERS_MAX {
            return Err(Fault::new("RequestThrottled", "Too many receive requests wait for messages."));
        }
        state.waiters += 1;
        state.next_waiter += 1;
        let number = state.next_waiter;
        state.kept(id)?.waiters.insert(number, Waiter { wish, told: tell });
        state.waited.insert(id);
        self.wake_timer(&mut state, id);
        Ok((Some(number), comes))
    }

    /// Gives what there is to those who wait, in the order of their asking.
    pub fn serve(self: &Arc<Self>, state: &mut State, id: QueueId) {
        let now = self.clock.now();
        // Each round answers somebody, or is the last.
        while let Some(kept) = state.queues.get_mut(&id)
            && let Some(first) = kept.waiters.first_entry()
        {
            let wish = first.get().wish.clone();
            let taking = self.take(state, id, &wish, now);
            if taking.taken.is_empty() {
                self.put_away(state, id, taking);
                break;
            }
            let kept = state.queues.get_mut(&id).expect("it was there");
            let Some((_, waiter)) = kept.waiters.pop_first() else { break };
            if kept.waiters.is_empty() {
                state.waited.remove(&id);
            }
            state.waiters -= 1;
            self.hand_over(state, id, taking, waiter.told);
        }
        self.wake_timer(state, id);
    }

    /// What a wish gets.
    fn take(&self, state: &mut State, id: QueueId, wish: &Wish, now: i64) -> Taking {
        let redrive = state.queues.get(&id).and_then(|kept| kept.redrive.as_ref());
        // Without the queue that it names a message stays where it is.
        let redrive = redrive.filter(|redrive| state.by_arn(&redrive.target_arn).is_some());
        let receives_max = redrive.map(|redrive| redrive.receives_max);
        let Some(kept) = state.queues.get_mut(&id) else { return Taking::default() };
        kept.queue.rules.receives_max = receives_max;
        let visibility =
            wish.visibility.unwrap_or_else(|| kept.record.attributes.number("VisibilityTimeout") * 1_000);
        if let Some(attempt) = &wish.attempt
            && let Some(taken) = kept.again(attempt, now + visibility, now)
        {
            return Taking { taken, ..Taking::default() };
        }
        let taking = kept.queue.take(now, wish.max, now + visibility);
        if let Some(attempt) = &wish.attempt
            && !taking.taken.is_empty()
        {
            kept.attempts.add(attempt.clone(), taking.taken.clone(), now);
        }
        taking
    }

    /// Writes down what was taken and tells whoever asked for it.
    fn hand_over(self: &Arc<Self>, state: &mut State, id: QueueId, mut taking: Taking, tell: Told) {
        let taken = std::mem::take(&mut taking.taken);
        let mut batch = Batch::new();
        for Taken { number, held } in &taken {
            id.put_state(&mut batch, *number, held);
        }
        let moved = self.put_away(state, id, taking);
        let queues = self.clone();
        self.submit(state, batch, move |outcome| {
            if let Err(refused) = outcome {
                queues.give_back(id, &taken);
                let _ = tell.send(Err(refused.into()));
                return;
            }
            // Dead letters are where they belong before anybody can ask for them.
            let Some(moved) = moved else { return queues.tell(id, taken, tell) };
            let then = queues.clone();
            queues.spawn(async move {
                let _ = moved.await;
                then.tell(id, taken, tell);
            });
        });
    }

    fn tell(self: &Arc<Self>, id: QueueId, taken: Vec<Taken>, tell: Told) {
        if let Err(Ok(taken)) = tell.send(Ok(taken)) {
            // Nobody has seen them.
            self.give_back(id, &taken);
        }
    }

    /// Removes what is too old and moves what is dead; comes when the latter is done.
    fn put_away(
        self: &Arc<Self>,
        state: &mut State,
        id: QueueId,
        taking: Taking,
    ) -> Option<oneshot::Receiver<()>> {
        if !taking.expired.is_empty() {
            let mut batch = Batch::new();
            for Taken { number, held } in &taking.expired {
                id.remove_message(&mut batch, *number, held.group.as_ref());
            }
            // What is refused retention finds again.
            self.submit(state, batch, |_| {});
        }
        (!taking.dead.is_empty()).then(|| self.move_dead(id, taking.dead))
    }

    /// Makes messages visible again whose receiver never heard of them. A crash leaves them hidden for as long as they
    /// would have been.
    fn give_back(self: &Arc<Self>, id: QueueId, taken: &[Taken]) {
        let mut state = self.state();
        let Some(kept) = state.queues.get_mut(&id) else { return };
        let mut batch = Batch::new();
        for Taken { number, held } in taken {
            if let Some(held) = kept.queue.give_back(*number, held.receives) {
                id.put_state(&mut batch, *number, &held);
            }
        }
        self.submit(&mut state, batch, |_| {});
        self.serve(&mut state, id);
    }

    /// Deletes a message for good. Its receipt may be stale: what that means is for the caller to say.
    pub async fn delete(
        self: &Arc<Self>,
        id: QueueId,
        receipts: &[(Number, u32)],
    ) -> Result<Vec<Result<(), Stale>>, Fault> {
        let (outcomes, comes) = self.begin_to_delete(id, receipts)?;
        told(comes.await)?;
        Ok(outcomes)
    }

    fn begin_to_delete(
        self: &Arc<Self>,
        id: QueueId,
        receipts: &[(Number, u32)],
    ) -> Result<(Vec<Result<(), Stale>>, Settled), Fault> {
        let now = self.clock.now();
        let mut state = self.state();
        let kept = state.kept(id)?;
        kept.queue.wake(now);
        let mut batch = Batch::new();
        let (mut outcomes, mut removed) = (Vec::new(), Vec::new());
        for &(number, receives) in receipts {
            outcomes.push(kept.queue.remove(number, receives).map(|held| {
                id.remove_message(&mut batch, number, held.group.as_ref());
                removed.push((number, held));
            }));
        }
        let (tell, comes) = oneshot::channel();
        let queues = self.clone();
        self.submit(&mut state, batch, move |outcome| {
            if outcome.is_err() {
                queues.restore(id, removed);
            }
            let _ = tell.send(outcome);
        });
        // A group of which nothing is in flight any more goes on.
        self.serve(&mut state, id);
        Ok((outcomes, comes))
    }

    /// Puts messages back as they were.
    pub fn restore(self: &Arc<Self>, id: QueueId, removed: Vec<(Number, Held)>) {
        let mut state = self.state();
        let Some(kept) = state.queues.get_mut(&id) else { return };
        for (number, held) in removed {
            kept.queue.restore(number, held);
        }
        self.serve(&mut state, id);
    }

    /// Hides messages for so many milliseconds from now.
    pub async fn hide(
        self: &Arc<Self>,
        id: QueueId,
        receipts: &[(Number, u32, i64)],
    ) -> Result<Vec<Result<(), Stale>>, Fault> {
        let (outcomes, comes) = {
            let now = self.clock.now();
            let mut state = self.state();
            let kept = state.kept(id)?;
            let mut batch = Batch::new();
            let mut outcomes = Vec::new();
            for &(number, receives, visibility) in receipts {
                let hidden = kept.queue.hide(number, receives, now + visibility, now);
                outcomes.push(hidden.map(|held| id.put_state(&mut batch, number, &held)));
            }
            // Where that is refused, the messages are hidden as they are told to be until a restart.
            let comes = self.submit_and_tell(&mut state, batch);
            self.serve(&mut state, id);
            (outcomes, comes)
        };
        told(comes.await)?;
        Ok(outcomes)
    }

    /// Wakes the timer if something at this queue is due earlier than it thinks, and somebody waits for it.
    fn wake_timer(&self, state: &mut State, id: QueueId) {
        let Some(kept) = state.queues.get(&id).filter(|kept| !kept.waiters.is_empty()) else { return };
        let due = kept.queue.next_due();
        if due.is_some_and(|due| state.timer.is_none_or(|timer| due < timer)) {
            state.timer = due;
            self.bell.notify_one();
        }
    }
}

impl Kept {
    /// What an earlier attempt received, if all of it still is in flight; hidden anew.
    fn again(&mut self, attempt: &str, until: i64, now: i64) -> Option<Vec<Taken>> {
        let earlier = self.attempts.find(attempt, now)?;
        let is_in_flight = |taken: &Taken| {
            let held = self.queue.held(taken.number);
            held.is_some_and(|held| held.is_in_flight() && held.receives == taken.held.receives)
        };
        if !earlier.iter().all(is_in_flight) {
            return None;
        }
        let hide = |taken: &Taken| {
            let held = self.queue.hide(taken.number, taken.held.receives, until, now).ok()?;
            Some(Taken { number: taken.number, held })
        };
        earlier.iter().map(hide).collect()
    }
}

/// A place in line, which is left when the receive is given up.
struct Waiting<'a> {
    queues: &'a Arc<Queues>,
    id: QueueId,
    number: u64,
}

impl Waiting<'_> {
    /// Leaves the line; whether it still stood in it.
    fn leave(&mut self) -> bool {
        let mut state = self.queues.state();
        let Some(kept) = state.queues.get_mut(&self.id) else { return false };
        let stood = kept.waiters.remove(&self.number).is_some();
        if kept.waiters.is_empty() {
            state.waited.remove(&self.id);
        }
        state.waiters -= usize::from(stood);
        stood
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What a receipt that is good for nothing means to whoever shows it.
pub(crate) fn explain(stale: Stale, handle: &str, visibility_seconds: i64) -> Fault {
    match stale {
        Stale::Gone | Stale::ReceivedAgain => fault::invalid_value(
            handle,
            "ReceiptHandle",
            "Message does not exist or is not available for visibility timeout change.",
        ),
        Stale::Visible => Fault::new("MessageNotInflight", "The specified message isn't in flight."),
        Stale::TooLong => fault::invalid_value(
            &visibility_seconds.to_string(),
            "VisibilityTimeout",
            "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
        ),
    }
}
