//! Connections that last: WebSockets and streams of events, between clients and the APIs of AppSync.
//!
//! Each is one task that waits for its client and for its line, whichever comes first. Never here: what is said.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::appsync::{AppSync, Followed, Out, Outgoing, Place, Request, Socket};
use http_body_util::{Either, Full};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use hyper::http::request::Parts;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::appsync;
use crate::console::stream;
use crate::front::{Answer, Front};
use crate::gateway::{self, Peer};
use crate::websocket::{Handshake, Heard, Violation, WebSocket};

/// So long may a client take nothing of one message.
const SENDING_PATIENCE: Duration = Duration::from_secs(60);
/// So long may it take for all that is still to be said to it once its end is decided.
const LAST_WORDS_PATIENCE: Duration = Duration::from_secs(5);
/// And so long until it says that it has heard of the end.
const PARTING_PATIENCE: Duration = Duration::from_secs(2);
/// Who asks more often in a second whether we are there is not let know any more. Clients ask every few seconds.
const PINGS_PER_SECOND_MAX: u32 = 100;

const FULL: &str = "There are as many connections as there may be.";

/// Marks an answer that lasts as long as its client likes: that is no idling.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lasts;

/// How many connections last.
#[derive(Clone)]
pub(crate) struct Lasting {
    places: Arc<Semaphore>,
    max: u32,
}

impl Lasting {
    /// None yet, and never more than so many.
    pub fn new(max: u32) -> Lasting {
        Lasting { places: Arc::new(Semaphore::new(max as usize)), max }
    }

    /// A place for one more, for as long as it is kept.
    pub fn open(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// Waits until there is none any more.
    pub async fn all_ended(&self) {
        // An error would mean that the semaphore was closed, which nobody does.
        let _ = self.places.acquire_many(self.max).await;
    }
}

impl Front {
    /// Makes a WebSocket of a request.
    pub(crate) async fn upgrade(
        &self,
        appsync: &AppSync,
        place: &Place,
        mut parts: Parts,
        peer: Option<Peer>,
    ) -> Answer {
        let handshake = match Handshake::read(&parts) {
            Ok(handshake) => handshake,
            Err((status, message)) => return refusal(status, message),
        };
        let Some(upgrade) = parts.extensions.remove::<OnUpgrade>() else {
            return refusal(StatusCode::BAD_REQUEST, "This connection cannot become a WebSocket.");
        };
        let permit = self.lasting.open().filter(|_| !self.stopping.has_begun());
        let Some(permit) = permit else {
            return refusal(
                StatusCode::SERVICE_UNAVAILABLE,
                "There are as many connections as there may be.",
            );
        };
        let request = appsync::request(&parts, Bytes::new(), peer);
        let Some((protocol, socket)) = appsync.connect(place, &request).await else {
            return refusal(StatusCode::NOT_FOUND, "There is no WebSocket here.");
        };
        tokio::spawn(talk_upgraded(upgrade, socket, permit));
        self.metrics.count_other("appsync", None);
        let mut answer = Response::new(Either::Left(Full::default()));
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        for (name, value) in handshake.headers() {
            if let Ok(value) = HeaderValue::from_str(value) {
                answer.headers_mut().insert(name, value);
            }
        }
        if let Some(protocol) = protocol {
            answer.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        }
        answer
    }

    /// Answers a request with a stream of events.
    pub(crate) async fn follow(&self, appsync: &AppSync, api_id: &str, request: &Request) -> Answer {
        let permit = self.lasting.open().filter(|_| !self.stopping.has_begun());
        let Some(permit) = permit else {
            return refusal(StatusCode::SERVICE_UNAVAILABLE, FULL);
        };
        let (head, followed) = match appsync.follow(api_id, request).await {
            Ok(followed) => followed,
            Err(refused) => {
                self.metrics.count_other("appsync", Some("Refused"));
                return gateway::into_http(refused.status, refused.headers, refused.body);
            }
        };
        self.metrics.count_other("appsync", None);
        let (source, pieces) = stream::opened(permit);
        tokio::spawn(tell(followed, source));
        let (mut parts, _) = gateway::into_http(head.status, head.headers, head.body).into_parts();
        parts.extensions.insert(Lasts);
        Response::from_parts(parts, Either::Right(pieces))
    }

    /// Tells those that are connected to go. [`Lasting::all_ended`] says when they have.
    pub(crate) async fn end_lasting(&self) {
        if let Some(appsync) = &self.appsync {
            appsync.go_away().await;
        }
    }
}

/// Whether a request wants its answers as events, and how.
pub(crate) fn wants_events(parts: &Parts) -> bool {
    let accept = parts.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    parts.method == Method::POST && accept.split([',', ';']).any(|kind| kind.trim() == "text/event-stream")
}

/// From the first event to the last one.
async fn tell(followed: Followed, source: stream::Source) {
    let outgoing = followed.outgoing();
    tokio::select! {
        () = tell_all(&outgoing, &source) => {}
        () = last_words(&outgoing) => {}
    }
}

async fn tell_all(outgoing: &Outgoing, source: &stream::Source) {
    loop {
        let piece = tokio::select! {
            out = outgoing.next() => match out {
                Out::Close { .. } => return,
                Out::Text(text) => text.into(),
                Out::Shared { head, body, tail } => [&*head, &*body, tail].concat(),
            },
            () = source.closed() => return,
        };
        let sent = timeout(SENDING_PATIENCE, source.send(piece)).await;
        if !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
}

async fn talk_upgraded(upgrade: OnUpgrade, socket: Socket, permit: OwnedSemaphorePermit) {
    match upgrade.await {
        Ok(upgraded) => talk(upgraded, socket, permit).await,
        Err(error) => tracing::debug!(%error, "a connection broke before it became a WebSocket"),
    }
}

/// From the handshake to the end.
async fn talk(upgraded: Upgraded, mut socket: Socket, permit: OwnedSemaphorePermit) {
    let mut stream = WebSocket::new(TokioIo::new(upgraded));
    // It is given back before the connection is closed, so that whoever sees the end finds a place.
    let _place = permit;
    let outgoing = socket.outgoing();
    let end = tokio::select! {
        end = until_the_end(&mut stream, &mut socket, &outgoing) => end,
        // Half a message may be under way, which the end cannot follow.
        () = last_words(&outgoing) => None,
    };
    let Some(end) = end else { return };
    // It hears nothing more.
    drop(socket);
    let parting = async {
        if stream.close(end.code, end.reason).await.is_ok() && !end.is_answer {
            // Bytes that are unread when a connection is closed would break it before our last ones are read.
            while let Ok(Some(heard)) = stream.next().await {
                if matches!(heard, Heard::Close(_)) {
                    break;
                }
            }
        }
    };
    let _ = timeout(PARTING_PATIENCE, parting).await;
}

/// What is said last.
struct End {
    code: u16,
    reason: &'static str,
    /// Whether the client has said it already.
    is_answer: bool,
}

type Stream = WebSocket<TokioIo<Upgraded>>;

/// Comes when a client has had the time to take what was still to be said to it.
async fn last_words(outgoing: &Outgoing) {
    outgoing.over().await;
    tokio::time::sleep(LAST_WORDS_PATIENCE).await;
}

/// `None`: the client is gone.
async fn until_the_end(stream: &mut Stream, socket: &mut Socket, outgoing: &Outgoing) -> Option<End> {
    let (mut second, mut pings) = (Instant::now(), 0);
    loop {
        tokio::select! {
            out = outgoing.next() => match out {
                Out::Close { code, reason } => return Some(End { code, reason, is_answer: false }),
                Out::Text(text) => send(stream, [&text, "", ""]).await?,
                Out::Shared { head, body, tail } => send(stream, [&head, &body, tail]).await?,
            },
            heard = stream.next() => match heard {
                Ok(Some(Heard::Text(text))) => socket.receive(&text).await,
                Ok(Some(Heard::Binary)) => socket.receive_bytes(),
                Ok(Some(heard @ (Heard::Ping(_) | Heard::Pong))) => {
                    if second.elapsed() >= Duration::from_secs(1) {
                        (second, pings) = (Instant::now(), 0);
                    }
                    pings += 1;
                    if pings > PINGS_PER_SECOND_MAX {
                        return Some(End { code: 1008, reason: "Too many pings", is_answer: false });
                    }
                    let Heard::Ping(payload) = heard else { continue };
                    timeout(SENDING_PATIENCE, stream.pong(&payload)).await.ok()?.ok()?;
                }
                Ok(Some(Heard::Close(code))) => {
                    return Some(End { code: code.unwrap_or(1000), reason: "", is_answer: true });
                }
                Ok(None) => return None,
                Err(Violation { code, reason }) => return Some(End { code, reason, is_answer: false }),
            },
        }
    }
}

/// Sends one message, unless the client does not take it: `None`.
async fn send(stream: &mut Stream, pieces: [&str; 3]) -> Option<()> {
    timeout(SENDING_PATIENCE, stream.send(pieces)).await.ok()?.ok()
}

fn refusal(status: StatusCode, message: &'static str) -> Answer {
    let mut answer = Response::new(Either::Left(Full::from(message)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    if status == StatusCode::UPGRADE_REQUIRED {
        answer.headers_mut().insert("sec-websocket-version", HeaderValue::from_static("13"));
    }
    answer
}
