//! SNS's filter policies: which messages of a topic a subscription gets. (spec/event-routers.md §2)
//!
//! A policy is a pattern with limits of its own, over a message's attributes or over its body.

use std::sync::OnceLock;

use json::{Object, Value};

use crate::pattern::{Event, Grammar, Invalid, Pattern, compile};

/// Keys of a policy: of the attributes, or at the top of the body. (SNS's guide, "Filter policy constraints")
const KEYS_MAX: usize = 5;

/// The numbers of values multiplied with each other, each times its key's level; those of `$or` added up.
/// (The same page)
const COMBINATIONS_MAX: usize = 150;

/// What a policy is held against: FilterPolicyScope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The message's attributes, the default.
    #[default]
    MessageAttributes,
    /// The message itself, a JSON object.
    MessageBody,
}

/// A filter policy, compiled.
#[derive(Clone, Debug)]
pub struct FilterPolicy {
    scope: Scope,
    /// `None`: `{}`, by which a subscription's policy is taken away.
    pattern: Option<Pattern>,
}

/// A message's attribute, as patterns see it.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// `String`, `String.Array`, `Number`, `Binary`, or one of these with `.` and more behind it.
    pub data_type: &'a str,
    /// StringValue; empty for a Binary one.
    pub value: &'a str,
}

/// A message, read at most once however many policies look at it.
pub struct Message<'a> {
    attributes: &'a [Attribute<'a>],
    body: &'a str,
    by_attributes: OnceLock<Event>,
    by_body: OnceLock<Option<Event>>,
}

impl<'a> Message<'a> {
    /// Of a message's attributes and its text.
    pub fn new(attributes: &'a [Attribute<'a>], body: &'a str) -> Message<'a> {
        Message { attributes, body, by_attributes: OnceLock::new(), by_body: OnceLock::new() }
    }

    fn attributes(&self) -> &Event {
        let read = || Event::new(&Value::Object(self.attributes.iter().filter_map(member).collect()));
        self.by_attributes.get_or_init(read)
    }

    /// Nothing if the body is no JSON object.
    fn body(&self) -> Option<&Event> {
        let read = || Value::parse(self.body).ok().filter(Value::is_object).map(|body| Event::new(&body));
        self.by_body.get_or_init(read).as_ref()
    }
}

impl FilterPolicy {
    /// Reads a policy. [`Invalid::reason`] is what SNS says behind `Invalid parameter: FilterPolicy: `.
    pub fn parse(text: &str, scope: Scope) -> Result<FilterPolicy, Invalid> {
        let invalid = |reason: &str| Invalid { place: String::new(), reason: reason.to_owned() };
        let value = Value::parse(text).map_err(|error| {
            invalid(&format!("failed to parse JSON. {}", error.message_with_location(text)))
        })?;
        if value.as_object().is_some_and(Object::is_empty) {
            return Ok(FilterPolicy { scope, pattern: None });
        }
        let grammar = Grammar {
            combinations_max: COMBINATIONS_MAX,
            nested: scope == Scope::MessageBody,
            ..Grammar::SNS
        };
        let compiled = compile(&value, &grammar)?;
        if keys(&value) > KEYS_MAX {
            return Err(invalid(&format!("Filter policy can not have more than {KEYS_MAX} keys")));
        }
        let combinations = compiled.sizes.iter().map(|fields| {
            fields.iter().fold(1, |product: usize, (level, values)| product.saturating_mul(level * values))
        });
        if combinations.fold(0, usize::saturating_add) > COMBINATIONS_MAX {
            return Err(invalid("Filter policy is too complex"));
        }
        Ok(FilterPolicy { scope, pattern: Some(compiled.pattern) })
    }

    /// Whether a subscription with this policy gets the message. A body that is no JSON object matches no
    /// policy about bodies.
    pub fn matches(&self, message: &Message<'_>) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        match self.scope {
            Scope::MessageAttributes => pattern.matches(message.attributes()),
            Scope::MessageBody => message.body().is_some_and(|body| pattern.matches(body)),
        }
    }
}

/// How many keys there are, those in alternatives of `$or` included.
fn keys(policy: &Value) -> usize {
    let mut keys: Vec<&str> = Vec::new();
    let mut open = vec![policy];
    while let Some(value) = open.pop() {
        for (name, value) in value.as_object().into_iter().flat_map(Object::iter) {
            match value {
                Value::Array(alternatives) if name == "$or" => open.extend(alternatives.iter()),
                _ if keys.contains(&name.as_str()) => {}
                _ => keys.push(name),
            }
            // The exact number beyond the limit matters to nobody, and looking for a key is a scan.
            if keys.len() > KEYS_MAX {
                return keys.len();
            }
        }
    }
    keys.len()
}

/// An attribute as a member of an object. SNS ignores binary ones; one that is not what its type says
/// is as good as absent.
fn member(attribute: &Attribute<'_>) -> Option<(json::Text, Value)> {
    let kind = attribute.data_type.split('.').next()?;
    let value = match kind {
        "String" if attribute.data_type == "String.Array" => {
            Value::parse(attribute.value).ok().filter(Value::is_array)?
        }
        "String" => Value::from(attribute.value),
        "Number" => Value::parse(attribute.value.trim()).ok().filter(Value::is_number)?,
        _ => return None,
    };
    Some((attribute.name.into(), value))
}
