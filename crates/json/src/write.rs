//! Printing, compact and for people, without recursion.
//!
//! Escaped are `"`, `\` and control characters, as Jackson does; everything else stays as it is.

use crate::number::{write_float, write_int};
use crate::{Text, Value};

pub(crate) fn compact(value: &Value, out: &mut String) {
    print(value, out, Layout::Compact, usize::MAX);
}

/// As [`compact`], but stops soon after `out` has become longer than so many bytes.
pub(crate) fn compact_up_to(value: &Value, out: &mut String, bytes_max: usize) {
    print(value, out, Layout::Compact, bytes_max);
}

pub(crate) fn pretty(value: &Value, out: &mut String) {
    print(value, out, Layout::Pretty, usize::MAX);
}

#[derive(Clone, Copy, PartialEq)]
enum Layout {
    Compact,
    Pretty,
}

/// An array or object that is being printed: what is left of it.
enum Open<'v> {
    Array(std::slice::Iter<'v, Value>),
    Object(std::slice::Iter<'v, (Text, Value)>),
}

fn print(value: &Value, out: &mut String, layout: Layout, bytes_max: usize) {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut next = Some(value);
    let mut first = true;
    while out.len() <= bytes_max {
        if let Some(value) = next.take() {
            match value {
                Value::Array(array) => {
                    out.push('[');
                    open.push(Open::Array(array.iter()));
                    first = true;
                }
                Value::Object(object) => {
                    out.push('{');
                    open.push(Open::Object(object.as_slice().iter()));
                    first = true;
                }
                scalar => {
                    print_scalar(scalar, out);
                    first = false;
                }
            }
        }
        let depth = open.len();
        let closing = match open.last_mut() {
            None => return,
            Some(Open::Array(items)) => match items.next() {
                Some(item) => {
                    separate(out, layout, first, depth);
                    next = Some(item);
                    continue;
                }
                None => ']',
            },
            Some(Open::Object(members)) => match members.next() {
                Some((name, member)) => {
                    separate(out, layout, first, depth);
                    write_string(name, out);
                    out.push_str(if layout == Layout::Pretty { ": " } else { ":" });
                    next = Some(member);
                    continue;
                }
                None => '}',
            },
        };
        if layout == Layout::Pretty && !first {
            new_line(out, depth - 1);
        }
        out.push(closing);
        open.pop();
        first = false;
    }
}

fn separate(out: &mut String, layout: Layout, first: bool, depth: usize) {
    if !first {
        out.push(',');
    }
    if layout == Layout::Pretty {
        new_line(out, depth);
    }
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn print_scalar(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(integer) => write_int(*integer, out),
        Value::Float(float) if float.is_finite() => write_float(*float, out),
        Value::Float(float) => {
            // JSON has no such number; Jackson prints its name as a string.
            out.push('"');
            write_float(*float, out);
            out.push('"');
        }
        Value::Big(digits) => out.push_str(digits),
        Value::String(text) => write_string(text, out),
        Value::Array(_) | Value::Object(_) => unreachable!("print() opens containers itself"),
    }
}

/// Appends a string as JSON: with its quotes, and with escapes where they are needed.
pub fn write_string(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push('"');
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let at = crate::parse::find_special(bytes, from);
        out.push_str(&text[from..at]);
        let Some(byte) = bytes.get(at) else { break };
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            0x09 => out.push_str("\\t"),
            0x0a => out.push_str("\\n"),
            0x0c => out.push_str("\\f"),
            0x0d => out.push_str("\\r"),
            control => {
                out.push_str("\\u00");
                out.push(HEX[usize::from(control >> 4)] as char);
                out.push(HEX[usize::from(control & 15)] as char);
            }
        }
        from = at + 1;
    }
    out.push('"');
}
