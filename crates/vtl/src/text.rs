//! Text in the forms that `$util` offers: escaped for JavaScript, for URLs, in base 64.

use std::fmt::Write;

pub use appsync_util::text::{base64_decode, base64_encode, url_decode, url_encode};

/// As Java's commons-lang escapes for JavaScript: both quotes and the backslash with a backslash, control
/// characters and whatever is not ASCII by its code; but a slash stays. (`\'` is no JSON.)
pub fn escape_java_script(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut units = [0; 2];
    let is_special = |byte: u8| matches!(byte, b'\'' | b'"' | b'\\') || !(b' '..=b'~').contains(&byte);
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        out.push_str(&rest[..at]);
        let mut characters = rest[at..].chars();
        let character = characters.next().unwrap_or_default();
        rest = characters.as_str();
        match character {
            '\'' | '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // commons-lang leaves it as it is.
            '\u{7f}' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
    }
    out.push_str(rest);
    out
}
