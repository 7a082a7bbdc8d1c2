//! Messages come into a queue.

use std::sync::Arc;

use ledger::{Batch, Refused};
use tokio::sync::oneshot;

use super::keys::{Kind, MESSAGES, QueueId};
use super::message::Message;
use super::number::Number;
use super::queue::{Held, Phase};
use super::queues::{Queues, Settled, told};
use super::window::{DeduplicationKey, Use};
use crate::Fault;

/// A message that is to be sent; its checks are behind it.
#[derive(Debug)]
pub(crate) struct Draft {
    pub message: Message,
    /// `None` as the queue has it.
    pub delay_seconds: Option<i64>,
    /// Of a FIFO queue's message.
    pub deduplication: Option<DeduplicationKey>,
}

/// A message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub message_id: u128,
    /// In a FIFO queue.
    pub number: Number,
}

/// What arrives when the batch is durable.
struct Arrival {
    number: Number,
    group: Option<Arc<str>>,
    /// Of a message of which there is more to know.
    held: Option<Held>,
    deduplication: Option<DeduplicationKey>,
}

impl Queues {
    /// Sends messages, all of them or none; they are durable when this comes.
    pub async fn send(self: &Arc<Self>, id: QueueId, drafts: Vec<Draft>) -> Result<Vec<Sent>, Fault> {
        // Before the lock, because it takes as long as the bodies are large.
        let written: Vec<_> = drafts.into_iter().map(|draft| (draft.message.to_bytes(), draft)).collect();
        let (sent, outcome) = self.begin_to_send(id, &written)?;
        told(outcome.await)?;
        Ok(sent)
    }

    fn begin_to_send(
        self: &Arc<Self>,
        id: QueueId,
        written: &[(Vec<u8>, Draft)],
    ) -> Result<(Vec<Sent>, Settled), Fault> {
        let now = self.clock.now();
        let mut batch = Batch::new();
        let mut state = self.state();
        let state = &mut *state;
        let kept = state.queues.get_mut(&id).ok_or_else(super::fault::queue_does_not_exist)?;
        let is_fifo = kept.record.attributes.is_fifo();
        let delay = kept.record.attributes.number("DelaySeconds");
        let (mut sent, mut arrivals, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for (bytes, draft) in written {
            // The same again is acknowledged, behind whatever the first one waits for.
            let earlier = draft.deduplication.and_then(|key| Some((key, kept.window.find(&key, now)?)));
            if let Some((key, Use { number, message_id, .. })) = earlier {
                sent.push(Sent { message_id, number });
                repeated.push((key, number));
                continue;
            }
            let number = state.numbers.next(now);
            let group = is_fifo.then(|| kept.queue.group(&draft.message.group));
            batch.put(MESSAGES, &id.entry(Kind::Message, number, group.as_deref()), bytes);
            let delay = draft.delay_seconds.unwrap_or(delay) * 1_000;
            let held = (delay > 0)
                .then(|| Held::new(draft.message.sent, Phase::Delayed(now + delay), group.clone()));
            if let Some(held) = &held {
                id.put_state(&mut batch, number, held);
            }
            let message_id = draft.message.id;
            if let Some(key) = draft.deduplication {
                let by = Use { number, message_id, sent: now };
                kept.window.add(key, by);
                batch.put(MESSAGES, &id.entry(Kind::Deduplication, number, None), &by.to_bytes(&key));
            }
            sent.push(Sent { message_id, number });
            arrivals.push(Arrival { number, group, held, deduplication: draft.deduplication });
        }
        Queues::reserve(state, &mut batch);
        let (tell, comes) = oneshot::channel();
        let queues = self.clone();
        self.submit(state, batch, move |outcome| {
            match outcome {
                Ok(()) => queues.arrive(id, arrivals),
                Err(_) => queues.forget(id, &arrivals),
            }
            // What they repeat was on its way then, and may have been refused since.
            let outcome = outcome.and_then(|()| match queues.were_sent(id, &repeated, now) {
                true => Ok(()),
                false => Err(Refused::NoRoom),
            });
            // Who has hung up has sent its messages all the same.
            let _ = tell.send(outcome);
        });
        Ok((sent, comes))
    }

    fn arrive(self: &Arc<Self>, id: QueueId, arrivals: Vec<Arrival>) {
        let mut state = self.state();
        let Some(kept) = state.queues.get_mut(&id) else { return };
        for arrival in arrivals {
            match arrival.held {
                Some(held) => kept.queue.arrive(arrival.number, held),
                None => kept.queue.arrive_fresh(arrival.number, arrival.group),
            }
        }
        self.serve(&mut state, id);
    }

    /// Whether the messages with these ids are those with these numbers still.
    fn were_sent(&self, id: QueueId, repeated: &[(DeduplicationKey, Number)], now: i64) -> bool {
        let mut state = self.state();
        let Some(kept) = state.queues.get_mut(&id) else { return repeated.is_empty() };
        let stands = |(key, number): &(DeduplicationKey, Number)| {
            kept.window.find(key, now).is_some_and(|found| found.number == *number)
        };
        repeated.iter().all(stands)
    }

    /// The messages were not sent.
    fn forget(&self, id: QueueId, arrivals: &[Arrival]) {
        let mut state = self.state();
        state.numbers.unreserve();
        let Some(kept) = state.queues.get_mut(&id) else { return };
        for Arrival { number, deduplication, .. } in arrivals {
            if let Some(key) = deduplication {
                kept.window.forget(key, *number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ledger::Ledger;
    use ledger::testing::Full;

    use super::super::window;
    use super::super::{Settings, Sqs};
    use super::*;
    use crate::delivery::testing::ManualClock;
    use crate::{Asker, Call, Service};

    /// A message is acknowledged for its repetition only if it was kept.
    #[tokio::test]
    async fn what_repeats_a_message_that_was_refused_is_refused() {
        let log = Arc::new(Full::new(1 << 20));
        let ledger = Ledger::open_on(log.clone(), true, 1 << 20, Default::default()).unwrap();
        let sqs = Sqs::new(ledger.clone(), ManualClock::at(1_795_824_000_000), Settings::default()).unwrap();
        let input = json::value!({ "QueueName": "q.fifo", "Attributes": { "FifoQueue": "true" } });
        let asker = Asker { account: "123456789012".into(), region: "us-east-1".into(), ..Asker::default() };
        sqs.call(Call { operation: "CreateQueue", input: &input, asker: &asker }).await.unwrap();
        let queues = &sqs.0.0;
        let id = *queues.state().queues.keys().next().unwrap();
        let draft = || {
            let message = Message { group: "g".into(), body: "a".into(), ..Message::default() };
            let deduplication = Some(window::key(None, "once"));
            vec![(message.to_bytes(), Draft { message, delay_seconds: None, deduplication })]
        };
        log.set_full(true);
        let (_, first) = queues.begin_to_send(id, &draft()).unwrap();
        // Behind the first frame, which was refused; and nobody here was told so yet.
        let behind = ledger.submit(Batch::new());
        let _ = std::thread::spawn(|| behind.wait()).join().unwrap();
        let (_, second) = queues.begin_to_send(id, &draft()).unwrap();
        assert_eq!(
            (first.await.unwrap(), second.await.unwrap()),
            (Err(Refused::NoRoom), Err(Refused::NoRoom))
        );
        log.set_full(false);
        let (_, third) = queues.begin_to_send(id, &draft()).unwrap();
        assert_eq!(third.await.unwrap(), Ok(()));
    }
}
