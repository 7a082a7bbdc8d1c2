//! Methods of lists, and of all that are lists for a template: sets of keys, arrays.

use super::{nothing, out_of_bounds, place};
use crate::error::{Failure, Result};
use crate::heap::{Form, Heap, List, Thing};
use crate::value::{Handle, Value};

pub(super) fn call(
    heap: &mut Heap,
    list: Handle,
    method: &str,
    arguments: &[Value],
) -> Result<Option<Value>> {
    let this = Value::Object(list);
    let size = heap.size(&this).unwrap_or_default();
    Ok(Some(match (method, arguments) {
        ("size", []) => Value::from(size),
        ("isEmpty", []) => Value::Bool(size == 0),
        ("get", [Value::Int(index)]) => {
            let place = position(*index, size)?;
            heap.item(list, place)?.unwrap_or_default()
        }
        ("set", [Value::Int(index), value]) => {
            let place = position(*index, size)?;
            std::mem::replace(&mut items(heap, list)?[place], value.clone())
        }
        ("add", [value]) => {
            heap.meter.bytes(2 * size_of::<Value>())?;
            items(heap, list)?.push(value.clone());
            Value::Bool(true)
        }
        ("add", [Value::Int(index), value]) => {
            let place = position(*index, size + 1)?;
            insert(heap, list, place, vec![value.clone()])?;
            nothing()
        }
        ("addAll", [more]) => {
            let Some(more) = heap.elements(more)? else { return Ok(None) };
            let changed = !more.is_empty();
            insert(heap, list, size, more)?;
            Value::Bool(changed)
        }
        ("addAll", [Value::Int(index), more]) => {
            let Some(more) = heap.elements(more)? else { return Ok(None) };
            let (place, changed) = (position(*index, size + 1)?, !more.is_empty());
            insert(heap, list, place, more)?;
            Value::Bool(changed)
        }
        ("remove", [Value::Int(index)]) => {
            let place = position(*index, size)?;
            heap.meter.steps(size as u64 / 16)?;
            items(heap, list)?.remove(place)
        }
        ("remove", [value]) => match find(heap, list, value, false)? {
            Some(place) => {
                items(heap, list)?.remove(place);
                Value::Bool(true)
            }
            None => Value::Bool(false),
        },
        ("removeAll", [others]) => Value::Bool(retain(heap, list, others, false)?),
        ("retainAll", [others]) => Value::Bool(retain(heap, list, others, true)?),
        ("clear", []) => {
            items(heap, list)?.clear();
            nothing()
        }
        ("contains", [value]) => Value::Bool(find(heap, list, value, false)?.is_some()),
        ("containsAll", [others]) => {
            let Some(others) = heap.elements(others)? else { return Ok(None) };
            for other in others {
                if find(heap, list, &other, false)?.is_none() {
                    return Ok(Some(Value::Bool(false)));
                }
            }
            Value::Bool(true)
        }
        ("indexOf", [value]) => find(heap, list, value, false)?.map_or(Value::Int(-1), Value::from),
        ("lastIndexOf", [value]) => find(heap, list, value, true)?.map_or(Value::Int(-1), Value::from),
        ("subList", [Value::Int(from), Value::Int(to)]) => {
            if *from < 0 || from > to || *to > size as i64 {
                return Err(Failure::method(format!(
                    "There is no part from {from} to {to} in a list of {size}"
                )));
            }
            let part = items(heap, list)?[*from as usize..*to as usize].to_vec();
            heap.new_list(part)?
        }
        ("toArray", []) => {
            let items = heap.elements(&this)?.unwrap_or_default();
            heap.new_list_of(items, Form::Array)?
        }
        ("iterator" | "listIterator", []) => {
            let items = heap.elements(&this)?.unwrap_or_default();
            heap.add(Thing::Iterator { items, next: 0 }, 0)?
        }
        _ => return Ok(None),
    }))
}

/// The place of an item; methods, unlike brackets, do not count from the end.
fn position(index: i64, size: usize) -> Result<usize> {
    if index < 0 { Err(out_of_bounds(index, size)) } else { place(index, size) }
}

fn items(heap: &mut Heap, list: Handle) -> Result<&mut Vec<Value>> {
    match heap.items(&Value::Object(list))? {
        Some(items) => Ok(items),
        None => unreachable!("the caller has a list"),
    }
}

fn insert(heap: &mut Heap, list: Handle, place: usize, more: Vec<Value>) -> Result<()> {
    let size = heap.size(&Value::Object(list)).unwrap_or_default();
    heap.meter.bytes(more.len() * 2 * size_of::<Value>())?;
    heap.meter.steps(size as u64 / 16)?;
    items(heap, list)?.splice(place..place, more);
    Ok(())
}

/// Where an equal item is, from the front or from the back.
fn find(heap: &mut Heap, list: Handle, value: &Value, last: bool) -> Result<Option<usize>> {
    let size = heap.size(&Value::Object(list)).unwrap_or_default();
    for count in 0..size {
        let place = if last { size - 1 - count } else { count };
        let item = heap.item(list, place)?.unwrap_or_default();
        if heap.equal(&item, value)? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// Keeps the items that are among `others`, or those that are not. Tells whether that changed anything.
fn retain(heap: &mut Heap, list: Handle, others: &Value, keep: bool) -> Result<bool> {
    let Some(others) = heap.elements(others)? else { return Ok(false) };
    let all = heap.elements(&Value::Object(list))?.unwrap_or_default();
    let (size, mut kept) = (all.len(), Vec::new());
    for item in all {
        let mut among = false;
        for other in &others {
            if heap.equal(&item, other)? {
                among = true;
                break;
            }
        }
        if among == keep {
            kept.push(item);
        }
    }
    let changed = kept.len() != size;
    if let Thing::List(List { items, .. }) = heap.thing_mut(list) {
        *items = crate::heap::Items::Values(kept);
    }
    Ok(changed)
}
