//! What of a request is signed.

use sha2::{Digest, Sha256};

use crate::encoding::hex;

/// Stands for the hash of a payload that is not signed.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// A borrowed view of an HTTP request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// The path as on the wire, percent-encoded, without the query.
    pub path: &'a str,
    /// The query as on the wire, without the question mark; empty if there is none.
    pub query: &'a str,
    /// Name and value of every header, `Host` among them, in any case and order.
    pub headers: &'a [(&'a str, &'a str)],
    /// [`payload_hash`] of the body, or [`UNSIGNED_PAYLOAD`].
    pub payload_hash: &'a str,
}

impl<'a> Request<'a> {
    /// The value of the first header of this name; the name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// SHA-256 of a body, in lower-case hexadecimal.
pub fn payload_hash(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// Whether a service, by its name in signatures, signs as S3 does: the path as it is, and the body's hash in
/// a header.
pub(crate) fn is_s3(service: &str) -> bool {
    matches!(service, "s3" | "s3express" | "s3-object-lambda")
}
