//! Methods of maps.
//!
//! `keySet`, `values` and `entrySet` are what the map had when they were called: changing them does not
//! change the map, as it would in Java.

use super::nothing;
use crate::error::Result;
use crate::heap::{Heap, Thing, same_key};
use crate::value::{Handle, Value};

pub(super) fn call(heap: &mut Heap, map: Handle, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    let this = Value::Object(map);
    let size = heap.size(&this).unwrap_or_default();
    Ok(Some(match (method, arguments) {
        ("size", []) => Value::from(size),
        ("isEmpty", []) => Value::Bool(size == 0),
        ("get", [key]) => heap.member(map, key)?.unwrap_or_default(),
        ("getOrDefault", [key, default]) => heap.member(map, key)?.unwrap_or_else(|| default.clone()),
        ("put", [key, value]) => heap.put(map, key.clone(), value.clone())?.unwrap_or_default(),
        ("putIfAbsent", [key, value]) => {
            let old = heap.member(map, key)?.unwrap_or_default();
            if old.is_null() {
                heap.put(map, key.clone(), value.clone())?;
            }
            old
        }
        ("putAll", [more]) => {
            if heap.entries(more)?.is_none() {
                return Ok(None);
            }
            for (key, value) in heap.copy_entries(more)? {
                heap.put(map, key, value)?;
            }
            nothing()
        }
        ("remove", [key]) => {
            heap.meter.steps(size as u64 / 16)?;
            let Some(entries) = heap.entries(&this)? else { return Ok(None) };
            let place = entries.iter().position(|(known, _)| same_key(known, key));
            place.map(|place| entries.remove(place).1).unwrap_or_default()
        }
        ("clear", []) => {
            if let Some(entries) = heap.entries(&this)? {
                entries.clear();
            }
            nothing()
        }
        ("containsKey", [key]) => Value::Bool(heap.member(map, key)?.is_some()),
        ("containsValue", [value]) => {
            for (_, other) in heap.copy_entries(&this)? {
                if heap.equal(&other, value)? {
                    return Ok(Some(Value::Bool(true)));
                }
            }
            Value::Bool(false)
        }
        ("keySet", []) => {
            let keys = heap.copy_entries(&this)?.into_iter().map(|(key, _)| key).collect();
            heap.new_list(keys)?
        }
        ("values", []) => {
            let values = heap.copy_entries(&this)?.into_iter().map(|(_, value)| value).collect();
            heap.new_list(values)?
        }
        ("entrySet", []) => {
            let entries = heap.copy_entries(&this)?;
            let entries = entries
                .into_iter()
                .map(|(key, value)| heap.add(Thing::Entry { key, value }, 0))
                .collect::<Result<Vec<_>>>()?;
            heap.new_list(entries)?
        }
        _ => return Ok(None),
    }))
}
