//! `$sum`, `$count`, `$max`, `$min`, `$average`.

use crate::error::Result;
use crate::evaluate::Evaluator;
use crate::item::Item;

/// Folds the numbers of an array; nothing of nothing.
fn fold(
    evaluator: &Evaluator<'_>,
    array: &Item<'_>,
    start: f64,
    step: impl Fn(f64, f64) -> f64,
) -> Result<Option<f64>> {
    let Some(len) = array.array_len() else { return Ok(None) };
    evaluator.meter.steps(len as u64)?;
    Ok(Some((0..len).filter_map(|index| array.at(index).as_number()).fold(start, step)))
}

pub(super) fn sum<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    Ok(fold(ev, &arguments[0], 0.0, |sum, number| sum + number)?.map_or(Item::Nothing, Item::number))
}

pub(super) fn count<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    Ok(Item::count(arguments[0].array_len().unwrap_or(0)))
}

pub(super) fn max<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    extreme(ev, &arguments[0], f64::NEG_INFINITY, f64::max)
}

pub(super) fn min<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    extreme(ev, &arguments[0], f64::INFINITY, f64::min)
}

fn extreme<'a>(
    ev: &Evaluator<'a>,
    array: &Item<'a>,
    start: f64,
    step: impl Fn(f64, f64) -> f64,
) -> Result<Item<'a>> {
    if array.array_len() == Some(0) {
        return Ok(Item::Nothing);
    }
    Ok(fold(ev, array, start, step)?.map_or(Item::Nothing, Item::number))
}

pub(super) fn average<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let len = arguments[0].array_len().unwrap_or(0);
    if len == 0 {
        return Ok(Item::Nothing);
    }
    let sum = fold(ev, &arguments[0], 0.0, |sum, number| sum + number)?;
    Ok(sum.map_or(Item::Nothing, |sum| Item::number(sum / len as f64)))
}
