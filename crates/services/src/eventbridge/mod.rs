//! EventBridge: buses, rules and their targets, archives, replays, API destinations.
//!
//! What it knows is a value ([`state`]) that one action at a time changes: decided, committed, and only then shown. An event
//! is routed ([`route`]) by the value of that moment; its deliveries are in the batch that is committed before PutEvents answers.
//! Connections are kept elsewhere (crate `connections`), and so are their actions.

mod actions;
mod api_destination;
mod archive;
mod bus;
mod courier;
pub(crate) mod members;
mod names;
pub(crate) mod page;
mod received;
mod replay;
mod route;
mod rule;
mod rule_target;
mod state;
mod status_change;
mod tending;
#[cfg(test)]
mod tests;
mod ticks;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_names::Scope;
use connections::Connections;
use connectors::Answering;
use json::Value;
use ledger::{Batch, Ledger};
use tokio::runtime::Handle;
use tokio::sync::{SetOnce, watch};
use tokio::task::JoinSet;

use self::courier::EventCourier;
pub(crate) use self::courier::{bury_again, is_started_already};
use self::received::Received;
pub(crate) use self::received::whole_seconds;
use self::route::{Reach, Routed, route};
pub(crate) use self::rule_target::{backoff, dead_letter_queue};
use self::state::State;
pub use self::status_change::StatusChange;
use crate::delivery::{Calls, Clock, Deliveries, Shelf};
use crate::{Call, Fault, Service, spaces};

/// What EventBridge works with.
pub struct Setup {
    /// Where everything is kept.
    pub ledger: Ledger,
    /// Who we answer as.
    pub scope: Scope,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How targets are called.
    pub calls: Arc<dyn Calls>,
    /// What API destinations are let in with.
    pub connections: Connections,
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct EventBridge(Arc<Inner>);

struct Inner {
    ledger: Ledger,
    scope: Scope,
    clock: Arc<dyn Clock>,
    calls: Arc<dyn Calls>,
    connections: Connections,
    state: RwLock<Arc<State>>,
    /// Held by whoever changes the state, from the decision to the commit.
    changing: tokio::sync::Mutex<()>,
    /// Counts changes, for those who act by the state.
    changes: watch::Sender<u64>,
    deliveries: SetOnce<Deliveries>,
    runtime: Handle,
    /// Whether a rule or an archive of the default bus may want status changes of executions.
    wants_status_changes: watch::Sender<bool>,
    tasks: Mutex<JoinSet<()>>,
}

/// A call of an action, owned: whoever hangs up does not stop it halfway.
struct Asked {
    inner: Arc<Inner>,
    input: Value,
    /// Milliseconds since 1970.
    now: i64,
}

impl EventBridge {
    /// Goes on with what an earlier process left. Must be called within a tokio runtime.
    pub fn start(setup: Setup) -> Result<EventBridge, ledger::Error> {
        let Setup { ledger, scope, clock, calls, connections } = setup;
        let state = State::load(&ledger, &scope)?;
        let inner = Arc::new(Inner {
            wants_status_changes: watch::channel(status_change::may_be_wanted(&state)).0,
            state: RwLock::new(Arc::new(state)),
            changing: tokio::sync::Mutex::default(),
            changes: watch::channel(0).0,
            deliveries: SetOnce::new(),
            runtime: Handle::current(),
            tasks: Mutex::default(),
            ledger,
            scope,
            clock,
            calls,
            connections,
        });
        let shelf = Shelf { space: spaces::RULE_DELIVERIES, prefix: b"" };
        let courier = Arc::new(EventCourier(Arc::downgrade(&inner)));
        let deliveries = Deliveries::start(inner.ledger.clone(), shelf, courier, inner.clock.clone())?;
        // Nobody else sets it.
        let _ = inner.deliveries.set(deliveries);
        inner.spawn(ticks::run(Arc::downgrade(&inner), inner.changes.subscribe()));
        inner.spawn(tending::run(Arc::downgrade(&inner), inner.changes.subscribe()));
        inner.spawn(replay::run(Arc::downgrade(&inner), inner.changes.subscribe()));
        Ok(EventBridge(inner))
    }

    /// Whether a rule or an archive of the default bus may want status changes of executions. Whoever
    /// [reports](EventBridge::report) them need not look at executions meanwhile.
    pub fn wants_status_changes(&self) -> watch::Receiver<bool> {
        self.0.wants_status_changes.subscribe()
    }

    /// Tells the default bus that an execution's status has changed. Never waits.
    pub fn report(&self, change: &StatusChange) {
        status_change::report(&self.0, change);
    }

    /// How many events wait for targets.
    pub fn open_deliveries(&self) -> usize {
        self.0.deliveries.get().map_or(0, Deliveries::open)
    }

    /// Ends everything it does by itself; what is not done is left for the next start.
    pub async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
        if let Some(deliveries) = self.0.deliveries.get() {
            deliveries.stop().await;
        }
    }
}

impl Service for EventBridge {
    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let now = self.0.clock.now();
            let asked = Asked { inner: self.0.clone(), input: call.input.clone(), now };
            actions::answer(call.operation, asked).await
        })
    }
}

impl Inner {
    fn state(&self) -> Arc<State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &self.runtime);
    }

    /// Changes what is known: decided on a copy, committed, and then shown to everybody.
    async fn change<T>(
        &self,
        decide: impl FnOnce(&mut State, &mut Batch) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let _mine = self.changing.lock().await;
        let mut next = State::clone(&self.state());
        let mut batch = Batch::new();
        let answer = decide(&mut next, &mut batch)?;
        self.ledger.commit(batch).await?;
        self.wants_status_changes.send_replace(status_change::may_be_wanted(&next));
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        self.changes.send_modify(|changes| *changes += 1);
        Ok(answer)
    }

    /// Takes events onto their buses: durable, with all their deliveries, when it answers.
    async fn take_in(&self, events: Vec<(String, Received)>) -> Result<(), Fault> {
        let mut batch = Batch::new();
        let state = self.state();
        let routed =
            events.iter().map(|(bus, received)| route(&state, bus, received, Reach::All, &mut batch));
        let routed = routed.collect();
        self.commit(routed, batch).await
    }

    /// Commits what was routed, and begins with it.
    async fn commit(&self, routed: Vec<Routed>, mut batch: Batch) -> Result<(), Fault> {
        let deliveries = self.deliveries.wait().await;
        let mut sendings = Vec::new();
        let mut kept = Vec::new();
        for Routed { parcel, kept: of_one } in routed {
            kept.extend(of_one);
            if !parcel.legs.is_empty() {
                let sending = deliveries.prepare(parcel, &mut batch);
                let throttled =
                    |error: crate::delivery::TooMany| Fault::new("ThrottlingException", error.to_string());
                sendings.push(sending.map_err(throttled)?);
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        let commit = self.ledger.submit(batch);
        let state = self.state();
        // Whoever hangs up while the disk works does not keep events from being sent.
        let sent = self.runtime.spawn(async move {
            commit.await?;
            for (archive, bytes) in kept {
                if let Some(archive) = state.archives.get(&archive) {
                    archive.kept.add(1, bytes);
                }
            }
            sendings.into_iter().for_each(crate::delivery::Sending::send);
            Ok(())
        });
        sent.await.unwrap_or(Err(ledger::Refused::Stopped)).map_err(Fault::from)
    }
}

impl fmt::Debug for EventBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBridge").field("scope", &self.0.scope).finish_non_exhaustive()
    }
}
