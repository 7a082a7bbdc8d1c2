//! One client's connection, as a value: messages go in, and what is to be said goes to its line.
//! (spec/appsync-realtime.md §2.4)
//!
//! What takes time runs beside it. What one client publishes is published in its order. Never here: sockets, who listens.

use std::sync::Arc;
use std::time::Instant;

use json::{Object, Text};
use services::Moment;
use tokio::sync::{Semaphore, mpsc};

use super::api::EventApi;
use super::caller::{Caller, Purpose, Shown};
use super::channel::Channel;
use super::listeners::Listener;
use super::message::{self, Heard, Request, Wrong};
use super::publication::Publication;
use super::publish::publish;
use super::refusal::Refusal;
use super::subscribe;
use crate::appsync::Shared;
use crate::exchange;
use crate::realtime::{self, Line, NOT_AUTHORIZED, NoRoom, Out, Pace, SUBSCRIPTIONS_MAX, Ticket, lower_case};

/// What the handshake's answer names.
const PROTOCOL: &str = "aws-appsync-event-ws";
/// So many publications of a client may wait for their turn; then it is not read from, which slows it down.
const PUBLICATIONS_MAX: usize = 32;
/// A client that was not let in has this long to read why, in milliseconds.
const FAREWELL_MILLISECONDS: i64 = 15_000;

/// A connection to an event API.
pub(crate) struct Connection {
    shared: Arc<Shared>,
    peer: Arc<Peer>,
    line: Arc<Line>,
    is_let_in: bool,
    /// What is under way beside it. A client that subscribes and unsubscribes in turns makes no more of it than that.
    starts: Arc<Semaphore>,
    /// Once it has published something.
    publisher: Option<mpsc::Sender<Request<Publication>>>,
    pace: Pace,
}

/// To what a client is connected, and whence.
#[derive(Debug)]
struct Peer {
    api_id: Text,
    /// The path of the API's endpoint over HTTP, over which signatures are made.
    endpoint: String,
    source_ip: String,
}

impl Connection {
    /// Finds out who connects. Whoever is not let in is told so at once, and hung up on. The name of the protocol is `None`
    /// if the client does not want this one.
    pub async fn new(
        shared: &Arc<Shared>,
        api_id: &Text,
        request: &exchange::Request,
    ) -> (Option<&'static str>, Connection) {
        let endpoint = request.path.strip_suffix("/realtime").unwrap_or(&request.path).to_owned();
        let peer = Peer { api_id: api_id.clone(), endpoint, source_ip: request.source_ip.clone() };
        let is_spoken = realtime::protocols(request).any(|name| name == PROTOCOL);
        let admitted = match is_spoken {
            true => peer.admit(shared, request).await,
            false => Err(Refusal::bad(format!("Sec-WebSocket-Protocol must name {PROTOCOL}"))),
        };
        let line = Arc::new(Line::new(message::KEEP_ALIVE));
        let welcome = admitted.and_then(|caller| Ok(shared.welcome(&line, api_id, &caller.identity)?));
        if let Err(refusal) = &welcome {
            shared.hub.enter(&line, Moment::drawn().now + FAREWELL_MILLISECONDS, NOT_AUTHORIZED);
            line.say(message::connection_error(refusal));
            line.say(NOT_AUTHORIZED);
        }
        let connection = Connection {
            shared: shared.clone(),
            peer: Arc::new(peer),
            line,
            is_let_in: welcome.is_ok(),
            starts: Arc::new(Semaphore::new(SUBSCRIPTIONS_MAX)),
            publisher: None,
            pace: Pace::new(),
        };
        (is_spoken.then_some(PROTOCOL), connection)
    }

    /// Where what is said to the client comes out.
    pub fn line(&self) -> &Arc<Line> {
        &self.line
    }

    /// A message has come.
    pub async fn receive(&mut self, text: &str) {
        if !self.is_let_in || self.line.is_over() {
            return;
        }
        let heard = message::read(text);
        // Publications wait for each other: that is their pace.
        if !matches!(heard, Ok(Heard::Publish(_))) && self.pace.is_too_fast(Instant::now()) {
            let wrong =
                Wrong { id: None, error_type: "LimitExceeded", message: "Rate limit exceeded".to_owned() };
            self.line.say(message::wrong(wrong));
            return self.line.say(Out::Close { code: 1008, reason: "Rate limit exceeded" });
        }
        match heard {
            Ok(Heard::Init) => self.line.say(message::ack()),
            Ok(Heard::Subscribe(request)) => self.subscribe(request),
            Ok(Heard::Publish(request)) => self.publish(request).await,
            Ok(Heard::Unsubscribe(id)) => self.unsubscribe(&id),
            Err(wrong) => self.line.say(message::wrong(wrong)),
        }
    }

    /// What is no text has come.
    pub fn receive_bytes(&self) {
        let message = "Messages are texts".to_owned();
        self.line.say(message::wrong(Wrong { id: None, error_type: "BadRequestException", message }));
    }

    fn subscribe(&mut self, request: Request<Channel>) {
        let id = request.id.clone();
        let refuse = |refusal: Refusal| self.line.say(message::error("subscribe_error", &id, &refusal));
        let ticket = match self.line.reserve(&id) {
            Ok(ticket) => ticket,
            Err(NoRoom::Duplicate) => {
                return refuse(Refusal::bad(format!("There is a subscription {id} on this connection")));
            }
            Err(NoRoom::Full) => {
                let message = format!("Max number of {SUBSCRIPTIONS_MAX} subscriptions reached");
                return refuse(Refusal::limit(message));
            }
        };
        let Ok(permit) = self.starts.clone().try_acquire_owned() else {
            self.line.release(&id, Some(ticket), None);
            return refuse(Refusal::limit("Rate limit exceeded"));
        };
        let job = self.job();
        tokio::spawn(async move {
            job.subscribe(request, ticket).await;
            drop(permit);
        });
    }

    fn unsubscribe(&self, id: &Text) {
        match self.line.release(id, None, Some(message::unsubscribed(id))) {
            Some(ticket) => self.shared.events.listeners.unsubscribe(&self.peer.api_id, ticket),
            None => {
                let refusal = Refusal {
                    error_type: "UnknownOperationError".into(),
                    ..Refusal::bad(format!("Unknown operation id {id}"))
                };
                self.line.say(message::error("unsubscribe_error", id, &refusal));
            }
        }
    }

    /// Waits while too much waits to be published.
    async fn publish(&mut self, request: Request<Publication>) {
        let publisher = match &self.publisher {
            Some(publisher) => publisher,
            None => {
                let (sender, mut receiver) = mpsc::channel(PUBLICATIONS_MAX);
                let job = self.job();
                // It ends with the connection, when all that came is published.
                tokio::spawn(async move {
                    while let Some(request) = receiver.recv().await {
                        job.publish(request).await;
                    }
                });
                self.publisher.insert(sender)
            }
        };
        // An error means that the runtime ends, and the client with it.
        let _ = publisher.send(request).await;
    }

    fn job(&self) -> Job {
        Job { shared: self.shared.clone(), peer: self.peer.clone(), line: self.line.clone() }
    }

    /// All subscriptions that were begun have begun.
    #[cfg(test)]
    pub async fn settled(&self) {
        let all = u32::try_from(SUBSCRIPTIONS_MAX).unwrap();
        drop(self.starts.acquire_many(all).await.unwrap());
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Its subscriptions first: the hub knows of none of them.
        self.shared.events.listeners.leave(&self.peer.api_id, &self.line);
        self.shared.hub.leave(&self.peer.api_id, &self.line);
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl Peer {
    /// By the header object that stood beside the protocols or in the query.
    async fn admit(&self, shared: &Shared, request: &exchange::Request) -> Result<Caller, Refusal> {
        let headers = match realtime::shown(request) {
            realtime::Shown::Header(headers) => headers,
            realtime::Shown::Nothing => Object::new(),
            realtime::Shown::Unreadable => {
                return Err(Refusal::bad("The header is no JSON object in Base64"));
            }
        };
        let api = shared.event_api(&self.api_id).ok_or_else(Refusal::no_api)?;
        Caller::identify(shared, &api, Purpose::Connect, self.shown(headers, b"{}")).await
    }

    /// What was signed, if it was: a POST of this to the endpoint.
    fn shown<'c>(&'c self, headers: Object, body: &'c [u8]) -> Shown<'c> {
        Shown {
            headers: lower_case(headers),
            method: "POST",
            path: &self.endpoint,
            query: "",
            body,
            source_ip: &self.source_ip,
        }
    }
}

/// Something that a client asked for, beside its connection.
struct Job {
    shared: Arc<Shared>,
    peer: Arc<Peer>,
    line: Arc<Line>,
}

impl Job {
    async fn subscribe(&self, request: Request<Channel>, ticket: Ticket) {
        let id = request.id.clone();
        match self.may_subscribe(request).await {
            Ok((api, channel, caller)) => {
                let listener = Listener { id, line: self.line.clone(), identity: caller.identity };
                self.shared.events.listeners.subscribe(&self.peer.api_id, &channel, ticket, listener);
                // The API may have changed between the check and the beginning.
                if self.shared.event_api(&api.id).is_none_or(|current| !Arc::ptr_eq(&current, &api)) {
                    self.shared.renew_listeners(&api.id);
                }
            }
            Err(refusal) => {
                let farewell = message::error("subscribe_error", &id, &refusal);
                self.line.release(&id, Some(ticket), Some(farewell));
            }
        }
    }

    async fn may_subscribe(
        &self,
        request: Request<Channel>,
    ) -> Result<(Arc<EventApi>, Channel, Caller), Refusal> {
        let Request { what, channel, authorization, signed, .. } = request;
        let api = self.shared.event_api(&self.peer.api_id).ok_or_else(Refusal::no_api)?;
        let shown = self.peer.shown(authorization, signed.as_bytes());
        let caller = Caller::identify(&self.shared, &api, Purpose::Subscribe(&channel), shown).await?;
        let channel = what?;
        subscribe::check(&self.shared, &api, &channel, &caller).await?;
        Ok((api, channel, caller))
    }

    async fn publish(&self, request: Request<Publication>) {
        let id = request.id.clone();
        let outcome = async {
            let Request { what, channel, authorization, signed, .. } = request;
            let api = self.shared.event_api(&self.peer.api_id).ok_or_else(Refusal::no_api)?;
            let shown = self.peer.shown(authorization, signed.as_bytes());
            let caller = Caller::identify(&self.shared, &api, Purpose::Publish(&channel), shown).await?;
            publish(&self.shared, &api, &what?, &caller).await
        };
        self.line.say(match outcome.await {
            Ok(published) => message::published(&id, &published),
            Err(refusal) => message::error("publish_error", &id, &refusal),
        });
    }
}
