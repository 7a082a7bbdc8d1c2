//! YAML as the JSON that it stands for (core schema), with the place of every member.
//!
//! Anchors and aliases work; tags such as `!Sub` belong to template languages and are refused.

use std::collections::BTreeMap;

use json::{Array, Object, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::places::Places;

/// Deeper nesting than AWS's JSON parser takes is refused.
const DEPTH_MAX: usize = 200;
/// Values that aliases may multiply a file to. A definition has at most 1 MiB of text.
const VALUES_MAX: usize = 1_000_000;

/// Why a text is not usable YAML. Line and column from 1.
#[derive(Debug)]
pub struct Error {
    pub message: String,
    pub line: usize,
    pub column: usize,
}

/// Reads one YAML document.
pub fn to_json(text: &str) -> Result<(Value, Places), Error> {
    let mut builder = Builder::default();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Error {
            message: error.info().to_owned(),
            line: error.marker().line(),
            column: error.marker().col() + 1,
        })?;
        if let Event::DocumentStart(_) = event {
            documents += 1;
            if documents > 1 {
                return Err(at(span, "a definition file holds one YAML document"));
            }
        }
        builder.take(event, span)?;
    }
    let value = builder.value.unwrap_or(Value::Null);
    Ok((value, builder.places))
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Value, usize)>,
    places: Places,
    values: usize,
    value: Option<Value>,
}

/// A container that is being read. `size` counts the values in it.
enum Open {
    Mapping { anchor: usize, path: String, object: Object, key: Option<String>, size: usize },
    Sequence { anchor: usize, path: String, items: Vec<Value>, size: usize },
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if let Some(tag) = tag
                    && !tag.is_yaml_core_schema()
                {
                    return Err(at(span, format!("the tag {}{} is not supported", tag.handle, tag.suffix)));
                }
                if self.expects_key() {
                    return self.key(text.into_owned(), span);
                }
                let value = if style == ScalarStyle::Plain { plain(&text) } else { Value::from(&*text) };
                self.put(value, 1, anchor, span)
            }
            Event::MappingStart(anchor, tag) | Event::SequenceStart(anchor, tag)
                if tag.as_ref().is_some_and(|tag| !tag.is_yaml_core_schema()) =>
            {
                let _ = anchor;
                let tag = tag.expect("checked by the guard");
                Err(at(span, format!("the tag {}{} is not supported", tag.handle, tag.suffix)))
            }
            Event::MappingStart(anchor, _) => {
                let path = self.enter(span)?;
                self.open.push(Open::Mapping { anchor, path, object: Object::new(), key: None, size: 1 });
                Ok(())
            }
            Event::SequenceStart(anchor, _) => {
                let path = self.enter(span)?;
                self.open.push(Open::Sequence { anchor, path, items: Vec::new(), size: 1 });
                Ok(())
            }
            Event::MappingEnd | Event::SequenceEnd => match self.open.pop() {
                Some(Open::Mapping { anchor, object, size, .. }) => {
                    self.put(Value::from(object), size, anchor, span)
                }
                Some(Open::Sequence { anchor, items, size, .. }) => {
                    self.put(Value::from(Array::from(items)), size, anchor, span)
                }
                None => unreachable!("the parser closes only what it opened"),
            },
            Event::Alias(anchor) => {
                let Some((value, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err(at(span, "an alias stands inside its own anchor"));
                };
                if self.expects_key() {
                    let Some(key) = value.as_str() else { return Err(at(span, "a key must be a string")) };
                    return self.key(key.to_owned(), span);
                }
                self.put(value, size, 0, span)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Mapping { key: None, .. }))
    }

    fn key(&mut self, text: String, span: Span) -> Result<(), Error> {
        let Some(Open::Mapping { path, object, key, .. }) = self.open.last_mut() else {
            unreachable!("expects_key was asked")
        };
        if object.contains_key(&text) {
            return Err(at(span, format!("the key \"{text}\" stands here twice")));
        }
        self.places.note(format!("{path}/{text}"), span.start.line(), span.start.col() + 1);
        *key = Some(text);
        Ok(())
    }

    /// The path of the container that begins here.
    fn enter(&mut self, span: Span) -> Result<String, Error> {
        if self.open.len() >= DEPTH_MAX {
            return Err(at(span, format!("nested deeper than {DEPTH_MAX}")));
        }
        if self.expects_key() {
            return Err(at(span, "a key must be a string"));
        }
        let path = self.path();
        self.note_item(&path, span);
        Ok(path)
    }

    /// The path of the value that begins here.
    fn path(&self) -> String {
        match self.open.last() {
            None => String::new(),
            Some(Open::Mapping { path, key, .. }) => format!("{path}/{}", key.as_deref().unwrap_or("")),
            Some(Open::Sequence { path, items, .. }) => format!("{path}[{}]", items.len()),
        }
    }

    fn note_item(&mut self, path: &str, span: Span) {
        if !matches!(self.open.last(), Some(Open::Mapping { .. })) {
            self.places.note(path.to_owned(), span.start.line(), span.start.col() + 1);
        }
    }

    fn put(&mut self, value: Value, size: usize, anchor: usize, span: Span) -> Result<(), Error> {
        self.values += size;
        if self.values > VALUES_MAX {
            return Err(at(span, format!("aliases make this more than {VALUES_MAX} values")));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), size));
        }
        if matches!(value, Value::Array(_) | Value::Object(_)) {
            // Its place was noted at its start.
        } else {
            let path = self.path();
            self.note_item(&path, span);
        }
        match self.open.last_mut() {
            None => self.value = Some(value),
            Some(Open::Mapping { object, key, size: whole, .. }) => {
                let Some(key) = key.take() else { return Err(at(span, "a key must be a string")) };
                object.insert(key, value);
                *whole += size;
            }
            Some(Open::Sequence { items, size: whole, .. }) => {
                items.push(value);
                *whole += size;
            }
        }
        Ok(())
    }
}

/// A plain scalar by the core schema of YAML 1.2: `yes`, `on` and dates are strings.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::from(true),
        "false" | "False" | "FALSE" => return Value::from(false),
        _ => {}
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        if let Some(hex) = text.strip_prefix("0x")
            && let Ok(number) = i64::from_str_radix(hex, 16)
        {
            return Value::from(number);
        }
        if let Some(octal) = text.strip_prefix("0o")
            && let Ok(number) = i64::from_str_radix(octal, 8)
        {
            return Value::from(number);
        }
        if let Ok(number) = text.parse::<i64>() {
            return Value::from(number);
        }
        if digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
            && let Ok(number) = text.parse::<f64>()
            && number.is_finite()
        {
            return Value::from(number);
        }
    }
    Value::from(text)
}

fn at(span: Span, message: impl Into<String>) -> Error {
    Error { message: message.into(), line: span.start.line(), column: span.start.col() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(yaml: &str, json: &str) {
        let (value, _) = to_json(yaml).unwrap_or_else(|error| panic!("{yaml}: {}", error.message));
        assert_eq!(value.to_text(), json, "{yaml}");
    }

    fn check_refused(yaml: &str, place: (usize, usize), message: &str) {
        let error = to_json(yaml).map(|(value, _)| value.to_text()).unwrap_err();
        assert_eq!((error.line, error.column, error.message.as_str()), (place.0, place.1, message), "{yaml}");
    }

    #[test]
    fn a_definition_keeps_its_order_and_types() {
        check(
            "StartAt: A\nStates:\n  A:\n    Type: Wait\n    Seconds: 1.5\n    End: true\n",
            r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":1.5,"End":true}}}"#,
        );
        check(
            "[~, null, \"1\", 1, -2, 0x10, 1e3, yes, 2020-01-01, .5]",
            r#"[null,null,"1",1,-2,16,1000.0,"yes","2020-01-01",0.5]"#,
        );
        check("a: |\n  x\n  y\n", r#"{"a":"x\ny\n"}"#);
        check("", "null");
    }

    #[test]
    fn anchors_and_aliases_work() {
        check("a: &x {b: 1}\nc: *x\n", r#"{"a":{"b":1},"c":{"b":1}}"#);
    }

    #[test]
    fn places_are_those_of_the_file() {
        let (_, places) = to_json("StartAt: A\nStates:\n  A:\n    Choices:\n      - Next: B\n").unwrap();
        assert_eq!(places.find("/StartAt"), Some((1, 1)));
        assert_eq!(places.find("/States/A/Choices[0]/Next"), Some((5, 9)));
        assert_eq!(places.find("/States/A/Type"), Some((3, 3)));
    }

    #[test]
    fn what_cannot_be_json_is_refused_with_its_place() {
        check_refused("a: !Sub x\n", (1, 4), "the tag !Sub is not supported");
        check_refused("a: 1\na: 2\n", (2, 1), "the key \"a\" stands here twice");
        check_refused("? [1]\n: 2\n", (1, 3), "a key must be a string");
        check_refused("--- 1\n--- 2\n", (2, 1), "a definition file holds one YAML document");
    }

    #[test]
    fn aliases_cannot_make_it_explode() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..12 {
            let before = i - 1;
            text += &format!("a{i}: &a{i} [{}]\n", vec![format!("*a{before}"); 10].join(", "));
        }
        assert!(to_json(&text).unwrap_err().message.contains("aliases"));
        assert!(to_json(&"[".repeat(5_000)).is_err());
    }
}
