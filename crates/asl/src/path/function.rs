//! The functions of a path: `$.items.length()`, `$.prices.sum()` and the like.

use json::{Text, Value};

use super::PathError;
use super::budget::Budget;
use super::query::{Query, evaluation};

/// A function with its parameters.
#[derive(Clone, Debug)]
pub(super) struct FunctionCall {
    pub(super) function: Function,
    pub(super) parameters: Vec<Parameter>,
}

/// What stands between the parentheses.
#[derive(Clone, Debug)]
pub(super) enum Parameter {
    /// Read from the whole document.
    Path(Query),
    Json(Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    Keys,
    Sum,
    Min,
    Max,
    Average,
    StandardDeviation,
    Concat,
    Append,
    First,
    Last,
    Index,
}

const NAMES: [(&str, Function); 13] = [
    ("length", Function::Length),
    ("size", Function::Length),
    ("keys", Function::Keys),
    ("sum", Function::Sum),
    ("min", Function::Min),
    ("max", Function::Max),
    ("avg", Function::Average),
    ("stddev", Function::StandardDeviation),
    ("concat", Function::Concat),
    ("append", Function::Append),
    ("first", Function::First),
    ("last", Function::Last),
    ("index", Function::Index),
];

/// 64 times what fits into a payload of 256 KiB, in bytes.
const TEXT_LENGTH_MAX: usize = 1 << 24;

impl Function {
    pub(super) fn named(name: &str) -> Option<Function> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
    }

    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, function)| *function == self).map_or("", |(name, _)| name)
    }
}

impl FunctionCall {
    /// The function of `value`, the value that the path before it has reached.
    pub(super) fn evaluate(
        &self,
        value: &Value,
        document: &Value,
        budget: &mut Budget<'_>,
    ) -> Result<Value, PathError> {
        let parameters = self
            .parameters
            .iter()
            .map(|parameter| match parameter {
                Parameter::Path(query) => query.evaluate(document, document, false, budget),
                Parameter::Json(value) => Ok(value.clone()),
            })
            .collect::<Result<Vec<Value>, PathError>>()?;
        budget.spend(value.as_array().map_or(0, json::Array::len))?;
        match self.function {
            Function::Length => Ok(length(value, &parameters)),
            Function::Keys => Ok(match value {
                Value::Object(members) => members.keys().map(Value::from).collect(),
                _ => Value::Null,
            }),
            Function::Sum => number(numbers(value, &parameters)?.iter().sum()),
            Function::Min => {
                number(numbers(value, &parameters)?.iter().copied().fold(f64::INFINITY, f64::min))
            }
            Function::Max => {
                number(numbers(value, &parameters)?.iter().copied().fold(f64::NEG_INFINITY, f64::max))
            }
            Function::Average => {
                let numbers = numbers(value, &parameters)?;
                number(numbers.iter().sum::<f64>() / numbers.len() as f64)
            }
            Function::StandardDeviation => {
                let numbers = numbers(value, &parameters)?;
                let count = numbers.len() as f64;
                let sum: f64 = numbers.iter().sum();
                let squares: f64 = numbers.iter().map(|number| number * number).sum();
                number((squares / count - sum * sum / count / count).sqrt())
            }
            Function::Concat => concat(value, &parameters),
            Function::Append => Ok(append(value, parameters)),
            Function::First => at(value, 0),
            Function::Last => at(value, -1),
            Function::Index => match parameters.first().and_then(Value::as_i64) {
                Some(index) => at(value, index),
                None => Err(evaluation("index() takes a whole number")),
            },
        }
    }
}

/// The number of items or members; nothing else has a length, not even a string.
fn length(value: &Value, parameters: &[Value]) -> Value {
    match (parameters.first(), value) {
        (Some(Value::Array(items)), _) | (_, Value::Array(items)) => Value::from(items.len()),
        (_, Value::Object(members)) => Value::from(members.len()),
        _ => Value::Null,
    }
}

/// The numbers in the array and in the parameters, at least one.
fn numbers(value: &Value, parameters: &[Value]) -> Result<Vec<f64>, PathError> {
    let mut numbers = Vec::new();
    if let Value::Array(items) = value {
        numbers.extend(items.iter().filter_map(Value::as_f64));
    }
    for parameter in parameters {
        match parameter {
            Value::Array(items) => numbers.extend(items.iter().filter_map(Value::as_f64)),
            scalar => numbers.extend(scalar.as_f64()),
        }
    }
    if numbers.is_empty() {
        return Err(evaluation("Aggregation function attempted to calculate value using empty array"));
    }
    Ok(numbers)
}

fn number(number: f64) -> Result<Value, PathError> {
    if number.is_finite() {
        Ok(Value::Float(number))
    } else {
        Err(evaluation("Aggregation function left the range of numbers"))
    }
}

/// The strings of the array, then those of the parameters; items of parameters in their JSON text.
fn concat(value: &Value, parameters: &[Value]) -> Result<Value, PathError> {
    let mut out = String::new();
    if let Value::Array(items) = value {
        items.iter().filter_map(Value::as_str).for_each(|text| out.push_str(text));
    }
    for parameter in parameters {
        match parameter {
            Value::String(text) => out.push_str(text),
            Value::Array(items) => {
                for item in items {
                    match item {
                        Value::String(text) => out.push_str(text),
                        Value::Null => {}
                        other => other.write_into(&mut out),
                    }
                    if out.len() > TEXT_LENGTH_MAX {
                        break;
                    }
                }
            }
            _ => {}
        }
        if out.len() > TEXT_LENGTH_MAX {
            return Err(evaluation("concat() gives too long a text"));
        }
    }
    Ok(Value::String(Text::from(out)))
}

fn append(value: &Value, parameters: Vec<Value>) -> Value {
    let mut result = value.clone();
    if let Some(items) = result.as_array_mut() {
        items.extend(parameters);
    }
    result
}

/// The item at `index`; a negative one counts from the end.
fn at(value: &Value, index: i64) -> Result<Value, PathError> {
    let Value::Array(items) = value else {
        return Err(evaluation("Aggregation function attempted to calculate value using empty array"));
    };
    let place = if index < 0 { items.len() as i64 + index } else { index };
    usize::try_from(place)
        .ok()
        .and_then(|place| items.get(place))
        .cloned()
        .ok_or_else(|| evaluation(format!("Target index:{index} larger than object count:{}", items.len())))
}
