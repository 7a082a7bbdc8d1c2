//! A document as JSON, whether it is written in JSON or YAML.

use std::collections::BTreeMap;

use json::{Array, Object, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// Nothing real is nested deeper.
const DEPTH_MAX: usize = 200;
/// What aliases may multiply a document to: AWS takes 6 MB of text.
const VALUES_MAX: usize = 1_000_000;
/// The longest document; AWS's limit.
const BYTES_MAX: usize = 6 << 20;

/// Reads a document, or says what is wrong with it, and where.
pub fn read(text: &str) -> Result<Value, String> {
    if text.len() > BYTES_MAX {
        return Err(format!("the document is longer than {BYTES_MAX} bytes"));
    }
    if text.trim_start().starts_with('{') {
        return Value::parse(text).map_err(|error| error.to_string());
    }
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            format!("{} (line {}, column {})", error.info(), error.marker().line(), error.marker().col() + 1)
        })?;
        builder.take(event).map_err(|why| place(&why, span))?;
    }
    Ok(builder.value.unwrap_or_default())
}

fn place(why: &str, span: Span) -> String {
    format!("{why} (line {}, column {})", span.start.line(), span.start.col() + 1)
}

/// The value so far.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    /// With how many values are in each.
    anchors: BTreeMap<usize, (Value, usize)>,
    values: usize,
    value: Option<Value>,
}

/// A container that is being read.
struct Open {
    anchor: usize,
    size: usize,
    content: Content,
}

enum Content {
    Mapping(Object, Option<String>),
    Sequence(Vec<Value>),
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse(tag.as_deref())?;
                match self.open.last_mut().map(|open| &mut open.content) {
                    // `200:` is the name of a response.
                    Some(Content::Mapping(object, key @ None)) => {
                        if object.contains_key(&text) {
                            return Err(format!("the key \"{text}\" stands here twice"));
                        }
                        *key = Some(text.into_owned());
                        Ok(())
                    }
                    _ => {
                        let value =
                            if style == ScalarStyle::Plain { plain(&text) } else { Value::from(&*text) };
                        self.put(value, 1, anchor)
                    }
                }
            }
            Event::MappingStart(anchor, tag) => {
                refuse(tag.as_deref())?;
                self.begin(anchor, Content::Mapping(Object::new(), None))
            }
            Event::SequenceStart(anchor, tag) => {
                refuse(tag.as_deref())?;
                self.begin(anchor, Content::Sequence(Vec::new()))
            }
            Event::MappingEnd | Event::SequenceEnd => match self.open.pop() {
                Some(Open { anchor, size, content }) => {
                    let value = match content {
                        Content::Mapping(object, _) => Value::from(object),
                        Content::Sequence(items) => Value::from(Array::from(items)),
                    };
                    self.put(value, size, anchor)
                }
                None => Err("something ends here that did not begin".to_owned()),
            },
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some((value, size)) => self.put(value, size, 0),
                None => Err("an alias stands inside its own anchor".to_owned()),
            },
            Event::DocumentStart(_) if self.value.is_some() => Err("there is a second document".to_owned()),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, anchor: usize, content: Content) -> Result<(), String> {
        if self.open.len() >= DEPTH_MAX {
            return Err(format!("it is nested deeper than {DEPTH_MAX}"));
        }
        if matches!(self.open.last().map(|open| &open.content), Some(Content::Mapping(_, None))) {
            return Err("a key must be a text".to_owned());
        }
        self.open.push(Open { anchor, size: 1, content });
        Ok(())
    }

    fn put(&mut self, value: Value, size: usize, anchor: usize) -> Result<(), String> {
        self.values += size;
        if self.values > VALUES_MAX {
            return Err(format!("aliases make this more than {VALUES_MAX} values"));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), size));
        }
        let Some(open) = self.open.last_mut() else {
            self.value = Some(value);
            return Ok(());
        };
        open.size += size;
        match &mut open.content {
            Content::Mapping(object, key) => {
                let Some(key) = key.take() else { return Err("a key must be a text".to_owned()) };
                object.insert(key, value);
            }
            Content::Sequence(items) => items.push(value),
        }
        Ok(())
    }
}

/// `!Sub`, `!GetAtt` and the like belong to templates of templates.
fn refuse(tag: Option<&saphyr_parser::Tag>) -> Result<(), String> {
    match tag {
        Some(tag) if !tag.is_yaml_core_schema() => {
            Err(format!("the tag {}{} is not supported", tag.handle, tag.suffix))
        }
        _ => Ok(()),
    }
}

/// A plain scalar by the core schema of YAML 1.2.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return true.into(),
        "false" | "False" | "FALSE" => return false.into(),
        _ => {}
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if !is_number {
        return text.into();
    }
    if let Ok(number) = text.parse::<i64>() {
        return number.into();
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => number.into(),
        _ => text.into(),
    }
}
