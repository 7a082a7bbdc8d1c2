//! Requests to the services that stand around workflows: queues, topics, buses and the like.
//!
//! Never here: which operation a request asks for (`services` finds that by the models), what it does.

use ::services::{Asker, Found};
use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};

use crate::authentication::access_key;
use crate::body;
use crate::error::ApiError;
use crate::front::{Answer, Front};
use crate::patience::Progress;
use crate::tls::Encrypted;

/// The largest request that any of them takes: a function's code.
const BODY_BYTES_MAX: usize = 72 << 20;

/// The largest of those that speak JSON or forms to `/`: a batch of SQS or SNS, or 16 MiB of DynamoDB's items.
const MESSAGE_BYTES_MAX: usize = 24 << 20;

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// A request to one of the services.
pub(crate) struct Request {
    parts: Parts,
    body: Bytes,
    found: Found,
}

/// What is left of a request that is for none of them.
pub(crate) enum Left {
    /// Its head says so, and its body was not read.
    Unread(Parts, Incoming),
    /// Only its body could have said for whom it is.
    Read(Parts, Bytes),
}

/// Whether a request may be for one of the services, by its head alone.
pub(crate) fn may_be_for_a_service(parts: &Parts) -> bool {
    let path = parts.uri.path();
    match parts.method {
        Method::POST => true,
        Method::GET => {
            is_form(parts) || path != "/" || parts.uri.query().is_some_and(|query| query.contains("Action="))
        }
        Method::PUT | Method::DELETE | Method::PATCH => true,
        _ => false,
    }
}

/// Whether a path is AppSync's, although it begins as this server's own `/v1/` does.
pub(crate) fn is_path_of_appsync(path: &str) -> bool {
    const FIRST: [&str; 8] = [
        "apis",
        "dataplane-evaluatecode",
        "dataplane-evaluatetemplate",
        "datasources",
        "domainnames",
        "mergedApis",
        "sourceApis",
        "tags",
    ];
    let first = path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next());
    first.is_some_and(|first| FIRST.contains(&first))
}

fn is_form(parts: &Parts) -> bool {
    const FORM: &[u8] = b"application/x-www-form-urlencoded";
    let content_type = parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    content_type.get(..FORM.len()).is_some_and(|start| start.eq_ignore_ascii_case(FORM))
}

/// What AWS's clients send and no page of another site can: browsers ask the server before they send it.
fn is_signed(parts: &Parts) -> bool {
    parts.headers.contains_key(AUTHORIZATION)
}

impl Front {
    /// Nobody waits at a service any longer.
    pub(crate) fn stop_services(&self) {
        self.services.stop();
    }

    /// Reads a request as far as is needed to say for whom it is, and whole if it is for a service.
    pub(crate) async fn read_for_a_service(
        &self,
        parts: Parts,
        incoming: Incoming,
        progress: &Progress,
    ) -> Result<Result<Request, Left>, ApiError> {
        let find = |parts: &Parts, body: &[u8]| {
            self.services.find(&as_incoming(parts, &headers(&parts.headers), body))
        };
        if parts.method == Method::POST && is_form(&parts) {
            let body = body::read(incoming, MESSAGE_BYTES_MAX, progress).await?;
            let found = find(&parts, &body);
            return Ok(match found {
                Some(found) => Ok(Request { parts, body, found }),
                None => Err(Left::Read(parts, body)),
            });
        }
        let Some(found) = find(&parts, b"") else { return Ok(Err(Left::Unread(parts, incoming))) };
        if !found.is_open_to_all() && !is_signed(&parts) {
            // Where signatures are asked for, a stranger's body is not worth reading.
            self.check(&parts, b"", found.signing_name())?;
        }
        let bytes_max = if parts.uri.path() == "/" { MESSAGE_BYTES_MAX } else { BODY_BYTES_MAX };
        let body = body::read(incoming, bytes_max, progress).await?;
        Ok(Ok(Request { parts, body, found }))
    }

    /// Answers a request to a service.
    pub(crate) async fn serve(&self, request: Request) -> Answer {
        let Request { parts, body, found } = request;
        let outcome = async {
            if !found.is_open_to_all() {
                if matches!(parts.method, Method::GET | Method::HEAD) && !is_signed(&parts) {
                    // A page of another site may make a browser send it, and an action can be in it.
                    self.door.check_site(&parts.headers)?;
                }
                self.check(&parts, &body, found.signing_name())?;
            }
            let headers = headers(&parts.headers);
            let incoming = as_incoming(&parts, &headers, &body);
            Ok(self.services.answer(&found, &incoming, &self.asker(&parts)).await)
        };
        let outcome: Result<_, ApiError> = outcome.await;
        match outcome {
            Ok(answer) => {
                let refused = match answer.status {
                    200..400 => None,
                    400..500 => Some("Refused"),
                    _ => Some("Failed"),
                };
                self.metrics.count_other(found.name(), refused);
                into_http(answer)
            }
            Err(error) => {
                self.metrics.count_other(found.name(), Some(error.code));
                self.refused(&error)
            }
        }
    }

    fn asker(&self, parts: &Parts) -> Asker {
        let scope = self.engine.scope();
        let host = text(&parts.headers, &HOST);
        let is_encrypted = parts.extensions.get::<Encrypted>().is_some();
        let scheme = match text(&parts.headers, &FORWARDED_PROTO) {
            "https" => "https",
            _ if is_encrypted => "https",
            _ => "http",
        };
        Asker {
            account: scope.account.as_str().into(),
            region: scope.region.as_str().into(),
            access_key: access_key(text(&parts.headers, &AUTHORIZATION)),
            base_url: format!("{scheme}://{host}").into(),
            request_id: self.next_request_id().into(),
        }
    }
}

fn as_incoming<'a>(
    parts: &'a Parts,
    headers: &'a [(&'a str, &'a str)],
    body: &'a [u8],
) -> aws_protocols::serve::Incoming<'a> {
    aws_protocols::serve::Incoming {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers,
        body,
    }
}

/// Those that are text: no service asks for another one.
fn headers(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let pairs = headers.iter();
    pairs
        .filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?)))
        .collect()
}

fn into_http(answer: aws_protocols::serve::Answer) -> Answer {
    let mut response = hyper::Response::new(Either::Left(Full::new(Bytes::from(answer.body))));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        // What is no header, such as a name from a message, is left out.
        let name = HeaderName::try_from(name.as_ref());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
