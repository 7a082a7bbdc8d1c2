//! Webhooks: a body is posted to an address that somebody subscribed, and the status is all that matters.
//!
//! Never here: retries, what is posted.

use std::time::Duration;

use hyper::Uri;

use crate::connectors::Connectors;
use crate::http_client::Limits;
use crate::plain_http::{Header, PlainRequest};

/// What is posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebPost {
    /// `http` or `https`; a user and a password in it are sent as basic authentication.
    pub url: String,
    /// In this order.
    pub headers: Vec<Header>,
    /// As it is sent.
    pub body: String,
    /// From connecting to the last byte of the answer.
    pub time_max: Duration,
}

/// An answer that nobody reads need not be longer.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Whether this is an address that something can be posted to.
pub fn check_url(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|url| {
        matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some_and(|host| !host.is_empty())
    })
}

impl Connectors {
    /// Posts to wherever state machines may connect to, and tells the answer's status, or else why there is none.
    pub async fn post(&self, post: &WebPost) -> Result<u16, String> {
        let (url, credentials) = without_credentials(&post.url);
        let mut headers = post.headers.clone();
        if let Some(credentials) = credentials {
            let encoded = crate::base64::encode(credentials.as_bytes());
            headers.push(("authorization".to_owned(), format!("Basic {encoded}")));
        }
        let request = PlainRequest { method: "POST".to_owned(), url, headers, body: Some(post.body.clone()) };
        let limits = Limits { time_max: post.time_max, bytes_max: ANSWER_BYTES_MAX };
        let routes = self.routes();
        let answer = request.send(&routes.guarded, limits).await.map_err(|error| error.reason())?;
        Ok(answer.status)
    }
}

/// The address, and `USER:PASSWORD` that stood in it.
fn without_credentials(url: &str) -> (String, Option<String>) {
    let plain = || (url.to_owned(), None);
    let Some((scheme, rest)) = url.split_once("://") else { return plain() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((credentials, _)) = authority.rsplit_once('@') else { return plain() };
    let bare = &rest[credentials.len() + 1..];
    (format!("{scheme}://{bare}"), Some(decoded(credentials)))
}

/// Percent signs with two digits stand for bytes.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while place < bytes.len() {
        let byte = bytes[place];
        let escaped = bytes.get(place + 1..place + 3).filter(|_| byte == b'%');
        let escaped = escaped.and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        place += if escaped.is_some() { 3 } else { 1 };
        out.push(escaped.unwrap_or(byte));
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lets_one_in_is_taken_out_of_the_address() {
        for (url, bare, credentials) in [
            ("http://h:1/p@q", "http://h:1/p@q", None),
            ("https://ada:s%40%zz@h/p", "https://h/p", Some("ada:s@%zz")),
            ("https://ada@h?x=y@z", "https://h?x=y@z", Some("ada")),
        ] {
            assert_eq!(without_credentials(url), (bare.to_owned(), credentials.map(str::to_owned)));
        }
    }

    #[test]
    fn addresses() {
        for (url, is_good) in
            [("http://h", true), ("https://h:1/p?q", true), ("ftp://h", false), ("h", false)]
        {
            assert_eq!(check_url(url), is_good, "{url}");
        }
    }
}
