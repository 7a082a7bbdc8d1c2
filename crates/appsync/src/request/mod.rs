//! One GraphQL request: who asks, what for, and what comes of it.
//!
//! Never here: how a field is resolved, sockets.

mod answer;
mod as_somebody;
mod body;
mod drive;
mod log;
mod persisted;
mod subscription;

use std::sync::{Arc, PoisonError};

use graphql::{OperationKind, Settings};
use json::{Object, Text, Value};
use services::Moment;

use crate::api::Api;
use crate::appsync::Shared;
use crate::authorization::{self, Checking, Credentials, Identity, Refusal};
use crate::cache::{self, Slot};
use crate::exchange::{self, Response};
use crate::resolve;

pub(crate) use answer::{Malformed, allow_pages};
pub(crate) use as_somebody::answer as answer_as_somebody;
pub(crate) use body::Asked;
pub(crate) use drive::{DURATION_MAX, drive};
pub(crate) use log::{Level, LogConfig};
pub(crate) use persisted::Persisted;
pub(crate) use subscription::{Subscribed, deliver, is_subscription, subscribe};

/// Answers a request over HTTP.
pub(crate) async fn answer(shared: &Arc<Shared>, id: &str, request: exchange::Request) -> Response {
    let request_id = Text::from(Moment::drawn().uuid());
    let outcome = answered(shared, id, &request, &request_id).await;
    let mut response = match outcome {
        Ok(response) => response,
        Err(malformed) => malformed.response(&request_id),
    };
    answer::allow_pages(&mut response);
    response
}

async fn answered(
    shared: &Arc<Shared>,
    id: &str,
    request: &exchange::Request,
    request_id: &Text,
) -> Result<Response, Malformed> {
    if request.method == "OPTIONS" {
        return Ok(Response { status: 200, ..Response::default() });
    }
    let Admitted { api, identity, headers, mut asked } = admit(shared, id, request, request_id).await?;
    if let Err(answered) = shared.persisted.complete(&api.id, &mut asked) {
        return Ok(answer::response(answered, request_id));
    }
    let request = resolve::Request::new(shared, api, identity, headers, request_id.clone());
    // Only what changes something goes on when the client hangs up. (A document with a mutation has the word in it.)
    let answered = if asked.query.contains("mutation") {
        let shared = shared.clone();
        services::to_its_end(async move { execute_and_log(&shared, &request, &asked).await }).await?
    } else {
        execute_and_log(shared, &request, &asked).await?
    };
    Ok(answer::response(answered, request_id))
}

async fn execute_and_log(
    shared: &Arc<Shared>,
    request: &resolve::Request,
    asked: &Asked,
) -> Result<Answered, Malformed> {
    let answered = execute(shared, request, asked).await?;
    if let Some(trace) = &request.trace {
        let stages = trace.lock().unwrap_or_else(PoisonError::into_inner);
        log::write(request, asked, &answered, &stages);
    }
    Ok(answered)
}

/// A request over HTTP that was let in.
pub(crate) struct Admitted {
    pub api: Arc<Api>,
    pub identity: Identity,
    /// `ctx.request.headers`
    pub headers: Object,
    pub asked: Asked,
}

/// Finds out who sends a request over HTTP, and what it asks for.
pub(crate) async fn admit(
    shared: &Arc<Shared>,
    id: &str,
    request: &exchange::Request,
    request_id: &Text,
) -> Result<Admitted, Malformed> {
    let api = shared.api(id).ok_or_else(Malformed::no_api)?;
    let asked = Asked::read(request);
    let operation = asked.as_ref().ok().map(Asked::as_object);
    let credentials = Credentials {
        headers: request.header_map(),
        method: &request.method,
        path: &request.path,
        query: &request.query,
        body: &request.body,
        source_ip: &request.source_ip,
        operation: operation.as_ref(),
        request_id,
    };
    let identity = identify(shared, &api, &credentials).await.map_err(Malformed::refused)?;
    Ok(Admitted { api, identity, headers: credentials.headers, asked: asked? })
}

/// Finds out who asks.
pub(crate) async fn identify(
    shared: &Arc<Shared>,
    api: &Api,
    credentials: &Credentials<'_>,
) -> Result<Identity, Refusal> {
    authorization::identify(&checking(shared, api), credentials).await
}

/// Whether somebody who was let in would be let in now.
///
/// # Errors
/// They would not.
pub(crate) fn stay(shared: &Shared, api: &Api, identity: &Identity) -> Result<Identity, Refusal> {
    authorization::stay(&checking(shared, api), identity)
}

fn checking<'c>(shared: &'c Shared, api: &'c Api) -> Checking<'c> {
    Checking {
        api_id: &api.id,
        scope: &api.scope,
        providers: &api.providers,
        api_keys: &api.keys,
        keys: &shared.keys,
        outside: &shared.outside,
        now: Moment::drawn().now,
    }
}

/// What a request gave.
#[derive(Debug)]
pub(crate) struct Answered {
    /// `{"data": …, "errors": …}`
    pub body: Value,
    /// Headers that resolvers added.
    pub headers: Vec<(Text, Text)>,
}

/// Executes a query or a mutation, and tells those who listen.
///
/// # Errors
/// It is no request of this API at all; what AppSync answers with another status than 200.
pub(crate) async fn execute(
    shared: &Arc<Shared>,
    request: &resolve::Request,
    asked: &Asked,
) -> Result<Answered, Malformed> {
    let api = &request.api;
    let schema = api.schema.as_ref().ok_or_else(Malformed::no_schema)?;
    let plan = match api.plans.plan(schema, &asked.query, asked.operation_name.as_deref()) {
        Ok(plan) => plan,
        Err(refusal) => return answer::refused(refusal),
    };
    if plan.kind() == OperationKind::Subscription {
        return answer::subscription_over_http();
    }
    let slot = answered_before(request, &plan, asked);
    if let Some(slot) = &slot
        && let Some(body) = request.cache.find(&api.id, &slot.key, Moment::drawn().now)
    {
        return Ok(Answered { body, headers: Vec::new() });
    }
    let driven = match drive(request, plan.clone(), &asked.variables, settings(request)).await {
        Ok(driven) => driven,
        Err(refusal) => return answer::refused(refusal),
    };
    if plan.kind() == OperationKind::Mutation {
        for (field, value) in driven.execution.root_values() {
            shared.hub.publish(api, &field, &value).await;
        }
    }
    let mut body = driven.execution.response();
    let evicted = carry_out(shared, request, &driven.extensions).await;
    if let Some(slot) = slot
        && body.get("errors").is_none()
    {
        request.cache.keep(&api.id, slot.key, body.clone(), expiry(slot.ttl_seconds));
    }
    if !evicted.is_empty()
        && let Some(body) = body.as_object_mut()
    {
        body.insert("extensions", json::value!({"apiCacheEntriesDeleted": evicted}));
    }
    Ok(Answered { body, headers: driven.response_headers })
}

/// Where the response of a query is kept, if the API keeps whole responses.
fn answered_before(request: &resolve::Request, plan: &graphql::Plan, asked: &Asked) -> Option<Slot> {
    let caching = request.api.caching.as_ref().filter(|_| plan.kind() == OperationKind::Query)?;
    let Asked { query, operation_name, variables, .. } = asked;
    caching.slot_of_operation(query, operation_name.as_ref(), variables, &request.identity)
}

/// What resolvers asked for with `extensions`. Gives for each eviction whether there was something to evict.
async fn carry_out(
    shared: &Shared,
    request: &resolve::Request,
    extensions: &[(Text, Vec<Value>)],
) -> Vec<bool> {
    let mut evicted = Vec::new();
    for (name, arguments) in extensions {
        match name.as_str() {
            "evictFromApiCache" => {
                let key = cache::evicted(arguments);
                let found = key.map(|key| shared.cache.evict(&request.api.id, &key, Moment::drawn().now));
                evicted.push(found.unwrap_or(false));
            }
            "invalidateSubscriptions" => {
                if let Some(call) = arguments.first() {
                    shared.hub.invalidate(&request.api.id, call).await;
                }
            }
            _ => {}
        }
    }
    evicted
}

/// When something ends that is good for so long, in milliseconds since 1970.
fn expiry(ttl_seconds: u64) -> i64 {
    Moment::drawn().now.saturating_add_unsigned(ttl_seconds.saturating_mul(1000))
}

/// What the API lays down, and what this identity may not see.
fn settings(request: &resolve::Request) -> Settings {
    let api = &request.api;
    Settings {
        resolvers: api.resolved.clone(),
        denied: api.access.denied(&request.identity),
        introspection: api.introspection,
        depth_max: api.depth_max,
        resolvers_max: api.resolvers_max,
    }
}

#[cfg(test)]
mod tests;
