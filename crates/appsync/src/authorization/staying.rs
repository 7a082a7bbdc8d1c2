//! Who may stay: somebody who was let in once, by what the API is now.
//!
//! Connections and subscriptions outlive the moment in which somebody was let in. What let them in is kept with the
//! [`Identity`] (which key, which function, a token's claims), and judged again when the API changes; when it expires is
//! known. Nothing of this happens with a message. Never here: when it is asked, who is told.

use json::Value;

use super::{Checking, Identity, Mode, Provider, Refusal, api_key};

/// The identity as it would be let in now. A token's signature was checked, and is not here any more: its issuer, its
/// client and its times count.
///
/// # Errors
/// What let them in is gone.
pub(crate) fn stay(checking: &Checking<'_>, identity: &Identity) -> Result<Identity, Refusal> {
    if !checking.providers.has(identity.mode) {
        return Err(Refusal::because("the API has this mode no more"));
    }
    match identity.mode {
        Mode::ApiKey => api_key::check(checking, &identity.by),
        // Keys that sign are the server's settings, which stay as they are.
        Mode::Iam => Ok(identity.clone()),
        Mode::UserPools | Mode::Oidc => by_claims(checking, identity),
        Mode::Lambda => by_function(checking, identity),
    }
}

/// What somebody is told whose time is over.
pub(crate) fn expired(identity: &Identity) -> Refusal {
    match identity.mode {
        Mode::UserPools | Mode::Oidc => Refusal::expired(),
        Mode::ApiKey | Mode::Iam | Mode::Lambda => Refusal::because("the key has expired"),
    }
}

fn by_claims(checking: &Checking<'_>, identity: &Identity) -> Result<Identity, Refusal> {
    let claims = identity.context.get("claims").and_then(Value::as_object);
    let Some(claims) = claims else { return Err(Refusal::because("the token had no claims")) };
    let mut refusal = None;
    for provider in checking.providers.all.iter().filter(|provider| provider.mode() == identity.mode) {
        match provider.judge(checking, claims) {
            None => {}
            Some(Ok(judged)) => {
                return Ok(Identity {
                    is_allowed_by_default: judged.is_allowed_by_default,
                    expires_at: Some(judged.expires_at),
                    ..identity.clone()
                });
            }
            Some(Err(refused)) => drop(refusal.get_or_insert(refused)),
        }
    }
    Err(refusal.unwrap_or_else(|| Refusal::because("the API knows the issuer no more")))
}

fn by_function(checking: &Checking<'_>, identity: &Identity) -> Result<Identity, Refusal> {
    let is_it = |provider: &Provider| match provider {
        Provider::Function(function) => *function.arn() == identity.by,
        _ => false,
    };
    match checking.providers.all.iter().any(is_it) {
        true => Ok(identity.clone()),
        false => Err(Refusal::because("another function authorises now")),
    }
}
