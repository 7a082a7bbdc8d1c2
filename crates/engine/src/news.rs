//! What has become durable of executions, for whoever watches: that one began, moved, ended.
//!
//! It is told on the commit thread, to all that watch at that moment, and kept for nobody: whoever begins to
//! watch looks afterwards how things stand. Never here: what a turn holds; the store tells that.

use std::sync::Arc;

use execution::Status;
use execution::execution::Start;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// So much waits for one that watches; who falls behind further hears that it has missed something.
const WAITING_MAX: usize = 4_096;

/// A change of one STANDARD execution that readers see already.
#[derive(Clone, Debug)]
pub struct News {
    /// What it was started with.
    pub start: Arc<Start>,
    /// What has happened to it.
    pub what: Happening,
}

/// What can happen to an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It has begun.
    Started,
    /// It goes on after an end.
    Redriven,
    /// Its history is longer.
    Moved,
    /// It has ended like this.
    Ended(Status),
}

/// What a [`Watcher`] hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// This.
    News(News),
    /// More than it could keep up with, which is lost.
    Missed,
}

/// One that watches, until it is dropped.
#[derive(Debug)]
pub struct Watcher(broadcast::Receiver<News>);

impl Watcher {
    /// Comes with the next news; `None` once the engine has gone.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.0.recv().await {
            Ok(news) => Some(Heard::News(news)),
            Err(RecvError::Lagged(_)) => Some(Heard::Missed),
            Err(RecvError::Closed) => None,
        }
    }

    /// The next news, if it is there already.
    pub fn next_at_hand(&mut self) -> Option<Heard> {
        match self.0.try_recv() {
            Ok(news) => Some(Heard::News(news)),
            Err(TryRecvError::Lagged(_)) => Some(Heard::Missed),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

/// All that watch. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Watchers(broadcast::Sender<News>);

impl Watchers {
    pub(crate) fn new() -> Watchers {
        Watchers(broadcast::Sender::new(WAITING_MAX))
    }

    pub(crate) fn watch(&self) -> Watcher {
        Watcher(self.0.subscribe())
    }

    pub(crate) fn tell(&self, news: News) {
        // An error means that nobody watches.
        let _ = self.0.send(news);
    }
}
