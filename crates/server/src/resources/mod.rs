//! Queues, topics, tables, rules, REST APIs and AppSync's APIs follow the settings: made when they are new, changed when they differ.
//!
//! Everything is asked for as a client would, so that a service which is elsewhere by its endpoint is asked there. Nothing
//! is ever removed: data may be in it. Never here: reading settings.

mod make;

use std::collections::BTreeMap;

use appsync::AppSync;
use aws_names::Scope;
use connectors::{CallTrouble, Caller, Connectors};
use json::Value;

use crate::printing;
use crate::settings::Loaded;
use make::Wish;
pub use make::said;

/// Keeps the resources of a project in step with its settings.
pub struct Keeper {
    connectors: Connectors,
    scope: Scope,
    /// That of this process: it lets keys in that a project names.
    appsync: Option<AppSync>,
    /// Whether it says what it has made.
    is_quiet: bool,
    /// What was asked for last, and how that ended: nothing is asked for or told twice.
    seen: BTreeMap<String, (Vec<Wish>, Result<(), String>)>,
}

impl Keeper {
    /// Nothing seen yet.
    pub fn new(connectors: Connectors, scope: Scope, appsync: Option<AppSync>) -> Keeper {
        Keeper { connectors, scope, appsync, is_quiet: false, seen: BTreeMap::new() }
    }

    /// One that says only what it could not make.
    pub fn quiet(self) -> Keeper {
        Keeper { is_quiet: true, ..self }
    }

    /// Makes what the settings want to be there. What cannot be made is told.
    pub async fn follow(&mut self, loaded: &Loaded) {
        for (what, wishes) in make::wishes(loaded, &self.scope) {
            self.follow_one(what, wishes).await;
        }
    }

    async fn follow_one(&mut self, what: String, wishes: Result<Vec<Wish>, String>) {
        let wishes = match wishes {
            Ok(wishes) => wishes,
            Err(problem) => return self.tell(what, Vec::new(), Err(problem)),
        };
        if self.seen.get(&what).is_some_and(|(seen, outcome)| *seen == wishes && outcome.is_ok()) {
            return;
        }
        let outcome = self.make(&wishes).await;
        self.tell(what, wishes, outcome);
    }

    fn tell(&mut self, what: String, wishes: Vec<Wish>, outcome: Result<(), String>) {
        let is_news = self.seen.get(&what).is_none_or(|(_, seen)| *seen != outcome);
        match &outcome {
            Err(problem) if is_news => printing::err(format_args!("{what}: {problem}")),
            Ok(()) if is_news && !self.is_quiet => printing::out(format_args!("ready: {what}")),
            _ => {}
        }
        self.seen.insert(what, (wishes, outcome));
    }

    async fn make(&self, wishes: &[Wish]) -> Result<(), String> {
        for wish in wishes {
            wish.carry_out(self).await?;
        }
        Ok(())
    }

    /// Makes only what the settings want of AppSync, as a server in production does: the rest is made by whoever runs it.
    pub async fn follow_apis(&mut self, loaded: &Loaded) {
        for (what, wishes) in make::apis(loaded, &self.scope) {
            self.follow_one(what, wishes).await;
        }
    }

    /// One call, as anybody could make it.
    async fn call(&self, service: &str, operation: &str, input: &Value) -> Result<Value, CallTrouble> {
        let caller = Caller { region: self.scope.region.as_str().into(), ..Caller::default() };
        self.connectors.call_operation(service, operation, input, &caller, "").await
    }
}
