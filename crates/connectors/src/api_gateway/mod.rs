//! API Gateway, `arn:aws:states:::apigateway:invoke`: a REST or HTTP API by its host, stage and path.
//! (spec/integrations.md §4)
//!
//! Never here: retries, where credentials come from.

use std::time::Duration;

use asl::Failure;
use execution::TaskOutcome;
use json::{Array, Document, Object, Value};
use sigv4::{Credentials, SigningKeys, Target};

use crate::access::Access;
use crate::clock;
use crate::connectors::Caller;
use crate::http_client::{Endpoint, HttpClient, Limits};
use crate::metadata::spelt_as_aws;
use crate::plain_http::{self, PlainAnswer, PlainRequest};

/// API Gateway ends what takes longer than 29 s unless its quota was raised; its answers have at most 10 MB, a
/// state's data much less.
const LIMITS: Limits = Limits { time_max: Duration::from_secs(60), bytes_max: 7 * 1024 * 1024 };

/// What calls of API Gateway are made with.
#[derive(Debug)]
pub(crate) struct ApiGateway {
    client: HttpClient,
    /// Where all requests go instead of to their hosts, or why they cannot.
    endpoint: Option<Result<Endpoint, String>>,
    keys: SigningKeys,
}

impl ApiGateway {
    /// `client` is for hosts that a state machine names, `client_of_endpoint` for the endpoint.
    pub(crate) fn new(
        client: HttpClient,
        client_of_endpoint: HttpClient,
        endpoint: Option<Result<Endpoint, String>>,
    ) -> ApiGateway {
        let client = if endpoint.is_some() { client_of_endpoint } else { client };
        ApiGateway { client, endpoint, keys: SigningKeys::new() }
    }

    /// Makes one call to its end, signed if its `AuthType` asks for that. `role` is the Task's.
    pub(crate) async fn invoke(
        &self,
        parameters: &Document,
        caller: &Caller,
        access: &Access,
        role: Option<&str>,
    ) -> TaskOutcome {
        match self.attempt(parameters, caller, access, role).await {
            Ok(result) => TaskOutcome::Succeeded(Document::from_value(result)),
            Err(failure) => TaskOutcome::Failed(failure),
        }
    }

    async fn attempt(
        &self,
        parameters: &Document,
        caller: &Caller,
        access: &Access,
        role: Option<&str>,
    ) -> Result<Value, Failure> {
        let request = self.request(parameters.value(), caller, access, role).await?;
        let answer = request.send(&self.client, LIMITS).await;
        result(answer.map_err(|error| Failure::new("ApiGateway.SdkClientException", error.to_string()))?)
    }

    async fn request(
        &self,
        parameters: &Value,
        caller: &Caller,
        access: &Access,
        role: Option<&str>,
    ) -> Result<PlainRequest, Failure> {
        let member = |name: &str| parameters.get(name).filter(|value| !value.is_null());
        let text = |name: &str| member(name).and_then(Value::as_str);
        let host = text("ApiEndpoint").unwrap_or_default();
        let method = text("Method").unwrap_or_default();
        let own = format!("https://{host}");
        let endpoint = match &self.endpoint {
            None => Endpoint::parse(&own),
            Some(endpoint) => endpoint.clone(),
        };
        let endpoint = endpoint.map_err(|why| {
            Failure::runtime(format!("The API {host} cannot be called: the endpoint {why}."))
        })?;
        let path = path(text("Stage").unwrap_or_default(), text("Path").unwrap_or_default());
        let query = lists(member("QueryParameters"));
        let query = plain_http::query(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let (path, url) = endpoint.url(&path, &query);

        let keeps_nulls = member("AllowNullValues").and_then(Value::as_bool).unwrap_or(false);
        let body = member("RequestBody").map(|body| match body {
            Value::String(text) => text.to_string(),
            body if keeps_nulls => body.to_text(),
            body => without_nulls(body).to_text(),
        });
        // The API's own host, also where another server stands in for it: that is how it knows which API is meant.
        let mut request = PlainRequest { method: method.to_owned(), url, headers: Vec::new(), body };
        request.headers.push(("Host".to_owned(), host.to_owned()));
        request.headers.extend(lists(member("Headers")));
        if request.body.is_some() {
            request.default_header("Content-Type", || "application/json".to_owned());
        }
        // A policy of the API asks who calls, too.
        if let Some("IAM_ROLE" | "RESOURCE_POLICY") = text("AuthType") {
            let region = region(host).unwrap_or(&caller.region);
            let credentials = access.credentials(self.endpoint.is_none(), caller, role).await?;
            self.sign(&mut request, &path, &query, region, &credentials);
        }
        Ok(request)
    }

    fn sign(
        &self,
        request: &mut PlainRequest,
        path: &str,
        query: &str,
        region: &str,
        credentials: &Credentials,
    ) {
        let headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let signed = sigv4::sign(
            &sigv4::Request {
                method: &request.method,
                path,
                query,
                headers: &headers,
                payload_hash: &sigv4::payload_hash(request.body.as_deref().unwrap_or_default().as_bytes()),
            },
            Target { region, service: "execute-api" },
            credentials,
            clock::now_seconds(),
            &self.keys,
        );
        request.headers.extend(signed.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
}

/// Stage and path as they are, which the caller has encoded, with one slash before each.
fn path(stage: &str, path: &str) -> String {
    let parts = [stage.trim_matches('/'), path.trim_start_matches('/')];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let joined: String = parts.map(|part| format!("/{part}")).collect();
    if joined.is_empty() { "/".to_owned() } else { joined }
}

/// Of `ID.execute-api.REGION.amazonaws.com`.
fn region(host: &str) -> Option<&str> {
    host.split_once(".execute-api.")?.1.split('.').next()
}

/// Each name with each of its values.
fn lists(value: Option<&Value>) -> Vec<(String, String)> {
    let members = value.and_then(Value::as_object).into_iter().flat_map(Object::iter);
    let pairs = |(name, values): (&json::Text, &Value)| -> Vec<(String, String)> {
        let values = values.as_array().into_iter().flat_map(Array::iter).filter_map(Value::as_str);
        values.map(|value| (name.to_string(), value.to_owned())).collect()
    };
    members.flat_map(pairs).collect()
}

/// The same without members that are null, at any depth. Items of lists stay. Data nests at most 1,000 levels.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        value => value.clone(),
    }
}

fn result(answer: PlainAnswer) -> Result<Value, Failure> {
    if answer.status >= 400 {
        return Err(Failure::new(format!("ApiGateway.{}", answer.status), answer.text()));
    }
    Ok(answer.into_result(spelt_as_aws))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (stage, rest, expected) in [
            ("", "", "/"),
            ("prod", "", "/prod"),
            ("prod", "/pets/1", "/prod/pets/1"),
            ("/prod/", "pets/", "/prod/pets/"),
            ("", "/a%20b", "/a%20b"),
            ("$default", "", "/$default"),
        ] {
            assert_eq!(path(stage, rest), expected);
        }
    }

    #[test]
    fn regions() {
        assert_eq!(region("id.execute-api.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        assert_eq!(region("api.example.com"), None);
    }

    #[test]
    fn nulls_go_from_objects() {
        let value = json::value!({"a": null, "b": {"c": null, "d": [null, {"e": null}]}});
        assert_eq!(without_nulls(&value).to_text(), r#"{"b":{"d":[null,{}]}}"#);
    }
}
