//! Whether a JSON value could be what an operation answers: the check of TestState's mocked results.
//!
//! The texts are AWS's, and so are the names: a state machine sees the members of a response with an
//! upper-case first letter. Never here: patterns, which AWS does not hold mocked results to.

use std::cmp::Ordering;
use std::fmt;

use json::{Object, Value};

use crate::{Bound, Kind, Member, Shape};

/// How much is checked. (`FieldValidationMode` of TestState)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidationMode {
    /// What is there, and that all required members are.
    #[default]
    Strict,
    /// What is there.
    Present,
    /// Nothing.
    None,
}

/// What a value breaks. Displayed, it is AWS's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A required member is not there.
    Missing {
        /// Its name in a state machine.
        field: String,
    },
    /// Another kind of value is asked for.
    Type {
        /// The member that has it, or has the list or the map that does.
        field: String,
        /// `a string`, `a number`, `a boolean`, `an array`, `an object`
        expected: &'static str,
    },
    /// None of those that the model lists.
    Enum {
        /// The member that has it, or has the list or the map that does.
        field: String,
    },
    /// A number is too small or too large, a text, a list or a map too short or too long.
    Bound {
        /// The member that has it, or has the list or the map that does.
        field: String,
        /// `is less than the minimum value`, …
        problem: &'static str,
    },
}

/// Checks a value against a shape: a structure's required members first, then those that are there in
/// the model's order. Members that the model does not know are let through, as on AWS.
///
/// `parsed` names members of the outermost structure in which an integration shows JSON where the API has
/// text: `Payload` of an invoked function. They may be anything.
///
/// The recursion follows the value, whose depth its parser bounds.
pub fn check(
    value: &Value,
    shape: Shape<'_>,
    mode: FieldValidationMode,
    parsed: &[&str],
) -> Result<(), Violation> {
    if mode == FieldValidationMode::None {
        return Ok(());
    }
    let checker = Checker { strict: mode == FieldValidationMode::Strict };
    match (shape.kind(), value) {
        (Kind::Structure, Value::Object(object)) => checker.members(object, shape, parsed),
        _ => checker.value(value, shape, shape.name()),
    }
}

struct Checker {
    strict: bool,
}

impl Checker {
    fn value(&self, value: &Value, shape: Shape<'_>, field: &str) -> Result<(), Violation> {
        if shape.is_document() {
            return Ok(());
        }
        match (shape.kind(), value) {
            (Kind::Structure, Value::Object(object)) => self.members(object, shape, &[]),
            (Kind::List, Value::Array(array)) => {
                length(array.len(), shape, field)?;
                let Some(element) = shape.element() else { return Ok(()) };
                array.iter().try_for_each(|value| self.inner(value, shape, element, field))
            }
            (Kind::Map, Value::Object(object)) => {
                length(object.len(), shape, field)?;
                let Some(member) = shape.value() else { return Ok(()) };
                object.values().try_for_each(|value| self.inner(value, shape, member, field))
            }
            (Kind::String, Value::String(text)) => {
                let mut allowed = shape.enum_values();
                if allowed.len() > 0 && !allowed.any(|allowed| allowed == text.as_str()) {
                    return Err(Violation::Enum { field: field.to_owned() });
                }
                length(text.chars().count(), shape, field)
            }
            // Their lengths are those of bytes, which no text tells.
            (Kind::Blob | Kind::Timestamp, Value::String(_)) => Ok(()),
            (Kind::Boolean, Value::Bool(_)) => Ok(()),
            (
                Kind::Integer | Kind::Long | Kind::Float | Kind::Double,
                Value::Int(_) | Value::Float(_) | Value::Big(_),
            ) => number(value, shape, field),
            _ => Err(Violation::Type { field: field.to_owned(), expected: expected(shape.kind()) }),
        }
    }

    /// A list's element or a map's value. It has no name of its own: the member around it is told.
    fn inner(
        &self,
        value: &Value,
        owner: Shape<'_>,
        member: Member<'_>,
        field: &str,
    ) -> Result<(), Violation> {
        if value.is_null() && owner.is_sparse() {
            return Ok(());
        }
        self.value(value, member.shape(), field)
    }

    fn members(&self, object: &Object, shape: Shape<'_>, parsed: &[&str]) -> Result<(), Violation> {
        let given = |member: Member<'_>| object.iter().find(|(name, _)| member.is_called(name));
        if self.strict {
            for member in shape.members().filter(|member| member.is_required()) {
                if given(member).is_none() {
                    return Err(Violation::Missing { field: member.field_name() });
                }
            }
        }
        for member in shape.members().filter(|member| !member.is_json_text()) {
            let Some((field, value)) = given(member) else { continue };
            if !parsed.contains(&field.as_str()) {
                self.value(value, member.shape(), field)?;
            }
        }
        Ok(())
    }
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Structure | Kind::Map => "an object",
        Kind::List => "an array",
        Kind::String | Kind::Blob | Kind::Timestamp => "a string",
        Kind::Integer | Kind::Long | Kind::Float | Kind::Double => "a number",
        Kind::Boolean => "a boolean",
    }
}

fn length(length: usize, shape: Shape<'_>, field: &str) -> Result<(), Violation> {
    let length = Value::Int(i64::try_from(length).unwrap_or(i64::MAX));
    within(&length, shape, field, "is smaller than the minimum length", "exceeds the maximum length")
}

fn number(value: &Value, shape: Shape<'_>, field: &str) -> Result<(), Violation> {
    within(value, shape, field, "is less than the minimum value", "exceeds the maximum value")
}

fn within(
    value: &Value,
    shape: Shape<'_>,
    field: &str,
    too_small: &'static str,
    too_large: &'static str,
) -> Result<(), Violation> {
    let breaks = |bound: Option<Bound>, side| bound.is_some_and(|bound| compare(value, bound) == Some(side));
    let problem = if breaks(shape.minimum(), Ordering::Less) {
        too_small
    } else if breaks(shape.maximum(), Ordering::Greater) {
        too_large
    } else {
        return Ok(());
    };
    Err(Violation::Bound { field: field.to_owned(), problem })
}

/// How a number stands to a bound.
fn compare(value: &Value, bound: Bound) -> Option<Ordering> {
    if let (Some(value), Bound::Whole(bound)) = (value.as_i64(), bound) {
        return Some(value.cmp(&bound));
    }
    let bound = match bound {
        // Doubles round whole numbers of more than 53 bits. A fraction so close to one is none.
        Bound::Whole(bound) => bound as f64,
        Bound::Fraction(bound) => bound,
    };
    value.as_f64()?.partial_cmp(&bound)
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::Missing { field } => write!(f, "Required field '{field}' is missing"),
            Violation::Type { field, expected } => write!(f, "Field '{field}' must be {expected}"),
            Violation::Enum { field } => write!(f, "Field '{field}' is not an expected value"),
            Violation::Bound { field, problem } => write!(f, "Field '{field}' {problem}"),
        }
    }
}

impl std::error::Error for Violation {}
