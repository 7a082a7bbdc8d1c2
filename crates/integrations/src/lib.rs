//! What a Task can call, and how: AWS's catalogue of integrations.
//!
//! A [`Resource`] is taken apart; the [`Integration`] behind it tells which parameters it takes, which
//! operation of which service it calls with what input, what becomes of the answer, what its errors are
//! called, and how a `.sync` task's job is watched and stopped. Never here: a network, a clock, waiting,
//! executions. Whoever calls is in the crate `connectors`.

mod action;
mod catalogue;
mod failure;
mod in_s3;
mod integration;
mod job;
pub mod kubernetes;
pub mod resource;
mod sdk;
mod services;
mod status;
mod template;

pub use catalogue::{Offer, actions_of, actions_with, optimised, sdk_services};
pub use failure::ServiceFailure;
pub use in_s3::{InS3, S3Uri};
pub use integration::{Around, Call, Integration, could_not_start};
pub use job::{Job, JobState};
pub use resource::{Pattern, Resource};
pub use template::{Computed, Mistake, Template};
