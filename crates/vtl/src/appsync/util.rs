//! `$util` itself: errors, nothing and its defaults, classes, JSON, text in other forms, ids. And `$util.log`.

use appsync_util::FieldError;
use json::Text;

use super::{AppSync, made, plain};
use crate::equal::Class;
use crate::error::{Failure, Result};
use crate::heap::{Form, Heap};
use crate::methods::nothing;
use crate::text;
use crate::value::Value;

/// The type of what `$util.validate` raises without another.
const VALIDATION_TYPE: &str = "CustomTemplateException";

impl AppSync<'_> {
    pub(super) fn util(
        &mut self,
        method: &str,
        arguments: &[Value],
        heap: &mut Heap,
    ) -> Result<Option<Value>> {
        match (method, arguments) {
            ("qr" | "quiet", [_]) => Ok(Some(nothing())),
            ("error", [_, ..]) if arguments.len() <= 4 => {
                let error = field_error(heap, arguments)?;
                Err(self.raise(error))
            }
            ("appendError", [_, ..]) if arguments.len() <= 4 => self.append_error(heap, arguments),
            ("validate", [condition, error @ ..]) if (1..=4).contains(&error.len()) => {
                if condition.is_true() {
                    return Ok(Some(nothing()));
                }
                let mut error = field_error(heap, error)?;
                error.error_type.get_or_insert(Text::new_static(VALIDATION_TYPE));
                Err(self.raise(error))
            }
            ("unauthorized", []) => Err(self.raise(FieldError::unauthorized())),
            ("authType", []) => made(heap, self.surroundings.auth_type.clone()),
            ("autoId", []) => made(heap, self.random.uuid()),
            ("autoUlid", []) => made(heap, self.random.ulid(self.surroundings.now_milliseconds)),
            ("autoKsuid", []) => made(heap, self.random.ksuid(self.surroundings.now_milliseconds)),
            _ => match arguments {
                [value] => of_one(heap, method, value),
                [one, two] => of_two(heap, method, one, two),
                _ => Ok(None),
            },
        }
    }

    /// `$util.appendError`: it is among `$ctx.outErrors` at once.
    fn append_error(&mut self, heap: &mut Heap, arguments: &[Value]) -> Result<Option<Value>> {
        let FieldError { message, error_type, data, error_info } = field_error(heap, arguments)?;
        let told = json::value!({"message": message.clone(), "type": error_type.clone()});
        let told = heap.from_json(&told, Form::Java)?;
        if let Some(errors) = heap.get(&self.context, "outErrors")? {
            crate::methods::call(heap, &errors, "add", &[told])?;
        }
        self.note("appendError", &[message.into(), error_type.into(), data, error_info])
    }

    /// `$util.log.info(value)`, `$util.log.error("about {} and {}", one, two)`
    pub(super) fn log(
        &mut self,
        method: &str,
        arguments: &[Value],
        heap: &mut Heap,
    ) -> Result<Option<Value>> {
        let level = match method {
            "info" => "INFO",
            "error" => "ERROR",
            _ => return Ok(None),
        };
        let text = match arguments {
            [] => return Ok(None),
            [value] => heap.text(value)?,
            [Value::Text(format), values @ ..] => filled(heap, format, values)?,
            _ => return Ok(None),
        };
        self.note("log", &[level.into(), text.into()])
    }
}

/// `error(message, type, data, errorInfo)`. A type that is no text is taken as one: an error must not get lost.
fn field_error(heap: &Heap, arguments: &[Value]) -> Result<FieldError> {
    let json = |index: usize| match arguments.get(index) {
        Some(value) => plain(heap, value),
        None => Ok(json::Value::Null),
    };
    let error_type = match arguments.get(1) {
        None | Some(Value::Null) => None,
        Some(value) => Some(heap.text(value)?),
    };
    Ok(FieldError { message: heap.text(&arguments[0])?, error_type, data: json(2)?, error_info: json(3)? })
}

/// The format with each `{}` replaced by the text of the next value.
fn filled(heap: &Heap, format: &str, values: &[Value]) -> Result<Text> {
    let mut pieces = format.split("{}");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    let mut values = values.iter();
    for piece in pieces {
        match values.next() {
            Some(value) => heap.print(value, &mut out)?,
            None => out.push_str("{}"),
        }
        out.push_str(piece);
        heap.meter.length(out.len())?;
    }
    heap.meter.text(out.len())?;
    Ok(out.into())
}

fn of_one(heap: &mut Heap, method: &str, value: &Value) -> Result<Option<Value>> {
    let class = heap.class(value);
    Ok(Some(match method {
        "toJson" => Value::from(heap.json_text(value)?),
        "isNull" => Value::Bool(value.is_null()),
        "isNullOrEmpty" => Value::Bool(is_empty(heap, value)),
        "isNullOrBlank" => Value::Bool(is_blank(value)),
        "isString" => Value::Bool(class == Class::Text),
        "isNumber" => Value::Bool(class == Class::Number),
        "isBoolean" => Value::Bool(class == Class::Boolean),
        "isList" => Value::Bool(class == Class::List),
        "isMap" => Value::Bool(class == Class::Map),
        "typeOf" => Value::Text(Text::new_static(match class {
            Class::Null => "Null",
            Class::Boolean => "Boolean",
            Class::Number => "Number",
            Class::Text => "String",
            Class::List => "List",
            Class::Map => "Map",
            Class::Entry | Class::Host | Class::Other => "Object",
        })),
        _ => match value {
            Value::Text(text) => return of_text(heap, method, text),
            _ => return Ok(None),
        },
    }))
}

fn of_two(heap: &mut Heap, method: &str, one: &Value, two: &Value) -> Result<Option<Value>> {
    let is_missing = match method {
        "defaultIfNull" => one.is_null(),
        "defaultIfNullOrEmpty" => is_empty(heap, one),
        "defaultIfNullOrBlank" => is_blank(one),
        "matches" => return heap.matches(one, two).map(Value::Bool).map(Some),
        _ => return Ok(None),
    };
    Ok(Some(if is_missing { two.clone() } else { one.clone() }))
}

/// Nothing, an empty text, an empty list or map.
fn is_empty(heap: &Heap, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        other => heap.size(other) == Some(0),
    }
}

/// Nothing, or a text of blanks.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Text in other forms.
fn of_text(heap: &mut Heap, method: &str, given: &Text) -> Result<Option<Value>> {
    if method == "parseJson" {
        // A value takes about four times its text.
        heap.meter.bytes(given.len() * 4)?;
        let parsed = json::Value::parse(given).map_err(|error| {
            Failure::method(format!("$util.parseJson was given something else than JSON: {error}"))
        })?;
        return heap.from_json(&parsed, Form::Java).map(Some);
    }
    // No form is more than six times as long.
    heap.meter.bytes(given.len() * 6)?;
    made(
        heap,
        match method {
            "escapeJavaScript" => text::escape_java_script(given),
            "urlEncode" => text::url_encode(given),
            "urlDecode" => text::url_decode(given).ok_or_else(|| {
                Failure::method(
                    "$util.urlDecode found a % without two hexadecimal digits: give it encoded text",
                )
            })?,
            "base64Encode" => text::base64_encode(given.as_bytes()),
            "base64Decode" => {
                let bytes = text::base64_decode(given).ok_or_else(|| {
                    Failure::method("$util.base64Decode was given something else than base 64")
                })?;
                String::from_utf8_lossy(&bytes).into_owned()
            }
            _ => return Ok(None),
        },
    )
}
