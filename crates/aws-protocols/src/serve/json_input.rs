//! JSON that a caller sends, read by the operation's model.
//!
//! Most inputs are as the model has them already, and then nothing is made anew. Never here: headers and paths.

use aws_models::{Kind, Location, Operation, Shape};
use json::{Array, Object, Value};

use super::malformed::Malformed;
use super::scalar::wanted;
use crate::base64;
use crate::timestamp::Timestamp;

/// The input that is a whole body. An empty one has no members.
pub(super) fn body(body: &[u8], operation: Operation<'_>) -> Result<Value, Malformed> {
    let value = parse(body)?.unwrap_or_else(|| Object::new().into());
    match operation.input() {
        Some(shape) => read(value, shape),
        None => Ok(Object::new().into()),
    }
}

/// Any JSON; none if there is no body.
pub(super) fn parse(body: &[u8]) -> Result<Option<Value>, Malformed> {
    if body.is_empty() {
        return Ok(None);
    }
    Value::parse_bytes(body).map(Some).map_err(|error| Malformed::new(error.to_string()))
}

/// A value of a shape.
pub(super) fn read(known: Value, shape: Shape<'_>) -> Result<Value, Malformed> {
    Ok(changed(&known, shape)?.unwrap_or(known))
}

/// What a value is to the model, if it is not that already. The recursion follows the value, whose depth its parser
/// bounds.
fn changed(known: &Value, shape: Shape<'_>) -> Result<Option<Value>, Malformed> {
    if shape.is_document() {
        return Ok(None);
    }
    let kind = shape.kind();
    match (kind, known) {
        (Kind::Structure, Value::Object(object)) => Ok(structure(object, shape)?.map(Value::Object)),
        (Kind::List, Value::Array(array)) => Ok(list(array, shape)?.map(Value::Array)),
        (Kind::Map, Value::Object(object)) => Ok(map(object, shape)?.map(Value::Object)),
        (Kind::Structure | Kind::List | Kind::Map, known) => Err(Malformed::unexpected(known, wanted(kind))),
        (Kind::String, Value::String(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Long, Value::Int(_))
        | (Kind::Float | Kind::Double, Value::Int(_) | Value::Float(_) | Value::Big(_)) => Ok(None),
        (Kind::Integer, Value::Int(number)) if i32::try_from(*number).is_ok() => Ok(None),
        (Kind::Integer | Kind::Long, Value::Float(number)) if is_whole(*number, kind) => {
            Ok(Some((*number as i64).into()))
        }
        (Kind::Float | Kind::Double, Value::String(text))
            if matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity") =>
        {
            Ok(None)
        }
        (Kind::Blob, Value::String(text)) if base64::is_padded(text) => Ok(None),
        (Kind::Blob, Value::String(_)) => Err(Malformed::new("The value is no Base64")),
        (Kind::Timestamp, Value::Int(_) | Value::Float(_)) if Timestamp::read(known).is_some() => Ok(None),
        (Kind::Timestamp, Value::String(text)) => match Timestamp::parse(text) {
            Some(time) => Ok(Some(time.number())),
            None => Err(Malformed::not_convertible(known, wanted(kind))),
        },
        (_, known) => Err(Malformed::not_convertible(known, wanted(kind))),
    }
}

/// Members get the model's names; what it does not know is left out, and so is what is null.
fn structure(object: &Object, shape: Shape<'_>) -> Result<Option<Object>, Malformed> {
    let mut made: Option<Object> = None;
    for (place, (name, known)) in object.iter().enumerate() {
        let is_meant = |member: &aws_models::Member<'_>| {
            member.wire_name() == name && member.location() == Location::Body
        };
        let member = shape.members().find(is_meant).filter(|_| !known.is_null());
        let value = match member {
            Some(member) => changed(known, member.shape())?,
            None => None,
        };
        let is_same = value.is_none() && member.is_some_and(|member| member.name() == name);
        if made.is_none() && is_same {
            continue;
        }
        let made = made.get_or_insert_with(|| first(object, place));
        if let Some(member) = member {
            made.insert(member.name(), value.unwrap_or_else(|| known.clone()));
        }
    }
    Ok(made)
}

/// A null is an element that constraints may not allow.
fn list(array: &Array, shape: Shape<'_>) -> Result<Option<Array>, Malformed> {
    let Some(element) = shape.element() else { return Ok(None) };
    let mut made: Option<Array> = None;
    for (place, known) in array.iter().enumerate().filter(|(_, known)| !known.is_null()) {
        let Some(value) = changed(known, element.shape())? else { continue };
        if let Some(slot) = made.get_or_insert_with(|| array.clone()).get_mut(place) {
            *slot = value;
        }
    }
    Ok(made)
}

fn map(object: &Object, shape: Shape<'_>) -> Result<Option<Object>, Malformed> {
    let Some(member) = shape.value() else { return Ok(None) };
    let mut made: Option<Object> = None;
    for (name, known) in object.iter().filter(|(_, known)| !known.is_null()) {
        if let Some(value) = changed(known, member.shape())? {
            made.get_or_insert_with(|| object.clone()).insert(name.clone(), value);
        }
    }
    Ok(made)
}

fn first(object: &Object, count: usize) -> Object {
    object.iter().take(count).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn is_whole(number: f64, kind: Kind) -> bool {
    // All whole doubles in these ranges are numbers of their kinds.
    let bound = if kind == Kind::Integer { f64::from(i32::MAX) } else { 9e18 };
    number.fract() == 0.0 && number.abs() <= bound
}
