//! OpenSearch and Elasticsearch: a method, a path behind the domain's endpoint, parameters; what it answers is the result.
//!
//! Never here: queries.

use json::{Object, Text, Value};
use services::Members;

use super::http::{bad, body_bytes, body_text, complete, texts};
use super::request::{Part, unsupported_operation};
use super::url;
use super::{Asking, SourceError};
use crate::outside::{HttpAnswer, HttpCall, Signed};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "HEAD", "DELETE"];

/// A domain.
#[derive(Debug)]
pub(crate) struct Domain {
    /// `endpoint`
    pub endpoint: Text,
    /// For whom requests to hosts of AWS are signed.
    pub signed: Signed,
}

impl Domain {
    /// Of an `openSearchServiceConfig` or an `elasticsearchConfig`.
    pub fn of(config: &Object, role_arn: Option<Text>) -> Domain {
        let region = config.text_or_empty("awsRegion").into();
        let signed = Signed { service: "es".into(), region, role_arn };
        Domain { endpoint: config.text_or_empty("endpoint").into(), signed }
    }

    /// Asks it once.
    pub async fn ask(&self, request: &Value, asking: Asking<'_>) -> Result<Value, SourceError> {
        let call = self.call(request)?;
        let answer = asking.outside.http(call).await.map_err(|trouble| bad(trouble.message))?;
        result(&answer)
    }

    fn call(&self, request: &Value) -> Result<HttpCall, SourceError> {
        let part = Part::whole_request(request)?;
        part.has_only(&["version", "operation", "path", "params"])?;
        let method = part.required_text("operation")?;
        if !METHODS.contains(&method) {
            return Err(unsupported_operation(method));
        }
        let path = part.required_text("path")?;
        let (mut headers, mut query, mut body) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(params) = part.part("params")? {
            params.has_only(&["headers", "queryString", "body"])?;
            headers = texts(params.part("headers")?)?;
            query = texts(params.part("queryString")?)?;
            body = params.get("body").map(body_bytes).unwrap_or_default();
        }
        complete(&mut headers, &body);
        let url = url::joined(&self.endpoint, path, &query);
        let signed = aws_models::is_host_of_aws(url::host(&url)).then(|| self.signed.clone());
        Ok(HttpCall { method: method.to_owned(), url, headers, body, signed })
    }
}

/// JSON as the domain answered it. Refusals are errors with the answer as their message.
fn result(answer: &HttpAnswer) -> Result<Value, SourceError> {
    let text = body_text(answer)?;
    if !(200..300).contains(&answer.status) {
        let error_type = format!("OpenSearch:{}", answer.status).into();
        let data = Value::parse(&text).unwrap_or_default();
        return Err(SourceError { message: text, error_type, data, info: Value::Null });
    }
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    Ok(Value::parse(&text).unwrap_or_else(|_| text.into()))
}
