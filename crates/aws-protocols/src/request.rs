//! An operation and its input become a request.
//!
//! Never here: the host but for its prefix, signatures, headers that the connection needs (`Host`,
//! `Content-Length`).

use std::fmt;

use aws_models::{Operation, Protocol};
use json::Value;

use crate::argument::{self, Argument, Blobs, Members, Problem};
use crate::{checksum, form, json_body, rest, special};

/// An HTTP request, less its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// What stands before the host's name: `data-`, `123456789012.`; mostly nothing.
    pub host_prefix: String,
    /// Percent-encoded.
    pub path: String,
    /// Percent-encoded, without the question mark.
    pub query: String,
    /// In the order in which they came up. No name occurs twice.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Vec<u8>,
}

/// Why there is no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The input does not fit. Not empty.
    Input(Vec<Problem>),
    /// A stream of events goes in or comes out: no single call. A state machine cannot name such operations.
    EventStream,
    /// The service speaks no protocol that is known here.
    Protocol,
}

/// Makes the request. `input` is JSON as a state machine spells it; `token` stands for each idempotency token
/// that is not in it, and must stay the same if the call is repeated.
pub fn request(operation: Operation<'_>, input: &Value, token: &str) -> Result<Request, Refusal> {
    build(operation, input, None, Blobs::Texts, token)
}

/// As [`request`], with blobs in Base64: for callers that are no state machines.
pub fn request_with_base64(operation: Operation<'_>, input: &Value, token: &str) -> Result<Request, Refusal> {
    build(operation, input, None, Blobs::Base64, token)
}

/// As [`request`], with a body that need be no text: the one member that is the body, which the input leaves out.
pub fn request_with_body(
    operation: Operation<'_>,
    input: &Value,
    body: Vec<u8>,
    token: &str,
) -> Result<Request, Refusal> {
    build(operation, input, Some(body), Blobs::Texts, token)
}

fn build(
    operation: Operation<'_>,
    input: &Value,
    body: Option<Vec<u8>>,
    blobs: Blobs,
    token: &str,
) -> Result<Request, Refusal> {
    if operation.has_event_stream() {
        return Err(Refusal::EventStream);
    }
    let protocol = operation.service().protocol();
    let input = special::input(operation, input);
    let mut members = match operation.input() {
        Some(shape) => {
            argument::members(&input, shape, protocol == Protocol::RestXml, blobs).map_err(Refusal::Input)?
        }
        None => no_members(&input)?,
    };
    add_tokens(operation, &mut members, token);
    let host_prefix = host_prefix(operation, &members).map_err(problem)?;
    let mut request = match protocol {
        Protocol::Json => json_body::request(operation, &members),
        Protocol::RestJson | Protocol::RestXml => rest::request(operation, &members).map_err(problem)?,
        Protocol::Query | Protocol::Ec2 => form::request(operation, &members),
        Protocol::Cbor => return Err(Refusal::Protocol),
    };
    if let Some(body) = body {
        request.body = body;
    }
    request.host_prefix = host_prefix;
    special::headers(operation, &mut request);
    checksum::add(operation, &members, &mut request).map_err(problem)?;
    Ok(request)
}

impl Request {
    /// A request with nothing in it.
    pub(crate) fn new(operation: Operation<'_>) -> Request {
        Request {
            method: operation.http_method().to_owned(),
            host_prefix: String::new(),
            path: "/".to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let known = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, value)| value.as_str())
    }

    /// Sets a header, in its old place if there is one.
    pub(crate) fn set_header(&mut self, name: &str, value: impl Into<String>) {
        match self.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => *known = value.into(),
            None => self.headers.push((name.to_owned(), value.into())),
        }
    }
}

fn problem(problem: Problem) -> Refusal {
    Refusal::Input(vec![problem])
}

fn no_members(input: &Value) -> Result<Members<'static>, Refusal> {
    let fields = input.as_object().into_iter().flat_map(|object| object.keys());
    let problems: Vec<_> = fields.map(|field| Problem::Unsupported { field: field.to_string() }).collect();
    if problems.is_empty() { Ok(Vec::new()) } else { Err(Refusal::Input(problems)) }
}

fn add_tokens<'s>(operation: Operation<'s>, members: &mut Members<'s>, token: &str) {
    let tokens = operation.input().into_iter().flat_map(|shape| shape.members());
    for member in tokens.filter(|member| member.is_idempotency_token()) {
        if !members.iter().any(|(known, _)| known.name() == member.name()) {
            members.push((member, Argument::Text(token.to_owned())));
        }
    }
}

/// What stands before the host's name. A label must be one, or it would lead to another host.
fn host_prefix(operation: Operation<'_>, members: &Members<'_>) -> Result<String, Problem> {
    let mut prefix = operation.host_prefix().unwrap_or_default().to_owned();
    for (member, argument) in members.iter().filter(|(member, _)| member.is_host_label()) {
        let label = match argument {
            Argument::Text(text) => text.as_str(),
            _ => "",
        };
        let may_stand = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
        if label.is_empty() || !label.chars().all(may_stand) {
            return Err(Problem::Format { field: member.field_name() });
        }
        prefix = prefix.replace(&format!("{{{}}}", member.name()), label);
    }
    Ok(prefix)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Input(problems) => {
                let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join(", "))
            }
            Refusal::EventStream => f.write_str("the operation streams events"),
            Refusal::Protocol => f.write_str("the service speaks no known protocol"),
        }
    }
}

impl std::error::Error for Refusal {}
