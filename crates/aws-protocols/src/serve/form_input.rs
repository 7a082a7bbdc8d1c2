//! The input of a query request: a form, read by the operation's model.
//!
//! Never here: the form's own syntax.

use aws_models::{Kind, Member, Operation, Protocol, Shape};
use json::{Object, Value};

use super::form::Node;
use super::malformed::Malformed;
use super::{Incoming, scalar, sqs_query};

/// Reads the input.
pub(super) fn input(operation: Operation<'_>, incoming: &Incoming<'_>) -> Result<Value, Malformed> {
    let Some(shape) = operation.input() else { return Ok(Object::new().into()) };
    let node = Node::parse(incoming.form().unwrap_or_default())?;
    let names = Names::of(operation);
    let mut input = names.structure(&node, shape)?;
    if names == Names::Sqs {
        sqs_query::add_queue_url(&mut input, shape, incoming);
    }
    Ok(input.into())
}

/// How members are called in forms, and in XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// As the model says.
    Model,
    /// As SQS's older model said; today's speaks JSON.
    Sqs,
}

impl Names {
    pub(super) fn of(operation: Operation<'_>) -> Names {
        if operation.service().protocol() == Protocol::Query { Names::Model } else { Names::Sqs }
    }

    /// A structure's member. The element of a flattened list gives the list its name.
    pub(super) fn member<'s>(self, member: Member<'s>) -> &'s str {
        if self == Names::Sqs {
            return sqs_query::member_name(member);
        }
        let element = member.shape().element().filter(|_| member.is_flattened()).map(Member::wire_name);
        element.filter(|name| !name.is_empty()).unwrap_or(member.wire_name())
    }

    /// A list's elements, where they stand in one of the list.
    pub(super) fn element(self, element: Member<'_>) -> &str {
        if element.wire_name().is_empty() { "member" } else { element.wire_name() }
    }

    /// The key and the value of a map's entry.
    pub(super) fn entry<'s>(self, member: Member<'s>) -> (&'s str, &'s str) {
        if self == Names::Sqs {
            return sqs_query::entry_names(member);
        }
        let or = |member: Option<Member<'s>>, default: &'s str| {
            member.map(Member::wire_name).filter(|name| !name.is_empty()).unwrap_or(default)
        };
        (or(member.shape().key(), "key"), or(member.shape().value(), "value"))
    }

    /// The recursion follows the form, whose depth is bounded.
    fn structure(self, node: &Node, shape: Shape<'_>) -> Result<Object, Malformed> {
        let mut members = Object::new();
        for member in shape.members() {
            if let Some(node) = node.child(self.member(member)) {
                members.insert(member.name(), self.value(node, member)?);
            }
        }
        Ok(members)
    }

    fn value(self, node: &Node, member: Member<'_>) -> Result<Value, Malformed> {
        let shape = member.shape();
        let text = node.text.as_deref().unwrap_or_default();
        match shape.kind() {
            Kind::Structure if !node.has_children() && !text.is_empty() => {
                Err(Malformed::unexpected(&text.into(), "a structure"))
            }
            Kind::Structure => Ok(self.structure(node, shape)?.into()),
            Kind::List => self.list(node, member),
            Kind::Map => self.map(node, member),
            _ if node.has_children() => {
                Err(Malformed::unexpected(&Object::new().into(), scalar::wanted(shape.kind())))
            }
            _ => scalar::read(text, shape),
        }
    }

    /// `Tags.member.1`, or `Tag.1` of a flattened one. `Tags=` is an empty list.
    fn list(self, node: &Node, member: Member<'_>) -> Result<Value, Malformed> {
        let Some(element) = member.shape().element() else { return Ok(Value::Null) };
        let alone = node.text.as_deref().filter(|text| !text.is_empty() && !node.has_children());
        if let Some(text) = alone {
            // `AttributeName=All`, as old callers of SQS have it.
            return match element.shape().kind() {
                Kind::String => Ok(Value::from(vec![text])),
                _ => Err(Malformed::unexpected(&text.into(), "a list")),
            };
        }
        let owner = if member.is_flattened() { Some(node) } else { node.child(self.element(element)) };
        owner
            .map(Node::numbered)
            .unwrap_or_default()
            .into_iter()
            .map(|node| self.value(node, element))
            .collect()
    }

    /// `Attributes.entry.1.key`, or `Attribute.1.Name` of a flattened one.
    fn map(self, node: &Node, member: Member<'_>) -> Result<Value, Malformed> {
        let Some(value) = member.shape().value() else { return Ok(Value::Null) };
        let (key_name, value_name) = self.entry(member);
        let owner = if member.is_flattened() { Some(node) } else { node.child("entry") };
        let mut entries = Object::new();
        for entry in owner.map(Node::numbered).unwrap_or_default() {
            let key = entry.child(key_name).and_then(|key| key.text.as_deref());
            let key = key.ok_or_else(|| Malformed::new(format!("An entry of a map has no {key_name}")))?;
            let known = entry.child(value_name);
            let known = known
                .ok_or_else(|| Malformed::new(format!("The entry {key} of a map has no {value_name}")))?;
            entries.insert(key, self.value(known, value)?);
        }
        Ok(entries.into())
    }
}
