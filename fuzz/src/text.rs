//! Varies a case: its expression by pieces of the language, its input as JSON.
//!
//! The fuzzer's own changes are of bytes, and most of what they make of an expression is none.

use libfuzzer_sys::fuzzer_mutate;

use crate::tree::{self, Chance};

/// A changed case in the first bytes of `data`; returns how many. `size` bytes are there, and at most
/// `size_max` may be.
pub fn vary_case(data: &mut [u8], size: usize, size_max: usize, seed: u32, pieces: &[&str]) -> usize {
    let mut chance = Chance::new(seed);
    if chance.one_in(3) {
        return fuzzer_mutate(data, size, size_max);
    }
    let Some((input, text)) = std::str::from_utf8(&data[..size]).ok().and_then(|case| case.split_once('\n'))
    else {
        return fuzzer_mutate(data, size, size_max);
    };
    let (mut input, mut text) = (input.to_owned(), text.to_owned());
    if chance.one_in(5) {
        input = tree::varied(&input, &mut chance, &INPUTS).unwrap_or_else(|| chance.pick(&INPUTS).to_owned());
    } else {
        for _ in 0..1 + chance.below(3) {
            vary_text(&mut text, pieces, &mut chance);
        }
    }
    put(data, size_max, &format!("{input}\n{text}")).unwrap_or_else(|| fuzzer_mutate(data, size, size_max))
}

/// The same for a text that has no input before it.
pub fn vary_pieces(data: &mut [u8], size: usize, size_max: usize, seed: u32, pieces: &[&str]) -> usize {
    let mut chance = Chance::new(seed);
    if chance.one_in(3) {
        return fuzzer_mutate(data, size, size_max);
    }
    let Ok(text) = std::str::from_utf8(&data[..size]) else { return fuzzer_mutate(data, size, size_max) };
    let mut text = text.to_owned();
    for _ in 0..1 + chance.below(3) {
        vary_text(&mut text, pieces, &mut chance);
    }
    put(data, size_max, &text).unwrap_or_else(|| fuzzer_mutate(data, size, size_max))
}

/// Inputs, and values in them.
const INPUTS: [&str; 16] = [
    "null",
    "true",
    "0",
    "-1.5",
    "1e300",
    "9007199254740993",
    "\"\"",
    "\"a\"",
    "\"2024-02-29T12:00:00.5Z\"",
    "\"$.a\"",
    "[]",
    "[1,2,3]",
    "[[1],[2,[3]]]",
    "{}",
    "{\"a\":[{\"b\":1},{\"b\":2}]}",
    "{\"a\":{\"a\":{\"a\":\"a\"}}}",
];

/// One change: a piece comes in, something goes out, something moves, or something stands twice.
fn vary_text(text: &mut String, pieces: &[&str], chance: &mut Chance) {
    let (from, to) = span(text, chance);
    let taken = text[from..to].to_owned();
    match chance.below(8) {
        0 | 1 => text.insert_str(from, chance.pick(pieces)),
        2 | 3 => text.replace_range(from..to, chance.pick(pieces)),
        4 => text.replace_range(from..to, ""),
        5 => text.insert_str(to, &taken),
        6 => {
            let (at, _) = span(text, chance);
            text.insert_str(at, &taken);
        }
        _ => {
            let times = 1 + chance.below(64);
            text.insert_str(to, &chance.pick(pieces).repeat(times));
        }
    }
}

/// Somewhere in the text: from a token's beginning to the end of it or of one soon after.
fn span(text: &str, chance: &mut Chance) -> (usize, usize) {
    let mut bounds = vec![0];
    let mut before = None;
    for (place, character) in text.char_indices() {
        let is_word = character.is_alphanumeric() || character == '_';
        if !is_word || before == Some(false) {
            bounds.push(place);
        }
        before = Some(is_word);
    }
    bounds.push(text.len());
    bounds.dedup();
    let first = chance.below(bounds.len());
    let last = (first + chance.below(6)).min(bounds.len() - 1);
    (bounds[first], bounds[last])
}

/// Writes a text into the fuzzer's buffer, if it fits.
pub(crate) fn put(data: &mut [u8], size_max: usize, text: &str) -> Option<usize> {
    let room = size_max.min(data.len());
    data[..room].get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    Some(text.len())
}
