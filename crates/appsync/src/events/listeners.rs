//! Who listens to which channel of which API.
//!
//! An event becomes a text once, which all who hear it share; each has a line of its own, so that nobody waits for another.
//! Never here: who may listen, sockets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use json::Text;

use super::api::EventApi;
use super::channel::Channel;
use super::message;
use super::refusal::Refusal;
use crate::authorization::{self, Identity};
use crate::realtime::{Line, Ticket};

/// All who listen.
#[derive(Default)]
pub(crate) struct Listeners {
    apis: RwLock<BTreeMap<Text, Arc<Mutex<Registry>>>>,
    subscriptions: AtomicUsize,
    messages: AtomicU64,
}

/// One subscription.
pub(super) struct Listener {
    /// The client's name for it.
    pub id: Text,
    pub line: Arc<Line>,
    /// Who listens: whether they still may follows anew when the API changes.
    pub identity: Arc<Identity>,
}

/// Those of one API.
#[derive(Default)]
struct Registry {
    /// By what they listen to: `/news/*`.
    by_pattern: BTreeMap<Text, BTreeMap<Ticket, Listener>>,
    patterns: BTreeMap<Ticket, Channel>,
    /// When whose right to listen expires, in milliseconds since 1970.
    expiring: BTreeSet<(i64, Ticket)>,
}

/// Somebody may not listen any more.
type Dismissed = (Ticket, Listener, Refusal);

impl Listeners {
    /// A client is gone, and what it listened to.
    pub(super) fn leave(&self, api_id: &str, line: &Line) {
        let Some(registry) = self.registry(api_id) else { return };
        let mut registry = lock(&registry);
        let ended = line.hang_up().into_iter().filter(|ticket| registry.remove(*ticket).is_some()).count();
        self.subscriptions.fetch_sub(ended, Relaxed);
    }

    /// A subscription begins, unless its client has ended it meanwhile. Its client is told first of all.
    pub(super) fn subscribe(&self, api_id: &Text, channel: &Channel, ticket: Ticket, listener: Listener) {
        let registry = self.registry_or_new(api_id);
        let mut registry = lock(&registry);
        let (id, line) = (listener.id.clone(), listener.line.clone());
        if !line.is_live(&id, ticket) {
            return;
        }
        registry.add(ticket, channel.clone(), listener);
        self.subscriptions.fetch_add(1, Relaxed);
        line.say_of(&id, ticket, message::subscribed(&id));
    }

    /// The API may be another one: whom `stays` does not let listen in a namespace any more is told so. Nothing happens if
    /// there is no such API any more: then its connections end.
    pub(super) fn renew(
        &self,
        api_id: &str,
        current: impl Fn() -> Option<Arc<EventApi>>,
        stays: impl Fn(&EventApi, &str, &Identity) -> Result<Identity, Refusal>,
    ) {
        let Some(registry) = self.registry(api_id) else { return };
        let dismissed = {
            let mut registry = lock(&registry);
            if registry.patterns.is_empty() {
                return;
            }
            // Asked for within the lock, so that nobody who is slow brings back what the API was.
            let Some(api) = current() else { return };
            registry.renew(|namespace, identity| stays(&api, namespace, identity))
        };
        self.dismiss(dismissed);
    }

    /// It is this late, in milliseconds since 1970: whose right to listen has expired is told so.
    pub(crate) fn expire(&self, now: i64) {
        let registries: Vec<_> =
            self.apis.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for registry in registries {
            let dismissed = lock(&registry).expired(now);
            self.dismiss(dismissed);
        }
    }

    fn dismiss(&self, dismissed: Vec<Dismissed>) {
        self.subscriptions.fetch_sub(dismissed.len(), Relaxed);
        for (ticket, Listener { id, line, .. }, refusal) in dismissed {
            // Clients take it for the end of the subscription, whenever it comes. (aws-amplify)
            line.release(&id, Some(ticket), [message::error("subscribe_error", &id, &refusal)]);
        }
    }

    /// It ends.
    pub(super) fn unsubscribe(&self, api_id: &str, ticket: Ticket) {
        if let Some(registry) = self.registry(api_id)
            && lock(&registry).remove(ticket).is_some()
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
        for (ticket, Listener { id, line, .. }) in listeners {
            for body in &bodies {
                line.say_of(id, *ticket, message::data(id, body.clone()));
            }
            told += bodies.len() as u64;
        }
        self.messages.fetch_add(told, Relaxed);
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
    fn add(&mut self, ticket: Ticket, pattern: Channel, listener: Listener) {
        self.expiring.extend(listener.identity.expires_at.map(|at| (at, ticket)));
        self.by_pattern.entry(pattern.path().clone()).or_default().insert(ticket, listener);
        self.patterns.insert(ticket, pattern);
    }

    /// It, if it was there.
    fn remove(&mut self, ticket: Ticket) -> Option<Listener> {
        let pattern = self.patterns.remove(&ticket)?;
        let listeners = self.by_pattern.get_mut(pattern.path())?;
        let listener = listeners.remove(&ticket)?;
        if listeners.is_empty() {
            self.by_pattern.remove(pattern.path());
        }
        if let Some(at) = listener.identity.expires_at {
            self.expiring.remove(&(at, ticket));
        }
        Some(listener)
    }

    fn renew(&mut self, stays: impl Fn(&str, &Identity) -> Result<Identity, Refusal>) -> Vec<Dismissed> {
        let mut dismissed = Vec::new();
        let all: Vec<(Ticket, Channel)> =
            self.patterns.iter().map(|(ticket, pattern)| (*ticket, pattern.clone())).collect();
        for (ticket, pattern) in all {
            let Some(listener) = self.remove(ticket) else { continue };
            match stays(pattern.namespace(), &listener.identity) {
                Ok(identity) if identity == *listener.identity => self.add(ticket, pattern, listener),
                Ok(identity) => {
                    self.add(ticket, pattern, Listener { identity: Arc::new(identity), ..listener });
                }
                Err(refusal) => dismissed.push((ticket, listener, refusal)),
            }
        }
        dismissed
    }

    fn expired(&mut self, now: i64) -> Vec<Dismissed> {
        let mut dismissed = Vec::new();
        while let Some((at, ticket)) = self.expiring.first().copied()
            && at <= now
        {
            self.expiring.pop_first();
            dismissed.extend(self.remove(ticket).map(|listener| {
                let refusal = authorization::expired(&listener.identity).into();
                (ticket, listener, refusal)
            }));
        }
        dismissed
    }
}

fn lock(registry: &Mutex<Registry>) -> MutexGuard<'_, Registry> {
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}
