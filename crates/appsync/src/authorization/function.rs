//! `AWS_LAMBDA`: a function is told the token and says who that is, and which fields it may not see.
//!
//! What it said is kept for as long as it said. Everything but a clear yes is a no.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use json::{Object, Text, Value, value};
use regex::Regex;
use services::Members;

use super::{Checking, Credentials, Identity, Refusal};
use crate::outside::ServiceCall;

/// AppSync's bound on a function that authorises.
const CALL_TIME_MAX: Duration = Duration::from_millis(if cfg!(test) { 100 } else { 10_000 });
/// And on what it answers.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// What an API's author has who says nothing else.
const TTL_SECONDS_DEFAULT: i64 = 300;
const TTL_SECONDS_MAX: i64 = 3_600;
/// So many bytes of answers are kept; when there are more, all are forgotten, which costs each token one call.
const KEPT_BYTES_MAX: usize = 32 << 20;
/// What an answer takes beside its own text.
const KEPT_BYTES_EACH: usize = 256;

/// `lambdaAuthorizerConfig`
#[derive(Debug)]
pub(crate) struct Function {
    /// `authorizerUri`
    arn: Text,
    /// `authorizerResultTtlInSeconds`
    ttl_seconds: i64,
    /// `identityValidationExpression`
    tokens: Tokens,
}

/// Which tokens the function is asked about.
#[derive(Debug)]
enum Tokens {
    Any,
    Like(Regex),
    /// What is kept is no pattern, so none.
    None,
}

/// What functions have said, by API, function and token.
#[derive(Default)]
pub(super) struct Decisions(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    decisions: BTreeMap<Key, (Decision, i64)>,
    bytes: usize,
}

/// A hash: tokens are secrets, and long.
type Key = [u8; 32];

/// What a function says of a token.
#[derive(Clone, Debug, PartialEq)]
enum Decision {
    Denied,
    Granted {
        /// `ctx.identity`
        context: Value,
        /// `Type.field`
        denied_fields: Vec<Text>,
    },
}

impl Function {
    pub(super) fn of(config: &Value) -> Function {
        let tokens = match config.text("identityValidationExpression").filter(|text| !text.is_empty()) {
            None => Tokens::Any,
            Some(pattern) => Regex::new(pattern).map_or(Tokens::None, Tokens::Like),
        };
        let ttl_seconds = config.whole("authorizerResultTtlInSeconds").unwrap_or(TTL_SECONDS_DEFAULT);
        Function { arn: config.text_or_empty("authorizerUri").into(), ttl_seconds, tokens }
    }

    /// `authorizerUri`
    pub(super) fn arn(&self) -> &Text {
        &self.arn
    }

    /// Asks about a token, unless that was done a short while ago.
    pub(super) async fn check(
        &self,
        checking: &Checking<'_>,
        credentials: &Credentials<'_>,
        token: &str,
    ) -> Result<Identity, Refusal> {
        let is_asked_about = match &self.tokens {
            Tokens::Any => true,
            Tokens::Like(pattern) => pattern.is_match(token),
            Tokens::None => false,
        };
        if !is_asked_about {
            return Err(Refusal::because("the token is not like identityValidationExpression"));
        }
        let key = self.key(checking.api_id, token);
        let decisions = &checking.keys.decisions;
        let decision = match decisions.find(&key, checking.now) {
            Some(decision) => decision,
            None => {
                let answer = self.ask(checking, credentials, token).await?;
                let (decision, ttl_seconds) = self.decision(&answer, checking.api_id)?;
                if ttl_seconds > 0 {
                    let until = checking.now.saturating_add(ttl_seconds * 1000);
                    decisions.keep(key, (decision.clone(), until), answer.len());
                }
                decision
            }
        };
        match decision {
            Decision::Denied => Err(Refusal::because("the function does not let the token in")),
            Decision::Granted { context, denied_fields } => {
                Ok(Identity::of_function(self.arn.clone(), context, denied_fields))
            }
        }
    }

    fn key(&self, api_id: &str, token: &str) -> Key {
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        for part in [api_id, &self.arn, token] {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut key = Key::default();
        key.copy_from_slice(hash.finish().as_ref());
        key
    }

    /// What the function answers, as it is.
    async fn ask(
        &self,
        checking: &Checking<'_>,
        credentials: &Credentials<'_>,
        token: &str,
    ) -> Result<String, Refusal> {
        let call = ServiceCall {
            service: "lambda",
            operation: "Invoke",
            input: value!({"FunctionName": (self.arn.clone()), "InvocationType": "RequestResponse"}),
            body: Some(event(checking, credentials, token).to_text().into_bytes()),
            ..ServiceCall::default()
        };
        let failed = |reason: &str| {
            tracing::warn!(api = checking.api_id, function = &*self.arn, reason, "nobody is let in");
            Refusal::because("the function that authorises failed")
        };
        let answer = tokio::time::timeout(CALL_TIME_MAX, checking.outside.call(call)).await;
        let answer = answer.map_err(|_| failed("it took longer than 10 s"))?;
        let answer = answer.map_err(|trouble| failed(&trouble.message))?;
        if answer.member("FunctionError").is_some() {
            return Err(failed("it ended with an error"));
        }
        match answer.text("Payload") {
            Some(payload) if payload.len() <= ANSWER_BYTES_MAX => Ok(payload.to_owned()),
            Some(_) => Err(failed("it answered more than 1 MB")),
            None => Err(failed("it answered nothing")),
        }
    }

    /// What an answer means, and for how many seconds. One that is not what AppSync asks for lets nobody in.
    fn decision(&self, answer: &str, api_id: &str) -> Result<(Decision, i64), Refusal> {
        let wrong = |what: &str| {
            tracing::warn!(api = api_id, function = &*self.arn, what, "the answer is not understood");
            Refusal::because("the function that authorises answered something else")
        };
        let answer = Value::parse(answer).map_err(|_| wrong("it is no JSON"))?;
        let ttl_seconds = match answer.member("ttlOverride") {
            None => self.ttl_seconds,
            Some(seconds) => seconds.as_f64().map_or(0, |seconds| seconds as i64),
        };
        let ttl_seconds = ttl_seconds.clamp(0, TTL_SECONDS_MAX);
        match answer.member("isAuthorized") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Ok((Decision::Denied, ttl_seconds)),
            _ => return Err(wrong("isAuthorized is neither true nor false")),
        }
        let context = context(&answer).ok_or_else(|| wrong("resolverContext is not one flat object"))?;
        let denied_fields = match answer.member("deniedFields") {
            None => Vec::new(),
            Some(Value::Array(fields)) if fields.iter().all(|field| field.as_str().is_some()) => {
                let fields = fields.iter().filter_map(Value::as_str);
                fields.filter_map(|field| field_of(field, api_id)).collect()
            }
            Some(_) => return Err(wrong("deniedFields is no list of texts")),
        };
        Ok((Decision::Granted { context, denied_fields }, ttl_seconds))
    }
}

/// What the function is told.
fn event(checking: &Checking<'_>, credentials: &Credentials<'_>, token: &str) -> Value {
    let mut context = Object::with_capacity(6);
    context.insert("apiId", checking.api_id);
    context.insert("accountId", checking.scope.account.as_str());
    context.insert("requestId", credentials.request_id);
    match credentials.operation {
        Some(operation) => {
            for (name, value) in operation.iter() {
                context.insert(name.clone(), value.clone());
            }
        }
        // A connection asks for nothing yet.
        None => {
            context.insert("queryString", "");
            context.insert("operationName", Value::Null);
            context.insert("variables", Object::new());
        }
    }
    value!({
        "authorizationToken": (token),
        "requestContext": (context),
        "requestHeaders": (credentials.headers.clone()),
    })
}

/// What handlers see: `resolverContext`, or `handlerContext` where it is about events. Neither nests.
fn context(answer: &Value) -> Option<Value> {
    let name = if answer.member("handlerContext").is_some() { "handlerContext" } else { "resolverContext" };
    let given = match answer.member(name) {
        None => Object::new(),
        Some(Value::Object(given)) => given.clone(),
        Some(_) => return None,
    };
    let is_flat = |value: &Value| !matches!(value, Value::Object(_) | Value::Array(_));
    let all_flat = given.values().all(is_flat);
    all_flat.then(|| Object::from_iter([(Text::from(name), Value::from(given))]).into())
}

/// A denied field as `Type.field`. An ARN may be of another API, which one function may serve as well.
fn field_of(denied: &str, api_id: &str) -> Option<Text> {
    if !denied.starts_with("arn:") {
        return Some(denied.into());
    }
    let (_, place) = denied.split_once(":apis/")?;
    let (id, place) = place.split_once("/types/")?;
    let (type_, field) = place.split_once("/fields/")?;
    (id == api_id).then(|| format!("{type_}.{field}").into())
}

impl Decisions {
    fn find(&self, key: &Key, now: i64) -> Option<Decision> {
        let kept = self.kept();
        let (decision, until) = kept.decisions.get(key)?;
        (*until > now).then(|| decision.clone())
    }

    fn keep(&self, key: Key, decision: (Decision, i64), bytes: usize) {
        let mut kept = self.kept();
        let bytes = bytes + KEPT_BYTES_EACH;
        if kept.bytes + bytes > KEPT_BYTES_MAX {
            *kept = Kept::default();
        }
        kept.bytes += bytes;
        kept.decisions.insert(key, decision);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
