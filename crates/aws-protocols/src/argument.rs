//! What goes into a call, read from JSON by the operation's model: the same for all protocols.
//!
//! Names are those of a state machine, with an upper-case first letter; what the model does not know is a
//! [`Problem`], and so is what it asks for and does not get. Never here: how anything is written.

use std::fmt;

use aws_models::{Kind, Member, Shape};
use json::{Array, Object, Value};

use crate::base64;
use crate::timestamp::Timestamp;

/// A value of the kind that its shape is.
pub(crate) enum Argument<'s> {
    /// Members in the order in which the state machine has them.
    Structure(Members<'s>),
    List(Vec<Argument<'s>>),
    Map(Vec<(String, Argument<'s>)>),
    Text(String),
    /// A number; or `NaN`, `Infinity` or `-Infinity` as text.
    Number(Value),
    Boolean(bool),
    Bytes(Vec<u8>),
    Time(Timestamp),
    /// Any JSON.
    Document(Value),
    /// In a sparse list or map.
    Null,
}

pub(crate) type Members<'s> = Vec<(Member<'s>, Argument<'s>)>;

/// What is wrong with a field. Displayed, it is what stands in brackets in the failure of a Task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The model has no such field.
    Unsupported {
        /// Its name in the state machine.
        field: String,
    },
    /// It is required.
    Missing {
        /// Its name in the state machine.
        field: String,
    },
    /// It is of another kind, or cannot be sent.
    Format {
        /// Its name in the state machine.
        field: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Unsupported { field } => {
                write!(f, "The field '{field}' is not supported by Step Functions")
            }
            Problem::Missing { field } => write!(f, "The field '{field}' is required but was missing"),
            Problem::Format { field } => write!(f, "The value of the field '{field}' has an invalid format"),
        }
    }
}

/// How blobs stand in an input or an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blobs {
    /// As a state machine has them: the bytes are those of the text.
    Texts,
    /// In Base64, because they need be no texts. A stream is as it is in a state machine.
    Base64,
}

/// Reads the members of an operation's input. All that is wrong is told at once.
pub(crate) fn members<'s>(
    input: &Value,
    shape: Shape<'s>,
    xml: bool,
    blobs: Blobs,
) -> Result<Members<'s>, Vec<Problem>> {
    let mut reader = Reader { xml, blobs, problems: Vec::new() };
    let members = match input {
        Value::Object(object) => reader.members(object, shape),
        Value::Null => reader.members(&Object::new(), shape),
        _ => {
            reader.wrong(shape.name());
            Vec::new()
        }
    };
    if reader.problems.is_empty() { Ok(members) } else { Err(reader.problems) }
}

struct Reader {
    /// Whether texts must be such that XML can hold them.
    xml: bool,
    blobs: Blobs,
    problems: Vec<Problem>,
}

impl Reader {
    /// The recursion follows the value, whose depth its parser bounds.
    fn members<'s>(&mut self, object: &Object, shape: Shape<'s>) -> Members<'s> {
        let mut members = Vec::with_capacity(object.len());
        for (name, value) in object.iter() {
            let Some(member) = shape.members().find(|member| member.is_called(name)) else {
                self.problems.push(Problem::Unsupported { field: name.to_string() });
                continue;
            };
            // A null is a member that is not there. (A Task may pass on what it has not.)
            if !value.is_null() {
                members.push((member, self.value(value, member, name)));
            }
        }
        for required in shape.members().filter(|member| member.is_required()) {
            // A null is there, and the service says what it thinks of that. (recorded for SQS)
            let is_there = object.keys().any(|name| required.is_called(name));
            // A token is made up later.
            if !required.is_idempotency_token() && !is_there {
                self.problems.push(Problem::Missing { field: required.field_name() });
            }
        }
        members
    }

    fn value<'s>(&mut self, value: &Value, member: Member<'s>, field: &str) -> Argument<'s> {
        let shape = member.shape();
        if shape.is_document() {
            return Argument::Document(value.clone());
        }
        match (shape.kind(), value) {
            (Kind::Structure, Value::Object(object)) => Argument::Structure(self.members(object, shape)),
            (Kind::List, Value::Array(array)) => self.list(array, shape, field),
            (Kind::Map, Value::Object(object)) => self.map(object, shape, field),
            (Kind::String, _) => self.text(value, field),
            // As recorded: a stream is the JSON text of what it is given, quotes included.
            (Kind::Blob, value) if member.is_streaming() => Argument::Bytes(value.to_text().into_bytes()),
            (Kind::Blob, Value::String(text)) if self.blobs == Blobs::Base64 => match base64::decode(text) {
                Some(bytes) => Argument::Bytes(bytes),
                None => self.wrong(field),
            },
            (Kind::Blob, Value::String(text)) => Argument::Bytes(text.as_bytes().to_vec()),
            (Kind::Blob, value) => Argument::Bytes(value.to_text().into_bytes()),
            (Kind::Boolean, Value::Bool(value)) => Argument::Boolean(*value),
            (Kind::Integer | Kind::Long, value) => match whole(value) {
                Some(number) => Argument::Number(Value::Int(number)),
                None => self.wrong(field),
            },
            (Kind::Float | Kind::Double, Value::Int(_) | Value::Float(_) | Value::Big(_)) => {
                Argument::Number(value.clone())
            }
            (Kind::Float | Kind::Double, Value::String(text))
                if matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity") =>
            {
                Argument::Number(value.clone())
            }
            (Kind::Timestamp, value) => match Timestamp::read(value) {
                Some(time) => Argument::Time(time),
                None => self.wrong(field),
            },
            _ => self.wrong(field),
        }
    }

    fn list<'s>(&mut self, array: &Array, shape: Shape<'s>, field: &str) -> Argument<'s> {
        let Some(element) = shape.element() else { return self.wrong(field) };
        Argument::List(array.iter().map(|value| self.inner(value, shape, element, field)).collect())
    }

    fn map<'s>(&mut self, object: &Object, shape: Shape<'s>, field: &str) -> Argument<'s> {
        let Some(member) = shape.value() else { return self.wrong(field) };
        let entries = object.iter().map(|(key, value)| {
            self.check_text(key, field);
            (key.to_string(), self.inner(value, shape, member, field))
        });
        Argument::Map(entries.collect())
    }

    /// A list's element or a map's value.
    fn inner<'s>(
        &mut self,
        value: &Value,
        owner: Shape<'s>,
        member: Member<'s>,
        field: &str,
    ) -> Argument<'s> {
        match value {
            Value::Null if owner.is_sparse() => Argument::Null,
            Value::Null => self.wrong(field),
            value => self.value(value, member, field),
        }
    }

    /// What is no text is sent as its JSON text: `Input` of an execution, `Detail` of an event.
    fn text<'s>(&mut self, value: &Value, field: &str) -> Argument<'s> {
        let text = match value {
            Value::String(text) => text.to_string(),
            value => value.to_text(),
        };
        self.check_text(&text, field);
        Argument::Text(text)
    }

    /// XML has no way at all to say some characters.
    fn check_text(&mut self, text: &str, field: &str) {
        let is_impossible = |letter: char| match letter {
            '\t' | '\n' | '\r' => false,
            letter => letter < ' ' || matches!(letter, '\u{fffe}' | '\u{ffff}'),
        };
        if self.xml && text.contains(is_impossible) {
            self.wrong(field);
        }
    }

    fn wrong<'s>(&mut self, field: &str) -> Argument<'s> {
        self.problems.push(Problem::Format { field: field.to_owned() });
        Argument::Null
    }
}

/// A number without a fraction. JSONata's numbers are doubles whatever they stand for.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        // All whole doubles in this range are i64s.
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e18 => Some(*number as i64),
        _ => None,
    }
}

/// A number as text, outside of JSON.
pub(crate) fn number_text(number: &Value) -> String {
    match number {
        Value::String(text) => text.to_string(),
        // `1.5`, `5.0`, `1e16`: the fewest digits that mean the same double.
        Value::Float(number) => format!("{number:?}"),
        number => number.to_text(),
    }
}
