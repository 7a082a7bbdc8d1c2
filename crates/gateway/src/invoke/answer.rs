//! What an integration answers becomes the response: chosen by its status or error, mapped, overridden.
//! (spec/vtl.md §6.6)

use json::Value;
use vtl::api_gateway::Paths;

use crate::backend::{BackendAnswer, FunctionAnswer, Trouble};
use crate::exchange::{self, Response};
use crate::paths::JsonPaths;
use services::Members;

use super::deployed::{IntegrationResponse, Kind, Templates};
use super::log;
use super::mapping::{Source, as_text};
use super::{Course, Refusal, binary, proxy};

/// What an integration answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A service or a server; or a mock, whose body is empty.
    Http(BackendAnswer),
    Function(FunctionAnswer),
}

impl Course<'_> {
    /// The response to what came back, or to that nothing did. `latency` is in milliseconds.
    pub(crate) fn finish(
        &mut self,
        outcome: Result<Outcome, Trouble>,
        latency: i64,
    ) -> Result<Response, Refusal> {
        self.log.advance(latency);
        let Some(method) = self.method else { return Err(Refusal::missing_token()) };
        let outcome = outcome.map_err(refusal)?;
        self.log_received(&outcome, latency);
        let integration = &method.integration;
        let (answer, selected_by) = match outcome {
            Outcome::Function(answer) if integration.kind == Kind::AwsProxy => return self.of_proxy(&answer),
            Outcome::Function(answer) => {
                let message = if answer.is_error { error_message(&answer.payload) } else { String::new() };
                let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
                (BackendAnswer { status: 200, headers, body: answer.payload }, message)
            }
            Outcome::Http(answer) if integration.kind == Kind::HttpProxy => return Ok(self.passed_on(answer)),
            Outcome::Http(answer) => {
                let status = answer.status.to_string();
                (answer, status)
            }
        };
        let Some(chosen) = integration.response_for(&selected_by) else {
            let status = answer.status;
            return Err(Refusal::configuration().logged(format!(
                "Execution failed due to configuration error: No match for output mapping and no default endpoint \
                 mapping configured. Endpoint Response Status Code: {status}"
            )));
        };
        self.mapped_back(chosen, answer)
    }

    /// By the integration response that was chosen.
    fn mapped_back(
        &mut self,
        chosen: &IntegrationResponse,
        answer: BackendAnswer,
    ) -> Result<Response, Refusal> {
        let own_kind = exchange::last(&answer.headers, "content-type").unwrap_or_default();
        let is_binary = self.deployed.is_some_and(|deployed| deployed.binary.has(own_kind));
        let mut headers = Vec::new();
        for (name, source) in &chosen.parameters {
            for value in self.of_response(source, &answer) {
                headers.push((name.clone(), value));
            }
        }
        let mut kind = "application/json".to_owned();
        let body = match self.response_template(&chosen.templates) {
            Some((of_template, template)) => {
                kind = of_template.to_owned();
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                self.render(template, &text)?.into_bytes()
            }
            None => binary::outgoing(answer.body, is_binary, chosen.conversion),
        };
        let mut response = Response { status: chosen.status, headers, body };
        if exchange::last(&response.headers, "content-type").is_none() {
            response.set("Content-Type", kind);
        }
        let status = self.context.part("responseOverride").get("status").map(as_text);
        if let Some(status) =
            status.and_then(|status| status.parse().ok()).filter(|status| (100..600).contains(status))
        {
            response.status = status;
        }
        for (name, values) in self.overrides("responseOverride", "header") {
            response.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
            response.headers.extend(values.into_iter().map(|value| (name.clone(), value)));
        }
        self.log_response(&response);
        Ok(response)
    }

    /// A response that passes as it is.
    fn passed_on(&mut self, answer: BackendAnswer) -> Response {
        let is_of_the_connection = |name: &str| {
            ["connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "trailer"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        };
        let headers = answer.headers.into_iter().filter(|(name, _)| !is_of_the_connection(name));
        let response = Response { status: answer.status, headers: headers.collect(), body: answer.body };
        self.log_response(&response);
        response
    }

    /// What a function answers behind a proxy integration says itself what the response is.
    fn of_proxy(&mut self, answer: &FunctionAnswer) -> Result<Response, Refusal> {
        if answer.is_error {
            let body = log::body(&answer.payload);
            return Err(Refusal::bad_function().logged(format!(
                "Execution failed due to configuration error: Lambda execution failed: {body}"
            )));
        }
        let accepted = self.request.header("accept").unwrap_or_default().to_owned();
        let response = proxy::function_answer(&answer.payload, |kind| {
            self.deployed.is_some_and(|deployed| deployed.binary.has(kind) || deployed.binary.has(&accepted))
        });
        let Some(mut response) = response else {
            return Err(Refusal::bad_function()
                .logged("Execution failed due to configuration error: Malformed Lambda proxy response"));
        };
        if exchange::last(&response.headers, "content-type").is_none() {
            response.set("Content-Type", "application/json");
        }
        self.log_response(&response);
        Ok(response)
    }

    /// By what the caller accepts, or else for JSON, or else the first.
    fn response_template<'t>(&self, templates: &'t Templates) -> Option<(&'t str, &'t vtl::Template)> {
        let accepted = self.request.header("accept").unwrap_or_default().split(',').map(binary::essence);
        let mut kinds = accepted.chain(["application/json"]);
        let found = kinds.find_map(|kind| templates.iter().find(|(known, _)| known == kind));
        found.or_else(|| templates.first()).map(|(kind, template)| (kind.as_str(), template))
    }

    fn of_response(&mut self, source: &Source, answer: &BackendAnswer) -> Vec<String> {
        match source {
            Source::ResponseHeader(name) => {
                exchange::last(&answer.headers, name).map(str::to_owned).into_iter().collect()
            }
            Source::ResponseHeaders(name) => {
                exchange::all(&answer.headers, name).into_iter().map(str::to_owned).collect()
            }
            Source::ResponseBody(None) => vec![String::from_utf8_lossy(&answer.body).into_owned()],
            Source::ResponseBody(Some(path)) => {
                let found =
                    Value::parse_bytes(&answer.body).ok().and_then(|body| JsonPaths.find(&body, path));
                found.filter(|value| !value.is_null()).map(|value| as_text(&value)).into_iter().collect()
            }
            source => self.of_request(source),
        }
    }

    fn log_received(&mut self, outcome: &Outcome, latency: i64) {
        if self.method.is_some_and(|method| method.integration.kind == Kind::Mock) {
            return;
        }
        let (status, headers, body) = match outcome {
            Outcome::Http(answer) => (answer.status, &answer.headers[..], &answer.body),
            Outcome::Function(answer) => (200, &[][..], &answer.payload),
        };
        self.log.line(|| format!("Received response. Status: {status}, Integration latency: {latency} ms"));
        self.log.line(|| format!("Endpoint response headers: {}", log::pairs(headers)));
        self.log.line(|| format!("Endpoint response body before transformations: {}", log::body(body)));
    }

    fn log_response(&mut self, response: &Response) {
        self.log
            .line(|| format!("Method response body after transformations: {}", log::body(&response.body)));
        self.log.line(|| format!("Method response headers: {}", log::pairs(&response.headers)));
        self.log.line(|| "Successfully completed execution".to_owned());
        self.log.line(|| format!("Method completed with status: {}", response.status));
    }
}

/// What a function says about its failure.
fn error_message(payload: &[u8]) -> String {
    let parsed = Value::parse_bytes(payload).unwrap_or_default();
    parsed.text("errorMessage").map_or_else(|| String::from_utf8_lossy(payload).into_owned(), str::to_owned)
}

fn refusal(trouble: Trouble) -> Refusal {
    match trouble {
        Trouble::Refused(why) => {
            Refusal::configuration().logged(format!("Execution failed due to configuration error: {why}"))
        }
        Trouble::Broken(why) => {
            Refusal::no_network().logged(format!("Execution failed due to a network error: {why}"))
        }
        Trouble::TimedOut => Refusal::timed_out().logged("Execution failed due to a timeout error"),
    }
}
