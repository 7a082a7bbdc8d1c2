//! A request to an HTTP API as its functions, servers and services get it, and what becomes of their answers.

use json::{Object, Value, value};
use vtl::api_gateway::Paths;

use crate::backend::{BackendAnswer, FunctionCall, HttpCall, ServiceCall};
use crate::exchange::{self, Request, Response};
use crate::invoke::{Facts, event_body, or_null, time_text};
use crate::paths::JsonPaths;
use crate::percent;
use services::Members;

use super::compiled::{Integration, Target};
use super::expression::{self, Change, Effect, Part, Piece};
use super::first_class;

/// A request that has found its route.
#[derive(Debug)]
pub(crate) struct Arrival<'r> {
    pub(crate) request: &'r Request,
    pub(crate) facts: &'r Facts,
    /// `GET /dragons/{id}`
    pub(crate) route_key: &'r str,
    pub(crate) path_parameters: Vec<(String, String)>,
    /// What the authorizer said of the caller.
    pub(crate) authorizer: Option<Object>,
    /// Whether that was in a token: `claims` and `scopes`.
    pub(crate) is_subject: bool,
}

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    Function(FunctionCall),
    Http(HttpCall),
    Service(ServiceCall),
}

impl Arrival<'_> {
    /// What an integration is asked.
    pub(crate) fn outgoing(&self, integration: &Integration) -> Outgoing {
        let role = integration.role.clone();
        match &integration.target {
            Target::Function { arn, is_version_2 } => {
                let event = if *is_version_2 { self.event_2() } else { self.event_1() };
                let payload = event.to_text().into_bytes();
                Outgoing::Function(FunctionCall { function: arn.clone(), payload, is_event: false, role })
            }
            Target::Server { url, verb, changes } => Outgoing::Http(self.http_call(url, verb, changes)),
            Target::Service { action, region, parameters } => {
                let parameters: Vec<_> =
                    parameters.iter().map(|(name, value)| (name.clone(), self.text(value, None))).collect();
                let body = first_class::input(*action, &parameters).to_text().into_bytes();
                let model = aws_models::service(action.service);
                let text = |value: fn(&'static aws_models::Service) -> Option<&'static str>| {
                    model.and_then(value).unwrap_or_default().to_owned()
                };
                let target = format!("{}.{}", text(aws_models::Service::target_prefix), action.operation);
                let kind = format!("application/x-amz-json-{}", text(aws_models::Service::json_version));
                let region = region.as_ref().map(|region| self.text(region, None));
                Outgoing::Service(ServiceCall {
                    service: action.service.to_owned(),
                    host_prefix: text(|model| Some(model.endpoint_prefix())),
                    region: region.unwrap_or_else(|| self.facts.region.clone()),
                    operation: Some(action.operation.to_owned()),
                    method: "POST".to_owned(),
                    path: "/".to_owned(),
                    query: String::new(),
                    headers: vec![("Content-Type".to_owned(), kind), ("X-Amz-Target".to_owned(), target)],
                    body,
                    role,
                })
            }
        }
    }

    fn http_call(&self, url: &str, verb: &str, changes: &[Change]) -> HttpCall {
        let mut query = percent::parse_query(&self.request.query);
        let mut headers: Vec<_> = self.request.headers.clone();
        headers.retain(|(name, _)| {
            !["host", "connection", "content-length", "transfer-encoding", "keep-alive", "te", "upgrade"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        });
        let value = |name: &str| {
            let found = self.path_parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let url = crate::invoke::with_path(
            &crate::invoke::target::with_stage_variables(url, &self.facts.stage_variables),
            value,
        );
        let mut url = url;
        for change in changes {
            let text = self.text(&change.value, None);
            match &change.part {
                Part::Header(name) => apply(&mut headers, name, change.effect, text),
                Part::QueryString(name) => apply(&mut query, name, change.effect, text),
                Part::Path => url = with_other_path(&url, &text),
                Part::StatusCode => {}
            }
        }
        let forwarded = format!("by={};for={};proto=https", self.facts.domain_name, self.request.source_ip);
        exchange::set(&mut headers, "forwarded", forwarded);
        let query = percent::query(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let joint = if url.contains('?') { "&" } else { "?" };
        HttpCall {
            method: if verb == "ANY" { self.request.method.clone() } else { verb.to_owned() },
            url: if query.is_empty() { url } else { format!("{url}{joint}{query}") },
            headers,
            body: self.request.body.clone(),
        }
    }

    /// What a reference stands for.
    pub(crate) fn reference(&self, name: &str) -> Option<String> {
        self.find(name, None)
    }

    fn find(&self, name: &str, answer: Option<&Response>) -> Option<String> {
        if let Some(name) = name.strip_prefix("context.") {
            let context = self.context(true);
            return crate::invoke::mapping::of_context(context.as_object()?, name)
                .map(|value| crate::invoke::mapping::as_text(&value));
        }
        if let Some(name) = name.strip_prefix("stageVariables.") {
            return self.facts.stage_variables.text(name).map(str::to_owned);
        }
        if let Some(name) = name.strip_prefix("response.") {
            let answer = answer?;
            return match name.split_once('.') {
                Some(("header", name)) => joined(&exchange::all(&answer.headers, name)),
                _ => in_body(&answer.body, name.strip_prefix("body")?),
            };
        }
        let name = name.strip_prefix("request.")?;
        match name.split_once('.') {
            Some(("header", name)) => joined(&exchange::all(&self.request.headers, name)),
            Some(("querystring", name)) => {
                let query = percent::parse_query(&self.request.query);
                let values: Vec<_> = query
                    .iter()
                    .filter(|(known, _)| known == name)
                    .map(|(_, value)| value.as_str())
                    .collect();
                joined(&values)
            }
            Some(("path", name)) => {
                self.path_parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            }
            None if name == "path" => Some(self.raw_path()),
            None if name == "method" => Some(self.request.method.clone()),
            _ => in_body(&self.request.body, name.strip_prefix("body")?),
        }
    }

    /// A value with its references replaced; what is not there is empty.
    fn text(&self, pieces: &[Piece], answer: Option<&Response>) -> String {
        let texts = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Reference(name) => self.find(name, answer).unwrap_or_default(),
        });
        texts.collect()
    }

    /// With the stage in front, but for the default one.
    fn raw_path(&self) -> String {
        match self.facts.stage.as_str() {
            "$default" => self.request.path.clone(),
            stage => format!("/{stage}{}", self.request.path),
        }
    }

    /// The ARN of the route, as authorizers' policies name it.
    pub(crate) fn arn(&self) -> String {
        self.facts.method_arn(&self.request.method, &self.request.path)
    }

    fn is_binary(&self) -> bool {
        let kind = self.request.header("content-type").unwrap_or("text/plain").to_ascii_lowercase();
        let texts = [
            "text/",
            "application/json",
            "application/javascript",
            "application/xml",
            "application/x-www-form-urlencoded",
        ];
        let is_text = texts.iter().any(|known| kind.starts_with(known))
            || kind.contains("+json")
            || kind.contains("+xml");
        !is_text || std::str::from_utf8(&self.request.body).is_err()
    }

    /// Format 2.0.
    pub(crate) fn event_2(&self) -> Value {
        let mut headers = Object::new();
        let mut cookies: Vec<&str> = Vec::new();
        for (name, value) in &self.request.headers {
            if name.eq_ignore_ascii_case("cookie") {
                cookies.extend(value.split("; "));
            } else {
                add(&mut headers, name.to_ascii_lowercase(), value);
            }
        }
        let mut query = Object::new();
        for (name, value) in percent::parse_query(&self.request.query) {
            add(&mut query, name, &value);
        }
        let mut event = value!({
            "version": "2.0",
            "routeKey": self.route_key,
            "rawPath": self.raw_path(),
            "rawQueryString": self.request.query.as_str(),
        });
        let Value::Object(members) = &mut event else { return event };
        if !cookies.is_empty() {
            members.insert("cookies", cookies);
        }
        members.insert("headers", headers);
        if !query.is_empty() {
            members.insert("queryStringParameters", query);
        }
        members.insert("requestContext", self.context(false));
        if !self.path_parameters.is_empty() {
            members.insert(
                "pathParameters",
                self.path_parameters
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect::<Object>(),
            );
        }
        if !self.facts.stage_variables.is_empty() {
            members.insert("stageVariables", self.facts.stage_variables.clone());
        }
        let is_binary = self.is_binary() && !self.request.body.is_empty();
        if !self.request.body.is_empty() {
            members.insert("body", event_body(&self.request.body, is_binary));
        }
        members.insert("isBase64Encoded", is_binary);
        event
    }

    /// Format 1.0, as HTTP APIs have it.
    pub(crate) fn event_1(&self) -> Value {
        let query = percent::parse_query(&self.request.query);
        let object = |pairs: &[(String, String)]| {
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Object>()
        };
        let lists = crate::invoke::event_lists;
        let is_binary = self.is_binary() && !self.request.body.is_empty();
        let (facts, request) = (self.facts, self.request);
        let resource = self.route_key.split_once(' ').map_or(self.route_key, |(_, path)| path);
        value!({
            "version": "1.0",
            "resource": resource,
            "path": self.raw_path(),
            "httpMethod": request.method.as_str(),
            "headers": object(&request.headers),
            "multiValueHeaders": lists(&request.headers),
            "queryStringParameters": or_null(object(&query)),
            "multiValueQueryStringParameters": or_null(lists(&query)),
            "requestContext": {
                "accountId": facts.account.as_str(),
                "apiId": facts.api_id.as_str(),
                "authorizer": self.authorizer.clone(),
                "domainName": facts.domain_name.as_str(),
                "domainPrefix": facts.api_id.as_str(),
                "extendedRequestId": facts.extended_request_id.as_str(),
                "httpMethod": request.method.as_str(),
                "identity": {
                    "accessKey": request.identity.as_ref().map(|identity| identity.access_key.as_str()),
                    "accountId": request.identity.as_ref().map(|identity| identity.account.as_str()),
                    "sourceIp": request.source_ip.as_str(),
                    "userAgent": request.header("user-agent"),
                },
                "path": self.raw_path(),
                "protocol": "HTTP/1.1",
                "requestId": facts.extended_request_id.as_str(),
                "requestTime": time_text(facts.now),
                "requestTimeEpoch": facts.now,
                "resourceId": self.route_key,
                "resourcePath": resource,
                "stage": facts.stage.as_str(),
            },
            "pathParameters": or_null(object(&self.path_parameters)),
            "stageVariables": or_null(facts.stage_variables.clone()),
            "body": event_body(&request.body, is_binary),
            "isBase64Encoded": is_binary,
        })
    }

    /// `requestContext`, which mappings name `$context`; these have some members in other places too.
    fn context(&self, is_mapping: bool) -> Value {
        let (facts, request) = (self.facts, self.request);
        let mut context = value!({
            "accountId": facts.account.as_str(),
            "apiId": facts.api_id.as_str(),
        });
        let Value::Object(members) = &mut context else { return context };
        if let Some(authorizer) = &self.authorizer {
            let authorizer = Value::from(authorizer.clone());
            let authorizer = match (is_mapping, self.is_subject) {
                (true, _) => authorizer,
                (false, true) => value!({"jwt": authorizer}),
                (false, false) => value!({"lambda": authorizer}),
            };
            members.insert("authorizer", authorizer);
        } else if let Some(identity) = &request.identity {
            let iam =
                value!({"accessKey": identity.access_key.as_str(), "accountId": identity.account.as_str()});
            members.insert("authorizer", value!({"iam": iam}));
        }
        members.insert("domainName", facts.domain_name.as_str());
        members.insert("domainPrefix", facts.api_id.as_str());
        members.insert(
            "http",
            value!({
                "method": request.method.as_str(),
                "path": self.raw_path(),
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip.as_str(),
                "userAgent": request.header("user-agent").unwrap_or_default(),
            }),
        );
        members.insert("requestId", facts.extended_request_id.as_str());
        members.insert("routeKey", self.route_key);
        members.insert("stage", facts.stage.as_str());
        members.insert("time", time_text(facts.now));
        members.insert("timeEpoch", facts.now);
        if is_mapping {
            for (name, value) in [
                ("httpMethod", Value::from(request.method.as_str())),
                ("path", self.raw_path().into()),
                ("protocol", "HTTP/1.1".into()),
                ("requestTime", time_text(facts.now).into()),
                ("requestTimeEpoch", facts.now.into()),
                ("extendedRequestId", facts.extended_request_id.as_str().into()),
                (
                    "identity",
                    value!({"sourceIp": request.source_ip.as_str(), "userAgent": request.header("user-agent")}),
                ),
            ] {
                members.insert(name, value);
            }
        }
        context
    }

    /// A response that came from behind, with the changes that its status asks for.
    pub(crate) fn answered(&self, integration: &Integration, answer: BackendAnswer) -> Response {
        let mut response = Response { status: answer.status, headers: answer.headers, body: answer.body };
        response.headers.retain(|(name, _)| {
            !["connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "trailer"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        });
        let before = response.clone();
        for change in expression::of_status(&integration.response_parameters, before.status) {
            let text = self.text(&change.value, Some(&before));
            match &change.part {
                Part::Header(name) => apply(&mut response.headers, name, change.effect, text),
                Part::StatusCode => {
                    response.status =
                        text.parse().ok().filter(|status| (100..600).contains(status)).unwrap_or(500)
                }
                Part::QueryString(_) | Part::Path => {}
            }
        }
        response
    }
}

/// Several values of a name are one, with commas.
fn add(object: &mut Object, name: String, value: &str) {
    let value = match object.text(&name) {
        Some(before) => format!("{before},{value}"),
        None => value.to_owned(),
    };
    object.insert(name, value);
}

fn joined(values: &[&str]) -> Option<String> {
    (!values.is_empty()).then(|| values.join(","))
}

fn in_body(body: &[u8], path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(String::from_utf8_lossy(body).into_owned());
    }
    let body = Value::parse_bytes(body).ok()?;
    let found = JsonPaths.find(&body, &format!("${path}"))?;
    (!found.is_null()).then(|| crate::invoke::mapping::as_text(&found))
}

fn apply(pairs: &mut Vec<(String, String)>, name: &str, effect: Effect, value: String) {
    if effect != Effect::Append {
        pairs.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }
    if effect != Effect::Remove {
        pairs.push((name.to_owned(), value));
    }
}

fn with_other_path(url: &str, path: &str) -> String {
    let start = url.find("://").map_or(0, |place| place + 3);
    let end = url[start..].find(['/', '?']).map_or(url.len(), |place| start + place);
    format!("{}/{}", &url[..end], percent::encode(path.trim_start_matches('/'), "/:@!$&'()*+,;="))
}

/// The response that a function's answer is. In format 2.0 an answer without a status is the body itself.
pub(crate) fn function_answer(payload: &[u8], is_version_2: bool) -> Option<Response> {
    let answer = Value::parse_bytes(payload).ok()?;
    let Some(status) = answer.get("statusCode") else {
        if !is_version_2 {
            return None;
        }
        let body = match &answer {
            Value::String(text) => text.to_string(),
            other => other.to_text(),
        };
        let mut response = Response::new(200, body);
        response.set("content-type", "application/json");
        return Some(response);
    };
    let status = match status {
        Value::Int(status) => u16::try_from(*status).ok()?,
        Value::String(status) => status.parse().ok()?,
        _ => return None,
    };
    let mut response = Response {
        status: Some(status).filter(|status| (100..600).contains(status))?,
        ..Response::default()
    };
    for (name, value) in answer.part("headers").iter() {
        response.headers.push((name.to_ascii_lowercase(), crate::invoke::mapping::as_text(value)));
    }
    if !is_version_2 {
        for (name, values) in answer.part("multiValueHeaders").iter() {
            let values = values.as_array()?.iter();
            response.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            response.headers.extend(
                values.map(|value| (name.to_ascii_lowercase(), crate::invoke::mapping::as_text(value))),
            );
        }
    }
    for cookie in answer.texts("cookies") {
        response.headers.push(("set-cookie".to_owned(), cookie.to_owned()));
    }
    response.body = match answer.member("body") {
        None => Vec::new(),
        Some(Value::String(text)) if answer.flag("isBase64Encoded") => vtl::text::base64_decode(text)?,
        Some(Value::String(text)) => text.as_bytes().to_vec(),
        Some(other) => other.to_text().into_bytes(),
    };
    if exchange::last(&response.headers, "content-type").is_none() {
        let kind = if is_version_2 { "application/json" } else { "text/plain;charset=UTF-8" };
        response.set("content-type", kind);
    }
    Some(response)
}
