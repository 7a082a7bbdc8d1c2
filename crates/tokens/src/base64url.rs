//! Base 64 as tokens have it: with `-` and `_`, without padding. (RFC 4648 §5)

/// The bytes; nothing if there is another character, or a bit that no byte needs.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    // Bits that are not in a byte yet, and how many.
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (count < 6 && bits == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn one_text_for_each_value() {
        assert_eq!(decode(""), Some(vec![]));
        assert_eq!(decode("-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(decode("aGk"), Some(b"hi".to_vec()));
        for other in ["a", "aGk=", "aGl", "+/8", "aG k", "aGkä", "aaaaa"] {
            assert_eq!(decode(other), None, "{other}");
        }
    }
}
