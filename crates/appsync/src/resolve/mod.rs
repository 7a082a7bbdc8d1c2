//! A field is resolved: handlers around data sources, as a unit or as a pipeline.
//!
//! Never here: which fields are wanted, what becomes of a value.

mod batches;
mod context;
mod handlers;
mod pipeline;
mod templates;
mod zones;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use graphql::{Details, FieldError};
use json::{Object, Text, Value};
use services::Members;

use crate::api::{Api, Handlers, Kind, Resolver, Step};
use crate::appsync::Shared;
use crate::authorization::Identity;
use crate::cache::Cache;
use crate::outside::Outside;
use crate::place;
use crate::request::{DURATION_MAX, Level};
use crate::sources::{Answer, Asking, Memory};

pub(crate) use batches::Batches;
pub(crate) use context::Field;
pub(crate) use templates::parse as parse_template;
pub(crate) use zones::zones;

use handlers::Moved;

/// AppSync's bound on `maxBatchSize`.
const BATCH_MAX: usize = 2_000;

/// What all fields of one request share.
pub(crate) struct Request {
    /// Whose resolvers run.
    pub api: Arc<Api>,
    /// Who asks. (`ctx.identity`)
    pub identity: Identity,
    /// `ctx.request.headers`
    pub headers: Object,
    /// `ctx.request.domainName`
    pub domain_name: Option<Text>,
    /// Names the request in logs.
    pub request_id: Text,
    /// The port.
    pub outside: Arc<dyn Outside>,
    /// Results that are kept.
    pub cache: Arc<Cache>,
    /// What data sources keep.
    pub memory: Arc<Memory>,
    /// Invocations that go together.
    pub batches: Batches,
    /// Whether its time is over, for handlers.
    pub is_late: Arc<appsync_js::Late>,
    /// Who wants to see each step.
    pub trace: Option<Mutex<Vec<Stage>>>,
    /// From when on steps are timed.
    begun: Instant,
}

impl Request {
    /// Of somebody who was let in. `headers` as resolvers see them.
    pub fn new(
        shared: &Shared,
        api: Arc<Api>,
        identity: Identity,
        headers: Object,
        request_id: Text,
    ) -> Request {
        // What is logged is what was seen.
        let begun = std::time::Instant::now();
        let trace = (api.log.level > Level::None).then(Mutex::default);
        let domain_name = headers.text("host").and_then(|host| place::domain_name(&shared.records(), host));
        Request {
            api,
            identity,
            headers,
            domain_name,
            request_id,
            outside: shared.outside.clone(),
            cache: shared.cache.clone(),
            memory: shared.memory.clone(),
            batches: Batches::default(),
            is_late: Arc::new(move || begun.elapsed() >= DURATION_MAX),
            trace,
            begun: Instant::now(),
        }
    }
}

/// What one step of a resolver was and did, for people who look.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// The field: `/posts/items[0]/author`
    pub path: Text,
    /// `Query.post`, and behind a slash the function: `Query.post/authorise`.
    pub step: Text,
    /// `request`, `source`, `response`
    pub part: &'static str,
    /// What went in: `ctx`, or the request to the data source.
    pub given: Value,
    /// What came out; an error as `{"error": {"message", "type"}}`.
    pub gave: Value,
    /// Lines of the handler's log.
    pub logs: Vec<Text>,
    /// When it began, since the request did.
    pub started_microseconds: u64,
    /// How long it took.
    pub microseconds: u64,
}

/// What came of a field.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// Its value, or why there is none.
    pub result: Result<Value, FieldError>,
    /// `util.appendError`
    pub errors: Vec<FieldError>,
    /// `util.http.addResponseHeader`
    pub response_headers: Vec<(Text, Text)>,
    /// Calls of `extensions`, in order.
    pub extensions: Vec<(Text, Vec<Value>)>,
}

impl Resolved {
    /// A value that is known already.
    pub fn of(value: Value) -> Resolved {
        Resolved {
            result: Ok(value),
            errors: Vec::new(),
            response_headers: Vec::new(),
            extensions: Vec::new(),
        }
    }
}

/// Resolves a field.
pub(crate) async fn resolve(request: &Request, resolver: &Resolver, field: Field) -> Resolved {
    let mut run = Run::new(request, resolver, field);
    let result = match &resolver.kind {
        Kind::Unit(step) => run.unit(step).await,
        Kind::Pipeline { around, functions } => run.pipeline(around, functions).await,
    };
    Resolved {
        result,
        errors: run.errors,
        response_headers: run.response_headers,
        extensions: run.extensions,
    }
}

/// A resolver under way.
struct Run<'r> {
    request: &'r Request,
    /// For logs and traces: the resolver, and the function in it.
    step: Text,
    path: Text,
    /// `ctx`
    context: Object,
    errors: Vec<FieldError>,
    response_headers: Vec<(Text, Text)>,
    extensions: Vec<(Text, Vec<Value>)>,
}

impl<'r> Run<'r> {
    fn new(request: &'r Request, resolver: &Resolver, field: Field) -> Run<'r> {
        Run {
            request,
            step: resolver.name.clone(),
            path: field.path.clone(),
            context: field.context(request, resolver),
            errors: Vec::new(),
            response_headers: Vec::new(),
            extensions: Vec::new(),
        }
    }

    async fn unit(&mut self, step: &Step) -> Result<Value, FieldError> {
        match self.step(step).await? {
            Moved::On(value) | Moved::Returned(value, _) => Ok(value),
        }
    }

    /// Request, data source, response.
    async fn step(&mut self, step: &Step) -> Result<Moved, FieldError> {
        let (request, is_old_version) = match self.make_request(step)? {
            handlers::Made::Request(request) => {
                // Code is always of the newer version.
                let is_old = !matches!(step.handlers, Handlers::Code(_))
                    && request.get("version").and_then(Value::as_str) == Some("2017-02-28");
                (request, is_old)
            }
            handlers::Made::Returned(moved) => return Ok(moved),
        };
        let answer = self.ask(step, request, is_old_version).await;
        // Where nobody reads the response, nobody can say what an error means.
        if is_old_version || !step.handlers.reads_response() {
            if let Some(error) = answer.error {
                return Err(raised(error));
            }
            if is_old_version && answer.result.is_null() {
                return Ok(Moved::On(Value::Null));
            }
        }
        let error = answer.error.as_ref().map(
            |error| json::value!({"message": (error.message.as_str()), "type": (error.error_type.clone())}),
        );
        self.context.insert("result", answer.result.clone());
        self.context.insert("error", error);
        let moved = self.read_response(&step.handlers, answer.result);
        self.context.insert("error", Value::Null);
        moved
    }

    async fn ask(&mut self, step: &Step, request: Value, is_old_version: bool) -> Answer {
        let source = match &step.source {
            Ok(source) => source,
            Err(missing) => return Answer::error("BadRequest", missing.clone()),
        };
        let begun = Instant::now();
        let batch_max = batch_max(step, &request);
        let answer = if batch_max > 0 && source.can_batch(&request) {
            self.request.batches.join(step, batch_max, source, request.clone(), &self.context).await
        } else {
            let asking = Asking {
                outside: &*self.request.outside,
                memory: &self.request.memory,
                is_old_version,
                sync: &step.sync,
                context: &self.context,
            };
            source.ask(&request, asking).await
        };
        self.note("source", begun, || request, || seen(&answer), Vec::new());
        answer
    }

    /// Tells whoever looks. Costs nothing if nobody does.
    fn note(
        &self,
        part: &'static str,
        begun: Instant,
        given: impl FnOnce() -> Value,
        gave: impl FnOnce() -> Value,
        logs: Vec<Text>,
    ) {
        let Some(trace) = &self.request.trace else { return };
        let stage = Stage {
            path: self.path.clone(),
            step: self.step.clone(),
            part,
            given: given(),
            gave: gave(),
            logs,
            started_microseconds: microseconds(begun.duration_since(self.request.begun)),
            microseconds: microseconds(begun.elapsed()),
        };
        trace.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(stage);
    }
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// How many requests go together; 0 for none. Templates that say BatchInvoke need no `maxBatchSize` for it.
fn batch_max(step: &Step, request: &Value) -> usize {
    let is_template = matches!(step.handlers, Handlers::Templates { .. });
    match step.batch_max {
        0 if is_template && request.get("operation").and_then(Value::as_str) == Some("BatchInvoke") => {
            BATCH_MAX
        }
        max => max,
    }
}

fn seen(answer: &Answer) -> Value {
    match &answer.error {
        None => answer.result.clone(),
        Some(error) => json::value!({
            "result": (answer.result.clone()),
            "error": {"message": (error.message.as_str()), "type": (error.error_type.clone())},
        }),
    }
}

/// A data source's error that no handler was asked about.
fn raised(error: crate::sources::SourceError) -> FieldError {
    let details = Details { error_type: Some(error.error_type), data: error.data, info: error.info };
    FieldError { message: error.message, details }
}

/// An error of our own making.
fn failed(error_type: &str, message: impl Into<String>) -> FieldError {
    let details = Details { error_type: Some(error_type.into()), ..Details::default() };
    FieldError { message: message.into(), details }
}
