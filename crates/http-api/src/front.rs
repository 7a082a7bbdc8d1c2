//! One HTTP request: to whom it goes, and how what they say goes back.
//!
//! `X-Amz-Target` is looked at before anything else; the host name never. Never here: connections,
//! what an action does.

use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ACCEPT, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    LOCATION,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

use ::appsync::AppSync;
use ::gateway::Gateway;
use ::services::Served;
use engine::Engine;

use crate::actions::{Action, Call, TARGET_PREFIX};
use crate::appsync;
use crate::authentication::{Authentication, Guard};
use crate::batch;
use crate::body;
use crate::connections::{self, ConnectionAction};
use crate::console::door::Door;
use crate::console::stream::{Pieces, Streams};
use crate::console::views::{Asked, Shown, View};
use crate::console::{Console, evaluate, graphql, pages};
use crate::error::ApiError;
use crate::gateway::{self, Peer};
use crate::layout;
use crate::members::Body;
use crate::metrics::Metrics;
use crate::patience::Progress;
use crate::realtime::Lasting;
use crate::redrive;
use crate::request_id::RequestIds;
use crate::services::{self, Left};
use crate::stopping::Stopping;

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const AMZ_JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
/// EventBridge speaks the newer version.
const AMZ_JSON_1_1: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const SVG: HeaderValue = HeaderValue::from_static("image/svg+xml");
const POLICY_OF_PICTURES: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
const PEM: HeaderValue = HeaderValue::from_static("application/x-pem-file");

const PROMETHEUS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What an answer is sent as.
pub(crate) type Answer = Response<Either<Full<Bytes>, Pieces>>;

/// What all requests of a server share.
pub(crate) struct Front {
    /// Who does the work.
    pub engine: Engine,
    /// What HTTP tasks are let in with.
    connections: ::connections::Connections,
    /// What stands around workflows.
    pub services: Served,
    /// The APIs before them, if there are any.
    gateway: Option<Gateway>,
    /// The GraphQL APIs, if there are any.
    pub appsync: Option<AppSync>,
    /// The counters.
    pub metrics: Metrics,
    /// Ends long polls.
    pub stopping: Stopping,
    /// WebSockets and streams of events.
    pub lasting: Lasting,
    console: Console,
    pub door: Door,
    streams: Streams,
    pub guard: Guard,
    request_ids: RequestIds,
}

impl Front {
    /// Ready for the first request.
    pub fn new(
        engine: Engine,
        connections: ::connections::Connections,
        services: Served,
        (gateway, appsync): (Option<Gateway>, Option<AppSync>),
        authentication: Authentication,
        console: Console,
        (stopping, lasting): (Stopping, Lasting),
    ) -> Front {
        Front {
            engine,
            connections,
            services,
            gateway,
            appsync,
            metrics: Metrics::new(),
            stopping,
            lasting,
            door: Door::new(console.hosts.clone()),
            streams: Streams::new(),
            console,
            guard: Guard::new(authentication),
            request_ids: RequestIds::new(),
        }
    }

    /// Answers one request, whatever it is.
    ///
    /// What is rare waits in a box: this future is moved for every request, and is as large as the largest part of it.
    pub async fn answer(
        &self,
        request: Request<Incoming>,
        peer: Option<Peer>,
        progress: &Progress,
    ) -> Answer {
        let (parts, incoming) = request.into_parts();
        if let Some(gateway) = &self.gateway
            && let Some(asked) = gateway::asked(gateway, &parts)
        {
            return Box::pin(self.answer_api(gateway, &asked, (parts, incoming), peer, progress)).await;
        }
        if let Some(appsync) = &self.appsync
            && let Some(place) = appsync::place(appsync, &parts)
        {
            return Box::pin(self.answer_appsync(appsync, &place, (parts, incoming), peer, progress)).await;
        }
        if let Err(error) = self.door.check(&parts) {
            return self.answered(Err(error), JSON);
        }
        if matches!(parts.method, Method::GET | Method::HEAD)
            && let Some(certificate) = self.services.document(parts.uri.path())
        {
            return page(StatusCode::OK, PEM, certificate);
        }
        let target = parts.headers.get(TARGET);
        if let Some(action) = target.and_then(connections::action)
            && parts.method == Method::POST
        {
            return Box::pin(self.call_of_events(&parts, action, incoming, progress)).await;
        }
        if self.is_for_a_service(&parts, target) {
            return Box::pin(self.service(parts, incoming, progress)).await;
        }
        if parts.method == Method::POST && (target.is_some() || parts.uri.path() == "/") {
            return self.call(&parts, target, incoming, progress).await;
        }
        if parts.method == Method::POST && parts.uri.path() == batch::PATH {
            return Box::pin(self.start_batch(&parts, incoming, progress)).await;
        }
        if parts.method == Method::POST && parts.uri.path() == redrive::PATH {
            return Box::pin(self.redrive(&parts, incoming, progress)).await;
        }
        if parts.method == Method::POST && parts.uri.path() == evaluate::PATH {
            return Box::pin(self.evaluate(&parts, incoming, progress)).await;
        }
        if parts.method == Method::POST && parts.uri.path() == graphql::PATH {
            return Box::pin(self.graphql(&parts, incoming, progress)).await;
        }
        if matches!(parts.method, Method::GET | Method::POST) && parts.uri.path() == layout::PATH {
            return Box::pin(self.layout(&parts, incoming, progress)).await;
        }
        match (&parts.method, parts.uri.path()) {
            (&Method::GET | &Method::HEAD, "/healthz") => page(StatusCode::OK, PLAIN, "ok\n"),
            (&Method::GET | &Method::HEAD, "/readyz") if self.stopping.has_begun() => {
                page(StatusCode::SERVICE_UNAVAILABLE, PLAIN, "stopping\n")
            }
            (&Method::GET | &Method::HEAD, "/readyz") => page(StatusCode::OK, PLAIN, "ready\n"),
            (&Method::GET | &Method::HEAD, "/metrics") => {
                let log_syncs = self.engine.store().log_syncs();
                let mut text = self.metrics.page(self.engine.statistics(), log_syncs);
                if let Some(appsync) = &self.appsync {
                    appsync.write_metrics(&mut text);
                }
                page(StatusCode::OK, PROMETHEUS, text)
            }
            (&Method::GET, path) if let Some(view) = View::at(path) => {
                Box::pin(self.view(&parts, view)).await
            }
            (&Method::GET | &Method::HEAD, path) if self.console.is_enabled && pages::is_page(path) => {
                match self.door.check_page(&parts.headers) {
                    Ok(()) => pages::answer(path, &parts.headers).map(Either::Left),
                    Err(error) => self.answered(Err(error), JSON),
                }
            }
            (&Method::GET, "/") if self.console.is_enabled && is_a_persons(&parts) => {
                let mut answer = page(StatusCode::SEE_OTHER, PLAIN, "");
                answer.headers_mut().insert(LOCATION, HeaderValue::from_static(pages::PATH));
                answer
            }
            _ => page(StatusCode::NOT_FOUND, JSON, NOTHING_HERE),
        }
    }

    /// Whether a request may be for one of the services around workflows: it names another target than Step
    /// Functions, or it has none and a path that is nobody else's.
    fn is_for_a_service(&self, parts: &Parts, target: Option<&HeaderValue>) -> bool {
        let path = parts.uri.path();
        match target {
            Some(target) => {
                parts.method == Method::POST && !target.as_bytes().starts_with(TARGET_PREFIX.as_bytes())
            }
            None => !is_own(path) && services::may_be_for_a_service(parts),
        }
    }

    async fn service(&self, parts: Parts, incoming: Incoming, progress: &Progress) -> Answer {
        let is_of_the_api = |parts: &Parts| parts.method == Method::POST && parts.uri.path() == "/";
        match self.read_for_a_service(parts, incoming, progress).await {
            Ok(Ok(request)) => self.serve(request).await,
            Ok(Err(Left::Unread(parts, incoming))) if is_of_the_api(&parts) => {
                self.call(&parts, parts.headers.get(TARGET), incoming, progress).await
            }
            Ok(Err(Left::Read(parts, bytes))) if is_of_the_api(&parts) => {
                let outcome = self.perform(&parts, &bytes, action(parts.headers.get(TARGET))).await;
                self.answered(outcome, AMZ_JSON)
            }
            Ok(Err(_)) => page(StatusCode::NOT_FOUND, JSON, NOTHING_HERE),
            Err(error) => self.answered(Err(error), AMZ_JSON),
        }
    }

    /// An error, as Step Functions writes it.
    pub(crate) fn refused(&self, error: &ApiError) -> Answer {
        self.answered(Err(error.clone()), AMZ_JSON)
    }

    pub(crate) fn next_request_id(&self) -> String {
        self.request_ids.next()
    }

    async fn call(
        &self,
        parts: &Parts,
        target: Option<&HeaderValue>,
        incoming: Incoming,
        progress: &Progress,
    ) -> Answer {
        let action = action(target);
        let outcome = match body::read(incoming, body::BODY_BYTES_MAX, progress).await {
            Ok(bytes) => self.perform(parts, &bytes, action.clone()).await,
            Err(error) => Err(error),
        };
        self.metrics.count(action.ok(), outcome.as_ref().err().map(|error| error.code));
        self.answered(outcome, AMZ_JSON)
    }

    /// An action of EventBridge on connections.
    async fn call_of_events(
        &self,
        parts: &Parts,
        action: ConnectionAction,
        incoming: Incoming,
        progress: &Progress,
    ) -> Answer {
        let outcome = async {
            let bytes = body::read(incoming, body::BODY_BYTES_MAX, progress).await?;
            self.check(parts, &bytes, "events")?;
            let call = connections::Call {
                connections: &self.connections,
                scope: self.engine.scope(),
                now: self.engine.now(),
                body: Body::parse(&bytes)?,
            };
            action.answer(&call).await
        };
        let outcome = outcome.await;
        self.metrics.count_other(action.name(), outcome.as_ref().err().map(|error| error.code));
        self.answered(outcome, AMZ_JSON_1_1)
    }

    /// The extension for batches.
    async fn start_batch(&self, parts: &Parts, incoming: Incoming, progress: &Progress) -> Answer {
        let outcome = async {
            let bytes = body::read(incoming, batch::BODY_BYTES_MAX, progress).await?;
            self.check(parts, &bytes, "states")?;
            batch::answer(&self.engine, &Body::parse(&bytes)?).await
        };
        let outcome = outcome.await;
        self.metrics.count_other(batch::NAME, outcome.as_ref().err().map(|error| error.code));
        self.answered(outcome, JSON)
    }

    /// The extension for redrives.
    async fn redrive(&self, parts: &Parts, incoming: Incoming, progress: &Progress) -> Answer {
        let outcome = async {
            let bytes = body::read(incoming, body::BODY_BYTES_MAX, progress).await?;
            self.check(parts, &bytes, "states")?;
            redrive::answer(&self.engine, &Body::parse(&bytes)?).await
        };
        let outcome = outcome.await;
        self.metrics.count_other(redrive::NAME, outcome.as_ref().err().map(|error| error.code));
        self.answered(outcome, JSON)
    }

    /// The extension for expressions.
    async fn evaluate(&self, parts: &Parts, incoming: Incoming, progress: &Progress) -> Answer {
        let outcome = async {
            let bytes = body::read(incoming, body::BODY_BYTES_MAX, progress).await?;
            self.check(parts, &bytes, "states")?;
            evaluate::answer(self.engine.now(), &Body::parse(&bytes)?).await
        };
        let outcome = outcome.await;
        self.metrics.count_other(evaluate::NAME, outcome.as_ref().err().map(|error| error.code));
        self.answered(outcome, JSON)
    }

    /// The extension for requests to GraphQL APIs.
    async fn graphql(&self, parts: &Parts, incoming: Incoming, progress: &Progress) -> Answer {
        let outcome = async {
            let bytes = body::read(incoming, body::BODY_BYTES_MAX, progress).await?;
            self.check(parts, &bytes, "states")?;
            graphql::answer(self.appsync.as_ref(), &bytes).await
        };
        let outcome = outcome.await;
        self.metrics.count_other(graphql::NAME, outcome.as_ref().err().map(|error| error.code));
        self.answered(outcome, JSON)
    }

    /// A question of the console.
    async fn view(&self, parts: &Parts, view: View) -> Answer {
        let asked = Asked {
            engine: &self.engine,
            metrics: &self.metrics,
            console: &self.console,
            services: &self.services,
            streams: &self.streams,
            stopping: &self.stopping,
            query: parts.uri.query(),
        };
        let checked = self.check(parts, b"", "states");
        let outcome = match checked {
            Ok(()) => view.answer(&asked).await,
            Err(error) => Err(error),
        };
        self.metrics.count_other(view.name(), outcome.as_ref().err().map(|error| error.code));
        let mut answer = match outcome {
            Ok(Shown::Json(text)) => self.answered(Ok(text), JSON),
            Ok(Shown::Events(pieces)) => {
                let mut answer = Response::new(Either::Right(pieces));
                answer.headers_mut().insert(CONTENT_TYPE, EVENTS);
                answer
            }
            Err(error) => self.answered(Err(error), JSON),
        };
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }

    /// The extension for graphs.
    async fn layout(&self, parts: &Parts, incoming: Incoming, progress: &Progress) -> Answer {
        let mut content_type = JSON;
        let outcome = async {
            let bytes = body::read(incoming, layout::BODY_BYTES_MAX, progress).await?;
            self.check(parts, &bytes, "states")?;
            let request = layout::Request::read(parts.uri.query(), parts.method == Method::POST)?;
            if request.format == layout::Format::Svg {
                content_type = SVG;
            }
            layout::answer(&self.engine, request, bytes).await
        };
        let outcome = outcome.await;
        self.metrics.count_other(layout::NAME, outcome.as_ref().err().map(|error| error.code));
        let is_picture = content_type == SVG;
        let mut answer = self.answered(outcome, content_type);
        if is_picture {
            // A browser that opens it as a document runs nothing in it.
            answer.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY_OF_PICTURES);
        }
        answer
    }

    fn answered(&self, outcome: Result<String, ApiError>, content_type: HeaderValue) -> Answer {
        let mut answer = match outcome {
            Ok(text) => page(StatusCode::OK, content_type, text),
            Err(error) if content_type == AMZ_JSON_1_1 => refusal(&error, AMZ_JSON_1_1, error.plain_body()),
            Err(error) => refusal(&error, AMZ_JSON, error.body()),
        };
        if let Ok(id) = HeaderValue::try_from(self.request_ids.next()) {
            answer.headers_mut().insert(REQUEST_ID, id);
        }
        answer
    }

    async fn perform(
        &self,
        parts: &Parts,
        bytes: &[u8],
        action: Result<Action, ApiError>,
    ) -> Result<String, ApiError> {
        self.check(parts, bytes, "states")?;
        let action = action?;
        let call = Call {
            engine: &self.engine,
            body: Body::parse(bytes)?,
            trace_header: parts.headers.get(TRACE).and_then(|value| value.to_str().ok()),
            parent: None,
            stopping: &self.stopping,
        };
        action.answer(&call).await
    }

    /// Strangers learn nothing, not even what this server has.
    pub(crate) fn check(&self, parts: &Parts, bytes: &[u8], service: &str) -> Result<(), ApiError> {
        let now_seconds = u64::try_from(self.engine.now().0 / 1000).unwrap_or_default();
        self.guard.check(parts, bytes, service, &self.engine.scope().region, now_seconds)
    }
}

const NOTHING_HERE: &str = concat!(
    r#"{"message":"There is nothing here. This server speaks the AWS Step Functions API: point an AWS SDK or the "#,
    r#"AWS CLI at it with --endpoint-url. For people there is /console, for operators there are /healthz, /readyz and /metrics."}"#
);

/// Whether a path is one of this server's own, rather than of a service that speaks REST.
fn is_own(path: &str) -> bool {
    let own = ["/healthz", "/readyz", "/metrics", "/console", "/console/"];
    own.contains(&path)
        || path.starts_with("/console/")
        || path.starts_with("/v1/") && !services::is_path_of_appsync(path)
}

/// Whether somebody looks at this with a browser.
fn is_a_persons(parts: &Parts) -> bool {
    parts
        .headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|types| types.contains("text/html"))
}

fn action(target: Option<&HeaderValue>) -> Result<Action, ApiError> {
    let Some(target) = target else {
        let message = "The X-Amz-Target header is missing: it names the action, as in AWSStepFunctions.ListStateMachines.";
        return Err(ApiError::new("UnknownOperationException", message));
    };
    Action::from_target(&String::from_utf8_lossy(target.as_bytes()))
}

fn refusal(error: &ApiError, content_type: HeaderValue, body: String) -> Answer {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = page(status, content_type, body);
    if matches!(error.status, 408 | 413) {
        // The rest of the body is not read, so nothing can follow on this connection.
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

fn page(status: StatusCode, content_type: HeaderValue, text: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Either::Left(Full::new(text.into())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Connections move it for every request.
    #[test]
    fn the_future_of_a_request_is_small() {
        fn size<'f, F: Future>(
            _: impl FnOnce(&'f Front, Request<Incoming>, Option<Peer>, &'f Progress) -> F,
        ) -> usize {
            size_of::<F>()
        }
        let bytes = size(|front, request, peer, progress| front.answer(request, peer, progress));
        assert!(bytes <= 3072, "{bytes} bytes: put what is rare and large into a box");
    }
}
