//! Calls of what is outside: functions that run here, and services that are called by HTTP.
//!
//! A connector gets a resource and arguments and answers with a result or with a failure in AWS's
//! words. Never here: executions, retries, history.

mod access;
mod base64;
mod clock;
mod connectors;
mod credentials;
mod endpoints;
mod environment;
mod functions;
mod http_client;
mod lambda;
mod metadata;
mod settings;
mod shared_config;
mod signing;

pub use connectors::{Caller, Connectors};
pub use endpoints::check_service;
pub use environment::Environment;
pub use settings::{AwsSettings, FunctionSettings, Settings, check_endpoint};
pub use sigv4::Credentials;

/// What the models of AWS's services were made from, and the day of its release: `botocore 1.43.11`, `2026-05-19`.
pub fn models() -> (&'static str, &'static str) {
    (aws_models::source(), aws_models::source_day())
}
