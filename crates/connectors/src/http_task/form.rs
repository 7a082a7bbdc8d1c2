//! A body as a form (`application/x-www-form-urlencoded`), with AWS's ways to write a list.
//! (spec/integrations.md §5)

use json::Value;

use crate::plain_http::scalar_text;

/// How a list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ArrayFormat {
    /// `a[0]=1&a[1]=2`
    #[default]
    Indices,
    /// `a=1&a=2`
    Repeat,
    /// `a=1,2`
    Commas,
    /// `a[]=1&a[]=2`
    Brackets,
    /// `a=[1,2]`, the JSON text.
    None,
}

impl ArrayFormat {
    /// The format of this name; the default if it is none, which was checked before.
    pub(super) fn of_name(name: Option<&str>) -> ArrayFormat {
        match name {
            Some("REPEAT") => ArrayFormat::Repeat,
            Some("COMMAS") => ArrayFormat::Commas,
            Some("BRACKETS") => ArrayFormat::Brackets,
            Some("NONE") => ArrayFormat::None,
            Some(_) | None => ArrayFormat::Indices,
        }
    }
}

/// The members of an object as a form. Objects inside are written as `a[b]=c`.
pub(super) fn encode(body: &Value, format: ArrayFormat) -> String {
    let mut pairs = Vec::new();
    // Data nests no deeper than JSON that was parsed, but recursion needs a bound of its own all the same.
    for (name, value) in body.as_object().into_iter().flatten() {
        add(form_encode(name), value, format, DEPTH_MAX, &mut pairs);
    }
    pairs.join("&")
}

/// What nests deeper is written as its JSON text. No server reads forms so deep.
const DEPTH_MAX: usize = 64;

fn add(name: String, value: &Value, format: ArrayFormat, depth: usize, pairs: &mut Vec<String>) {
    match value {
        Value::Object(members) if depth > 0 => {
            for (member, value) in members {
                add(format!("{name}[{}]", form_encode(member)), value, format, depth - 1, pairs);
            }
        }
        Value::Array(items) if depth > 0 && !matches!(format, ArrayFormat::Commas | ArrayFormat::None) => {
            for (index, item) in items.iter().enumerate() {
                let name = match format {
                    ArrayFormat::Indices => format!("{name}[{index}]"),
                    ArrayFormat::Brackets => format!("{name}[]"),
                    ArrayFormat::Repeat | ArrayFormat::Commas | ArrayFormat::None => name.clone(),
                };
                add(name, item, format, depth - 1, pairs);
            }
        }
        Value::Array(items) if format == ArrayFormat::Commas => {
            let items: Vec<String> = items.iter().map(|item| form_encode(&text(item))).collect();
            pairs.push(format!("{name}={}", items.join(",")));
        }
        value => pairs.push(format!("{name}={}", form_encode(&text(value)))),
    }
}

/// Nothing for null, JSON for what has no text of its own.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        value => scalar_text(value).unwrap_or_else(|| value.to_text()),
    }
}

/// As forms are encoded: a space is a plus sign.
pub(super) fn form_encode(text: &str) -> String {
    sigv4::percent_encode(text).replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_all_formats() {
        let body = json::value!({"a": [1, "x y"], "b": true});
        for (name, form) in [
            (None, "a[0]=1&a[1]=x+y&b=true"),
            (Some("INDICES"), "a[0]=1&a[1]=x+y&b=true"),
            (Some("REPEAT"), "a=1&a=x+y&b=true"),
            (Some("COMMAS"), "a=1,x+y&b=true"),
            (Some("BRACKETS"), "a[]=1&a[]=x+y&b=true"),
            (Some("NONE"), "a=%5B1%2C%22x+y%22%5D&b=true"),
        ] {
            assert_eq!(encode(&body, ArrayFormat::of_name(name)), form);
        }
    }

    #[test]
    fn names_and_values_cannot_break_out() {
        let body = json::value!({"a&b=c": "d&e=f", "é": null, "o": {"i[n]": [{"k": 1.5}]}, "n": []});
        assert_eq!(encode(&body, ArrayFormat::Indices), "a%26b%3Dc=d%26e%3Df&%C3%A9=&o[i%5Bn%5D][0][k]=1.5");
    }

    #[test]
    fn depth_has_a_bound() {
        let mut deep = Value::Null;
        for _ in 0..900 {
            deep = json::value!({"a": deep});
        }
        let form = encode(&deep, ArrayFormat::Indices);
        assert_eq!(form.matches('[').count(), DEPTH_MAX);
    }
}
