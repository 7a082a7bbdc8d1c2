//! `$now`, `$millis`, `$toMillis`, `$fromMillis`. What "now" is comes from outside.

mod calendar;
mod format;
mod iso;
mod parse;
mod picture;

use super::{number, text};
use crate::error::{Failure, Result, quoted};
use crate::evaluate::Evaluator;
use crate::item::Item;
use crate::number_text::number_text;
use picture::Picture;

/// ISO 8601, the form of a time where no picture is given.
const ISO: &str = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";
/// Times beyond 100,000,000 days from 1970 have no calendar in JavaScript.
const MILLIS_MAX: f64 = 8.64e15;

pub(super) fn millis<'a>(ev: &Evaluator<'a>, _: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    Ok(Item::number(ev.outside.now as f64))
}

pub(super) fn now<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    write(ev, ev.outside.now as f64, &arguments[0], &arguments[1])
}

pub(super) fn from_millis<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    match number(arguments, 0) {
        Some(millis) => write(ev, millis, &arguments[1], &arguments[2]),
        None => Ok(Item::Nothing),
    }
}

fn write<'a>(ev: &Evaluator<'a>, millis: f64, picture: &Item<'a>, zone: &Item<'a>) -> Result<Item<'a>> {
    if millis.is_nan() || millis.abs() > MILLIS_MAX {
        return Err(Failure::new("D1001").value(number_text(millis)));
    }
    let picture = picture.as_text().map_or(ISO, |picture| picture.as_str());
    ev.meter.steps(8 + picture.len() as u64)?;
    let picture = Picture::read(picture)?;
    let offset = zone.as_text().map_or(0, |zone| offset_minutes(zone));
    let written = format::format(&ev.meter, millis.floor() as i64, &picture, offset)?;
    ev.meter.text(written.len())?;
    Ok(Item::text(written))
}

/// The minutes of a zone such as `-0530`.
fn offset_minutes(zone: &str) -> i64 {
    let (negative, digits) = match zone.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, zone.strip_prefix('+').unwrap_or(zone)),
    };
    let digits = digits.bytes().take_while(u8::is_ascii_digit).take(6);
    let offset = digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    let minutes = offset / 100 * 60 + offset % 100;
    if negative { -minutes } else { minutes }
}

pub(super) fn to_millis<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(timestamp) = text(arguments, 0) else { return Ok(Item::Nothing) };
    let Some(picture) = text(arguments, 1) else {
        let millis = iso::parse(timestamp);
        return match millis {
            Some(millis) => Ok(Item::number(millis as f64)),
            None => Err(Failure::new("D3110").value(quoted(timestamp))),
        };
    };
    ev.meter.steps(8 + (picture.len() + timestamp.len()) as u64)?;
    let picture = Picture::read(picture)?;
    let millis = parse::parse(&ev.meter, timestamp, &picture, ev.outside.now)?;
    Ok(millis.map_or(Item::Nothing, |millis| Item::number(millis as f64)))
}
