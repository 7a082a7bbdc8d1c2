//! The shell: it keeps the records, and what was compiled of them.
//!
//! A change is visible once it is durable, and only then acknowledged. Never here: what an operation means (`control`),
//! what a request means (`request`, `events`).

mod admitted;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use aws_names::Scope;
use json::{Text, Value};
use ledger::{Ledger, Space};
use services::records::{self, Changes, Draft, Records};
use services::{Asker, Fault, Moment};
use tokio::sync::Semaphore;

use crate::api::{Api, write_meters};
use crate::authorization::{Identity, Keys, Refusal};
use crate::cache::Cache;
use crate::control::{self, Work};
use crate::events::Events;
use crate::exchange::{Request, Response};
use crate::outside::Outside;
use crate::place::Place;
use crate::realtime::{Counts, Hub, Line};
use crate::request::Persisted;
use crate::sources::Memory;
use crate::{events, merge, request};

/// What AppSync keeps lies here. (The table is `services/src/spaces.rs`.)
pub(crate) const SPACE: Space = Space::new(18);

/// More requests than a server has at once: those beyond are not waited for when it stops.
pub(crate) const ANSWERING_MAX: u32 = 1 << 20;

/// Who the APIs are, and whose signatures count.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Region and account, for ARNs.
    pub scope: Scope,
    /// Access key → secret. `None`: any signature will do, as on a machine of one's own.
    pub keys: Option<BTreeMap<String, String>>,
    /// How clients reach this server, without a slash at the end: `http://127.0.0.1:8083`.
    pub base_url: Text,
}

/// The APIs of this server. Cheap to clone. To be made within a tokio runtime.
#[derive(Clone)]
pub struct AppSync {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) outside: Arc<dyn Outside>,
    /// Signing keys, derived once.
    pub(crate) keys: Keys,
    /// Who is connected, and to what they listen.
    pub(crate) hub: Hub,
    /// The event APIs, and who listens to them.
    pub(crate) events: Events,
    /// Queries that clients name by their hashes.
    pub(crate) persisted: Persisted,
    /// Results of resolvers.
    pub(crate) cache: Arc<Cache>,
    /// What data sources keep between requests.
    pub(crate) memory: Arc<Memory>,
    /// Requests that are under way have a permit each.
    pub(crate) answering: Semaphore,
    ledger: Ledger,
    records: RwLock<Records>,
    /// One change after the other: each is made of what the last one left.
    changing: tokio::sync::Mutex<()>,
    /// Compiled when they are first asked for, and again after a change.
    apis: RwLock<BTreeMap<Text, Arc<Api>>>,
}

impl AppSync {
    pub(crate) fn new(
        ledger: &Ledger,
        outside: Arc<dyn Outside>,
        settings: Settings,
    ) -> Result<AppSync, ledger::Error> {
        let records = records::read(ledger, SPACE)?;
        let events = Events::default();
        let listeners = events.listeners.clone();
        let shared = Shared {
            keys: Keys::new(settings.keys.clone()),
            settings,
            outside,
            hub: Hub::start(move |now| listeners.expire(now)),
            events,
            persisted: Persisted::default(),
            cache: Arc::default(),
            memory: Arc::new(Memory::new(ledger, &records)),
            answering: Semaphore::new(ANSWERING_MAX as usize),
            ledger: ledger.clone(),
            records: RwLock::new(records),
            changing: tokio::sync::Mutex::new(()),
            apis: RwLock::default(),
        };
        Ok(AppSync { shared: Arc::new(shared) })
    }

    /// What a request is for; nothing if it is for no API. `path` is percent-encoded, without the query.
    pub fn place(&self, host: Option<&str>, path: &str) -> Option<Place> {
        // Most requests are for somebody else: nothing is looked up for them.
        let may_be = ["graphql", "event", "realtime"].iter().any(|end| path.ends_with(end));
        if !may_be {
            return None;
        }
        Place::of(&self.shared.records(), host, path)
    }

    /// Answers a request over HTTP.
    pub async fn answer(&self, place: &Place, request: Request) -> Response {
        // Who stops waits for these; nobody else does.
        let _answering = self.shared.answering.try_acquire();
        match place {
            Place::GraphQl(id) | Place::GraphQlRealtime(id) => {
                request::answer(&self.shared, id, request).await
            }
            Place::Event(id) | Place::EventRealtime(id) => events::answer(&self.shared, id, request).await,
        }
    }

    /// Executes a request as somebody who shows no credentials, and tells all that its resolvers did. For those who run the
    /// server: the caller has checked that it is one of them.
    ///
    /// # Errors
    /// There is no such API, or no such mode.
    pub async fn answer_as_somebody(&self, body: &Value) -> Result<Value, Fault> {
        request::answer_as_somebody(&self.shared, body).await
    }

    /// Writes what resolvers have done and how much is live, in Prometheus' text form.
    pub fn write_metrics(&self, page: &mut String) {
        self.counts().write_into(page);
        let apis = self.shared.apis.read().unwrap_or_else(PoisonError::into_inner);
        write_meters(apis.values().map(|api| &**api), page);
    }

    /// How much is live.
    pub fn counts(&self) -> Counts {
        let mut counts = self.shared.hub.counts();
        let (subscriptions, messages) = self.shared.events.listeners.counts();
        counts.subscriptions += subscriptions;
        counts.messages += messages;
        counts
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Carries out an operation of the API. What it changes is durable when it answers.
    pub(crate) async fn operate(
        &self,
        operation: &str,
        input: &Value,
        asker: &Asker,
    ) -> Result<Value, Fault> {
        let shared = self.shared.clone();
        if let Some(answer) = control::evaluate(&shared, operation, input).await {
            return answer;
        }
        let (operation, input, asker) = (operation.to_owned(), input.clone(), asker.clone());
        services::to_its_end(async move { shared.change(&operation, &input, &asker).await }).await
    }
}

impl Shared {
    async fn change(&self, operation: &str, input: &Value, asker: &Asker) -> Result<Value, Fault> {
        let _one_at_a_time = self.changing.lock().await;
        let mut moment = Moment::drawn();
        let (answer, changes) = {
            let records = self.records();
            let mut draft = Draft::new(&records);
            let mut work =
                Work { draft: &mut draft, scope: &self.settings.scope, asker, moment: &mut moment };
            let answer = control::perform(operation, input, &mut work)?;
            (answer, draft.changes())
        };
        if !changes.is_empty() {
            records::commit(&self.ledger, SPACE, &changes).await?;
            self.take_over(&changes);
        }
        Ok(answer)
    }

    /// Changes are durable: they count from now on, for those who are connected, too.
    pub(crate) fn take_over(&self, changes: &Changes) {
        self.records.write().unwrap_or_else(PoisonError::into_inner).take_over(changes);
        let changed = self.changed_apis(changes);
        let mut apis = self.apis.write().unwrap_or_else(PoisonError::into_inner);
        for id in &changed {
            apis.remove(id);
            // What was kept is what the API was.
            self.cache.flush(id);
        }
        drop(apis);
        self.events.forget(changed.iter().map(Text::as_str));
        changed.iter().for_each(|id| self.renew(id));
    }

    /// APIs that changes are about, and those that are merged of them.
    fn changed_apis(&self, changes: &Changes) -> BTreeSet<Text> {
        // The identifier stands behind the first slash of every key of an API.
        let mut ids: BTreeSet<Text> =
            changes.keys().filter_map(|key| key.split('/').nth(1)).map(Text::from).collect();
        let records = self.records();
        let users: Vec<Text> = ids.iter().flat_map(|id| merge::users_of(&records, id)).collect();
        ids.extend(users);
        ids
    }

    /// Whoever is connected to an API, and whoever listens to it, may not do so any more, or listens to what it is now.
    fn renew(&self, id: &str) {
        self.renew_subscriptions(id);
        self.renew_listeners(id);
        self.hub.renew_guests(id, |identity| self.stays(id, identity));
    }

    /// The same of subscriptions to a GraphQL API only.
    pub(crate) fn renew_subscriptions(&self, id: &str) {
        self.hub.renew(id, || self.api(id), |api, identity| request::stay(self, api, identity));
    }

    /// A client is let in.
    ///
    /// # Errors
    /// What let it in was taken back since that was checked.
    pub(crate) fn welcome(
        &self,
        line: &Arc<Line>,
        id: &Text,
        identity: &Arc<Identity>,
    ) -> Result<(), Refusal> {
        // First this: whatever changes from now on ends it.
        self.hub.admit(line, id, identity.clone());
        let stays = self.stays(id, identity).unwrap_or_else(|| Err(Refusal::gone()));
        stays.map(drop)
    }

    /// Whether somebody who is connected to an API would be let in now. Nothing: there is no such API any more.
    fn stays(&self, id: &str, identity: &Identity) -> Option<Result<Identity, Refusal>> {
        match self.api(id) {
            Some(api) => Some(request::stay(self, &api, identity)),
            None => self.stays_at_events(id, identity),
        }
    }

    pub(crate) fn records(&self) -> RwLockReadGuard<'_, Records> {
        self.records.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The API, compiled; nothing if there is none.
    pub(crate) fn api(&self, id: &str) -> Option<Arc<Api>> {
        if let Some(api) = self.apis.read().unwrap_or_else(PoisonError::into_inner).get(id) {
            return Some(api.clone());
        }
        // The records stay as they are until the API is in its place: a change forgets it afterwards.
        let records = self.records();
        let merged = merge::of_merged(&records, id);
        let api = Api::compile(merged.as_ref().unwrap_or(&records), id, &self.settings.scope)?;
        let api = Arc::new(api);
        let mut apis = self.apis.write().unwrap_or_else(PoisonError::into_inner);
        Some(apis.entry(id.into()).or_insert(api).clone())
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("settings", &self.settings.scope).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AppSync {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppSync").field("settings", &self.shared.settings.scope).finish_non_exhaustive()
    }
}
