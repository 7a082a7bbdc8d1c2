//! Services that this very process offers: calls of them need no network.
//!
//! Whoever offers one says so with [`Connectors::set_built_in`](crate::Connectors::set_built_in).
//! Never here: what a service does, how a request is written.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use aws_models::Operation;
use aws_protocols::Request;
use aws_protocols::serve::{Answer, Incoming};
use hyper::body::Bytes;
use json::Value;

use crate::clock;
use crate::connectors::Caller;

/// What a trait object answers later.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A service in this process.
pub trait BuiltIn: Send + Sync {
    /// Answers a request as it would by HTTP. Dropping the future is hanging up.
    fn answer<'a>(&'a self, call: BuiltInCall<'a>) -> Answering<'a, BuiltInAnswer>;

    /// Comes when the job with this ARN has ended, at once if it has or if there is none; how it
    /// ended, [`answer`](BuiltIn::answer) tells. Waiting costs no more than a few hundred bytes.
    fn ended<'a>(&'a self, job_arn: &'a str) -> Answering<'a, ()>;
}

/// One request to a service in this process. Nobody signs it: who may call was settled before.
#[derive(Clone)]
pub struct BuiltInCall<'a> {
    /// What is asked for; `operation.name()` is `StartExecution`.
    pub operation: Operation<'static>,
    /// The operation's input as a state machine spells it; it fits the model.
    pub input: &'a Value,
    /// As it would be sent by HTTP, without its body.
    pub head: &'a Request,
    /// As it would be sent by HTTP.
    pub body: Bytes,
    /// Whose Task asks.
    pub caller: &'a Caller,
    /// The same for every repetition of this very call, and for no other call.
    pub token: &'a str,
}

impl BuiltInCall<'_> {
    /// The headers that HTTP would have, but for those of the connection and the signature.
    pub fn headers(&self) -> Vec<(&str, &str)> {
        self.head.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The request, to be read by the operation's model.
    pub fn incoming<'r>(&'r self, headers: &'r [(&'r str, &'r str)]) -> Incoming<'r> {
        let Request { method, path, query, .. } = self.head;
        Incoming { method, path, query, headers, body: &self.body }
    }
}

/// What a service in this process answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltInAnswer {
    /// The status that HTTP would have.
    pub status: u16,
    /// Name and value, in AWS's order.
    pub headers: Vec<(String, String)>,
    /// As it would be sent by HTTP.
    pub body: Bytes,
}

impl BuiltInAnswer {
    /// With the headers that AWS's services with a JSON protocol send.
    pub fn new(status: u16, content_type: &str, request_id: String, body: Bytes) -> BuiltInAnswer {
        let headers = [
            ("x-amzn-requestid", request_id),
            ("connection", "keep-alive".to_owned()),
            ("content-length", body.len().to_string()),
            ("date", clock::http_date(clock::now_seconds())),
            ("content-type", content_type.to_owned()),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        BuiltInAnswer { status, headers, body }
    }

    /// What was written by the operation's model, with the headers of the connection.
    pub fn written(answer: Answer) -> BuiltInAnswer {
        let mut headers: Vec<(String, String)> =
            answer.headers.into_iter().map(|(name, value)| (name.into_owned(), value)).collect();
        // Behind the request's id, which comes first.
        let connection = [
            ("connection", "keep-alive".to_owned()),
            ("content-length", answer.body.len().to_string()),
            ("date", clock::http_date(clock::now_seconds())),
        ];
        let connection = connection.map(|(name, value)| (name.to_owned(), value));
        headers.splice(headers.len().min(1)..headers.len().min(1), connection);
        BuiltInAnswer { status: answer.status, headers, body: answer.body.into() }
    }
}

/// The services that this process offers, by the names that botocore has for them: `stepfunctions`.
#[derive(Default)]
pub(crate) struct BuiltIns(RwLock<BTreeMap<String, Arc<dyn BuiltIn>>>);

impl BuiltIns {
    pub(crate) fn set(&self, service: &str, built_in: Arc<dyn BuiltIn>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned(), built_in);
    }

    pub(crate) fn get(&self, service: &str) -> Option<Arc<dyn BuiltIn>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(service).cloned()
    }

    pub(crate) fn has(&self, service: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains_key(service)
    }
}

impl fmt::Debug for BuiltIns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(known.keys()).finish()
    }
}
