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

use super::line::{Line, Out, Ticket};
use super::registry::{Audience, Member, Registry};
use crate::api::Api;
use crate::request::{self, Subscribed};

/// So many mutations may wait to be delivered; those that come then wait with their answers.
const DELIVERIES_MAX: usize = 1_024;
/// AppSync's bound on what a subscriber is sent at once.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 240 << 10;
/// A sign of life comes this often, in ticks of a second.
const KEEP_ALIVE_TICKS: u64 = 60;
const TICK: Duration = Duration::from_secs(1);
/// So many different texts are made before others may run.
const TEXTS_AT_ONCE: usize = 16;

/// All that is live.
#[derive(Debug)]
pub(crate) struct Hub {
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
}

struct Connected {
    line: Arc<Line>,
    /// When it ends, in milliseconds since 1970, and how.
    deadline: i64,
    end: Out,
    /// Since when it is told that we are there.
    alive_since: Option<u64>,
}

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
    #[cfg(test)]
    Settled(tokio::sync::oneshot::Sender<()>),
}

impl Hub {
    /// Nothing yet. To be called within a tokio runtime.
    pub fn start() -> Hub {
        let (deliveries, receiver) = mpsc::channel(DELIVERIES_MAX);
        let live = Arc::new(Live::default());
        // It ends when the hub is dropped.
        tokio::spawn(run(live.clone(), receiver));
        Hub { live, deliveries }
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
        if self.live.has(api_id) {
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

    /// Whether anybody listens to an API.
    pub fn has_listeners(&self, api_id: &str) -> bool {
        self.live.has(api_id)
    }

    /// The API is another one, or there is none any more: subscriptions that it does not have end, and those of whom it does
    /// not let in any more.
    pub fn changed(&self, api_id: &str, api: Option<&Arc<Api>>) {
        let Some(registry) = self.live.registry(api_id) else { return };
        let ended = lock(&registry).renew(api, Moment::drawn().now);
        self.live.end(ended);
    }

    /// A client has come. It ends at the deadline, unless that is moved.
    pub fn enter(&self, line: &Arc<Line>, deadline: i64, end: Out) {
        let connected = Connected { line: line.clone(), deadline, end, alive_since: None };
        self.live.connections().insert(line.number, connected);
    }

    /// A client was let in: it is told that we are there, from now on, until the deadline.
    pub fn admit(&self, line: &Line, deadline: i64, end: Out) {
        if let Some(connected) = self.live.connections().get_mut(&line.number) {
            connected.alive_since.get_or_insert(self.live.ticks.load(Relaxed));
            (connected.deadline, connected.end) = (deadline, end);
        }
    }

    /// A client's end is nearer than it was.
    pub fn shorten(&self, line: &Line, deadline: i64, end: Out) {
        if let Some(connected) = self.live.connections().get_mut(&line.number)
            && deadline < connected.deadline
        {
            (connected.deadline, connected.end) = (deadline, end);
        }
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

    /// The server stops: all clients are told to go.
    pub fn go_away(&self) {
        for connected in self.live.connections().values() {
            connected.line.say(Out::Close { code: 1001, reason: "The server stops" });
        }
    }

    /// A subscription begins, unless its client has ended it meanwhile. Its client is told first of all.
    pub(super) fn subscribe(&self, api: &Arc<Api>, subscribed: Subscribed, member: Member, ack: Option<Out>) {
        let registry = self.live.registry_or_new(&api.id);
        let mut registry = lock(&registry);
        let (line, id, ticket) = (member.line.clone(), member.id.clone(), member.ticket);
        if !line.is_live(&id, ticket) {
            return;
        }
        registry.add(api, subscribed, member);
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

async fn run(live: Arc<Live>, mut deliveries: mpsc::Receiver<Delivery>) {
    let mut ticks = tokio::time::interval(TICK);
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

    fn invalidate(&self, api_id: &str, field: &str, payload: &Value) {
        let Some(registry) = self.registry(api_id) else { return };
        let ended = lock(&registry).invalidate(field, payload);
        self.end(ended);
    }

    /// Tells clients that these are over.
    fn end(&self, members: Vec<Member>) {
        self.subscriptions.fetch_sub(members.len(), Relaxed);
        for Member { ticket, id, line, dialect, .. } in members {
            line.release(&id, Some(ticket), Some(dialect.complete(&id)));
        }
    }

    fn tick(&self, now: i64) {
        let tick = self.ticks.fetch_add(1, Relaxed) + 1;
        for connected in self.connections().values() {
            if connected.deadline <= now {
                connected.line.say(connected.end.clone());
            } else if connected
                .alive_since
                .is_some_and(|since| (tick - since).is_multiple_of(KEEP_ALIVE_TICKS))
            {
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

fn lock(registry: &Mutex<Registry>) -> MutexGuard<'_, Registry> {
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}
