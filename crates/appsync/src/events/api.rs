//! An event API as requests need it: its records, compiled once.
//!
//! A record that cannot be compiled does not take the API with it: what needs it says so. Never here: requests.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use appsync_js::Code;
use json::{Text, Value};
use services::records::Records;
use services::{Members, Moment};

use super::refusal::Refusal;
use crate::appsync::Shared;
use crate::authorization::{self, Checking, Credentials, Identity, Providers};
use crate::record;
use crate::sources::{DataSource, SyncConfig};

/// An API of the Events API.
pub(super) struct EventApi {
    /// `apiId`
    pub id: Text,
    /// Whom connections are for. (`connectionAuthModes`)
    pub connecting: Providers,
    /// Who may publish where the namespace says nothing of it, or where there is none.
    pub publishing: Providers,
    /// The same of those who subscribe.
    pub subscribing: Providers,
    /// Its channel namespaces by their names.
    pub namespaces: BTreeMap<Text, Namespace>,
    /// Whether handlers' logs are written. (`logConfig`)
    pub is_logged: bool,
    keys: BTreeMap<Text, Value>,
}

/// A channel namespace.
pub(super) struct Namespace {
    /// Who may publish.
    pub publishing: Providers,
    /// Who may subscribe.
    pub subscribing: Providers,
    /// `codeHandlers`; `Err`: what is wrong with it.
    pub code: Option<Result<Code, String>>,
    /// What happens to what is published.
    pub on_publish: Behaviour,
    /// What happens when somebody subscribes.
    pub on_subscribe: Behaviour,
}

/// What a handler is. (`handlerConfigs`)
#[derive(Default)]
pub(super) struct Behaviour {
    /// The function is asked without code. (`DIRECT`)
    pub is_direct: bool,
    /// Nobody waits for the function. (`invokeType` `EVENT`)
    pub is_event: bool,
    /// Whom it asks, if anybody; `Err`: what is missing.
    pub source: Option<Result<DataSource, String>>,
    /// Of the data source: event APIs detect no conflicts.
    pub sync: SyncConfig,
}

impl Shared {
    /// The event API, compiled; nothing if there is none.
    pub(super) fn event_api(&self, id: &str) -> Option<Arc<EventApi>> {
        let apis = &self.events.apis;
        if let Some(api) = apis.read().unwrap_or_else(PoisonError::into_inner).get(id) {
            return Some(api.clone());
        }
        // The records stay as they are until the API is in its place: a change forgets it afterwards.
        let records = self.records();
        let api = Arc::new(EventApi::compile(&records, id)?);
        let mut apis = apis.write().unwrap_or_else(PoisonError::into_inner);
        Some(apis.entry(id.into()).or_insert(api).clone())
    }

    /// Finds out who asks, by one of these modes.
    pub(super) async fn identify(
        &self,
        api: &EventApi,
        providers: &Providers,
        credentials: &Credentials<'_>,
    ) -> Result<Identity, Refusal> {
        Ok(authorization::identify(&self.checking_events(api, providers), credentials).await?)
    }

    /// Whether somebody who is connected would be let in now. Nothing: there is no such API any more.
    pub(crate) fn stays_at_events(
        &self,
        id: &str,
        identity: &Identity,
    ) -> Option<Result<Identity, authorization::Refusal>> {
        let api = self.event_api(id)?;
        Some(authorization::stay(&self.checking_events(&api, &api.connecting), identity))
    }

    /// Whoever listens to an API that may have changed does so by what it is now. Connections are looked after elsewhere.
    pub(crate) fn renew_listeners(&self, id: &str) {
        let current = || self.event_api(id);
        self.events.listeners.renew(id, current, |api, namespace, identity| {
            let namespace = api.namespace(namespace)?;
            Ok(authorization::stay(&self.checking_events(api, &namespace.subscribing), identity)?)
        });
    }

    fn checking_events<'c>(&'c self, api: &'c EventApi, providers: &'c Providers) -> Checking<'c> {
        Checking {
            api_id: &api.id,
            scope: &self.settings.scope,
            providers,
            api_keys: &api.keys,
            keys: &self.keys,
            outside: &self.outside,
            now: Moment::drawn().now,
        }
    }
}

impl EventApi {
    /// Of what is kept; nothing if there is no such API.
    fn compile(records: &Records, id: &str) -> Option<EventApi> {
        let config = records.get(&record::event_api(id))?.member("eventConfig").unwrap_or(&Value::Null);
        let (namespaces, keys) = (record::namespace(id, ""), record::key(id, ""));
        let namespace = |(_, namespace): (&str, &Value)| {
            (namespace.text_or_empty("name").into(), Namespace::of(namespace, config, records, id))
        };
        let key = |(_, key): (&str, &Value)| (key.text_or_empty("id").into(), key.clone());
        Some(EventApi {
            id: id.into(),
            connecting: providers(config, config.get("connectionAuthModes")),
            publishing: providers(config, config.get("defaultPublishAuthModes")),
            subscribing: providers(config, config.get("defaultSubscribeAuthModes")),
            namespaces: records.of(&namespaces).map(namespace).collect(),
            is_logged: !matches!(config.part("logConfig").text_or_empty("logLevel"), "" | "NONE" | "ERROR"),
            keys: records.of(&keys).map(key).collect(),
        })
    }

    /// A namespace.
    pub fn namespace(&self, name: &str) -> Result<&Namespace, Refusal> {
        self.namespaces.get(name).ok_or_else(|| Refusal::no_namespace(name))
    }
}

impl Namespace {
    fn of(record: &Value, config: &Value, records: &Records, api_id: &str) -> Namespace {
        let modes = |own: &str, default: &str| {
            let own = record.get(own).filter(|modes| modes.as_array().is_some_and(|modes| !modes.is_empty()));
            providers(config, own.or(config.get(default)))
        };
        let code = record.text("codeHandlers").map(|text| {
            Code::compile(text)
                .map_err(|errors| errors.0.first().map(|error| error.value.to_string()).unwrap_or_default())
        });
        let configs = record.part("handlerConfigs");
        Namespace {
            publishing: modes("publishAuthModes", "defaultPublishAuthModes"),
            subscribing: modes("subscribeAuthModes", "defaultSubscribeAuthModes"),
            code,
            on_publish: Behaviour::of(configs.get("onPublish"), records, api_id),
            on_subscribe: Behaviour::of(configs.get("onSubscribe"), records, api_id),
        }
    }
}

impl Behaviour {
    fn of(config: Option<&Value>, records: &Records, api_id: &str) -> Behaviour {
        let Some(config) = config else { return Behaviour::default() };
        let integration = config.part("integration");
        let source = integration.text("dataSourceName").map(|name| {
            let record = records.get(&record::source(api_id, name));
            record.map(DataSource::of).ok_or_else(|| format!("The data source {name} does not exist"))
        });
        Behaviour {
            is_direct: config.text("behavior") == Some("DIRECT"),
            is_event: integration.part("lambdaConfig").text("invokeType") == Some("EVENT"),
            source,
            sync: SyncConfig::default(),
        }
    }
}

/// Those of an API's providers whose modes are listed.
fn providers(config: &Value, modes: Option<&Value>) -> Providers {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let modes = list(modes);
    let is_listed = |provider: &&Value| {
        let mode = provider.text_or_empty("authType");
        modes.iter().any(|listed| listed.text_or_empty("authType") == mode)
    };
    let all = list(config.get("authProviders"));
    let listed: Value = all.iter().filter(is_listed).cloned().collect();
    Providers::of_events(&json::value!({"authProviders": listed}))
}
