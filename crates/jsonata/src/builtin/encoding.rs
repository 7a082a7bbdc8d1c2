//! `$base64encode`, `$base64decode`, `$encodeUrl…`, `$decodeUrl…`.

use super::text;
use crate::error::{Failure, Result, quoted};
use crate::evaluate::Evaluator;
use crate::item::Item;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Not escaped in a part of a URL.
const UNRESERVED: &str = "-_.!~*'()";
/// Not escaped in a whole URL either, because they are its structure.
const RESERVED: &str = ";/?:@&=+$,#";

pub(super) fn base64_encode<'a>(
    ev: &Evaluator<'a>,
    arguments: &[Item<'a>],
    _: &Item<'a>,
) -> Result<Item<'a>> {
    let Some(text) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.text(text.len().saturating_mul(2))?;
    let mut out = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place <= chunk.len() {
                let digit = bits >> (18 - 6 * place) & 63;
                out.push(char::from(ALPHABET[digit as usize]));
            } else {
                out.push('=');
            }
        }
    }
    Ok(Item::text(out))
}

pub(super) fn base64_decode<'a>(
    ev: &Evaluator<'a>,
    arguments: &[Item<'a>],
    _: &Item<'a>,
) -> Result<Item<'a>> {
    let Some(text) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.text(text.len())?;
    // Each digit is looked for.
    ev.meter.steps(text.len() as u64 / 2)?;
    let wrong = || Failure::internal("the text is not Base64");
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 || digits.len() % 4 == 1 {
        return Err(wrong());
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let mut bits = 0u32;
    let mut count = 0;
    for digit in digits.bytes() {
        let value = ALPHABET.iter().position(|known| *known == digit).ok_or_else(wrong)?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Ok(Item::text(String::from_utf8_lossy(&bytes).into_owned()))
}

pub(super) fn encode_url_component<'a>(
    ev: &Evaluator<'a>,
    arguments: &[Item<'a>],
    _: &Item<'a>,
) -> Result<Item<'a>> {
    encode(ev, arguments, |character| UNRESERVED.contains(character))
}

pub(super) fn encode_url<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    encode(ev, arguments, |character| UNRESERVED.contains(character) || RESERVED.contains(character))
}

fn encode<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], stays: impl Fn(char) -> bool) -> Result<Item<'a>> {
    let Some(text) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.text(text.len().saturating_mul(3))?;
    ev.meter.steps(4 + text.len() as u64)?;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || stays(character) {
            out.push(character);
            continue;
        }
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(Item::text(out))
}

pub(super) fn decode_url_component<'a>(
    ev: &Evaluator<'a>,
    arguments: &[Item<'a>],
    _: &Item<'a>,
) -> Result<Item<'a>> {
    decode(ev, arguments, "decodeUrlComponent", "")
}

pub(super) fn decode_url<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    decode(ev, arguments, "decodeUrl", RESERVED)
}

/// `stays`: characters whose escapes are left as they are.
fn decode<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], name: &str, stays: &str) -> Result<Item<'a>> {
    let Some(text) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.text(text.len())?;
    ev.meter.steps(text.len() as u64 / 4)?;
    let wrong = || Failure::new("D3140").token(name).value(quoted(text));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = others.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or_else(wrong)?;
        if byte.is_ascii() && stays.contains(char::from(byte)) {
            bytes.push(b'%');
            continue;
        }
        bytes.push(byte);
        rest = &others[2..];
    }
    String::from_utf8(bytes).map(Item::text).map_err(|_| wrong())
}
