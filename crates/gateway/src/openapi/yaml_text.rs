//! JSON as YAML, for people: blocks, two spaces a level.

use json::{Object, Value};

/// The text of a value.
pub(super) fn to_yaml(value: &Value) -> String {
    let mut out = "---\n".to_owned();
    block(value, 0, &mut out);
    out
}

fn block(value: &Value, level: usize, out: &mut String) {
    match value {
        Value::Object(object) => members(object, level, out),
        Value::Array(items) => {
            for item in items {
                indent(level, out);
                out.push('-');
                nested(item, level, out);
            }
        }
        scalar => {
            out.push_str(&line(scalar));
            out.push('\n');
        }
    }
}

fn members(object: &Object, level: usize, out: &mut String) {
    for (name, value) in object.iter() {
        indent(level, out);
        out.push_str(&line(&Value::from(name)));
        out.push(':');
        nested(value, level, out);
    }
}

fn nested(value: &Value, level: usize, out: &mut String) {
    let is_block = match value {
        Value::Object(object) => !object.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if is_block {
        out.push('\n');
        block(value, level + 1, out);
    } else {
        out.push(' ');
        out.push_str(&line(value));
        out.push('\n');
    }
}

/// A scalar: JSON's notation is YAML's. Plain words need no quotes.
fn line(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.to_string(),
        value => value.to_text(),
    }
}

fn is_plain(text: &str) -> bool {
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
    let may_stand =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '_' | '-' | '.' | '$');
    let is_word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    begins && text.chars().all(may_stand) && !is_word
}

fn indent(level: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", level));
}
