//! How AWS's services are called: an operation of a model and JSON as a state machine spells it become a
//! request ([`request`]), and what the service answers becomes such JSON again, or an error by name
//! ([`response`]). The other side, for services that are offered, is in [`serve`].
//!
//! All protocols are here: JSON 1.0 and 1.1, REST with JSON, REST with XML, query, and EC2's query. State
//! machines name members with an upper-case first letter whatever the model does; blobs and streams are
//! texts there. Never here: a network, a clock, randomness, signatures, hosts. A token for idempotency comes
//! in as an argument.

mod argument;
pub mod base64;
mod checksum;
mod form;
mod json_body;
mod json_result;
mod milliseconds;
mod request;
mod response;
mod rest;
mod sdk_names;
pub mod serve;
mod service_error;
mod special;
mod timestamp;
mod xml;
mod xml_body;
mod xml_result;

pub use argument::Problem;
pub use milliseconds::with_milliseconds;
pub use request::{Refusal, Request, request, request_with_base64, request_with_body};
pub use response::{Response, ResponseError, response, response_with_base64};
pub use sdk_names::with_sdk_names;
pub use service_error::ServiceError;

#[cfg(test)]
mod tests;
