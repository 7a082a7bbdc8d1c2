//! Requests and responses as HTTP has them, without HTTP.

use std::borrow::Cow;

use json::{Object, Text, Value};

/// A request to an API.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `POST`
    pub method: String,
    /// As it came: percent-encoded, without the query. Signatures are made over it.
    pub path: String,
    /// Percent-encoded, without the question mark.
    pub query: String,
    /// In their order; a name may repeat.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
    /// Whose connection it came by.
    pub source_ip: String,
}

/// What it is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// `200`
    pub status: u16,
    /// In their order.
    pub headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The headers as resolvers see them: names in lower case, values of one name joined.
    pub(crate) fn header_map(&self) -> Object {
        header_map(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }
}

/// Headers as resolvers see them: names in lower case, values of one name joined.
pub(crate) fn header_map<'h>(headers: impl Iterator<Item = (&'h str, &'h str)>) -> Object {
    let mut map = Object::new();
    for (name, value) in headers {
        let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        let name = if is_lower { Text::from(name) } else { Text::from(name.to_ascii_lowercase()) };
        let joined = match map.get(&name).and_then(Value::as_str) {
            Some(before) => Text::from(format!("{before}, {value}")),
            None => Text::from(value),
        };
        map.insert(name, joined);
    }
    map
}

impl Response {
    /// JSON, as AppSync sends it.
    pub(crate) fn json(status: u16, body: &Value, request_id: &str) -> Response {
        Response {
            status,
            headers: vec![
                ("content-type".into(), "application/json;charset=UTF-8".into()),
                ("x-amzn-requestid".into(), request_id.to_owned().into()),
            ],
            body: body.to_text().into_bytes(),
        }
    }
}

/// Percent-decoded, with `+` for a blank.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (high, low) = (rest.next(), rest.next());
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                match (digit(high), digit(low)) {
                    (Some(high), Some(low)) => bytes.push((high * 16 + low) as u8),
                    _ => bytes.push(b'?'),
                }
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
