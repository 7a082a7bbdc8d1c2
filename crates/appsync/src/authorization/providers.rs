//! The modes of an API, read from its record.

use json::{Object, Text, Value};
use services::Members;
use tokens::{Algorithms, Clients, KeysAt, Lifetimes, Token, check_times, is_same};

use super::function::Function;
use super::{Checking, Credentials, Identity, Mode, Published, Refusal};

/// The modes of an API, and what each of them was given. (`authenticationType`, `additionalAuthenticationProviders`)
#[derive(Debug, Default)]
pub(crate) struct Providers {
    /// What an API's author wants of those who say nothing else.
    pub default: Mode,
    /// All ways to be let in, those of the default mode first. Some modes may be there several times.
    pub all: Vec<Provider>,
}

/// One way to be let in.
#[derive(Debug)]
pub(crate) enum Provider {
    /// `API_KEY`
    ApiKey,
    /// `AWS_IAM`
    Iam,
    /// `AMAZON_COGNITO_USER_POOLS`
    UserPool(UserPool),
    /// `OPENID_CONNECT`
    Oidc(Oidc),
    /// `AWS_LAMBDA`
    Function(Function),
}

/// `userPoolConfig`
#[derive(Debug)]
pub(crate) struct UserPool {
    pool: tokens::UserPool,
    /// `appIdClientRegex`
    clients: Clients,
    /// `defaultAction`
    is_allowed_by_default: bool,
}

/// `openIDConnectConfig`
#[derive(Debug)]
pub(crate) struct Oidc {
    issuer: Text,
    keys_at: KeysAt,
    /// `clientId`
    clients: Clients,
    /// `iatTTL`, `authTTL`
    lifetimes: Lifetimes,
}

/// What a provider makes of a token's claims.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    /// A user pool's `defaultAction`.
    pub is_allowed_by_default: bool,
    /// Milliseconds since 1970.
    pub expires_at: i64,
}

impl Providers {
    /// Of a `graphqlApi`.
    pub fn of(record: &Value) -> Providers {
        let all = [record].into_iter().chain(parts(record, "additionalAuthenticationProviders"));
        let default = Mode::of(record.text_or_empty("authenticationType")).unwrap_or_default();
        let provider = |record| Provider::of(record, "authenticationType", "userPoolConfig");
        Providers { default, all: all.filter_map(provider).collect() }
    }

    /// Of the `eventConfig` of an `api` of the Events API, which has its modes for each purpose beside.
    pub fn of_events(config: &Value) -> Providers {
        let provider = |record| Provider::of(record, "authType", "cognitoConfig");
        let all: Vec<Provider> = parts(config, "authProviders").filter_map(provider).collect();
        Providers { default: all.first().map(Provider::mode).unwrap_or_default(), all }
    }

    /// Whether a mode is switched on.
    pub fn has(&self, mode: Mode) -> bool {
        self.all.iter().any(|provider| provider.mode() == mode)
    }

    /// Whether somebody's tokens are taken.
    pub(super) fn has_issuers(&self) -> bool {
        self.has(Mode::UserPools) || self.has(Mode::Oidc)
    }
}

fn parts<'v>(record: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    record.member(name).and_then(Value::as_array).into_iter().flat_map(|parts| parts.iter())
}

impl Provider {
    fn of(record: &Value, mode: &str, user_pool: &str) -> Option<Provider> {
        let part = |name: &str| record.member(name).unwrap_or(&Value::Null);
        Some(match Mode::of(record.text_or_empty(mode))? {
            Mode::ApiKey => Provider::ApiKey,
            Mode::Iam => Provider::Iam,
            Mode::UserPools => Provider::UserPool(UserPool::of(part(user_pool))),
            Mode::Oidc => Provider::Oidc(Oidc::of(part("openIDConnectConfig"))),
            Mode::Lambda => Provider::Function(Function::of(part("lambdaAuthorizerConfig"))),
        })
    }

    /// Which mode it is.
    pub fn mode(&self) -> Mode {
        match self {
            Provider::ApiKey => Mode::ApiKey,
            Provider::Iam => Mode::Iam,
            Provider::UserPool(_) => Mode::UserPools,
            Provider::Oidc(_) => Mode::Oidc,
            Provider::Function(_) => Mode::Lambda,
        }
    }

    /// Checks a token that says that it is of this issuer; nothing if it does not.
    pub(super) async fn check_token(
        &self,
        checking: &Checking<'_>,
        credentials: &Credentials<'_>,
        token: &Token<'_>,
    ) -> Option<Result<Identity, Refusal>> {
        match self {
            Provider::UserPool(pool) if pool.pool.is_named(token.issuer(), &checking.documents()) => {
                Some(pool.check(checking, credentials, token).await)
            }
            Provider::Oidc(oidc) if is_same(&oidc.issuer, token.issuer()) => {
                Some(oidc.check(checking, token).await)
            }
            _ => None,
        }
    }

    /// Judges claims whose signature was checked before; nothing if another issuer made them.
    pub(super) fn judge(&self, checking: &Checking<'_>, claims: &Object) -> Option<Result<Judged, Refusal>> {
        let issuer = claims.text("iss")?;
        match self {
            Provider::UserPool(pool) if pool.pool.is_named(issuer, &checking.documents()) => {
                Some(pool.judge(claims, checking.now))
            }
            Provider::Oidc(oidc) if is_same(&oidc.issuer, issuer) => Some(oidc.judge(claims, checking.now)),
            _ => None,
        }
    }
}

impl UserPool {
    fn of(config: &Value) -> UserPool {
        UserPool {
            pool: tokens::UserPool::new(
                config.text_or_empty("awsRegion"),
                config.text_or_empty("userPoolId"),
            ),
            clients: Clients::of(config.text("appIdClientRegex")),
            is_allowed_by_default: config.text("defaultAction") != Some("DENY"),
        }
    }

    async fn check(
        &self,
        checking: &Checking<'_>,
        credentials: &Credentials<'_>,
        token: &Token<'_>,
    ) -> Result<Identity, Refusal> {
        checking.verify(self.pool.keys_at(), token, Algorithms::Pkcs1).await?;
        let claims = &token.claims;
        let Judged { is_allowed_by_default, expires_at } = self.judge(claims, checking.now)?;
        Ok(Identity::of_user(claims, is_allowed_by_default, credentials.source_ip, expires_at))
    }

    fn judge(&self, claims: &Object, now: i64) -> Result<Judged, Refusal> {
        // ID tokens are for a client, access tokens were given to one.
        let client = match claims.text("token_use") {
            Some("id") => claims.member("aud"),
            Some("access") => claims.member("client_id"),
            _ => return Err(Refusal::because("the token is neither an ID token nor an access token")),
        };
        if !self.clients.allow(client) {
            return Err(Refusal::because("the token is another client's"));
        }
        let expires_at = check_times(claims, Lifetimes::default(), now)?;
        Ok(Judged { is_allowed_by_default: self.is_allowed_by_default, expires_at })
    }
}

impl Oidc {
    fn of(config: &Value) -> Oidc {
        let issuer = Text::from(config.text_or_empty("issuer"));
        let lifetime = |name| config.whole(name).filter(|milliseconds| *milliseconds > 0);
        Oidc {
            keys_at: KeysAt::Discovery { issuer: issuer.clone() },
            issuer,
            clients: Clients::of(config.text("clientId")),
            lifetimes: Lifetimes { issued: lifetime("iatTTL"), authenticated: lifetime("authTTL") },
        }
    }

    async fn check(&self, checking: &Checking<'_>, token: &Token<'_>) -> Result<Identity, Refusal> {
        checking.verify(&self.keys_at, token, Algorithms::All).await?;
        let Judged { expires_at, .. } = self.judge(&token.claims, checking.now)?;
        Ok(Identity::of_subject(&token.claims, expires_at))
    }

    fn judge(&self, claims: &Object, now: i64) -> Result<Judged, Refusal> {
        if !["aud", "azp"].into_iter().any(|name| self.clients.allow(claims.member(name))) {
            return Err(Refusal::because("the token is another client's"));
        }
        let expires_at = check_times(claims, self.lifetimes, now)?;
        Ok(Judged { is_allowed_by_default: true, expires_at })
    }
}

impl Checking<'_> {
    /// Makes a token's claims true, or refuses it.
    async fn verify(&self, at: &KeysAt, token: &Token<'_>, algorithms: Algorithms) -> Result<(), Refusal> {
        Ok(self.keys.issuers.verify(at, token, algorithms, &self.documents(), self.now).await?)
    }

    fn documents(&self) -> Published {
        Published(self.outside.clone())
    }
}
