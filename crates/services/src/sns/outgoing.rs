//! Mails and short messages that would have been sent: the last of them, kept in the ledger and told to the server's log.
//!
//! Nobody here sends them: a subscription by mail is confirmed with the token that its note has.

use std::sync::Mutex;

use json::{Text, Value};
use ledger::{Batch, Ledger, Refused};

use super::outward::Note;
use crate::spaces::TOPICS;
use crate::timestamp::iso8601;

/// In the space of topics.
const NOTE: u8 = b'o';

/// What a person looks through; older ones give way.
const KEPT_MAX: u64 = 1_000;

/// The notes.
pub(super) struct Outgoing {
    ledger: Ledger,
    next: Mutex<u64>,
}

/// A mail or a short message that would have been sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentNote {
    /// Counts up.
    pub number: u64,
    /// In milliseconds since 1970.
    pub sent: i64,
    /// `email`, `email-json`, `sms`
    pub kind: Text,
    /// An address, or a phone number.
    pub to: Text,
    /// Of a mail.
    pub subject: Text,
    /// What it says.
    pub text: Text,
}

impl Outgoing {
    pub fn open(ledger: Ledger) -> Outgoing {
        let numbers = ledger.keys(TOPICS, &[NOTE], None, usize::MAX);
        let next = numbers.last().and_then(|key| number(key)).map_or(0, |last| last + 1);
        Outgoing { ledger, next: Mutex::new(next) }
    }

    /// Keeps a note, and tells it when it is kept.
    pub async fn keep(&self, note: &Note, now: i64) -> Result<(), Refused> {
        let number = {
            let mut next = self.next.lock().expect("no holder of this lock panics");
            *next += 1;
            *next - 1
        };
        let record = json::value!({
            "sent": now,
            "kind": (note.kind),
            "to": (note.to.clone()),
            "subject": (note.subject.as_str()),
            "text": (note.text.as_str()),
        });
        let mut batch = Batch::new();
        batch.put(TOPICS, &key(number), record.to_text().as_bytes());
        if let Some(old) = number.checked_sub(KEPT_MAX) {
            batch.remove(TOPICS, &key(old));
        }
        self.ledger.commit(batch).await?;
        let Note { kind, to, subject, text } = note;
        tracing::info!(target: "mail", kind, to = to.as_str(), subject, "not sent, but kept: {text}");
        Ok(())
    }

    /// The last notes, the latest first.
    pub fn latest(&self, limit: usize) -> Result<Vec<SentNote>, ledger::Error> {
        let mut keys = self.ledger.keys(TOPICS, &[NOTE], None, usize::MAX);
        let mut notes = Vec::new();
        while let Some(key) = keys.pop().filter(|_| notes.len() < limit) {
            let value = self.ledger.get(TOPICS, &key)?;
            notes.extend(value.and_then(|value| read(number(&key)?, &value)));
        }
        Ok(notes)
    }
}

impl SentNote {
    /// For a page, or whoever asks by HTTP.
    pub fn to_value(&self) -> Value {
        json::value!({
            "number": (self.number.to_string()),
            "sent": (iso8601(self.sent)),
            "kind": (self.kind.clone()),
            "to": (self.to.clone()),
            "subject": (self.subject.clone()),
            "text": (self.text.clone()),
        })
    }
}

fn key(number: u64) -> [u8; 9] {
    let mut key = [NOTE; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

fn number(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(key.get(1..)?.try_into().ok()?))
}

fn read(number: u64, record: &[u8]) -> Option<SentNote> {
    let record = Value::parse_bytes(record).ok()?;
    let text = |name: &str| Some(Text::from(record.get(name)?.as_str()?));
    Some(SentNote {
        number,
        sent: record.get("sent")?.as_i64()?,
        kind: text("kind")?,
        to: text("to")?,
        subject: text("subject")?,
        text: text("text")?,
    })
}
