//! Signing keys: derived from secret, date, region and service with four HMACs, and kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Keys that are kept. A process talks to a handful of services in one region; a server that
/// verifies sees a few callers, whose keys change once a day.
const KEPT_MAX: usize = 64;

/// Whom a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// `us-east-1`, …
    pub region: &'a str,
    /// The signing name: `states`, `lambda`, …
    pub service: &'a str,
}

/// Derived keys, so that each is derived once and not with every request. Shared by reference.
#[derive(Debug, Default)]
pub struct SigningKeys {
    kept: Mutex<VecDeque<Arc<Kept>>>,
}

struct Kept {
    secret: String,
    date: String,
    region: String,
    service: String,
    key: [u8; 32],
}

impl SigningKeys {
    /// None yet.
    pub fn new() -> SigningKeys {
        SigningKeys::default()
    }

    /// The authentication code of `text` under the key for secret, date (`YYYYMMDD`) and target.
    pub(crate) fn authenticate(
        &self,
        secret: &str,
        date: &str,
        target: Target<'_>,
        text: &str,
    ) -> Hmac<Sha256> {
        let kept = self.find(secret, date, target).unwrap_or_else(|| self.derive(secret, date, target));
        mac(&kept.key, text.as_bytes())
    }

    fn find(&self, secret: &str, date: &str, target: Target<'_>) -> Option<Arc<Kept>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|kept| {
            kept.date == date
                && kept.service == target.service
                && kept.region == target.region
                && kept.secret == secret
        });
        found.cloned()
    }

    fn derive(&self, secret: &str, date: &str, target: Target<'_>) -> Arc<Kept> {
        let mut key = hash(format!("AWS4{secret}").as_bytes(), date);
        for part in [target.region, target.service, "aws4_request"] {
            key = hash(&key, part);
        }
        let derived = Arc::new(Kept {
            secret: secret.to_owned(),
            date: date.to_owned(),
            region: target.region.to_owned(),
            service: target.service.to_owned(),
            key,
        });
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(KEPT_MAX - 1);
        kept.push_front(derived.clone());
        derived
    }
}

impl std::fmt::Debug for Kept {
    /// Without secret and key, which belong in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.date, self.region, self.service)
    }
}

fn hash(key: &[u8], text: &str) -> [u8; 32] {
    mac(key, text.as_bytes()).finalize().into_bytes().into()
}

fn mac(key: &[u8], text: &[u8]) -> Hmac<Sha256> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(text);
    mac
}
