//! AWS's additions: `$partition`, `$range`, `$hash`, `$random`, `$uuid`, `$parse`.

use std::fmt::Write;

use json::Value;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{number, text, whole};
use crate::error::{Failure, Problem, Result};
use crate::evaluate::Evaluator;
use crate::item::Item;

/// An argument of the right type with a wrong value; JSONata has no code for that.
fn wrong(message: impl Into<String>) -> Box<Failure> {
    Failure::of(Problem::Thrown, message)
}

pub(super) fn partition<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let array = &arguments[0];
    let (Some(len), Some(size)) = (array.array_len(), number(arguments, 1)) else {
        return Ok(Item::Nothing);
    };
    let size = whole(size);
    if size < 1 {
        return Err(wrong(format!("The chunk size must be a positive number, but it is {size}")));
    }
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    ev.meter.steps(len as u64)?;
    let mut parts = ev.builder()?;
    let mut start = 0;
    while start < len {
        let end = start.saturating_add(size).min(len);
        let mut part = ev.builder()?;
        for index in start..end {
            part.push(array.at(index))?;
        }
        parts.push(part.into_array()?)?;
        start = end;
    }
    parts.into_sequence()
}

pub(super) fn range<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let (Some(first), Some(last), Some(step)) =
        (number(arguments, 0), number(arguments, 1), number(arguments, 2))
    else {
        return Ok(Item::Nothing);
    };
    let (first, last, step) = (whole(first), whole(last), whole(step));
    if step == 0 {
        return Err(wrong("The step of a range must not be 0"));
    }
    let mut builder = ev.builder()?;
    let mut next = first;
    while if step > 0 { next <= last } else { next >= last } {
        ev.meter.steps(1)?;
        builder.push(Item::number(next as f64))?;
        let Some(more) = next.checked_add(step) else { break };
        next = more;
    }
    builder.into_sequence()
}

pub(super) fn hash<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let (Some(data), Some(algorithm)) = (text(arguments, 0), text(arguments, 1)) else {
        return Ok(Item::Nothing);
    };
    // A digest works for longer on a byte than anything else does, and on no byte as long as on a block.
    ev.meter.steps(32 + data.len() as u64 / 8)?;
    let bytes = data.as_bytes();
    Ok(Item::text(match algorithm.as_str() {
        "MD5" => hexadecimal(&Md5::digest(bytes)),
        "SHA-1" => hexadecimal(&Sha1::digest(bytes)),
        "SHA-256" => hexadecimal(&Sha256::digest(bytes)),
        "SHA-384" => hexadecimal(&Sha384::digest(bytes)),
        "SHA-512" => hexadecimal(&Sha512::digest(bytes)),
        other => {
            return Err(wrong(format!(
                "The algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512, but it is {other}"
            )));
        }
    }))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut digits, byte| {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// From 0 (included) to 1 (excluded); the same seed gives the same number.
pub(super) fn random<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    const UNIT: f64 = 1.0 / (1u64 << 53) as f64;
    let bits = match number(arguments, 0) {
        Some(seed) => java_random_bits(whole(seed)),
        None => ev.random() >> 11,
    };
    Ok(Item::number(bits as f64 * UNIT))
}

/// The 53 bits of Java's `new Random(seed).nextDouble()`, which a service written in Java would give.
fn java_random_bits(seed: i64) -> u64 {
    const MULTIPLIER: u64 = 0x5_deec_e66d;
    const MASK: u64 = (1 << 48) - 1;
    let mut state = (seed as u64 ^ MULTIPLIER) & MASK;
    let mut next = |bits: u32| {
        state = state.wrapping_mul(MULTIPLIER).wrapping_add(0xb) & MASK;
        state >> (48 - bits)
    };
    let high = next(26);
    (high << 27) + next(27)
}

/// A version 4 UUID.
pub(super) fn uuid<'a>(ev: &Evaluator<'a>, _: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    ev.meter.steps(16)?;
    let (high, low) = (ev.random(), ev.random());
    let high = high & 0xffff_ffff_ffff_0fff | 0x4000;
    let low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
    Ok(Item::text(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )))
}

/// The value of a JSON text.
pub(super) fn parse<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(text) = text(arguments, 0) else { return Ok(Item::Nothing) };
    // A value takes 24 bytes and may be written with two: `1,`.
    ev.meter.take(text.len().saturating_mul(12))?;
    ev.meter.room(text.len().saturating_mul(24))?;
    ev.meter.steps(1 + text.len() as u64 / 4)?;
    Value::parse(text).map(Item::Own).map_err(|error| wrong(error.message))
}
