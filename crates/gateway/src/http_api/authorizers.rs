//! Authorizers of HTTP APIs: issuers of tokens, and functions: what these are asked, in format 1.0 or 2.0, and what their
//! answers say.

use json::{Object, Value, value};

use crate::backend::{FunctionAnswer, FunctionCall};
use crate::fault::Fault;
use crate::invoke::{check_policy, evaluate_policy};
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::event::Arrival;
use super::{expression, find, integrations, page, refuse};

const TTL: std::ops::RangeInclusive<i64> = 0..=3600;
const OWN: [&str; 9] = [
    "Name",
    "AuthorizerType",
    "AuthorizerUri",
    "AuthorizerCredentialsArn",
    "AuthorizerPayloadFormatVersion",
    "AuthorizerResultTtlInSeconds",
    "EnableSimpleResponses",
    "IdentitySource",
    "JwtConfiguration",
];
/// As many recipients a JWT authorizer may have; AWS's quota.
const AUDIENCES_MAX: usize = 50;

/// What an authorizer said: whether the caller is let in, and what else is known of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    is_simple: bool,
    is_authorized: bool,
    policy: Value,
    pub(crate) context: Object,
}

impl Verdict {
    /// Whether the caller may call the route with this ARN.
    pub(crate) fn allows(&self, arn: &str) -> bool {
        if self.is_simple { self.is_authorized } else { evaluate_policy(&self.policy, arn) }
    }
}

pub(super) fn create(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    let mut authorizer = Object::from_iter([("AuthorizerId", moment.id(6))]);
    change(input, &mut authorizer)?;
    let name = authorizer.text("Name");
    if api.part("authorizers").values().any(|other| other.text("Name") == name) {
        return Err(Fault::bad("Authorizer name must be unique"));
    }
    let id = authorizer.text_or_empty("AuthorizerId").to_owned();
    part_mut(api, "authorizers").insert(id, authorizer.clone());
    Ok(authorizer.into())
}

fn change(input: &Value, authorizer: &mut Object) -> Result<(), Fault> {
    refuse(input, &[("IdentityValidationExpression", "HTTP APIs have none")])?;
    take_over(input, &OWN, authorizer);
    match authorizer.text_or_empty("AuthorizerType") {
        "REQUEST" if authorizer.member("JwtConfiguration").is_some() => {
            Err(Fault::bad("JwtConfiguration is for authorizers of the type JWT"))
        }
        "REQUEST" => change_function(authorizer),
        "JWT" => check_issuer(authorizer),
        other => Err(Fault::bad(format!("Invalid authorizer type specified: {other}"))),
    }
}

fn check_issuer(authorizer: &Object) -> Result<(), Fault> {
    let foreign = [
        "AuthorizerUri",
        "AuthorizerCredentialsArn",
        "AuthorizerPayloadFormatVersion",
        "AuthorizerResultTtlInSeconds",
        "EnableSimpleResponses",
    ];
    if let Some(name) = foreign.into_iter().find(|name| authorizer.member(name).is_some()) {
        return Err(Fault::bad(format!("{name} is for authorizers of the type REQUEST, not for JWT")));
    }
    let configuration = authorizer.member("JwtConfiguration").unwrap_or(&Value::Null);
    let issuer = configuration.text_or_empty("Issuer");
    let host = issuer.strip_prefix("https://").or_else(|| issuer.strip_prefix("http://"));
    if host.is_none_or(str::is_empty) || issuer.contains(['?', '#']) {
        return Err(Fault::bad(format!("Invalid issuer: {issuer}. Issuer must be a valid URL")));
    }
    let audiences = configuration.texts("Audience").len();
    if !(1..=AUDIENCES_MAX).contains(&audiences) {
        return Err(Fault::bad(format!(
            "Audience of a JWT authorizer must have 1 to {AUDIENCES_MAX} entries"
        )));
    }
    let sources = authorizer.texts("IdentitySource");
    let is_one = |source: &&str| {
        ["$request.header.", "$request.querystring."].iter().any(|root| source.starts_with(root))
            && expression::identity_source(source).is_some()
    };
    match sources[..] {
        [source] if is_one(&source) => Ok(()),
        _ => Err(Fault::bad(
            "IdentitySource of a JWT authorizer must be one $request.header.NAME or $request.querystring.NAME",
        )),
    }
}

/// Checks an authorizer that is a function, and adds what it has anyway.
fn change_function(authorizer: &mut Object) -> Result<(), Fault> {
    if integrations::function(authorizer.text_or_empty("AuthorizerUri")).is_none() {
        return Err(Fault::bad("Invalid AuthorizerUri: it must lead to a Lambda function"));
    }
    let version = authorizer.text_or_empty("AuthorizerPayloadFormatVersion");
    if !["1.0", "2.0"].contains(&version) {
        return Err(Fault::bad(
            "AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer",
        ));
    }
    if authorizer.flag("EnableSimpleResponses") && version != "2.0" {
        return Err(Fault::bad("EnableSimpleResponses needs AuthorizerPayloadFormatVersion 2.0"));
    }
    // Without a time nothing is kept.
    let ttl = authorizer.whole("AuthorizerResultTtlInSeconds").unwrap_or(0);
    if !TTL.contains(&ttl) {
        return Err(Fault::bad("AuthorizerResultTtlInSeconds must be between 0 and 3600"));
    }
    authorizer.insert("AuthorizerResultTtlInSeconds", ttl);
    let sources = authorizer.texts("IdentitySource");
    if ttl > 0 && sources.is_empty() {
        return Err(Fault::bad("IdentitySource is required when results are cached"));
    }
    match sources.iter().find(|source| expression::identity_source(source).is_none()) {
        Some(source) => Err(Fault::bad(format!("Invalid identity source specified: {source}"))),
        None => Ok(()),
    }
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    find(input, api, "authorizers", "AuthorizerId").map(Value::from)
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    page(input, api.part("authorizers").values().cloned())
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let mut authorizer = find(input, api, "authorizers", "AuthorizerId")?;
    change(input, &mut authorizer)?;
    part_mut(api, "authorizers").insert(input.text_or_empty("AuthorizerId"), authorizer.clone());
    Ok(authorizer.into())
}

pub(super) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    find(input, api, "authorizers", "AuthorizerId")?;
    let id = input.text_or_empty("AuthorizerId");
    if let Some(route) = api.part("routes").values().find(|route| route.text("AuthorizerId") == Some(id)) {
        let key = route.text_or_empty("RouteKey");
        return Err(Fault::conflict(format!(
            "Cannot delete Authorizer '{id}', it is referenced by the route {key}"
        )));
    }
    part_mut(api, "authorizers").remove(id);
    Ok(value!({}))
}

/// Who calls, by the authorizer's identity sources; nothing if the caller leaves one out.
pub(crate) fn identity(authorizer: &Value, arrival: &Arrival<'_>) -> Option<Vec<String>> {
    let sources = authorizer.texts("IdentitySource").into_iter().filter_map(expression::identity_source);
    sources.map(|source| arrival.reference(&source).filter(|value| !value.is_empty())).collect()
}

/// What a JWT authorizer is shown; nothing if the request has nothing there.
pub(crate) fn token(authorizer: &Value, arrival: &Arrival<'_>) -> Option<String> {
    let source = expression::identity_source(authorizer.texts("IdentitySource").first()?)?;
    arrival.reference(&source).filter(|token| !token.is_empty())
}

/// What the function is asked.
pub(crate) fn ask(authorizer: &Value, arrival: &Arrival<'_>, identity: &[String]) -> Option<FunctionCall> {
    let function = integrations::function(authorizer.text_or_empty("AuthorizerUri"))?;
    let (mut event, version) = match authorizer.text_or_empty("AuthorizerPayloadFormatVersion") {
        "1.0" => (arrival.event_1(), "1.0"),
        _ => (arrival.event_2(), "2.0"),
    };
    if let Value::Object(event) = &mut event {
        for name in ["body", "isBase64Encoded", "multiValueHeaders", "multiValueQueryStringParameters"] {
            event.remove(name);
        }
        event.insert("version", version);
        event.insert("type", "REQUEST");
        if version == "1.0" {
            event.insert("methodArn", arrival.arn());
            event.insert("identitySource", identity.join(","));
            event.insert("authorizationToken", identity.join(","));
        } else {
            event.insert("routeArn", arrival.arn());
            event.insert("identitySource", identity.to_vec());
        }
    }
    let role = authorizer.text("AuthorizerCredentialsArn").map(str::to_owned);
    Some(FunctionCall { function, payload: event.to_text().into_bytes(), is_event: false, role })
}

/// Reads what the function answered; what is no answer is for the log.
pub(crate) fn read(authorizer: &Value, answer: &FunctionAnswer) -> Result<Verdict, String> {
    let text = || String::from_utf8_lossy(&answer.payload).into_owned();
    if answer.is_error {
        return Err(format!("the authorizer's function failed: {}", text()));
    }
    let parsed = Value::parse_bytes(&answer.payload).unwrap_or_default();
    let context = parsed.part("context").clone();
    if authorizer.flag("EnableSimpleResponses") {
        let Some(is_authorized) = parsed.get("isAuthorized").and_then(Value::as_bool) else {
            return Err(format!("the authorizer's function did not say isAuthorized: {}", text()));
        };
        return Ok(Verdict { is_simple: true, is_authorized, policy: Value::Null, context });
    }
    let policy = parsed.get("policyDocument").cloned().unwrap_or_default();
    check_policy(&policy)?;
    let mut context = context;
    if let Some(principal) = parsed.member("principalId") {
        context.insert("principalId", principal);
    }
    Ok(Verdict { is_simple: false, is_authorized: false, policy, context })
}
