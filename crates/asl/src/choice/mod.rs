//! Choice rules: what makes one hold. (spec/asl.md §9)
//!
//! Compiled once: patterns are cut up and timestamps are instants before any execution runs.

mod parse;
mod pattern;

use std::borrow::Cow;
use std::cmp::Ordering;

use json::{Kind as ValueKind, Text, Value};

use crate::environment::Environment;
use crate::expense::Purse;
use crate::failure::{Failure, FieldFailure};
use crate::java;
use crate::jsonata::Jsonata;
use crate::path::{Path, PathError};
use crate::timestamp::{self, Instant};
use pattern::Pattern;

pub use parse::RuleError;
pub(crate) use parse::is_operator;

/// A compiled condition of a Choice rule.
#[derive(Debug)]
pub enum Condition {
    /// `And`: all of them, asked in order until one does not hold.
    And(Vec<Condition>),
    /// `Or`: any of them, asked in order until one holds.
    Or(Vec<Condition>),
    /// `Not`
    Not(Box<Condition>),
    /// `Variable` with one operator.
    Test(Test),
    /// `Condition` of JSONata, as written.
    Literal(bool),
    /// `Condition` of JSONata, computed.
    Jsonata(Jsonata),
}

/// One `Variable` and what is asked of it.
#[derive(Debug)]
pub struct Test {
    variable: Path,
    operator: Operator,
}

/// One operator with its operand. A value of another type than the operator's makes it false.
#[derive(Debug)]
enum Operator {
    String(Comparison, Operand<Text>),
    StringMatches(Pattern),
    Numeric(Comparison, Operand<Value>),
    Boolean(Operand<bool>),
    Timestamp(Comparison, Operand<Instant>),
    /// `IsNull: true` and the like.
    Is(Kind, bool),
    /// Whether the path finds anything at all.
    IsPresent(bool),
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

/// What an `Is…` operator asks.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Null,
    Numeric,
    String,
    Boolean,
    Timestamp,
}

#[derive(Debug)]
enum Operand<T> {
    Literal(T),
    /// The `…Path` form.
    Path(Path),
}

impl Condition {
    /// Whether it holds. `Err`: a path that had to be there was not (`States.Runtime`), or an expression
    /// gave no boolean.
    pub fn holds(&self, environment: &Environment<'_>) -> Result<bool, FieldFailure> {
        match self {
            Condition::And(conditions) => {
                for condition in conditions {
                    if !condition.holds(environment)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Or(conditions) => {
                for condition in conditions {
                    if condition.holds(environment)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::Not(condition) => Ok(!condition.holds(environment)?),
            Condition::Test(test) => Ok(test.holds(environment)?),
            Condition::Literal(truth) => Ok(*truth),
            Condition::Jsonata(expression) => {
                let value = expression.evaluate_to(ValueKind::Boolean, environment)?;
                Ok(value.as_bool() == Some(true))
            }
        }
    }

    /// The names of the variables that it reads, in order of appearance, each once.
    pub fn variables(&self) -> Vec<Text> {
        let mut names = Vec::new();
        self.collect_variables(&mut names);
        names
    }

    fn collect_variables(&self, names: &mut Vec<Text>) {
        match self {
            Condition::And(conditions) | Condition::Or(conditions) => {
                conditions.iter().for_each(|condition| condition.collect_variables(names));
            }
            Condition::Not(condition) => condition.collect_variables(names),
            Condition::Literal(_) => {}
            Condition::Jsonata(expression) => names.extend(expression.variables().cloned()),
            Condition::Test(test) => {
                for path in [Some(&test.variable), test.operator.path()].into_iter().flatten() {
                    if let Some(name) = path.variable()
                        && !names.contains(name)
                    {
                        names.push(name.clone());
                    }
                }
            }
        }
    }
}

impl Test {
    fn holds(&self, environment: &Environment<'_>) -> Result<bool, Failure> {
        if let Operator::IsPresent(expected) = &self.operator {
            return match self.variable.find(environment) {
                Ok(_) => Ok(*expected),
                Err(PathError::NotFound { .. }) => Ok(!*expected),
                Err(error) => Err(invalid_path(&self.variable, &error)),
            };
        }
        let found = find(&self.variable, environment)?;
        let value: &Value = &found;
        Purse::of(environment).steps(1 + self.text_length(value) / 16).map_err(Failure::runtime)?;
        let operand = |path| find(path, environment);
        Ok(match &self.operator {
            Operator::String(comparison, Operand::Literal(text)) => {
                comparison.texts(value.as_str(), Some(text))
            }
            Operator::String(comparison, Operand::Path(path)) => {
                comparison.texts(value.as_str(), operand(path)?.as_str())
            }
            Operator::StringMatches(pattern) => match value.as_str() {
                Some(text) => pattern.matches(text)?,
                None => false,
            },
            Operator::Numeric(comparison, Operand::Literal(number)) => comparison.numbers(value, number),
            Operator::Numeric(comparison, Operand::Path(path)) => comparison.numbers(value, &*operand(path)?),
            Operator::Boolean(Operand::Literal(truth)) => value.as_bool() == Some(*truth),
            Operator::Boolean(Operand::Path(path)) => {
                let operand = operand(path)?.as_bool();
                operand.is_some() && value.as_bool() == operand
            }
            Operator::Timestamp(comparison, Operand::Literal(literal)) => {
                comparison.instants(instant(value), Some(*literal))
            }
            Operator::Timestamp(comparison, Operand::Path(path)) => {
                comparison.instants(instant(value), instant(&*operand(path)?))
            }
            Operator::Is(kind, expected) => kind.is(value) == *expected,
            Operator::IsPresent(expected) => *expected,
        })
    }
}

impl Test {
    /// How much of the variable's text, if it is one, is looked at.
    fn text_length(&self, value: &Value) -> usize {
        let length = value.as_str().map_or(0, str::len);
        match &self.operator {
            Operator::String(_, Operand::Literal(text)) => length.min(text.len()),
            Operator::String(_, Operand::Path(_)) | Operator::StringMatches(_) => length,
            _ => 0,
        }
    }
}

impl Operator {
    fn path(&self) -> Option<&Path> {
        match self {
            Operator::String(_, Operand::Path(path))
            | Operator::Numeric(_, Operand::Path(path))
            | Operator::Boolean(Operand::Path(path))
            | Operator::Timestamp(_, Operand::Path(path)) => Some(path),
            _ => None,
        }
    }
}

impl Comparison {
    fn accepts(self, order: Ordering) -> bool {
        match self {
            Comparison::Equals => order.is_eq(),
            Comparison::LessThan => order.is_lt(),
            Comparison::LessThanEquals => order.is_le(),
            Comparison::GreaterThan => order.is_gt(),
            Comparison::GreaterThanEquals => order.is_ge(),
        }
    }

    fn texts(self, one: Option<&str>, two: Option<&str>) -> bool {
        one.zip(two).is_some_and(|(one, two)| self.accepts(java::compare(one, two)))
    }

    fn numbers(self, one: &Value, two: &Value) -> bool {
        let order = match (one, two) {
            (Value::Int(one), Value::Int(two)) => Some(one.cmp(two)),
            (one, two) => one.as_f64().zip(two.as_f64()).and_then(|(one, two)| one.partial_cmp(&two)),
        };
        order.is_some_and(|order| self.accepts(order))
    }

    fn instants(self, one: Option<Instant>, two: Option<Instant>) -> bool {
        one.zip(two).is_some_and(|(one, two)| self.accepts(one.cmp(&two)))
    }
}

impl Kind {
    fn is(self, value: &Value) -> bool {
        match self {
            Kind::Null => value.is_null(),
            Kind::Numeric => value.is_number(),
            Kind::String => value.is_string(),
            Kind::Boolean => value.is_boolean(),
            Kind::Timestamp => instant(value).is_some(),
        }
    }
}

fn instant(value: &Value) -> Option<Instant> {
    timestamp::parse(value.as_str()?)
}

fn find<'a>(path: &Path, environment: &Environment<'a>) -> Result<Cow<'a, Value>, Failure> {
    path.find(environment).map_err(|error| invalid_path(path, &error))
}

fn invalid_path(path: &Path, error: &PathError) -> Failure {
    Failure::runtime(match error {
        PathError::NotFound { .. } => format!(
            "Invalid path '{}': The choice state's condition path references an invalid value.",
            path.text()
        ),
        PathError::Evaluation { detail } => format!("Invalid path '{}' : {detail}", path.text()),
    })
}

#[cfg(test)]
mod tests;
