//! Who may ask: credentials become an [`Identity`], and an identity sees some fields of a schema.
//!
//! The shape of what is sent says by which mode it is checked, and no other mode is tried afterwards; algorithms come
//! from a list, never from a token. (spec/appsync.md §10) Never here: sockets, what a field is.

mod access;
mod api_key;
mod function;
mod iam;
mod identity;
mod keys;
mod providers;
mod staying;

use std::collections::BTreeMap;
use std::sync::Arc;

use json::{Object, Text, Value};
use services::Members;
use tokens::{Documents, Token, Wrong};

use crate::outside::Outside;

pub(crate) use access::Access;
pub(crate) use identity::{Identity, Mode};
pub(crate) use keys::Keys;
pub(crate) use providers::{Provider, Providers};
pub(crate) use staying::{expired, stay};

/// What a client shows of itself: with a request, or as the header object of a WebSocket message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials<'c> {
    /// Names in lower case.
    pub headers: Object,
    /// What a signature was made over: method, path, query and body.
    pub method: &'c str,
    /// Percent-encoded.
    pub path: &'c str,
    /// Percent-encoded.
    pub query: &'c str,
    /// As it came.
    pub body: &'c [u8],
    /// Whose connection it is.
    pub source_ip: &'c str,
    /// `query`, `operationName`, `variables`: what a function that authorises is told.
    pub operation: Option<&'c Object>,
    /// Names the request.
    pub request_id: &'c str,
}

/// What credentials are checked with.
#[derive(Clone)]
pub(crate) struct Checking<'c> {
    /// `apiId`
    pub api_id: &'c str,
    /// Region and account.
    pub scope: &'c aws_names::Scope,
    /// The API's modes.
    pub providers: &'c Providers,
    /// The API's keys: `apiKey` records.
    pub api_keys: &'c BTreeMap<Text, Value>,
    /// Of signatures and tokens.
    pub keys: &'c Keys,
    /// The port.
    pub outside: &'c Arc<dyn Outside>,
    /// Milliseconds since 1970.
    pub now: i64,
}

/// Why nobody is let in: HTTP's status, AppSync's type and message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// `401`
    pub status: u16,
    /// `UnauthorizedException`
    pub error_type: &'static str,
    /// For the caller.
    pub message: String,
}

impl Refusal {
    /// `UnauthorizedException`
    pub fn unauthorized(message: &str) -> Refusal {
        Refusal { status: 401, error_type: "UnauthorizedException", message: message.to_owned() }
    }

    /// `NotFoundException`: the API was there a moment ago.
    pub fn gone() -> Refusal {
        let message = "The API was deleted.".to_owned();
        Refusal { status: 404, error_type: "NotFoundException", message }
    }

    /// Of a token.
    fn expired() -> Refusal {
        Refusal::unauthorized("Token has expired.")
    }

    /// What callers are told who need not know more. The reason is for the log: it must hold no secret.
    fn because(reason: &str) -> Refusal {
        tracing::debug!(reason, "not let in");
        Refusal::unauthorized("You are not authorized to make this call.")
    }
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Refusal {
        match wrong {
            Wrong::Expired => Refusal::expired(),
            Wrong::Because(reason) => Refusal::because(reason),
        }
    }
}

/// What issuers publish, as the port fetches it.
#[derive(Clone)]
struct Published(Arc<dyn Outside>);

impl Documents for Published {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        self.0.fetch(url).await.map_err(|trouble| trouble.message)
    }

    fn cognito(&self, region: &str) -> Result<String, String> {
        self.0.address("cognito-idp", region).map_err(|trouble| trouble.message)
    }
}

/// Finds out who asks.
///
/// # Errors
/// Nobody whom this API lets in.
pub(crate) async fn identify(
    checking: &Checking<'_>,
    credentials: &Credentials<'_>,
) -> Result<Identity, Refusal> {
    let is_on = |mode| checking.providers.has(mode);
    let authorization = credentials.headers.text("authorization");
    let key = credentials.headers.text("x-api-key");
    match (authorization, key) {
        (Some(authorization), _) if iam::is_signature(authorization) && is_on(Mode::Iam) => {
            iam::check(checking, credentials)
        }
        // A signature is no proof of a key: whoever signs is not let in by the key that is sent along.
        (Some(authorization), _) if iam::is_signature(authorization) && !is_on(Mode::Lambda) => {
            Err(not_valid())
        }
        (_, Some(key)) if is_on(Mode::ApiKey) => api_key::check(checking, key),
        (Some(authorization), _) => by_token(checking, credentials, authorization).await,
        (None, Some(_)) => Err(Refusal::because("the API has no keys")),
        (None, None) => Err(Refusal::unauthorized("Missing authorization header")),
    }
}

/// A token is its issuer's; what no configured issuer has made is the function's, if there is one.
async fn by_token(
    checking: &Checking<'_>,
    credentials: &Credentials<'_>,
    authorization: &str,
) -> Result<Identity, Refusal> {
    let bare = without_scheme(authorization);
    let token = Token::read(bare.unwrap_or(authorization));
    let mut refusal = None;
    if let Some(token) = &token {
        for provider in &checking.providers.all {
            match provider.check_token(checking, credentials, token).await {
                None => {}
                Some(Ok(identity)) => return Ok(identity),
                Some(Err(refused)) => drop(refusal.get_or_insert(refused)),
            }
        }
    }
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let function = checking.providers.all.iter().find_map(|provider| match provider {
        Provider::Function(function) => Some(function),
        _ => None,
    });
    match (function, bare) {
        (Some(function), None) => function.check(checking, credentials, authorization).await,
        (Some(_), Some(_)) => Err(Refusal::because("tokens for functions have no scheme before them")),
        (None, _) if !checking.providers.has_issuers() => Err(not_valid()),
        (None, _) if token.is_none() => Err(Refusal::unauthorized("Unable to parse JWT token.")),
        (None, _) => Err(Refusal::because("the API knows no such issuer")),
    }
}

fn not_valid() -> Refusal {
    Refusal::unauthorized("Valid authorization header not provided.")
}

/// The token behind `Bearer `, if that is there.
fn without_scheme(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case("Bearer ").then_some(token.trim())
}

#[cfg(test)]
mod tests;
