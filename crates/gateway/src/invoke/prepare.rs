//! A request becomes what its integration is asked: validated, mapped, and addressed.

use std::borrow::Cow;

use json::Value;

use crate::backend::{FunctionCall, HttpCall, ServiceCall};
use crate::exchange;
use crate::percent;

use super::deployed::{Integration, Kind, Passthrough};
use super::log;
use super::mapping::Place;
use super::target::{self, Target};
use super::{Course, Method, Refusal, binary, proxy, service_call};

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Prepared {
    Service(ServiceCall),
    Function(FunctionCall),
    Http(HttpCall),
    /// Nobody is called; the answer has this status.
    Mock {
        status: String,
    },
}

/// What mappings and templates made of the request.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    pub(super) path: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Course<'_> {
    /// Validates the request, and makes of it what the integration is asked.
    pub(crate) fn prepare(&mut self) -> Result<Prepared, Refusal> {
        let Some(method) = self.method else { return Err(Refusal::missing_token()) };
        self.validate(method)?;
        let integration = &method.integration;
        let uri = target::with_stage_variables(&integration.uri, &self.facts.stage_variables);
        let target = match integration.kind {
            Kind::Mock => None,
            _ => Some(Target::parse(&uri).ok_or_else(|| {
                Refusal::configuration().logged(format!(
                    "Execution failed due to configuration error: Invalid endpoint address: {uri}"
                ))
            })?),
        };
        let role = integration
            .credentials
            .as_deref()
            .map(|role| target::with_stage_variables(role, &self.facts.stage_variables));
        if let (Kind::AwsProxy, Some(Target::Function { arn })) = (integration.kind, &target) {
            let payload = proxy::event(self, method).to_text().into_bytes();
            let prepared = FunctionCall { function: arn.clone(), payload, is_event: false, role };
            self.log_sending(&self.function_url(arn), &[], &prepared.payload);
            return Ok(Prepared::Function(prepared));
        }
        let mapped = self.mapped(integration)?;
        match target {
            None => mock(&mapped.body).map(|status| Prepared::Mock { status }),
            Some(Target::Function { arn }) => {
                let is_event = exchange::last(&mapped.headers, "X-Amz-Invocation-Type") == Some("Event");
                self.log_sending(&self.function_url(&arn), &mapped.headers, &mapped.body);
                Ok(Prepared::Function(FunctionCall { function: arn, payload: mapped.body, is_event, role }))
            }
            Some(Target::Http { url }) => {
                let call = self.http_call(integration, &url, mapped);
                self.log_sending(&call.url, &call.headers, &call.body);
                Ok(Prepared::Http(call))
            }
            Some(target) => {
                let call = service_call::build(self, integration, &target, mapped, role)?;
                self.log_sending(&service_call::url(&call), &call.headers, &call.body);
                Ok(Prepared::Service(call))
            }
        }
    }

    fn validate(&mut self, method: &Method) -> Result<(), Refusal> {
        if method.validates_parameters {
            let missing = method.required.iter().filter(|(place, name)| !self.has(*place, name));
            let missing: Vec<_> = missing.map(|(_, name)| name.as_str()).collect();
            if !missing.is_empty() {
                return Err(Refusal::missing_parameters(&missing));
            }
        }
        let kind = self.content_type().to_owned();
        if method.validates_body
            && let Some(model) = method.models.get(&kind)
            && let Some(deployed) = self.deployed
        {
            let body = match self.request.body.is_empty() {
                true => Ok(Value::Null),
                false => Value::parse_bytes(&self.request.body),
            };
            let problems = match body {
                Ok(body) => deployed.schemas.problems(model, &body),
                Err(error) => vec![format!("Unable to parse the request body as JSON: {error}")],
            };
            if !problems.is_empty() {
                let problems = format!("[{}]", problems.join(", "));
                let log =
                    format!("Request body does not match model schema for content type {kind}: {problems}");
                return Err(Refusal::invalid_body(problems).logged(log));
            }
        }
        self.log.line(|| format!("Request validation succeeded for content type {kind}"));
        Ok(())
    }

    /// Parameters first, then the template, which may override them.
    fn mapped(&mut self, integration: &Integration) -> Result<Mapped, Refusal> {
        let mut mapped = Mapped::default();
        for (place, name, source) in &integration.parameters {
            let values = self.of_request(source);
            let target = match place {
                Place::Path => &mut mapped.path,
                Place::QueryString => &mut mapped.query,
                Place::Header => &mut mapped.headers,
            };
            target.extend(values.into_iter().map(|value| (name.clone(), value)));
        }
        let is_binary = self.deployed.is_some_and(|deployed| deployed.binary.has(self.content_type()));
        let body = binary::incoming(self.request.body.clone(), is_binary, integration.conversion);
        mapped.body = match self.template(integration)? {
            Some(template) if integration.kind != Kind::HttpProxy => {
                let text = String::from_utf8_lossy(&body).into_owned();
                self.render(template, &text)?.into_bytes()
            }
            _ => body,
        };
        for (place, target) in
            [("path", &mut mapped.path), ("querystring", &mut mapped.query), ("header", &mut mapped.headers)]
        {
            for (name, values) in self.overrides("requestOverride", place) {
                target.retain(|(known, _)| {
                    *known != name && !(place == "header" && known.eq_ignore_ascii_case(&name))
                });
                target.extend(values.into_iter().map(|value| (name.clone(), value)));
            }
        }
        Ok(mapped)
    }

    /// The template for the type of the body; none if the body passes as it is. (spec/vtl.md §6.2)
    fn template<'i>(&self, integration: &'i Integration) -> Result<Option<&'i vtl::Template>, Refusal> {
        let kind = self.content_type();
        let templates = &integration.templates;
        let found = templates.iter().find(|(known, _)| known.eq_ignore_ascii_case(kind));
        match (found, integration.passthrough) {
            (Some((_, template)), _) => Ok(Some(template)),
            (None, Passthrough::WhenNoMatch) => Ok(None),
            (None, Passthrough::WhenNoTemplates) if templates.is_empty() => Ok(None),
            (None, _) if integration.kind == Kind::HttpProxy => Ok(None),
            (None, Passthrough::WhenNoTemplates | Passthrough::Never) => {
                Err(Refusal::unsupported_media_type())
            }
        }
    }

    fn http_call(&self, integration: &Integration, url: &str, mut mapped: Mapped) -> HttpCall {
        let is_proxy = integration.kind == Kind::HttpProxy;
        if is_proxy {
            // The caller's own come first, and mapped ones take their places.
            for (own, mapped) in [(&self.query, &mut mapped.query), (&self.headers, &mut mapped.headers)] {
                let kept = own
                    .iter()
                    .filter(|(name, _)| !mapped.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)));
                let mut kept: Vec<_> = kept.cloned().collect();
                kept.append(mapped);
                *mapped = kept;
            }
            mapped.headers.retain(|(name, _)| !is_of_the_connection(name));
        }
        let url = with_path(url, |name| {
            let found =
                exchange_last(&mapped.path, name).or_else(|| exchange_last(&self.path_parameters, name));
            found.map(str::to_owned)
        });
        let query = percent::query(mapped.query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let joint = if url.contains('?') { '&' } else { '?' };
        let url = if query.is_empty() { url } else { format!("{url}{joint}{query}") };
        let verb =
            if integration.verb == "ANY" { self.request.method.clone() } else { integration.verb.clone() };
        let mut headers = mapped.headers;
        if is_proxy {
            exchange::set(&mut headers, "x-amzn-apigateway-api-id", self.facts.api_id.as_str());
            exchange::set(&mut headers, "X-Amzn-Trace-Id", self.facts.trace());
        } else {
            self.add_own_headers(&mut headers);
            if matches!(verb.as_str(), "GET" | "HEAD") && mapped.body.is_empty() {
                headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            }
        }
        HttpCall { method: verb, url, headers, body: mapped.body }
    }

    /// What the gateway says of itself to everybody whom it calls.
    pub(super) fn add_own_headers(&self, headers: &mut Vec<(String, String)>) {
        let id = &self.facts.api_id;
        for (name, value) in [
            ("x-amzn-apigateway-api-id", id.clone()),
            ("User-Agent", format!("AmazonAPIGateway_{id}")),
            ("Accept", "application/json".to_owned()),
            ("Content-Type", self.content_type().to_owned()),
            ("X-Amzn-Trace-Id", self.facts.trace()),
        ] {
            if exchange::last(headers, name).is_none() {
                headers.push((name.to_owned(), value));
            }
        }
    }

    fn function_url(&self, arn: &str) -> String {
        let region = &self.facts.region;
        format!("https://lambda.{region}.amazonaws.com/2015-03-31/functions/{arn}/invocations")
    }

    fn log_sending(&mut self, url: &str, headers: &[(String, String)], body: &[u8]) {
        self.log.line(|| format!("Endpoint request URI: {url}"));
        self.log.line(|| format!("Endpoint request headers: {}", log::pairs(headers)));
        self.log.line(|| format!("Endpoint request body after transformations: {}", log::body(body)));
        self.log.line(|| format!("Sending request to {url}"));
    }
}

fn exchange_last<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    pairs.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// A URL with the values of its variables; those that have none stay.
pub(crate) fn with_path(url: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(url.len());
    let mut rest = url;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        let plain = name.trim_end_matches('+');
        // What a greedy variable took has slashes of its own.
        let found = value(plain).map(|value| Cow::from(percent::encode(&value, "/:@!$&'()*+,;=")));
        out.push_str(&found.unwrap_or_else(|| Cow::from(format!("{{{name}}}"))));
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Headers that are about the connection to the caller, and mean nothing to anybody else. (RFC 9110, 7.6.1)
fn is_of_the_connection(name: &str) -> bool {
    let own = [
        "host",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "content-length",
        "proxy-authorization",
        "expect",
    ];
    own.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The status that the template of a mock asks for: `{"statusCode": 200}`, and what is not quite JSON too.
fn mock(body: &[u8]) -> Result<String, Refusal> {
    let text = String::from_utf8_lossy(body);
    let found = match Value::parse(&text) {
        Ok(body) => body.get("statusCode").map(super::mapping::as_text),
        Err(_) => text.split_once("statusCode").map(|(_, rest)| {
            let rest = rest.trim_start_matches(['"', '\'', ':', ' ', '\t', '\r', '\n']);
            rest.chars().take_while(char::is_ascii_digit).collect()
        }),
    };
    let is_status = |status: &String| status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    found.filter(is_status).ok_or_else(|| {
        Refusal::configuration().logged("Execution failed due to configuration error: Unable to parse statusCode. It should be an integer that is defined in the request template.")
    })
}
