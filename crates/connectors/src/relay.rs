//! Requests that somebody else has written: to a service, in its own protocol, and to a server. API Gateway's
//! integrations are such.
//!
//! Never here: what is in a request, but for whom it is.

use aws_models::{Operation, Protocol, Service};
use aws_protocols::serve::{Asked, Fault, Incoming, Offered};
use http_body_util::Full;
use hyper::body::Bytes;
use json::{Object, Value};

use crate::aws::CallTrouble;
use crate::connectors::{Caller, Connectors, UnderWay};
use crate::exchange::{self, Outgoing};
use crate::http_client::{Limits, NoAnswer};
use crate::plain_http::Header;

/// A request, but for its host and signature.
#[derive(Clone, Debug)]
pub struct Relayed {
    /// `POST`
    pub method: String,
    /// Percent-encoded.
    pub path: String,
    /// Percent-encoded, without the question mark.
    pub query: String,
    /// In their order.
    pub headers: Vec<Header>,
    /// What is sent.
    pub body: Bytes,
}

/// What came back, an error of the service too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayedAnswer {
    /// `200`
    pub status: u16,
    /// In the order of arrival; a name may repeat.
    pub headers: Vec<Header>,
    /// The whole body.
    pub body: Bytes,
}

impl Connectors {
    /// Sends a request to where a service is: an endpoint, AWS, or this process. `operation` is what it asks for, where
    /// that is known; it must be an operation that the service has.
    pub async fn relay(
        &self,
        service: &str,
        operation: Option<&str>,
        mut relayed: Relayed,
        caller: &Caller,
        token: &str,
    ) -> Result<RelayedAnswer, CallTrouble> {
        let Some(model) = aws_models::service(service) else {
            return Err(CallTrouble::NotMade(format!("There is no service {service}.")));
        };
        add_version(model, &mut relayed);
        let headers: Vec<_> =
            relayed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Relayed { method, path, query, body, .. } = &relayed;
        let incoming = Incoming { method, path, query, headers: &headers, body };
        let Some(asked) = asked(model, operation, &incoming) else {
            return Err(CallTrouble::NotMade(format!("{service} has no operation for {method} {path}.")));
        };
        let input = asked.input(&incoming).unwrap_or_default();
        // Services of this process are spoken to in the protocol that they prefer; who asks in another one is answered in it.
        if model.protocol() == Protocol::Json && incoming.header("x-amz-target").is_none() {
            let name = asked.operation.name();
            let output = self.call_operation(service, name, &input, caller, token).await;
            return answered(&asked, output);
        }
        let mut head = aws_protocols::Request {
            method: method.clone(),
            host_prefix: String::new(),
            path: path.clone(),
            query: query.clone(),
            headers: relayed.headers.clone(),
            body: Vec::new(),
        };
        if let Some(version) = model.json_version().filter(|_| model.protocol() == Protocol::Json) {
            head.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            head.headers.push(("Content-Type".to_owned(), format!("application/x-amz-json-{version}")));
        }
        let (routes, input) = (self.routes(), spelt_as_tasks_do(&input));
        let _under_way = UnderWay::begin(&self.calls);
        let outgoing = Outgoing {
            operation: asked.operation,
            input: &input,
            head: &head,
            body: relayed.body.clone(),
            caller,
            role: None,
            token,
            limits: Limits::SERVICE,
        };
        let (metadata, body) = Box::pin(exchange::exchange(&routes, outgoing)).await?;
        Ok(RelayedAnswer { status: metadata.status, headers: metadata.headers, body })
    }

    /// Sends a request to a server, if the policy for what users name lets it. Gives up after the limits of a service's
    /// call; who has less patience drops the future.
    pub async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[Header],
        body: Bytes,
    ) -> Result<RelayedAnswer, String> {
        let mut request = hyper::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request =
            request.body(Full::new(body)).map_err(|error| format!("this is no HTTP request: {error}"))?;
        let routes = self.routes();
        let _under_way = UnderWay::begin(&self.calls);
        let answer = routes.guarded.send(request, Limits::SERVICE).await;
        let (metadata, body) = answer.map_err(|error: NoAnswer| error.reason())?;
        Ok(RelayedAnswer { status: metadata.status, headers: metadata.headers, body })
    }
}

/// Forms say in which version of the service they ask. Those that people write leave it out, as AWS lets them.
fn add_version(model: &Service, relayed: &mut Relayed) {
    if !is_form(&relayed.headers) {
        return;
    }
    let Ok(body) = std::str::from_utf8(&relayed.body) else { return };
    let has = |name: &str| body.split('&').any(|pair| pair.split('=').next() == Some(name));
    if has("Action") && !has("Version") {
        relayed.body = format!("{}&Version={}", body.trim_end(), model.api_version()).into();
    }
}

fn is_form(headers: &[Header]) -> bool {
    headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-type") && value.starts_with("application/x-www-form-urlencoded")
    })
}

/// What a request asks for.
fn asked(model: &'static Service, operation: Option<&str>, incoming: &Incoming<'_>) -> Option<Asked> {
    if let Ok(asked) = Offered::new([model]).find(incoming) {
        return Some(asked);
    }
    let operation = match operation {
        Some(name) => model.operation_named(name),
        None => of_s3(model, incoming),
    };
    operation.map(Asked::of)
}

/// S3's are found by nothing but method and path; these are what integrations call.
fn of_s3(model: &'static Service, incoming: &Incoming<'_>) -> Option<Operation<'static>> {
    if model.name() != "s3" {
        return None;
    }
    let has_key =
        incoming.path.trim_start_matches('/').split_once('/').is_some_and(|(_, key)| !key.is_empty());
    let name = match (incoming.method, has_key) {
        ("GET", true) => "GetObject",
        ("PUT", true) => "PutObject",
        ("DELETE", true) => "DeleteObject",
        ("HEAD", true) => "HeadObject",
        ("GET", false) => "ListObjectsV2",
        _ => return None,
    };
    model.operation_named(name)
}

/// An output, or the service's refusal, in the protocol in which it was asked for.
fn answered(asked: &Asked, output: Result<Value, CallTrouble>) -> Result<RelayedAnswer, CallTrouble> {
    let answer = match output {
        Ok(output) => asked.answer(&output, ""),
        Err(CallTrouble::Refused(error)) => {
            let fault = Fault { status: error.status, ..Fault::new(&error.code, error.message.clone()) };
            asked.refusal(&fault, &error.request_id)
        }
        Err(trouble) => return Err(trouble),
    };
    let headers = answer.headers.into_iter().map(|(name, value)| (name.into_owned(), value)).collect();
    Ok(RelayedAnswer { status: answer.status, headers, body: answer.body.into() })
}

/// With capitals first: that is how a resource's own endpoint is looked for.
fn spelt_as_tasks_do(input: &Value) -> Value {
    let members = input.as_object().into_iter().flat_map(Object::iter);
    let spelt = members.map(|(name, value)| {
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        (first.into_iter().chain(letters).collect::<String>(), value.clone())
    });
    Value::Object(spelt.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> String {
        let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        let (method, path, query) = ("POST".to_owned(), "/".to_owned(), String::new());
        let mut relayed = Relayed { method, path, query, headers, body: Bytes::from(body.to_owned()) };
        add_version(aws_models::service("sqs").unwrap(), &mut relayed);
        String::from_utf8_lossy(&relayed.body).into_owned()
    }

    #[test]
    fn forms_get_the_version_of_their_service() {
        for (body, expected) in [
            ("Action=SendMessage&MessageBody=a", "Action=SendMessage&MessageBody=a&Version=2012-11-05"),
            ("Version=1&Action=A", "Version=1&Action=A"),
            ("MessageBody=Action", "MessageBody=Action"),
        ] {
            assert_eq!(form(body), expected);
        }
    }

    #[test]
    fn operations_are_found_by_what_the_request_says() {
        for (service, operation, method, path, headers, body, expected) in [
            (
                "stepfunctions",
                None,
                "POST",
                "/",
                vec![("X-Amz-Target", "AWSStepFunctions.StopExecution")],
                "{}",
                "StopExecution",
            ),
            ("stepfunctions", Some("StartExecution"), "POST", "/", vec![], "{}", "StartExecution"),
            (
                "sns",
                None,
                "POST",
                "/",
                vec![("content-type", "application/x-www-form-urlencoded")],
                "Action=Publish&Version=2010-03-31",
                "Publish",
            ),
            ("lambda", None, "GET", "/2015-03-31/functions/f", vec![], "", "GetFunction"),
            ("s3", None, "PUT", "/bucket/a/b", vec![], "", "PutObject"),
            ("s3", None, "GET", "/bucket/", vec![], "", "ListObjectsV2"),
            ("s3", None, "POST", "/bucket", vec![], "", "nothing"),
            ("dynamodb", None, "POST", "/", vec![], "{}", "nothing"),
        ] {
            let incoming = Incoming { method, path, query: "", headers: &headers, body: body.as_bytes() };
            let found = asked(aws_models::service(service).unwrap(), operation, &incoming);
            let name = found.map_or("nothing", |asked| asked.operation.name());
            assert_eq!(name, expected, "{service} {method} {path}");
        }
    }

    #[test]
    fn members_begin_with_capitals() {
        let input = json::value!({"stateMachineArn": "a", "Name": {"b": 1}});
        assert_eq!(spelt_as_tasks_do(&input).to_text(), r#"{"StateMachineArn":"a","Name":{"b":1}}"#);
    }
}
