//! What a token claims of its own time and of whom it is for. Whoever asks here has checked its signature.

use json::{Object, Value};
use regex::Regex;

use crate::Wrong;

/// How long tokens are good for, beside what they say themselves. (`iatTTL`, `authTTL`) Milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetimes {
    /// After it was issued.
    pub issued: Option<i64>,
    /// After its user was authenticated.
    pub authenticated: Option<i64>,
}

/// Checks a token's times, and tells when it ends, in milliseconds since 1970. Clocks are taken to agree.
pub fn check_times(claims: &Object, lifetimes: Lifetimes, now: i64) -> Result<i64, Wrong> {
    let Some(mut expires_at) = time(claims, "exp") else {
        return Err(Wrong::Because("the token has no exp"));
    };
    for (name, lifetime) in [("iat", lifetimes.issued), ("auth_time", lifetimes.authenticated)] {
        let Some(lifetime) = lifetime else { continue };
        let Some(begun) = time(claims, name) else {
            return Err(Wrong::Because("the token does not tell the time that its lifetime is counted from"));
        };
        expires_at = expires_at.min(begun.saturating_add(lifetime));
    }
    if expires_at <= now {
        return Err(Wrong::Expired);
    }
    // One that cannot be read is no reason to ignore it.
    if claims.get("nbf").is_some_and(|begins| !begins.is_null())
        && time(claims, "nbf").is_none_or(|begins| begins > now)
    {
        return Err(Wrong::Because("the token is not valid yet"));
    }
    Ok(expires_at)
}

/// A NumericDate, in milliseconds. It may have a fraction. (RFC 7519 §2)
fn time(claims: &Object, name: &str) -> Option<i64> {
    let seconds = claims.get(name)?.as_f64().filter(|seconds| seconds.is_finite())?;
    Some((seconds * 1000.0) as i64)
}

/// Which clients' tokens are taken. (`appIdClientRegex`, `clientId`)
#[derive(Debug)]
pub enum Clients {
    /// All.
    Any,
    /// Those whose whole identifier is like this.
    Like(Regex),
    /// What is kept is no pattern, so none.
    None,
}

impl Clients {
    /// By a pattern; none or an empty one takes all clients.
    pub fn of(pattern: Option<&str>) -> Clients {
        match pattern.filter(|pattern| !pattern.is_empty()) {
            None => Clients::Any,
            Some(pattern) => whole(pattern).map_or(Clients::None, Clients::Like),
        }
    }

    /// Whether a claim names such a client: a text, or a list with one.
    pub fn allow(&self, claim: Option<&Value>) -> bool {
        let pattern = match self {
            Clients::Any => return true,
            Clients::None => return false,
            Clients::Like(pattern) => pattern,
        };
        match claim {
            Some(Value::String(client)) => pattern.is_match(client),
            Some(Value::Array(clients)) => {
                clients.iter().any(|client| client.as_str().is_some_and(|client| pattern.is_match(client)))
            }
            _ => false,
        }
    }
}

/// A pattern that a text must be like as a whole: a part would let `abc` stand for `xabcx`.
fn whole(pattern: &str) -> Option<Regex> {
    // By itself it must be one, too: `a)|(b` would be one only in brackets.
    Regex::new(pattern).ok()?;
    Regex::new(&format!(r"\A(?:{pattern})\z")).ok()
}
