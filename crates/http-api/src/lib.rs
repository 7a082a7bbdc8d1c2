//! The front: AWS's wire protocol, from HTTP bytes to the engine and back.
//!
//! [`serve`] owns the listener, the connections and their limits; each API action is one file in
//! `actions/`, those of EventBridge's connections in `connections/`, the console and what it asks beside them in `console/`. Changes go to the [`Engine`](engine::Engine), reads to its store. Never here: what a
//! definition means, what an execution does next, what is on disk.

mod actions;
mod answer;
mod appsync;
mod authentication;
mod batch;
mod body;
mod built_in;
mod children;
mod configuration;
mod connections;
mod console;
mod constraint;
mod distributed;
mod error;
mod execution_log;
mod front;
mod gateway;
mod history;
mod layout;
mod members;
mod metrics;
mod page;
mod patience;
mod realtime;
mod redrive;
mod request_id;
mod resource;
mod routing;
mod server;
mod services;
mod status_changes;
mod stopping;
mod test_state;
mod tls;
mod websocket;

pub use authentication::Authentication;
pub use built_in::StepFunctions;
pub use console::{Console, ShownSetting};
pub use execution_log::write_log_lines;
pub use patience::Patience;
pub use server::{Settings, serve};
pub use status_changes::report_status_changes;
pub use tls::Tls;
