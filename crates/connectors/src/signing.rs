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
    let payload_hash = payload_hash(operation, parts.body, place.is_secure());
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

/// Without TLS nothing else keeps a body whole, so it is signed then in any case, as AWS's SDKs do.
fn payload_hash(operation: Operation<'_>, body: &[u8], is_secure: bool) -> String {
    let is_left_out =
        operation.has_unsigned_payload() || operation.authentication() == Authentication::UnsignedBody;
    if is_left_out && is_secure { UNSIGNED_PAYLOAD.to_owned() } else { sigv4::payload_hash(body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(service: &str, action: &str) -> Operation<'static> {
        aws_models::service(service).unwrap().operation(action).unwrap()
    }

    #[test]
    fn a_body_is_left_out_where_the_model_says_so_and_tls_keeps_it_whole() {
        let of_empty_body = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let left_out = operation("ebs", "putSnapshotBlock");
        assert_eq!(payload_hash(left_out, b"", true), UNSIGNED_PAYLOAD);
        assert_eq!(payload_hash(left_out, b"", false), of_empty_body);
        assert_eq!(payload_hash(operation("sqs", "sendMessage"), b"", true), of_empty_body);
    }

    #[test]
    fn some_operations_take_no_signature_and_some_signatures_are_unknown() {
        assert!(is_signed(operation("sts", "assumeRole")));
        assert!(!is_signed(operation("sts", "assumeRoleWithWebIdentity")));
        assert_eq!(check(operation("s3", "getObject")), Ok(()));
        for (service, action, told) in
            [("sdb", "select", "Signature Version 2"), ("codecatalyst", "listSpaces", "a bearer token")]
        {
            let failure = check(operation(service, action)).unwrap_err();
            assert_eq!(failure.name(), "States.Runtime");
            assert!(failure.cause.unwrap().contains(told), "{service}");
        }
    }
}
