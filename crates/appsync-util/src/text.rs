//! Text in other forms: base 64, the encoding of forms, Unicode's normal forms.

use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;

/// No normal form of a character has more bytes for each of its own: U+FDFA has three, and 33 in `nfkd`.
pub const NORMAL_GROWTH_MAX: usize = 11;

/// As a form writes it: a blank is `+`, and letters, digits, `*`, `-`, `.`, `_` stay.
pub fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// Reads what a form wrote. `None`: a `%` has no two hexadecimal digits behind it.
pub fn url_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let [high, low, behind @ ..] = rest else { return None };
                rest = behind;
                let digit = |byte: u8| char::from(byte).to_digit(16);
                bytes.push((digit(*high)? * 16 + digit(*low)?) as u8);
            }
            other => bytes.push(*other),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base 64 with padding.
pub fn base64_encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = BASE64[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() { digit.into() } else { '=' });
        }
    }
    out
}

/// Reads base 64; padding may be missing. `None`: it has characters that are none of it, or ends within a byte.
pub fn base64_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let digits = text.trim_end_matches('=').as_bytes();
    for chunk in digits.chunks(4) {
        let mut bits = 0u32;
        for place in 0..4 {
            let digit =
                chunk.get(place).map_or(Some(0), |digit| BASE64.iter().position(|known| known == digit));
            bits = bits << 6 | digit? as u32;
        }
        if chunk.len() == 1 {
            return None;
        }
        bytes.extend(&bits.to_be_bytes()[1..chunk.len()]);
    }
    Some(bytes)
}

/// `util.str.normalize`
pub fn normalize(text: &str, form: &str) -> Result<String, String> {
    Ok(match form.to_ascii_lowercase().as_str() {
        "nfc" => text.nfc().collect(),
        "nfd" => text.nfd().collect(),
        "nfkc" => text.nfkc().collect(),
        "nfkd" => text.nfkd().collect(),
        _ => return Err(format!("normalize takes nfc, nfd, nfkc or nfkd, not {form}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_normal_form_grows_more() {
        for character in '\0'..=char::MAX {
            let text = character.to_string();
            for form in ["nfc", "nfd", "nfkc", "nfkd"] {
                let normal = normalize(&text, form).unwrap();
                assert!(normal.len() <= text.len() * NORMAL_GROWTH_MAX, "{character:?} as {form}");
            }
        }
        assert!(normalize("x", "nfx").is_err());
    }
}
