//! The Lambda Runtime API (2018-06-01) for one process: it asks for events and posts results.
//!
//! One listener on a loopback port per process: `AWS_LAMBDA_RUNTIME_API` is `HOST:PORT` and nothing
//! else, so the port is what tells processes apart. (spec/event-routers.md §5.2)

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderMap;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::base64;

/// AWS's limit of a result: 6 MB and a little.
pub(crate) const RESULT_BYTES_MAX: usize = 6_291_556;
/// Runtime clients keep one or two connections.
const CONNECTIONS_MAX: usize = 16;
const PREFIX: &str = "/2018-06-01/runtime/";

/// What a function is called with.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) request_id: String,
    /// JSON text.
    pub(crate) payload: Bytes,
    pub(crate) function_arn: String,
    /// JSON text, as the caller gave it.
    pub(crate) client_context: Option<String>,
    pub(crate) trace_id: String,
    /// When the invocation is ended, in milliseconds since 1970.
    pub(crate) deadline_milliseconds: u64,
}

/// What a process has said.
#[derive(Debug, PartialEq)]
pub(crate) enum Signal {
    /// It has asked for its first event.
    Ready,
    /// It could not start, and why (JSON text).
    InitError(Bytes),
    /// The event's result.
    Succeeded(Bytes),
    /// The event's error (JSON text).
    Failed(Bytes),
    /// The event's result is larger than [`RESULT_BYTES_MAX`].
    TooLarge,
}

/// The server of one process. It ends when the value goes.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    /// What the process will get.
    pub(crate) events: mpsc::Sender<Event>,
    /// What it has said.
    pub(crate) signals: mpsc::Receiver<Signal>,
    accepting: JoinHandle<()>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> std::io::Result<RuntimeApi> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (events, next) = mpsc::channel(1);
        // A process says at most two things before the other side has heard the first.
        let (said, signals) = mpsc::channel(2);
        let shared = Arc::new(Shared {
            next: tokio::sync::Mutex::new(next),
            said,
            current: Mutex::new(None),
            was_ready: AtomicBool::new(false),
        });
        let accepting = tokio::spawn(accept(listener, shared));
        Ok(RuntimeApi { address, events, signals, accepting })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

struct Shared {
    next: tokio::sync::Mutex<mpsc::Receiver<Event>>,
    said: mpsc::Sender<Signal>,
    /// The request that the process works on.
    current: Mutex<Option<String>>,
    was_ready: AtomicBool,
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted && connections.len() < CONNECTIONS_MAX {
                    connections.spawn(serve(stream, shared.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Without it a response waits for the acknowledgement of the one before: 44 ms with every call.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let shared = shared.clone();
        async move { Ok::<_, Infallible>(shared.answer(request).await) }
    });
    // AWS spells headers like that, and some programs compare them letter by letter.
    let mut server = hyper::server::conn::http1::Builder::new();
    server.title_case_headers(true);
    // A broken connection is the death of its process, which is noticed elsewhere.
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let Some(place) = path.strip_prefix(PREFIX) else {
            return error(StatusCode::NOT_FOUND, "NotFound", &path);
        };
        let parts: Vec<&str> = place.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => self.report(id, request, false).await,
            (&Method::POST, ["invocation", id, "error"]) => self.report(id, request, true).await,
            (&Method::POST, ["init", "error"]) => match body(request).await {
                Some((message, _)) => self.accepted(Signal::InitError(message)).await,
                None => error(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "RequestEntityTooLarge",
                    "Exceeded maximum allowed size",
                ),
            },
            _ => error(StatusCode::NOT_FOUND, "NotFound", &path),
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        if !self.was_ready.swap(true, Ordering::Relaxed) {
            let _ = self.said.send(Signal::Ready).await;
        }
        let Some(event) = self.next.lock().await.recv().await else {
            return error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Runtime.Closed",
                "the function has been removed",
            );
        };
        let Event { request_id, payload, function_arn, client_context, trace_id, deadline_milliseconds } =
            event;
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(request_id.clone());
        let mut response = Response::builder()
            .header("Content-Type", "application/json")
            .header("Lambda-Runtime-Aws-Request-Id", request_id)
            .header("Lambda-Runtime-Deadline-Ms", deadline_milliseconds)
            .header("Lambda-Runtime-Invoked-Function-Arn", function_arn)
            .header("Lambda-Runtime-Trace-Id", trace_id);
        if let Some(context) = client_context {
            response = response.header("Lambda-Runtime-Client-Context", context);
        }
        response.body(Full::new(payload)).unwrap_or_else(|refused| {
            error(StatusCode::INTERNAL_SERVER_ERROR, "Runtime.InvalidEvent", &refused.to_string())
        })
    }

    async fn report(&self, id: &str, request: Request<Incoming>, failed: bool) -> Response<Full<Bytes>> {
        let is_current = self
            .current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take_if(|current| current == id)
            .is_some();
        if !is_current {
            return error(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID");
        }
        match body(request).await {
            None => {
                let _ = self.said.send(Signal::TooLarge).await;
                error(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "RequestEntityTooLarge",
                    "Exceeded maximum allowed payload size",
                )
            }
            Some((payload, _)) if failed => self.accepted(Signal::Failed(payload)).await,
            // A streamed result may turn out an error after its beginning was sent.
            Some((_, Some(trailers))) if trailers.contains_key("lambda-runtime-function-error-type") => {
                let text =
                    trailers.get("lambda-runtime-function-error-body").and_then(|value| value.to_str().ok());
                let payload = text.and_then(base64::decode).unwrap_or_default();
                self.accepted(Signal::Failed(payload.into())).await
            }
            Some((payload, _)) => self.accepted(Signal::Succeeded(payload)).await,
        }
    }

    async fn accepted(&self, signal: Signal) -> Response<Full<Bytes>> {
        // Nobody listens: the invocation has been given up, and the process with it.
        let _ = self.said.send(signal).await;
        json_response(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.to_owned())
    }
}

/// The whole body and its trailers; `None` if it is too large or broke off. What is too large is
/// read to its end all the same, since a client that is still sending would not hear the answer.
async fn body(request: Request<Incoming>) -> Option<(Bytes, Option<HeaderMap>)> {
    let mut incoming = request.into_body();
    let (mut collected, mut trailers, mut too_large) = (Vec::new(), None, false);
    while let Some(frame) = incoming.frame().await {
        match frame.ok()?.into_data() {
            Ok(data) if collected.len() + data.len() > RESULT_BYTES_MAX => too_large = true,
            Ok(data) if !too_large => collected.extend_from_slice(&data),
            Ok(_) => {}
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    (!too_large).then(|| (collected.into(), trailers))
}

fn error(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    json_response(status, json::value!({ "errorMessage": message, "errorType": kind }).to_text())
}

fn json_response(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("Content-Type", hyper::header::HeaderValue::from_static("application/json"));
    response
}
