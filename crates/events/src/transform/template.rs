//! InputTemplate: a text with `<name>` in it where values of the event go.
//!
//! How a value is written depends on where its placeholder stands: outside of quotation marks as JSON, between
//! them as text. What comes out must be JSON, or lines of JSON strings; otherwise nothing is delivered.

use json::{Object, Text, Value};

use super::{BYTES_MAX, Context, Invalid, Path, Undeliverable};

/// An InputTransformer, compiled.
#[derive(Clone, Debug)]
pub struct Template {
    pieces: Vec<Piece>,
    /// Whether the template is JSON that contains strings, and not lines of strings itself.
    is_structure: bool,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Placeholder {
        value: Source,
        /// Whether it stands between quotation marks.
        quoted: bool,
    },
}

/// Where a placeholder's value comes from.
#[derive(Clone, Debug)]
enum Source {
    Path(Path),
    RuleArn,
    RuleName,
    IngestionTime,
    /// The event without its detail.
    Event,
    /// The event as it is.
    EventJson,
}

impl Template {
    /// Reads a template and the paths that its placeholders stand for.
    pub fn parse<'a>(
        template: &str,
        paths: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Template, Invalid> {
        let mut known = Vec::new();
        for (name, path) in paths {
            known.push((name, Path::parse(path)?));
        }
        let mut pieces = Vec::new();
        let mut quoted = false;
        let mut rest = template;
        while let Some((text, name, behind)) = next_placeholder(rest) {
            quoted = quoted_behind(text, quoted);
            pieces.push(Piece::Text(text.to_owned()));
            pieces.push(Piece::Placeholder { value: source(name, &known)?, quoted });
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        let is_structure = template.trim_start().starts_with(['{', '[']);
        Ok(Template { pieces, is_structure })
    }

    /// The text for one event.
    pub(super) fn fill(&self, event: &Value, context: &Context<'_>) -> Result<String, Undeliverable> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Placeholder { value, quoted: false } => {
                    write_json(value.value(event, context), &mut out)
                }
                Piece::Placeholder { value, quoted: true } => {
                    let value = value.value(event, context);
                    // Recorded: a list between quotation marks inside of an object is no JSON any more.
                    if self.is_structure && value.as_ref().is_some_and(Value::is_array) {
                        return Err(Undeliverable::NotJson);
                    }
                    write_text(value.as_ref(), &mut out);
                }
            }
            if out.len() > BYTES_MAX {
                return Err(Undeliverable::TooLong);
            }
        }
        if is_json(&out) { Ok(out) } else { Err(Undeliverable::NotJson) }
    }
}

/// The text in front of the next placeholder, its name, and what stands behind it. Other brackets are text.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('<').map(|place| place + from) {
        let inside = &text[open + 1..];
        let end = inside.find(|character: char| !is_of_name(character)).unwrap_or(inside.len());
        if end > 0 && inside[end..].starts_with('>') {
            return Some((&text[..open], &inside[..end], &inside[end + 1..]));
        }
        from = open + 1 + end;
    }
    None
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.')
}

/// Whether the end of the text is between quotation marks, if its beginning is `quoted` or not.
fn quoted_behind(text: &str, mut quoted: bool) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => drop(bytes.next()),
            _ => {}
        }
    }
    quoted
}

fn source(name: &str, paths: &[(&str, Path)]) -> Result<Source, Invalid> {
    if let Some((_, path)) = paths.iter().find(|(known, _)| *known == name) {
        return Ok(Source::Path(path.clone()));
    }
    match name {
        "aws.events.rule-arn" => Ok(Source::RuleArn),
        "aws.events.rule-name" => Ok(Source::RuleName),
        "aws.events.event.ingestion-time" => Ok(Source::IngestionTime),
        "aws.events.event" => Ok(Source::Event),
        "aws.events.event.json" => Ok(Source::EventJson),
        _ => Err(Invalid::Placeholder { name: name.to_owned() }),
    }
}

impl Source {
    fn value(&self, event: &Value, context: &Context<'_>) -> Option<Value> {
        match self {
            Source::Path(path) => path.find(event),
            Source::RuleArn => Some(context.rule_arn.into()),
            Source::RuleName => Some(context.rule_name.into()),
            Source::IngestionTime => Some(context.ingestion_time.into()),
            Source::Event => Some(without_detail(event)),
            Source::EventJson => Some(event.clone()),
        }
    }
}

/// `<aws.events.event>`, in the order in which AWS writes it.
fn without_detail(event: &Value) -> Value {
    let names = ["id", "account", "detail-type", "time", "source", "region", "resources", "version"];
    let members = names.iter().filter_map(|name| {
        let written = if *name == "detail-type" { "detailType" } else { name };
        Some((Text::new(written), event.get(name)?.clone()))
    });
    Value::Object(members.collect::<Object>())
}

/// A value outside of quotation marks.
fn write_json(value: Option<Value>, out: &mut String) {
    match value {
        Some(value) => value.write_into(out),
        None => out.push_str("\"\""),
    }
}

/// A value between quotation marks: no quotation marks and no blanks of its own. `{"a": ["b", 1]}` is `{a:[b,1]}`.
fn write_text(value: Option<&Value>, out: &mut String) {
    match value {
        None => {}
        Some(Value::String(text)) => write_inside_of_string(text, out),
        Some(Value::Array(items)) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(Some(item), out);
            }
            out.push(']');
        }
        Some(Value::Object(members)) => {
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_inside_of_string(name, out);
                out.push(':');
                write_text(Some(member), out);
            }
            out.push('}');
        }
        Some(scalar) => scalar.write_into(out),
    }
}

/// Escapes what could not stand in a JSON string.
fn write_inside_of_string(text: &str, out: &mut String) {
    let mut quoted = String::with_capacity(text.len() + 2);
    json::write_string(text, &mut quoted);
    out.push_str(&quoted[1..quoted.len() - 1]);
}

/// Whether a text is JSON, or lines of JSON strings.
fn is_json(text: &str) -> bool {
    let is_string = |line: &str| matches!(Value::parse(line), Ok(Value::String(_)));
    Value::parse(text).is_ok() || text.lines().all(is_string)
}
