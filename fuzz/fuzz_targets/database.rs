//! A database that says whatever it likes: what is read of it is bounded, and told of.
//!
//! The first line is `postgres` or `mysql`, how many of the last bytes come again and again, and, behind `framed`, a mark: what stands
//! between two of them is a message, whose length is put before it. The rest is what the server says.

#![no_main]

use libfuzzer_sys::fuzz_target;
use relational::hostile::{self, Says};

/// A server hangs up after so much: two answers that are as long as answers may be.
const BYTES_MAX: usize = 3 << 20;

fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(head) = std::str::from_utf8(&data[..end]) else { return };
    let said = &data[end + 1..];
    let mut words = head.split(' ');
    let (scheme, again) = (words.next().unwrap_or_default(), words.next().and_then(|word| word.parse().ok()));
    if !matches!(scheme, "postgres" | "mysql") {
        return;
    }
    let bytes = match (words.next(), words.next()) {
        (Some("framed"), Some(mark)) if !mark.is_empty() => framed(scheme, said, mark.as_bytes()),
        _ => said.to_vec(),
    };
    let bytes_max = if again.is_some() { BYTES_MAX } else { bytes.len() };
    let says = Says { bytes, again: again.unwrap_or(0), bytes_max };
    let heard = fuzz::bounded(|| hostile::ask(&format!("{scheme}://ada:secret@localhost/orders"), says));
    assert!(!heard.answers.is_empty());
    for answer in heard.answers {
        match answer {
            Ok([records, json]) => {
                assert!(json::Value::parse(&records).is_ok(), "{records}");
                assert!(!json.is_empty());
            }
            Err(error) => assert!(!error.is_empty()),
        }
    }
});

/// Messages with the lengths that they have.
fn framed(scheme: &str, said: &[u8], mark: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(said.len() * 2);
    let mut rest = said;
    let mut number = 0_u8;
    while !rest.is_empty() {
        let end = rest.windows(mark.len()).position(|window| window == mark);
        let (payload, behind) = match end {
            Some(end) => (&rest[..end], &rest[end + mark.len()..]),
            None => (rest, &[][..]),
        };
        rest = behind;
        match (scheme, payload.split_first()) {
            ("postgres", Some((&tag, payload))) => bytes.extend(hostile::message(tag, payload)),
            ("postgres", None) => {}
            _ => bytes.extend(hostile::packet(number, payload)),
        }
        number = number.wrapping_add(1);
    }
    bytes
}
