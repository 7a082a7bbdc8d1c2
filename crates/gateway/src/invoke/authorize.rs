//! Lambda authorizers: what identifies a caller, what the function is asked, and what its answer says.
//!
//! Never here: the calling, and the keeping of answers.

use json::{Object, Value, value};
use regex::Regex;

use crate::backend::{FunctionAnswer, FunctionCall};
use services::Members;

use super::course::{Course, object};
use super::mapping::{self, Source, as_text};
use super::policy::{self, Verdict};
use super::proxy::{lists, or_null};
use super::target::{self, Target};
use super::{Method, Refusal};

/// An authorizer, ready for requests.
#[derive(Debug)]
pub(crate) struct Authorizer {
    pub(crate) id: String,
    is_token: bool,
    /// May have stage variables in it.
    uri: String,
    credentials: Option<String>,
    sources: Vec<Source>,
    validation: Option<Regex>,
    /// How long an answer is kept; zero for not at all.
    pub(crate) ttl_seconds: i64,
}

/// What identifies a caller: the values of all identity sources.
pub(crate) type IdentityKey = Vec<String>;

/// What a function answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    principal: String,
    policy: Value,
    /// Texts.
    context: Object,
    pub(crate) usage_key: Option<String>,
}

impl Authorizer {
    pub(super) fn compile(authorizer: &Value) -> Result<Authorizer, String> {
        let sources = authorizer.text_or_empty("identitySource").split(',').map(str::trim);
        let sources = sources.filter(|source| !source.is_empty()).map(|source| {
            mapping::identity_source(source).ok_or_else(|| format!("{source} is no identity source"))
        });
        let validation =
            authorizer.text("identityValidationExpression").filter(|pattern| !pattern.is_empty());
        Ok(Authorizer {
            id: authorizer.text_or_empty("id").to_owned(),
            is_token: authorizer.text("type") == Some("TOKEN"),
            uri: authorizer.text_or_empty("authorizerUri").to_owned(),
            credentials: authorizer.text("authorizerCredentials").map(str::to_owned),
            sources: sources.collect::<Result<_, _>>()?,
            validation: validation.map(mapping::pattern).transpose()?,
            ttl_seconds: authorizer.whole("authorizerResultTtlInSeconds").unwrap_or(0),
        })
    }

    /// Who calls. Whoever does not say so is not let in, and the function is not asked.
    pub(crate) fn identity(&self, course: &mut Course<'_>) -> Result<IdentityKey, Refusal> {
        let mut key = Vec::new();
        for source in &self.sources {
            match course.of_request(source).pop().filter(|value| !value.is_empty()) {
                Some(value) => key.push(value),
                // Without a cache, nobody but the function needs to know who calls.
                None if !self.is_token && self.ttl_seconds == 0 => key.push(String::new()),
                None => return Err(Refusal::unauthorized()),
            }
        }
        if self.is_token
            && let Some(validation) = &self.validation
            && !key.iter().all(|value| validation.is_match(value))
        {
            return Err(Refusal::unauthorized());
        }
        Ok(key)
    }

    /// What the function is asked.
    pub(crate) fn call(
        &self,
        course: &Course<'_>,
        method: &Method,
        key: &IdentityKey,
    ) -> Result<FunctionCall, Refusal> {
        let uri = target::with_stage_variables(&self.uri, &course.facts.stage_variables);
        let Some(Target::Function { arn }) = Target::parse(&uri) else {
            return Err(Refusal::authorizer_configuration()
                .logged(format!("The authorizer's URI leads to no function: {uri}")));
        };
        let method_arn = course.method_arn();
        let event = match self.is_token {
            true => value!({
                "type": "TOKEN",
                "methodArn": method_arn,
                "authorizationToken": key.first().map(String::as_str),
            }),
            false => value!({
                "type": "REQUEST",
                "methodArn": method_arn,
                "resource": method.resource_path.as_str(),
                "path": course.request.path.as_str(),
                "httpMethod": course.request.method.as_str(),
                "headers": or_null(object(&course.headers)),
                "multiValueHeaders": or_null(lists(&course.headers)),
                "queryStringParameters": object(&course.query),
                "multiValueQueryStringParameters": lists(&course.query),
                "pathParameters": object(&course.path_parameters),
                "stageVariables": course.facts.stage_variables.clone(),
                "requestContext": course.context.clone(),
            }),
        };
        let payload = event.to_text().into_bytes();
        Ok(FunctionCall { function: arn, payload, is_event: false, role: self.credentials.clone() })
    }
}

/// Reads what the function answered.
pub(crate) fn read_decision(answer: &FunctionAnswer) -> Result<Decision, Refusal> {
    let parsed = Value::parse_bytes(&answer.payload).unwrap_or_default();
    if answer.is_error {
        // That is how a function says it.
        return Err(match parsed.text("errorMessage") {
            Some("Unauthorized") => Refusal::unauthorized(),
            _ => {
                let why = String::from_utf8_lossy(&answer.payload).into_owned();
                Refusal::authorizer_failure().logged(format!("The authorizer's function failed: {why}"))
            }
        });
    }
    let malformed = |why: &str| {
        Refusal::authorizer_configuration()
            .logged(format!("The authorizer's function answered no policy: {why}"))
    };
    let Some(principal) = parsed.member("principalId") else {
        return Err(malformed("principalId is missing"));
    };
    let Some(policy) = parsed.member("policyDocument") else {
        return Err(malformed("policyDocument is missing"));
    };
    policy::check(policy).map_err(|why| malformed(&why))?;
    let mut context = Object::new();
    for (name, value) in parsed.part("context").iter() {
        if value.is_array() || value.is_object() {
            return Err(malformed(&format!("context.{name} must be a text, a number, true or false")));
        }
        context.insert(name.clone(), as_text(value));
    }
    let usage_key = parsed.text("usageIdentifierKey").map(str::to_owned);
    Ok(Decision { principal: as_text(principal), policy: policy.clone(), context, usage_key })
}

impl Course<'_> {
    /// The ARN of the very method that is called.
    pub(crate) fn method_arn(&self) -> String {
        self.facts.method_arn(&self.request.method, &self.request.path)
    }

    /// Lets the caller in if the decision's policy does.
    pub(crate) fn admit(&mut self, decision: &Decision) -> Result<(), Refusal> {
        let mut authorizer = Object::from_iter([("principalId", decision.principal.as_str())]);
        for (name, value) in decision.context.iter() {
            authorizer.insert(name.clone(), value);
        }
        self.context.insert("authorizer", authorizer);
        match policy::evaluate(&decision.policy, &self.method_arn()) {
            Verdict::Allowed => Ok(()),
            Verdict::NotAllowed => Err(Refusal::access_denied(false)),
            Verdict::Denied => Err(Refusal::access_denied(true)),
        }
    }
}

impl Decision {
    /// Who it is, and the policy's text.
    pub(crate) fn shown(&self) -> (&str, String) {
        (&self.principal, self.policy.to_text())
    }
}
