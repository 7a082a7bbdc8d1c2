//! The handshake: an HTTP request becomes a WebSocket. (RFC 6455, 4)
//!
//! Never here: frames.

use hyper::header::{
    CONNECTION, HeaderMap, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use sha1::{Digest, Sha1};

/// What every server adds to the client's key.
const ADDED: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A request for a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handshake {
    accept: String,
}

/// Whether a request asks for another protocol at all.
pub(crate) fn is_upgrade(parts: &Parts) -> bool {
    has_token(&parts.headers, UPGRADE, "websocket")
}

impl Handshake {
    /// Reads one.
    ///
    /// # Errors
    /// The status of the refusal, and what is missing.
    pub fn read(parts: &Parts) -> Result<Handshake, (StatusCode, &'static str)> {
        let headers = &parts.headers;
        if parts.method != Method::GET || !has_token(headers, CONNECTION, "upgrade") {
            return Err((StatusCode::BAD_REQUEST, "A WebSocket begins with a GET and Connection: Upgrade."));
        }
        if headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err((StatusCode::UPGRADE_REQUIRED, "Sec-WebSocket-Version must be 13."));
        }
        let Some(key) = headers.get(SEC_WEBSOCKET_KEY) else {
            return Err((StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is missing."));
        };
        let hash = Sha1::new().chain_update(key.as_bytes()).chain_update(ADDED).finalize();
        Ok(Handshake { accept: base64(&hash) })
    }

    /// The headers of the answer, but for the protocol.
    pub fn headers(&self) -> [(HeaderName, &str); 3] {
        [(UPGRADE, "websocket"), (CONNECTION, "Upgrade"), (SEC_WEBSOCKET_ACCEPT, &self.accept)]
    }
}

fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    let values = headers.get_all(name);
    let mut tokens = values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    tokens.any(|found| found.trim().eq_ignore_ascii_case(token))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let request =
            headers.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_key_of_the_rfc_has_the_answer_of_the_rfc() {
        let asked = parts(&[
            ("upgrade", "WebSocket"),
            ("connection", "keep-alive, Upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ]);
        assert!(is_upgrade(&asked));
        let handshake = Handshake::read(&asked).unwrap();
        assert_eq!(handshake.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn what_is_missing_is_said() {
        let refused = |headers: &[(&str, &str)]| Handshake::read(&parts(headers)).unwrap_err().0.as_u16();
        let upgrade = ("connection", "upgrade");
        assert_eq!(refused(&[]), 400);
        assert_eq!(refused(&[upgrade]), 426);
        assert_eq!(refused(&[upgrade, ("sec-websocket-version", "8")]), 426);
        assert_eq!(refused(&[upgrade, ("sec-websocket-version", "13")]), 400);
        assert!(!is_upgrade(&parts(&[("upgrade", "h2c")])));
    }
}
