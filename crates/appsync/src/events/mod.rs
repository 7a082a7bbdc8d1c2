//! The Events API: channels that some publish to and others listen to, with handlers in between.
//! (spec/appsync-realtime.md §2)
//!
//! An API is compiled once (`api`); what is published comes by HTTP (`answer`) or over a connection (`connection`), meets its
//! namespace's handler (`handlers`) and goes to whoever listens to its channel (`listeners`). Never here: sockets.

mod answer;
mod api;
mod caller;
mod channel;
mod connection;
mod handlers;
mod listeners;
mod message;
mod publication;
mod publish;
mod refusal;
mod subscribe;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use json::Text;

use api::EventApi;
use listeners::Listeners;

pub(crate) use answer::answer;
pub(crate) use connection::Connection;

/// What is compiled of event APIs, and who listens to them.
#[derive(Default)]
pub(crate) struct Events {
    /// Compiled when they are first asked for, and again after a change.
    apis: RwLock<BTreeMap<Text, Arc<EventApi>>>,
    /// Who listens to what.
    pub(crate) listeners: Arc<Listeners>,
}

impl Events {
    /// These are to be compiled anew.
    pub fn forget<'i>(&self, ids: impl Iterator<Item = &'i str>) {
        let mut apis = self.apis.write().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            apis.remove(id);
        }
    }
}

#[cfg(test)]
mod tests;
