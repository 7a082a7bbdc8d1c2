//! Addresses: an endpoint, a path behind it, a query.
//!
//! Never here: requests.

use sigv4::percent_encode;

/// The address of a path behind an endpoint, with a query whose values are encoded here. What is a query in the path
/// already stays.
pub(super) fn joined(endpoint: &str, path: &str, query: &[(String, String)]) -> String {
    let mut url = endpoint.trim_end_matches('/').to_owned();
    if !path.starts_with('/') {
        url.push('/');
    }
    url.push_str(path);
    for (name, value) in query {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&percent_encode(name));
        url.push('=');
        url.push_str(&percent_encode(value));
    }
    url
}

/// The host of an address, without its port.
pub(super) fn host(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_behind_endpoints() {
        let query = [("q".to_owned(), "a b&c".to_owned()), ("q".to_owned(), "ü".to_owned())];
        assert_eq!(joined("https://h:1/", "/p", &query), "https://h:1/p?q=a%20b%26c&q=%C3%BC");
        assert_eq!(joined("https://h/v1", "p?x=1", &query[..1]), "https://h/v1/p?x=1&q=a%20b%26c");
        assert_eq!(joined("https://h", "/", &[]), "https://h/");
    }

    #[test]
    fn hosts() {
        for (url, expected) in [
            ("https://states.us-east-1.amazonaws.com/", "states.us-east-1.amazonaws.com"),
            ("http://ada:word@h:80?x", "h"),
            ("http://[::1]:80/", "[::1]"),
            ("h", "h"),
        ] {
            assert_eq!(host(url), expected);
        }
    }
}
