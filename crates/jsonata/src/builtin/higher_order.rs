//! `$map`, `$filter`, `$single`, `$reduce`, `$each`, `$sift`: functions that take functions.

use json::Text;

use super::item;
use crate::error::{Failure, Result};
use crate::evaluate::{Callback, Evaluator, truth};
use crate::item::{self as items, Item};

/// What a callback gets for an item: the item, its place, the array.
fn argument<'a>(place: usize, entry: &Item<'a>, index: usize, array: &Item<'a>) -> Item<'a> {
    match place {
        0 => entry.clone(),
        1 => Item::count(index),
        _ => array.clone(),
    }
}

/// What a callback gets for a member: its value, its name, the object.
fn of_object<'a>(place: usize, name: &Text, member: &Item<'a>, object: &Item<'a>) -> Item<'a> {
    match place {
        0 => member.clone(),
        1 => Item::text(name.clone()),
        _ => object.clone(),
    }
}

pub(super) fn map<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    for_each(ev, arguments, |_, answer| answer)
}

pub(super) fn filter<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    for_each(ev, arguments, |entry, answer| if truth(&answer) { entry } else { Item::Nothing })
}

/// Calls the function for each item; what `chosen` makes of the item and the answer comes into the sequence.
#[inline]
fn for_each<'a>(
    ev: &Evaluator<'a>,
    arguments: &[Item<'a>],
    chosen: impl Fn(Item<'a>, Item<'a>) -> Item<'a>,
) -> Result<Item<'a>> {
    let array = &arguments[0];
    let (Some(len), Some(function)) = (array.array_len(), arguments[1].as_function()) else {
        return Ok(Item::Nothing);
    };
    let mut callback = Callback::new(function);
    let mut builder = ev.builder()?;
    for index in 0..len {
        ev.meter.steps(1)?;
        let entry = array.at(index);
        let answer = callback.call(ev, 1, 3, |place| argument(place, &entry, index, array))?;
        let chosen = chosen(entry, answer);
        if !chosen.is_nothing() {
            builder.push(chosen)?;
        }
    }
    builder.into_sequence()
}

pub(super) fn single<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let array = &arguments[0];
    let Some(len) = array.array_len() else { return Ok(Item::Nothing) };
    let mut callback = arguments.get(1).and_then(Item::as_function).map(Callback::new);
    let mut found = None;
    for index in 0..len {
        ev.meter.steps(1)?;
        let entry = array.at(index);
        let fits = match &mut callback {
            Some(callback) => truth(&callback.call(ev, 1, 3, |place| argument(place, &entry, index, array))?),
            None => true,
        };
        if fits && found.replace(entry).is_some() {
            return Err(Failure::new("D3138"));
        }
    }
    found.ok_or_else(|| Failure::new("D3139"))
}

pub(super) fn reduce<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let array = &arguments[0];
    let (Some(len), Some(function)) = (array.array_len(), arguments[1].as_function()) else {
        return Ok(Item::Nothing);
    };
    let mut callback = Callback::new(function);
    if callback.arity() < 2 {
        return Err(Failure::new("D3050").index(1));
    }
    let start = item(arguments, 2);
    let (mut result, first) = if start.is_nothing() && len > 0 { (array.at(0), 1) } else { (start, 0) };
    for index in first..len {
        ev.meter.steps(1)?;
        result = callback.call(ev, 2, 4, |place| match place {
            0 => result.clone(),
            1 => array.at(index),
            2 => Item::count(index),
            _ => array.clone(),
        })?;
    }
    Ok(result)
}

pub(super) fn each<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let object = &arguments[0];
    let Some(function) = arguments[1].as_function() else { return Ok(Item::Nothing) };
    let mut callback = Callback::new(function);
    let mut builder = ev.builder()?;
    for (name, member) in object.members() {
        ev.meter.steps(1)?;
        let result = callback.call(ev, 1, 3, |place| of_object(place, &name, &member, object))?;
        if !result.is_nothing() {
            builder.push(result)?;
        }
    }
    builder.into_sequence()
}

pub(super) fn sift<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let object = &arguments[0];
    let Some(function) = arguments[1].as_function() else { return Ok(Item::Nothing) };
    let mut callback = Callback::new(function);
    let mut members = Vec::new();
    for (name, member) in object.members() {
        ev.meter.steps(1)?;
        if truth(&callback.call(ev, 1, 3, |place| of_object(place, &name, &member, object))?) {
            members.push((name, member));
        }
    }
    if members.is_empty() { Ok(Item::Nothing) } else { items::object(&ev.meter, members) }
}
