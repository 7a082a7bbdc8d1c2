//! HTTP to the services that connectors call: kept connections, no delay, bounds on time and size, TLS.
//!
//! Redirects are answers like any other: nobody follows them.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::connect::{ConnectError, Connector};
use crate::metadata::ResponseMetadata;
use crate::outbound::OutboundPolicy;
use crate::trust::Trust;

/// Shorter than servers usually wait, so that we seldom write to a connection that is being closed.
const IDLE_TIME_MAX: Duration = Duration::from_secs(4);

/// A client for any number of endpoints. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient(Client<Connector, Full<Bytes>>);

/// How long an answer may take, and how large it may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the beginning to the last byte.
    pub(crate) time_max: Duration,
    /// Of the body.
    pub(crate) bytes_max: usize,
}

impl Limits {
    /// A function may run for 15 minutes, and its result may have 6 MB, and a little; nothing else takes as long.
    pub(crate) const SERVICE: Limits =
        Limits { time_max: Duration::from_secs(15 * 60 + 10), bytes_max: 7 * 1024 * 1024 };
}

/// Where a service is: `http://HOST[:PORT][/PATH]` or `https://…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    scheme: &'static str,
    /// `HOST[:PORT]`, as the `Host` header has it.
    pub(crate) authority: String,
    /// What comes before every path, without a slash at its end.
    path_prefix: String,
}

/// Why a request had no answer. Displayed as AWS's SDK words it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// There was nobody, or not to the end.
    #[error("Unable to execute HTTP request: {0}")]
    Broken(String),
    /// It took longer than the limit.
    #[error("Unable to execute HTTP request: Read timed out")]
    Late,
    /// Its body has more bytes than the limit.
    #[error("Unable to execute HTTP request: the response has more than {0} bytes")]
    TooLarge(usize),
}

impl NoAnswer {
    /// The same without the SDK's words before it.
    pub(crate) fn reason(&self) -> String {
        match self {
            NoAnswer::Broken(reason) => reason.clone(),
            NoAnswer::Late => "Read timed out".to_owned(),
            NoAnswer::TooLarge(bytes_max) => format!("the response has more than {bytes_max} bytes"),
        }
    }
}

impl Endpoint {
    /// Or else what is wrong with the text, as a full sentence's end.
    pub(crate) fn parse(text: &str) -> Result<Endpoint, String> {
        let uri: Uri = text.parse().map_err(|error| format!("{text} is no URL ({error})"))?;
        let scheme = uri.scheme_str().unwrap_or_default();
        let scheme = ["http", "https"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known));
        match (scheme, uri.authority()) {
            (Some(scheme), Some(authority)) if uri.query().is_none() => Ok(Endpoint {
                scheme,
                authority: authority.as_str().to_owned(),
                path_prefix: uri.path().trim_end_matches('/').to_owned(),
            }),
            _ => Err(format!("{text} is not of the form http://HOST:PORT or https://HOST:PORT")),
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
        let url = format!("{}://{}{path}{separator}{query}", self.scheme, self.authority);
        (path, url)
    }

    /// Whether TLS is spoken there.
    pub(crate) fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// What goes before every path, for people.
    pub(crate) fn base(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority, self.path_prefix)
    }
}

impl HttpClient {
    /// For places that the operator's settings name.
    pub(crate) fn new(trust: &Trust) -> HttpClient {
        HttpClient::with(Connector::new(trust.clone(), None))
    }

    /// For places that a state machine names.
    pub(crate) fn guarded(trust: &Trust, policy: OutboundPolicy) -> HttpClient {
        HttpClient::with(Connector::new(trust.clone(), Some(policy)))
    }

    fn with(connector: Connector) -> HttpClient {
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
        limits: Limits,
    ) -> Result<(ResponseMetadata, Bytes), NoAnswer> {
        let (head, body) = self.exchange(request, limits).await?.into_parts();
        let headers = head.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Ok((ResponseMetadata { status: head.status.as_u16(), headers: headers.collect() }, body))
    }

    /// As [`HttpClient::send`], with the answer as it is.
    pub(crate) async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        limits: Limits,
    ) -> Result<Response<Bytes>, NoAnswer> {
        let authority = request.uri().authority().map(|authority| authority.to_string()).unwrap_or_default();
        let answer = async {
            let response = self.0.request(request).await.map_err(|error| no_answer(&error, &authority))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, limits.bytes_max).collect().await;
            let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
                Some(_) => NoAnswer::TooLarge(limits.bytes_max),
                None => NoAnswer::Broken(format!("the response broke off: {error}")),
            })?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        tokio::time::timeout(limits.time_max, answer).await.unwrap_or(Err(NoAnswer::Late))
    }
}

/// The wording of AWS's SDK, whose HTTP client is Apache's for Java.
fn no_answer(error: &hyper_util::client::legacy::Error, authority: &str) -> NoAnswer {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let failed = |why: &str| NoAnswer::Broken(format!("Connect to {authority} [{host}] failed: {why}"));
    let mut source = error.source();
    let mut chain = String::new();
    while let Some(inner) = source {
        match inner.downcast_ref::<ConnectError>() {
            Some(ConnectError::UnknownName) => {
                return NoAnswer::Broken(format!("{host}: Name or service not known"));
            }
            Some(ConnectError::Late) => return failed("connect timed out"),
            Some(ConnectError::Denied(why) | ConnectError::Tls(why)) => return NoAnswer::Broken(why.clone()),
            Some(ConnectError::Io(io)) => match io.kind() {
                io::ErrorKind::ConnectionRefused => return failed("Connection refused (Connection refused)"),
                io::ErrorKind::TimedOut => return failed("connect timed out"),
                _ => return failed(&io.to_string()),
            },
            None => {}
        }
        if let Some(io) = inner.downcast_ref::<io::Error>()
            && matches!(io.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
        {
            return NoAnswer::Broken("Connection reset".to_owned());
        }
        if inner.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message) {
            return NoAnswer::Broken(format!("{authority} failed to respond"));
        }
        chain = inner.to_string();
        source = inner.source();
    }
    NoAnswer::Broken(if chain.is_empty() { error.to_string() } else { chain })
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
            ("https://host", "host", "https://host/a?b"),
        ] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!((endpoint.authority.as_str(), endpoint.url("/a", "b").1.as_str()), (authority, url));
        }
        for text in ["", "localhost:80", "ftp://host", "http://host/?q", "/path", "http://", "https://"] {
            assert!(Endpoint::parse(text).is_err(), "{text}");
        }
    }
}
