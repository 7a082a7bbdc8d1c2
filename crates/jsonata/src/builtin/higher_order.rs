//! `$map`, `$filter`, `$single`, `$reduce`, `$each`, `$sift`: functions that take functions.

use super::item;
use crate::error::{Failure, Result};
use crate::evaluate::{Callback, Evaluator, truth};
use crate::item::{self as items, Item};

pub(super) fn map<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let array = &arguments[0];
    let (Some(len), Some(function)) = (array.array_len(), arguments[1].as_function()) else {
        return Ok(Item::Nothing);
    };
    let mut callback = Callback::new(function);
    let mut builder = ev.builder()?;
    for index in 0..len {
        ev.meter.steps(1)?;
        let result = callback.call(ev, [array.at(index), Item::count(index), array.clone()])?;
        if !result.is_nothing() {
            builder.push(result)?;
        }
    }
    builder.into_sequence()
}

pub(super) fn filter<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let array = &arguments[0];
    let (Some(len), Some(function)) = (array.array_len(), arguments[1].as_function()) else {
        return Ok(Item::Nothing);
    };
    let mut callback = Callback::new(function);
    let mut builder = ev.builder()?;
    for index in 0..len {
        ev.meter.steps(1)?;
        let entry = array.at(index);
        if truth(&callback.call(ev, [entry.clone(), Item::count(index), array.clone()])?) {
            builder.push(entry)?;
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
            Some(callback) => truth(&callback.call(ev, [entry.clone(), Item::count(index), array.clone()])?),
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
        let given = [result, array.at(index), Item::count(index), array.clone()];
        result = callback.call_with(ev, given, 2)?;
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
        let result = callback.call(ev, [member, Item::text(name), object.clone()])?;
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
        if truth(&callback.call(ev, [member.clone(), Item::text(name.clone()), object.clone()])?) {
            members.push((name, member));
        }
    }
    if members.is_empty() { Ok(Item::Nothing) } else { items::object(&ev.meter, members) }
}
