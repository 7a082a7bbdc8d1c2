//! `$util.list` and `$util.map`: copies of lists and maps, parts of them, lists in order.

use std::cmp::Ordering;

use crate::arithmetic;
use crate::equal::Class;
use crate::error::{Failure, Result};
use crate::heap::Heap;
use crate::methods;
use crate::value::Value;

/// The service's limit for `$util.list.sortList`.
const SORTED_MAX: usize = 1000;

pub(super) fn list(heap: &mut Heap, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    match (method, arguments) {
        ("sortList", [list, Value::Bool(descending), field]) => sort(heap, list, *descending, field),
        ("copyAndRetainAll" | "copyAndRemoveAll", [list, others])
            if [list, others].iter().all(|one| heap.class(one) == Class::List) =>
        {
            let items = heap.elements(list)?.unwrap_or_default();
            let copy = heap.new_list(items)?;
            let change = if method == "copyAndRetainAll" { "retainAll" } else { "removeAll" };
            methods::call(heap, &copy, change, std::slice::from_ref(others))?;
            Ok(Some(copy))
        }
        _ => Ok(None),
    }
}

pub(super) fn map(heap: &mut Heap, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
    let ("copyAndRetainAllKeys" | "copyAndRemoveAllKeys", [map, keys]) = (method, arguments) else {
        return Ok(None);
    };
    if heap.class(map) != Class::Map || heap.class(keys) != Class::List {
        return Ok(None);
    }
    let mut kept = Vec::new();
    for (key, value) in heap.copy_entries(map)? {
        let among = methods::call(heap, keys, "contains", std::slice::from_ref(&key))?;
        if among.is_some_and(|among| among.is_true()) == (method == "copyAndRetainAllKeys") {
            kept.push((key, value));
        }
    }
    heap.new_map_of(kept).map(Some)
}

/// A sorted copy: texts and numbers by themselves, maps by what they have under `field`. A list of several
/// classes, or of others, stays as it is.
fn sort(heap: &mut Heap, list: &Value, descending: bool, field: &Value) -> Result<Option<Value>> {
    if heap.class(list) != Class::List {
        return Ok(None);
    }
    let items = heap.elements(list)?.unwrap_or_default();
    if items.len() > SORTED_MAX {
        return Err(Failure::method(format!(
            "$util.list.sortList takes lists of at most {SORTED_MAX} items, not {}",
            items.len()
        )));
    }
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let key = match (heap.class(&item), field.as_str()) {
            (Class::Map, Some(field)) => heap.get(&item, field)?.unwrap_or_default(),
            (Class::Map, None) => Value::Null,
            _ => item.clone(),
        };
        keyed.push((key, item));
    }
    let is_map = |value: &Value| heap.class(value) == Class::Map;
    let is_of = |class: Class| keyed.iter().all(|(key, _)| heap.class(key) == class);
    let is_alike = keyed.windows(2).all(|pair| is_map(&pair[0].1) == is_map(&pair[1].1));
    if !is_alike || !(is_of(Class::Text) || is_of(Class::Number)) {
        return Ok(Some(list.clone()));
    }
    // A thousand items take ten comparisons each, of texts that may be long.
    let bytes: usize = keyed.iter().map(|(key, _)| key.as_str().map_or(0, str::len)).sum();
    heap.meter.steps((keyed.len() + bytes / 64) as u64 * 10)?;
    // Doubles and large integers have no order that holds for all three of them.
    let are_integers = keyed.iter().all(|(key, _)| matches!(key, Value::Int(_)));
    keyed.sort_by(|(one, _), (two, _)| {
        let ordering = order(one, two, are_integers);
        if descending { ordering.reverse() } else { ordering }
    });
    heap.new_list(keyed.into_iter().map(|(_, item)| item).collect()).map(Some)
}

fn order(one: &Value, two: &Value, are_integers: bool) -> Ordering {
    match (one, two) {
        // Java compares UTF-16 units.
        (Value::Text(one), Value::Text(two)) => one.encode_utf16().cmp(two.encode_utf16()),
        (Value::Int(one), Value::Int(two)) if are_integers => one.cmp(two),
        _ => arithmetic::double(one).total_cmp(&arithmetic::double(two)),
    }
}
