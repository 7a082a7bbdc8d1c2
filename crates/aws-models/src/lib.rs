//! What AWS's services offer: their operations, and the shapes of what goes in and comes out.
//!
//! [`service`] and [`sdk_service`] find a service in the table that is built into the program; a model is read
//! when it is first asked for. [`Operation::host`] says where it is in a region, [`check`] whether a JSON value
//! could be what an operation answers.
//! Never here: how a request is written or signed, documentation texts.

mod check;
mod decode;
mod hosts;
mod naming;
mod reader;
mod service;
mod shape;
mod table;

pub use check::{FieldValidationMode, Violation, check};
pub use hosts::{Host, Partition, is_host_of_aws, is_region, partition};
pub use service::{Authentication, Operation, Protocol, Service, Signature};
pub use shape::{Bound, Kind, Location, Member, Shape, TimestampFormat};

/// The service that botocore and the AWS CLI call so: `stepfunctions`, `dynamodb`, `logs`, `events`.
pub fn service(name: &str) -> Option<&'static Service> {
    table::TABLE.by_name(name)
}

/// The service that the SDK for Java and a Resource `arn:aws:states:::aws-sdk:NAME:…` call so: `sfn`,
/// `dynamodb`, `cloudwatchlogs`, `eventbridge`.
pub fn sdk_service(sdk_name: &str) -> Option<&'static Service> {
    table::TABLE.by_sdk_name(sdk_name)
}

/// The names of all services, as [`service`] takes them, in order.
pub fn service_names() -> impl ExactSizeIterator<Item = &'static str> {
    table::TABLE.names()
}

/// The names of all services, as [`sdk_service`] takes them, in order.
pub fn sdk_service_names() -> impl ExactSizeIterator<Item = &'static str> {
    table::TABLE.sdk_names()
}

/// Shows all of them in that order. Models that nobody has asked for are read for this and not kept: all together
/// they are large.
pub fn visit_sdk_services(visit: impl FnMut(&Service)) {
    table::TABLE.visit(visit);
}

/// What the table was made from, with its version: `botocore 1.43.11`.
pub fn source() -> &'static str {
    table::TABLE.source().0
}

/// The day on which that was released: `2026-05-19`.
pub fn source_day() -> &'static str {
    table::TABLE.source().1
}

#[cfg(test)]
mod tests;
