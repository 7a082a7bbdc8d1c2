//! MD5s, by which clients check what they send and get. (documented; SDKs compare them)

use md5::{Digest, Md5};

use super::message::{Attribute, AttributeValue};

/// Of a body.
pub(crate) fn of_body(body: &str) -> [u8; 16] {
    Md5::digest(body.as_bytes()).into()
}

/// Of attributes: each name, type and value behind its length (4 bytes, big-endian), a byte between them that says
/// whether the value is text (1) or binary (2); sorted by name.
pub(crate) fn of_attributes<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> [u8; 16] {
    let mut sorted: Vec<_> = attributes.into_iter().collect();
    sorted.sort_by(|one, other| one.name.cmp(&other.name));
    let mut whole = Vec::new();
    let mut put = |bytes: &[u8], kind: Option<u8>| {
        whole.extend(kind);
        whole.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
        whole.extend_from_slice(bytes);
    };
    for attribute in sorted {
        put(attribute.name.as_bytes(), None);
        put(attribute.data_type.as_bytes(), None);
        match &attribute.value {
            AttributeValue::Text(text) => put(text.as_bytes(), Some(1)),
            AttributeValue::Binary(bytes) => put(bytes, Some(2)),
        }
    }
    Md5::digest(&whole).into()
}

/// As the API writes it.
pub(crate) fn hex(digest: [u8; 16]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_that_clients_compute() {
        assert_eq!(hex(of_body("hello")), "5d41402abc4b2a76b9719d911017c592");
        let text = |name: &str, data_type: &str, value: &str| Attribute {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            value: AttributeValue::Text(value.to_owned()),
        };
        let (one, two) = (text("b", "Number", "1"), text("a", "String", "x"));
        assert_eq!(of_attributes([&one, &two]), of_attributes([&two, &one]));
        let spelled = b"\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01x";
        assert_eq!(of_attributes([&two]), <[u8; 16]>::from(Md5::digest(spelled)));
    }
}
