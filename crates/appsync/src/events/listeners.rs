//! Who listens to which channel of which API.
//!
//! An event becomes a text once, which all who hear it share; each has a line of its own, so that nobody waits for another.
//! Never here: who may listen, sockets.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use json::Text;

use super::channel::Channel;
use super::message;
use crate::realtime::{Line, Out, Ticket};

/// All who listen.
#[derive(Default)]
pub(crate) struct Listeners {
    apis: RwLock<BTreeMap<Text, Arc<Mutex<Registry>>>>,
    subscriptions: AtomicUsize,
    messages: AtomicU64,
}

/// One subscription.
struct Listener {
    /// The client's name for it.
    id: Text,
    line: Arc<Line>,
}

/// Those of one API.
#[derive(Default)]
struct Registry {
    /// By what they listen to: `/news/*`.
    by_pattern: BTreeMap<Text, BTreeMap<Ticket, Listener>>,
    patterns: BTreeMap<Ticket, Text>,
    /// Everybody who is connected, by the numbers of their lines.
    lines: BTreeMap<u64, Arc<Line>>,
}

impl Listeners {
    /// Somebody is connected.
    pub(super) fn enter(&self, api_id: &Text, line: &Arc<Line>) {
        lock(&self.registry_or_new(api_id)).lines.insert(line.number, line.clone());
    }

    /// They are gone, and what they listened to.
    pub(super) fn leave(&self, api_id: &str, line: &Line) {
        let Some(registry) = self.registry(api_id) else { return };
        let mut registry = lock(&registry);
        registry.lines.remove(&line.number);
        let ended = line.hang_up().into_iter().filter(|ticket| registry.remove(*ticket)).count();
        self.subscriptions.fetch_sub(ended, Relaxed);
    }

    /// A subscription begins, unless its client has ended it meanwhile. Its client is told first of all.
    pub(super) fn subscribe(
        &self,
        api_id: &Text,
        channel: &Channel,
        id: &Text,
        ticket: Ticket,
        line: &Arc<Line>,
    ) {
        let registry = self.registry_or_new(api_id);
        let mut registry = lock(&registry);
        if !line.is_live(id, ticket) {
            return;
        }
        let listener = Listener { id: id.clone(), line: line.clone() };
        registry.patterns.insert(ticket, channel.path().clone());
        registry.by_pattern.entry(channel.path().clone()).or_default().insert(ticket, listener);
        self.subscriptions.fetch_add(1, Relaxed);
        line.say_of(id, ticket, message::subscribed(id));
    }

    /// It ends.
    pub(super) fn unsubscribe(&self, api_id: &str, ticket: Ticket) {
        if let Some(registry) = self.registry(api_id)
            && lock(&registry).remove(ticket)
        {
            self.subscriptions.fetch_sub(1, Relaxed);
        }
    }

    /// Whoever listens hears these events, JSON each, in this order.
    pub(super) fn tell(&self, api_id: &str, channel: &Channel, events: &[Text]) {
        let Some(registry) = self.registry(api_id) else { return };
        // A text within a text, as clients expect it.
        let quoted = |event: &Text| {
            let mut quoted = String::with_capacity(event.len() + 16);
            json::write_string(event, &mut quoted);
            Arc::<str>::from(quoted)
        };
        let bodies: Vec<Arc<str>> = events.iter().map(quoted).collect();
        let registry = lock(&registry);
        let patterns = channel.heard_as();
        let listeners = patterns.filter_map(|pattern| registry.by_pattern.get(pattern.as_str())).flatten();
        let mut told = 0;
        for (ticket, Listener { id, line }) in listeners {
            for body in &bodies {
                line.say_of(id, *ticket, message::data(id, body.clone()));
            }
            told += bodies.len() as u64;
        }
        self.messages.fetch_add(told, Relaxed);
    }

    /// The API is gone: so is everybody's connection to it.
    pub(super) fn end(&self, api_id: &str) {
        let Some(registry) = self.registry(api_id) else { return };
        for line in lock(&registry).lines.values() {
            line.say(Out::Close { code: 1001, reason: "The API was deleted" });
        }
    }

    /// How many subscriptions there are, and how many messages of data there were.
    pub(crate) fn counts(&self) -> (usize, u64) {
        (self.subscriptions.load(Relaxed), self.messages.load(Relaxed))
    }

    fn registry(&self, api_id: &str) -> Option<Arc<Mutex<Registry>>> {
        self.apis.read().unwrap_or_else(PoisonError::into_inner).get(api_id).cloned()
    }

    /// Registries stay: there are no more of them than APIs that ever had a client.
    fn registry_or_new(&self, api_id: &Text) -> Arc<Mutex<Registry>> {
        if let Some(registry) = self.registry(api_id) {
            return registry;
        }
        let mut apis = self.apis.write().unwrap_or_else(PoisonError::into_inner);
        apis.entry(api_id.clone()).or_default().clone()
    }
}

impl Registry {
    /// Whether it was there.
    fn remove(&mut self, ticket: Ticket) -> bool {
        let Some(pattern) = self.patterns.remove(&ticket) else { return false };
        if let Some(listeners) = self.by_pattern.get_mut(&pattern) {
            listeners.remove(&ticket);
            if listeners.is_empty() {
                self.by_pattern.remove(&pattern);
            }
        }
        true
    }
}

fn lock(registry: &Mutex<Registry>) -> MutexGuard<'_, Registry> {
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}
