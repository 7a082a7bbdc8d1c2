//! Base64 with the standard alphabet (RFC 4648 §4).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// With padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0u32, |group, place| group << 8 | u32::from(*chunk.get(place).unwrap_or(&0)));
        for place in 0..4 {
            let symbol = ALPHABET[(group >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= chunk.len() { char::from(symbol) } else { '=' });
        }
    }
    out
}

/// Padding may be missing, as in Java's decoder; any other character, or a lone one, is refused.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let symbols = text.trim_end_matches('=');
    let padding = text.len() - symbols.len();
    if symbols.len() % 4 == 1 || padding > 0 && (padding > 2 || !text.len().is_multiple_of(4)) {
        return None;
    }
    let mut out = Vec::with_capacity(symbols.len() / 4 * 3 + 2);
    for chunk in symbols.as_bytes().chunks(4) {
        let mut group = 0u32;
        for place in 0..4 {
            let bits = match chunk.get(place) {
                Some(symbol) => ALPHABET.iter().position(|known| known == symbol)? as u32,
                None => 0,
            };
            group = group << 6 | bits;
        }
        out.extend(&group.to_be_bytes()[1..chunk.len()]);
    }
    Some(out)
}
