//! Inputs with expressions, whose names and values stand in common places.
//!
//! Never here: which operation has which.

use json::{Object, Text, Value};

use super::values::typed_members;
use crate::sources::SourceError;
use crate::sources::request::{Part, mistake};

/// The names and values of expressions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Placeholders {
    /// `#name` → `name`
    pub names: Object,
    /// `:value` → typed, as DynamoDB has it.
    pub values: Object,
}

impl Placeholders {
    /// `expressionNames` and `expressionValues` of a part of a request.
    pub fn read(part: &Part<'_>) -> Result<Placeholders, SourceError> {
        let mut placeholders = Placeholders::default();
        if let Some(names) = part.part("expressionNames")? {
            for name in names.members().keys() {
                placeholders.names.insert(name.clone(), names.required_text(name)?);
            }
        }
        if let Some(values) = part.part("expressionValues")? {
            placeholders.values = typed_members(&values)?;
        }
        Ok(placeholders)
    }

    /// With those of another expression. The same placeholder cannot stand for two things.
    pub fn add(&mut self, more: &Placeholders) -> Result<(), SourceError> {
        for (into, from) in [(&mut self.names, &more.names), (&mut self.values, &more.values)] {
            for (placeholder, value) in from.iter() {
                match into.get(placeholder) {
                    Some(known) if known != value => {
                        return Err(mistake(format!(
                            "'{placeholder}' stands for one thing in one expression and for another in the other."
                        )));
                    }
                    Some(_) => {}
                    None => _ = into.insert(placeholder.clone(), value.clone()),
                }
            }
        }
        Ok(())
    }

    /// Without those that none of the expressions has.
    pub fn retain_used(&mut self, expressions: &[&str]) {
        for placeholders in [&mut self.names, &mut self.values] {
            let used = |placeholder: &str| expressions.iter().any(|text| uses(text, placeholder));
            *placeholders = placeholders
                .iter()
                .filter(|(placeholder, _)| used(placeholder))
                .map(|(placeholder, value)| (placeholder.clone(), value.clone()))
                .collect();
        }
    }

    /// What a name in an expression means.
    pub fn name<'n>(&'n self, word: &'n str) -> &'n str {
        self.names.get(word).and_then(Value::as_str).unwrap_or(word)
    }

    /// Puts them into an input.
    pub fn put_into(self, input: &mut Object) {
        if !self.names.is_empty() {
            input.insert("ExpressionAttributeNames", self.names);
        }
        if !self.values.is_empty() {
            input.insert("ExpressionAttributeValues", self.values);
        }
    }
}

/// An input under construction.
#[derive(Debug, Default)]
pub(super) struct Input {
    members: Object,
    placeholders: Placeholders,
}

impl Input {
    /// Of an operation on a table.
    pub fn of_table(name: &Text) -> Input {
        Input { members: Object::from_iter([("TableName", name.clone())]), ..Input::default() }
    }

    /// Sets a member.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.members.insert(name, value);
    }

    /// Sets a member, if there is a value.
    pub fn set_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.members.insert(name, value);
        }
    }

    /// An expression of the request: `{"expression", "expressionNames", "expressionValues"}`. An empty one is none.
    pub fn expression(&mut self, member: &str, part: Option<Part<'_>>) -> Result<(), SourceError> {
        let Some(part) = part else { return Ok(()) };
        part.has_only(&["expression", "expressionNames", "expressionValues"])?;
        let expression = part.required_text("expression")?;
        if expression.trim().is_empty() {
            return Ok(());
        }
        self.placeholders.add(&Placeholders::read(&part)?)?;
        self.members.insert(member, expression);
        Ok(())
    }

    /// The condition of a key: its placeholders are `#appsync_NAME` and `:appsync_NAME`.
    pub fn key_condition<const N: usize>(
        &mut self,
        condition: &str,
        placeholders: [(&str, &str, Value); N],
    ) -> Result<(), SourceError> {
        self.members.insert("KeyConditionExpression", condition);
        let mut more = Placeholders::default();
        for (name, attribute, value) in placeholders {
            more.names.insert(format!("#appsync_{name}"), attribute);
            more.values.insert(format!(":appsync_{name}"), value);
        }
        self.placeholders.add(&more)
    }

    /// Names and values of an expression that is set already.
    pub fn add(&mut self, placeholders: &Placeholders) -> Result<(), SourceError> {
        self.placeholders.add(placeholders)
    }

    /// The input.
    pub fn finish(mut self) -> Value {
        self.placeholders.put_into(&mut self.members);
        self.members.into()
    }
}

/// Whether an expression has a placeholder: as a whole word.
pub(super) fn uses(expression: &str, placeholder: &str) -> bool {
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    expression
        .match_indices(placeholder)
        .any(|(place, _)| !expression.as_bytes().get(place + placeholder.len()).is_some_and(is_of_word))
}
