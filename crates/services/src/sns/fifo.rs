//! FIFO topics: who publishes when, which messages are duplicates, and all that in the ledger.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Mutex, MutexGuard};

use json::Text;
use ledger::{Batch, Ledger};
use tokio::sync::MutexGuard as Turn;

use super::message::Message;
use super::publish::Published;
use super::window::{self, Known, Window};
use crate::Fault;
use crate::spaces::TOPICS;

/// In the space of topics: what is known of a message, and a topic's last number.
const KNOWN: u8 = b'd';
const SEQUENCE: u8 = b'n';

/// Topics that share one wait for each other, which is little if there are more than fit on a disk's queue.
const TURNS: usize = 64;

/// What FIFO topics remember.
pub(super) struct Fifo {
    turns: Vec<tokio::sync::Mutex<()>>,
    window: Mutex<Window>,
}

/// Messages of one topic that are to be published at once.
pub(super) struct Draft<'f> {
    fifo: &'f Fifo,
    topic_arn: Text,
    by_group: bool,
    now: i64,
    sequence: Option<u64>,
    fresh: BTreeMap<Text, Known>,
    forgotten: Vec<Text>,
}

impl Fifo {
    /// Reads what the ledger has.
    pub fn open(ledger: &Ledger) -> Result<Fifo, ledger::Error> {
        let mut window = Window::default();
        ledger.visit(TOPICS, &[KNOWN], |key, value| {
            if let (Ok(key), Some(known)) = (std::str::from_utf8(&key[1..]), read(&value)) {
                window.remember(key.into(), known);
            }
        })?;
        window.sort();
        ledger.visit(TOPICS, &[SEQUENCE], |key, value| {
            if let (Ok(arn), Ok(last)) = (std::str::from_utf8(&key[1..]), value.as_slice().try_into()) {
                window.count(arn, u64::from_be_bytes(last));
            }
        })?;
        Ok(Fifo { turns: (0..TURNS).map(|_| tokio::sync::Mutex::default()).collect(), window: window.into() })
    }

    /// Waits until nobody else publishes to this topic.
    pub async fn turn(&self, topic_arn: &str) -> Turn<'_, ()> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(topic_arn);
        self.turns[(hash % TURNS as u64) as usize].lock().await
    }

    /// Begins; whoever does has the topic's turn.
    pub fn draft(&self, topic_arn: &str, by_group: bool, now: i64) -> Draft<'_> {
        let forgotten = self.window().forget(now);
        let topic_arn = topic_arn.into();
        Draft { fifo: self, topic_arn, by_group, now, sequence: None, fresh: BTreeMap::new(), forgotten }
    }

    /// Puts into a batch that a topic is gone. Whoever does has the topic's turn.
    pub fn write_forgotten(&self, topic_arn: &str, batch: &mut Batch) {
        let known = self.window().keys_of(topic_arn);
        known.iter().for_each(|known| batch.remove(TOPICS, &key(KNOWN, known)));
        batch.remove(TOPICS, &key(SEQUENCE, topic_arn));
    }

    /// A topic is gone, and that is durable.
    pub fn forget_topic(&self, topic_arn: &str) {
        self.window().forget_topic(topic_arn);
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().expect("no holder of this lock panics")
    }
}

impl Draft<'_> {
    /// A message's number, and whether it is new. A duplicate is answered as the first was.
    pub fn number(&mut self, message: &Message) -> Result<(Published, bool), Fault> {
        let group = message.group.as_deref().filter(|_| self.by_group);
        let key = window::key(&self.topic_arn, group, message.deduplication.as_deref().unwrap_or_default());
        let window = self.fifo.window();
        if let Some(known) = self.fresh.get(&key).or_else(|| window.find(&key, self.now)) {
            let published =
                Published { message_id: known.message_id.clone(), sequence: Some(known.sequence) };
            return Ok((published, false));
        }
        let sequence = self.sequence.map_or_else(|| window.next(&self.topic_arn), window::after);
        let known = window.admit(message.id.clone(), sequence, self.now).map_err(|window::TooMany| {
            Fault::new(
                "ThrottledException",
                "Too many messages of FIFO topics within five minutes; try again later",
            )
            .with_status(429)
        })?;
        self.fresh.insert(key, known);
        self.sequence = Some(sequence);
        Ok((Published { message_id: message.id.clone(), sequence: Some(sequence) }, true))
    }

    /// Puts what is new into a batch.
    pub fn write(&self, batch: &mut Batch) {
        self.forgotten.iter().for_each(|known| batch.remove(TOPICS, &key(KNOWN, known)));
        for (known_key, known) in &self.fresh {
            batch.put(TOPICS, &key(KNOWN, known_key), &write(known));
        }
        if let Some(sequence) = self.sequence {
            batch.put(TOPICS, &key(SEQUENCE, &self.topic_arn), &sequence.to_be_bytes());
        }
    }

    /// It is durable.
    pub fn keep(self) {
        let mut window = self.fifo.window();
        self.fresh.into_iter().for_each(|(key, known)| window.remember(key, known));
        if let Some(sequence) = self.sequence {
            window.count(&self.topic_arn, sequence);
        }
    }
}

fn key(kind: u8, text: &str) -> Vec<u8> {
    [&[kind], text.as_bytes()].concat()
}

fn write(known: &Known) -> Vec<u8> {
    [&known.expires.to_be_bytes(), &known.sequence.to_be_bytes(), known.message_id.as_bytes()].concat()
}

fn read(bytes: &[u8]) -> Option<Known> {
    let (expires, rest) = bytes.split_first_chunk()?;
    let (sequence, message_id) = rest.split_first_chunk()?;
    Some(Known {
        expires: i64::from_be_bytes(*expires),
        sequence: u64::from_be_bytes(*sequence),
        message_id: std::str::from_utf8(message_id).ok()?.into(),
    })
}
