//! The ports, connected: records in the ledger, calls through the connectors, operations as services of this server.

use std::sync::Arc;
use std::time::Duration;

use connectors::{CallTrouble, Caller, Connectors, Relayed};
use hyper::body::Bytes;
use json::{Value, value};
use ledger::{Ledger, Refused, Space};
use services::records::{self, Changes};
use services::{Call, Moment, Service};

use crate::backend::{
    Answering, Backend, BackendAnswer, FunctionAnswer, FunctionCall, HttpCall, ServiceCall, Trouble,
};
use crate::exchange::{Request, Response};
use crate::fault::Fault;
use crate::front::{Asked, Front, Kept, Settings};
use services::Members;

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
    let records = records::read(ledger, SPACE)?;
    let kept = Arc::new(InLedger(ledger.clone()));
    let region = settings.scope.region.clone();
    let backend = Arc::new(Outside { connectors: connectors.clone(), region });
    let front = Arc::new(Front::new(records, kept, backend, settings));
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
        self.front.answer(asked, request, &mut Moment::drawn()).await
    }
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
            let committed = records::commit(&self.0, SPACE, changes).await;
            committed.map_err(|refused| match refused {
                Refused::TooLarge => Fault::limit("The API is larger than this server keeps: divide it"),
                refused => {
                    Fault { code: "ServiceUnavailableException", status: 503, message: refused.to_string() }
                }
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
            let mut moment = Moment::drawn();
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
            let token = Moment::drawn().uuid();
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
            let (body, token) = (Bytes::from(call.payload), Moment::drawn().uuid());
            let answer =
                self.connectors.call_with_body("lambda", "Invoke", &input, body, &caller, &token).await;
            let answer = answer.map_err(trouble)?;
            let payload = answer.text_or_empty("Payload").as_bytes().to_vec();
            Ok(FunctionAnswer { payload, is_error: answer.member("FunctionError").is_some() })
        })
    }

    fn fetch<'a>(&'a self, url: &'a str) -> Answering<'a, Result<Vec<u8>, String>> {
        Box::pin(async move {
            let accept = [("accept".to_owned(), "application/json".to_owned())];
            let answer = self.connectors.send("GET", url, &accept, Bytes::new()).await?;
            match answer.status {
                200 => Ok(answer.body.into()),
                status => Err(format!("{url} answered {status}")),
            }
        })
    }

    fn address(&self, service: &str, region: &str) -> Result<String, String> {
        self.connectors.address(service, region)
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
