//! A request as somebody who was not asked for credentials, with all that its resolvers did: for whoever runs the server.
//!
//! Never here: who may do this.

use std::sync::{Arc, Mutex, PoisonError};

use json::{Object, Text, Value};
use services::{Fault, Members, Moment};

use super::{Asked, execute};
use crate::appsync::Shared;
use crate::authorization::{Identity, Mode};
use crate::exchange::header_map;
use crate::resolve::{Request, Stage};

/// Executes what `body` says: `{"apiId", "query", "operationName", "variables", "identity": {"mode", "context", "groups"}, "headers"}`;
/// the default mode's identity without one. Gives `{"status", "response", "stages"}`.
///
/// # Errors
/// There is no such API, or no such mode.
pub(crate) async fn answer(shared: &Arc<Shared>, body: &Value) -> Result<Value, Fault> {
    let id = body.text_or_empty("apiId");
    let Some(api) = shared.api(id) else {
        let message = format!("GraphQL API {id} not found.");
        return Err(Fault::new("NotFoundException", message).with_status(404));
    };
    let identity = identity(body.part("identity"), api.providers.default)?;
    let asked = Asked::of(body).map_err(|malformed| {
        let message = malformed.errors.at(0).and_then(|error| error.text("message")).unwrap_or_default();
        Fault::new("BadRequestException", message.to_owned())
    })?;
    let headers = body.part("headers");
    let headers =
        header_map(headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))));
    let mut request = Request::new(shared, api, identity, headers, Moment::drawn().uuid().into());
    request.trace = Some(Mutex::default());
    let (status, response) = match execute(shared, &request, &asked).await {
        Ok(answered) => (200, answered.body),
        Err(malformed) => (malformed.status, json::value!({"errors": (malformed.errors.clone())})),
    };
    let stages = request.trace.map(|trace| trace.into_inner().unwrap_or_else(PoisonError::into_inner));
    let mut answer = Object::new();
    answer.insert("status", Value::from(u32::from(status)));
    answer.insert("response", response);
    answer.insert("stages", stages.unwrap_or_default().iter().map(seen).collect::<Value>());
    Ok(answer.into())
}

fn identity(given: &Object, default: Mode) -> Result<Identity, Fault> {
    let mode = match given.text("mode") {
        None => default,
        Some(name) => Mode::of(name).ok_or_else(|| {
            let names = "API_KEY, AWS_IAM, AMAZON_COGNITO_USER_POOLS, OPENID_CONNECT or AWS_LAMBDA";
            Fault::new("BadRequestException", format!("{name} is no mode: it is one of {names}"))
        })?,
    };
    Ok(Identity {
        mode,
        context: given.get("context").cloned().unwrap_or_default(),
        groups: given.texts("groups").into_iter().map(Text::from).collect(),
        is_allowed_by_default: true,
        ..Identity::default()
    })
}

fn seen(stage: &Stage) -> Value {
    json::value!({
        "path": (stage.path.clone()),
        "step": (stage.step.clone()),
        "part": (stage.part),
        "given": (stage.given.clone()),
        "gave": (stage.gave.clone()),
        "logs": (stage.logs.clone()),
        "startedMicroseconds": (stage.started_microseconds),
        "microseconds": (stage.microseconds),
    })
}
