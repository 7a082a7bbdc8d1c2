//! HTTP to the services that connectors call: kept connections, no delay, bounds on time and size.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::metadata::ResponseMetadata;

const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
/// A function may run for 15 minutes; nothing else takes as long.
const RESPONSE_TIME_MAX: Duration = Duration::from_secs(15 * 60 + 10);
/// Shorter than servers usually wait, so that we seldom write to a connection that is being closed.
const IDLE_TIME_MAX: Duration = Duration::from_secs(4);
/// The largest answer: 6 MB of a function's result, and a little.
const RESPONSE_BYTES_MAX: usize = 7 * 1024 * 1024;

/// A client for any number of endpoints. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient(Client<HttpConnector, Full<Bytes>>);

/// Where a service is: `http://HOST[:PORT][/PATH]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// `HOST[:PORT]`, as the `Host` header has it.
    pub(crate) authority: String,
    /// What comes before every path, without a slash at its end.
    path_prefix: String,
}

/// Why a request had no answer. Displayed as AWS's SDK words it.
#[derive(Debug, thiserror::Error)]
#[error("Unable to execute HTTP request: {0}")]
pub(crate) struct NoAnswer(String);

impl Endpoint {
    /// Or else what is wrong with the text, as a full sentence's end.
    pub(crate) fn parse(text: &str) -> Result<Endpoint, String> {
        let uri: Uri = text.parse().map_err(|error| format!("{text} is no URL ({error})"))?;
        let scheme = uri.scheme_str().unwrap_or_default();
        if scheme.eq_ignore_ascii_case("https") {
            return Err(format!(
                "{text} needs TLS, which this version does not speak: give an http:// address, such as a local proxy's"
            ));
        }
        match uri.authority() {
            Some(authority) if scheme.eq_ignore_ascii_case("http") && uri.query().is_none() => Ok(Endpoint {
                authority: authority.as_str().to_owned(),
                path_prefix: uri.path().trim_end_matches('/').to_owned(),
            }),
            _ => Err(format!("{text} is not of the form http://HOST:PORT")),
        }
    }

    /// The same place under a host that belongs to it: `data-` and `example.com` are `data-example.com`.
    pub(crate) fn with_host_prefix(&self, prefix: &str) -> Endpoint {
        Endpoint { authority: format!("{prefix}{}", self.authority), ..self.clone() }
    }

    /// The path on the wire, and with the query the whole URL.
    pub(crate) fn url(&self, path: &str, query: &str) -> (String, String) {
        let path = format!("{}{path}", self.path_prefix);
        let separator = if query.is_empty() { "" } else { "?" };
        let url = format!("http://{}{path}{separator}{query}", self.authority);
        (path, url)
    }
}

impl HttpClient {
    pub(crate) fn new() -> HttpClient {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIME_MAX));
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_TIME_MAX)
            .pool_timer(TokioTimer::new())
            .build(connector);
        HttpClient(client)
    }

    /// Sends one request and reads its whole answer. Dropping the future breaks the connection off.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(ResponseMetadata, Bytes), NoAnswer> {
        let authority = request.uri().authority().map(|authority| authority.to_string()).unwrap_or_default();
        let answer = async {
            let response = self.0.request(request).await.map_err(|error| no_answer(&error, &authority))?;
            let status = response.status().as_u16();
            let headers = response.headers().iter().map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            });
            let metadata = ResponseMetadata { status, headers: headers.collect() };
            let body = Limited::new(response.into_body(), RESPONSE_BYTES_MAX).collect().await;
            let body = body.map_err(|error| NoAnswer(format!("the response broke off: {error}")))?;
            Ok((metadata, body.to_bytes()))
        };
        match tokio::time::timeout(RESPONSE_TIME_MAX, answer).await {
            Ok(answer) => answer,
            Err(_) => Err(NoAnswer("Read timed out".to_owned())),
        }
    }
}

/// The wording of AWS's SDK, whose HTTP client is Apache's for Java.
fn no_answer(error: &hyper_util::client::legacy::Error, authority: &str) -> NoAnswer {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let mut source = error.source();
    let mut chain = String::new();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            match io.kind() {
                io::ErrorKind::ConnectionRefused => {
                    return NoAnswer(format!(
                        "Connect to {authority} [{host}] failed: Connection refused (Connection refused)"
                    ));
                }
                io::ErrorKind::TimedOut => {
                    return NoAnswer(format!("Connect to {authority} [{host}] failed: connect timed out"));
                }
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                    return NoAnswer("Connection reset".to_owned());
                }
                _ => {}
            }
        }
        let text = inner.to_string();
        if text == "dns error" {
            return NoAnswer(format!("{host}: Name or service not known"));
        }
        if inner.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message) {
            return NoAnswer(format!("{authority} failed to respond"));
        }
        chain = text;
        source = inner.source();
    }
    NoAnswer(if chain.is_empty() { error.to_string() } else { chain })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (text, authority, url) in [
            ("http://127.0.0.1:8091", "127.0.0.1:8091", "http://127.0.0.1:8091/a?b"),
            ("http://host/", "host", "http://host/a?b"),
            ("HTTP://host/base/", "host", "http://host/base/a?b"),
        ] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!((endpoint.authority.as_str(), endpoint.url("/a", "b").1.as_str()), (authority, url));
        }
        for text in ["", "localhost:80", "ftp://host", "http://host/?q", "/path", "https://host", "http://"] {
            assert!(Endpoint::parse(text).is_err(), "{text}");
        }
        assert!(Endpoint::parse("https://host").unwrap_err().contains("TLS"));
    }
}
