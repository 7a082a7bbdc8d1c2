//! A world for tests: APIs made of documents, a backend that answers as it is told, and all that is said as text.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use json::{Value, value};

use crate::backend::{
    Answering, Backend, BackendAnswer, FunctionAnswer, FunctionCall, HttpCall, ServiceCall, Trouble,
};
use crate::exchange::{Request, Response};
use crate::fault::Fault;
use crate::front::{Asked, Front, Kept, Settings};
use services::Moment;
use services::records::{Changes, Records};

/// 2026-11-28 07:00:00 UTC
pub(crate) const NOW: i64 = 1_795_849_200_000;

pub(crate) struct World {
    pub(crate) front: Front,
    backend: Arc<Scripted>,
    runtime: tokio::runtime::Runtime,
}

/// What the backend answers, and what it was asked.
#[derive(Default)]
pub(crate) struct Scripted {
    answer: Mutex<Option<Result<BackendAnswer, Trouble>>>,
    function: Mutex<Option<Result<FunctionAnswer, Trouble>>>,
    documents: Mutex<BTreeMap<String, String>>,
    said: Mutex<String>,
}

struct Forgetful;

impl Kept for Forgetful {
    fn commit<'a>(&'a self, _: &'a Changes) -> Answering<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }
}

impl Scripted {
    fn say(&self, line: String) {
        self.said.lock().unwrap().push_str(&line);
    }
}

impl Backend for Scripted {
    fn call_service<'a>(&'a self, call: ServiceCall) -> Answering<'a, Result<BackendAnswer, Trouble>> {
        let ServiceCall { service, region, operation, method, path, query, headers, body, role, .. } = call;
        let operation = operation.unwrap_or_else(|| "-".to_owned());
        self.say(format!(
            "→ {service} {operation} in {region} as {}\n",
            role.unwrap_or_else(|| "-".to_owned())
        ));
        let question = if query.is_empty() { "" } else { "?" };
        self.say(format!("  {method} {path}{question}{query}\n{}", message(&headers, &body)));
        Box::pin(async {
            self.answer.lock().unwrap().clone().unwrap_or(Err(Trouble::Refused("nobody is there".into())))
        })
    }

    fn invoke_function<'a>(&'a self, call: FunctionCall) -> Answering<'a, Result<FunctionAnswer, Trouble>> {
        let kind = if call.is_event { "tell" } else { "ask" };
        self.say(format!("→ {kind} {}\n", call.function));
        match Value::parse_bytes(&call.payload) {
            Ok(payload) => self.say(format!("{}\n", payload.to_pretty())),
            Err(_) => self.say(format!("  {}\n", String::from_utf8_lossy(&call.payload))),
        }
        Box::pin(async {
            self.function.lock().unwrap().clone().unwrap_or(Err(Trouble::Refused("no function".into())))
        })
    }

    fn fetch<'a>(&'a self, url: &'a str) -> Answering<'a, Result<Vec<u8>, String>> {
        let document = self.documents.lock().unwrap().get(url).cloned();
        Box::pin(async move { document.map(String::into_bytes).ok_or_else(|| format!("{url} answered 404")) })
    }

    fn address(&self, service: &str, region: &str) -> Result<String, String> {
        Ok(format!("https://{service}.{region}.amazonaws.com"))
    }

    fn http<'a>(&'a self, call: HttpCall) -> Answering<'a, Result<BackendAnswer, Trouble>> {
        self.say(format!("→ {} {}\n{}", call.method, call.url, message(&call.headers, &call.body)));
        Box::pin(async {
            self.answer.lock().unwrap().clone().unwrap_or(Err(Trouble::Broken("refused".into())))
        })
    }
}

impl World {
    pub(crate) fn new() -> World {
        World::with(Records::default())
    }

    pub(crate) fn with(records: Records) -> World {
        let backend = Arc::new(Scripted::default());
        let front = Front::new(records, Arc::new(Forgetful), backend.clone(), Settings::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        World { front, backend, runtime }
    }

    /// An operation of `apigateway`.
    pub(crate) fn operate(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        let mut moment = Moment::new(NOW, seed(&input));
        self.runtime.block_on(self.front.operate(operation, &input, &mut moment))
    }

    /// An operation of `apigatewayv2`.
    pub(crate) fn operate_http(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        let mut moment = Moment::new(NOW, seed(&input));
        self.runtime.block_on(self.front.operate_http(operation, &input, &mut moment))
    }

    /// What a call says, as one line.
    pub(crate) fn said(&self, operation: &str, input: Value) -> String {
        match self.operate(operation, input) {
            Ok(output) => output.to_text(),
            Err(fault) => fault.to_string(),
        }
    }

    /// A REST API of a document; its stage is `prod`.
    pub(crate) fn rest(&self, document: &str) -> String {
        let body = vtl::text::base64_encode(document.as_bytes());
        let api = self.operate("ImportRestApi", value!({"body": body})).unwrap();
        let id = api.get("id").and_then(Value::as_str).unwrap().to_owned();
        self.operate("CreateDeployment", value!({"restApiId": id.as_str(), "stageName": "prod"})).unwrap();
        id
    }

    /// What an issuer publishes.
    pub(crate) fn publish(&self, url: &str, document: &Value) {
        self.backend.documents.lock().unwrap().insert(url.to_owned(), document.to_text());
    }

    /// What services and servers answer.
    pub(crate) fn answers(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        *self.backend.answer.lock().unwrap() = Some(Ok(BackendAnswer { status, headers, body: body.into() }));
    }

    pub(crate) fn fails(&self, trouble: Trouble) {
        *self.backend.answer.lock().unwrap() = Some(Err(trouble.clone()));
        *self.backend.function.lock().unwrap() = Some(Err(trouble));
    }

    /// What functions answer.
    pub(crate) fn function_answers(&self, payload: &str, is_error: bool) {
        *self.backend.function.lock().unwrap() =
            Some(Ok(FunctionAnswer { payload: payload.into(), is_error }));
    }

    /// Sends a request such as `POST /dragons?a=b`; headers and a body may follow, as HTTP has them.
    pub(crate) fn send(&self, api: &str, stage: &str, request: &str) -> String {
        self.send_at(api, stage, request, NOW)
    }

    pub(crate) fn send_at(&self, api: &str, stage: &str, request: &str, now: i64) -> String {
        let response = self.response(api, stage, request, now);
        let said = std::mem::take(&mut *self.backend.said.lock().unwrap());
        let named = ["x-amzn-requestid", "x-amz-apigw-id", "apigw-requestid"];
        let headers: Vec<_> = response
            .headers
            .iter()
            .filter(|(name, _)| !named.iter().any(|known| name.eq_ignore_ascii_case(known)))
            .cloned()
            .collect();
        format!("{said}← {}\n{}", response.status, message(&headers, &response.body))
    }

    pub(crate) fn response(&self, api: &str, stage: &str, request: &str, now: i64) -> Response {
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        let mut lines = head.lines().map(str::trim);
        let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: body.as_bytes().to_vec(),
            source_ip: "127.0.0.1".to_owned(),
            identity: None,
        };
        let asked = Asked { api: api.to_owned(), stage: stage.to_owned(), path: path.to_owned() };
        self.runtime.block_on(self.front.answer(&asked, request, &mut Moment::new(now, 1)))
    }
}

/// The same input has the same identifiers, another has others.
fn seed(input: &Value) -> u64 {
    input.to_text().bytes().fold(7, |seed, byte| seed * 31 % 1_000_000_007 + u64::from(byte))
}

fn message(headers: &[(String, String)], body: &[u8]) -> String {
    let own = ["user-agent", "x-amzn-trace-id", "x-amzn-apigateway-api-id"];
    let shown = headers.iter().filter(|(name, _)| !own.iter().any(|known| name.eq_ignore_ascii_case(known)));
    let mut text: String = shown.map(|(name, value)| format!("  {name}: {value}\n")).collect();
    // No line ends with a blank, so that expectations can be kept.
    for line in String::from_utf8_lossy(body).trim_end().lines() {
        text.push_str(format!("  {line}").trim_end());
        text.push('\n');
    }
    text
}
