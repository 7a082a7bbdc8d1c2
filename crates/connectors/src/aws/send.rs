//! A call of an integration, and its answer by the model.
//!
//! Never here: what the answer means to a Task.

use aws_protocols::{Refusal, Request};
use hyper::body::Bytes;
use integrations::Call;
use json::Value;

use super::Asked;
use crate::connectors::Routes;
use crate::exchange::{self, Outgoing, Trouble};
use crate::http_client::Limits;
use crate::metadata::ResponseMetadata;

/// What a service answered.
pub(super) struct Answered {
    /// The operation's output, as a state machine spells it.
    pub(super) output: Value,
    pub(super) metadata: ResponseMetadata,
}

/// Sends a request for the call, and reads the answer.
pub(super) async fn send(routes: &Routes, asked: &Asked<'_>, call: &Call) -> Result<Answered, Trouble> {
    let request = aws_protocols::request(call.operation, &call.input, &asked.task.idempotency_token);
    let (metadata, body) = send_request(routes, asked, call, request, Limits::SERVICE).await?;
    let output = exchange::output(call.operation, &metadata, &body)?;
    Ok(Answered { output, metadata })
}

/// Sends what has become of the call, and answers with what came back, whatever it is.
pub(super) async fn send_request(
    routes: &Routes,
    asked: &Asked<'_>,
    call: &Call,
    request: Result<Request, Refusal>,
    limits: Limits,
) -> Result<(ResponseMetadata, Bytes), Trouble> {
    let parameters = asked.task.arguments.text();
    let request = request.map_err(|refusal| exchange::not_made(call.operation, parameters, &refusal))?;
    let outgoing = Outgoing {
        operation: call.operation,
        input: &call.input,
        body: request.body.into(),
        head: &Request { body: Vec::new(), ..request },
        caller: asked.caller,
        role: asked.task.role_arn.as_deref(),
        token: &asked.task.idempotency_token,
        limits,
    };
    exchange::exchange(routes, outgoing).await
}
