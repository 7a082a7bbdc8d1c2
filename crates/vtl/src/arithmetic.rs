//! Numbers: integers that widen as needed, doubles, and what has no result.

use std::cmp::Ordering;

use crate::ast::Operator;
use crate::error::{Failure, Result};
use crate::value::Value;

/// `one operator two`. Null if it has no result: no numbers, or a division by zero.
pub(crate) fn calculate(operator: Operator, one: &Value, two: &Value) -> Result<Value> {
    if let (Value::Int(one), Value::Int(two)) = (one, two) {
        let (one, two) = (i128::from(*one), i128::from(*two));
        // 64 bits times 64 bits fit into 128.
        return Ok(integers(operator, one, two)
            .map_or(Value::Null, |result| Value::integer(result.unwrap_or_default())));
    }
    if !is_number(one) || !is_number(two) {
        return Ok(Value::Null);
    }
    if matches!(one, Value::Double(_)) || matches!(two, Value::Double(_)) {
        return Ok(doubles(operator, double(one), double(two)).map_or(Value::Null, Value::Double));
    }
    let result = match (big(one), big(two)) {
        (Some(one), Some(two)) => integers(operator, one, two),
        _ => Some(None),
    };
    match result {
        None => Ok(Value::Null),
        Some(Some(result)) => Ok(Value::integer(result)),
        Some(None) => {
            Err(Failure::method("A number has more than 128 bits: calculate with doubles (1.0 instead of 1)"))
        }
    }
}

/// `None`: it has no result. `Some(None)`: the result is too large.
fn integers(operator: Operator, one: i128, two: i128) -> Option<Option<i128>> {
    Some(match operator {
        Operator::Add => one.checked_add(two),
        Operator::Subtract => one.checked_sub(two),
        Operator::Multiply => one.checked_mul(two),
        Operator::Divide if two != 0 => one.checked_div(two),
        Operator::Remainder if two != 0 => one.checked_rem(two),
        _ => return None,
    })
}

fn doubles(operator: Operator, one: f64, two: f64) -> Option<f64> {
    Some(match operator {
        Operator::Add => one + two,
        Operator::Subtract => one - two,
        Operator::Multiply => one * two,
        Operator::Divide if two != 0.0 => one / two,
        Operator::Remainder if two != 0.0 => one % two,
        _ => return None,
    })
}

/// How two numbers compare; nothing if one is none.
pub(crate) fn compare(one: &Value, two: &Value) -> Option<Ordering> {
    if !is_number(one) || !is_number(two) {
        return None;
    }
    match (big(one), big(two)) {
        (Some(one), Some(two)) => Some(one.cmp(&two)),
        // Java orders a NaN behind everything.
        _ => Some(double(one).partial_cmp(&double(two)).unwrap_or(Ordering::Greater)),
    }
}

pub(crate) fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Big(_) | Value::Double(_))
}

/// The number as a double, the nearest one.
pub(crate) fn double(value: &Value) -> f64 {
    match value {
        Value::Int(integer) => *integer as f64,
        Value::Double(double) => *double,
        Value::Big(digits) => digits.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

/// The integer, if it is one of at most 128 bits.
fn big(value: &Value) -> Option<i128> {
    match value {
        Value::Int(integer) => Some((*integer).into()),
        Value::Big(digits) => digits.parse().ok(),
        _ => None,
    }
}

/// The number as Java's `longValue` gives it.
pub(crate) fn long(value: &Value) -> Option<i64> {
    match value {
        Value::Int(integer) => Some(*integer),
        // A cast in Rust saturates, as Java's does.
        Value::Double(double) => Some(*double as i64),
        // Java keeps the lowest 64 bits.
        Value::Big(_) => big(value).map(|integer| integer as i64),
        _ => None,
    }
}
