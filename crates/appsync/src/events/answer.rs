//! Publishing over HTTP: `POST /event`. (spec/appsync-realtime.md §2.3)

use std::sync::Arc;

use json::Value;
use services::{Members, Moment};

use super::caller::{Caller, Purpose, Shown};
use super::publication::Publication;
use super::publish::{Published, publish};
use super::refusal::Refusal;
use crate::appsync::Shared;
use crate::exchange::{Request, Response};
use crate::request::allow_pages;

/// Answers a request to publish.
pub(crate) async fn answer(shared: &Arc<Shared>, id: &str, request: Request) -> Response {
    let request_id = Moment::drawn().uuid();
    let mut response = match request.method.as_str() {
        "OPTIONS" => Response { status: 200, ..Response::default() },
        "POST" => match published(shared, id, &request).await {
            Ok(published) => Response::json(200, &published.as_object().into(), &request_id),
            Err(refusal) => refused(&refusal, &request_id),
        },
        method => {
            let message = format!("{method} is not supported: POST publishes events");
            refused(&Refusal { status: 405, ..Refusal::bad(message) }, &request_id)
        }
    };
    allow_pages(&mut response);
    response
}

fn refused(refusal: &Refusal, request_id: &str) -> Response {
    let body = json::value!({"errors": (refusal.errors())});
    let mut response = Response::json(refusal.status, &body, request_id);
    response.headers.push(("x-amzn-errortype".into(), refusal.error_type.to_string().into()));
    response
}

/// Whoever may not publish learns nothing of what is wrong with a body.
async fn published(shared: &Arc<Shared>, id: &str, request: &Request) -> Result<Published, Refusal> {
    let api = shared.event_api(id).ok_or_else(Refusal::no_api)?;
    let body = Value::parse_bytes(&request.body);
    let channel = body.as_ref().ok().and_then(|body| body.text("channel")).unwrap_or_default();
    let shown = Shown {
        headers: request.header_map(),
        method: &request.method,
        path: &request.path,
        query: &request.query,
        body: &request.body,
        source_ip: &request.source_ip,
    };
    let caller = Caller::identify(shared, &api, Purpose::Publish(channel), shown).await?;
    let body = body.as_ref().map_err(|error| Refusal::bad(format!("The body is no JSON: {error}")))?;
    let (shared, publication) = (shared.clone(), Publication::of(body)?);
    services::to_its_end(async move { publish(&shared, &api, &publication, &caller).await }).await
}
