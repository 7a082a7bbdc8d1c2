//! Outputs as JSON: bodies of the JSON protocols and of REST with JSON.
//!
//! Never here: headers and status.

use aws_models::{Kind, Location, Shape, TimestampFormat};
use json::{Object, Value, write_string};

use crate::timestamp::Timestamp;

/// A structure's members that stand in the body.
pub(super) fn body(members: &Object, shape: Shape<'_>) -> Vec<u8> {
    let mut out = String::with_capacity(256);
    structure(members, shape, &mut out);
    out.into_bytes()
}

/// Any value.
pub(super) fn value_body(known: &Value, shape: Shape<'_>) -> Vec<u8> {
    let mut out = String::with_capacity(256);
    value(known, shape, &mut out);
    out.into_bytes()
}

fn structure(members: &Object, shape: Shape<'_>, out: &mut String) {
    out.push('{');
    let empty = out.len();
    members_into(members, shape, out);
    if out.len() > empty && out.ends_with(',') {
        out.pop();
    }
    out.push('}');
}

/// Members, with a comma behind each.
pub(super) fn members_into(members: &Object, shape: Shape<'_>, out: &mut String) {
    for (name, known) in members.iter().filter(|(_, known)| !known.is_null()) {
        let member = shape.member(name);
        debug_assert!(member.is_some(), "{} has no member {name}", shape.name());
        let Some(member) = member.filter(|member| member.location() == Location::Body) else { continue };
        write_string(member.wire_name(), out);
        out.push(':');
        value(known, member.shape(), out);
        out.push(',');
    }
}

/// The recursion follows the value, whose depth whoever made it bounds.
fn value(known: &Value, shape: Shape<'_>, out: &mut String) {
    if shape.is_document() {
        return known.write_into(out);
    }
    match (shape.kind(), known) {
        (Kind::Structure, Value::Object(members)) => structure(members, shape, out),
        (Kind::List, Value::Array(elements)) => {
            let Some(element) = shape.element() else { return out.push_str("[]") };
            out.push('[');
            for (place, known) in elements.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                value(known, element.shape(), out);
            }
            out.push(']');
        }
        (Kind::Map, Value::Object(entries)) => {
            let Some(member) = shape.value() else { return out.push_str("{}") };
            out.push('{');
            for (place, (name, known)) in entries.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                value(known, member.shape(), out);
            }
            out.push('}');
        }
        (Kind::Timestamp, known) => match shape.timestamp_format() {
            Some(format) if format != TimestampFormat::UnixTimestamp => {
                let text = Timestamp::read(known).map(|time| time.text(format));
                write_string(&text.unwrap_or_default(), out);
            }
            _ => known.write_into(out),
        },
        (_, known) => known.write_into(out),
    }
}
