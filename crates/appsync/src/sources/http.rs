//! HTTP: a method, a path behind the endpoint, parameters; any status is a result. (spec/appsync.md §8)
//!
//! What is signed (`AWS_IAM`) is a call of a service of AWS, which may be one of this very server. Never here: where that is.

use json::{Object, Text, Value};
use services::Members;

use super::request::{Part, mistake, name_of};
use super::url;
use super::{Asking, SourceError};
use crate::exchange::header_map;
use crate::outside::{HttpAnswer, HttpCall, Signed};

/// AppSync's bound on an answer.
pub(super) const ANSWER_BYTES_MAX: usize = 1 << 20;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A server.
#[derive(Debug)]
pub(crate) struct Server {
    /// `endpoint`
    pub endpoint: Text,
    /// For whom requests are signed.
    pub signed: Option<Signed>,
}

impl Server {
    /// Of an `httpConfig`.
    pub fn of(config: &Object, role_arn: Option<Text>) -> Server {
        let authorization = config.part("authorizationConfig");
        let iam = authorization.part("awsIamConfig");
        let is_signed = authorization.text("authorizationType") == Some("AWS_IAM");
        let signed = is_signed.then(|| Signed {
            service: iam.text_or_empty("signingServiceName").into(),
            region: iam.text_or_empty("signingRegion").into(),
            role_arn,
        });
        Server { endpoint: config.text_or_empty("endpoint").into(), signed }
    }

    /// Asks it once.
    pub async fn ask(&self, request: &Value, asking: Asking<'_>) -> Result<Value, SourceError> {
        if asking.is_old_version {
            return Err(mistake("HTTP data sources need version '2018-05-29'."));
        }
        let call = self.call(request)?;
        let answer = asking.outside.http(call).await.map_err(|trouble| bad(trouble.message))?;
        result(&answer)
    }

    /// The request as it is sent.
    fn call(&self, request: &Value) -> Result<HttpCall, SourceError> {
        let part = Part::whole_request(request)?;
        part.has_only(&["version", "operation", "method", "resourcePath", "params"])?;
        let method = part.required_text("method")?;
        if !METHODS.contains(&method) {
            return Err(mistake(format!(
                "Value '{method}' for field '$[method]' is none of {}.",
                METHODS.join(", ")
            )));
        }
        let path = part.required_text("resourcePath")?;
        let (mut headers, mut query, mut body) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(params) = part.part("params")? {
            params.has_only(&["headers", "query", "body"])?;
            headers = texts(params.part("headers")?)?;
            query = texts(params.part("query")?)?;
            body = params.get("body").map(body_bytes).unwrap_or_default();
        }
        complete(&mut headers, &body);
        let url = url::joined(&self.endpoint, path, &query);
        Ok(HttpCall { method: method.to_owned(), signed: self.signed(&url)?, url, headers, body })
    }

    fn signed(&self, url: &str) -> Result<Option<Signed>, SourceError> {
        let Some(signed) = &self.signed else { return Ok(None) };
        let host = url::host(url);
        if !aws_models::is_host_of_aws(host) {
            return Err(bad(format!(
                "Requests to {host} cannot be signed: only those to hosts of AWS are. Leave authorizationConfig out."
            )));
        }
        Ok(Some(signed.clone()))
    }
}

/// What a request is refused with, or a server that cannot be had.
pub(super) fn bad(message: impl Into<String>) -> SourceError {
    SourceError { message: message.into(), error_type: "BadRequest".into(), ..SourceError::default() }
}

/// Names and values of headers or of a query. A list is a name that repeats.
pub(super) fn texts(part: Option<Part<'_>>) -> Result<Vec<(String, String)>, SourceError> {
    let Some(part) = part else { return Ok(Vec::new()) };
    let mut texts = Vec::with_capacity(part.members().len());
    for (name, value) in part.members().iter() {
        let values = match value {
            Value::Null => &[],
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            texts.push((name.to_string(), text(value, &part.place(name))?));
        }
    }
    Ok(texts)
}

fn text(value: &Value, place: &str) -> Result<String, SourceError> {
    match value {
        Value::String(text) => Ok(text.to_string()),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Big(_) => Ok(value.to_text()),
        other => Err(mistake(format!(
            "Expected JSON string for field '{place}' but got a '{}' instead.",
            name_of(other)
        ))),
    }
}

/// A text is sent as it is, and all else as JSON.
pub(super) fn body_bytes(body: &Value) -> Vec<u8> {
    match body {
        Value::String(text) => text.as_bytes().to_vec(),
        other => other.to_text().into_bytes(),
    }
}

/// Headers as they are sent: without what the sender says itself, and with what the body is.
pub(super) fn complete(headers: &mut Vec<(String, String)>, body: &[u8]) {
    headers.retain(|(name, _)| !is_of_the_connection(name));
    let has_type = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !body.is_empty() && !has_type {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
}

/// What the sender says itself.
fn is_of_the_connection(name: &str) -> bool {
    const NAMES: [&str; 6] =
        ["connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// `{"statusCode", "headers", "body"}`
fn result(answer: &HttpAnswer) -> Result<Value, SourceError> {
    let headers = answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Ok(json::value!({
        "statusCode": (i64::from(answer.status)),
        "headers": (header_map(headers)),
        "body": (body_text(answer)?),
    }))
}

/// The body as a text, within the bound.
pub(super) fn body_text(answer: &HttpAnswer) -> Result<String, SourceError> {
    if answer.body.len() > ANSWER_BYTES_MAX {
        return Err(bad(format!("The response is larger than {ANSWER_BYTES_MAX} bytes.")));
    }
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}
