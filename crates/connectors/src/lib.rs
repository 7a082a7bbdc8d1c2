//! Calls of what is outside: functions that run here, and services that are called by HTTP.
//!
//! A connector gets a resource and arguments and answers with a result or with a failure in AWS's
//! words. Never here: executions, retries, history.

mod access;
mod api_call;
mod api_gateway;
mod aws;
mod base64;
mod built_in;
mod clock;
mod connect;
mod connectors;
mod credentials;
mod eks;
mod endpoints;
mod environment;
mod exchange;
mod functions;
mod http_client;
mod http_task;
mod item_source;
mod lambda;
mod line;
mod metadata;
mod objects;
mod outbound;
mod own_host;
mod plain_http;
mod relay;
mod result_files;
mod settings;
mod shared_config;
mod signing;
mod trust;
mod webhook;

pub use api_call::ApiTrouble;
pub use aws::CallTrouble;
pub use aws_protocols::ServiceError;
pub use built_in::{Answering, BuiltIn, BuiltInAnswer, BuiltInCall};
pub use connectors::{Caller, Connectors, connection_lost, may_be_repeated};
pub use endpoints::{WITHIN, check_service};
pub use environment::Environment;
pub use http_task::HttpTrace;
pub use item_source::{ItemSource, SourcePlan};
pub use line::{InLine, Place};
pub use objects::{Listed, ListedObject, NewObject, ObjectAt, ObjectTrouble, Objects, Part};
pub use outbound::{Allowed, OutboundPolicy, Surroundings};
pub use plain_http::{Header, ShownRequest, ShownResponse};
pub use relay::{Relayed, RelayedAnswer};
pub use result_files::ResultFiles;
pub use settings::{AwsSettings, FunctionSettings, Settings, check_endpoint};
pub use sigv4::Credentials;
pub use webhook::{WebPost, check_url};

/// What the models of AWS's services were made from, and the day of its release: `botocore 1.43.11`, `2026-05-19`.
pub fn models() -> (&'static str, &'static str) {
    (aws_models::source(), aws_models::source_day())
}
