//! Requests to the APIs of AppSync, by path or by host.
//!
//! Pages of other sites may send them: whom an API lets in, its author says. Never here: what an API does.

use ::appsync::{AppSync, Place};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HOST, HeaderValue};
use hyper::http::request::Parts;

use crate::body;
use crate::error::ApiError;
use crate::front::{Answer, Front};
use crate::gateway::{self, Peer};
use crate::patience::Progress;
use crate::realtime;
use crate::websocket;

/// AppSync's largest body, and a little: what is larger is refused in AppSync's own words.
const BODY_BYTES_MAX: usize = (1 << 20) + 1;

/// The API that a request is for.
pub(crate) fn place(appsync: &AppSync, parts: &Parts) -> Option<Place> {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    appsync.place(host, parts.uri.path())
}

impl Front {
    /// Answers a request to an API.
    pub(crate) async fn answer_appsync(
        &self,
        appsync: &AppSync,
        place: &Place,
        (parts, incoming): (Parts, Incoming),
        peer: Option<Peer>,
        progress: &Progress,
    ) -> Answer {
        if self.is_forged(&parts) {
            return self.refused(&ApiError::new("AccessDeniedException", FORGED).with_status(403));
        }
        if websocket::is_upgrade(&parts) {
            return self.upgrade(appsync, place, parts, peer).await;
        }
        let body = match body::read(incoming, BODY_BYTES_MAX, progress).await {
            Ok(body) => body,
            Err(error) => return self.refused(&error),
        };
        let request = request(&parts, body, peer);
        if let Place::GraphQl(id) = place
            && realtime::wants_events(&parts)
        {
            return self.follow(appsync, id, &request).await;
        }
        let response = appsync.answer(place, request).await;
        let refused = match response.status {
            ..400 => None,
            400..500 => Some("Refused"),
            _ => Some("Failed"),
        };
        self.metrics.count_other("appsync", refused);
        gateway::into_http(response.status, response.headers, response.body)
    }
}

impl Front {
    /// Where no keys are set, any signature is right: then a page of another site could make one and do what it likes, in the name of
    /// whoever looks at it. Over a socket a signature comes later, so there all such pages are kept out.
    fn is_forged(&self, parts: &Parts) -> bool {
        let signed =
            || parts.headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"AWS4-"));
        self.guard.is_open()
            && self.door.is_foreign(&parts.headers)
            && (websocket::is_upgrade(parts) || signed())
    }
}

const FORGED: &str = "A page of another site sends this, and any signature would do here: set keys in [auth.access_keys] of \
                      stepwell.toml, or name the page's host in hosts in [console].";

/// The request without HTTP.
pub(crate) fn request(parts: &Parts, body: Bytes, peer: Option<Peer>) -> ::appsync::Request {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
    ::appsync::Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: body.into(),
        source_ip: peer.map_or_else(|| "127.0.0.1".to_owned(), |Peer(address)| address.to_string()),
    }
}
