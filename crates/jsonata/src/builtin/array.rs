//! `$append`, `$distinct`, `$reverse`, `$shuffle`, `$sort`, `$zip`.

use std::collections::BTreeSet;

use crate::equal::{equal, scalar_key};
use crate::error::{Failure, Result};
use crate::evaluate::{Callback, Evaluator, compare_texts, merge_sort, truth};
use crate::item::{Builder, Item};

pub(super) fn append<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let (one, two) = (&arguments[0], &arguments[1]);
    if one.is_nothing() {
        return Ok(two.clone());
    }
    if two.is_nothing() {
        return Ok(one.clone());
    }
    let len = one.array_len().unwrap_or(1) + two.array_len().unwrap_or(1);
    // To copy an item is less than a step, and arrays are often built by appending one to many.
    ev.meter.steps(1 + len as u64 / 8)?;
    let mut builder = Builder::with_capacity(&ev.meter, len)?;
    builder.append(one)?;
    builder.append(two)?;
    builder.into_array()
}

pub(super) fn distinct<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let array = &arguments[0];
    let Some(len) = array.array_len().filter(|len| *len > 1) else { return Ok(array.clone()) };
    ev.meter.steps(len as u64)?;
    ev.meter.take(len.saturating_mul(48))?;
    let mut scalars = BTreeSet::new();
    // Arrays and objects, which only a comparison with each tells apart.
    let mut others: Vec<Item<'a>> = Vec::new();
    let mut builder = ev.builder()?;
    for index in 0..len {
        let item = array.at(index);
        let new = match scalar_key(&item) {
            Some(key) => scalars.insert(key),
            None => {
                let mut new = true;
                for other in &others {
                    if equal(&ev.meter, other, &item)? {
                        new = false;
                        break;
                    }
                }
                if new {
                    others.push(item.clone());
                }
                new
            }
        };
        if new {
            builder.push(item)?;
        }
    }
    if array.is_sequence() { builder.into_sequence() } else { builder.into_array() }
}

pub(super) fn reverse<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let array = &arguments[0];
    let Some(len) = array.array_len().filter(|len| *len > 1) else { return Ok(array.clone()) };
    ev.meter.steps(len as u64)?;
    let mut builder = Builder::with_capacity(&ev.meter, len)?;
    for index in (0..len).rev() {
        builder.push(array.at(index))?;
    }
    builder.into_array()
}

pub(super) fn shuffle<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let array = &arguments[0];
    let Some(len) = array.array_len().filter(|len| *len > 1) else { return Ok(array.clone()) };
    ev.meter.steps(len as u64)?;
    let mut builder = Builder::with_capacity(&ev.meter, len)?;
    for index in 0..len {
        builder.push(array.at(index))?;
        let other = (ev.random() % (index as u64 + 1)) as usize;
        builder.items.swap(index, other);
    }
    builder.into_array()
}

pub(super) fn sort<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let array = &arguments[0];
    let Some(len) = array.array_len().filter(|len| *len > 1) else { return Ok(array.clone()) };
    ev.meter.steps(len as u64)?;
    let mut builder = Builder::with_capacity(&ev.meter, len)?;
    for index in 0..len {
        builder.push(array.at(index))?;
    }
    let items = std::mem::take(&mut builder.items);
    builder.items = match arguments.get(1).and_then(Item::as_function) {
        Some(function) => {
            let mut callback = Callback::new(function);
            merge_sort(&ev.meter, items, &mut |items: &[Item<'a>], one, two| {
                ev.meter.steps(1)?;
                let (one, two) = (&items[one], &items[two]);
                Ok(truth(
                    &callback
                        .call(ev, 2, 2, |place| if place == 0 { one.clone() } else { two.clone() })?
                        .collapsed(),
                ))
            })?
        }
        None => {
            let numbers = items.iter().all(|item| item.as_number().is_some());
            if !numbers && !items.iter().all(|item| item.as_text().is_some()) {
                return Err(Failure::new("D3070"));
            }
            merge_sort(&ev.meter, items, &mut |items: &[Item<'a>], one, two| {
                ev.meter.steps(1)?;
                let (one, two) = (&items[one], &items[two]);
                Ok(match (one.as_text(), two.as_text()) {
                    (Some(one), Some(two)) => compare_texts(one, two).is_gt(),
                    _ => one.as_number() > two.as_number(),
                })
            })?
        }
    };
    builder.into_array()
}

pub(super) fn zip<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let len = arguments.iter().map(|array| array.array_len().unwrap_or(0)).min().unwrap_or(0);
    ev.meter.steps(len.saturating_mul(arguments.len()) as u64)?;
    let mut builder = ev.builder()?;
    for index in 0..len {
        let mut row = Builder::with_capacity(&ev.meter, arguments.len())?;
        for array in arguments {
            row.push(array.at(index))?;
        }
        builder.push(row.into_array()?)?;
    }
    builder.into_array()
}
