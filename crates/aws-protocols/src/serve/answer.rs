//! Outputs become responses.
//!
//! Never here: errors; headers that every HTTP response has (`Date`, `Content-Length`).

use std::borrow::Cow;

use aws_models::{Kind, Location, Operation, Service, TimestampFormat};
use json::{Object, Value};

use super::find::{Asked, Wire};
use super::{json_output, scalar, xml_output};
use crate::{base64, checksum};

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `200`
    pub status: u16,
    /// Name and value.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Asked {
    /// Writes an output: an object, its members named as the model names them. A null is a member that is not there.
    pub fn answer(&self, output: &Value, request_id: &str) -> Answer {
        let nothing = Object::new();
        let members = output.as_object().unwrap_or(&nothing);
        match self.wire {
            Wire::Json => json(self.operation, members, request_id),
            Wire::Rest => rest(self.operation, members, request_id),
            Wire::Query => {
                let body = xml_output::response(self.operation, members, request_id);
                Answer::new(200, request_id, "text/xml", body.into_bytes())
            }
        }
    }
}

impl Answer {
    /// With what every service's response has. One without a body has no type.
    pub(super) fn new(status: u16, request_id: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let mut headers = Vec::with_capacity(4);
        headers.push((Cow::Borrowed("x-amzn-RequestId"), request_id.to_owned()));
        if !body.is_empty() {
            headers.push((Cow::Borrowed("Content-Type"), content_type.to_owned()));
        }
        Answer { status, headers, body }
    }

    /// Of the JSON protocol. DynamoDB's callers check the sum.
    pub(super) fn json(status: u16, service: &Service, request_id: &str, body: Vec<u8>) -> Answer {
        let content_type = match service.json_version() {
            Some("1.1") => "application/x-amz-json-1.1",
            _ => "application/x-amz-json-1.0",
        };
        let mut answer = Answer::new(status, request_id, content_type, body);
        if service.name() == "dynamodb" {
            answer.headers.push((Cow::Borrowed("x-amz-crc32"), checksum::crc32(&answer.body).to_string()));
        }
        answer
    }
}

/// An operation without an output has no body.
fn json(operation: Operation<'_>, members: &Object, request_id: &str) -> Answer {
    let body = operation.output().map(|shape| json_output::body(members, shape)).unwrap_or_default();
    Answer::json(200, operation.service(), request_id, body)
}

fn rest(operation: Operation<'static>, members: &Object, request_id: &str) -> Answer {
    let mut answer = Answer::new(operation.success_status(), request_id, "", Vec::new());
    let Some(shape) = operation.output() else { return answer };
    for member in shape.members() {
        let Some(value) = members.get(member.name()).filter(|value| !value.is_null()) else { continue };
        match member.location() {
            Location::Header => {
                let text = scalar::write(value, member.shape(), TimestampFormat::Rfc822);
                let text = if member.is_json_text() { base64::encode(text.as_bytes()) } else { text };
                answer.headers.push((Cow::Borrowed(member.wire_name()), text));
            }
            Location::Headers => {
                let entries = value.as_object().into_iter().flat_map(Object::iter);
                answer.headers.extend(entries.map(|(name, value)| {
                    let text = value.as_str().unwrap_or_default().to_owned();
                    (Cow::Owned(format!("{}{name}", member.wire_name())), text)
                }));
            }
            Location::StatusCode => answer.status = status(value).unwrap_or(answer.status),
            Location::Body | Location::Uri | Location::QueryString => {}
        }
    }
    let (body, content_type) = match shape.payload() {
        Some(payload) => {
            let value = members.get(payload.name()).filter(|value| !value.is_null());
            match (payload.shape().kind(), value) {
                (_, None) => (Vec::new(), None),
                (Kind::Blob, Some(value)) => {
                    let bytes = value.as_str().and_then(base64::decode);
                    debug_assert!(bytes.is_some(), "{} is no Base64", payload.name());
                    (bytes.unwrap_or_default(), Some("application/json"))
                }
                (Kind::String, Some(value)) => {
                    (value.as_str().unwrap_or_default().as_bytes().to_vec(), Some("text/plain"))
                }
                (_, Some(value)) => {
                    (json_output::value_body(value, payload.shape()), Some("application/json"))
                }
            }
        }
        None if answer.status == 204 => (Vec::new(), None),
        None => (json_output::body(members, shape), Some("application/json")),
    };
    // A header of the output may have said the type.
    let has_type = answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
    if let Some(content_type) = content_type.filter(|_| !has_type && !body.is_empty()) {
        answer.headers.push((Cow::Borrowed("Content-Type"), content_type.to_owned()));
    }
    answer.body = body;
    answer
}

fn status(value: &Value) -> Option<u16> {
    u16::try_from(value.as_i64()?).ok().filter(|status| (100..600).contains(status))
}
