//! Filters, `[?(@.price < 10 && @.name)]`: whether an item passes.

use json::Value;

use super::PathError;
use super::pattern::Pattern;
use super::query::{Budget, Query};
use crate::java;

/// A compiled filter expression.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    Not(Box<Filter>),
    /// `@.a` or `!@.a`
    Exists {
        place: Place,
        expected: bool,
    },
    Compare {
        left: Operand,
        operator: Operator,
        right: Operand,
    },
}

/// A side of a comparison.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Literal(Value),
    /// `/…/i`, made to match whole texts only.
    Pattern(Pattern),
    Place(Place),
}

/// A path that starts at the item (`@`) or at the document (`$`).
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) in_document: bool,
    pub(super) query: Query,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    StrictlyEqual,
    NotEqual,
    StrictlyNotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    Contains,
    All,
    Size,
    Empty,
    SubsetOf,
    AnyOf,
    NoneOf,
}

impl Filter {
    /// Whether `item`, which stands in `document`, passes.
    pub(super) fn accepts(
        &self,
        item: &Value,
        document: &Value,
        budget: &mut Budget,
    ) -> Result<bool, PathError> {
        budget.descend()?;
        let accepted = match self {
            Filter::Any(filters) => {
                let mut accepted = false;
                for filter in filters {
                    accepted = filter.accepts(item, document, budget)?;
                    if accepted {
                        break;
                    }
                }
                accepted
            }
            Filter::All(filters) => {
                let mut accepted = true;
                for filter in filters {
                    accepted = filter.accepts(item, document, budget)?;
                    if !accepted {
                        break;
                    }
                }
                accepted
            }
            Filter::Not(filter) => !filter.accepts(item, document, budget)?,
            Filter::Exists { place, expected } => {
                place.find(item, document, true, budget)?.is_some() == *expected
            }
            Filter::Compare { left, operator, right } => match (left, right) {
                (Operand::Pattern(_), Operand::Pattern(_)) => false,
                (Operand::Pattern(pattern), other) | (other, Operand::Pattern(pattern)) => {
                    let value = other.find(item, document, budget)?;
                    *operator == Operator::Matches && matches(pattern, value.as_ref(), budget)?
                }
                (left, right) => {
                    let left = left.find(item, document, budget)?;
                    let right = right.find(item, document, budget)?;
                    budget.spend(weight(left.as_ref()) + weight(right.as_ref()))?;
                    compare(left.as_ref(), *operator, right.as_ref(), budget)?
                }
            },
        };
        budget.ascend();
        Ok(accepted)
    }
}

impl Place {
    /// The value there; `None` if there is none. `required`: see [`Query::evaluate`].
    fn find(
        &self,
        item: &Value,
        document: &Value,
        required: bool,
        budget: &mut Budget,
    ) -> Result<Option<Value>, PathError> {
        let start = if self.in_document { document } else { item };
        match self.query.evaluate(start, document, required, budget) {
            Ok(value) => Ok(Some(value)),
            Err(PathError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Operand {
    fn find(&self, item: &Value, document: &Value, budget: &mut Budget) -> Result<Option<Value>, PathError> {
        match self {
            Operand::Literal(value) => Ok(Some(value.clone())),
            Operand::Place(place) => place.find(item, document, false, budget),
            Operand::Pattern(_) => Ok(None),
        }
    }
}

/// `None` is Jayway's UNDEFINED: what a path did not find.
fn compare(
    left: Option<&Value>,
    operator: Operator,
    right: Option<&Value>,
    budget: &mut Budget,
) -> Result<bool, PathError> {
    use Operator::*;
    use std::cmp::Ordering;
    Ok(match operator {
        Equal => equal(left, right),
        NotEqual => !equal(left, right),
        StrictlyEqual => same_kind(left, right) && equal(left, right),
        StrictlyNotEqual => !(same_kind(left, right) && equal(left, right)),
        Less => order(left, right) == Some(Ordering::Less),
        LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
        Greater => order(left, right) == Some(Ordering::Greater),
        GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
        In => right
            .and_then(Value::as_array)
            .is_some_and(|list| list.iter().any(|item| equal(left, Some(item)))),
        NotIn => !compare(left, In, right, budget)?,
        Contains => match (left, right) {
            (Some(Value::String(text)), Some(Value::String(part))) => text.contains(part.as_str()),
            (Some(Value::Array(items)), _) => items.iter().any(|item| equal(right, Some(item))),
            _ => false,
        },
        Size => match (left, right.and_then(Value::as_f64)) {
            (Some(Value::String(text)), Some(size)) => text.encode_utf16().count() as f64 == size.trunc(),
            (Some(Value::Array(items)), Some(size)) => items.len() as f64 == size.trunc(),
            (Some(Value::Object(members)), Some(size)) => members.len() as f64 == size.trunc(),
            _ => false,
        },
        Empty => match (left, right.and_then(Value::as_bool)) {
            (Some(Value::String(text)), Some(empty)) => text.is_empty() == empty,
            (Some(Value::Array(items)), Some(empty)) => items.is_empty() == empty,
            (Some(Value::Object(members)), Some(empty)) => members.is_empty() == empty,
            _ => false,
        },
        Matches => false,
        All => lists(right, left, budget)?.is_some_and(|(required, items)| all_in(required, items)),
        SubsetOf => lists(left, right, budget)?.is_some_and(|(part, whole)| all_in(part, whole)),
        AnyOf => lists(left, right, budget)?.is_some_and(|(one, two)| any_in(one, two)),
        NoneOf => lists(left, right, budget)?.is_some_and(|(one, two)| !any_in(one, two)),
    })
}

/// The items of two lists.
type Lists<'a> = (&'a [Value], &'a [Value]);

/// Both as lists, the work of comparing each item with each paid.
fn lists<'a>(
    one: Option<&'a Value>,
    two: Option<&'a Value>,
    budget: &mut Budget,
) -> Result<Option<Lists<'a>>, PathError> {
    let (Some(Value::Array(one)), Some(Value::Array(two))) = (one, two) else { return Ok(None) };
    budget.spend(one.len().saturating_mul(two.len()))?;
    Ok(Some((one.as_slice(), two.as_slice())))
}

fn all_in(part: &[Value], whole: &[Value]) -> bool {
    part.iter().all(|item| whole.iter().any(|other| equal(Some(item), Some(other))))
}

fn any_in(one: &[Value], two: &[Value]) -> bool {
    one.iter().any(|item| two.iter().any(|other| equal(Some(item), Some(other))))
}

/// Equality by value. A number and a string are compared as what the left one is.
fn equal(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(Value::String(text)), Some(number)) if number.is_number() => *text == number.to_text(),
        (Some(number), Some(Value::String(text))) if number.is_number() => {
            text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
                && text.parse().ok() == number.as_f64()
        }
        (Some(left), Some(right)) => left == right,
        _ => false,
    }
}

fn same_kind(left: Option<&Value>, right: Option<&Value>) -> bool {
    left.map(Value::kind) == right.map(Value::kind)
}

fn order(left: Option<&Value>, right: Option<&Value>) -> Option<std::cmp::Ordering> {
    match (left?, right?) {
        (Value::String(left), Value::String(right)) => Some(java::compare(left, right)),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (left, right) => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// Whether the pattern matches the text, or any text of the list, as a whole.
fn matches(pattern: &Pattern, value: Option<&Value>, budget: &mut Budget) -> Result<bool, PathError> {
    match value {
        Some(Value::Array(items)) => {
            for item in items {
                if !item.is_array() && matches(pattern, Some(item), budget)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Some(Value::String(text)) => pattern.matches(text, budget),
        Some(scalar @ (Value::Int(_) | Value::Float(_) | Value::Big(_) | Value::Bool(_))) => {
            pattern.matches(&scalar.to_text(), budget)
        }
        _ => pattern.matches("", budget),
    }
}

/// How much work looking at all of a value is.
fn weight(value: Option<&Value>) -> usize {
    let mut open: Vec<&Value> = value.into_iter().collect();
    let mut weight = 0;
    while let Some(value) = open.pop() {
        weight += match value {
            Value::String(text) => 1 + text.len() / 32,
            Value::Array(items) => {
                open.extend(items);
                1
            }
            Value::Object(members) => {
                open.extend(members.values());
                1 + members.len()
            }
            _ => 1,
        };
    }
    weight
}
