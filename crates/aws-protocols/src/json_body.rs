//! JSON that goes out: bodies of the JSON protocols and of REST with JSON, and the rest of a request of the
//! JSON protocol.
//!
//! Written without white space, as AWS's SDK for Java does. Never here: where in a REST request it stands.

use aws_models::{Operation, Shape, TimestampFormat};
use json::{Value, write_string};

use crate::argument::{Argument, Members};
use crate::base64;
use crate::request::Request;

/// A request of JSON 1.0 or 1.1: the operation is in a header, all else in the body.
pub(crate) fn request(operation: Operation<'_>, members: &Members<'_>) -> Request {
    let service = operation.service();
    let target = service.target_prefix().unwrap_or_default();
    let version = service.json_version().unwrap_or("1.0");
    let mut request = Request::new(operation);
    request.set_header("X-Amz-Target", format!("{target}.{}", operation.name()));
    request.set_header("Content-Type", format!("application/x-amz-json-{version}"));
    if service.is_query_compatible() {
        request.set_header("x-amzn-query-mode", "true");
    }
    request.body = body(members.iter());
    request
}

/// A structure of these members.
pub(crate) fn body<'a, 's: 'a>(
    members: impl Iterator<Item = &'a (aws_models::Member<'s>, Argument<'s>)>,
) -> Vec<u8> {
    let mut out = String::new();
    structure(members, &mut out);
    out.into_bytes()
}

/// Any value.
pub(crate) fn value_body(argument: &Argument<'_>, shape: Shape<'_>) -> Vec<u8> {
    let mut out = String::new();
    value(argument, shape, &mut out);
    out.into_bytes()
}

fn structure<'a, 's: 'a>(
    members: impl Iterator<Item = &'a (aws_models::Member<'s>, Argument<'s>)>,
    out: &mut String,
) {
    out.push('{');
    for (place, (member, argument)) in members.enumerate() {
        separate(place, out);
        write_string(member.wire_name(), out);
        out.push(':');
        value(argument, member.shape(), out);
    }
    out.push('}');
}

fn value(argument: &Argument<'_>, shape: Shape<'_>, out: &mut String) {
    match argument {
        Argument::Structure(members) => structure(members.iter(), out),
        Argument::List(elements) => {
            let Some(element) = shape.element() else { return };
            out.push('[');
            for (place, argument) in elements.iter().enumerate() {
                separate(place, out);
                value(argument, element.shape(), out);
            }
            out.push(']');
        }
        Argument::Map(entries) => {
            let Some(member) = shape.value() else { return };
            out.push('{');
            for (place, (key, argument)) in entries.iter().enumerate() {
                separate(place, out);
                write_string(key, out);
                out.push(':');
                value(argument, member.shape(), out);
            }
            out.push('}');
        }
        Argument::Text(text) => write_string(text, out),
        Argument::Number(number) => number.write_into(out),
        Argument::Boolean(value) => Value::Bool(*value).write_into(out),
        Argument::Bytes(bytes) => write_string(&base64::encode(bytes), out),
        Argument::Time(time) => match shape.timestamp_format().unwrap_or(TimestampFormat::UnixTimestamp) {
            TimestampFormat::UnixTimestamp => out.push_str(&time.text(TimestampFormat::UnixTimestamp)),
            format => write_string(&time.text(format), out),
        },
        Argument::Document(value) => value.write_into(out),
        Argument::Null => out.push_str("null"),
    }
}

fn separate(place: usize, out: &mut String) {
    if place > 0 {
        out.push(',');
    }
}
