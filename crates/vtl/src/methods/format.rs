//! `String.format`, as far as templates go: `%s %d %x %f %b %c %%` with width, precision and flags.

use std::fmt::Write;

use crate::arithmetic::{double, is_number, long};
use crate::error::{Failure, Result};
use crate::heap::Heap;
use crate::value::Value;

/// Wider is no layout.
const WIDTH_MAX: usize = 1000;

pub(super) fn format(heap: &mut Heap, pattern: &str, arguments: &[Value]) -> Result<String> {
    let mut out = String::new();
    let mut arguments = arguments.iter();
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let spec = &rest[at + 1..];
        let end = spec.find(|character: char| character.is_alphabetic() || character == '%');
        let Some(end) = end else { return Err(unknown("%")) };
        let (options, conversion) =
            (&spec[..end], &spec[end..end + spec[end..].chars().next().map_or(0, char::len_utf8)]);
        rest = &spec[end + conversion.len()..];
        let text = match conversion {
            "%" => "%".to_owned(),
            "n" => "\n".to_owned(),
            _ => {
                let Some(argument) = arguments.next() else {
                    return Err(Failure::method(format!(
                        "String.format has no value for %{conversion}: add one"
                    )));
                };
                convert(heap, options, conversion, argument)?
            }
        };
        let text = pad(options, text)?;
        heap.meter.bytes(text.len())?;
        out.push_str(&text);
        heap.meter.length(out.len())?;
    }
    heap.meter.bytes(rest.len())?;
    out.push_str(rest);
    Ok(out)
}

fn convert(heap: &Heap, options: &str, conversion: &str, value: &Value) -> Result<String> {
    let wrong =
        || Failure::method(format!("String.format cannot print this value with %{conversion}: use %s"));
    Ok(match conversion {
        "s" | "S" => {
            let text = heap.text(value)?;
            let text: String = text.chars().take(precision(options)?.unwrap_or(usize::MAX)).collect();
            if conversion == "S" { text.to_uppercase() } else { text }
        }
        "b" => value.is_true().to_string(),
        "c" => heap.text(value)?.chars().take(1).collect(),
        "d" if is_number(value) && !matches!(value, Value::Double(_)) => {
            let text = heap.text(value)?.to_string();
            let text = if options.contains(',') { grouped(&text) } else { text };
            if options.contains('+') && !text.starts_with('-') { format!("+{text}") } else { text }
        }
        "x" => match long(value).filter(|_| !matches!(value, Value::Double(_))) {
            Some(integer) => match i32::try_from(integer) {
                Ok(integer) => format!("{integer:x}"),
                Err(_) => format!("{integer:x}"),
            },
            None => return Err(wrong()),
        },
        "f" if matches!(value, Value::Double(_)) => {
            let mut text = String::new();
            let _ = write!(text, "{:.*}", precision(options)?.unwrap_or(6), double(value));
            if options.contains(',') { grouped(&text) } else { text }
        }
        "d" | "f" => return Err(wrong()),
        other => return Err(unknown(other)),
    })
}

fn unknown(conversion: &str) -> Box<Failure> {
    Failure::method(format!(
        "String.format does not know %{conversion} here: use %s, %d, %x, %f, %b, %c or %%"
    ))
}

fn precision(options: &str) -> Result<Option<usize>> {
    match options.split_once('.') {
        Some((_, digits)) => number(digits).map(Some),
        None => Ok(None),
    }
}

fn number(digits: &str) -> Result<usize> {
    digits.parse().ok().filter(|number| *number <= WIDTH_MAX).ok_or_else(|| {
        Failure::method(format!("String.format has widths and precisions of 0 to {WIDTH_MAX} only"))
    })
}

fn pad(options: &str, text: String) -> Result<String> {
    let width = options.split('.').next().unwrap_or_default();
    let digits = width.trim_start_matches(['-', '+', ',', '0', ' ']);
    if digits.is_empty() {
        return Ok(text);
    }
    let width = number(digits)?;
    let missing = width.saturating_sub(text.chars().count());
    Ok(if options.starts_with('-') {
        text + &" ".repeat(missing)
    } else if options.trim_start_matches(['+', ',']).starts_with('0') {
        let signs = usize::from(text.starts_with(['-', '+']));
        format!("{}{}{}", &text[..signs], "0".repeat(missing), &text[signs..])
    } else {
        " ".repeat(missing) + &text
    })
}

/// With a comma between each three digits before the point.
fn grouped(text: &str) -> String {
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let digits = whole.trim_start_matches('-');
    let mut out = whole[..whole.len() - digits.len()].to_owned();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}
