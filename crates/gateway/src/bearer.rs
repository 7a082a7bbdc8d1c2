//! Whom a signed token lets in: users of pools before methods of REST APIs, subjects of an issuer before routes of HTTP APIs.
//!
//! Tokens are believed for as long as they say, so no decision is kept; `tokens` keeps the issuers' keys. Never here: where
//! in a request a token is, and what a refusal looks like.

use std::sync::Arc;

use json::{Object, Text, Value};
use regex::Regex;
use tokens::{
    Algorithms, Documents, Issuers, KeysAt, Lifetimes, Token, UserPool, Wrong, check_times, is_same,
};

use crate::backend::Backend;
use crate::invoke::{log_time, mapping::as_text};
use services::Members;

/// What a token is verified with.
pub(crate) struct Verifying<'v> {
    pub(crate) issuers: &'v Issuers,
    pub(crate) backend: &'v Arc<dyn Backend>,
    /// Milliseconds since 1970.
    pub(crate) now: i64,
}

impl Verifying<'_> {
    fn documents(&self) -> Published {
        Published(self.backend.clone())
    }

    async fn verify(&self, at: &KeysAt, token: &Token<'_>) -> Result<(), Wrong> {
        self.issuers.verify(at, token, Algorithms::Pkcs1, &self.documents(), self.now).await
    }
}

/// What issuers publish, as the port fetches it.
#[derive(Clone)]
struct Published(Arc<dyn Backend>);

impl Documents for Published {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        self.0.fetch(url).await
    }

    fn cognito(&self, region: &str) -> Result<String, String> {
        self.0.address("cognito-idp", region)
    }
}

/// User pools whose users a REST API lets in. (`COGNITO_USER_POOLS`)
#[derive(Debug)]
pub(crate) struct Pools {
    pools: Vec<UserPool>,
    /// What the client that a token is for must be like. (`identityValidationExpression`)
    clients: Option<Regex>,
}

impl Pools {
    pub(crate) fn new(pools: Vec<UserPool>, clients: Option<Regex>) -> Pools {
        Pools { pools, clients }
    }

    /// The claims of a user who may call. A method with scopes takes access tokens that have one of them, a method without
    /// takes ID tokens.
    pub(crate) async fn admit(
        &self,
        authorization: &str,
        scopes: &[String],
        verifying: &Verifying<'_>,
    ) -> Result<Object, Wrong> {
        let token = Token::read(without_scheme(authorization)).ok_or(Wrong::Because("it is no token"))?;
        let documents = verifying.documents();
        let pool = self.pools.iter().find(|pool| pool.is_named(token.issuer(), &documents));
        let pool = pool.ok_or(Wrong::Because("the token is of another issuer"))?;
        verifying.verify(pool.keys_at(), &token).await?;
        let claims = &token.claims;
        check_times(claims, Lifetimes::default(), verifying.now)?;
        let (token_use, client) = if scopes.is_empty() { ("id", "aud") } else { ("access", "client_id") };
        if claims.text("token_use") != Some(token_use) {
            return Err(Wrong::Because(
                "methods without scopes take ID tokens, those with scopes access tokens",
            ));
        }
        let client = claims.text_or_empty(client);
        if self.clients.as_ref().is_some_and(|clients| !clients.is_match(client)) {
            return Err(Wrong::Because(
                "the token is for a client that the validation expression does not like",
            ));
        }
        if !scopes.is_empty() && !has_one_of(scopes, &granted(claims)) {
            return Err(Wrong::Because("the token has none of the method's scopes"));
        }
        Ok(claims.iter().map(|(name, value)| (name.clone(), claim_of_user(name, value))).collect())
    }
}

/// A claim as `$context.authorizer.claims` has it: a text; lists with commas, two times as Java writes them.
fn claim_of_user(name: &str, value: &Value) -> String {
    match (name, value) {
        ("exp" | "iat", value) if value.as_i64().is_some() => {
            log_time(value.as_i64().unwrap_or_default().saturating_mul(1000))
        }
        (_, Value::Array(values)) => values.iter().map(as_text).collect::<Vec<_>>().join(","),
        (_, value) => as_text(value),
    }
}

/// An issuer whose tokens an HTTP API takes. (`JWT`)
#[derive(Debug)]
pub(crate) struct Issuer {
    issuer: Text,
    /// Set if it is a user pool: Cognito may be elsewhere, as the settings say.
    pool: Option<UserPool>,
    keys_at: KeysAt,
    /// The audience that a token must have one of.
    audience: Vec<String>,
}

/// Why a caller of an HTTP API is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// There is no token.
    Missing,
    /// It is not good, and why: what API Gateway tells.
    Invalid(&'static str),
    /// It has none of the route's scopes.
    Scope,
}

/// A caller of an HTTP API who was let in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Subject {
    /// Texts.
    pub(crate) claims: Object,
    /// Those of the token, where the route asks for scopes; null elsewhere.
    pub(crate) scopes: Value,
}

impl Issuer {
    /// Of a `JwtConfiguration`.
    pub(crate) fn new(configuration: &Value) -> Issuer {
        let issuer = configuration.text_or_empty("Issuer");
        let pool = pool_of_url(issuer);
        let discovered = || KeysAt::Discovery { issuer: issuer.into() };
        Issuer {
            keys_at: pool.as_ref().map_or_else(discovered, |pool| pool.keys_at().clone()),
            pool,
            issuer: issuer.into(),
            audience: configuration.texts("Audience").into_iter().map(str::to_owned).collect(),
        }
    }

    /// Who calls, by what the identity source has.
    pub(crate) async fn admit(
        &self,
        source: Option<String>,
        scopes: &[String],
        verifying: &Verifying<'_>,
    ) -> Result<Subject, Rejection> {
        let source = source.ok_or(Rejection::Missing)?;
        let token = Token::read(without_scheme(&source));
        let token = token.ok_or(Rejection::Invalid("token contains an invalid number of segments"))?;
        if !self.is_named(token.issuer(), &verifying.documents()) {
            return Err(Rejection::Invalid("the token does not have a valid issuer"));
        }
        verifying.verify(&self.keys_at, &token).await.map_err(|wrong| {
            tracing::debug!(?wrong, "not let in");
            Rejection::Invalid("the token does not have a valid signature")
        })?;
        let claims = &token.claims;
        if !self.is_for(claims) {
            return Err(Rejection::Invalid("the token does not have a valid audience"));
        }
        check_times(claims, Lifetimes::default(), verifying.now).map_err(|wrong| match wrong {
            Wrong::Expired => Rejection::Invalid("the token has expired"),
            Wrong::Because(_) => Rejection::Invalid("the token is not valid at this time"),
        })?;
        let granted = granted(claims);
        if scopes.is_empty() {
            return Ok(Subject { claims: claims_of_subject(claims), scopes: Value::Null });
        }
        if !has_one_of(scopes, &granted) {
            return Err(Rejection::Scope);
        }
        Ok(Subject {
            claims: claims_of_subject(claims),
            scopes: granted.into_iter().map(Value::from).collect(),
        })
    }

    fn is_named(&self, issuer: &str, documents: &Published) -> bool {
        match &self.pool {
            Some(pool) => pool.is_named(issuer, documents),
            None => is_same(&self.issuer, issuer),
        }
    }

    /// `client_id` counts only where there is no `aud`.
    fn is_for(&self, claims: &Object) -> bool {
        let is_known = |audience: &Value| {
            audience.as_str().is_some_and(|audience| self.audience.iter().any(|known| known == audience))
        };
        match claims.member("aud").or_else(|| claims.member("client_id")) {
            Some(Value::Array(audiences)) => audiences.iter().any(is_known),
            Some(audience) => is_known(audience),
            None => false,
        }
    }
}

/// The user pool that an issuer's URL is of: `https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abc`.
fn pool_of_url(issuer: &str) -> Option<UserPool> {
    let (host, pool) = issuer.strip_prefix("https://cognito-idp.")?.split_once('/')?;
    let (region, suffix) = host.split_once('.')?;
    let is_pool = suffix == aws_models::partition(region).suffix && !pool.is_empty() && !pool.contains('/');
    is_pool.then(|| UserPool::new(region, pool))
}

/// The user pool that an ARN names: `arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc`.
pub(crate) fn pool_of_arn(arn: &str) -> Option<UserPool> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", _, "cognito-idp", region, _, resource] = parts[..] else { return None };
    let pool = resource.strip_prefix("userpool/").filter(|pool| !pool.is_empty())?;
    (!region.is_empty()).then(|| UserPool::new(region, pool))
}

/// Claims as HTTP APIs have them: texts; lists as Go writes them.
fn claims_of_subject(claims: &Object) -> Object {
    let text = |value: &Value| match value {
        Value::Array(values) => format!("[{}]", values.iter().map(as_text).collect::<Vec<_>>().join(" ")),
        value => as_text(value),
    };
    claims.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// The scopes of a token: a text with blanks between, or a list.
fn granted(claims: &Object) -> Vec<&str> {
    match claims.member("scope").or_else(|| claims.member("scp")) {
        Some(Value::String(scopes)) => scopes.split_ascii_whitespace().collect(),
        Some(Value::Array(scopes)) => scopes.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn has_one_of(scopes: &[String], granted: &[&str]) -> bool {
    scopes.iter().any(|scope| granted.contains(&scope.as_str()))
}

/// The token itself; `Bearer ` before it may be there.
fn without_scheme(authorization: &str) -> &str {
    match authorization.split_at_checked("Bearer ".len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer ") => token.trim(),
        _ => authorization.trim(),
    }
}

#[cfg(test)]
mod tests;
