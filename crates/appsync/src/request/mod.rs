//! One GraphQL request: who asks, what for, and what comes of it.
//!
//! Never here: how a field is resolved, sockets.

mod answer;
mod body;
mod drive;
mod subscription;

use std::sync::{Arc, Mutex};

use graphql::{OperationKind, Settings};
use json::{Text, Value};
use services::Moment;

use crate::api::Api;
use crate::appsync::Shared;
use crate::authorization::{self, Checking, Credentials, Identity, Refusal};
use crate::exchange::{self, Response};
use crate::resolve::{self, Batches, Stage};

pub(crate) use answer::Malformed;
pub(crate) use body::Asked;
pub(crate) use drive::drive;
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
    let asked = asked?;
    let request = resolve::Request {
        api,
        identity,
        headers: credentials.headers,
        domain_name: None,
        request_id: request_id.clone(),
        outside: shared.outside.clone(),
        batches: Batches::default(),
        trace: None,
    };
    let answered = execute(shared, &request, &asked).await?;
    Ok(answer::response(answered, request_id))
}

/// Finds out who asks.
pub(crate) async fn identify(
    shared: &Arc<Shared>,
    api: &Api,
    credentials: &Credentials<'_>,
) -> Result<Identity, Refusal> {
    let checking = Checking {
        api_id: &api.id,
        scope: &api.scope,
        providers: &api.providers,
        api_keys: &api.keys,
        keys: &shared.keys,
        outside: &shared.outside,
        now: Moment::drawn().now,
    };
    authorization::identify(&checking, credentials).await
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
    let driven = match drive(request, plan.clone(), &asked.variables, settings(request)).await {
        Ok(driven) => driven,
        Err(refusal) => return answer::refused(refusal),
    };
    if plan.kind() == OperationKind::Mutation {
        for (field, value) in driven.execution.root_values() {
            shared.hub.publish(api, &field, &value).await;
        }
    }
    for (name, arguments) in &driven.extensions {
        if name == "invalidateSubscriptions"
            && let Some(call) = arguments.first()
        {
            shared.hub.invalidate(&api.id, call).await;
        }
    }
    Ok(Answered { body: driven.execution.response(), headers: driven.response_headers })
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

/// The stages of a request, for people who look.
pub(crate) fn traced() -> Option<Mutex<Vec<Stage>>> {
    Some(Mutex::default())
}

#[cfg(test)]
mod tests;
