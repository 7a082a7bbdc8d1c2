//! Functions that run here: child processes behind the real Lambda Runtime API.
//!
//! Settings name them; the folder of a function stands for all its versions and aliases. Never
//! here: what a Task makes of an answer.

mod bootstraps;
mod launch;
mod output;
mod pool;
mod process;
mod runtime_api;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::bootstraps::Bootstraps;
use self::launch::Surroundings;
pub(crate) use self::launch::complaint;
use self::pool::{Pool, Throttled};
use self::process::Report;
use self::runtime_api::Event;
use crate::base64;
use crate::clock;
use crate::lambda::{Answer, Invocation, InvocationType, ServiceError};
use crate::metadata::ResponseMetadata;
use crate::settings::Settings;

/// AWS's limit of a payload.
const PAYLOAD_BYTES_MAX: usize = 6_291_456;
/// Asynchronous invocations that are under way or wait for their next try, all functions together.
/// They live in memory only, so there is no point in taking more than soon get done.
const ASYNCHRONOUS_MAX: usize = 1_000;
/// When an asynchronous invocation that failed is tried again. (spec/event-routers.md §5.1)
const ASYNCHRONOUS_DELAYS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];

/// The functions of the settings.
#[derive(Debug)]
pub(crate) struct Functions {
    pools: BTreeMap<String, Arc<Pool>>,
    surroundings: Arc<Surroundings>,
    asynchronous: Arc<Semaphore>,
}

impl Functions {
    /// Starts no process yet.
    pub(crate) fn new(settings: &Settings) -> Functions {
        let bootstraps = if settings.functions.is_empty() {
            Err(std::io::Error::other("there are no functions"))
        } else {
            Bootstraps::write()
        };
        let surroundings = Arc::new(Surroundings {
            scope: settings.scope.clone(),
            credentials: settings.credentials(),
            bootstraps,
        });
        let pool = |(name, function): (&String, _)| {
            (name.clone(), Arc::new(Pool::new(name, function, surroundings.clone())))
        };
        Functions {
            pools: settings.functions.iter().map(pool).collect(),
            surroundings: surroundings.clone(),
            asynchronous: Arc::new(Semaphore::new(ASYNCHRONOUS_MAX)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pools.is_empty()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pools.keys().map(String::as_str)
    }

    /// Whether a function of this name runs here.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.pools.contains_key(name)
    }

    /// Answers as the Invoke API of AWS does.
    pub(crate) async fn invoke(&self, invocation: &Invocation) -> Result<Answer, ServiceError> {
        let request_id = clock::request_id();
        let Some(pool) = self.pools.get(&invocation.function.name) else {
            self.say_how_to_add(&invocation.function.name);
            let arn = invocation.function.arn_with_qualifier(&self.surroundings.scope);
            return Err(ServiceError::not_found(&arn, request_id));
        };
        if invocation.payload.len() > PAYLOAD_BYTES_MAX {
            let message = format!(
                "Request must be smaller than {PAYLOAD_BYTES_MAX} bytes for the InvokeFunction operation"
            );
            return Err(ServiceError::new(413, "RequestTooLargeException", message, request_id));
        }
        let event = self.event(invocation, request_id.clone())?;
        let throttled = |Throttled| too_many(&request_id);
        match invocation.kind {
            InvocationType::RequestResponse => {
                let (report, log) = pool.run(event, invocation.log_tail).await.map_err(throttled)?;
                Ok(answer(&request_id, report, log))
            }
            InvocationType::Event => {
                let Ok(permit) = self.asynchronous.clone().try_acquire_owned() else {
                    return Err(too_many(&request_id));
                };
                tokio::spawn(run_until_it_succeeds(pool.clone(), event, permit));
                Ok(empty_answer(202, &request_id))
            }
            InvocationType::DryRun => Ok(empty_answer(204, &request_id)),
        }
    }

    /// AWS's answer for a function that is not there does not say what to do about it here.
    fn say_how_to_add(&self, name: &str) {
        let known: Vec<&str> = self.pools.keys().map(String::as_str).collect();
        tracing::info!(
            target: "function",
            function = name,
            "is called, but stepwell.toml has no [functions.{name}]; it has {}",
            known.join(", ")
        );
    }

    fn event(&self, invocation: &Invocation, request_id: String) -> Result<Event, ServiceError> {
        let client_context = match &invocation.client_context {
            None => None,
            Some(text) => match base64::decode(text).and_then(|bytes| String::from_utf8(bytes).ok()) {
                // A header cannot carry line ends; between JSON's tokens they are spaces.
                Some(json) => Some(json.replace(['\r', '\n'], " ")),
                None => {
                    let message = "Client context must be a valid Base64-encoded JSON object.".to_owned();
                    return Err(ServiceError::new(
                        400,
                        "InvalidRequestContentException",
                        message,
                        request_id,
                    ));
                }
            },
        };
        let payload = if invocation.payload.is_empty() { "{}" } else { &invocation.payload };
        if let Err(error) = Value::parse(payload) {
            let why = error.message_with_location(payload);
            let message =
                format!("Could not parse request body into json: Could not parse payload into json: {why}");
            return Err(ServiceError::new(400, "InvalidRequestContentException", message, request_id));
        }
        Ok(Event {
            request_id,
            payload: Bytes::copy_from_slice(payload.as_bytes()),
            function_arn: invocation.function.arn(&self.surroundings.scope),
            client_context,
            trace_id: clock::trace_id(),
            deadline_milliseconds: 0,
        })
    }
}

/// An asynchronous invocation: three tries, and nobody hears of the result.
async fn run_until_it_succeeds(pool: Arc<Pool>, event: Event, _permit: OwnedSemaphorePermit) {
    for delay in ASYNCHRONOUS_DELAYS.map(Some).into_iter().chain([None]) {
        match pool.run(event.clone(), false).await {
            Ok((Report::Succeeded(_), _)) => return,
            Ok((Report::Failed(error), _)) => {
                let error = String::from_utf8_lossy(&error);
                tracing::warn!(request = event.request_id, "an asynchronous invocation failed: {error}");
            }
            Err(Throttled) => {
                tracing::warn!(request = event.request_id, "an asynchronous invocation was throttled");
            }
        }
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
    }
}

/// The answer with the headers that AWS's has, in its order. (recorded)
fn answer(request_id: &str, report: Report, log: Option<Vec<u8>>) -> Answer {
    let (payload, failed) = match report {
        Report::Succeeded(payload) => (payload, false),
        Report::Failed(payload) => (payload, true),
    };
    let mut headers = Vec::with_capacity(10);
    let mut header = |name: &str, value: String| headers.push((name.to_owned(), value));
    if let Some(log) = log {
        header("X-Amz-Log-Result", base64::encode(&log));
    }
    if failed {
        header("X-Amz-Function-Error", "Unhandled".to_owned());
    }
    header("X-Amz-Executed-Version", "$LATEST".to_owned());
    header("x-amzn-Remapped-Content-Length", "0".to_owned());
    header("Connection", "keep-alive".to_owned());
    header("x-amzn-RequestId", request_id.to_owned());
    header("Content-Length", payload.len().to_string());
    header("Date", clock::http_date(clock::now_seconds()));
    header("X-Amzn-Trace-Id", clock::trace_id());
    header("Content-Type", "application/json".to_owned());
    Answer { metadata: ResponseMetadata { status: 200, headers }, payload }
}

fn empty_answer(status: u16, request_id: &str) -> Answer {
    let mut headers = vec![
        ("x-amzn-Remapped-Content-Length".to_owned(), "0".to_owned()),
        ("Connection".to_owned(), "keep-alive".to_owned()),
        ("x-amzn-RequestId".to_owned(), request_id.to_owned()),
        ("Content-Length".to_owned(), "0".to_owned()),
        ("Date".to_owned(), clock::http_date(clock::now_seconds())),
        ("X-Amzn-Trace-Id".to_owned(), clock::trace_id()),
    ];
    if status == 204 {
        headers.retain(|(name, _)| name != "Content-Length");
    }
    Answer { metadata: ResponseMetadata { status, headers }, payload: Bytes::new() }
}

fn too_many(request_id: &str) -> ServiceError {
    ServiceError::new(429, "TooManyRequestsException", "Rate Exceeded.".to_owned(), request_id.to_owned())
}
