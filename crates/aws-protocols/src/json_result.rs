//! JSON that comes in, read by the operation's model: the JSON protocols and REST with JSON.
//!
//! Never here: headers and status, errors.

use aws_models::{Kind, Location, Shape};
use json::{Object, Value};

use crate::argument::Blobs;
use crate::response::{blob, float, in_order, timestamp};

/// The members of a structure. What the model does not know is left out, and so is what is null. None if
/// something is not what the model says.
pub(crate) fn structure(object: &Object, shape: Shape<'_>, blobs: Blobs) -> Option<Object> {
    let mut members = Vec::new();
    for member in shape.members().filter(|member| member.location() == Location::Body) {
        let Some(known) = object.get(member.wire_name()).filter(|value| !value.is_null()) else { continue };
        members.push((member.field_name(), value(known, member.shape(), blobs)?));
    }
    Some(in_order(members))
}

/// Any value. The recursion follows the value, whose depth its parser bounds.
pub(crate) fn value(known: &Value, shape: Shape<'_>, blobs: Blobs) -> Option<Value> {
    if shape.is_document() {
        return Some(known.clone());
    }
    Some(match (shape.kind(), known) {
        (Kind::Structure, Value::Object(object)) => structure(object, shape, blobs)?.into(),
        (Kind::List, Value::Array(array)) => {
            let element = shape.element()?.shape();
            array.iter().map(|known| inner(known, element, blobs)).collect::<Option<Value>>()?
        }
        (Kind::Map, Value::Object(object)) => {
            let member = shape.value()?.shape();
            let entries = object.iter().map(|(key, known)| Some((key.clone(), inner(known, member, blobs)?)));
            entries.collect::<Option<Object>>()?.into()
        }
        (Kind::String, Value::String(_)) | (Kind::Boolean, Value::Bool(_)) => known.clone(),
        // Some services answer with a number where their model has a text.
        (Kind::String, Value::Int(_) | Value::Float(_) | Value::Big(_) | Value::Bool(_)) => {
            known.to_text().into()
        }
        (Kind::Integer | Kind::Long, Value::Int(_) | Value::Big(_)) => known.clone(),
        (Kind::Integer | Kind::Long, Value::Float(number)) if number.fract() == 0.0 => known.clone(),
        (Kind::Integer | Kind::Long, Value::String(text)) => text.parse::<i64>().ok()?.into(),
        (Kind::Float | Kind::Double, Value::Int(_) | Value::Float(_) | Value::Big(_)) => known.clone(),
        (Kind::Float | Kind::Double, Value::String(text)) => float(text)?,
        (Kind::Boolean, Value::String(text)) => (text.as_str() == "true").into(),
        (Kind::Blob, Value::String(text)) => blob(text, blobs)?,
        (Kind::Timestamp, known) => timestamp(known)?,
        _ => return None,
    })
}

/// A list's element or a map's value, of which any may be null.
fn inner(known: &Value, shape: Shape<'_>, blobs: Blobs) -> Option<Value> {
    if known.is_null() { Some(Value::Null) } else { value(known, shape, blobs) }
}
