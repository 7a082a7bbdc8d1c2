//! Requests to the APIs of the gateway, by path or by host.
//!
//! Pages of other sites may send them: whom an API lets in, its author says. Never here: what an API does.

use std::net::IpAddr;

use ::gateway::{Asked, Gateway, Identity};
use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};

use crate::authentication::access_key;
use crate::body;
use crate::front::{Answer, Front};
use crate::patience::Progress;

/// API Gateway's largest body, and a little: what is larger is refused in the API's own words.
const BODY_BYTES_MAX: usize = (10 << 20) + 1;

/// Whose connection a request came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub IpAddr);

/// The API that a request is for.
pub(crate) fn asked(gateway: &Gateway, parts: &Parts) -> Option<Asked> {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    gateway.front.asked(host, parts.uri.path())
}

impl Front {
    /// Answers a request to an API.
    pub(crate) async fn answer_api(
        &self,
        gateway: &Gateway,
        asked: &Asked,
        (parts, incoming): (Parts, Incoming),
        peer: Option<Peer>,
        progress: &Progress,
    ) -> Answer {
        let body = match body::read(incoming, BODY_BYTES_MAX, progress).await {
            Ok(body) => body,
            Err(error) => return self.refused(&error),
        };
        let peer = peer.map_or_else(|| "127.0.0.1".to_owned(), |Peer(address)| address.to_string());
        let request = ::gateway::Request {
            method: parts.method.as_str().to_owned(),
            path: String::new(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: headers(&parts, &peer),
            identity: self.identity(&parts, &body),
            body: body.into(),
            source_ip: peer,
        };
        let response = gateway.answer(asked, request).await;
        let refused = match response.status {
            ..400 => None,
            400..500 => Some("Refused"),
            _ => Some("Failed"),
        };
        self.metrics.count_other("execute-api", refused);
        into_http(response.status, response.headers, response.body)
    }

    /// Who signed the request, if somebody did. Where no keys are set, nobody is asked for the right one.
    fn identity(&self, parts: &Parts, body: &[u8]) -> Option<Identity> {
        let authorization = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let key = access_key(authorization);
        if key.is_empty() || self.check(parts, body, "execute-api").is_err() {
            return None;
        }
        Some(Identity { access_key: key.to_string(), account: self.engine.scope().account.clone() })
    }
}

/// The request's own, and those that API Gateway adds.
fn headers(parts: &Parts, peer: &str) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut headers: Vec<_> =
        parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let before = parts.headers.get("x-forwarded-for").map(text);
    headers.retain(|(name, _)| name != "x-forwarded-for");
    headers.push((
        "x-forwarded-for".to_owned(),
        before.map_or_else(|| peer.to_owned(), |before| format!("{before}, {peer}")),
    ));
    for (name, value) in [("x-forwarded-proto", "http"), ("x-forwarded-port", "80")] {
        if !parts.headers.contains_key(name) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    headers
}

/// A response that somebody else wrote.
pub(crate) fn into_http<Header: AsRef<str>>(
    status: u16,
    headers: Vec<(Header, Header)>,
    body: Vec<u8>,
) -> Answer {
    let mut response = Response::new(Either::Left(Full::new(Bytes::from(body))));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        // A mapping may have made what is no header: it is left out.
        let (name, value) = (HeaderName::try_from(name.as_ref()), HeaderValue::try_from(value.as_ref()));
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
