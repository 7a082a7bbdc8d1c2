//! Messages go from one queue to another: in one batch, so a crash neither loses nor doubles one.

use std::sync::Arc;

use ledger::Batch;
use tokio::sync::oneshot;

use super::keys::{Kind, MESSAGES, QueueId};
use super::message::Message;
use super::number::Number;
use super::queue::{Held, Phase, Taken};
use super::queues::Queues;
use super::state::State;

/// How many go in one batch: ten of the largest make ten megabytes.
const AT_ONCE: usize = 10;

/// Where messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The queue that the redrive policy names.
    DeadLetters,
    /// Back to the queue that each came from.
    Origin,
    Queue(QueueId),
}

/// A message on its way.
struct Move {
    from: Number,
    was: Held,
    to: QueueId,
    number: Number,
    held: Held,
}

impl Queues {
    /// Moves messages that were received too often; comes when they are moved, or are visible again where they were.
    pub fn move_dead(self: &Arc<Self>, id: QueueId, dead: Vec<Taken>) -> oneshot::Receiver<()> {
        let (tell, comes) = oneshot::channel();
        let queues = self.clone();
        self.spawn(async move {
            queues.move_messages(id, dead, Destination::DeadLetters).await;
            let _ = tell.send(());
        });
        comes
    }

    /// Moves messages that are out of their queue already; how many of them. The others are visible there again.
    pub async fn move_messages(self: &Arc<Self>, from: QueueId, taken: Vec<Taken>, to: Destination) -> usize {
        let mut moved = 0;
        let mut left = taken.into_iter().peekable();
        while left.peek().is_some() {
            let some: Vec<_> = left.by_ref().take(AT_ONCE).collect();
            let (read, unread): (Vec<_>, Vec<_>) = some
                .into_iter()
                .map(|taken| (self.read(from, &taken), taken))
                .partition(|(read, _)| read.is_some());
            let read = read.into_iter().filter_map(|(message, taken)| Some((message?, taken))).collect();
            self.restore(from, unread.into_iter().map(|(_, taken)| (taken.number, taken.held)).collect());
            if let Some(comes) = self.begin_to_move(from, read, to) {
                moved += comes.await.unwrap_or_default();
            }
        }
        moved
    }

    /// A message as the ledger has it; none if it is not there any more, or cannot be read.
    pub fn read(&self, id: QueueId, taken: &Taken) -> Option<Message> {
        let key = id.entry(Kind::Message, taken.number, taken.held.group.as_deref());
        match self.ledger.get(MESSAGES, &key) {
            Ok(bytes) => {
                let message = bytes.map(|bytes| Message::from_bytes(&bytes));
                if message == Some(None) {
                    tracing::error!("a message in the ledger is of another version of Stepwell");
                }
                message.flatten()
            }
            Err(error) => {
                tracing::error!("a message cannot be read: {error}");
                None
            }
        }
    }

    fn begin_to_move(
        self: &Arc<Self>,
        from: QueueId,
        messages: Vec<(Message, Taken)>,
        to: Destination,
    ) -> Option<oneshot::Receiver<usize>> {
        let now = self.clock.now();
        let mut state = self.state();
        let state = &mut *state;
        let source = state.queues.get(&from)?;
        let (source_arn, purged) = (source.record.arn.clone(), source.record.purged);
        let mut batch = Batch::new();
        let (mut moves, mut stays) = (Vec::new(), Vec::new());
        for (mut message, Taken { number: old, held: was }) in messages {
            if old <= purged {
                continue;
            }
            let Some(target) = target(state, &source_arn, &message, to) else {
                stays.push((old, was));
                continue;
            };
            let is_fifo = state.queues[&target].record.attributes.is_fifo();
            message.dead_letter_source.clear();
            if to == Destination::DeadLetters {
                message.dead_letter_source = source_arn.to_string();
            } else {
                // (documented: what is moved back is a new message)
                message.id = self.clock.random();
            }
            // (documented: a standard queue's dead letter is as old as it was)
            if to != Destination::DeadLetters || is_fifo {
                message.sent = now;
            }
            let number = state.numbers.next(now);
            let group = is_fifo.then(|| state.queues[&target].queue.group(&message.group));
            let held = Held::new(message.sent, Phase::Visible, group);
            from.remove_message(&mut batch, old, was.group.as_ref());
            target.put_message(&mut batch, number, held.group.as_deref(), &message);
            target.put_state(&mut batch, number, &held);
            moves.push(Move { from: old, was, to: target, number, held });
        }
        Queues::reserve(state, &mut batch);
        let (tell, comes) = oneshot::channel();
        let queues = self.clone();
        self.submit(state, batch, move |outcome| {
            let moved = if outcome.is_ok() { moves.len() } else { 0 };
            match outcome {
                Ok(()) => queues.arrive_moved(moves),
                Err(_) => stays.extend(moves.into_iter().map(|moving| (moving.from, moving.was))),
            }
            queues.restore(from, stays);
            let _ = tell.send(moved);
        });
        Some(comes)
    }

    fn arrive_moved(self: &Arc<Self>, moves: Vec<Move>) {
        let mut state = self.state();
        for Move { to, number, held, .. } in moves {
            if let Some(kept) = state.queues.get_mut(&to) {
                kept.queue.arrive(number, held);
            }
            self.serve(&mut state, to);
        }
    }
}

/// Where a message goes, if there is such a queue.
fn target(state: &State, source_arn: &str, message: &Message, to: Destination) -> Option<QueueId> {
    match to {
        Destination::DeadLetters => {
            let source = &state.queues[&state.by_arn(source_arn)?];
            state.by_arn(&source.redrive.as_ref()?.target_arn)
        }
        Destination::Origin => state.by_arn(&message.dead_letter_source),
        Destination::Queue(id) => state.queues.contains_key(&id).then_some(id),
    }
}
