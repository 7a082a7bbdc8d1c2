//! `$number`, `$floor`, `$ceil`, `$round`, `$abs`, `$sqrt`, `$power`, `$formatBase`.

use super::number as number_at;
use crate::error::{Failure, Result, quoted};
use crate::evaluate::Evaluator;
use crate::item::Item;
use crate::number_text::number_text;

pub(super) fn number<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let value = &arguments[0];
    if let Some(truth) = value.as_bool() {
        return Ok(Item::number(f64::from(u8::from(truth))));
    }
    let Some(text) = value.as_text() else { return Ok(value.clone()) };
    ev.meter.steps(text.len() as u64 / 64)?;
    let number = parse(text).filter(|number| number.is_finite());
    number.map(Item::number).ok_or_else(|| Failure::new("D3030").value(quoted(text)))
}

fn parse(text: &str) -> Option<f64> {
    let prefix = text.get(..2).map(str::to_ascii_lowercase);
    let radix = match prefix.as_deref() {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => return decimal(text),
    };
    let digits = &text[2..];
    if digits.is_empty() {
        return None;
    }
    digits
        .chars()
        .try_fold(0.0, |number, digit| Some(number * f64::from(radix) + f64::from(digit.to_digit(radix)?)))
}

/// As JSON writes numbers, leading zeros allowed.
fn decimal(text: &str) -> Option<f64> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let well_formed = match unsigned.split_once('.') {
        Some((integer, fraction)) => digits(integer) && digits(fraction),
        None => digits(unsigned),
    };
    let exponent_fits =
        exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    if well_formed && exponent_fits { text.parse().ok() } else { None }
}

fn apply<'a>(arguments: &[Item<'a>], function: impl Fn(f64) -> f64) -> Result<Item<'a>> {
    Ok(number_at(arguments, 0).map_or(Item::Nothing, |number| Item::number(function(number))))
}

pub(super) fn floor<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    apply(arguments, f64::floor)
}

pub(super) fn ceil<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    apply(arguments, f64::ceil)
}

pub(super) fn abs<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    apply(arguments, f64::abs)
}

pub(super) fn round<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let precision = number_at(arguments, 1).map_or(0, super::whole);
    // Shifting prints the number and reads it, twice.
    ev.meter.steps(if precision == 0 { 0 } else { 24 })?;
    apply(arguments, |number| round_half_even(number, precision))
}

/// Rounds to so many digits behind the point; a half goes to the even neighbour.
pub(super) fn round_half_even(number: f64, precision: i64) -> f64 {
    if !number.is_finite() {
        return number;
    }
    // Shifting by the decimal text makes 4.515 a half, which 4.515 × 100 is not.
    let rounded = shift(number, precision).round_ties_even();
    let result = shift(rounded, precision.saturating_neg());
    // There is no negative zero in JSON.
    if result == 0.0 { 0.0 } else { result }
}

fn shift(number: f64, digits: i64) -> f64 {
    if digits == 0 || !number.is_finite() {
        return number;
    }
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = exponent.parse::<i64>().unwrap_or(0).saturating_add(digits);
    format!("{mantissa}e{exponent}").parse().unwrap_or(number)
}

pub(super) fn sqrt<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    match number_at(arguments, 0) {
        Some(number) if number < 0.0 => Err(Failure::new("D3060").value(number_text(number))),
        Some(number) => Ok(Item::number(number.sqrt())),
        None => Ok(Item::Nothing),
    }
}

pub(super) fn power<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(base) = number_at(arguments, 0) else { return Ok(Item::Nothing) };
    let Some(exponent) = number_at(arguments, 1) else {
        return Err(Failure::new("D3061").value(number_text(base)).value2("undefined"));
    };
    let result = base.powf(exponent);
    if result.is_finite() {
        return Ok(Item::number(result));
    }
    Err(Failure::new("D3061").value(number_text(base)).value2(number_text(exponent)))
}

pub(super) fn format_base<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(number) = number_at(arguments, 0) else { return Ok(Item::Nothing) };
    let radix = number_at(arguments, 1).map_or(10.0, |radix| round_half_even(radix, 0));
    if !(2.0..=36.0).contains(&radix) {
        return Err(Failure::new("D3100").value(number_text(radix)));
    }
    let number = round_half_even(number, 0);
    if !number.is_finite() {
        return Ok(Item::text(number_text(number)));
    }
    let mut rest = number.abs();
    let mut digits = Vec::new();
    loop {
        let digit = (rest % radix) as u32;
        digits.push(char::from_digit(digit, radix as u32).unwrap_or('0'));
        rest = ((rest - f64::from(digit)) / radix).trunc();
        if rest == 0.0 {
            break;
        }
    }
    if number < 0.0 {
        digits.push('-');
    }
    // There are 1,024 at most.
    ev.meter.steps(4 + digits.len() as u64)?;
    Ok(Item::text(digits.iter().rev().collect::<String>()))
}
