//! `$string`, `$length`, `$substring…`, `$lowercase`, `$uppercase`, `$trim`, `$pad`, `$join`.
//!
//! Characters are code points, not UTF-16 units.

use super::{number, text, whole};
use crate::error::Result;
use crate::evaluate::Evaluator;
use crate::item::Item;
use crate::stringify;

pub(super) fn string<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let value = arguments[0].clone().unwrapped();
    if value.is_nothing() || value.as_text().is_some() {
        return Ok(value);
    }
    let pretty = arguments.get(1).and_then(Item::as_bool).unwrap_or(false);
    Ok(Item::text(stringify::string(&ev.meter, &value, pretty)?))
}

pub(super) fn length<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(text) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.steps(text.len() as u64 / 64)?;
    Ok(Item::count(text.chars().count()))
}

pub(super) fn substring<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(text) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.text(text.len())?;
    let count = text.chars().count() as i64;
    let start = number(arguments, 1).map_or(0, whole);
    // Without a start there is no end either.
    if number(arguments, 1).is_none() && number(arguments, 2).is_some() {
        return Ok(Item::text(""));
    }
    // A start before the text's begins at its begin; a negative one counts from its end.
    let start = if start < 0 { start.saturating_add(count).max(0) } else { start };
    let end = match number(arguments, 2).map(whole) {
        Some(length) if length <= 0 => return Ok(Item::text("")),
        Some(length) => start.saturating_add(length),
        None => i64::MAX,
    };
    let characters = text.chars().skip(start as usize);
    let part: String = characters.take((end - start).max(0) as usize).collect();
    Ok(Item::text(part))
}

pub(super) fn substring_before<'a>(
    ev: &Evaluator<'a>,
    arguments: &[Item<'a>],
    _: &Item<'a>,
) -> Result<Item<'a>> {
    let Some(whole) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.text(whole.len())?;
    let place = text(arguments, 1).and_then(|part| whole.find(part.as_str()));
    Ok(place.map_or_else(|| arguments[0].clone(), |place| Item::text(&whole[..place])))
}

pub(super) fn substring_after<'a>(
    ev: &Evaluator<'a>,
    arguments: &[Item<'a>],
    _: &Item<'a>,
) -> Result<Item<'a>> {
    let Some(whole) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.text(whole.len())?;
    let found = text(arguments, 1).and_then(|part| Some(whole.find(part.as_str())? + part.len()));
    Ok(found.map_or_else(|| arguments[0].clone(), |end| Item::text(&whole[end..])))
}

pub(super) fn lowercase<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(text) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.text(text.len())?;
    Ok(Item::text(text.to_lowercase()))
}

pub(super) fn uppercase<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(text) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.text(text.len())?;
    Ok(Item::text(text.to_uppercase()))
}

pub(super) fn trim<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(text) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.text(text.len())?;
    let words = text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
    Ok(Item::text(words.collect::<Vec<_>>().join(" ")))
}

pub(super) fn pad<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(word) = text(arguments, 0) else { return Ok(Item::Nothing) };
    let width = number(arguments, 1).map_or(0, whole);
    let filler = text(arguments, 2).filter(|filler| !filler.is_empty()).map_or(" ", |filler| filler.as_str());
    ev.meter.steps(word.len() as u64 / 64)?;
    let missing = width.unsigned_abs().saturating_sub(word.chars().count() as u64);
    // Four bytes hold any character.
    ev.meter.text((missing as usize).saturating_mul(4).saturating_add(word.len()))?;
    let padding: String = filler.chars().cycle().take(missing as usize).collect();
    Ok(Item::text(if width > 0 { format!("{word}{padding}") } else { format!("{padding}{word}") }))
}

pub(super) fn join<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let array = &arguments[0];
    let Some(len) = array.array_len() else { return Ok(Item::Nothing) };
    let separator = text(arguments, 1).map_or("", |separator| separator.as_str());
    ev.meter.steps(len as u64)?;
    let lengths = (0..len).map(|index| array.at(index).as_text().map_or(0, |part| part.len()));
    let length = lengths.sum::<usize>().saturating_add(separator.len().saturating_mul(len.saturating_sub(1)));
    ev.meter.text(length)?;
    let mut joined = String::with_capacity(length);
    for index in 0..len {
        if index > 0 {
            joined.push_str(separator);
        }
        if let Some(part) = array.at(index).as_text() {
            joined.push_str(part);
        }
    }
    Ok(Item::text(joined))
}
