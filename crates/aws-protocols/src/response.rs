//! What a service answers becomes JSON as a state machine sees it, or an error.
//!
//! Names have an upper-case first letter and stand in their order, times are ISO 8601, blobs and streams are
//! text: their own where they are UTF-8, Base64 where not. Never here: retries.

use aws_models::{Kind, Location, Member, Operation, Protocol, Shape};
use json::{Object, Value};

use crate::argument::Blobs;
use crate::timestamp::Timestamp;
use crate::xml::Element;
use crate::{ServiceError, base64, json_result, service_error, xml_result};

/// An HTTP response.
#[derive(Clone, Copy, Debug)]
pub struct Response<'r> {
    /// `200`
    pub status: u16,
    /// Name and value of every header, the names in any case.
    pub headers: &'r [(String, String)],
    /// The whole body.
    pub body: &'r [u8],
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq)]
pub enum ResponseError {
    /// The service refused or failed, and said so.
    Service(Box<ServiceError>),
    /// The body is not what the operation answers.
    Unreadable,
}

/// Reads a response: the operation's output, or the error.
pub fn response(operation: Operation<'_>, response: Response<'_>) -> Result<Value, ResponseError> {
    read(operation, response, Blobs::Texts)
}

/// As [`response()`], with blobs in Base64, since they need be no texts.
pub fn response_with_base64(
    operation: Operation<'_>,
    response: Response<'_>,
) -> Result<Value, ResponseError> {
    read(operation, response, Blobs::Base64)
}

fn read(operation: Operation<'_>, response: Response<'_>, blobs: Blobs) -> Result<Value, ResponseError> {
    let fails = !(200..300).contains(&response.status) || service_error::is_hidden(operation, response);
    if fails {
        return Err(ResponseError::Service(Box::new(service_error::read(operation, response))));
    }
    let Some(shape) = operation.output() else { return Ok(Object::new().into()) };
    let output = match operation.service().protocol() {
        Protocol::Json => json_output(response, shape, blobs),
        Protocol::RestJson | Protocol::RestXml => rest_output(operation, response, shape, blobs),
        Protocol::Query | Protocol::Ec2 => xml_output(operation, response, shape, blobs),
        Protocol::Cbor => None,
    };
    output.map(Value::Object).ok_or(ResponseError::Unreadable)
}

impl Response<'_> {
    /// The value of a header, its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let known = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, value)| value.as_str())
    }

    /// The body as JSON. An empty one is an empty object.
    pub(crate) fn json(&self) -> Option<Value> {
        if self.body.trim_ascii().is_empty() {
            return Some(Object::new().into());
        }
        Value::parse_bytes(self.body).ok()
    }

    /// The body as XML.
    pub(crate) fn xml(&self) -> Option<Element> {
        Element::parse(std::str::from_utf8(self.body).ok()?)
    }
}

fn json_output(response: Response<'_>, shape: Shape<'_>, blobs: Blobs) -> Option<Object> {
    json_result::structure(response.json()?.as_object()?, shape, blobs)
}

fn xml_output(
    operation: Operation<'_>,
    response: Response<'_>,
    shape: Shape<'_>,
    blobs: Blobs,
) -> Option<Object> {
    let root = response.xml()?;
    if operation.has_result_wrapper() {
        let name = format!("{}Result", operation.name());
        // An output without members may be left out whole.
        return match root.child(&name) {
            Some(result) => xml_result::structure(result, shape, blobs),
            None => (shape.members().len() == 0).then(Object::new),
        };
    }
    xml_result::structure(&root, shape, blobs)
}

fn rest_output(
    operation: Operation<'_>,
    response: Response<'_>,
    shape: Shape<'_>,
    blobs: Blobs,
) -> Option<Object> {
    let body = match shape.payload() {
        Some(payload) => payload_output(operation, response, payload, blobs)?,
        None if operation.service().protocol() == Protocol::RestJson => json_output(response, shape, blobs)?,
        None => rest_xml_output(response, shape, blobs)?,
    };
    let mut members = Vec::new();
    for member in shape.members() {
        let field = member.field_name();
        let value = match member.location() {
            Location::Header => {
                match response.header(member.wire_name()).map(|text| header_value(text, member)) {
                    Some(Some(value)) => value,
                    // S3 hands back headers as they were stored, whatever they are.
                    Some(None) if member.shape().kind() == Kind::Timestamp => continue,
                    Some(None) => return None,
                    None => continue,
                }
            }
            Location::Headers => header_map(response, member.wire_name()).into(),
            Location::StatusCode => i64::from(response.status).into(),
            _ => match body.get(&field) {
                Some(value) => value.clone(),
                None => continue,
            },
        };
        members.push((field, value));
    }
    Some(with_stream_last(in_order(members), shape, Member::field_name))
}

/// The one member that the body is.
fn payload_output(
    operation: Operation<'_>,
    response: Response<'_>,
    payload: Member<'_>,
    blobs: Blobs,
) -> Option<Object> {
    let shape = payload.shape();
    let value = match shape.kind() {
        Kind::Blob if blobs == Blobs::Base64 => base64::encode(response.body).into(),
        Kind::Blob | Kind::String => bytes_text(response.body.to_vec()).into(),
        _ if operation.service().protocol() == Protocol::RestJson => {
            json_result::value(&response.json()?, shape, blobs)?
        }
        _ if response.body.is_empty() => Object::new().into(),
        _ => xml_result::value(&response.xml()?, shape, blobs)?,
    };
    Some(Object::from_iter([(payload.field_name(), value)]))
}

fn rest_xml_output(response: Response<'_>, shape: Shape<'_>, blobs: Blobs) -> Option<Object> {
    if response.body.is_empty() {
        return Some(Object::new());
    }
    let root = response.xml()?;
    // S3 answers the question for a bucket's region with the member alone.
    let mut members = shape.members();
    if let (Some(alone), None) = (members.next(), members.next())
        && alone.wire_name() == root.name
    {
        let value = xml_result::value(&root, alone.shape(), blobs)?;
        return Some(Object::from_iter([(alone.field_name(), value)]));
    }
    xml_result::structure(&root, shape, blobs)
}

fn header_value(text: &str, member: Member<'_>) -> Option<Value> {
    if member.is_json_text() {
        return Some(bytes_text(base64::decode(text)?).into());
    }
    let shape = member.shape();
    match shape.element() {
        Some(element) => text.split(',').map(|part| header_scalar(part.trim(), element.shape())).collect(),
        None => header_scalar(text, shape),
    }
}

fn header_scalar(text: &str, shape: Shape<'_>) -> Option<Value> {
    match shape.kind() {
        Kind::String => Some(text.into()),
        _ => json_result::value(&text.into(), shape, Blobs::Texts),
    }
}

fn header_map(response: Response<'_>, prefix: &str) -> Object {
    let has_prefix =
        |name: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let found = response.headers.iter().filter(|(name, _)| has_prefix(name));
    found.map(|(name, value)| (&name[prefix.len()..], value.as_str())).collect()
}

/// The members of a structure in the order of their names, as AWS has them. (Recorded for each integration.)
pub(crate) fn in_order(mut members: Vec<(String, Value)>) -> Object {
    members.sort_by(|(one, _), (two, _)| one.cmp(two));
    members.into_iter().collect()
}

/// As recorded: a stream comes last.
pub(crate) fn with_stream_last<'s>(
    mut output: Object,
    shape: Shape<'s>,
    name: fn(Member<'s>) -> String,
) -> Object {
    let stream = shape.payload().filter(|payload| payload.is_streaming()).map(name);
    if let Some((name, value)) = stream.and_then(|name| Some((name.clone(), output.remove(&name)?))) {
        output.insert(name, value);
    }
    output
}

/// A timestamp as a state machine sees it.
pub(crate) fn timestamp(value: &Value) -> Option<Value> {
    Timestamp::read(value).map(|time| time.iso8601().into())
}

/// A blob in Base64 as it is wanted.
pub(crate) fn blob(text: &str, blobs: Blobs) -> Option<Value> {
    let bytes = base64::decode(text)?;
    Some(match blobs {
        Blobs::Texts => bytes_text(bytes).into(),
        Blobs::Base64 => text.into(),
    })
}

/// A number with a fraction from a text. JSON has no number for what is none or has no end: it stays a text.
pub(crate) fn float(text: &str) -> Option<Value> {
    match text {
        "NaN" | "Infinity" | "-Infinity" => Some(text.into()),
        _ => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from),
    }
}

fn bytes_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| base64::encode(error.as_bytes()))
}
