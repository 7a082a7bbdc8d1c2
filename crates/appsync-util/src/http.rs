//! `util.http`: which headers go on to a data source, and which an answer may have.

/// Names and values of all headers of an answer together.
pub const RESPONSE_HEADER_BYTES_MAX: usize = 4 << 10;

/// Headers that belong to one connection or are made anew.
const NOT_COPIED: [&str; 11] = [
    "transfer-encoding",
    "connection",
    "host",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "upgrade",
    "content-length",
];

/// Headers that the service makes.
const OF_THE_SERVICE: [&str; 8] = [
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "vary",
    "content-type",
];

/// Whether `util.http.copyHeaders` copies a header of this name.
pub fn is_copied(name: &str) -> bool {
    !NOT_COPIED.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Why an answer may not have such a header; nothing if it may.
pub fn problem(name: &str, value: &str) -> Option<&'static str> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let starts_with =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if name.is_empty() || !name.bytes().all(is_token) {
        Some("it is no name of a header")
    } else if starts_with("x-amz-") || starts_with("x-amzn-") {
        Some("names with x-amz- and x-amzn- are AWS's")
    } else if !is_copied(name) || OF_THE_SERVICE.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        Some("it is the service's own")
    } else if value.chars().any(|character| character.is_control() && character != '\t') {
        Some("its value has control characters")
    } else {
        None
    }
}
