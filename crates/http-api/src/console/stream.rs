//! An answer that comes in pieces, while there is something to tell.
//!
//! Never here: what is told.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::error::ApiError;

/// Each open page of a console has one; more would be connections that API calls need.
const STREAMS_MAX: usize = 256;
/// A piece that a slow reader has not taken, and the one behind it.
const PIECES_WAITING_MAX: usize = 2;

/// How many streams there may be.
pub(crate) struct Streams(Arc<Semaphore>);

/// The pieces of one, for its connection.
pub(crate) struct Pieces(mpsc::Receiver<Bytes>);

/// Where they come from. The stream ends when this is dropped.
pub(crate) struct Source {
    pieces: mpsc::Sender<Bytes>,
    _place: OwnedSemaphorePermit,
}

impl Streams {
    /// None yet.
    pub fn new() -> Streams {
        Streams(Arc::new(Semaphore::new(STREAMS_MAX)))
    }

    /// One more.
    pub fn open(&self) -> Result<(Source, Pieces), ApiError> {
        let Ok(_place) = self.0.clone().try_acquire_owned() else {
            let message = format!("{STREAMS_MAX} clients follow events already; close some of them");
            return Err(ApiError::new("ServiceUnavailable", message).with_status(503));
        };
        Ok(opened(_place))
    }
}

/// A stream that takes a place somewhere else, for as long as it is told anything.
pub(crate) fn opened(place: OwnedSemaphorePermit) -> (Source, Pieces) {
    let (pieces, receiver) = mpsc::channel(PIECES_WAITING_MAX);
    (Source { pieces, _place: place }, Pieces(receiver))
}

impl Source {
    /// Waits for room. An error means that the reader has gone.
    pub async fn send(&self, piece: String) -> Result<(), mpsc::error::SendError<Bytes>> {
        self.pieces.send(piece.into()).await
    }

    /// Comes when the reader has gone.
    pub async fn closed(&self) {
        self.pieces.closed().await;
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
