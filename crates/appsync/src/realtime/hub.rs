//! All that is live: the connections, and what is delivered to them.
//!
//! A mutation only says what has happened; one task for all tells those who listen, in the order of the mutations, and waits
//! for nobody. Never here: what a client says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use json::{Text, Value};
use services::Moment;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::budget::{Budget, Part};
use super::connection::refusal_errors;
use super::line::{Line, Out, Ticket};
use super::registry::{Audience, Ended, Member, Registry};
use crate::api::Api;
use crate::authorization::{Identity, Refusal};
use crate::request::{self, Subscribed};

/// So many mutations may wait to be delivered; those that come then wait with their answers.
const DELIVERIES_MAX: usize = 1_024;
/// AppSync's bound on what a subscriber is sent at once.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 240 << 10;
/// A sign of life comes this often, in ticks of a second.
const KEEP_ALIVE_TICKS: u64 = 60;
// Tests make their own seconds.
const TICK: Duration = Duration::from_secs(if cfg!(test) { 3_600 } else { 1 });
/// AppSync's bound on a connection, in milliseconds: a day.
const CONNECTION_MILLISECONDS_MAX: i64 = 24 * 3600 * 1000;
/// So many different texts are made before others may run.
const TEXTS_AT_ONCE: usize = 16;

/// All that is live.
#[derive(Debug)]
pub(crate) struct Hub {
    /// What the texts of subscriptions may take.
    pub(super) budget: Budget,
    live: Arc<Live>,
    deliveries: mpsc::Sender<Delivery>,
}

/// How much is live, and how much was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open connections, streams of events included.
    pub connections: usize,
    /// Subscriptions on them.
    pub subscriptions: usize,
    /// Messages of data for subscriptions so far.
    pub messages: u64,
}

impl Counts {
    /// In Prometheus' text form.
    pub(crate) fn write_into(self, page: &mut String) {
        let Counts { connections, subscriptions, messages } = self;
        page.push_str(&format!(
            "# HELP stepwell_appsync_connections Open WebSockets and streams of events.\n\
             # TYPE stepwell_appsync_connections gauge\n\
             stepwell_appsync_connections {connections}\n\
             # HELP stepwell_appsync_subscriptions Subscriptions on them.\n\
             # TYPE stepwell_appsync_subscriptions gauge\n\
             stepwell_appsync_subscriptions {subscriptions}\n\
             # HELP stepwell_appsync_messages_total Payloads delivered to subscriptions.\n\
             # TYPE stepwell_appsync_messages_total counter\n\
             stepwell_appsync_messages_total {messages}\n"
        ));
    }
}

#[derive(Default)]
struct Live {
    apis: RwLock<BTreeMap<Text, Arc<Mutex<Registry>>>>,
    connections: Mutex<BTreeMap<u64, Connected>>,
    ticks: AtomicU64,
    subscriptions: AtomicUsize,
    messages: AtomicU64,
    also: Option<Also>,
}

struct Connected {
    line: Arc<Line>,
    /// When it ends, in milliseconds since 1970, and how.
    deadline: i64,
    end: Out,
    /// Who it is, if they were let in.
    guest: Option<Guest>,
}

struct Guest {
    api_id: Text,
    identity: Arc<Identity>,
    /// Since which tick they are told that we are there.
    since: u64,
    /// When they have been there for as long as anybody may, in milliseconds since 1970.
    last: i64,
}

/// What else is due each second: it is told what time it is.
type Also = Box<dyn Fn(i64) + Send + Sync>;

/// What is to be told.
enum Delivery {
    Publish {
        api_id: Text,
        fields: Vec<Text>,
        payload: Value,
    },
    Invalidate {
        api_id: Text,
        field: Text,
        payload: Value,
    },
    /// The server stops.
    GoAway,
    #[cfg(test)]
    Settled(tokio::sync::oneshot::Sender<()>),
}

impl Hub {
    /// Nothing yet. `also` is called each second, before connections end. To be called within a tokio runtime.
    pub fn start(also: impl Fn(i64) + Send + Sync + 'static) -> Hub {
        let (deliveries, receiver) = mpsc::channel(DELIVERIES_MAX);
        let live = Arc::new(Live { also: Some(Box::new(also)), ..Live::default() });
        // It ends when the hub is dropped.
        tokio::spawn(run(live.clone(), receiver));
        Hub { budget: Budget::default(), live, deliveries }
    }

    /// A mutation's field was resolved without an error: whoever listens to it will be told. `payload` is what the
    /// mutation selected, under the schema's names.
    pub async fn publish(&self, api: &Api, mutation: &Text, payload: &Value) {
        if !self.live.has(&api.id) {
            return;
        }
        let fields: Vec<Text> = api.links.of_mutation(mutation).cloned().collect();
        if fields.is_empty() {
            return;
        }
        self.deliver(Delivery::Publish { api_id: api.id.clone(), fields, payload: payload.clone() }).await;
    }

    /// `invalidateSubscriptions({subscriptionField, payload})`, as an object or as its text.
    pub async fn invalidate(&self, api_id: &Text, call: &Value) {
        let parsed = call.as_str().and_then(|text| Value::parse(text).ok());
        let call = parsed.as_ref().unwrap_or(call);
        let field = call.get("subscriptionField").and_then(Value::as_str);
        let (Some(field), Some(payload)) = (field, call.get("payload")) else {
            tracing::warn!(
                api = api_id.as_str(),
                "invalidateSubscriptions wants subscriptionField and payload"
            );
            return;
        };
        let is_heard = |registry: Arc<Mutex<Registry>>| !lock(&registry).is_deserted();
        if self.live.registry(api_id).is_some_and(is_heard) {
            let (api_id, field, payload) = (api_id.clone(), field.into(), payload.clone());
            self.deliver(Delivery::Invalidate { api_id, field, payload }).await;
        }
    }

    async fn deliver(&self, delivery: Delivery) {
        // An error means that the runtime ends, and the clients with it.
        let _ = self.deliveries.send(delivery).await;
    }

    /// All that was to be told so far is on the lines.
    #[cfg(test)]
    pub async fn settled(&self) {
        let (done, settled) = tokio::sync::oneshot::channel();
        self.deliver(Delivery::Settled(done)).await;
        settled.await.unwrap();
    }

    /// An API may be another one, or there is none any more: subscriptions that it does not have end, and those whose clients
    /// `stays` does not let stay.
    pub fn renew(
        &self,
        api_id: &str,
        current: impl Fn() -> Option<Arc<Api>>,
        stays: impl Fn(&Api, &Identity) -> Result<Identity, Refusal>,
    ) {
        let Some(registry) = self.live.registry(api_id) else { return };
        let ended = {
            let mut registry = lock(&registry);
            if registry.len() == 0 {
                return;
            }
            // Asked for within the lock, so that nobody who is slow brings back what the API was.
            registry.renew(current().as_ref(), stays)
        };
        self.live.end(ended);
    }

    /// The same for connections. Nothing: there is no such API any more.
    pub fn renew_guests(&self, api_id: &str, stays: impl Fn(&Identity) -> Option<Result<Identity, Refusal>>) {
        for connected in self.live.connections().values_mut() {
            let Some(guest) = connected.guest.as_mut().filter(|guest| guest.api_id == *api_id) else {
                continue;
            };
            match stays(&guest.identity) {
                Some(Ok(identity)) if identity != *guest.identity => {
                    guest.identity = Arc::new(identity);
                    (connected.deadline, connected.end) = guest.end();
                }
                Some(Ok(_)) => {}
                Some(Err(_)) => connected.line.say(NOT_AUTHORIZED),
                None => connected.line.say(Out::Close { code: 1001, reason: "The API was deleted" }),
            }
        }
    }

    /// A client has come. It ends at the deadline, unless it is let in.
    pub fn enter(&self, line: &Arc<Line>, deadline: i64, end: Out) {
        let connected = Connected { line: line.clone(), deadline, end, guest: None };
        self.live.connections().insert(line.number, connected);
    }

    /// A client was let in: it is told that we are there, from now on, until a day is over or what let it in expires.
    pub fn admit(&self, line: &Arc<Line>, api_id: &Text, identity: Arc<Identity>) {
        let guest = Guest {
            api_id: api_id.clone(),
            identity,
            since: self.live.ticks.load(Relaxed),
            last: Moment::drawn().now + CONNECTION_MILLISECONDS_MAX,
        };
        let (deadline, end) = guest.end();
        let connected = Connected { line: line.clone(), deadline, end, guest: Some(guest) };
        self.live.connections().insert(line.number, connected);
    }

    /// A client has gone.
    pub fn leave(&self, api_id: &str, line: &Line) {
        self.live.connections().remove(&line.number);
        let tickets = line.hang_up();
        if let Some(registry) = self.live.registry(api_id) {
            let mut registry = lock(&registry);
            let removed = tickets.into_iter().filter(|ticket| registry.remove(*ticket).is_some()).count();
            self.live.subscriptions.fetch_sub(removed, Relaxed);
        }
    }

    /// The server stops: all clients are told to go, once they were told what has happened before.
    pub async fn go_away(&self) {
        self.deliver(Delivery::GoAway).await;
    }

    /// A subscription will begin, if its resolver likes: what is invalidated from now on ends it. To be kept until then.
    pub(super) fn beginning(&self, api_id: &Text, ticket: Ticket) -> Beginning {
        let registry = self.live.registry_or_new(api_id);
        lock(&registry).begin(ticket);
        Beginning { registry, ticket }
    }

    /// A subscription begins, unless its client has ended it meanwhile. Its client is told first of all.
    pub(super) fn subscribe(
        &self,
        api: &Arc<Api>,
        subscribed: Subscribed,
        member: Member,
        part: Part,
        ack: Option<Out>,
    ) {
        let registry = self.live.registry_or_new(&api.id);
        let mut registry = lock(&registry);
        let (line, id, ticket) = (member.line.clone(), member.id.clone(), member.ticket);
        if !line.is_live(&id, ticket) {
            return;
        }
        if registry.is_over(ticket, &subscribed) {
            let farewell = ack.into_iter().chain([member.dialect.complete(&id)]);
            line.release(&id, Some(ticket), farewell);
            return;
        }
        registry.add(api, subscribed, member, Arc::new(part));
        self.live.subscriptions.fetch_add(1, Relaxed);
        if let Some(ack) = ack {
            line.say_of(&id, ticket, ack);
        }
    }

    /// A subscription ends.
    pub fn unsubscribe(&self, api_id: &str, ticket: Ticket) {
        if let Some(registry) = self.live.registry(api_id)
            && lock(&registry).remove(ticket).is_some()
        {
            self.live.subscriptions.fetch_sub(1, Relaxed);
        }
    }

    pub fn counts(&self) -> Counts {
        Counts {
            connections: self.live.connections().len(),
            subscriptions: self.live.subscriptions.load(Relaxed),
            messages: self.live.messages.load(Relaxed),
        }
    }

    /// A second has gone by, and it is this late, in milliseconds since 1970.
    #[cfg(test)]
    pub fn tick(&self, now: i64) {
        self.live.tick(now);
    }
}

/// A subscription that is about to begin.
pub(super) struct Beginning {
    registry: Arc<Mutex<Registry>>,
    ticket: Ticket,
}

impl Drop for Beginning {
    fn drop(&mut self) {
        lock(&self.registry).give_up(self.ticket);
    }
}

async fn run(live: Arc<Live>, mut deliveries: mpsc::Receiver<Delivery>) {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + TICK, TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            delivery = deliveries.recv() => match delivery {
                Some(Delivery::Publish { api_id, fields, payload }) => {
                    for field in fields {
                        live.publish(&api_id, &field, &payload).await;
                    }
                }
                Some(Delivery::Invalidate { api_id, field, payload }) => {
                    live.invalidate(&api_id, &field, &payload);
                }
                Some(Delivery::GoAway) => live.go_away(),
                #[cfg(test)]
                Some(Delivery::Settled(done)) => { let _ = done.send(()); }
                None => return,
            },
            _ = ticks.tick() => live.tick(Moment::drawn().now),
        }
    }
}

impl Live {
    async fn publish(&self, api_id: &str, field: &str, payload: &Value) {
        let Some(registry) = self.registry(api_id) else { return };
        // What is heard is made without the lock: who subscribes meanwhile does not wait.
        let audiences = lock(&registry).wanting(field, payload);
        for (number, Audience { subscribed, members }) in audiences.into_iter().enumerate() {
            if number % TEXTS_AT_ONCE == TEXTS_AT_ONCE - 1 {
                tokio::task::yield_now().await;
            }
            let text = request::deliver(&subscribed, payload).to_text();
            if text.len() > PAYLOAD_BYTES_MAX {
                let bytes = text.len();
                tracing::warn!(api = api_id, field, bytes, "a payload of more than 240 KiB is not delivered");
                continue;
            }
            let body: Arc<str> = text.into();
            for Member { ticket, id, line, dialect, .. } in &members {
                line.say_of(id, *ticket, dialect.data(id, body.clone()));
            }
            self.messages.fetch_add(members.len() as u64, Relaxed);
        }
    }

    fn go_away(&self) {
        for connected in self.connections().values() {
            connected.line.say(Out::Close { code: 1001, reason: "The server stops" });
        }
    }

    fn invalidate(&self, api_id: &str, field: &str, payload: &Value) {
        let Some(registry) = self.registry(api_id) else { return };
        let ended = lock(&registry).invalidate(field, payload);
        self.end(ended);
    }

    /// Tells clients that these are over.
    fn end(&self, ended: Vec<Ended>) {
        self.subscriptions.fetch_sub(ended.len(), Relaxed);
        for (Member { ticket, id, line, dialect, .. }, why) in ended {
            let farewell = match why {
                None => vec![dialect.complete(&id)],
                Some(refusal) => dialect.dismissal(&id, refusal_errors(&refusal)),
            };
            line.release(&id, Some(ticket), farewell);
        }
    }

    fn tick(&self, now: i64) {
        let tick = self.ticks.fetch_add(1, Relaxed) + 1;
        // Subscriptions first: their clients are told why, and may stay.
        for registry in self.registries() {
            let ended = lock(&registry).expired(now);
            self.end(ended);
        }
        if let Some(also) = &self.also {
            also(now);
        }
        for connected in self.connections().values() {
            let is_reminded = |guest: &Guest| (tick - guest.since).is_multiple_of(KEEP_ALIVE_TICKS);
            if connected.deadline <= now {
                connected.line.say(connected.end.clone());
            } else if connected.guest.as_ref().is_some_and(is_reminded) {
                connected.line.keep_alive();
            }
        }
    }

    fn has(&self, api_id: &str) -> bool {
        self.registry(api_id).is_some_and(|registry| lock(&registry).len() > 0)
    }

    fn registry(&self, api_id: &str) -> Option<Arc<Mutex<Registry>>> {
        self.apis.read().unwrap_or_else(PoisonError::into_inner).get(api_id).cloned()
    }

    fn registries(&self) -> Vec<Arc<Mutex<Registry>>> {
        self.apis.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Registries stay: there are no more of them than APIs that ever had a subscriber.
    fn registry_or_new(&self, api_id: &Text) -> Arc<Mutex<Registry>> {
        if let Some(registry) = self.registry(api_id) {
            return registry;
        }
        let mut apis = self.apis.write().unwrap_or_else(PoisonError::into_inner);
        apis.entry(api_id.clone()).or_default().clone()
    }

    fn connections(&self) -> MutexGuard<'_, BTreeMap<u64, Connected>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What let somebody in is gone.
pub(crate) const NOT_AUTHORIZED: Out = Out::Close { code: 1008, reason: "Not authorized" };

impl Guest {
    /// When their connection ends, and what is said then.
    fn end(&self) -> (i64, Out) {
        match self.identity.expires_at {
            Some(at) if at < self.last => (at, Out::Close { code: 1008, reason: "Token has expired" }),
            _ => (self.last, Out::Close { code: 1001, reason: "The connection has lasted a day" }),
        }
    }
}

fn lock(registry: &Mutex<Registry>) -> MutexGuard<'_, Registry> {
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}
