//! A connection, and what a request that uses it carries.

use crate::secret::Secret;

/// A connection that the API made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// `arn:aws:events:REGION:ACCOUNT:connection/NAME/UUID`
    pub arn: String,
    /// Its name.
    pub name: String,
    /// What its maker says of it.
    pub description: Option<String>,
    /// Whether it can be used.
    pub state: State,
    /// What it brings.
    pub access: Access,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub modified_at: i64,
    /// When it was last given what it needs to be let in; milliseconds since 1970.
    pub authorized_at: i64,
}

/// Whether a connection can be used. AWS has more states; a connection passes through them at once here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It can.
    Authorized,
    /// Its secrets were taken away.
    Deauthorized,
}

/// What a request that uses a connection carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// How it is let in.
    pub authorization: Authorization,
    /// What is added to every request (`InvocationHttpParameters`).
    pub parameters: HttpParameters,
}

/// How a request is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// `Authorization: Basic …`
    Basic {
        /// The user's name, which is no secret.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A header with a key in it.
    ApiKey {
        /// The header's name.
        name: String,
        /// The key.
        value: Secret,
    },
    /// `Authorization: Bearer …`, with a token that is fetched with a client's credentials.
    OAuth(OAuth),
}

/// The kinds of authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Basic,
    ApiKey,
    OAuth,
}

/// Where and how a token is fetched. (RFC 6749, section 4.4)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth {
    /// The client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The URL that gives tokens.
    pub endpoint: String,
    /// How it is asked.
    pub method: OAuthMethod,
    /// What is added to that request.
    pub parameters: HttpParameters,
}

/// The method of the request for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OAuthMethod {
    Get,
    Post,
    Put,
}

/// Headers, parameters of the query, and members of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpParameters {
    /// `HeaderParameters`
    pub headers: Vec<Parameter>,
    /// `QueryStringParameters`
    pub query: Vec<Parameter>,
    /// `BodyParameters`
    pub body: Vec<Parameter>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value, which is printed nowhere even if it is no secret.
    pub value: Secret,
    /// Whether the API keeps it to itself (`IsValueSecret`).
    pub is_secret: bool,
}

impl State {
    /// As the API has it.
    pub fn name(self) -> &'static str {
        match self {
            State::Authorized => "AUTHORIZED",
            State::Deauthorized => "DEAUTHORIZED",
        }
    }
}

impl Authorization {
    /// Which of them it is.
    pub fn kind(&self) -> Kind {
        match self {
            Authorization::Basic { .. } => Kind::Basic,
            Authorization::ApiKey { .. } => Kind::ApiKey,
            Authorization::OAuth(_) => Kind::OAuth,
        }
    }
}

impl Kind {
    /// As the API has it (`AuthorizationType`).
    pub fn name(self) -> &'static str {
        match self {
            Kind::Basic => "BASIC",
            Kind::ApiKey => "API_KEY",
            Kind::OAuth => "OAUTH_CLIENT_CREDENTIALS",
        }
    }

    /// The kind of this name.
    pub fn of_name(name: &str) -> Option<Kind> {
        [Kind::Basic, Kind::ApiKey, Kind::OAuth].into_iter().find(|kind| kind.name() == name)
    }
}

impl OAuthMethod {
    /// As the API and HTTP have it.
    pub fn name(self) -> &'static str {
        match self {
            OAuthMethod::Get => "GET",
            OAuthMethod::Post => "POST",
            OAuthMethod::Put => "PUT",
        }
    }

    /// The method of this name.
    pub fn of_name(name: &str) -> Option<OAuthMethod> {
        [OAuthMethod::Get, OAuthMethod::Post, OAuthMethod::Put]
            .into_iter()
            .find(|method| method.name() == name)
    }
}

impl Access {
    /// Drops every secret; what is no secret stays.
    pub(crate) fn forget_secrets(&mut self) {
        let mut all = vec![&mut self.parameters];
        match &mut self.authorization {
            Authorization::Basic { password: secret, .. } | Authorization::ApiKey { value: secret, .. } => {
                *secret = Secret::default();
            }
            Authorization::OAuth(oauth) => {
                oauth.client_secret = Secret::default();
                all.push(&mut oauth.parameters);
            }
        }
        for HttpParameters { headers, query, body } in all {
            for parameter in
                headers.iter_mut().chain(query).chain(body).filter(|parameter| parameter.is_secret)
            {
                parameter.value = Secret::default();
            }
        }
    }
}
