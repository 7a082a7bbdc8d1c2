//! Calls of what is outside: functions that run here, and services that are called by HTTP.
//!
//! A connector gets a resource and arguments and answers with a result or with a failure in AWS's
//! words. Never here: executions, retries, history.

mod access;
mod aws;
mod base64;
mod built_in;
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

pub use built_in::{Answering, BuiltIn, BuiltInAnswer, BuiltInCall};
pub use connectors::{Caller, Connectors};
pub use endpoints::check_service;
pub use environment::Environment;
pub use settings::{AwsSettings, FunctionSettings, Settings, check_endpoint};
pub use sigv4::Credentials;
