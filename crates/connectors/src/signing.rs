//! Signing a request to a service of AWS, as its model and the place where it goes ask for.
//!
//! Never here: where credentials come from, how a request is built or sent.

use asl::Failure;
use aws_models::{Authentication, Operation, Signature};
use sigv4::{Credentials, SigningKeys, UNSIGNED_PAYLOAD};

use crate::endpoints::Place;

/// A request that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'r> {
    /// `GET`, `POST`, …
    pub(crate) method: &'r str,
    /// As on the wire: percent-encoded, with what the endpoint puts before it.
    pub(crate) path: &'r str,
    /// As on the wire, without the question mark.
    pub(crate) query: &'r str,
    /// All that are to be signed, `host` among them. Leave out what a proxy may change.
    pub(crate) headers: &'r [(&'r str, &'r str)],
    /// What is sent.
    pub(crate) body: &'r [u8],
}

/// Whether requests of an operation are signed at all: a few take no credentials.
pub(crate) fn is_signed(operation: Operation<'_>) -> bool {
    operation.authentication() != Authentication::Nothing
}

/// Refuses a service whose requests cannot be signed here.
pub(crate) fn check(operation: Operation<'_>) -> Result<(), Failure> {
    let service = operation.service();
    let signature = match service.signature() {
        Signature::V4 | Signature::S3 => return Ok(()),
        Signature::V2 => "Signature Version 2",
        Signature::Bearer => "a bearer token",
    };
    Err(Failure::runtime(format!(
        "The service {} cannot be called: its requests carry {signature}, and only Signature Version 4 is supported.",
        service.name()
    )))
}

/// The headers that make a request a signed one; the caller adds them. `now` is in seconds since 1970.
pub(crate) fn sign(
    operation: Operation<'_>,
    place: &Place,
    parts: Parts<'_>,
    credentials: &Credentials,
    keys: &SigningKeys,
    now: u64,
) -> Vec<(&'static str, String)> {
    let is_body_left_out =
        operation.has_unsigned_payload() || operation.authentication() == Authentication::UnsignedBody;
    // Without TLS nothing else keeps a body whole, so it is signed then, as AWS's SDKs do.
    let payload_hash = match is_body_left_out && place.is_secure() {
        true => UNSIGNED_PAYLOAD.to_owned(),
        false => sigv4::payload_hash(parts.body),
    };
    let request = sigv4::Request {
        method: parts.method,
        path: parts.path,
        query: parts.query,
        headers: parts.headers,
        payload_hash: &payload_hash,
    };
    let target = sigv4::Target { region: &place.signing_region, service: &place.signing_name };
    sigv4::sign(&request, target, credentials, now, keys)
}
