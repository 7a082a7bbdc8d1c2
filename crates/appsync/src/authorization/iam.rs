//! `AWS_IAM`: requests that are signed with Signature Version 4.
//!
//! Who has one of the server's keys may do everything; policies are not evaluated.

use services::Members;
use sigv4::{Request, Verified};

use super::{Checking, Credentials, Identity, Refusal};

/// The service in the scope of signatures, for GraphQL and events alike.
const SERVICE: &str = "appsync";

/// The one header of AWS's that need not be signed.
const USER_AGENT: &str = "x-amz-user-agent";

/// Whether an `Authorization` header is a signature, right or wrong.
pub(super) fn is_signature(authorization: &str) -> bool {
    authorization.starts_with("AWS4-HMAC-SHA256")
}

/// Lets in who signed.
pub(super) fn check(checking: &Checking<'_>, credentials: &Credentials<'_>) -> Result<Identity, Refusal> {
    let signed = verified(checking, credentials)?;
    Ok(Identity::of_signature(checking.scope, &signed.access_key_id, credentials.source_ip))
}

fn verified(checking: &Checking<'_>, credentials: &Credentials<'_>) -> Result<Verified, Refusal> {
    let headers = credentials.headers.iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    // Amplify adds its name to header objects that are signed already. It opens nothing.
    let is_named = |name: &str| credentials.headers.text_or_empty("authorization").contains(name);
    let headers: Vec<(&str, &str)> =
        headers.filter(|(name, _)| *name != USER_AGENT || is_named(USER_AGENT)).collect();
    let payload_hash = sigv4::payload_hash(credentials.body);
    let request = Request {
        method: credentials.method,
        path: credentials.path,
        query: credentials.query,
        headers: &headers,
        payload_hash: &payload_hash,
    };
    let Some(secrets) = &checking.keys.secrets else {
        return sigv4::claimed(&request).map_err(refused);
    };
    let secret_of = |key: &str| secrets.get(key).map(String::as_str);
    let now = u64::try_from(checking.now / 1000).unwrap_or(0);
    let signed = sigv4::verify(&request, secret_of, now, &checking.keys.derived).map_err(refused)?;
    check_scope("correct service", SERVICE, &signed.service)?;
    check_scope("a valid region", &checking.scope.region, &signed.region)?;
    Ok(signed)
}

/// A signature that is right, but was made for somebody else.
fn check_scope(what: &str, wanted: &str, got: &str) -> Result<(), Refusal> {
    if wanted == got {
        return Ok(());
    }
    let message = format!("Credential should be scoped to {what}: '{wanted}', not '{got}'.");
    Err(Refusal { status: 403, error_type: "InvalidSignatureException", message })
}

/// In the words of AWS's front, as for every other service.
fn refused(refusal: sigv4::Refusal) -> Refusal {
    let status = if matches!(refusal, sigv4::Refusal::Incomplete(_)) { 400 } else { 403 };
    Refusal { status, error_type: refusal.code(), message: refusal.to_string() }
}
