//! Queues, topics, tables, rules and REST APIs follow the settings: made when they are new, changed when they differ.
//!
//! Everything is asked for as a client would, so that a service which is elsewhere by its endpoint is asked there. Nothing
//! is ever removed: data may be in it. Never here: reading settings.

mod make;

use std::collections::BTreeMap;

use aws_names::Scope;
use connectors::{CallTrouble, Caller, Connectors};
use json::Value;

use crate::printing;
use crate::settings::Loaded;
use make::Wish;

/// Keeps the resources of a project in step with its settings.
pub struct Keeper {
    connectors: Connectors,
    scope: Scope,
    /// Whether it says what it has made.
    is_quiet: bool,
    /// What was asked for last, and how that ended: nothing is asked for or told twice.
    seen: BTreeMap<String, (Vec<Wish>, Result<(), String>)>,
}

impl Keeper {
    /// Nothing seen yet.
    pub fn new(connectors: Connectors, scope: Scope) -> Keeper {
        Keeper { connectors, scope, is_quiet: false, seen: BTreeMap::new() }
    }

    /// One that says only what it could not make.
    pub fn quiet(self) -> Keeper {
        Keeper { is_quiet: true, ..self }
    }

    /// Makes what the settings want to be there. What cannot be made is told.
    pub async fn follow(&mut self, loaded: &Loaded) {
        for (what, wishes) in make::wishes(loaded, &self.scope) {
            let wishes = match wishes {
                Ok(wishes) => wishes,
                Err(problem) => {
                    self.tell(what, Vec::new(), Err(problem));
                    continue;
                }
            };
            if self.seen.get(&what).is_some_and(|(seen, outcome)| *seen == wishes && outcome.is_ok()) {
                continue;
            }
            let outcome = self.make(&wishes).await;
            self.tell(what, wishes, outcome);
        }
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

    /// One call, as anybody could make it.
    async fn call(&self, service: &str, operation: &str, input: &Value) -> Result<Value, CallTrouble> {
        let caller = Caller { region: self.scope.region.as_str().into(), ..Caller::default() };
        self.connectors.call_operation(service, operation, input, &caller, "").await
    }
}
