//! SNS: topics, subscriptions, and messages that go from the ones to the others. (spec/event-routers.md §2)
//!
//! All topics are one value, [`topics::Topics`]; `actions` decide what becomes of it, `publish` what a message is. This file
//! makes durable what they decide, and only then shows it, answers, and sends. What is sent goes through
//! [`crate::delivery`], with `courier` as who brings it.

mod actions;
mod courier;
mod delivery_policy;
mod endpoint;
mod envelope;
mod fan_out;
mod fault;
mod fifo;
mod key;
mod letter;
mod message;
mod names;
mod outgoing;
mod outward;
mod policy;
mod publish;
mod record;
mod signing;
mod subscription;
#[cfg(test)]
mod tests;

mod topic;
mod topics;
mod window;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use connections::Connections;
use connectors::Answering;
use json::{Object, Text, Value};
use ledger::{Batch, Ledger};
use tokio::sync::Mutex;

use self::actions::{Ask, Changing, Plan};
use self::courier::Postman;
pub use self::courier::Web;
use self::fifo::Fifo;
use self::letter::{Addressee, Letter};
use self::message::Message;
use self::outgoing::Outgoing;
pub use self::outgoing::SentNote;
pub use self::outward::Post;
use self::publish::{Destination, Published};
use self::signing::Signing;
use self::topics::{Change, Topics};
use crate::delivery::{Calls, Clock, Deliveries, Leg, Parcel, Sending, Shelf};
use crate::spaces::TOPIC_DELIVERIES;
use crate::{Call, Fault, Service};

/// SNS. Cheap to clone.
#[derive(Clone)]
pub struct Sns(Arc<Inner>);

struct Inner {
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    topics: Arc<RwLock<Topics>>,
    /// Held by whoever changes topics, from the decision to the change.
    changing: Mutex<()>,
    fifo: Fifo,
    outgoing: Arc<Outgoing>,
    signing: Arc<Signing>,
    deliveries: Deliveries,
}

impl Sns {
    /// Finds what an earlier process left, and goes on delivering it. Must be called within a tokio runtime. With the key of the
    /// connections the key is sealed that messages are signed with.
    pub fn start(
        ledger: Ledger,
        clock: Arc<dyn Clock>,
        calls: Arc<dyn Calls>,
        web: Arc<dyn Web>,
        connections: Connections,
    ) -> Result<Sns, ledger::Error> {
        let topics = Arc::new(RwLock::new(record::read_all(&ledger)?));
        let outgoing = Arc::new(Outgoing::open(ledger.clone()));
        let signing = Arc::new(Signing::open(ledger.clone(), connections)?);
        let postman = Postman {
            topics: topics.clone(),
            calls,
            web,
            clock: clock.clone(),
            outgoing: outgoing.clone(),
            signing: signing.clone(),
        };
        let shelf = Shelf { space: TOPIC_DELIVERIES, prefix: b"" };
        let deliveries = Deliveries::start(ledger.clone(), shelf, Arc::new(postman), clock.clone())?;
        let fifo = Fifo::open(&ledger)?;
        Ok(Sns(Arc::new(Inner {
            ledger,
            clock,
            topics,
            changing: Mutex::default(),
            fifo,
            outgoing,
            signing,
            deliveries,
        })))
    }

    /// Ends all attempts to deliver; they are made again after the next start.
    pub async fn stop(&self) {
        self.0.deliveries.stop().await;
    }

    /// The last mails and short messages that would have been sent, the latest first.
    pub fn outgoing(&self, limit: usize) -> Result<Vec<SentNote>, ledger::Error> {
        self.0.outgoing.latest(limit)
    }

    /// How many deliveries are open.
    pub fn open(&self) -> usize {
        self.0.deliveries.open()
    }
}

impl Service for Sns {
    /// The certificate that messages are signed with.
    fn document(&self, path: &str) -> Option<String> {
        self.0.signing.certificate(path).map(str::to_owned)
    }

    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let clock = &self.0.clock;
            let ask = Ask {
                input: call.input.as_object().cloned().unwrap_or_else(Object::new),
                asker: call.asker.clone(),
                now: clock.now(),
                random: [clock.random(), clock.random(), clock.random()],
            };
            let inner = self.0.clone();
            match (actions::reading(call.operation), actions::changing(call.operation)) {
                (Some(read), _) => read(&ask, &inner.topics()),
                (None, Some(change)) => {
                    crate::to_its_end(async move { inner.change(ask, change).await }).await
                }
                (None, None) => match call.operation {
                    "Publish" => crate::to_its_end(async move { inner.publish(ask).await }).await,
                    "PublishBatch" => crate::to_its_end(async move { inner.publish_batch(ask).await }).await,
                    other => Err(actions::unsupported(other)),
                },
            }
        })
    }
}

impl Inner {
    fn topics(&self) -> RwLockReadGuard<'_, Topics> {
        self.topics.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out an action: decides, makes it durable, makes it so, and sends what follows.
    async fn change(&self, ask: Ask, decide: Changing) -> Result<Value, Fault> {
        let _changing = self.changing.lock().await;
        let mut batch = Batch::new();
        let (answer, Plan { changes, parcels }) = {
            let topics = self.topics();
            let mut plan = Plan::default();
            let answer = decide(&ask, &topics, &mut plan)?;
            plan.changes.iter().for_each(|change| record::write(change, &topics, &mut batch));
            (answer, plan)
        };
        let prepare = |parcel: Parcel| self.prepare(parcel, &mut batch);
        let sendings: Vec<Sending> = parcels.into_iter().map(prepare).collect::<Result<_, _>>()?;
        let gone: Vec<Text> = changes.iter().filter_map(Change::topic_gone).collect();
        let mut turns = Vec::new();
        for arn in gone.iter().filter(|arn| arn.ends_with(".fifo")) {
            turns.push(self.fifo.turn(arn).await);
            self.fifo.write_forgotten(arn, &mut batch);
        }
        if !batch.is_empty() {
            self.ledger.commit(batch).await?;
        }
        gone.iter().for_each(|arn| self.fifo.forget_topic(arn));
        {
            let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
            changes.into_iter().for_each(|change| topics.apply(change));
        }
        drop(turns);
        sendings.into_iter().for_each(Sending::send);
        Ok(answer)
    }

    async fn publish(&self, ask: Ask) -> Result<Value, Fault> {
        let (destination, message) = publish::one(&ask, &self.topics())?;
        let published = match destination {
            Destination::Topic(_) => self.send(vec![message]).await?.remove(0),
            Destination::Phone(number) => self.text(message, &number).await?,
        };
        Ok(Value::Object(publish::answer(&published)))
    }

    async fn publish_batch(&self, ask: Ask) -> Result<Value, Fault> {
        let (_, entries) = publish::batch(&ask, &self.topics(), || self.clock.random())?;
        let (mut messages, mut outcomes) = (Vec::new(), Vec::new());
        for (id, entry) in entries {
            outcomes.push((id, entry.map(|message| messages.push(message))));
        }
        let mut published = self.send(messages).await?.into_iter();
        let outcomes = outcomes
            .into_iter()
            .map(|(id, outcome)| (id, outcome.map(|()| published.next().unwrap_or_default())));
        Ok(publish::batch_answer(outcomes.collect()))
    }

    /// Takes messages of one topic on, all or none.
    async fn send(&self, messages: Vec<Message>) -> Result<Vec<Published>, Fault> {
        match messages.first() {
            Some(message) if message.topic_arn.ends_with(".fifo") => self.send_in_order(messages).await,
            Some(_) => self.send_anyhow(messages).await,
            None => Ok(Vec::new()),
        }
    }

    async fn send_anyhow(&self, messages: Vec<Message>) -> Result<Vec<Published>, Fault> {
        let mut batch = Batch::new();
        let (mut published, mut sendings) = (Vec::new(), Vec::new());
        for message in messages {
            published.push(Published { message_id: message.id.clone(), sequence: None });
            let parcel = parcel(&self.topics(), message);
            sendings.push(self.prepare(parcel, &mut batch)?);
        }
        // What nobody wants need not be kept.
        if !batch.is_empty() {
            self.ledger.commit(batch).await?;
        }
        sendings.into_iter().for_each(Sending::send);
        Ok(published)
    }

    /// One request of a topic at a time, so that what is sent is in the order of its numbers.
    async fn send_in_order(&self, messages: Vec<Message>) -> Result<Vec<Published>, Fault> {
        let Some(arn) = messages.first().map(|message| message.topic_arn.clone()) else {
            return Ok(Vec::new());
        };
        let _turn = self.fifo.turn(&arn).await;
        let by_group = self.topics().find(&arn)?.settings.deduplicates_by_group();
        let mut batch = Batch::new();
        let mut draft = self.fifo.draft(&arn, by_group, self.clock.now());
        let (mut published, mut sendings) = (Vec::new(), Vec::new());
        for mut message in messages {
            let (outcome, is_new) = draft.number(&message)?;
            message.sequence = outcome.sequence;
            published.push(outcome);
            if is_new {
                let parcel = parcel(&self.topics(), message);
                sendings.push(self.prepare(parcel, &mut batch)?);
            }
        }
        draft.write(&mut batch);
        if !batch.is_empty() {
            self.ledger.commit(batch).await?;
        }
        draft.keep();
        sendings.into_iter().for_each(Sending::send);
        Ok(published)
    }

    /// A short message to a phone that is no subscription.
    async fn text(&self, message: Message, number: &str) -> Result<Published, Fault> {
        let published = Published { message_id: message.id.clone(), sequence: None };
        let leg = Leg { lane: number.into(), to: Addressee::Phone(number).to_bytes(), ..Leg::default() };
        let parcel =
            Parcel { sent: message.sent, body: Letter::Message(message).to_bytes(), legs: vec![leg] };
        let mut batch = Batch::new();
        let sending = self.prepare(parcel, &mut batch)?;
        self.ledger.commit(batch).await?;
        sending.send();
        Ok(published)
    }

    fn prepare(&self, parcel: Parcel, batch: &mut Batch) -> Result<Sending, Fault> {
        let refused = |error: crate::delivery::TooMany| {
            Fault::new("ThrottledException", error.to_string()).with_status(429)
        };
        self.deliveries.prepare(parcel, batch).map_err(refused)
    }
}

/// A message with the ways to all who want it.
fn parcel(topics: &Topics, message: Message) -> Parcel {
    let legs =
        topics.find(&message.topic_arn).map(|topic| fan_out::legs(topic, &message)).unwrap_or_default();
    Parcel { sent: message.sent, body: Letter::Message(message).to_bytes(), legs }
}
