//! What a client shows when it connects: which way of speaking it wants, and the header object that lets it in.
//! (spec/appsync-realtime.md §1.1)
//!
//! Never here: who is let in.

use json::{Object, Text, Value};

use super::dialect::Dialect;
use crate::exchange::Request;

/// The header object, wherever it stood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shown {
    /// As it came.
    Header(Object),
    /// None: it may come with the first message.
    Nothing,
    /// It cannot be read.
    Unreadable,
}

/// The way of speaking that a client wants and that we speak; its name is what the answer says.
pub(super) fn dialect(request: &Request) -> Option<(&'static str, Dialect)> {
    protocols(request).find_map(|name| match name {
        "graphql-ws" => Some(("graphql-ws", Dialect::GraphQlWs)),
        "graphql-transport-ws" => Some(("graphql-transport-ws", Dialect::TransportWs)),
        _ => None,
    })
}

/// The header object: an entry beside the protocols, a parameter of the query, or else the headers of the request itself,
/// which AppSync does not look at but clients that are no browsers send.
pub(crate) fn shown(request: &Request) -> Shown {
    let entry = protocols(request).find_map(|name| name.strip_prefix("header-"));
    let parameter = || {
        let pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.clone().find(|(name, value)| *name == "header" && !value.is_empty()).map(|(_, value)| value)
    };
    match entry.or_else(parameter) {
        Some(text) => header(text).map_or(Shown::Unreadable, Shown::Header),
        None => {
            let lets_in = ["x-api-key", "authorization", "x-amz-date", "x-amz-security-token"];
            let own = request
                .headers
                .iter()
                .filter(|(name, _)| lets_in.iter().any(|known| name.eq_ignore_ascii_case(known)));
            let own: Object =
                own.map(|(name, value)| (Text::from(name.as_str()), Value::from(value.as_str()))).collect();
            if own.is_empty() { Shown::Nothing } else { Shown::Header(own) }
        }
    }
}

/// The path of the endpoint that a client asks over HTTP, over which signatures are made.
pub(super) fn endpoint(path: &str) -> String {
    match path.strip_suffix("/realtime") {
        Some(before) if before.ends_with("/graphql") => before.to_owned(),
        Some(before) => format!("{before}/graphql"),
        None => path.to_owned(),
    }
}

/// The entries of `Sec-WebSocket-Protocol`.
pub(crate) fn protocols(request: &Request) -> impl Iterator<Item = &str> {
    let lines = request.headers.iter();
    let lines = lines.filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-protocol"));
    lines.flat_map(|(_, value)| value.split(',')).map(str::trim)
}

/// Base64 of a JSON object.
fn header(text: &str) -> Option<Object> {
    let bytes = from_base64(&crate::exchange::percent_decoded(text))?;
    Value::parse_bytes(&bytes).ok()?.as_object().cloned()
}

/// Either alphabet, padded or not. A plus that was taken for a blank is one again.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').bytes().map(|byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' | b' ' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    });
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for digit in digits {
        bits = (bits << 6) | u32::from(digit?);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "eyJob3N0IjoiaCIsIngtYXBpLWtleSI6ImRhMi0_Pz8-In0";

    fn request(query: &str, protocols: &str) -> Request {
        Request {
            query: query.to_owned(),
            headers: vec![("Sec-WebSocket-Protocol".to_owned(), protocols.to_owned())],
            ..Request::default()
        }
    }

    #[test]
    fn the_header_object_stands_beside_the_protocols_or_in_the_query() {
        let read = |query: &str, protocols: &str| match shown(&request(query, protocols)) {
            Shown::Header(header) => Value::from(header).to_text(),
            other => format!("{other:?}"),
        };
        let expected = r#"{"host":"h","x-api-key":"da2-???>"}"#;
        assert_eq!(read("", &format!("graphql-ws, header-{KEY}")), expected);
        let standard = KEY.replace('_', "/").replace('-', "+");
        assert_eq!(read(&format!("header={standard}=&payload=e30="), "graphql-ws"), expected);
        let escaped = standard.replace('/', "%2F").replace('+', "%2B");
        assert_eq!(read(&format!("x=1&header={escaped}%3D&payload=e30%3D"), "graphql-ws"), expected);
        assert_eq!(read("header=e30=", &format!("header-{KEY}")), expected, "the entry goes first");
        assert_eq!(read("", "graphql-ws"), "Nothing");
        for unreadable in ["header=W10=", "header=%25", "header=e3"] {
            assert_eq!(read(unreadable, "graphql-ws"), "Unreadable");
        }
    }

    #[test]
    fn the_first_protocol_that_we_speak_is_taken() {
        let name = |protocols: &str| dialect(&request("", protocols)).map(|(name, _)| name);
        assert_eq!(name("header-e30, graphql-ws"), Some("graphql-ws"));
        assert_eq!(name("graphql-transport-ws,graphql-ws"), Some("graphql-transport-ws"));
        assert_eq!(name("mqtt"), None);
    }

    #[test]
    fn signatures_are_for_the_endpoint() {
        for (path, expected) in [
            ("/a/graphql/realtime", "/a/graphql"),
            ("/graphql/realtime", "/graphql"),
            ("/graphql", "/graphql"),
            ("/realtime", "/graphql"),
            ("/a/realtime", "/a/graphql"),
        ] {
            assert_eq!(endpoint(path), expected, "{path}");
        }
    }
}
