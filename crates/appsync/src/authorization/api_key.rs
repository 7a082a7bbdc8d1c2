//! `API_KEY`: a key that the API has and that has not expired.

use services::Members;

use super::{Checking, Identity, Refusal};

/// Lets in who has a key.
pub(super) fn check(checking: &Checking<'_>, sent: &str) -> Result<Identity, Refusal> {
    let sent = once(sent);
    let Some(key) = checking.api_keys.get(sent) else {
        return Err(Refusal::because("the API has no such key"));
    };
    // A key without an end is none that CreateApiKey made.
    let expires_at = key.whole("expires").unwrap_or(0).saturating_mul(1000);
    if expires_at <= checking.now {
        return Err(Refusal::because("the key has expired"));
    }
    Ok(Identity::of_key(sent, expires_at))
}

/// Amplify's header objects have the key twice, in different case. Joined as headers are, it is `KEY, KEY`.
fn once(sent: &str) -> &str {
    match sent.split_once(", ") {
        Some((one, other)) if one == other => one,
        _ => sent,
    }
}
