//! An API with its modes, and a world around it that answers as it is told and keeps what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use json::{Object, Text, Value};
use tokio::sync::Semaphore;

pub(super) use ::tokens::testing::{Signer, encode, key_set};

use super::super::{Checking, Credentials, Identity, Keys, Providers, Refusal, identify, stay};
use crate::exchange::header_map;
use crate::outside::{Answering, HttpAnswer, HttpCall, Outside, ServiceCall, Trouble};

/// When all this is: 2026-11-28T12:00:00Z, in seconds.
pub(super) const NOW: i64 = 1_795_867_200;

/// What stands outside.
#[derive(Default)]
pub(super) struct Around {
    /// Documents by their addresses.
    pub documents: Mutex<BTreeMap<String, String>>,
    /// The addresses that were fetched.
    pub fetched: Mutex<Vec<String>>,
    /// Where Cognito is, if not at AWS.
    pub cognito: Mutex<Option<String>>,
    /// What the function answers: the output of Invoke.
    pub answer: Mutex<Value>,
    /// What it was told.
    pub events: Mutex<Vec<Value>>,
    /// A call or a fetch is answered only once it has a permit of this, if so.
    pub gate: Mutex<Option<Arc<Semaphore>>>,
}

impl Around {
    async fn wait(&self) {
        let gate = self.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
    }

    /// From now on nobody is answered until the gate has permits.
    pub fn close(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        *self.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    pub fn publish(&self, url: &str, document: &Value) {
        self.documents.lock().unwrap().insert(url.to_owned(), document.to_text());
    }
}

impl Outside for Around {
    fn call<'a>(&'a self, call: ServiceCall) -> Answering<'a, Result<Value, Trouble>> {
        Box::pin(async move {
            assert_eq!((call.service, call.operation), ("lambda", "Invoke"));
            let event = Value::parse_bytes(&call.body.unwrap()).unwrap();
            self.events.lock().unwrap().push(event);
            self.wait().await;
            let answer = self.answer.lock().unwrap().clone();
            if answer.is_null() { Err(Trouble::unreachable("nobody is there")) } else { Ok(answer) }
        })
    }

    fn http<'a>(&'a self, _call: HttpCall) -> Answering<'a, Result<HttpAnswer, Trouble>> {
        Box::pin(async { unreachable!("whoever asks who asks sends nothing") })
    }

    fn fetch<'a>(&'a self, url: &'a str) -> Answering<'a, Result<Vec<u8>, Trouble>> {
        Box::pin(async move {
            self.fetched.lock().unwrap().push(url.to_owned());
            self.wait().await;
            let document = self.documents.lock().unwrap().get(url).cloned();
            let missing = || Trouble::unreachable(format!("{url} answered 404"));
            document.map(String::into_bytes).ok_or_else(missing)
        })
    }

    fn address(&self, service: &'static str, region: &str) -> Result<String, Trouble> {
        let cognito = self.cognito.lock().unwrap().clone();
        Ok(cognito.unwrap_or_else(|| format!("https://{service}.{region}.amazonaws.com")))
    }
}

/// An API, asked at some time.
pub(super) struct World {
    pub providers: Providers,
    pub api_keys: BTreeMap<Text, Value>,
    pub keys: Keys,
    pub around: Arc<Around>,
    /// Milliseconds.
    pub now: i64,
}

impl World {
    /// Of a `graphqlApi`.
    pub fn of(record: Value) -> World {
        World {
            providers: Providers::of(&record),
            api_keys: BTreeMap::new(),
            keys: Keys::new(None),
            around: Arc::default(),
            now: NOW * 1000,
        }
    }

    pub fn later(&mut self, seconds: i64) {
        self.now += seconds * 1000;
    }

    /// Asks with a request that has nothing but headers.
    pub async fn ask(&self, headers: &[(&str, &str)]) -> Result<Identity, Refusal> {
        let headers = header_map(headers.iter().copied());
        self.show(Credentials { headers, ..self.credentials() }).await
    }

    pub fn credentials(&self) -> Credentials<'static> {
        Credentials {
            method: "POST",
            path: "/graphql",
            source_ip: "192.0.2.7",
            request_id: "the-request",
            ..Credentials::default()
        }
    }

    pub async fn show(&self, credentials: Credentials<'_>) -> Result<Identity, Refusal> {
        let outside: Arc<dyn Outside> = self.around.clone();
        identify(&self.checking(&outside, &aws_names::Scope::default()), &credentials).await
    }

    /// Whether somebody who was let in may stay.
    pub fn stay(&self, identity: &Identity) -> Result<Identity, Refusal> {
        let outside: Arc<dyn Outside> = self.around.clone();
        stay(&self.checking(&outside, &aws_names::Scope::default()), identity)
    }

    fn checking<'c>(&'c self, outside: &'c Arc<dyn Outside>, scope: &'c aws_names::Scope) -> Checking<'c> {
        Checking {
            api_id: "the-api",
            scope,
            providers: &self.providers,
            api_keys: &self.api_keys,
            keys: &self.keys,
            outside,
            now: self.now,
        }
    }

    /// What asking with a token comes to: `ctx.identity`, or the refusal.
    pub async fn by_token(&self, token: &str) -> String {
        said(self.ask(&[("Authorization", token)]).await)
    }
}

/// `ctx.identity`, or `STATUS TYPE: MESSAGE`.
pub(super) fn said(outcome: Result<Identity, Refusal>) -> String {
    match outcome {
        Ok(identity) => identity.context.to_text(),
        Err(Refusal { status, error_type, message }) => format!("{status} {error_type}: {message}"),
    }
}

/// What those are told who are not let in and need not know why.
pub(super) const NOT_AUTHORIZED: &str =
    "401 UnauthorizedException: You are not authorized to make this call.";
pub(super) const EXPIRED: &str = "401 UnauthorizedException: Token has expired.";

/// An object with some members exchanged; null takes one out.
pub(super) fn with(object: &Value, changes: Value) -> Value {
    let mut object = object.as_object().cloned().unwrap_or_else(Object::new);
    for (name, value) in changes.as_object().into_iter().flat_map(Object::iter) {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    object.into()
}
