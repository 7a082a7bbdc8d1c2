//! What a caller hears when a request never reaches its integration, or nothing comes back: gateway responses.
//!
//! Their templates are no Velocity: `$context.…` and `$stageVariables.…` are replaced, and nothing else.

use json::{Object, Value, value};

use crate::control::default_status;
use crate::exchange::Response;
use services::Members;

use super::course::Course;
use super::mapping::{Source, as_text, of_context};

/// Why a request ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The type of the gateway response: `BAD_REQUEST_BODY`.
    pub(crate) kind: &'static str,
    /// The class of the error, in a header: `BadRequestException`.
    pub(crate) class: &'static str,
    /// Without one, the message is null.
    pub(crate) message: Option<String>,
    /// What a validator found.
    pub(crate) validation: Option<String>,
    /// Where it differs from that of the type.
    pub(crate) status: Option<u16>,
    /// For the log: what happened, for whoever runs the API.
    pub(crate) log: Option<String>,
}

impl Refusal {
    const fn new(kind: &'static str, class: &'static str) -> Refusal {
        Refusal { kind, class, message: None, validation: None, status: None, log: None }
    }

    fn with(self, message: impl Into<String>) -> Refusal {
        Refusal { message: Some(message.into()), ..self }
    }

    pub(crate) fn logged(self, log: impl Into<String>) -> Refusal {
        Refusal { log: Some(log.into()), ..self }
    }

    /// There is no such method.
    pub(crate) fn missing_token() -> Refusal {
        Refusal::new("MISSING_AUTHENTICATION_TOKEN", "MissingAuthenticationTokenException")
            .with("Missing Authentication Token")
    }

    /// There is no such API or stage, or it is not reached here.
    pub(crate) fn forbidden() -> Refusal {
        Refusal::new("INVALID_API_KEY", "ForbiddenException").with("Forbidden")
    }

    pub(crate) fn throttled() -> Refusal {
        Refusal::new("THROTTLED", "TooManyRequestsException").with("Too Many Requests")
    }

    pub(crate) fn quota_exceeded() -> Refusal {
        Refusal::new("QUOTA_EXCEEDED", "LimitExceededException").with("Limit Exceeded")
    }

    pub(crate) fn unauthorized() -> Refusal {
        Refusal::new("UNAUTHORIZED", "UnauthorizedException").with("Unauthorized")
    }

    pub(crate) fn expired_token() -> Refusal {
        Refusal::new("UNAUTHORIZED", "UnauthorizedException").with("The incoming token has expired")
    }

    pub(crate) fn access_denied(is_explicit: bool) -> Refusal {
        let why = if is_explicit { " with an explicit deny" } else { "" };
        Refusal::new("ACCESS_DENIED", "AccessDeniedException")
            .with(format!("User is not authorized to access this resource{why}"))
    }

    pub(crate) fn authorizer_failure() -> Refusal {
        Refusal::new("AUTHORIZER_FAILURE", "AuthorizerFailureException")
    }

    pub(crate) fn authorizer_configuration() -> Refusal {
        Refusal::new("AUTHORIZER_CONFIGURATION_ERROR", "AuthorizerConfigurationException")
    }

    pub(crate) fn missing_parameters(names: &[&str]) -> Refusal {
        Refusal::new("BAD_REQUEST_PARAMETERS", "BadRequestException")
            .with(format!("Missing required request parameters: [{}]", names.join(", ")))
    }

    pub(crate) fn invalid_body(validation: String) -> Refusal {
        let refusal = Refusal::new("BAD_REQUEST_BODY", "BadRequestException").with("Invalid request body");
        Refusal { validation: Some(validation), ..refusal }
    }

    pub(crate) fn unsupported_media_type() -> Refusal {
        Refusal::new("UNSUPPORTED_MEDIA_TYPE", "UnsupportedMediaTypeException").with("Unsupported Media Type")
    }

    pub(crate) fn too_large() -> Refusal {
        Refusal::new("REQUEST_TOO_LARGE", "RequestTooLargeException").with("Request Too Long")
    }

    /// The API is not as it should be: a template failed, no response matches.
    pub(crate) fn configuration() -> Refusal {
        Refusal::new("API_CONFIGURATION_ERROR", "InternalServerErrorException").with("Internal server error")
    }

    pub(crate) fn no_network() -> Refusal {
        Refusal::new("INTEGRATION_FAILURE", "InternalServerErrorException")
            .with("Network error communicating with endpoint")
    }

    pub(crate) fn timed_out() -> Refusal {
        Refusal::new("INTEGRATION_TIMEOUT", "InternalServerErrorException").with("Endpoint request timed out")
    }

    /// What a function answered is no response.
    pub(crate) fn bad_function() -> Refusal {
        let refusal =
            Refusal::new("DEFAULT_5XX", "InternalServerErrorException").with("Internal server error");
        Refusal { status: Some(502), ..refusal }
    }
}

/// A gateway response that somebody has changed.
#[derive(Debug)]
pub(crate) struct GatewayResponse {
    status: Option<u16>,
    headers: Vec<(String, Source)>,
    templates: Object,
}

impl GatewayResponse {
    pub(crate) fn compile(response: &Value) -> GatewayResponse {
        let headers = response.part("responseParameters").iter().filter_map(|(name, expression)| {
            let name = name.strip_prefix("gatewayresponse.header.")?;
            Some((name.to_owned(), Source::of_request(expression.as_str()?)?))
        });
        GatewayResponse {
            status: response.text("statusCode").and_then(|code| code.parse().ok()),
            headers: headers.collect(),
            templates: response.part("responseTemplates").clone(),
        }
    }
}

const DEFAULT_TEMPLATE: &str = "{\"message\":$context.error.messageString}";

impl Course<'_> {
    /// The response that a refusal becomes.
    pub(crate) fn refuse(&mut self, refusal: &Refusal) -> Response {
        if let Some(log) = &refusal.log {
            self.log.line(|| log.clone());
        }
        self.context.insert(
            "error",
            value!({
                "message": refusal.message.as_deref(),
                "messageString": refusal.message.as_ref().map(|message| Value::from(message).to_text()),
                "responseType": refusal.kind,
                "validationErrorString": refusal.validation.as_deref(),
            }),
        );
        let own_status = refusal.status.unwrap_or_else(|| default_status(refusal.kind));
        let class = if own_status < 500 { "DEFAULT_4XX" } else { "DEFAULT_5XX" };
        let all = self.deployed.map(|deployed| &deployed.gateway_responses);
        let changed = all.and_then(|all| all.get(refusal.kind).or_else(|| all.get(class)));
        let (mut kind, mut template) = ("application/json", DEFAULT_TEMPLATE);
        if let Some(changed) = changed.filter(|changed| !changed.templates.is_empty()) {
            (kind, template) = chosen(&changed.templates, self.request.header("accept"));
        }
        let status = changed.and_then(|changed| changed.status).unwrap_or(own_status);
        let mut response = Response::new(status, self.substituted(template));
        response.set("Content-Type", kind);
        response.set("x-amzn-ErrorType", refusal.class);
        for (name, source) in changed.into_iter().flat_map(|changed| &changed.headers) {
            if let Some(value) = self.of_request(source).pop() {
                response.set(name, value);
            }
        }
        self.log.line(|| format!("Method completed with status: {status}"));
        response
    }

    fn substituted(&self, template: &str) -> String {
        let mut out = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let may_stand =
                |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
            let length = after.find(|letter| !may_stand(letter)).unwrap_or(after.len());
            let name = after[..length].trim_end_matches('.');
            if let Some(name) = name.strip_prefix("context.") {
                let value = of_context(&self.context, name);
                // The message is a part of JSON, where nothing is null.
                let is_json = name == "error.messageString";
                out.push_str(&value.map_or_else(
                    || if is_json { "null".into() } else { String::new() },
                    |value| as_text(&value),
                ));
                rest = &after[name.len() + "context.".len()..];
            } else if let Some(variable) = name.strip_prefix("stageVariables.") {
                out.push_str(self.facts.stage_variables.text_or_empty(variable));
                rest = &after[name.len()..];
            } else {
                out.push('$');
                rest = after;
            }
        }
        out.push_str(rest);
        out
    }
}

/// The template for what the caller accepts, or else the one for JSON, or else the first.
fn chosen<'t>(templates: &'t Object, accept: Option<&str>) -> (&'t str, &'t str) {
    let accepted = accept.unwrap_or_default().split(',').map(super::binary::essence);
    let found = accepted
        .chain(["application/json"])
        .find_map(|kind| templates.iter().find(|(known, _)| *known == kind));
    let found = found.or_else(|| templates.iter().next());
    found.map_or(("application/json", ""), |(kind, template)| {
        (kind.as_str(), template.as_str().unwrap_or_default())
    })
}
