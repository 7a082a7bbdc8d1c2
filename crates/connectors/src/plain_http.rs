//! One HTTP request that a Task spells out, and its answer: what HTTP tasks, API Gateway and calls of a
//! cluster's API share.
//!
//! Never here: who may be called, what a failure is named.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::ext::ReasonPhrase;
use hyper::{Request, Response, Uri};
use json::{Array, Object, Value};

use crate::http_client::{HttpClient, Limits, NoAnswer};

/// Name and value; a name may repeat.
pub type Header = (String, String);

/// A request as it goes out.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PlainRequest {
    pub(crate) method: String,
    pub(crate) url: String,
    /// In this order.
    pub(crate) headers: Vec<Header>,
    /// Without one, no body is sent.
    pub(crate) body: Option<String>,
}

/// An answer, read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlainAnswer {
    pub(crate) status: u16,
    /// `OK`, or what the server says instead.
    pub(crate) status_text: String,
    /// Names in lower case, in the order of arrival.
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Bytes,
}

/// A request as a test of a state shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownRequest {
    /// `https` or `http`
    pub protocol: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// With its query.
    pub url: String,
    /// In the order in which they are sent.
    pub headers: Vec<Header>,
    /// Empty if there is none.
    pub body: String,
}

/// A response as a test of a state shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownResponse {
    /// `https` or `http`
    pub protocol: String,
    /// `200`, …
    pub status: u16,
    /// `OK`, …
    pub status_text: String,
    /// In the order of arrival.
    pub headers: Vec<Header>,
    /// As text.
    pub body: String,
}

impl PlainRequest {
    /// Sends it, and reads the whole answer. A URL or header that HTTP cannot carry is no answer, either.
    pub(crate) async fn send(&self, client: &HttpClient, limits: Limits) -> Result<PlainAnswer, NoAnswer> {
        let url: Uri =
            self.url.parse().map_err(|error| NoAnswer::Broken(format!("this is no URL: {error}")))?;
        let mut request = Request::builder().method(self.method.as_str()).uri(url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let body = self.body.as_ref().map_or_else(Bytes::new, |body| Bytes::copy_from_slice(body.as_bytes()));
        let request = request.body(Full::new(body));
        // The text of the error names no value.
        let request =
            request.map_err(|error| NoAnswer::Broken(format!("this is no HTTP request: {error}")))?;
        Ok(PlainAnswer::new(client.exchange(request, limits).await?))
    }

    /// As a test of a state shows it.
    pub(crate) fn shown(&self) -> ShownRequest {
        ShownRequest {
            protocol: self.protocol().to_owned(),
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: self.body.clone().unwrap_or_default(),
        }
    }

    pub(crate) fn protocol(&self) -> &str {
        self.url.split(':').next().unwrap_or_default()
    }

    /// Sets a header, in place of all of that name.
    pub(crate) fn set_header(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.extend(values.into_iter().map(|value| (name.to_owned(), value)));
    }

    /// Sets a header unless it is there.
    pub(crate) fn default_header(&mut self, name: &str, value: impl FnOnce() -> String) {
        if !self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            self.headers.push((name.to_owned(), value()));
        }
    }
}

impl PlainAnswer {
    fn new(response: Response<Bytes>) -> PlainAnswer {
        let (head, body) = response.into_parts();
        let own = head.extensions.get::<ReasonPhrase>();
        let own = own.map(|reason| String::from_utf8_lossy(reason.as_bytes()).into_owned());
        let usual = || head.status.canonical_reason().unwrap_or_default().to_owned();
        let headers = head.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        PlainAnswer {
            status: head.status.as_u16(),
            status_text: own.unwrap_or_else(usual),
            headers: headers.collect(),
            body,
        }
    }

    /// The value of the first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// `Headers`, `ResponseBody` (a value if it is JSON, else a string), `StatusCode`, `StatusText`.
    /// (spec/integrations.md §4, §5)
    pub(crate) fn into_result(self, spell: impl Fn(&str) -> String) -> Value {
        let mut headers = Object::new();
        for (name, value) in &self.headers {
            let name = spell(name);
            match headers.get_mut(&name) {
                Some(values) => values.as_array_mut().expect("made below").push(value.as_str()),
                None => drop(headers.insert(name, Array::from(vec![Value::from(value.as_str())]))),
            }
        }
        let text = self.text();
        let body = Value::parse(&text).unwrap_or_else(|_| Value::from(text));
        json::value!({
            "Headers": headers,
            "ResponseBody": body,
            "StatusCode": (i64::from(self.status)),
            "StatusText": (self.status_text),
        })
    }

    /// As a test of a state shows it.
    pub(crate) fn shown(&self, protocol: &str) -> ShownResponse {
        ShownResponse {
            protocol: protocol.to_owned(),
            status: self.status,
            status_text: self.status_text.clone(),
            headers: self.headers.clone(),
            body: self.text(),
        }
    }
}

/// A query without its question mark, of names and values that are encoded here.
pub(crate) fn query<'p>(parameters: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let pair = |(name, value)| format!("{}={}", sigv4::percent_encode(name), sigv4::percent_encode(value));
    parameters.into_iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The text of a string, number or truth value.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Big(_) => Some(value.to_text()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
