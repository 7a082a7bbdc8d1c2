//! Tokens of connections with OAuth client credentials: fetched, and kept until they expire.
//!
//! They are in memory only. Of one connection, one token is fetched at a time: the others wait for it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use asl::Failure;
use connections::{OAuth, OAuthMethod, Parameter, Secret};
use json::Value;

use super::form::form_encode;
use crate::http_client::{HttpClient, Limits};
use crate::plain_http::{self, PlainAnswer, PlainRequest};

/// A token is small, and its server has less to do than an API's.
const LIMITS: Limits = Limits { time_max: Duration::from_secs(30), bytes_max: 64 * 1024 };
/// A token is given up so long before its end, so that a request with it arrives in time.
const MARGIN: Duration = Duration::from_secs(60);
/// How long a token is kept that does not say when it ends.
const LIFETIME_DEFAULT: Duration = Duration::from_secs(60 * 60);
/// No token is kept longer.
const LIFETIME_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// Beyond so many connections all are forgotten: tokens can be fetched again.
const TOKENS_MAX: usize = 4_000;

/// What was fetched for each connection.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<String, Slot>>);

type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

struct Kept {
    /// What it was fetched with: a connection that was changed needs another one.
    of: OAuth,
    bearer: Secret,
    until: Instant,
}

/// A token to use.
pub(super) struct Token {
    bearer: Secret,
    /// Whether it was fetched for this request.
    pub(super) is_fresh: bool,
}

impl Token {
    pub(super) fn bearer(&self) -> &str {
        self.bearer.expose()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}

impl Tokens {
    /// The token of a connection, fetched if there is none that is good. `refused` was not.
    pub(super) async fn get(
        &self,
        connection_arn: &str,
        oauth: &OAuth,
        refused: Option<&str>,
        client: &HttpClient,
    ) -> Result<Token, Failure> {
        let slot = self.slot(connection_arn);
        let mut kept = slot.lock().await;
        if let Some(kept) = &*kept
            && kept.of == *oauth
            && kept.until > Instant::now()
            && refused != Some(kept.bearer.expose())
        {
            return Ok(Token { bearer: kept.bearer.clone(), is_fresh: false });
        }
        *kept = None;
        let answer = request(oauth).send(client, LIMITS).await.map_err(|error| {
            let why = error.reason();
            failure(
                "InternalError",
                connection_arn,
                &format!("{} cannot be reached: {why}", host(&oauth.endpoint)),
            )
        })?;
        let (bearer, lifetime) = read(&answer).map_err(|why| {
            failure("InvalidConnectionState", connection_arn, &format!("{} {why}", host(&oauth.endpoint)))
        })?;
        let until = Instant::now() + lifetime.min(LIFETIME_MAX).saturating_sub(MARGIN);
        *kept = Some(Kept { of: oauth.clone(), bearer: bearer.clone(), until });
        Ok(Token { bearer, is_fresh: true })
    }

    fn slot(&self, connection_arn: &str) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= TOKENS_MAX && !slots.contains_key(connection_arn) {
            slots.clear();
        }
        slots.entry(connection_arn.to_owned()).or_default().clone()
    }
}

/// The host of the endpoint: what else is in its URL may be a secret.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

fn failure(name: &str, connection_arn: &str, why: &str) -> Failure {
    let cause = format!("The connection {connection_arn} got no token: {why}");
    Failure::new(format!("Events.ConnectionResource.{name}"), cause)
}

/// The client says who it is in the body, or in the query where there is no body. (RFC 6749, section 2.3.1)
fn request(oauth: &OAuth) -> PlainRequest {
    let OAuth { client_id, client_secret, endpoint, method, parameters } = oauth;
    let pair = |Parameter { name, value, .. }: &Parameter| (name.clone(), value.expose().to_owned());
    let mut fields = vec![
        ("grant_type".to_owned(), "client_credentials".to_owned()),
        ("client_id".to_owned(), client_id.clone()),
        ("client_secret".to_owned(), client_secret.expose().to_owned()),
    ];
    fields.retain(|(name, _)| !parameters.body.iter().any(|added| added.name == *name));
    fields.extend(parameters.body.iter().map(pair));
    let mut query: Vec<(String, String)> = parameters.query.iter().map(pair).collect();
    let body = match method {
        OAuthMethod::Get => {
            fields.retain(|(name, _)| !query.iter().any(|(added, _)| added == name));
            query.extend(fields);
            None
        }
        OAuthMethod::Post | OAuthMethod::Put => {
            let field =
                |(name, value): &(String, String)| format!("{}={}", form_encode(name), form_encode(value));
            Some(fields.iter().map(field).collect::<Vec<_>>().join("&"))
        }
    };
    let query = plain_http::query(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let separator = match (query.is_empty(), endpoint.contains('?')) {
        (true, _) => "",
        (false, true) => "&",
        (false, false) => "?",
    };
    let url = format!("{endpoint}{separator}{query}");
    let mut request = PlainRequest { method: method.name().to_owned(), url, headers: Vec::new(), body };
    request.headers.push(("Accept".to_owned(), "application/json".to_owned()));
    for Parameter { name, value, .. } in &parameters.headers {
        request.set_header(name, [value.expose().to_owned()]);
    }
    if request.body.is_some() {
        request.default_header("Content-Type", || "application/x-www-form-urlencoded".to_owned());
    }
    request
}

/// The token and how long it is good; or else what is wrong, without anything that the answer says.
fn read(answer: &PlainAnswer) -> Result<(Secret, Duration), String> {
    if !(200..=299).contains(&answer.status) {
        return Err(format!("answered {}: see that the client's id and secret are right", answer.status));
    }
    let value = Value::parse_bytes(&answer.body).unwrap_or_default();
    let token = value.get("access_token").and_then(Value::as_str);
    let token = token.filter(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
    let Some(token) = token else { return Err("answered without an access_token in JSON".to_owned()) };
    let seconds = value.get("expires_in").and_then(|seconds| match seconds {
        Value::String(text) => text.parse().ok(),
        seconds => seconds.as_f64(),
    });
    let lifetime = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    Ok((Secret::new(token), lifetime.unwrap_or(LIFETIME_DEFAULT)))
}
