//! XML that comes in, read by the operation's model: REST with XML, query, EC2.
//!
//! Never here: headers and status, errors.

use aws_models::{Kind, Location, Member, Shape};
use json::{Array, Object, Value};

use crate::argument::Blobs;
use crate::response::{blob, float, in_order, timestamp};
use crate::xml::Element;

/// The members of a structure that stand in an element. None if something there is not what the model says.
pub(crate) fn structure(element: &Element, shape: Shape<'_>, blobs: Blobs) -> Option<Object> {
    let mut members = Vec::new();
    for member in shape.members().filter(|member| member.location() == Location::Body) {
        let name = name_in_parent(member);
        if member.is_xml_attribute() {
            // The namespace's prefix is the document's choice.
            let local = name.rsplit_once(':').map_or(name, |(_, local)| local);
            if let Some((_, value)) = element.attributes.iter().find(|(known, _)| known == local) {
                members.push((member.field_name(), value.as_str().into()));
                continue;
            }
        }
        let mut found = element.children.iter().filter(|child| child.name == name).peekable();
        let Some(first) = found.peek() else { continue };
        let value = if member.is_flattened() {
            flattened(found, member.shape(), blobs)?
        } else {
            value(first, member.shape(), blobs)?
        };
        members.push((member.field_name(), value));
    }
    Some(in_order(members))
}

/// A value that is an element.
pub(crate) fn value(element: &Element, shape: Shape<'_>, blobs: Blobs) -> Option<Value> {
    let text = element.text.as_str();
    Some(match shape.kind() {
        Kind::Structure => structure(element, shape, blobs)?.into(),
        Kind::List => list(element.children.iter(), shape, blobs)?.into(),
        Kind::Map => map(element.children.iter(), shape, blobs)?.into(),
        Kind::String => text.into(),
        Kind::Integer | Kind::Long => text.trim().parse::<i64>().ok()?.into(),
        Kind::Float | Kind::Double => float(text.trim())?,
        Kind::Boolean => (text.trim() == "true").into(),
        Kind::Blob => blob(text, blobs)?,
        Kind::Timestamp => timestamp(&text.into())?,
    })
}

/// A list or a map whose elements stand among the members of the structure around it.
fn flattened<'e>(
    elements: impl Iterator<Item = &'e Element>,
    shape: Shape<'_>,
    blobs: Blobs,
) -> Option<Value> {
    if shape.kind() == Kind::Map {
        map(elements, shape, blobs).map(Value::from)
    } else {
        list(elements, shape, blobs).map(Value::from)
    }
}

fn list<'e>(elements: impl Iterator<Item = &'e Element>, shape: Shape<'_>, blobs: Blobs) -> Option<Array> {
    let element = shape.element()?.shape();
    elements.map(|child| value(child, element, blobs)).collect()
}

fn map<'e>(entries: impl Iterator<Item = &'e Element>, shape: Shape<'_>, blobs: Blobs) -> Option<Object> {
    let (key, member) = (shape.key()?, shape.value()?);
    let or = |name: &str, default: &str| if name.is_empty() { default } else { name }.to_owned();
    let (key_name, value_name) = (or(key.wire_name(), "key"), or(member.wire_name(), "value"));
    entries
        .map(|entry| {
            let value = value(entry.child(&value_name)?, member.shape(), blobs)?;
            Some((entry.child_text(&key_name)?, value))
        })
        .collect()
}

/// A flattened list's elements may have a name of their own.
fn name_in_parent(member: Member<'_>) -> &str {
    let element = member.shape().element().filter(|_| member.is_flattened());
    element.map(Member::wire_name).filter(|name| !name.is_empty()).unwrap_or(member.wire_name())
}
