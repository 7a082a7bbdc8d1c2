//! What happens to a request to a REST API: pure functions, in the order in which `front` calls them.
//!
//! A request is matched ([`Deployed::find`]), authorised, counted, validated and mapped ([`Course::prepare`]); what the
//! integration answers is mapped back ([`Course::finish`]). Each may end in a [`Refusal`], which becomes a gateway
//! response. Never here: waiting, clocks, caches.

mod answer;
mod authorize;
mod binary;
mod context;
mod course;
mod deployed;
mod gateway_response;
mod log;
pub(crate) mod mapping;
mod policy;
mod prepare;
mod proxy;
mod route;
mod service_call;
pub(crate) mod target;
mod template;

pub(crate) use answer::Outcome;
pub(crate) use authorize::{Decision, IdentityKey, read_decision};
pub(crate) use context::{Facts, civil, log_time};
pub(crate) use course::Course;
pub(crate) use deployed::{Authorization, Deployed, Method};
pub(crate) use gateway_response::Refusal;
pub(crate) use log::Log;
pub(crate) use policy::{allowed as evaluate_policy, check as check_policy};
pub(crate) use prepare::{Prepared, with_path};
pub(crate) use proxy::{body as event_body, lists as event_lists, or_null, time_text};
pub(crate) use route::Routes;
pub(crate) use service_call::with_java_dates;

#[cfg(test)]
mod tests;
