//! Who may ask: credentials become an [`Identity`], and an identity sees some fields of a schema.
//!
//! Algorithms come from a list, never from a token. Never here: sockets, what a field is.

mod access;
mod identity;

use std::collections::BTreeMap;
use std::sync::Arc;

use json::{Object, Text, Value};
use services::Members;

use crate::outside::Outside;

pub(crate) use access::Access;
pub(crate) use identity::{Identity, Mode};

/// The modes of an API, and what each of them was given. (`authenticationType`, `additionalAuthenticationProviders`)
#[derive(Debug, Default)]
pub(crate) struct Providers {
    /// What an API's author wants of those who say nothing else.
    pub default: Mode,
    /// All modes, the default one first.
    pub all: Vec<Provider>,
}

/// One way to be let in.
#[derive(Debug)]
pub(crate) struct Provider {
    /// Which one.
    pub mode: Mode,
}

impl Providers {
    /// Of a `graphqlApi`.
    pub fn of(record: &Value) -> Providers {
        let default = Mode::of(record.text_or_empty("authenticationType")).unwrap_or_default();
        let more = record.member("additionalAuthenticationProviders").and_then(Value::as_array);
        let more = more.into_iter().flat_map(|more| more.iter());
        let more = more.filter_map(|provider| Mode::of(provider.text_or_empty("authenticationType")));
        let all = std::iter::once(default).chain(more).map(|mode| Provider { mode }).collect();
        Providers { default, all }
    }
}

/// The secrets that signatures are checked with.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// Access key → secret. `None`: any signature will do.
    #[allow(dead_code, reason = "read once signatures are checked")]
    secrets: Option<BTreeMap<String, String>>,
}

impl Keys {
    pub fn new(secrets: Option<BTreeMap<String, String>>) -> Keys {
        Keys { secrets }
    }
}

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
    /// Of signatures.
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
}

/// Finds out who asks.
pub(crate) async fn identify(
    checking: &Checking<'_>,
    credentials: &Credentials<'_>,
) -> Result<Identity, Refusal> {
    let is_on = |mode| checking.providers.all.iter().any(|provider| provider.mode == mode);
    match credentials.headers.text("x-api-key") {
        Some(key) if is_on(Mode::ApiKey) => {
            let known = checking.api_keys.get(key);
            let expires = known.and_then(|key| key.whole("expires")).unwrap_or(0);
            if expires * 1000 > checking.now {
                return Ok(Identity::api_key());
            }
            Err(Refusal::unauthorized("You are not authorized to make this call."))
        }
        _ => Err(Refusal::unauthorized("Missing authorization header")),
    }
}
