//! AppSync: GraphQL APIs and event APIs, with their resolvers, data sources and subscriptions.
//!
//! What an API is made of are records (`record`), which the operations of its API move (`control`; of several APIs one:
//! `merge`). They are compiled once (`api`); a request is a plan and an execution that asks (`request`), a resolver is
//! handlers around a data source (`resolve`, `sources`). Only [`AppSync`] keeps anything, and the outside is behind one
//! port (`outside`). Never here: sockets, where a service is to be found.

mod api;
mod appsync;
mod authorization;
mod cache;
mod control;
mod events;
mod exchange;
mod merge;
mod outside;
mod place;
mod realtime;
mod record;
mod request;
mod resolve;
mod socket;
mod sources;
#[cfg(test)]
mod testing;
mod wiring;

pub use appsync::{AppSync, Settings};
pub use exchange::{Request, Response};
pub use place::Place;
pub use realtime::{Counts, Out};
pub use socket::{Followed, Outgoing, Socket};
