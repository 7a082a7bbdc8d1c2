//! Calls of what is outside: functions that run here, and services that are called by HTTP.
//!
//! A connector gets a resource and arguments and answers with a result or with a failure in AWS's
//! words. Never here: executions, retries, history.

mod api_gateway;
mod base64;
mod clock;
mod connect;
mod connectors;
mod functions;
mod http_client;
mod http_task;
mod lambda;
mod metadata;
mod outbound;
mod plain_http;
mod settings;
mod trust;

pub use connectors::{Caller, Connectors};
pub use http_task::HttpTrace;
pub use outbound::{Allowed, OutboundPolicy, Surroundings};
pub use plain_http::{Header, ShownRequest, ShownResponse};
pub use settings::{FunctionSettings, Settings, check_endpoint};
