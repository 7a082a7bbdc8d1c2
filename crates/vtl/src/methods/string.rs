//! Methods of strings. Lengths and places count UTF-16 units, as Java's do.

use json::Text;

use super::{format, made};
use crate::error::{Failure, Result};
use crate::heap::{Form, Heap};
use crate::value::Value;

pub(super) fn call(heap: &mut Heap, this: &Text, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    heap.meter.walk(this.len())?;
    match arguments {
        [] => plain(heap, this, method),
        [Value::Text(one)] => with_text(heap, this, method, one),
        [Value::Int(one)] => with_integer(heap, this, method, *one),
        _ => with_more(heap, this, method, arguments),
    }
}

/// Methods without arguments.
fn plain(heap: &mut Heap, this: &Text, method: &str) -> Result<Option<Value>> {
    Ok(Some(match method {
        "length" => Value::from(length(this)),
        "isEmpty" => Value::Bool(this.is_empty()),
        "isBlank" => Value::Bool(is_blank(this)),
        "toUpperCase" => return made(heap, this.to_uppercase()),
        "toLowerCase" => return made(heap, this.to_lowercase()),
        // Java's trim goes by code, its strip by what a blank is.
        "trim" => return made(heap, this.trim_matches(|character: char| character <= ' ')),
        "strip" => return made(heap, this.trim()),
        "stripLeading" => return made(heap, this.trim_start()),
        "stripTrailing" => return made(heap, this.trim_end()),
        "intern" => Value::Text(this.clone()),
        "toCharArray" => {
            heap.meter.bytes(this.len() * size_of::<Value>())?;
            heap.meter.steps(this.len() as u64)?;
            let characters =
                this.chars().map(|character| Value::Text(Text::from_iter([character]))).collect();
            heap.new_list_of(characters, Form::Array)?
        }
        _ => return Ok(None),
    }))
}

/// Methods with a text.
fn with_text(heap: &mut Heap, this: &Text, method: &str, other: &Text) -> Result<Option<Value>> {
    heap.meter.walk(other.len())?;
    Ok(Some(match method {
        "contains" => Value::Bool(this.contains(other.as_str())),
        "startsWith" => Value::Bool(this.starts_with(other.as_str())),
        "endsWith" => Value::Bool(this.ends_with(other.as_str())),
        "equalsIgnoreCase" => Value::Bool(this.to_lowercase() == other.to_lowercase()),
        "concat" => {
            heap.meter.text(this.len() + other.len())?;
            Value::from(format!("{this}{other}"))
        }
        "compareTo" => Value::Int(compare(this, other)),
        "compareToIgnoreCase" => Value::Int(compare(&this.to_lowercase(), &other.to_lowercase())),
        "indexOf" => place(this, this.find(other.as_str())),
        "lastIndexOf" => place(this, this.rfind(other.as_str())),
        "matches" => Value::Bool(heap.pattern(other)?.matches(this, &heap.meter)?),
        "split" => return split(heap, this, other, 0),
        _ => return with_more(heap, this, method, &[Value::Text(other.clone())]),
    }))
}

/// Methods with a number.
fn with_integer(heap: &mut Heap, this: &Text, method: &str, number: i64) -> Result<Option<Value>> {
    Ok(Some(match method {
        "substring" => return made(heap, &this[byte(this, number)?..]),
        "charAt" => {
            let character = this[byte(this, number)?..].chars().next();
            let character = character.ok_or_else(|| out_of_bounds(number, this))?;
            Value::Text(Text::from_iter([character]))
        }
        "codePointAt" => {
            let character = this[byte(this, number)?..].chars().next();
            let character = character.ok_or_else(|| out_of_bounds(number, this))?;
            Value::Int(u32::from(character).into())
        }
        "repeat" => {
            let Ok(times) = usize::try_from(number) else {
                return Err(Failure::method("A text cannot be repeated less than 0 times"));
            };
            heap.meter.text(this.len().saturating_mul(times))?;
            Value::from(this.repeat(times))
        }
        _ => return with_more(heap, this, method, &[Value::Int(number)]),
    }))
}

/// Methods with several arguments, or with any.
fn with_more(heap: &mut Heap, this: &Text, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    Ok(Some(match (method, arguments) {
        ("substring", [Value::Int(from), Value::Int(to)]) => {
            let (start, end) = (byte(this, *from)?, byte(this, *to)?);
            if start > end {
                return Err(Failure::method(format!("A text has no part from {from} to {to}")));
            }
            return made(heap, &this[start..end]);
        }
        ("indexOf", [Value::Text(other), Value::Int(from)]) => {
            // A place beyond the end finds nothing, one before the start is the start.
            let start = byte(this, (*from).max(0)).unwrap_or(this.len());
            place(this, this[start..].find(other.as_str()).map(|found| start + found))
        }
        ("lastIndexOf", [Value::Text(other), Value::Int(from)]) => {
            let end = byte(this, *from).map_or(this.len(), |start| (start + other.len()).min(this.len()));
            let end = (end..=this.len()).find(|end| this.is_char_boundary(*end)).unwrap_or(this.len());
            place(this, if *from < 0 { None } else { this[..end].rfind(other.as_str()) })
        }
        ("startsWith", [Value::Text(other), Value::Int(from)]) => {
            let rest = byte(this, *from).ok().map(|start| &this[start..]);
            Value::Bool(rest.is_some_and(|rest| rest.starts_with(other.as_str())))
        }
        ("replace", [Value::Text(old), Value::Text(new)]) => {
            let count = this.matches(old.as_str()).count();
            heap.meter.text(this.len().saturating_add(new.len().saturating_mul(count)))?;
            Value::from(this.replace(old.as_str(), new))
        }
        ("replaceAll", [Value::Text(pattern), Value::Text(new)]) => {
            Value::from(heap.pattern(pattern)?.replace(this, new, usize::MAX, &heap.meter)?)
        }
        ("replaceFirst", [Value::Text(pattern), Value::Text(new)]) => {
            Value::from(heap.pattern(pattern)?.replace(this, new, 1, &heap.meter)?)
        }
        ("split", [Value::Text(pattern), Value::Int(limit)]) => return split(heap, this, pattern, *limit),
        (
            "regionMatches",
            [Value::Int(from), Value::Text(other), Value::Int(other_from), Value::Int(count)],
        ) => Value::Bool(
            region(this, *from, *count).is_some_and(|one| region(other, *other_from, *count) == Some(one)),
        ),
        ("valueOf" | "copyValueOf", [value]) => Value::Text(heap.text(value)?),
        ("join", [separator, items @ ..]) => return join(heap, separator, items),
        ("format", [Value::Text(pattern), arguments @ ..]) => {
            let text = format::format(heap, pattern, arguments)?;
            Value::from(text)
        }
        _ => return Ok(None),
    }))
}

fn split(heap: &mut Heap, this: &Text, pattern: &Text, limit: i64) -> Result<Option<Value>> {
    let parts = heap.pattern(pattern)?.split(this, limit, &heap.meter)?;
    heap.new_list_of(parts.into_iter().map(Value::Text).collect(), Form::Array).map(Some)
}

/// Of a list, or of the arguments.
fn join(heap: &mut Heap, separator: &Value, items: &[Value]) -> Result<Option<Value>> {
    let separator = heap.text(separator)?;
    let items = match items {
        [list] => match heap.elements(list)? {
            Some(items) => items,
            None => items.to_vec(),
        },
        _ => items.to_vec(),
    };
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            heap.meter.bytes(separator.len())?;
            out.push_str(&separator);
        }
        heap.print(item, &mut out)?;
        heap.meter.length(out.len())?;
    }
    Ok(Some(Value::from(out)))
}

pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// The byte at which so many UTF-16 units are before it. Within a pair of them: behind the pair.
fn byte(text: &str, units: i64) -> Result<usize> {
    let wanted = usize::try_from(units).map_err(|_| out_of_bounds(units, text))?;
    if text.is_ascii() {
        return if wanted <= text.len() { Ok(wanted) } else { Err(out_of_bounds(units, text)) };
    }
    let mut seen = 0;
    for (at, character) in text.char_indices() {
        if seen >= wanted {
            return Ok(at);
        }
        seen += character.len_utf16();
    }
    if seen >= wanted { Ok(text.len()) } else { Err(out_of_bounds(units, text)) }
}

fn out_of_bounds(place: i64, text: &str) -> Box<Failure> {
    let length = length(text);
    Failure::method(format!(
        "There is no place {place} in a text of length {length}: compare with .length() before"
    ))
}

/// A byte's place in UTF-16 units; -1 for none.
fn place(text: &str, byte: Option<usize>) -> Value {
    byte.map_or(Value::Int(-1), |byte| Value::from(length(&text[..byte])))
}

fn region(text: &str, from: i64, count: i64) -> Option<&str> {
    let (start, end) = (byte(text, from).ok()?, byte(text, from.checked_add(count)?).ok()?);
    text.get(start..end)
}

/// The difference of the first units that differ, or of the lengths.
fn compare(one: &str, two: &str) -> i64 {
    let differing = one.encode_utf16().zip(two.encode_utf16()).find(|(one, two)| one != two);
    match differing {
        Some((one, two)) => i64::from(one) - i64::from(two),
        None => length(one) as i64 - length(two) as i64,
    }
}
