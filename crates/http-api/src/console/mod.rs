//! The console: pages that a browser shows, and the `/v1` API that they ask beside AWS's. (docs/v1-api.md)
//!
//! | file | holds |
//! | --- | --- |
//! | `pages.rs` | the built files of `console/`, and the headers that fence them in |
//! | `door.rs` | what a browser may ask at all: no request of another site, no name that is not ours |
//! | `views.rs` | which questions there are, and who answers each |
//! | `events.rs`, `stream.rs` | what happens, as it happens |
//! | `executions.rs`, `machines.rs`, `activities.rs`, `waiting.rs`, `queue_messages.rs`, `about.rs` | lists, and this server |
//! | `evaluate/` | an expression over given data |
//! | `graphql.rs` | a request to a GraphQL API, with what its resolvers did |
//! | `services.rs` | what a Task can call |
//! | `query.rs` | the part of an address behind the question mark |
//!
//! Never here: changes; the console asks AWS's API for those.

mod about;
mod activities;
pub(crate) mod door;
pub(crate) mod evaluate;
mod events;
mod executions;
pub(crate) mod graphql;
mod machines;
pub(crate) mod pages;
mod query;
mod queue_messages;
mod services;
pub(crate) mod stream;
pub(crate) mod views;
mod waiting;

/// How the console is served.
#[derive(Clone, Debug)]
pub struct Console {
    /// Whether there is one.
    pub is_enabled: bool,
    /// Names by which browsers may reach this server, beside plain addresses and names without a point.
    pub hosts: Vec<String>,
    /// What the server was started with, for its page.
    pub settings: Vec<ShownSetting>,
}

/// One setting of the server, in words.
#[derive(Clone, Debug)]
pub struct ShownSetting {
    /// As the settings file has it: `server.port`.
    pub name: &'static str,
    /// What holds.
    pub value: String,
    /// Who says so: `flag or environment`, `stepwell.toml`, `default`.
    pub origin: &'static str,
}

impl Default for Console {
    /// There is one, at `localhost`.
    fn default() -> Console {
        Console { is_enabled: true, hosts: Vec::new(), settings: Vec::new() }
    }
}
