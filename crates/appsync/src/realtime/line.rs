//! The line to one client: what is still to be said to it, and what it listens to.
//!
//! Whoever has something to say puts it here and goes on; one who does not take it in time is hung up on. Never here:
//! what is said, sockets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use json::Text;
use tokio::sync::Notify;

/// So many messages may wait for a client, which is what a thousand mutations give in the time of a hiccup.
const WAITING_MAX: usize = 1_000;
/// And so many bytes, those included that it shares with others.
const WAITING_BYTES_MAX: usize = 8 << 20;
/// AppSync's bound on the subscriptions of one connection.
pub(crate) const SUBSCRIPTIONS_MAX: usize = 100;

/// What a client is sent next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    /// A message.
    Text(Box<str>),
    /// A message that many hear: what is this client's own, what it shares with the others, and an end.
    Shared {
        /// `{"id":"…","type":"data","payload":`
        head: Box<str>,
        /// A JSON value.
        body: Arc<str>,
        /// `}`
        tail: &'static str,
    },
    /// The end, as WebSocket says it. Nothing follows.
    Close {
        /// `1000`
        code: u16,
        /// For people.
        reason: &'static str,
    },
}

impl Out {
    fn bytes(&self) -> usize {
        match self {
            Out::Text(text) => text.len(),
            Out::Shared { head, body, tail } => head.len() + body.len() + tail.len(),
            Out::Close { .. } => 0,
        }
    }
}

/// A subscription's name within this process: no two have the same one.
pub(crate) type Ticket = u64;

/// One client's line.
#[derive(Debug)]
pub(crate) struct Line {
    /// No two lines have the same one.
    pub number: u64,
    /// What is said so that the client knows we are there.
    keep_alive: &'static str,
    /// Whether it is for one subscription only, and ends with it.
    is_for_one: bool,
    state: Mutex<State>,
    news: Notify,
    ended: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Out>,
    bytes: usize,
    /// The end was said or the client is gone: nothing more is taken.
    over: bool,
    /// What the client listens to, by its own names.
    live: BTreeMap<Text, Ticket>,
}

/// Why a subscription cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// The client has one of this name.
    Duplicate,
    /// It has as many as it may.
    Full,
}

impl Line {
    /// To a new client.
    pub fn new(keep_alive: &'static str) -> Line {
        Line {
            number: next(),
            keep_alive,
            is_for_one: false,
            state: Mutex::default(),
            news: Notify::new(),
            ended: Notify::new(),
        }
    }

    /// To a new client that listens to one thing only: the line ends with it.
    pub fn for_one(keep_alive: &'static str) -> Line {
        Line { is_for_one: true, ..Line::new(keep_alive) }
    }

    /// Says something, unless it is over. A client that leaves too much untaken is hung up on.
    pub fn say(&self, out: Out) {
        let mut state = self.state();
        self.put(&mut state, out);
    }

    /// Says something of a subscription, unless it has ended meanwhile.
    pub fn say_of(&self, id: &str, ticket: Ticket, out: Out) {
        let mut state = self.state();
        if state.live.get(id) == Some(&ticket) {
            self.put(&mut state, out);
        }
    }

    /// Says that we are there, where nothing else waits to be said.
    pub fn keep_alive(&self) {
        let mut state = self.state();
        if state.waiting.is_empty() {
            self.put(&mut state, Out::Text(self.keep_alive.into()));
        }
    }

    /// The same, whatever waits.
    pub fn keep_alive_now(&self) {
        self.say(Out::Text(self.keep_alive.into()));
    }

    /// The next thing to send: waits for it. Nothing comes after [`Out::Close`].
    pub async fn next(&self) -> Out {
        loop {
            if let Some(out) = self.take() {
                return out;
            }
            // A permit is kept for who comes late, so nothing is missed in between.
            self.news.notified().await;
        }
    }

    /// What waits, if something does.
    pub fn take(&self) -> Option<Out> {
        let mut state = self.state();
        let out = state.waiting.pop_front()?;
        state.bytes -= out.bytes();
        if state.waiting.is_empty() {
            // Most lines have nothing to say for most of the time.
            state.waiting = VecDeque::new();
        }
        Some(out)
    }

    /// Comes when nothing more is taken: the end was said. One may wait for it at a time, beside who waits for what is next.
    pub async fn over(&self) {
        while !self.is_over() {
            self.ended.notified().await;
        }
    }

    /// Whether the end was said, or the client is gone.
    pub fn is_over(&self) -> bool {
        self.state().over
    }

    /// The client is gone: what it listened to.
    pub fn hang_up(&self) -> Vec<Ticket> {
        let mut state = self.state();
        state.over = true;
        state.waiting = VecDeque::new();
        state.bytes = 0;
        std::mem::take(&mut state.live).into_values().collect()
    }

    /// Makes room for a subscription.
    pub fn reserve(&self, id: &Text) -> Result<Ticket, NoRoom> {
        let mut state = self.state();
        if state.live.contains_key(id) {
            return Err(NoRoom::Duplicate);
        }
        if state.live.len() >= SUBSCRIPTIONS_MAX {
            return Err(NoRoom::Full);
        }
        let ticket = next();
        state.live.insert(id.clone(), ticket);
        Ok(ticket)
    }

    /// Ends a subscription, and says so if it was live.
    pub fn release(
        &self,
        id: &str,
        ticket: Option<Ticket>,
        farewell: impl IntoIterator<Item = Out>,
    ) -> Option<Ticket> {
        let mut state = self.state();
        let live = *state.live.get(id)?;
        if ticket.is_some_and(|ticket| ticket != live) {
            return None;
        }
        state.live.remove(id);
        farewell.into_iter().for_each(|out| self.put(&mut state, out));
        if self.is_for_one {
            self.put(&mut state, Out::Close { code: 1000, reason: "" });
        }
        Some(live)
    }

    /// Whether a subscription was not ended meanwhile.
    pub fn is_live(&self, id: &str, ticket: Ticket) -> bool {
        self.state().live.get(id) == Some(&ticket)
    }

    fn put(&self, state: &mut State, out: Out) {
        if state.over {
            return;
        }
        state.bytes += out.bytes();
        state.over = matches!(out, Out::Close { .. });
        state.waiting.push_back(out);
        if state.waiting.len() > WAITING_MAX || state.bytes > WAITING_BYTES_MAX {
            tracing::warn!(connection = self.number, "a client does not take what it is sent: hung up");
            state.waiting = VecDeque::from([TOO_SLOW]);
            state.bytes = 0;
            state.over = true;
        }
        self.news.notify_one();
        if state.over {
            self.ended.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const TOO_SLOW: Out = Out::Close { code: 1008, reason: "Messages were not taken in time" };

fn next() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_nothing_is_hung_up_on() {
        let line = Line::new("ka");
        let body: Arc<str> = "x".repeat(WAITING_BYTES_MAX / 4).into();
        for _ in 0..3 {
            line.say(Out::Shared { head: "{".into(), body: body.clone(), tail: "}" });
        }
        assert!(!line.is_over());
        line.say(Out::Shared { head: "{".into(), body, tail: "}" });
        assert_eq!((line.is_over(), line.take(), line.take()), (true, Some(TOO_SLOW), None));
        let line = Line::new("ka");
        for _ in 0..=WAITING_MAX {
            line.say(Out::Text("m".into()));
        }
        assert_eq!(line.take(), Some(TOO_SLOW));
        line.say(Out::Text("m".into()));
        assert_eq!(line.take(), None, "it is over");
    }

    #[test]
    fn a_subscription_that_has_ended_hears_nothing() {
        let line = Line::new("ka");
        let ticket = line.reserve(&"a".into()).unwrap();
        assert_eq!(line.reserve(&"a".into()), Err(NoRoom::Duplicate));
        line.say_of("a", ticket, Out::Text("1".into()));
        assert_eq!(line.release("a", Some(ticket + 1), None), None, "another one of that name");
        assert_eq!(line.release("a", None, Some(Out::Text("bye".into()))), Some(ticket));
        line.say_of("a", ticket, Out::Text("2".into()));
        let again = line.reserve(&"a".into()).unwrap();
        line.say_of("a", ticket, Out::Text("3".into()));
        assert!(!line.is_live("a", ticket) && line.is_live("a", again));
        let said: Vec<Out> = std::iter::from_fn(|| line.take()).collect();
        assert_eq!(said, [Out::Text("1".into()), Out::Text("bye".into())]);
        assert_eq!(line.hang_up(), [again]);
    }

    #[test]
    fn a_client_has_a_hundred_subscriptions() {
        let line = Line::new("ka");
        for number in 0..SUBSCRIPTIONS_MAX {
            line.reserve(&format!("{number}").into()).unwrap();
        }
        assert_eq!(line.reserve(&"more".into()), Err(NoRoom::Full));
        line.release("5", None, None);
        assert!(line.reserve(&"more".into()).is_ok());
    }
}
