//! One request to a service and its answer.
//!
//! Never here: what the answer means to a Task.

use asl::Failure;
use aws_protocols::{Refusal, Request, Response, ResponseError, ServiceError};
use http_body_util::Full;
use hyper::body::Bytes;
use integrations::{Call, could_not_start};
use json::Value;

use super::Asked;
use crate::built_in::{BuiltInAnswer, BuiltInCall};
use crate::connectors::Routes;
use crate::endpoints::{Place, Target};
use crate::http_client::Limits;
use crate::metadata::ResponseMetadata;
use crate::signing::Parts;

/// What a service answered.
pub(super) struct Answered {
    /// The operation's output, as a state machine spells it.
    pub(super) output: Value,
    pub(super) metadata: ResponseMetadata,
}

/// Why there is no output.
pub(super) enum Trouble {
    /// Nothing was sent.
    BeforeTheCall(Failure),
    /// The service said no.
    Refused(Box<ServiceError>),
    /// There was no answer, or none that can be read. In the words of AWS's SDK.
    NoAnswer(String),
}

/// Sends a request for the call, and reads the answer.
pub(super) async fn send(routes: &Routes, asked: &Asked<'_>, call: &Call) -> Result<Answered, Trouble> {
    let token = &asked.task.idempotency_token;
    let request = aws_protocols::request(call.operation, &call.input, token)
        .map_err(|refusal| Trouble::BeforeTheCall(Failure::runtime(not_made(asked, call, &refusal))))?;
    let target = routes.access.find(call.operation, &call.input, &asked.caller.region);
    let (metadata, body) = match target.map_err(Trouble::BeforeTheCall)? {
        Target::BuiltIn => by_hand(routes, asked, call, request).await?,
        Target::Place(place) => by_http(routes, asked, call, &request, &place).await?,
    };
    let response = Response { status: metadata.status, headers: &metadata.headers, body: &body };
    match aws_protocols::response(call.operation, response) {
        Ok(output) => Ok(Answered { output, metadata }),
        Err(ResponseError::Service(error)) => Err(Trouble::Refused(error)),
        Err(ResponseError::Unreadable) => Err(Trouble::NoAnswer(
            "Unable to unmarshall response: it is not what the operation answers".to_owned(),
        )),
    }
}

fn not_made(asked: &Asked<'_>, call: &Call, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Input(problems) => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            could_not_start(asked.task.arguments.text(), &problems)
        }
        Refusal::EventStream | Refusal::Protocol => {
            format!(
                "{} {} cannot be called: {refusal}.",
                call.operation.service().name(),
                call.operation.name()
            )
        }
    }
}

/// To a service of this process.
async fn by_hand(
    routes: &Routes,
    asked: &Asked<'_>,
    call: &Call,
    request: Request,
) -> Result<(ResponseMetadata, Bytes), Trouble> {
    let service = call.operation.service().name();
    let Some(built_in) = routes.built_ins.get(service) else {
        let text = format!("The service {service} cannot be called: nothing in this process offers it.");
        return Err(Trouble::BeforeTheCall(Failure::runtime(text)));
    };
    let call = BuiltInCall {
        operation: call.operation.name(),
        body: request.body.into(),
        caller: asked.caller,
        token: &asked.task.idempotency_token,
    };
    let BuiltInAnswer { status, headers, body } = built_in.answer(call).await;
    Ok((ResponseMetadata { status, headers }, body))
}

/// To a service somewhere else.
async fn by_http(
    routes: &Routes,
    asked: &Asked<'_>,
    call: &Call,
    request: &Request,
    place: &Place,
) -> Result<(ResponseMetadata, Bytes), Trouble> {
    // An endpoint that somebody set has no hosts beside its own.
    let host_prefix = if place.is_aws { request.host_prefix.as_str() } else { "" };
    let endpoint = place.endpoint.with_host_prefix(host_prefix);
    let (path, url) = endpoint.url(&request.path, &request.query);
    let mut headers = vec![("host", endpoint.authority.as_str())];
    headers.extend(request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let parts = Parts {
        method: &request.method,
        path: &path,
        query: &request.query,
        headers: &headers,
        body: &request.body,
    };
    let role = asked.task.role_arn.as_deref();
    let signed = routes.access.sign(call.operation, place, parts, asked.caller, role).await;
    let signed = signed.map_err(Trouble::BeforeTheCall)?;

    let mut http = hyper::Request::builder().method(request.method.as_str()).uri(url);
    for (name, value) in
        headers.iter().copied().chain(signed.iter().map(|(name, value)| (*name, value.as_str())))
    {
        http = http.header(name, value);
    }
    // A parameter may hold what no URL or header can.
    let http = http
        .body(Full::new(Bytes::copy_from_slice(&request.body)))
        .map_err(|error| Trouble::NoAnswer(format!("Unable to make HTTP request: {error}")))?;
    routes.client.send(http, Limits::SERVICE).await.map_err(|error| {
        tracing::info!(
            service = call.operation.service().name(),
            "is called at {}, which {} names: {error}",
            endpoint.base(),
            place.set_by
        );
        Trouble::NoAnswer(error.to_string())
    })
}
