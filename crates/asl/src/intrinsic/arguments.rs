//! What a function asks of an argument, with the sentence that says that it is not so.

use json::{Array, Value};

use crate::java;

/// The length that AWS allows for the texts of Base64 and hashes, in characters.
pub(super) const TEXT_LENGTH_MAX: usize = 10_000;

pub(super) fn array<'a>(value: &'a Value, name: &str) -> Result<&'a Array, String> {
    value.as_array().ok_or_else(|| not(value, name, "an array"))
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| not(value, name, "a string"))
}

pub(super) fn short_text<'a>(value: &'a Value, name: &str) -> Result<&'a str, String> {
    let text = text(value, name)?;
    check_length(text, name)?;
    Ok(text)
}

/// A value's JSON text, if it may be long enough for [`check_length`] at most.
pub(super) fn json_text(value: &Value, name: &str) -> Result<String, String> {
    // A character of UTF-16 has three bytes of UTF-8 at most.
    value.to_text_up_to(3 * TEXT_LENGTH_MAX).ok_or_else(|| too_long(name))
}

pub(super) fn check_length(text: &str, name: &str) -> Result<(), String> {
    // A text of n bytes has at most n characters.
    if text.len() > TEXT_LENGTH_MAX && text.encode_utf16().count() > TEXT_LENGTH_MAX {
        return Err(too_long(name));
    }
    Ok(())
}

fn too_long(name: &str) -> String {
    format!("The {name} is longer than {TEXT_LENGTH_MAX} characters")
}

/// A number, rounded half up if it is no integer, in the range of 32 bits.
pub(super) fn integer(value: &Value, name: &str) -> Result<i64, String> {
    let number = value.as_f64().ok_or_else(|| not(value, name, "a number"))?;
    let rounded = java::round(number);
    if !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&rounded) {
        return Err(format!("The {name} is out of the range of integers: {value}"));
    }
    Ok(rounded as i64)
}

/// Names what is too deep to be walked, which only a chain of states can build.
pub(super) fn check_depth(value: &Value, name: &str) -> Result<(), String> {
    if value.depth_exceeds(json::DEPTH_MAX) {
        return Err(format!("The {name} nests more than {} levels deep", json::DEPTH_MAX));
    }
    Ok(())
}

fn not(value: &Value, name: &str, wanted: &str) -> String {
    format!("The {name} must be {wanted}, but it is of type {}", value.kind())
}
