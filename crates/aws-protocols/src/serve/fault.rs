//! Errors that a service answers with, as its protocol writes them.
//!
//! Never here: which call fails and why.

use std::borrow::Cow;

use aws_models::{Operation, Protocol, Service, Shape};
use json::{Object, Text, write_string};

use super::find::{Asked, Wire};
use super::{Answer, json_output, sqs_query, xml_output};
use crate::service_error;

/// An error in AWS's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The shape's name, `QueueDoesNotExist`; or a code that the service's model does not have.
    pub code: Text,
    /// What the caller reads.
    pub message: String,
    /// Of HTTP; where the model says another, that counts. From 500 the fault is the service's own.
    pub status: u16,
    /// More members of the error's shape, named as the model names them.
    pub members: Object,
}

/// What AWS's services answer before any of their own code has run.
const PROTOCOL_ERRORS: [&str; 9] = [
    "IncompleteSignatureException",
    "InternalFailure",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "RequestEntityTooLargeException",
    "SerializationException",
    "ServiceUnavailable",
    "UnknownOperationException",
    "UnrecognizedClientException",
];

impl Fault {
    /// The caller asked for the impossible.
    pub fn new(code: &str, message: impl Into<String>) -> Fault {
        Fault { code: code.into(), message: message.into(), status: 400, members: Object::new() }
    }

    /// As a response; without an operation, if the service has no such one.
    pub(super) fn write(
        &self,
        service: Option<&'static Service>,
        operation: Option<Operation<'static>>,
        wire: Wire,
        request_id: &str,
    ) -> Answer {
        let shape = operation.and_then(|operation| service_error::shape(operation, &self.code));
        let status = shape.and_then(Shape::error_status).unwrap_or(self.status);
        let is_receivers = status >= 500 || shape.is_some_and(Shape::is_fault);
        match wire {
            Wire::Json => {
                let body = self.json(service, shape);
                let Some(service) = service else { return Answer::new(status, request_id, "", body) };
                let mut answer = Answer::json(status, service, request_id, body);
                if service.is_query_compatible() {
                    let side = if is_receivers { "Receiver" } else { "Sender" };
                    let told = format!("{};{side}", self.queried_code(service, shape));
                    answer.headers.push((Cow::Borrowed("x-amzn-query-error"), told));
                }
                answer
            }
            Wire::Rest => {
                let body = self.rest_json(shape, is_receivers);
                let mut answer = Answer::new(status, request_id, "application/json", body);
                answer.headers.push((Cow::Borrowed("x-amzn-ErrorType"), self.code.to_string()));
                answer
            }
            Wire::Query => {
                let code = match service {
                    Some(service) => self.queried_code(service, shape),
                    None => &self.code,
                };
                let body = xml_output::error(service, code, &self.message, is_receivers, request_id);
                Answer::new(status, request_id, "text/xml", body.into_bytes())
            }
        }
    }

    /// `{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": …}`
    fn json(&self, service: Option<&Service>, shape: Option<Shape<'_>>) -> Vec<u8> {
        let mut out = String::with_capacity(128 + self.message.len());
        out.push_str("{\"__type\":");
        let code = self.code.as_str();
        match self.namespace(service, shape) {
            Some(namespace) => {
                // SQS's codes of the query protocol are exceptions here.
                let is_short = shape.is_none() && service.is_some_and(Service::is_query_compatible);
                let suffix = if is_short && !PROTOCOL_ERRORS.contains(&code) && !code.ends_with("Exception") {
                    "Exception"
                } else {
                    ""
                };
                write_string(&format!("{namespace}#{code}{suffix}"), &mut out);
            }
            None => write_string(code, &mut out),
        }
        out.push(',');
        self.message_and_members(shape, &mut out);
        out.push('}');
        out.into_bytes()
    }

    /// `{"Message": …, "Type": "User"}`; the code is in a header.
    fn rest_json(&self, shape: Option<Shape<'_>>, is_receivers: bool) -> Vec<u8> {
        let mut out = String::with_capacity(64 + self.message.len());
        out.push('{');
        // Lambda says whose fault it is.
        if shape.is_some_and(|shape| shape.member("Type").is_some()) && !self.members.contains_key("Type") {
            out.push_str(if is_receivers { "\"Type\":\"Service\"," } else { "\"Type\":\"User\"," });
        }
        self.message_and_members(shape, &mut out);
        out.push('}');
        out.into_bytes()
    }

    fn message_and_members(&self, shape: Option<Shape<'_>>, out: &mut String) {
        let is_message = |name: &str| name.eq_ignore_ascii_case("message");
        let named = shape.and_then(|shape| shape.members().find(|member| is_message(member.name())));
        write_string(named.map_or("message", |member| member.wire_name()), out);
        out.push(':');
        write_string(&self.message, out);
        out.push(',');
        if let Some(shape) = shape {
            json_output::members_into(&self.members, shape, out);
        }
        out.pop();
    }

    /// EventBridge's errors have none; nor have those of REST.
    fn namespace(&self, service: Option<&Service>, shape: Option<Shape<'_>>) -> Option<&'static str> {
        let code = self.code.as_str();
        let own = match service.map(Service::name) {
            Some("dynamodb") => "com.amazonaws.dynamodb.v20120810",
            Some("sqs") => "com.amazonaws.sqs",
            _ if PROTOCOL_ERRORS.contains(&code) => "com.amazon.coral.service",
            _ => return None,
        };
        Some(match code {
            "ValidationException" => "com.amazon.coral.validate",
            _ if shape.is_some() => own,
            _ => "com.amazon.coral.service",
        })
    }

    /// The code that the query protocol has for it.
    fn queried_code<'f>(&'f self, service: &Service, shape: Option<Shape<'f>>) -> &'f str {
        match shape {
            Some(shape) if service.protocol() == Protocol::Query => shape.error_code(),
            Some(shape) => sqs_query::code(shape.name()).unwrap_or(&self.code),
            None => &self.code,
        }
    }
}

impl Asked {
    /// Writes an error.
    pub fn refusal(&self, fault: &Fault, request_id: &str) -> Answer {
        fault.write(Some(self.operation.service()), Some(self.operation), self.wire, request_id)
    }
}
