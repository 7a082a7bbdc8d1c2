//! Percent encoding, and query strings.

/// The bytes that an encoded text stands for; text that is no encoding stays as it is.
pub(crate) fn decode(text: &str) -> String {
    decode_with(text, false)
}

fn decode_with(text: &str, plus_is_blank: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        let escape = (first == b'%').then(|| after.get(..2)).flatten();
        let byte = escape.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None if first == b'+' && plus_is_blank => bytes.push(b' '),
            None => bytes.push(first),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// All but RFC 3986's unreserved characters and those in `kept`.
pub(crate) fn encode(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let character = char::from(byte);
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~')
            || kept.contains(character)
        {
            out.push(character);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Names and values of a query string, in its order.
pub(crate) fn parse_query(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let decoded = |text| decode_with(text, true);
    pairs
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => (decoded(name), decoded(value)),
            None => (decoded(pair), String::new()),
        })
        .collect()
}

/// The query string of names and values.
pub(crate) fn query<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let pairs = pairs.into_iter().map(|(name, value)| format!("{}={}", encode(name, ""), encode(value, "")));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_round() {
        for text in ["a b/c?ü&=+%", "", "100%", "日本"] {
            assert_eq!(decode(&encode(text, "")), text);
        }
        assert_eq!(decode("100%zz%4"), "100%zz%4");
        assert_eq!(encode("a/b c", "/"), "a/b%20c");
    }

    #[test]
    fn queries() {
        let pairs = parse_query("a=1&a=2&b=x+y%26&c&&=d");
        let shown: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        assert_eq!(shown, ["a:1", "a:2", "b:x y&", "c:", ":d"]);
        assert_eq!(query([("a", "x y"), ("b", "&")]), "a=x%20y&b=%26");
    }
}
