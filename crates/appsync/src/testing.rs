//! A world for tests: an API of records, an outside that answers as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use json::Value;
use ledger::Ledger;
use services::records;
use tokio::sync::Semaphore;

use crate::appsync::{AppSync, Settings};
use crate::exchange::Request;
use crate::outside::{Answering, HttpAnswer, HttpCall, Outside, ServiceCall, Trouble};

/// What tests see of the outside.
type Answers<C, A> = Mutex<Vec<(C, Result<A, Trouble>)>>;

/// An outside that answers calls in the order in which answers were prepared, and keeps what it was asked.
#[derive(Default)]
pub(crate) struct Prepared {
    /// Answers still to be given, the next one first.
    pub answers: Mutex<std::collections::VecDeque<Result<Value, Trouble>>>,
    /// What was asked.
    pub calls: Mutex<Vec<ServiceCall>>,
    /// What was sent, and answered.
    pub sent: Answers<HttpCall, HttpAnswer>,
    /// Documents by their addresses.
    pub documents: Mutex<std::collections::BTreeMap<String, Vec<u8>>>,
    /// A call is answered only once it has a permit of this, if so.
    pub gate: Mutex<Option<Arc<Semaphore>>>,
}

impl Prepared {
    /// From now on nobody is answered until the gate has permits.
    pub fn close(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        *self.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    /// Comes when so many calls have come.
    pub async fn called(&self, calls: usize) {
        let are_there = async {
            while self.calls.lock().unwrap().len() < calls {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), are_there).await.unwrap();
    }
}

impl Outside for Prepared {
    fn call<'a>(&'a self, call: ServiceCall) -> Answering<'a, Result<Value, Trouble>> {
        Box::pin(async move {
            self.calls.lock().unwrap().push(call);
            let gate = self.gate.lock().unwrap().clone();
            if let Some(gate) = gate {
                gate.acquire().await.unwrap().forget();
            }
            let answer = self.answers.lock().unwrap().pop_front();
            answer.unwrap_or_else(|| Err(Trouble::unreachable("no answer was prepared")))
        })
    }

    fn http<'a>(&'a self, call: HttpCall) -> Answering<'a, Result<HttpAnswer, Trouble>> {
        Box::pin(async move {
            let answer = self.answers.lock().unwrap().pop_front();
            let answer = match answer {
                Some(Ok(answer)) => Ok(HttpAnswer {
                    status: answer.get("status").and_then(Value::as_i64).unwrap_or(200) as u16,
                    headers: Vec::new(),
                    body: answer.get("body").and_then(Value::as_str).unwrap_or_default().into(),
                }),
                Some(Err(trouble)) => Err(trouble),
                None => Err(Trouble::unreachable("no answer was prepared")),
            };
            self.sent.lock().unwrap().push((call, answer.clone()));
            answer
        })
    }

    fn fetch<'a>(&'a self, url: &'a str) -> Answering<'a, Result<Vec<u8>, Trouble>> {
        Box::pin(async move {
            let document = self.documents.lock().unwrap().get(url).cloned();
            document.ok_or_else(|| Trouble::unreachable(format!("{url} answered 404")))
        })
    }
}

/// AppSync over these records, in memory.
pub(crate) async fn with_records(
    outside: Arc<Prepared>,
    kept: impl IntoIterator<Item = (String, Value)>,
) -> AppSync {
    let settings = ledger::Settings { data_dir: None, segment_bytes: 1 << 20 };
    let ledger = Ledger::open(&settings).unwrap();
    let changes: records::Changes = kept.into_iter().map(|(key, value)| (key, Some(value))).collect();
    records::commit(&ledger, crate::appsync::SPACE, &changes).await.unwrap();
    AppSync::new(&ledger, outside, Settings::default()).unwrap()
}

/// A request with an API key.
pub(crate) fn post(key: &str, body: &Value) -> Request {
    Request {
        method: "POST".to_owned(),
        path: "/graphql".to_owned(),
        headers: vec![("x-api-key".to_owned(), key.to_owned())],
        body: body.to_text().into_bytes(),
        source_ip: "127.0.0.1".to_owned(),
        ..Request::default()
    }
}
