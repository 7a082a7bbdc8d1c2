//! A real server on a free port, spoken to over TCP, byte by byte.

mod activities;
mod authentication;
mod connections;
mod console;
mod definitions;
mod diagnostics;
mod event_apis;
mod executions;
mod express;
mod front;
mod layout;
mod map_runs;
mod nested;
mod realtime;
mod requests;
mod robustness;
mod services;
mod test_state;
mod tls;
mod versions;
mod world;
