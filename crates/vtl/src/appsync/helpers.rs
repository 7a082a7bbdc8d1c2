//! The smaller helpers: `$util.http`, `math`, `rds`, `str`, `transform`, `xml`.

use appsync_util::text::NORMAL_GROWTH_MAX;
use appsync_util::{http, rds, text, transform, xml};

use super::{AppSync, made, plain};
use crate::arithmetic;
use crate::equal::Class;
use crate::error::{Failure, Result};
use crate::heap::{Form, Heap};
use crate::methods::{self, nothing};
use crate::value::Value;

impl AppSync<'_> {
    pub(super) fn http(
        &mut self,
        method: &str,
        arguments: &[Value],
        heap: &mut Heap,
    ) -> Result<Option<Value>> {
        match (method, arguments) {
            ("copyHeaders", [headers]) if heap.class(headers) == Class::Map => {
                let mut copied = heap.copy_entries(headers)?;
                copied.retain(|(name, _)| name.as_str().is_none_or(http::is_copied));
                heap.new_map_of(copied).map(Some)
            }
            ("addResponseHeader", [name @ (Value::Text(_) | Value::Null), value]) => {
                self.note("addResponseHeader", &[plain(heap, name)?, plain(heap, value)?])
            }
            ("addResponseHeaders", [headers]) if heap.class(headers) == Class::Map => {
                for (name, value) in heap.copy_entries(headers)? {
                    let name = json::Value::String(heap.text(&name)?);
                    self.note("addResponseHeader", &[name, plain(heap, &value)?])?;
                }
                Ok(Some(nothing()))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn math(&mut self, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
        Ok(match (method, arguments) {
            ("roundNum", [Value::Double(number)]) => Some(Value::Int((number + 0.5).floor() as i64)),
            ("roundNum", [number]) if arithmetic::is_number(number) => Some(number.clone()),
            ("minVal", [one, two]) => arithmetic::compare(one, two)
                .map(|order| if order.is_gt() { two.clone() } else { one.clone() }),
            ("maxVal", [one, two]) => arithmetic::compare(one, two)
                .map(|order| if order.is_lt() { two.clone() } else { one.clone() }),
            ("randomDouble", []) => Some(Value::Double(self.random.unit())),
            ("randomWithinRange", [Value::Int(from), Value::Int(to)]) => {
                Some(Value::Int(self.random.within(*from, *to)))
            }
            _ => None,
        })
    }
}

pub(super) fn str(heap: &mut Heap, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    match (method, arguments) {
        ("toLower", [text @ Value::Text(_)]) => methods::call(heap, text, "toLowerCase", &[]),
        ("toUpper", [text @ Value::Text(_)]) => methods::call(heap, text, "toUpperCase", &[]),
        ("toReplace", [text @ Value::Text(_), old @ Value::Text(_), new @ Value::Text(_)]) => {
            methods::call(heap, text, "replace", &[old.clone(), new.clone()])
        }
        ("normalize", [Value::Text(given), Value::Text(form)]) => {
            heap.meter.bytes(given.len() * NORMAL_GROWTH_MAX)?;
            made(heap, text::normalize(given, form).map_err(Failure::method)?)
        }
        _ => Ok(None),
    }
}

/// The result of an RDS data source, as the text that it is or as JSON already.
pub(super) fn rds(heap: &mut Heap, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    let ("toJsonObject" | "toJsonString", [answer]) = (method, arguments) else { return Ok(None) };
    let rows = match answer {
        Value::Text(text) => {
            heap.meter.bytes(text.len() * 4)?;
            rds::rows_of_text(text)
        }
        _ if heap.class(answer) == Class::Map => rds::rows(&plain(heap, answer)?),
        _ => return Ok(None),
    };
    let rows = rows.map_err(Failure::method)?;
    if method == "toJsonString" {
        return made(heap, rows.to_text());
    }
    heap.from_json(&rows, Form::Java).map(Some)
}

pub(super) fn transform(heap: &mut Heap, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    let is_filter = |value: &Value| matches!(heap.class(value), Class::Map | Class::Null);
    if !arguments.first().is_some_and(is_filter) || !arguments.get(2).is_none_or(is_filter) {
        return Ok(None);
    }
    let arguments = arguments.iter().map(|one| plain(heap, one)).collect::<Result<Vec<_>>>()?;
    let made_of = match (method, arguments.as_slice()) {
        ("toDynamoDBFilterExpression" | "toDynamoDBConditionExpression", [filter]) => {
            transform::expression(filter)
        }
        ("toElasticsearchQueryDSL", [filter]) => transform::query(filter),
        ("toSubscriptionFilter", [filter, more @ ..]) if more.len() <= 2 => {
            let ignored = match more.first() {
                None | Some(json::Value::Null) => Vec::new(),
                Some(json::Value::Array(names)) => names.iter().filter_map(json::Value::as_str).collect(),
                Some(_) => return Ok(None),
            };
            transform::subscription(filter, &ignored, more.get(1).unwrap_or(&json::Value::Null))
        }
        _ => return Ok(None),
    };
    made(heap, made_of.map_err(Failure::method)?.to_text())
}

pub(super) fn xml(heap: &mut Heap, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    let Some(Value::Text(text)) = arguments.first() else { return Ok(None) };
    // An element takes 4 bytes, and 40 as a value.
    heap.meter.bytes(text.len() * 10)?;
    match (method, arguments) {
        ("toMap", [_]) => heap.from_json(&xml::to_map(text).map_err(Failure::method)?, Form::Java).map(Some),
        ("toJsonString", [_]) => made(heap, xml::to_json(text, false).map_err(Failure::method)?),
        ("toJsonString", [_, Value::Bool(encode)]) => {
            made(heap, xml::to_json(text, *encode).map_err(Failure::method)?)
        }
        _ => Ok(None),
    }
}
