//! Signing a request that is about to be sent.

use hmac::Mac;

use crate::canonical::{canonical_request, string_to_sign};
use crate::encoding::hex;
use crate::key::{SigningKeys, Target};
use crate::request::{Request, UNSIGNED_PAYLOAD, is_s3};
use crate::time;

/// Who signs.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `AKIA…`
    pub access_key_id: String,
    /// The secret that belongs to it.
    pub secret_access_key: String,
    /// The token of temporary credentials.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for Credentials {
    /// Without the secret, which belongs in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// The headers that make a request a signed one, `Authorization` last; the caller adds them.
///
/// All headers of `request` are signed, so leave out those that a proxy may change; `Host` must be
/// among them. `now` is in seconds since 1970.
pub fn sign(
    request: &Request<'_>,
    target: Target<'_>,
    credentials: &Credentials,
    now: u64,
    keys: &SigningKeys,
) -> Vec<(&'static str, String)> {
    let time = time::format(now);
    let mut added = vec![("x-amz-date", time.clone())];
    if let Some(token) = &credentials.session_token {
        added.push(("x-amz-security-token", token.clone()));
    }
    if is_s3(target.service) || request.payload_hash == UNSIGNED_PAYLOAD {
        added.push(("x-amz-content-sha256", request.payload_hash.to_owned()));
    }

    let mut headers = request.headers.to_vec();
    headers.extend(added.iter().map(|(name, value)| (*name, value.as_str())));
    let mut signed_headers: Vec<String> = headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    signed_headers.sort();
    signed_headers.dedup();

    let request = Request { headers: &headers, ..*request };
    let canonical = canonical_request(&request, target.service, &signed_headers, None);
    let text = string_to_sign(&time, target, &canonical);
    let date = &time[..8];
    let code = keys.authenticate(&credentials.secret_access_key, date, target, &text);
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{date}/{}/{}/aws4_request, SignedHeaders={}, Signature={}",
        credentials.access_key_id,
        target.region,
        target.service,
        signed_headers.join(";"),
        hex(&code.finalize().into_bytes())
    );
    added.push(("authorization", authorization));
    added
}
