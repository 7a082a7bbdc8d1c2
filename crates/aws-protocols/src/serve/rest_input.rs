//! The input of a REST request: path, query string, headers and body together.
//!
//! Never here: which operation it is for.

use std::borrow::Cow;

use aws_models::{Kind, Location, Member, Operation, Shape};
use json::{Object, Value};

use super::malformed::Malformed;
use super::{Incoming, form, json_input, paths, scalar};
use crate::base64;

/// Reads the input.
pub(super) fn input(operation: Operation<'_>, incoming: &Incoming<'_>) -> Result<Value, Malformed> {
    let Some(shape) = operation.input() else { return Ok(Object::new().into()) };
    let mut input = body(shape, incoming)?;
    let pairs = pairs(operation, incoming.query)?;
    for member in shape.members() {
        let name = member.wire_name();
        let value = match member.location() {
            Location::Uri => match paths::value_of(operation, incoming.path, name) {
                Some(text) => Some(scalar::read(&text, member.shape())?),
                None => None,
            },
            Location::QueryString => from_query(&pairs, member, shape)?,
            Location::Header => match incoming.header(name) {
                Some(text) => Some(from_header(text, member)?),
                None => None,
            },
            Location::Headers => from_headers(incoming, name),
            Location::Body | Location::StatusCode => None,
        };
        if let Some(value) = value {
            input.insert(member.name(), value);
        }
    }
    Ok(input.into())
}

/// The members that are in the body, or the one that is the body.
fn body(shape: Shape<'_>, incoming: &Incoming<'_>) -> Result<Object, Malformed> {
    if let Some(payload) = shape.payload() {
        let value = whole_body(payload.shape(), incoming.body)?;
        return Ok(value.into_iter().map(|value| (payload.name(), value)).collect());
    }
    if !shape.members().any(|member| member.location() == Location::Body) {
        return Ok(Object::new());
    }
    match json_input::parse(incoming.body)? {
        Some(known) => match json_input::read(known, shape)? {
            Value::Object(members) => Ok(members),
            other => Err(Malformed::unexpected(&other, "a structure")),
        },
        None => Ok(Object::new()),
    }
}

/// The value that a body is; none if there is no body.
fn whole_body(shape: Shape<'_>, body: &[u8]) -> Result<Option<Value>, Malformed> {
    match shape.kind() {
        Kind::Blob | Kind::String if body.is_empty() => Ok(None),
        Kind::Blob => Ok(Some(base64::encode(body).into())),
        Kind::String => match std::str::from_utf8(body) {
            Ok(text) => Ok(Some(text.into())),
            Err(_) => Err(Malformed::new("The body is not UTF-8")),
        },
        _ => json_input::parse(body)?.map(|known| json_input::read(known, shape)).transpose(),
    }
}

type Pairs<'q> = Vec<(Cow<'q, str>, Cow<'q, str>)>;

/// What the query has beside what makes it one of this operation.
fn pairs<'q>(operation: Operation<'_>, query: &'q str) -> Result<Pairs<'q>, Malformed> {
    let pairs: Option<Pairs<'q>> = form::pairs(query).collect();
    let mut pairs = pairs.ok_or_else(|| Malformed::new("The query string is not UTF-8"))?;
    pairs.retain(|(name, _)| !paths::asks_for(operation, name));
    Ok(pairs)
}

fn from_query(pairs: &Pairs<'_>, member: Member<'_>, owner: Shape<'_>) -> Result<Option<Value>, Malformed> {
    let shape = member.shape();
    let of_name = || pairs.iter().filter(|(name, _)| name == member.wire_name());
    match (shape.element(), shape.value()) {
        (Some(element), _) => {
            let values = of_name().map(|(_, text)| scalar::read(text, element.shape()));
            let values: Vec<Value> = values.collect::<Result<_, _>>()?;
            Ok((!values.is_empty()).then(|| values.into()))
        }
        (None, Some(value)) => from_all(pairs, member, value.shape(), owner),
        (None, None) => of_name().next().map(|(_, text)| scalar::read(text, shape)).transpose(),
    }
}

/// A map has all that no other member has.
fn from_all(
    pairs: &Pairs<'_>,
    member: Member<'_>,
    value: Shape<'_>,
    owner: Shape<'_>,
) -> Result<Option<Value>, Malformed> {
    let is_others = |name: &str| {
        owner.members().any(|other| {
            other.location() == Location::QueryString
                && other.wire_name() == name
                && other.name() != member.name()
        })
    };
    let mut entries = Object::new();
    for (name, text) in pairs.iter().filter(|(name, _)| !is_others(name)) {
        let Some(element) = value.element() else {
            entries.insert(name.as_ref(), scalar::read(text, value)?);
            continue;
        };
        let one = scalar::read(text, element.shape())?;
        match entries.get_mut(name).and_then(Value::as_array_mut) {
            Some(known) => known.push(one),
            None => drop(entries.insert(name.as_ref(), vec![one])),
        }
    }
    Ok((!entries.is_empty()).then(|| entries.into()))
}

fn from_header(text: &str, member: Member<'_>) -> Result<Value, Malformed> {
    if member.is_json_text() {
        let json = base64::decode(text).and_then(|bytes| String::from_utf8(bytes).ok());
        return json.map(Value::from).ok_or_else(|| Malformed::new("The value is no Base64"));
    }
    match member.shape().element() {
        Some(element) => text.split(',').map(|part| scalar::read(part.trim(), element.shape())).collect(),
        None => scalar::read(text, member.shape()),
    }
}

/// None if no header begins like that.
fn from_headers(incoming: &Incoming<'_>, prefix: &str) -> Option<Value> {
    let of_prefix = incoming.headers.iter().filter_map(|(name, value)| {
        let start = name.get(..prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then(|| (&name[prefix.len()..], *value))
    });
    let members: Object = of_prefix.collect();
    (!members.is_empty()).then(|| members.into())
}
