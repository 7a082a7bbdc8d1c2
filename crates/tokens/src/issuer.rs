//! The public keys of those who issue tokens: fetched when they are first needed, and kept for a while.
//!
//! A token may name any key, so an unknown one makes nobody fetch more often than each 10 s; those who wait for a fetch
//! share it. While an issuer is away, the keys that are known go on being good for a while, and nobody waits long. Never here: whether a token is good.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use json::{Text, Value};

use crate::Wrong;
use crate::key::{Algorithms, PublicKey};
use crate::token::Token;

/// Keys are fetched anew after this, so that one that its issuer has withdrawn is not good for ever.
const FRESH_MS: i64 = 15 * 60 * 1000;
/// An issuer that cannot be reached takes its keys along after this: the tokens that it made live no longer, mostly.
const STALE_MS: i64 = 60 * 60 * 1000;
/// Between two fetches, whatever tokens name and whatever came of the last one.
const PAUSE_MS: i64 = 10 * 1000;
/// A fetch is given up after this; requests wait for it.
const FETCH_TIME_MAX: Duration = Duration::from_millis(if cfg!(test) { 100 } else { 10_000 });
/// Who has a key of the issuer's that is good still waits so long for it to say whether it is.
const PATIENCE: Duration = Duration::from_millis(if cfg!(test) { 20 } else { 1_000 });
/// Issuers have a handful of keys. More of them, or longer documents, are no keys of anybody.
const KEYS_MAX: usize = 100;
const DOCUMENT_BYTES_MAX: usize = 512 << 10;
/// Only issuers that APIs name are fetched. Beyond this many all are forgotten, which costs a fetch each.
const ISSUERS_MAX: usize = 1_000;

/// Where an issuer's keys are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeysAt {
    /// A user pool, wherever the settings say that Cognito is.
    UserPool {
        /// `awsRegion`
        region: Text,
        /// `userPoolId`
        pool: Text,
    },
    /// Where the issuer's own configuration says. (OpenID Connect Discovery 1.0)
    Discovery {
        /// `issuer`, as the API's author has it.
        issuer: Text,
    },
}

/// Keys that a token may be signed with.
#[derive(Clone, Debug, PartialEq)]
struct Keyring {
    /// What the issuer calls itself: `iss` must be this very text. Nothing for user pools, whose names are known before.
    issuer: Option<Text>,
    /// All keys, whatever they are called.
    keys: Vec<PublicKey>,
}

/// What is known of issuers.
#[derive(Default)]
pub struct Issuers(Mutex<BTreeMap<KeysAt, Arc<Issuer>>>);

#[derive(Default)]
struct Issuer {
    known: Mutex<Known>,
    /// Held during a fetch.
    fetching: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Known {
    keyring: Option<Arc<Keyring>>,
    /// When that was, and when somebody last tried. Milliseconds since 1970.
    fetched_at: i64,
    tried_at: Option<i64>,
}

/// What looking for a key has come to.
struct Looked {
    /// The keys, if one of that name is among them and they are good still.
    keyring: Option<Arc<Keyring>>,
    /// Whether the issuer is to be asked first.
    is_due: bool,
}

/// How documents of issuers are fetched.
pub trait Documents: Clone + Send + Sync + 'static {
    /// The document at a URL, or why there is none.
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Vec<u8>, String>> + Send;

    /// Where Cognito is in a region, as the beginning of its URLs without a slash at the end; or why nobody may ask it.
    ///
    /// # Errors
    /// The settings name no place.
    fn cognito(&self, region: &str) -> Result<String, String>;
}

impl Issuers {
    /// Makes a token's claims true, or says why they are not. That its `iss` means this issuer, the caller knows.
    ///
    /// # Errors
    /// Its issuer did not sign it, as far as can be known. `now`: milliseconds since 1970.
    pub async fn verify(
        &self,
        at: &KeysAt,
        token: &Token<'_>,
        algorithms: Algorithms,
        documents: &impl Documents,
        now: i64,
    ) -> Result<(), Wrong> {
        let keyring = self.find(at, token.key_id(), documents, now).await;
        let Some(keyring) = keyring else {
            return Err(Wrong::Because("the issuer has no such key, or cannot be asked"));
        };
        // To the letter: what the issuer itself says counts.
        if keyring.issuer.as_ref().is_some_and(|issuer| issuer != token.issuer()) {
            return Err(Wrong::Because("the issuer does not call itself so"));
        }
        // Names of keys are the issuer's own, and some have two keys of one name while they change them.
        if !keyring.keys.iter().any(|key| token.is_signed_by(key, algorithms)) {
            return Err(Wrong::Because("the token is not signed as one of this issuer"));
        }
        Ok(())
    }

    /// The issuer's keys, if a key of this name is among them.
    async fn find(
        &self,
        at: &KeysAt,
        key_id: &str,
        documents: &impl Documents,
        now: i64,
    ) -> Option<Arc<Keyring>> {
        let issuer = self.issuer(at);
        let Looked { keyring, is_due } = issuer.known().look(key_id, now);
        if !is_due && keyring.is_some() {
            return keyring;
        }
        let asked = issuer.ask(key_id, at, documents, now);
        match keyring {
            None => asked.await,
            Some(keyring) if tokio::time::timeout(PATIENCE, asked).await.is_err() => return Some(keyring),
            Some(_) => {}
        }
        issuer.known().look(key_id, now).keyring
    }

    fn issuer(&self, at: &KeysAt) -> Arc<Issuer> {
        let mut issuers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if issuers.len() >= ISSUERS_MAX && !issuers.contains_key(at) {
            issuers.clear();
        }
        issuers.entry(at.clone()).or_default().clone()
    }
}

impl Issuer {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches the keys, or waits for whoever does.
    async fn ask(self: &Arc<Issuer>, key_id: &str, at: &KeysAt, documents: &impl Documents, now: i64) {
        let alone = self.fetching.clone().lock_owned().await;
        {
            let mut known = self.known();
            // Somebody may have fetched meanwhile.
            if !known.look(key_id, now).is_due {
                return;
            }
            known.tried_at = Some(now);
        }
        let (issuer, at, documents) = (self.clone(), at.clone(), documents.clone());
        // It goes on when the request ends that set it off: clients that hang up do not set off one after the other.
        let fetch = tokio::spawn(async move {
            let _alone = alone;
            issuer.fetch(&at, &documents, now).await;
        });
        // Had it panicked, nothing would be known, which is what is found then.
        let _ = fetch.await;
    }

    async fn fetch(&self, at: &KeysAt, documents: &impl Documents, now: i64) {
        let fetched = tokio::time::timeout(FETCH_TIME_MAX, fetch(at, documents)).await;
        match fetched.unwrap_or_else(|_| Err("it took longer than 10 s".to_owned())) {
            Ok(keyring) => {
                let mut known = self.known();
                known.keyring = Some(Arc::new(keyring));
                known.fetched_at = now;
            }
            Err(reason) => tracing::warn!("the keys of {at} cannot be fetched: {reason}"),
        }
    }
}

impl Known {
    fn look(&self, key_id: &str, now: i64) -> Looked {
        // Requests overtake each other by as long as they wait for a fetch. Beyond that the clock was set back, and what
        // looks like the future counts as long ago.
        let within = |from: i64, time: i64| (-PAUSE_MS..time).contains(&now.saturating_sub(from));
        let kept = self.keyring.as_ref().filter(|_| within(self.fetched_at, STALE_MS));
        let keyring = kept.filter(|keyring| keyring.keys.iter().any(|key| key.is_called(key_id))).cloned();
        let is_fresh = keyring.is_some() && within(self.fetched_at, FRESH_MS);
        let may_ask = !self.tried_at.is_some_and(|tried_at| within(tried_at, PAUSE_MS));
        Looked { keyring, is_due: may_ask && !is_fresh }
    }
}

/// Fetches an issuer's keys, or says why there are none.
async fn fetch(at: &KeysAt, documents: &impl Documents) -> Result<Keyring, String> {
    let (issuer, url) = match at {
        KeysAt::UserPool { region, pool } => {
            let base = documents.cognito(region)?;
            (None, format!("{base}/{pool}/.well-known/jwks.json"))
        }
        KeysAt::Discovery { issuer } => {
            let (issuer, url) = discover(issuer, documents).await?;
            (Some(issuer), url)
        }
    };
    let document = document(&url, documents).await?;
    let keys = document.get("keys").and_then(Value::as_array).ok_or(format!("{url} has no keys"))?;
    let keys = keys.iter().take(KEYS_MAX).filter_map(PublicKey::of).collect();
    Ok(Keyring { issuer, keys })
}

/// What an issuer calls itself, and where it says that its keys are.
async fn discover(named: &str, documents: &impl Documents) -> Result<(Text, String), String> {
    let url = format!("{}/.well-known/openid-configuration", named.trim_end_matches('/'));
    let configuration = document(&url, documents).await?;
    let issuer = configuration.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if !is_same(named, issuer) {
        return Err(format!("{url} is the configuration of the issuer {issuer}"));
    }
    let keys =
        configuration.get("jwks_uri").and_then(Value::as_str).ok_or(format!("{url} has no jwks_uri"))?;
    // Keys that anybody on the way may exchange would make the issuer's own secrecy worthless.
    if url.starts_with("https:") && !keys.starts_with("https:") {
        return Err(format!("{url} has its keys at {keys}, which is not https"));
    }
    Ok((issuer.into(), keys.to_owned()))
}

/// Whether two addresses of issuers mean the same one: people leave the slash out that some have at the end.
pub fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

async fn document(url: &str, documents: &impl Documents) -> Result<Value, String> {
    let bytes = documents.fetch(url).await?;
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(format!("{url} has more than {DOCUMENT_BYTES_MAX} bytes"));
    }
    Value::parse_bytes(&bytes).map_err(|error| format!("{url} is no JSON: {error}"))
}

impl std::fmt::Display for KeysAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeysAt::UserPool { region, pool } => write!(f, "the user pool {pool} in {region}"),
            KeysAt::Discovery { issuer } => write!(f, "the issuer {issuer}"),
        }
    }
}
