//! One client's connection, as a value: messages go in, and what is to be said goes to its line.
//! (spec/appsync-realtime.md §1.2)
//!
//! What takes time (a resolver, an authorizer) runs beside it, so that one subscription does not hold up another. Never
//! here: sockets, what a subscription hears.

use std::sync::Arc;
use std::time::Instant;

use json::{Object, Text, Value};
use services::Moment;
use tokio::sync::Semaphore;

use super::dialect::{Dialect, Heard, Start, Wrong, error};
use super::handshake::{self, Shown};
use super::line::{Line, NoRoom, Out, SUBSCRIPTIONS_MAX};
use super::pace::Pace;
use super::start::{Job, admit};
use crate::appsync::Shared;
use crate::authorization::{Identity, Refusal};
use crate::exchange::Request;

/// A client that has not said `connection_init` by then is hung up on, in milliseconds: clients that wait for its answer
/// give up after 15 s.
const GREETING_MILLISECONDS_MAX: i64 = 15_000;
/// Text and variables of one subscription: clients send some hundred bytes.
const START_BYTES_MAX: usize = 64 << 10;

/// Somebody who was let in.
#[derive(Debug)]
pub(super) struct Admission {
    pub identity: Arc<Identity>,
    /// The header object.
    pub headers: Object,
}

/// A connection to a GraphQL API.
#[derive(Debug)]
pub(crate) struct Connection {
    shared: Arc<Shared>,
    peer: Arc<Peer>,
    dialect: Dialect,
    line: Arc<Line>,
    phase: Phase,
    /// What is under way beside it. A client that stops and starts in turns makes no more of it than that.
    starts: Arc<Semaphore>,
    pace: Pace,
}

/// To what a client is connected, and whence.
#[derive(Debug)]
pub(super) struct Peer {
    pub api_id: Text,
    /// The path of the API's endpoint over HTTP, over which signatures are made.
    pub endpoint: String,
    pub source_ip: String,
}

#[derive(Debug)]
enum Phase {
    /// Nothing was said yet. What was shown with the handshake lets it in, or not, or there was nothing.
    Greeting(Option<Result<Admission, Value>>),
    /// It was let in.
    Open(Arc<Admission>),
    /// It was not.
    Closed,
}

impl Connection {
    /// Finds out who connects. Whoever is not let in is told so by the first answer. The name of the protocol is `None` if
    /// the client wants none that we speak.
    pub async fn new(
        shared: &Arc<Shared>,
        api_id: &Text,
        request: &Request,
    ) -> (Option<&'static str>, Connection) {
        let peer = Arc::new(Peer {
            api_id: api_id.clone(),
            endpoint: handshake::endpoint(&request.path),
            source_ip: request.source_ip.clone(),
        });
        let (name, dialect) = match handshake::dialect(request) {
            Some((name, dialect)) => (Some(name), dialect),
            None => (None, Dialect::GraphQlWs),
        };
        let shown = match name {
            Some(_) => match handshake::shown(request) {
                Shown::Header(headers) => Some(connected(shared, &peer, headers).await),
                Shown::Nothing => None,
                Shown::Unreadable => {
                    Some(Err(refused("BadRequestException", 400, "The header is no JSON object in Base64")))
                }
            },
            None => {
                let message = "Sec-WebSocket-Protocol must be graphql-ws or graphql-transport-ws";
                Some(Err(refused("NoProtocolError", 400, message)))
            }
        };
        let connection = Connection {
            shared: shared.clone(),
            peer,
            dialect,
            line: Arc::new(Line::new(dialect.keep_alive())),
            phase: Phase::Greeting(shown),
            starts: Arc::new(Semaphore::new(SUBSCRIPTIONS_MAX)),
            pace: Pace::new(),
        };
        let end = match dialect {
            Dialect::TransportWs => Out::Close { code: 4408, reason: "Connection initialisation timeout" },
            Dialect::GraphQlWs | Dialect::Events => {
                Out::Close { code: 1008, reason: "No connection_init came" }
            }
        };
        shared.hub.enter(&connection.line, Moment::drawn().now + GREETING_MILLISECONDS_MAX, end);
        (name, connection)
    }

    /// Where what is said to the client comes out.
    pub fn line(&self) -> &Arc<Line> {
        &self.line
    }

    /// A message has come.
    pub async fn receive(&mut self, text: &str) {
        // It was told goodbye, even if it has not heard that yet.
        if self.line.is_over() {
            return;
        }
        if self.pace.is_too_fast(Instant::now()) {
            return self.too_fast();
        }
        match self.dialect.read(text) {
            Ok(Heard::Init(payload)) => Box::pin(self.greet(payload)).await,
            Ok(Heard::Start(id, Ok(start))) => self.start(id, start),
            Ok(Heard::Start(id, Err(message))) => {
                let wrong = Wrong { id: Some(id), error_type: "BadRequestException", message };
                self.wrong(wrong);
            }
            Ok(Heard::Stop(id)) => self.stop(&id),
            Ok(Heard::Ping) => self.line.say(self.dialect.pong()),
            Ok(Heard::Pong) => {}
            Ok(Heard::Terminate) => self.line.say(Out::Close { code: 1000, reason: "" }),
            Err(wrong) => self.wrong(wrong),
        }
    }

    /// It is told so, as AppSync tells it, and hung up on.
    fn too_fast(&self) {
        if self.dialect == Dialect::GraphQlWs {
            self.line.say(self.dialect.error(None, error("LimitExceededError", "Rate limit exceeded")));
        }
        self.line.say(Out::Close { code: 1008, reason: "Rate limit exceeded" });
    }

    /// What is no text has come.
    pub fn receive_bytes(&self) {
        let message = "Messages are texts".to_owned();
        self.wrong(Wrong { id: None, error_type: "BadRequestException", message });
    }

    async fn greet(&mut self, payload: Object) {
        let shown = match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::Greeting(Some(shown)) => shown,
            Phase::Greeting(None) => connected(&self.shared, &self.peer, header_of(payload)).await,
            Phase::Open(_) if self.dialect == Dialect::TransportWs => {
                let reason = "Too many initialisation requests";
                return self.line.say(Out::Close { code: 4429, reason });
            }
            Phase::Open(admission) => {
                self.phase = Phase::Open(admission);
                return self.line.say(self.dialect.ack());
            }
            Phase::Closed => return,
        };
        match shown {
            Ok(admission) => self.admit(admission),
            Err(errors) => self.turn_away(errors),
        }
    }

    fn turn_away(&self, errors: Value) {
        self.dialect.refusal(errors).into_iter().for_each(|out| self.line.say(out));
    }

    fn admit(&mut self, admission: Admission) {
        if let Err(refusal) = self.shared.welcome(&self.line, &self.peer.api_id, &admission.identity) {
            return self.turn_away(refusal_errors(&refusal));
        }
        self.phase = Phase::Open(Arc::new(admission));
        self.line.say(self.dialect.ack());
        if self.dialect == Dialect::GraphQlWs {
            self.line.keep_alive_now();
        }
    }

    fn start(&mut self, id: Text, start: Start) {
        let Phase::Open(admission) = &self.phase else {
            return self.too_early(&id);
        };
        // What is not over is kept: that has a bound.
        let bytes = start.asked.bytes();
        if bytes > START_BYTES_MAX {
            let message = format!("A subscription has at most {START_BYTES_MAX} bytes");
            return self.refuse(&id, vec![error("BadRequestException", &message)].into());
        }
        let Some(part) = self.shared.hub.budget.take(bytes) else {
            tracing::warn!("the texts of all subscriptions take as much memory as they may: one is refused");
            let message = "The server has no room for another subscription";
            return self.refuse(&id, vec![error("LimitExceededError", message)].into());
        };
        let ticket = match self.line.reserve(&id) {
            Ok(ticket) => ticket,
            Err(NoRoom::Duplicate) if self.dialect == Dialect::TransportWs => {
                return self.line.say(Out::Close { code: 4409, reason: "Subscriber already exists" });
            }
            Err(NoRoom::Duplicate) => {
                let message = format!("Duplicated operation id {id}");
                return self.refuse(&id, vec![error("DuplicatedOperationError", &message)].into());
            }
            Err(NoRoom::Full) => {
                let message = format!("Max number of {SUBSCRIPTIONS_MAX} subscriptions reached");
                // An object, as AppSync sends it. (spec/appsync-realtime.md §1.2)
                return self.refuse(&id, error("MaxSubscriptionsReachedError", &message));
            }
        };
        let Ok(permit) = self.starts.clone().try_acquire_owned() else {
            self.line.release(&id, Some(ticket), None);
            return self
                .line
                .say(self.dialect.error(None, error("LimitExceededError", "Rate limit exceeded")));
        };
        let job = Job {
            shared: self.shared.clone(),
            peer: self.peer.clone(),
            dialect: self.dialect,
            line: self.line.clone(),
            admission: admission.clone(),
            id,
            ticket,
            part,
        };
        tokio::spawn(async move {
            job.run(start).await;
            drop(permit);
        });
    }

    fn too_early(&self, id: &Text) {
        match self.dialect {
            Dialect::TransportWs => self.line.say(Out::Close { code: 4401, reason: "Unauthorized" }),
            Dialect::GraphQlWs | Dialect::Events => {
                let message = "connection_init goes first";
                self.refuse(id, vec![error("BadRequestException", message)].into());
            }
        }
    }

    fn stop(&self, id: &Text) {
        // Whoever says `complete` in the other protocol is told no more.
        let farewell = (self.dialect == Dialect::GraphQlWs).then(|| self.dialect.complete(id));
        match self.line.release(id, None, farewell) {
            Some(ticket) => self.shared.hub.unsubscribe(&self.peer.api_id, ticket),
            // There, it may have crossed our own `complete`.
            None if self.dialect == Dialect::TransportWs => {}
            None => {
                let message = format!("Unknown operation id {id}");
                self.refuse(id, vec![error("UnknownOperationError", &message)].into());
            }
        }
    }

    fn wrong(&self, wrong: Wrong) {
        let Wrong { id, error_type, message } = wrong;
        let out = match self.dialect {
            Dialect::TransportWs => Out::Close { code: 4400, reason: "Invalid message" },
            Dialect::GraphQlWs | Dialect::Events => {
                self.dialect.error(id.as_ref(), vec![error(error_type, &message)].into())
            }
        };
        self.line.say(out);
    }

    fn refuse(&self, id: &Text, errors: Value) {
        self.line.say(self.dialect.error(Some(id), errors));
    }

    /// All that was begun is done.
    #[cfg(test)]
    pub async fn settled(&self) {
        let all = u32::try_from(SUBSCRIPTIONS_MAX).unwrap();
        drop(self.starts.acquire_many(all).await.unwrap());
        self.shared.hub.settled().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.hub.leave(&self.peer.api_id, &self.line);
    }
}

/// Finds out who connects; `Err` has the entries of `errors`.
async fn connected(shared: &Arc<Shared>, peer: &Peer, headers: Object) -> Result<Admission, Value> {
    let path = format!("{}/connect", peer.endpoint);
    let admitted = admit(shared, peer, headers, &path, b"{}", None).await;
    admitted.map(|(_, admission)| admission).map_err(|refusal| refusal_errors(&refusal))
}

/// The entries of `errors` for somebody who is not let in.
pub(super) fn refusal_errors(refusal: &Refusal) -> Value {
    refused(refusal.error_type, refusal.status, &refusal.message)
}

fn refused(error_type: &str, code: u16, message: &str) -> Value {
    json::value!([{"errorType": error_type, "errorCode": (i64::from(code)), "message": message}])
}

/// What a first message shows: header names with texts, itself or in `headers` or `authorization`.
fn header_of(payload: Object) -> Object {
    for name in ["headers", "authorization"] {
        if let Some(inner) = payload.get(name).and_then(Value::as_object) {
            return inner.clone();
        }
    }
    payload
}
