//! As much of AppSync's `$util` as the cases use. The service's own is not here: this shows that a host
//! can have it.

use vtl::{Class, Form, Heap, Host, HostObject, Result, Value, text};

pub const UTIL: Value = Value::Host(HostObject(0));
const DYNAMODB: HostObject = HostObject(1);
const MAP: HostObject = HostObject(2);
const LIST: HostObject = HostObject(3);

pub struct Util;

impl Host for Util {
    fn property(&mut self, _: HostObject, name: &str, _: &mut Heap) -> Result<Value> {
        Ok(match name {
            "dynamodb" => Value::Host(DYNAMODB),
            "map" => Value::Host(MAP),
            "list" => Value::Host(LIST),
            _ => Value::Null,
        })
    }

    fn call(
        &mut self,
        object: HostObject,
        method: &str,
        arguments: &[Value],
        heap: &mut Heap,
    ) -> Result<Option<Value>> {
        match object {
            DYNAMODB => dynamodb(method, arguments, heap),
            MAP => map(method, arguments, heap),
            LIST => list(method, arguments, heap),
            _ => util(method, arguments, heap),
        }
    }
}

fn util(method: &str, arguments: &[Value], heap: &mut Heap) -> Result<Option<Value>> {
    let class = heap.class(&arguments[0]);
    let is_empty = |heap: &Heap, value: &Value| match value {
        Value::Text(text) => text.is_empty(),
        other => heap.size(other) == Some(0),
    };
    let is_blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    Ok(Some(match (method, arguments) {
        ("qr" | "quiet", [_]) => Value::from(""),
        ("toJson", [value]) => Value::from(heap.json_text(value)?),
        ("parseJson", [text]) => {
            let parsed = json::Value::parse(&heap.text(text)?).unwrap();
            heap.from_json(&parsed, Form::Java)?
        }
        ("escapeJavaScript", [value]) => Value::from(text::escape_java_script(&heap.text(value)?)),
        ("urlEncode", [value]) => Value::from(text::url_encode(&heap.text(value)?)),
        ("urlDecode", [value]) => Value::from(text::url_decode(&heap.text(value)?).unwrap()),
        ("base64Encode", [value]) => Value::from(text::base64_encode(heap.text(value)?.as_bytes())),
        ("base64Decode", [value]) => {
            let bytes = text::base64_decode(&heap.text(value)?).unwrap();
            Value::from(String::from_utf8(bytes).unwrap())
        }
        ("isNull", [value]) => Value::Bool(value.is_null()),
        ("isNullOrEmpty", [value]) => Value::Bool(value.is_null() || is_empty(heap, value)),
        ("isNullOrBlank", [value]) => Value::Bool(value.is_null() || is_blank(value)),
        ("defaultIfNull", [value, other]) if value.is_null() => other.clone(),
        ("defaultIfNullOrEmpty", [value, other]) if value.is_null() || is_empty(heap, value) => other.clone(),
        ("defaultIfNullOrBlank", [value, other]) if value.is_null() || is_blank(value) => other.clone(),
        ("defaultIfNull" | "defaultIfNullOrEmpty" | "defaultIfNullOrBlank", [value, _]) => value.clone(),
        ("isString", [_]) => Value::Bool(class == Class::Text),
        ("isMap", [_]) => Value::Bool(class == Class::Map),
        ("isList", [_]) => Value::Bool(class == Class::List),
        ("isBoolean", [_]) => Value::Bool(class == Class::Boolean),
        ("isNumber", [_]) => Value::Bool(class == Class::Number),
        ("typeOf", [_]) => Value::from(match class {
            Class::Null => "Null",
            Class::Boolean => "Boolean",
            Class::Number => "Number",
            Class::Text => "String",
            Class::List => "List",
            Class::Map => "Map",
            _ => "Object",
        }),
        ("matches", [pattern, text]) => Value::Bool(heap.matches(pattern, text)?),
        _ => return Ok(None),
    }))
}

fn dynamodb(method: &str, arguments: &[Value], heap: &mut Heap) -> Result<Option<Value>> {
    let [value] = arguments else { return Ok(None) };
    let value = heap.to_json(value)?;
    let typed = match method {
        "toDynamoDB" | "toDynamoDBJson" | "toStringJson" => typed(&value),
        "toMapValuesJson" => members(&value),
        _ => return Ok(None),
    };
    Ok(Some(if method == "toDynamoDB" {
        heap.from_json(&typed, Form::Java)?
    } else {
        Value::from(typed.to_text())
    }))
}

fn typed(value: &json::Value) -> json::Value {
    let (name, value) = match value {
        json::Value::Null => ("NULL", value.clone()),
        json::Value::Bool(_) => ("BOOL", value.clone()),
        json::Value::String(_) => ("S", value.clone()),
        json::Value::Array(items) => ("L", items.iter().map(typed).collect()),
        json::Value::Object(_) => ("M", members(value)),
        _ => ("N", value.clone()),
    };
    let mut object = json::Object::new();
    object.insert(name, value);
    object.into()
}

fn members(value: &json::Value) -> json::Value {
    let mut object = json::Object::new();
    for (name, member) in value.as_object().unwrap().iter() {
        object.insert(name.clone(), typed(member));
    }
    object.into()
}

fn map(method: &str, arguments: &[Value], heap: &mut Heap) -> Result<Option<Value>> {
    let [map, keys] = arguments else { return Ok(None) };
    let entries = heap.entries(map)?.cloned().unwrap();
    let mut kept = Vec::new();
    for (key, value) in entries {
        if contains(heap, keys, &key)? == (method == "copyAndRetainAllKeys") {
            kept.push((key, value));
        }
    }
    heap.new_map(kept).map(Some)
}

fn list(method: &str, arguments: &[Value], heap: &mut Heap) -> Result<Option<Value>> {
    let [list, others] = arguments else { return Ok(None) };
    let mut kept = Vec::new();
    for item in heap.items(list)?.cloned().unwrap() {
        if contains(heap, others, &item)? == (method == "copyAndRetainAll") {
            kept.push(item);
        }
    }
    heap.new_list(kept).map(Some)
}

fn contains(heap: &mut Heap, list: &Value, wanted: &Value) -> Result<bool> {
    for item in heap.items(list)?.cloned().unwrap() {
        if heap.equal(&item, wanted)? {
            return Ok(true);
        }
    }
    Ok(false)
}
