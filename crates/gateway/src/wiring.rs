//! The ports, connected: records in the ledger, calls through the connectors, operations as services of this server.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connectors::{CallTrouble, Caller, Connectors, Relayed};
use hyper::body::Bytes;
use json::{Value, value};
use ledger::{Batch, Ledger, Space};
use services::{Call, Service};

use crate::backend::{
    Answering, Backend, BackendAnswer, FunctionAnswer, FunctionCall, HttpCall, ServiceCall, Trouble,
};
use crate::control::Records;
use crate::exchange::{Request, Response};
use crate::fault::Fault;
use crate::front::{Asked, Changes, Front, Kept, Settings};
use crate::moment::Moment;
use crate::record::Members;

/// What the gateway keeps lies here. (The table is `services/src/spaces.rs`.)
const SPACE: Space = Space::new(10);
/// How often usage is written down.
const USAGE_PERIOD: Duration = Duration::from_secs(1);

/// The gateway of a server.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Answers requests to APIs.
    pub front: Arc<Front>,
}

/// Reads what was kept. To be called within a tokio runtime.
pub fn start(ledger: &Ledger, connectors: &Connectors, settings: Settings) -> Result<Gateway, ledger::Error> {
    let mut records = Vec::new();
    ledger.visit(SPACE, b"", |key, value| {
        let key = String::from_utf8_lossy(key).into_owned();
        match Value::parse_bytes(&value) {
            Ok(value) => records.push((key, value)),
            Err(error) => {
                tracing::error!("what the gateway keeps as {key} is not JSON and is left alone: {error}")
            }
        }
    })?;
    let kept = Arc::new(InLedger(ledger.clone()));
    let region = settings.scope.region.clone();
    let backend = Arc::new(Outside { connectors: connectors.clone(), region });
    let front = Arc::new(Front::new(Records::new(records), kept, backend, settings));
    tokio::spawn(keep_usage(Arc::downgrade(&front)));
    Ok(Gateway { front })
}

impl Gateway {
    /// Its operations, by the names that botocore has for the services.
    pub fn services(&self) -> [(&'static str, Arc<dyn Service>); 2] {
        [
            ("apigateway", Arc::new(Operations { front: self.front.clone(), is_http: false })),
            ("apigatewayv2", Arc::new(Operations { front: self.front.clone(), is_http: true })),
        ]
    }
}

impl Gateway {
    /// Answers a request to the API that [`Front::asked`] found in its place.
    pub async fn answer(&self, asked: &Asked, request: Request) -> Response {
        self.front.answer(asked, request, &mut moment()).await
    }
}

/// The time, and a seed that nobody guesses.
pub(crate) fn moment() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut seed = [0; 8];
    // Without randomness the time must do; identifiers are checked for nothing but their form.
    let _ = getrandom::fill(&mut seed);
    Moment::new(since.as_millis() as i64, u64::from_le_bytes(seed) ^ since.as_nanos() as u64)
}

async fn keep_usage(front: std::sync::Weak<Front>) {
    let mut ticks = tokio::time::interval(USAGE_PERIOD);
    loop {
        ticks.tick().await;
        let Some(front) = front.upgrade() else { return };
        if !front.has_counted() {
            continue;
        }
        if let Err(fault) = front.keep_usage().await {
            tracing::warn!("usage of API keys could not be written down: {fault}");
        }
    }
}

struct InLedger(Ledger);

impl Kept for InLedger {
    fn commit<'a>(&'a self, changes: &'a Changes) -> Answering<'a, Result<(), Fault>> {
        Box::pin(async move {
            let mut batch = Batch::new();
            for (key, value) in changes {
                match value {
                    None => batch.remove(SPACE, key.as_bytes()),
                    Some(value) => {
                        let text = value.to_text();
                        if text.len() > Batch::BYTES_MAX {
                            return Err(Fault::limit("The API is larger than this server keeps: divide it"));
                        }
                        batch.put(SPACE, key.as_bytes(), text.as_bytes());
                    }
                }
            }
            let committed = self.0.commit(batch).await;
            committed.map_err(|refused| Fault {
                code: "ServiceUnavailableException",
                status: 503,
                message: refused.to_string(),
            })
        })
    }
}

struct Operations {
    front: Arc<Front>,
    is_http: bool,
}

impl Service for Operations {
    fn call<'a>(&'a self, call: Call<'a>) -> connectors::Answering<'a, Result<Value, services::Fault>> {
        Box::pin(async move {
            let mut moment = moment();
            let outcome = match self.is_http {
                false => self.front.operate(call.operation, call.input, &mut moment).await,
                true => self.front.operate_http(call.operation, call.input, &mut moment).await,
            };
            outcome.map_err(|Fault { code, status, message }| {
                services::Fault::new(code, message).with_status(status)
            })
        })
    }
}

/// Services, functions and servers, wherever the settings say that they are.
struct Outside {
    connectors: Connectors,
    region: String,
}

impl Outside {
    fn caller(&self, role: Option<String>, region: &str) -> Caller {
        // This one stands for whoever called the API, which has no role here: the server's own credentials count.
        let role = role.filter(|role| !role.ends_with(":iam::*:user/*"));
        Caller { role_arn: role.map(Into::into), region: region.into(), ..Caller::default() }
    }
}

impl Backend for Outside {
    fn call_service<'a>(&'a self, call: ServiceCall) -> Answering<'a, Result<BackendAnswer, Trouble>> {
        Box::pin(async move {
            let caller = self.caller(call.role, &call.region);
            let ServiceCall { service, operation, method, path, query, headers, body, .. } = call;
            let relayed = Relayed { method, path, query, headers, body: Bytes::from(body) };
            let token = moment().uuid();
            let answer =
                self.connectors.relay(&service, operation.as_deref(), relayed, &caller, &token).await;
            let answer = answer.map_err(trouble)?;
            Ok(BackendAnswer { status: answer.status, headers: answer.headers, body: answer.body.into() })
        })
    }

    fn invoke_function<'a>(&'a self, call: FunctionCall) -> Answering<'a, Result<FunctionAnswer, Trouble>> {
        Box::pin(async move {
            let caller = self.caller(call.role, &self.region);
            let kind = if call.is_event { "Event" } else { "RequestResponse" };
            let input = value!({"FunctionName": call.function.as_str(), "InvocationType": kind});
            let (body, token) = (Bytes::from(call.payload), moment().uuid());
            let answer =
                self.connectors.call_with_body("lambda", "Invoke", &input, body, &caller, &token).await;
            let answer = answer.map_err(trouble)?;
            let payload = answer.text_or_empty("Payload").as_bytes().to_vec();
            Ok(FunctionAnswer { payload, is_error: answer.member("FunctionError").is_some() })
        })
    }

    fn http<'a>(&'a self, call: HttpCall) -> Answering<'a, Result<BackendAnswer, Trouble>> {
        Box::pin(async move {
            let answer =
                self.connectors.send(&call.method, &call.url, &call.headers, Bytes::from(call.body)).await;
            let answer = answer.map_err(Trouble::Broken)?;
            Ok(BackendAnswer { status: answer.status, headers: answer.headers, body: answer.body.into() })
        })
    }
}

fn trouble(trouble: CallTrouble) -> Trouble {
    match trouble {
        CallTrouble::NotMade(_) | CallTrouble::Refused(_) => Trouble::Refused(trouble.cause()),
        CallTrouble::NoAnswer(why) => Trouble::Broken(why),
    }
}
