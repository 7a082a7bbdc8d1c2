//! What a built-in service is to those who call it.

use aws_protocols::serve;
use connectors::Answering;
use json::{Object, Text, Value};

use crate::sqs::{Peek, Peeked};

/// A service: it answers operations of its model.
pub trait Service: Send + Sync {
    /// Answers one call. What it changes is durable when it answers. Dropping the future is hanging up.
    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a, Result<Value, Fault>>;

    /// Whether an input that breaks the model's constraints is refused before it gets here, in the words that most of AWS's
    /// services have for that. Some have words of their own, and check for themselves.
    fn checks_by_model(&self, _operation: &str) -> bool {
        true
    }

    /// Messages that stand in a queue, for people who look. `None` of a service that has no queues.
    fn peek(&self, _peek: Peek<'_>) -> Option<Result<Peeked, Fault>> {
        None
    }

    /// A document that anybody may fetch at this path of the server, in PEM: the certificate that messages are signed with.
    fn document(&self, _path: &str) -> Option<String> {
        None
    }

    /// The server stops: whoever waits for something to happen is answered.
    fn stop(&self) {}
}

/// One call of an operation.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// As the model names it: `SendMessage`.
    pub operation: &'a str,
    /// An object with the model's members; it fits the model. Blobs are base64 texts, timestamps are
    /// seconds since 1970.
    pub input: &'a Value,
    /// Who asks.
    pub asker: &'a Asker,
}

/// Who asks, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    /// The account that the server plays: `123456789012`.
    pub account: Text,
    /// Of the request's signature, or the server's.
    pub region: Text,
    /// The access key of the signature; empty without one, and `within` where this process itself asks.
    pub access_key: Text,
    /// How the client reaches this server: `http://127.0.0.1:8083`; without a slash at the end. Addresses that a service
    /// gives away begin so.
    pub base_url: Text,
    /// Names the request in answers and logs.
    pub request_id: Text,
}

/// An error in AWS's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The shape's name: `QueueDoesNotExist`.
    pub code: Text,
    /// What the caller reads.
    pub message: String,
    /// Of HTTP. The protocol's writer takes the model's where the model has one.
    pub status: u16,
    /// More members of the error's shape.
    pub members: Object,
}

impl Fault {
    /// The caller asked for the impossible.
    pub fn new(code: &str, message: impl Into<String>) -> Fault {
        Fault { code: code.into(), message: message.into(), status: 400, members: Object::new() }
    }

    /// With another status.
    pub fn with_status(self, status: u16) -> Fault {
        Fault { status, ..self }
    }

    /// As the protocols write it.
    pub fn into_protocol(self) -> serve::Fault {
        let Fault { code, message, status, members } = self;
        serve::Fault { code, message, status, members }
    }
}

/// Nothing was changed: there is no room, or too much waits already, and the same call may be tried again; or it is too
/// large for that.
impl From<ledger::Refused> for Fault {
    fn from(refused: ledger::Refused) -> Fault {
        match refused {
            ledger::Refused::TooLarge => {
                Fault::new("RequestEntityTooLargeException", refused.to_string()).with_status(413)
            }
            ledger::Refused::NoRoom | ledger::Refused::Busy | ledger::Refused::Stopped => {
                Fault::new("ServiceUnavailable", refused.to_string()).with_status(503)
            }
        }
    }
}

/// What is on disk is not what we wrote.
impl From<ledger::Error> for Fault {
    fn from(error: ledger::Error) -> Fault {
        tracing::error!("the ledger cannot be read: {error}");
        Fault::new("InternalFailure", "The server cannot read what it keeps; its log says why")
            .with_status(500)
    }
}
