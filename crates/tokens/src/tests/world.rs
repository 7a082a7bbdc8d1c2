//! An issuer whose documents are here, and somebody who verifies its tokens.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use json::Value;
use tokio::sync::Semaphore;

use crate::testing::{ISSUERS, Signer};
use crate::{Algorithms, Documents, Issuers, KeysAt, Token, Wrong};

/// When all this is: 2026-11-28T12:00:00Z, in seconds.
pub(super) const NOW: i64 = 1_795_867_200;
pub(super) const ISSUER: &str = "https://id.example.com";

/// What is published, by addresses, and what was fetched of it.
#[derive(Clone, Default)]
pub(super) struct Published(Arc<Inner>);

#[derive(Default)]
struct Inner {
    documents: Mutex<BTreeMap<String, String>>,
    fetched: Mutex<Vec<String>>,
    /// A fetch is answered only once it has a permit of this, if so.
    gate: Mutex<Option<Arc<Semaphore>>>,
}

impl Published {
    pub fn publish(&self, url: &str, document: &Value) {
        self.publish_text(url, document.to_text());
    }

    pub fn publish_text(&self, url: &str, document: String) {
        self.0.documents.lock().unwrap().insert(url.to_owned(), document);
    }

    /// From now on nobody is answered until the gate has permits.
    pub fn close(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        *self.0.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    pub fn withdraw_all(&self) {
        self.0.documents.lock().unwrap().clear();
    }

    pub fn fetched(&self) -> Vec<String> {
        self.0.fetched.lock().unwrap().clone()
    }
}

impl Documents for Published {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        self.0.fetched.lock().unwrap().push(url.to_owned());
        let gate = self.0.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        let document = self.0.documents.lock().unwrap().get(url).cloned();
        document.map(String::into_bytes).ok_or_else(|| format!("{url} answered 404"))
    }

    fn cognito(&self, region: &str) -> Result<String, String> {
        Ok(format!("https://cognito-idp.{region}.amazonaws.com"))
    }
}

/// Who verifies, at some time.
pub(super) struct World {
    pub issuers: Issuers,
    pub published: Published,
    /// Milliseconds.
    pub now: i64,
}

impl World {
    pub fn new() -> World {
        World { issuers: Issuers::default(), published: Published::default(), now: NOW * 1000 }
    }

    pub fn later(&mut self, seconds: i64) {
        self.now += seconds * 1000;
    }

    pub async fn verify(&self, token: &str) -> Result<(), Wrong> {
        self.verify_with(Algorithms::All, token).await
    }

    pub async fn verify_with(&self, algorithms: Algorithms, token: &str) -> Result<(), Wrong> {
        let token = Token::read(token).ok_or(Wrong::Because("no token"))?;
        let at = KeysAt::Discovery { issuer: ISSUER.into() };
        self.issuers.verify(&at, &token, algorithms, &self.published, self.now).await
    }
}

/// The issuer, with a key of this name.
pub(super) fn signer(key_id: &'static str) -> Signer {
    Signer::new(ISSUERS, key_id)
}
