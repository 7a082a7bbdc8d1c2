//! Methods and properties of Java's classes, as far as templates may use them.
//!
//! What is not here does not exist: there is no reflection, and `.class` is nothing. (spec/vtl.md §5)

mod format;
mod list;
mod map;
mod number;
mod string;

use json::Text;

use crate::equal::Class;
use crate::error::{Failure, Result};
use crate::heap::{Form, Heap, List, Thing};
use crate::value::Value;

/// Calls a method. `None`: there is none of this name with such arguments.
pub(crate) fn call(
    heap: &mut Heap,
    this: &Value,
    method: &str,
    arguments: &[Value],
) -> Result<Option<Value>> {
    match (method, arguments) {
        ("toString", []) => return heap.text(this).map(Value::Text).map(Some),
        ("equals", [other]) => return heap.equal(this, other).map(Value::Bool).map(Some),
        ("hashCode", []) => return heap.hash(this).map(|hash| Some(Value::Int(hash.into()))),
        _ => {}
    }
    match this {
        Value::Text(text) => string::call(heap, text, method, arguments),
        Value::Int(_) | Value::Big(_) | Value::Double(_) => number::call(heap, this, method, arguments),
        Value::Bool(truth) => boolean(heap, *truth, method, arguments),
        Value::Object(handle) => match (heap.class(this), method, arguments) {
            (Class::List, ..) => list::call(heap, *handle, method, arguments),
            (Class::Map, ..) => map::call(heap, *handle, method, arguments),
            (Class::Entry, "getKey", []) => property(heap, this, "key").map(Some),
            (Class::Entry, "getValue", []) => property(heap, this, "value").map(Some),
            (Class::Other, ..) if matches!(heap.thing(*handle), Thing::Loop(_)) => {
                scope(heap, this, method, arguments)
            }
            (Class::Other, ..) => iterator(heap, this, method, arguments),
            _ => Ok(None),
        },
        Value::Null | Value::Host(_) => Ok(None),
    }
}

/// Reads a property: a key of a map, or a method in disguise. Null if there is none.
pub(crate) fn property(heap: &mut Heap, this: &Value, name: &str) -> Result<Value> {
    let Value::Object(handle) = this else {
        return Ok(match this {
            Value::Text(text) if name == "empty" => Value::Bool(text.is_empty()),
            Value::Text(text) if name == "blank" => Value::Bool(string::is_blank(text)),
            _ => Value::Null,
        });
    };
    Ok(match heap.thing(*handle) {
        Thing::Map(_) => return Ok(heap.member(*handle, &Value::from(name))?.unwrap_or_default()),
        Thing::List(List { form, .. }) => match name {
            "empty" => Value::Bool(heap.size(this) == Some(0)),
            "length" if *form == Form::Array => heap.size(this).map(Value::from).unwrap_or_default(),
            _ => Value::Null,
        },
        Thing::Entry { key, value } => match name {
            "key" => key.clone(),
            "value" => value.clone(),
            _ => Value::Null,
        },
        Thing::Loop(state) => match name {
            "index" => Value::from(state.index),
            "count" => Value::from(state.index + 1),
            "hasNext" => Value::Bool(state.has_next),
            "first" => Value::Bool(state.index == 0),
            "last" => Value::Bool(!state.has_next),
            "parent" => state.parent.clone(),
            "topmost" => {
                let (mut top, mut next) = (this.clone(), state.parent.clone());
                while let Value::Object(handle) = next
                    && let Thing::Loop(outer) = heap.thing(handle)
                {
                    (top, next) = (next, outer.parent.clone());
                }
                top
            }
            _ => Value::Null,
        },
        Thing::Iterator { .. } | Thing::Deferred(_) => Value::Null,
    })
}

/// `$value[index]`: an item, counted from the end if negative, or the value of a key.
pub(crate) fn index(heap: &mut Heap, this: &Value, index: &Value) -> Result<Value> {
    let Value::Object(handle) = this else { return Ok(Value::Null) };
    match (heap.class(this), index) {
        (Class::Map, key) => Ok(heap.member(*handle, key)?.unwrap_or_default()),
        (Class::List, Value::Int(index)) => {
            let size = heap.size(this).unwrap_or_default();
            let place = place(*index, size)?;
            Ok(heap.item(*handle, place)?.unwrap_or_default())
        }
        _ => Ok(Value::Null),
    }
}

/// The place of an item, counted from the end if negative.
pub(crate) fn place(index: i64, size: usize) -> Result<usize> {
    let from_start = if index < 0 { index + size as i64 } else { index };
    usize::try_from(from_start).ok().filter(|place| *place < size).ok_or_else(|| out_of_bounds(index, size))
}

fn out_of_bounds(index: i64, size: usize) -> Box<Failure> {
    Failure::method(format!("There is no item {index} in a list of {size}: compare with .size() before"))
}

fn boolean(heap: &mut Heap, truth: bool, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    Ok(match (method, arguments) {
        ("booleanValue", []) => Some(Value::Bool(truth)),
        ("compareTo", [Value::Bool(other)]) => Some(Value::Int(truth as i64 - *other as i64)),
        ("parseBoolean" | "valueOf", [value]) => {
            Some(Value::Bool(heap.text(value)?.eq_ignore_ascii_case("true")))
        }
        _ => None,
    })
}

/// `$foreach` as Java has it: `$foreach.hasNext()`. (Velocity 1.7, ForeachScope and Scope)
fn scope(heap: &mut Heap, this: &Value, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    let name = match (method, arguments) {
        ("hasNext" | "getHasNext", []) => "hasNext",
        ("isFirst" | "getFirst", []) => "first",
        ("isLast" | "getLast", []) => "last",
        ("getIndex", []) => "index",
        ("getCount", []) => "count",
        ("getParent", []) => "parent",
        ("getTopmost", []) => "topmost",
        _ => return Ok(None),
    };
    property(heap, this, name).map(Some)
}

fn iterator(heap: &mut Heap, this: &Value, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    let Value::Object(handle) = this else { return Ok(None) };
    let Thing::Iterator { items, next } = heap.thing_mut(*handle) else { return Ok(None) };
    match (method, arguments) {
        ("hasNext", []) => Ok(Some(Value::Bool(*next < items.len()))),
        ("next", []) => match items.get(*next) {
            Some(item) => {
                *next += 1;
                Ok(Some(item.clone()))
            }
            None => Err(Failure::method("The iterator has no further item: ask .hasNext() before")),
        },
        _ => Ok(None),
    }
}

/// What a method without a result gives: Velocity takes Java's void for an empty text.
pub(crate) fn nothing() -> Value {
    Value::from("")
}

/// A text made by a method, counted.
fn made(heap: &Heap, text: impl Into<Text>) -> Result<Option<Value>> {
    let text = text.into();
    heap.meter.bytes(text.len())?;
    Ok(Some(Value::Text(text)))
}
