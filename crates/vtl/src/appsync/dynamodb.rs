//! `$util.dynamodb`: values with DynamoDB's types, and as text with `…Json`.

use appsync_util::dynamodb::{self, Typed};

use super::{made, plain};
use crate::equal::Class;
use crate::error::{Failure, Result};
use crate::heap::{Form, Heap};
use crate::value::Value;

pub(super) fn call(heap: &mut Heap, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    if let ("fromS3ObjectJson", [Value::Text(text)]) = (method, arguments) {
        heap.meter.bytes(text.len() * 4)?;
        let object = dynamodb::from_s3_object(text).map_err(Failure::method)?;
        return heap.from_json(&object, Form::Java).map(Some);
    }
    let (helper, as_text) = match method.strip_suffix("Json") {
        Some(helper) => (helper, true),
        None => (method, false),
    };
    match (helper, arguments) {
        ("toNull", []) => finish(heap, Typed::Whole(&json::Value::Null), as_text),
        ("toS3Object", [Value::Text(key), Value::Text(bucket), Value::Text(region), version @ ..]) => {
            let version = match version {
                [] | [Value::Null] => None,
                [Value::Text(version)] => Some(version.as_str()),
                _ => return Ok(None),
            };
            let text = dynamodb::s3_object(key, bucket, region, version);
            finish(heap, Typed::As("S", &text), as_text)
        }
        (_, [value]) if takes(helper, heap.class(value)) => {
            let value = plain(heap, value)?;
            let typed = match Typed::new(helper, &value) {
                // Of nothing, all types are the one of nothing.
                Some(Typed::As(..)) if value.is_null() => Some(Typed::Whole(&value)),
                typed => typed,
            };
            typed.map_or(Ok(None), |typed| finish(heap, typed, as_text))
        }
        _ => Ok(None),
    }
}

/// Whether a helper takes arguments of a class; each takes nothing, too.
fn takes(helper: &str, class: Class) -> bool {
    let wanted = match helper {
        "toString" | "toBinary" => Class::Text,
        "toNumber" => Class::Number,
        "toBoolean" => Class::Boolean,
        "toStringSet" | "toNumberSet" | "toBinarySet" | "toList" => Class::List,
        "toMap" | "toMapValues" => Class::Map,
        _ => return true,
    };
    class == wanted || class == Class::Null
}

fn finish(heap: &mut Heap, typed: Typed, as_text: bool) -> Result<Option<Value>> {
    if as_text {
        let mut text = String::new();
        typed.write(&mut text);
        return made(heap, text);
    }
    heap.from_json(&typed.value(), Form::Java).map(Some)
}
