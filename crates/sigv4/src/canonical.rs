//! The canonical request and the string to sign: the one text that both sides agree on.

use std::fmt::Write as _;

use crate::encoding::{encode_into, percent_decode};
use crate::key::Target;
use crate::request::{Request, is_s3, payload_hash};

/// The canonical form of a request. `signed_headers` are in lower case and sorted;
/// `without_query` names a parameter that is left out (a presigned request's own signature).
pub(crate) fn canonical_request(
    request: &Request<'_>,
    service: &str,
    signed_headers: &[String],
    without_query: Option<&str>,
) -> String {
    let mut out = String::with_capacity(512);
    out.push_str(request.method);
    out.push('\n');
    path_into(request.path, service, &mut out);
    out.push('\n');
    query_into(request.query, without_query, &mut out);
    out.push('\n');
    for name in signed_headers {
        out.push_str(name);
        out.push(':');
        let mut values = request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some((_, value)) = values.next() {
            value_into(value, &mut out);
        }
        for (_, value) in values {
            out.push(',');
            value_into(value, &mut out);
        }
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&signed_headers.join(";"));
    out.push('\n');
    out.push_str(request.payload_hash);
    out
}

/// What the key is applied to.
pub(crate) fn string_to_sign(time: &str, target: Target<'_>, canonical_request: &str) -> String {
    let date = &time[..8];
    let Target { region, service } = target;
    let hash = payload_hash(canonical_request.as_bytes());
    format!("AWS4-HMAC-SHA256\n{time}\n{date}/{region}/{service}/aws4_request\n{hash}")
}

/// S3 takes the path as it is. Everybody else resolves `.`, `..` and empty segments, and encodes
/// once more what is encoded on the wire already.
fn path_into(path: &str, service: &str, out: &mut String) {
    if is_s3(service) {
        encode_into(&percent_decode(path, false), true, out);
        if path.is_empty() {
            out.push('/');
        }
        return;
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    for segment in &segments {
        out.push('/');
        encode_into(segment.as_bytes(), false, out);
    }
    if segments.is_empty() || path.ends_with('/') {
        out.push('/');
    }
}

/// Parameters sorted by encoded name, then by encoded value.
fn query_into(query: &str, without: Option<&str>, out: &mut String) {
    let encode = |text: &str| {
        let mut encoded = String::with_capacity(text.len());
        encode_into(&percent_decode(text, true), false, &mut encoded);
        encoded
    };
    let mut parameters: Vec<(String, String)> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            (encode(name), encode(value))
        })
        .filter(|(name, _)| Some(name.as_str()) != without)
        .collect();
    parameters.sort();
    for (index, (name, value)) in parameters.iter().enumerate() {
        let separator = if index == 0 { "" } else { "&" };
        let _ = write!(out, "{separator}{name}={value}");
    }
}

/// A header's value, without spaces at its ends and with single ones inside.
fn value_into(value: &str, out: &mut String) {
    for (index, word) in value.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()).enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, service: &str, expected: &str) {
        let mut out = String::new();
        path_into(path, service, &mut out);
        assert_eq!(out, expected, "{path}");
    }

    #[test]
    fn paths() {
        check("", "service", "/");
        check("/", "service", "/");
        check("//", "service", "/");
        check("/./example/..", "service", "/");
        check("/example1/example2/../..", "service", "/");
        check("//example//", "service", "/example/");
        check("/functions/a%3Ab/invocations", "lambda", "/functions/a%253Ab/invocations");
        check("/bucket//a%3Ab/../ä", "s3", "/bucket//a%3Ab/../%C3%A4");
    }

    #[test]
    fn queries() {
        for (query, expected) in [
            ("Param2=value2&Param1=value1", "Param1=value1&Param2=value2"),
            ("Param1=value2&Param1=Value1", "Param1=Value1&Param1=value2"),
            ("a&b=%7e+x&&X=1=2", "X=1%3D2&a=&b=~%20x"),
            ("a=1&Signature=x", "a=1"),
        ] {
            let mut out = String::new();
            query_into(query, Some("Signature"), &mut out);
            assert_eq!(out, expected, "{query}");
        }
    }
}
