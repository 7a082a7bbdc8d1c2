//! A connection that lasts, without the socket: what came in goes to [`Socket::receive`], what [`Outgoing::next`] gives goes
//! out.
//!
//! Never here: frames, what a message means.

use std::sync::Arc;
use std::time::Duration;

use json::Text;

use crate::appsync::{ANSWERING_MAX, AppSync};
use crate::events;
use crate::exchange::{Request, Response};
use crate::place::Place;
use crate::realtime::{self, Connection, Following, Line, Out};

/// So long may requests that are under way when the server stops go on until clients are told to go.
const LAST_ANSWERS_PATIENCE: Duration = Duration::from_secs(3);

/// A client of an API, connected. It is gone when this is dropped.
#[derive(Debug)]
pub struct Socket(Kind);

#[derive(Debug)]
enum Kind {
    GraphQl(Connection),
    Events(events::Connection),
}

/// A client that follows one operation. It is gone when this is dropped.
#[derive(Debug)]
pub struct Followed(Following);

/// What is to be sent. It may be waited for while a message is received.
#[derive(Clone, Debug)]
pub struct Outgoing(Arc<Line>);

impl AppSync {
    /// Somebody asks for a connection by this request. The protocol is what the handshake's answer names; whoever may not
    /// connect is told so over the connection. Nothing if there are no connections at this place.
    pub async fn connect(&self, place: &Place, request: &Request) -> Option<(Option<&'static str>, Socket)> {
        match place {
            // Clients of the hosts that AWS has use the same path for both.
            Place::GraphQlRealtime(id) | Place::GraphQl(id) => Some(self.connect_graphql(id, request).await),
            Place::EventRealtime(id) | Place::Event(id) => {
                let (protocol, connection) = events::Connection::new(self.shared(), id, request).await;
                Some((protocol, Socket(Kind::Events(connection))))
            }
        }
    }

    /// Somebody wants the answers of one operation as server-sent events: the head of the answer, and where its body comes
    /// from. It is over when [`Out::Close`] comes.
    ///
    /// # Errors
    /// The whole answer of who is not let in, or asks for nothing.
    pub async fn follow(&self, api_id: &str, request: &Request) -> Result<(Response, Followed), Response> {
        let following = Following::new(self.shared(), &api_id.into(), request).await?;
        Ok((realtime::head(), Followed(following)))
    }

    /// The server stops: clients are to connect elsewhere. They are told of what was answered before, and of what requests
    /// that are under way do in a short while; then they are told to go.
    pub async fn go_away(&self) {
        let shared = self.shared();
        // An error would mean that the semaphore was closed, which nobody does.
        let all_answered = shared.answering.acquire_many(ANSWERING_MAX);
        let _ = tokio::time::timeout(LAST_ANSWERS_PATIENCE, all_answered).await;
        shared.hub.go_away().await;
    }

    async fn connect_graphql(&self, id: &Text, request: &Request) -> (Option<&'static str>, Socket) {
        let (protocol, connection) = Connection::new(self.shared(), id, request).await;
        (protocol, Socket(Kind::GraphQl(connection)))
    }
}

impl Socket {
    /// A text has come.
    pub async fn receive(&mut self, text: &str) {
        match &mut self.0 {
            Kind::GraphQl(connection) => connection.receive(text).await,
            Kind::Events(connection) => connection.receive(text).await,
        }
    }

    /// What is no text has come.
    pub fn receive_bytes(&self) {
        match &self.0 {
            Kind::GraphQl(connection) => connection.receive_bytes(),
            Kind::Events(connection) => connection.receive_bytes(),
        }
    }

    /// What is to be sent to this client.
    pub fn outgoing(&self) -> Outgoing {
        Outgoing(match &self.0 {
            Kind::GraphQl(connection) => connection.line().clone(),
            Kind::Events(connection) => connection.line().clone(),
        })
    }
}

impl Followed {
    /// What is to be sent to this client.
    pub fn outgoing(&self) -> Outgoing {
        Outgoing(self.0.line().clone())
    }
}

impl Outgoing {
    /// The next thing to send: waits for it. Nothing comes after [`Out::Close`].
    pub async fn next(&self) -> Out {
        self.0.next().await
    }

    /// Comes when the client is hung up on, although something may be under way to it.
    pub async fn over(&self) {
        self.0.over().await;
    }
}
