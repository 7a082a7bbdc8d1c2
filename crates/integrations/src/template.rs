//! What a definition tells of the parameters of a Task before they are computed, and what is wrong with it.
//!
//! Names are known then, and so are literal values. Only what could never be called is a mistake: a number
//! given as text, say, is left to the moment when the Task runs. Never here: what is computed.

use std::fmt;

use aws_models::{Kind, Operation, Shape};
use json::{Object, Value};

use crate::action::Field;

/// A Task's `Parameters` or `Arguments`, as a definition has them.
#[derive(Clone, Copy, Debug)]
pub struct Template<'d> {
    /// As it stands there.
    pub value: &'d Value,
    /// How it says what is computed.
    pub computed: Computed,
}

/// How a template says that a value is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Computed {
    /// By its key, which ends with `.$`. (JSONPath)
    ByKey,
    /// By its text, which stands between `{%` and `%}`. (JSONata)
    ByText,
}

/// What is wrong with a field. Displayed, it is AWS's text. (spec/integrations.md §2)
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// It is required.
    Missing {
        /// Its name.
        field: String,
    },
    /// There is no such field.
    Unsupported {
        /// As it stands in the template, without `.$`.
        field: String,
    },
    /// Its value is literal, and cannot be of that kind.
    Format {
        /// Its name.
        field: String,
    },
}

impl Template<'_> {
    /// Compared with an operation's input.
    pub(crate) fn of_operation(&self, operation: Operation<'_>) -> Vec<Mistake> {
        let Some(members) = self.value.as_object() else { return Vec::new() };
        let mut reading = self.reading();
        if let Some(shape) = operation.input() {
            // A token is made up if there is none.
            let required =
                shape.members().filter(|member| member.is_required() && !member.is_idempotency_token());
            for member in required {
                if !members.keys().any(|key| member.is_called(reading.field(key).0)) {
                    reading.mistakes.push(Mistake::Missing { field: member.field_name() });
                }
            }
            reading.members(members, shape);
        } else {
            members.keys().for_each(|key| reading.unsupported(key));
        }
        reading.mistakes
    }

    /// Compared with the fields of an optimised integration; their values with the members of the same name
    /// of its operation, if it is one.
    pub(crate) fn of_fields(&self, fields: &[Field], operation: Option<Operation<'_>>) -> Vec<Mistake> {
        let Some(members) = self.value.as_object() else { return Vec::new() };
        let mut reading = self.reading();
        let names: Vec<&str> = members.keys().map(|key| reading.field(key).0).collect();
        let missing = fields.iter().filter(|field| field.is_missing(|name| names.contains(&name)));
        reading.mistakes.extend(missing.map(|field| Mistake::Missing { field: field.name.to_owned() }));
        let shape = operation.and_then(Operation::input);
        for (key, value) in members {
            let (name, is_computed) = reading.field(key);
            if !fields.iter().any(|field| field.name == name) {
                reading.unsupported(key);
            } else if let Some(member) =
                shape.and_then(|shape| shape.members().find(|member| member.is_called(name)))
                && !is_computed
            {
                reading.value(value, member.shape(), name);
            }
        }
        reading.mistakes
    }

    fn reading(&self) -> Reading {
        Reading { computed: self.computed, mistakes: Vec::new() }
    }
}

struct Reading {
    computed: Computed,
    mistakes: Vec<Mistake>,
}

impl Reading {
    /// The field that a key gives, and whether it says that its value is computed.
    fn field<'k>(&self, key: &'k str) -> (&'k str, bool) {
        match self.computed {
            Computed::ByKey => key.strip_suffix(".$").map_or((key, false), |name| (name, true)),
            Computed::ByText => (key, false),
        }
    }

    fn unsupported(&mut self, key: &str) {
        let field = self.field(key).0.to_owned();
        self.mistakes.push(Mistake::Unsupported { field });
    }

    /// The recursion follows the value, whose depth its parser bounds.
    fn members(&mut self, members: &Object, shape: Shape<'_>) {
        for (key, value) in members {
            let (name, is_computed) = self.field(key);
            match shape.members().find(|member| member.is_called(name)) {
                None => self.unsupported(key),
                Some(_) if is_computed => {}
                Some(member) => self.value(value, member.shape(), name),
            }
        }
    }

    /// A literal value, or one that holds computed ones.
    fn value(&mut self, value: &Value, shape: Shape<'_>, field: &str) {
        let is_computed =
            self.computed == Computed::ByText && value.as_str().is_some_and(|text| text.starts_with("{%"));
        // A null is a member that is not there, and a document is anything.
        if is_computed || value.is_null() || shape.is_document() {
            return;
        }
        match (shape.kind(), value) {
            (Kind::Structure, Value::Object(members)) => self.members(members, shape),
            (Kind::List, Value::Array(items)) => {
                let Some(element) = shape.element() else { return };
                items.iter().for_each(|item| self.value(item, element.shape(), field));
            }
            (Kind::Map, Value::Object(entries)) => {
                let Some(member) = shape.value() else { return };
                for (key, value) in entries {
                    if !self.field(key).1 {
                        self.value(value, member.shape(), field);
                    }
                }
            }
            // What is no text becomes its JSON text.
            (Kind::String | Kind::Blob, _) => {}
            (
                Kind::Boolean | Kind::Integer | Kind::Long | Kind::Float | Kind::Double | Kind::Timestamp,
                Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Big(_) | Value::String(_),
            ) => {}
            _ => self.mistakes.push(Mistake::Format { field: field.to_owned() }),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mistake::Missing { field } => write!(f, "The field '{field}' is required but was missing"),
            Mistake::Unsupported { field } => {
                write!(f, "The field \"{field}\" is not supported by Step Functions")
            }
            Mistake::Format { field } => write!(f, "The value of the field '{field}' has an invalid format"),
        }
    }
}
