//! One request to a service of AWS, wherever that is, and what came back.
//!
//! Never here: what is asked, what an answer means, whether it is asked again.

use asl::Failure;
use aws_models::Operation;
use aws_protocols::{Refusal, Request, Response, ResponseError, ServiceError};
use http_body_util::Full;
use hyper::body::Bytes;
use integrations::could_not_start;
use json::Value;

use crate::built_in::{BuiltInAnswer, BuiltInCall};
use crate::connectors::{Caller, Routes};
use crate::endpoints::{Place, Target};
use crate::http_client::Limits;
use crate::lambda::{self, Answer, Invocation};
use crate::metadata::ResponseMetadata;
use crate::signing::Parts;

/// A request that is about to leave.
#[derive(Clone)]
pub(crate) struct Outgoing<'c> {
    pub(crate) operation: Operation<'static>,
    /// What the request was made of, as a state machine spells it.
    pub(crate) input: &'c Value,
    /// Without its body.
    pub(crate) head: &'c Request,
    pub(crate) body: Bytes,
    pub(crate) caller: &'c Caller,
    /// `Credentials.RoleArn` of the Task.
    pub(crate) role: Option<&'c str>,
    /// The same for every repetition.
    pub(crate) token: &'c str,
    pub(crate) limits: Limits,
}

/// Why there is no output.
pub(crate) enum Trouble {
    /// Nothing was sent.
    BeforeTheCall(Failure),
    /// The service said no.
    Refused(Box<ServiceError>),
    /// There was no answer, or none that can be read. In the words of AWS's SDK.
    NoAnswer(String),
}

/// Sends it to where the service is. Any response is one, an error of the service too.
pub(crate) async fn exchange(
    routes: &Routes,
    outgoing: Outgoing<'_>,
) -> Result<(ResponseMetadata, Bytes), Trouble> {
    let Outgoing { operation, input, caller, .. } = outgoing;
    if let Some(answer) = invoke_here(routes, &outgoing).await {
        return Ok(answer);
    }
    match routes.access.find(operation, input, &caller.region).map_err(Trouble::BeforeTheCall)? {
        Target::BuiltIn => by_hand(routes, outgoing).await,
        Target::Place(place) => by_http(routes, outgoing, &place).await,
    }
}

/// The operation's output as a state machine spells it, if the response is one.
pub(crate) fn output(
    operation: Operation<'_>,
    metadata: &ResponseMetadata,
    body: &[u8],
) -> Result<Value, Trouble> {
    let response = Response { status: metadata.status, headers: &metadata.headers, body };
    aws_protocols::response(operation, response).map_err(unread)
}

/// As [`output`], with blobs in Base64.
pub(crate) fn output_with_base64(
    operation: Operation<'_>,
    metadata: &ResponseMetadata,
    body: &[u8],
) -> Result<Value, Trouble> {
    let response = Response { status: metadata.status, headers: &metadata.headers, body };
    aws_protocols::response_with_base64(operation, response).map_err(unread)
}

fn unread(error: ResponseError) -> Trouble {
    match error {
        ResponseError::Service(error) => Trouble::Refused(error),
        ResponseError::Unreadable => Trouble::NoAnswer(
            "Unable to unmarshall response: it is not what the operation answers".to_owned(),
        ),
    }
}

/// There is no request. `parameters` is what it was to be made of, as JSON.
pub(crate) fn not_made(operation: Operation<'_>, parameters: &str, refusal: &Refusal) -> Trouble {
    let cause = match refusal {
        Refusal::Input(problems) => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            could_not_start(parameters, &problems)
        }
        Refusal::EventStream | Refusal::Protocol => {
            format!("{} {} cannot be called: {refusal}.", operation.service().name(), operation.name())
        }
    };
    Trouble::BeforeTheCall(Failure::runtime(cause))
}

/// An invocation of a function that runs here. One that nobody waits for is for whoever offers Lambda's API in this
/// process, if anybody does: it can keep what is still to be done.
async fn invoke_here(routes: &Routes, outgoing: &Outgoing<'_>) -> Option<(ResponseMetadata, Bytes)> {
    if !lambda::is_invoke(outgoing.operation) {
        return None;
    }
    let invocation = Invocation::of_request(outgoing.input, &outgoing.body);
    let Answer { metadata, payload } = routes.invoke_here(&invocation, outgoing.caller).await?;
    Some((metadata, payload))
}

/// To a service of this process.
async fn by_hand(routes: &Routes, outgoing: Outgoing<'_>) -> Result<(ResponseMetadata, Bytes), Trouble> {
    let service = outgoing.operation.service().name();
    let Some(built_in) = routes.built_in(service) else {
        let text = format!("The service {service} cannot be called: nothing in this process offers it.");
        return Err(Trouble::BeforeTheCall(Failure::runtime(text)));
    };
    let call = BuiltInCall {
        operation: outgoing.operation,
        input: outgoing.input,
        head: outgoing.head,
        body: outgoing.body,
        caller: outgoing.caller,
        token: outgoing.token,
    };
    let BuiltInAnswer { status, headers, body } = built_in.answer(call).await;
    Ok((ResponseMetadata { status, headers }, body))
}

/// To a service somewhere else.
async fn by_http(
    routes: &Routes,
    outgoing: Outgoing<'_>,
    place: &Place,
) -> Result<(ResponseMetadata, Bytes), Trouble> {
    let Outgoing { operation, head, body, caller, role, limits, .. } = outgoing;
    // An endpoint that somebody set has no hosts beside its own.
    let host_prefix = if place.is_aws { head.host_prefix.as_str() } else { "" };
    let endpoint = place.endpoint.with_host_prefix(host_prefix);
    let (path, url) = endpoint.url(&head.path, &head.query);
    let mut headers = vec![("host", endpoint.authority.as_str())];
    headers.extend(head.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let parts =
        Parts { method: &head.method, path: &path, query: &head.query, headers: &headers, body: &body };
    let signed = routes.access.sign(operation, place, parts, caller, role).await;
    let signed = signed.map_err(Trouble::BeforeTheCall)?;

    let mut http = hyper::Request::builder().method(head.method.as_str()).uri(url);
    for (name, value) in
        headers.iter().copied().chain(signed.iter().map(|(name, value)| (*name, value.as_str())))
    {
        http = http.header(name, value);
    }
    // A parameter may hold what no URL or header can.
    let http = http
        .body(Full::new(body))
        .map_err(|error| Trouble::NoAnswer(format!("Unable to make HTTP request: {error}")))?;
    routes.client.send(http, limits).await.map_err(|error| {
        tracing::info!(
            service = operation.service().name(),
            "is called at {}, which {} names: {error}",
            endpoint.base(),
            place.set_by
        );
        Trouble::NoAnswer(error.to_string())
    })
}
