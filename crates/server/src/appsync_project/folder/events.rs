//! An API of the Events API: modes, data sources, channel namespaces and their code.

use std::collections::BTreeMap;

use json::{Array, Object, value};

use super::super::file::{File, Handler, Mode, Namespace};
use super::super::shared::{self, insert_some, modes};
use super::super::wanted::{Events, Item};
use super::handlers::Found;
use super::{FILE_NAME, Reading};

const NAMESPACES: &str = "namespaces";

impl Reading<'_> {
    pub(super) fn events(&mut self, name: &str, file: &File) -> Events {
        let is_of_graphql = !file.resolvers.is_empty()
            || !file.functions.is_empty()
            || !file.environment.is_empty()
            || file.schema.is_some()
            || file.cache.is_some();
        if is_of_graphql {
            self.wrong(
                "schema, environment, cache, functions and resolvers are for an API of kind = \"graphql\"",
            );
        }
        Events {
            name: name.to_owned(),
            settings: self.event_settings(name, file),
            keys: file.api_keys.clone(),
            any_key: false,
            sources: self.sources(file),
            namespaces: self.namespaces(file),
        }
    }

    fn event_settings(&mut self, name: &str, file: &File) -> Object {
        let auth = shared::auth(file);
        let mut providers = Array::new();
        for auth in &auth {
            match shared::provider(auth, ("AuthType", "CognitoConfig"), self.scope) {
                Ok(provider) => providers.push(provider),
                Err(problem) => self.wrong(&problem),
            }
        }
        let known: Vec<Mode> = auth.iter().map(|auth| auth.mode).collect();
        let mut chosen = |given: &Option<Vec<Mode>>, what: &str| {
            let given = given.clone().unwrap_or_else(|| known.clone());
            for mode in given.iter().filter(|mode| !known.contains(mode)) {
                self.wrong(&format!("{what}: {} is not in auth", mode.name()));
            }
            modes(given)
        };
        let config = value!({
            "AuthProviders": (providers),
            "ConnectionAuthModes": (chosen(&file.connect, "connect")),
            "DefaultPublishAuthModes": (chosen(&file.publish, "publish")),
            "DefaultSubscribeAuthModes": (chosen(&file.subscribe, "subscribe")),
        });
        let mut settings = Object::new();
        settings.insert("Name", name);
        settings.insert("EventConfig", config);
        settings
    }

    fn namespaces(&mut self, file: &File) -> BTreeMap<String, Item<Object>> {
        let mut found = self.handlers(NAMESPACES);
        let mut namespaces = BTreeMap::new();
        for (name, namespace) in &file.namespaces {
            let handlers = found.take(name);
            let origin =
                handlers.origin.clone().unwrap_or_else(|| self.in_file(&format!("[namespaces] {name}")));
            let mut input = Object::new();
            input.insert("Name", name.as_str());
            insert_some(&mut input, "PublishAuthModes", namespace.publish.clone().map(modes));
            insert_some(&mut input, "SubscribeAuthModes", namespace.subscribe.clone().map(modes));
            match &handlers.found {
                Found::Code(text) => drop(input.insert("CodeHandlers", text.as_str())),
                Found::None => {}
                Found::Templates { .. } => {
                    self.problems.push(format!("{origin}: the handlers of a namespace are code, {name}.js"));
                }
            }
            insert_some(&mut input, "HandlerConfigs", self.handler_configs(namespace, file, &origin));
            namespaces.insert(name.clone(), Item { input, origin });
        }
        self.problems.extend(found.unused("namespaces", FILE_NAME));
        namespaces
    }

    fn handler_configs(&mut self, namespace: &Namespace, file: &File, origin: &str) -> Option<Object> {
        let mut configs = Object::new();
        for (name, handler) in
            [("OnPublish", &namespace.on_publish), ("OnSubscribe", &namespace.on_subscribe)]
        {
            let Some(handler) = handler else { continue };
            if !file.sources.contains_key(&handler.source) {
                self.problems.push(format!("{origin}: [sources] has no \"{}\"", handler.source));
            }
            configs.insert(name, handler_config(handler));
        }
        (!configs.is_empty()).then_some(configs)
    }
}

fn handler_config(handler: &Handler) -> json::Value {
    let mut integration = Object::new();
    integration.insert("DataSourceName", handler.source.as_str());
    if handler.direct {
        let kind = if handler.asynchronous { "EVENT" } else { "REQUEST_RESPONSE" };
        integration.insert("LambdaConfig", value!({ "InvokeType": (kind) }));
    }
    let behavior = if handler.direct { "DIRECT" } else { "CODE" };
    value!({ "Behavior": (behavior), "Integration": (integration) })
}
