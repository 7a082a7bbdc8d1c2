//! The functions that generated machines call.

use json::{Array, Value};

use super::data::{ANY_NUMBER, ANY_UUID, Trouble, View, path};

/// The value of `States.Name(…)`.
pub fn call(source: &str, input: &Value, view: &View<'_>) -> Result<Value, Trouble> {
    let mut rest = source;
    let value = one(&mut rest, input, view)?;
    assert!(rest.is_empty(), "something follows a call: {source}");
    Ok(value)
}

/// Reads one argument, or a whole call, off the text.
fn one(rest: &mut &str, input: &Value, view: &View<'_>) -> Result<Value, Trouble> {
    if let Some(text) = rest.strip_prefix('\'') {
        let (text, length) = quoted(text);
        *rest = &rest[length + 2..];
        return Ok(Value::from(text));
    }
    let Some(name) = rest.strip_prefix("States.") else {
        let length = end_of_word(rest);
        let (word, after) = rest.split_at(length);
        *rest = after;
        return match word.starts_with('$') {
            true => path(word, input, view).ok_or_else(|| view.runtime()),
            false => Ok(Value::parse(word).unwrap_or_else(|_| panic!("'{word}' is no argument"))),
        };
    };
    let (name, inside) = name.split_once('(').expect("an accepted call has a parenthesis");
    *rest = inside;
    let mut arguments = Vec::new();
    loop {
        *rest = rest.trim_start_matches([' ', ',']);
        if let Some(after) = rest.strip_prefix(')') {
            *rest = after;
            break;
        }
        arguments.push(one(rest, input, view)?);
    }
    apply(name, &arguments).ok_or_else(|| {
        let failure = super::Failure {
            error: Some("States.IntrinsicFailure".into()),
            cause: Some(format!(
                "An error occurred while executing the state '{}' (entered at the event id #{}).…",
                view.name, view.entered_event
            )),
        };
        Trouble::Failed(failure)
    })
}

/// A text up to its apostrophe, and its length with the backslashes; those before braces stay for Format.
fn quoted(text: &str) -> (String, usize) {
    let mut out = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' => return (out, at),
            '\\' => match characters.next() {
                Some((_, next @ ('{' | '}'))) => out.extend(['\\', next]),
                Some((_, next)) => out.push(next),
                None => break,
            },
            other => out.push(other),
        }
    }
    panic!("a text is not closed: {text}")
}

/// Where a path, a number or a word ends: brackets of its own belong to it.
fn end_of_word(text: &str) -> usize {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' | ')' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// `None`: the function cannot take these arguments.
fn apply(name: &str, arguments: &[Value]) -> Option<Value> {
    let argument = |place: usize| &arguments[place];
    let array = |place: usize| argument(place).as_array();
    let whole = |place: usize| argument(place).as_f64().map(|number| (number + 0.5).floor() as i64);
    Some(match name {
        "Array" => Value::from(arguments.to_vec()),
        "ArrayPartition" => {
            let size = usize::try_from(whole(1)?).ok().filter(|&size| size > 0)?;
            array(0)?.as_slice().chunks(size).map(|chunk| Value::from(chunk.to_vec())).collect()
        }
        "ArrayContains" => Value::Bool(array(0)?.iter().any(|item| item == argument(1))),
        "ArrayRange" => {
            let (first, last, step) = (whole(0)?, whole(1)?, whole(2)?);
            let mut numbers = Vec::new();
            let mut next = first;
            while step > 0 && next <= last || step < 0 && next >= last {
                numbers.push(Value::from(next));
                next += step;
            }
            Some(numbers).filter(|numbers| step != 0 && numbers.len() <= 1_000)?.into()
        }
        "ArrayGetItem" => array(0)?.get(usize::try_from(whole(1)?).ok()?)?.clone(),
        "ArrayLength" => Value::from(array(0)?.len()),
        "ArrayUnique" => {
            let mut unique = Array::new();
            for item in array(0)? {
                if !unique.iter().any(|known| known == item) {
                    unique.push(item.clone());
                }
            }
            Value::Array(unique)
        }
        "Base64Encode" => Value::from(base64(argument(0).as_str()?)),
        "Base64Decode" => Value::from(unbase64(argument(0).as_str()?)?),
        "JsonMerge" => {
            let (mut merged, deep) = (argument(0).as_object()?.clone(), argument(2).as_bool()?);
            for (name, member) in argument(1).as_object()? {
                merged.insert(name.clone(), member.clone());
            }
            Some(Value::Object(merged)).filter(|_| !deep)?
        }
        "MathAdd" => Value::from(i64::from(i32::try_from(whole(0)? + whole(1)?).ok()?)),
        "MathRandom" => whole(0).and(whole(1)).map(|_| Value::from(ANY_NUMBER))?,
        "StringSplit" => {
            let (text, delimiters) = (argument(0).as_str()?, argument(1).as_str()?);
            let pieces = text.split(|character| delimiters.contains(character));
            pieces.filter(|piece| !piece.is_empty()).map(Value::from).collect()
        }
        "StringToJson" => match argument(0).as_str()? {
            blank if blank.trim().is_empty() => Value::Null,
            text => Value::parse(text).ok()?,
        },
        "JsonToString" => Value::from(argument(0).to_text()),
        "Format" => Value::from(format(argument(0).as_str()?, &arguments[1..])?),
        "UUID" => Value::from(ANY_UUID),
        other => panic!("the reference does not know States.{other}"),
    })
}

fn format(template: &str, values: &[Value]) -> Option<String> {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = template.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => out.extend(rest.next()),
            '{' if rest.next_if_eq(&'}').is_some() => plain(values.next()?, &mut out),
            other => out.push(other),
        }
    }
    Some(out).filter(|_| values.next().is_none())
}

/// As Java prints what it has parsed: no quotes, `{a=1, b=[2, 3]}`.
fn plain(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(text),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                plain(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (place, (name, member)) in members.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                out.push_str(name);
                out.push('=');
                plain(member, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_text()),
    }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(text: &str) -> String {
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char;
            out.push(if place <= three.len() { letter } else { '=' });
        }
    }
    out
}

fn unbase64(text: &str) -> Option<String> {
    let letters = text.trim_end_matches('=');
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for letter in letters.bytes() {
        bits = bits << 6 | LETTERS.iter().position(|known| *known == letter)? as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}
