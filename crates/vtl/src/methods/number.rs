//! Methods of numbers, and those of their classes that need no number.

use std::cmp::Ordering;

use super::made;
use crate::arithmetic::{compare, double, is_number, long};
use crate::error::{Failure, Result};
use crate::heap::Heap;
use crate::value::Value;

pub(super) fn call(
    heap: &mut Heap,
    this: &Value,
    method: &str,
    arguments: &[Value],
) -> Result<Option<Value>> {
    Ok(Some(match (method, arguments) {
        // A cast in Rust saturates, as Java's does; a long loses its upper half.
        ("intValue", []) => match this {
            Value::Double(double) => Value::Int((*double as i32).into()),
            _ => Value::Int((long(this).unwrap_or_default() as i32).into()),
        },
        ("longValue", []) => Value::Int(long(this).unwrap_or_default()),
        ("doubleValue" | "floatValue", []) => Value::Double(double(this)),
        ("compareTo", [other]) if is_number(other) => Value::Int(match compare(this, other) {
            Some(Ordering::Less) => -1,
            Some(Ordering::Greater) => 1,
            _ => 0,
        }),
        ("isNaN", []) => match this {
            Value::Double(double) => Value::Bool(double.is_nan()),
            _ => return Ok(None),
        },
        ("isInfinite", []) => match this {
            Value::Double(double) => Value::Bool(double.is_infinite()),
            _ => return Ok(None),
        },
        ("parseDouble", [text]) => Value::Double(parse(heap, text)?),
        ("valueOf", [text]) if matches!(this, Value::Double(_)) => Value::Double(parse(heap, text)?),
        ("parseInt" | "parseLong" | "valueOf", [text]) => Value::Int(parse(heap, text)?),
        ("toString", [value]) => Value::Text(heap.text(value)?),
        ("toHexString", [Value::Int(integer)]) => {
            return made(
                heap,
                match i32::try_from(*integer) {
                    Ok(integer) => format!("{integer:x}"),
                    Err(_) => format!("{integer:x}"),
                },
            );
        }
        ("toBinaryString", [Value::Int(integer)]) => {
            return made(
                heap,
                match i32::try_from(*integer) {
                    Ok(integer) => format!("{integer:b}"),
                    Err(_) => format!("{integer:b}"),
                },
            );
        }
        ("abs", [number]) if is_number(number) => match number {
            Value::Double(double) => Value::Double(double.abs()),
            other => Value::integer(i128::from(long(other).unwrap_or_default()).abs()),
        },
        ("max", [one, two]) if is_number(one) && is_number(two) => {
            if compare(one, two) == Some(Ordering::Less) { two.clone() } else { one.clone() }
        }
        ("min", [one, two]) if is_number(one) && is_number(two) => {
            if compare(one, two) == Some(Ordering::Greater) { two.clone() } else { one.clone() }
        }
        _ => return Ok(None),
    }))
}

fn parse<T: std::str::FromStr>(heap: &Heap, value: &Value) -> Result<T> {
    let text = heap.text(value)?;
    text.parse().map_err(|_| {
        let start: String = text.chars().take(50).collect();
        Failure::method(format!("\"{start}\" is no number: compare with .matches('[0-9]+') before"))
    })
}
