//! `AuthParameters`: read with their secrets, written without.
//!
//! Never here: which action they came with.

use connections::{
    Access, Authorization, Connection, HttpParameters, Kind, OAuth, OAuthMethod, Parameter, Secret, State,
};
use json::Text;

use crate::answer::ObjectWriter;
use crate::constraint::{self, TextRule};
use crate::error::ApiError;
use crate::members::Members;

/// What a request gives.
#[derive(Debug, Default)]
pub(super) struct Given {
    basic: Option<Pair>,
    api_key: Option<Pair>,
    oauth: Option<GivenOAuth>,
    parameters: Option<HttpParameters>,
}

/// A name and a secret.
#[derive(Debug, Default)]
struct Pair {
    name: Option<String>,
    secret: Option<Secret>,
}

#[derive(Debug, Default)]
struct GivenOAuth {
    client: Pair,
    endpoint: Option<String>,
    method: Option<OAuthMethod>,
    parameters: Option<HttpParameters>,
}

/// Reads them; those of a new connection are required.
pub(super) fn read(members: &Members<'_>, is_new: bool) -> Result<Given, ApiError> {
    let pair = |structure: &str, name: &str, secret: &str| {
        let structure = members.structure(structure)?;
        structure.map(|members| read_pair(&members, name, secret, is_new)).transpose()
    };
    let basic = pair("BasicAuthParameters", "Username", "Password")?;
    let api_key = pair("ApiKeyAuthParameters", "ApiKeyName", "ApiKeyValue")?;
    let oauth = members.structure("OAuthParameters")?;
    let oauth = oauth.map(|members| read_oauth(&members, is_new)).transpose()?;
    let parameters = read_http(members, "InvocationHttpParameters")?;
    if members.has("ConnectivityParameters") {
        return Err(private());
    }
    Ok(Given { basic, api_key, oauth, parameters })
}

/// Private APIs are reached through a network of AWS, which is not here.
pub(super) fn refuse_private(members: &Members<'_>) -> Result<(), ApiError> {
    if members.has("InvocationConnectivityParameters") { Err(private()) } else { Ok(()) }
}

fn private() -> ApiError {
    ApiError::validation(
        "This server has no private connections: leave out the connectivity parameters, and let HTTP tasks reach the \
         private network with allow of [http] in its settings.",
    )
}

fn read_pair(members: &Members<'_>, name: &str, secret: &str, is_new: bool) -> Result<Pair, ApiError> {
    let text = |member: &str, rule: &TextRule| {
        let text = members.text(member, rule)?;
        if text.is_none() && is_new {
            members.missing::<()>(member);
        }
        Ok::<_, ApiError>(text.map(String::from))
    };
    let name = text(name, &constraint::AUTHORIZATION_TEXT)?;
    let secret = text(secret, &constraint::AUTHORIZATION_SECRET)?;
    Ok(Pair { name, secret: secret.map(Secret::new) })
}

fn read_oauth(members: &Members<'_>, is_new: bool) -> Result<GivenOAuth, ApiError> {
    let client = match members.structure("ClientParameters")? {
        Some(members) => read_pair(&members, "ClientID", "ClientSecret", is_new)?,
        None if is_new => members.missing("ClientParameters"),
        None => Pair::default(),
    };
    let endpoint = members.text("AuthorizationEndpoint", &constraint::AUTHORIZATION_ENDPOINT)?;
    let method = members.choice("HttpMethod", constraint::OAUTH_METHOD)?;
    for member in ["AuthorizationEndpoint", "HttpMethod"] {
        if is_new && !members.has(member) {
            members.missing::<()>(member);
        }
    }
    Ok(GivenOAuth {
        client,
        endpoint: endpoint.map(String::from),
        method: method.and_then(OAuthMethod::of_name),
        parameters: read_http(members, "OAuthHttpParameters")?,
    })
}

fn read_http(members: &Members<'_>, name: &str) -> Result<Option<HttpParameters>, ApiError> {
    let Some(members) = members.structure(name)? else { return Ok(None) };
    let list = |name: &str, key: &TextRule, value: &TextRule| {
        let items = members.some_structures(name, constraint::CONNECTION_PARAMETERS)?.unwrap_or_default();
        let one = |item: &Members<'_>| {
            let text = |text: Option<Text>| text.map(String::from).unwrap_or_default();
            let name = text(item.text("Key", key)?);
            let value = Secret::new(text(item.text("Value", value)?));
            Ok(Parameter { name, value, is_secret: item.truth("IsValueSecret")?.unwrap_or(false) })
        };
        items.iter().map(one).collect::<Result<Vec<Parameter>, ApiError>>()
    };
    Ok(Some(HttpParameters {
        headers: list("HeaderParameters", &constraint::HEADER_KEY, &constraint::HEADER_VALUE)?,
        query: list("QueryStringParameters", &constraint::QUERY_KEY, &constraint::QUERY_VALUE)?,
        body: list("BodyParameters", &constraint::BODY_KEY, &constraint::BODY_VALUE)?,
    }))
}

/// What a connection brings after a request: what is given, and what is there where nothing is.
pub(super) fn settle(given: Given, kind: Kind, there: Option<&Connection>) -> Result<Access, ApiError> {
    let Given { basic, api_key, oauth, parameters } = given;
    // The secrets of a deauthorized one are gone, so all of them must come.
    let authorized = there.filter(|connection| connection.state == State::Authorized);
    let authorized = authorized.map(|connection| &connection.access.authorization);
    let authorization = match kind {
        Kind::Basic => {
            let there = match authorized {
                Some(Authorization::Basic { username, password }) => Some((username, password)),
                Some(Authorization::ApiKey { .. } | Authorization::OAuth(_)) | None => None,
            };
            let (username, password) = settle_pair(basic, there, kind, "BasicAuthParameters")?;
            Authorization::Basic { username, password }
        }
        Kind::ApiKey => {
            let there = match authorized {
                Some(Authorization::ApiKey { name, value }) => Some((name, value)),
                Some(Authorization::Basic { .. } | Authorization::OAuth(_)) | None => None,
            };
            let (name, value) = settle_pair(api_key, there, kind, "ApiKeyAuthParameters")?;
            Authorization::ApiKey { name, value }
        }
        Kind::OAuth => {
            let there = match authorized {
                Some(Authorization::OAuth(there)) => Some(there),
                Some(Authorization::Basic { .. } | Authorization::ApiKey { .. }) | None => None,
            };
            Authorization::OAuth(settle_oauth(oauth, there, kind)?)
        }
    };
    let kept = || there.map(|connection| connection.access.parameters.clone()).unwrap_or_default();
    Ok(Access { authorization, parameters: parameters.unwrap_or_else(kept) })
}

fn settle_pair(
    given: Option<Pair>,
    there: Option<(&String, &Secret)>,
    kind: Kind,
    structure: &str,
) -> Result<(String, Secret), ApiError> {
    let Pair { name, secret } = given.unwrap_or_default();
    let name = name.or_else(|| there.map(|(name, _)| name.clone()));
    let secret = secret.or_else(|| there.map(|(_, secret)| secret.clone()));
    name.zip(secret).ok_or_else(|| incomplete(kind, structure))
}

fn settle_oauth(given: Option<GivenOAuth>, there: Option<&OAuth>, kind: Kind) -> Result<OAuth, ApiError> {
    let GivenOAuth { client, endpoint, method, parameters } = given.unwrap_or_default();
    let pair = there.map(|there| (&there.client_id, &there.client_secret));
    let (client_id, client_secret) = settle_pair(Some(client), pair, kind, "OAuthParameters")?;
    let endpoint = endpoint.or_else(|| there.map(|there| there.endpoint.clone()));
    let method = method.or_else(|| there.map(|there| there.method));
    let (Some(endpoint), Some(method)) = (endpoint, method) else {
        return Err(incomplete(kind, "OAuthParameters"));
    };
    let parameters = parameters.or_else(|| there.map(|there| there.parameters.clone())).unwrap_or_default();
    Ok(OAuth { client_id, client_secret, endpoint, method, parameters })
}

fn incomplete(kind: Kind, structure: &str) -> ApiError {
    let kind = kind.name();
    ApiError::validation(format!("{structure} must be specified for the authorization type {kind}."))
}

/// As DescribeConnection shows them.
pub(super) fn write(access: &Access, answer: &mut ObjectWriter<'_>) {
    match &access.authorization {
        Authorization::Basic { username, password: _ } => {
            answer.object("BasicAuthParameters", |basic| basic.text("Username", username));
        }
        Authorization::ApiKey { name, value: _ } => {
            answer.object("ApiKeyAuthParameters", |key| key.text("ApiKeyName", name));
        }
        Authorization::OAuth(OAuth { client_id, client_secret: _, endpoint, method, parameters }) => {
            answer.object("OAuthParameters", |oauth| {
                oauth.object("ClientParameters", |client| client.text("ClientID", client_id));
                oauth.text("AuthorizationEndpoint", endpoint);
                oauth.text("HttpMethod", method.name());
                write_http("OAuthHttpParameters", parameters, oauth);
            });
        }
    }
    write_http("InvocationHttpParameters", &access.parameters, answer);
}

fn write_http(name: &str, parameters: &HttpParameters, answer: &mut ObjectWriter<'_>) {
    let HttpParameters { headers, query, body } = parameters;
    let lists = [("HeaderParameters", headers), ("QueryStringParameters", query), ("BodyParameters", body)];
    if lists.iter().all(|(_, list)| list.is_empty()) {
        return;
    }
    answer.object(name, |answer| {
        for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            answer.objects(name, list, |item, parameter| {
                item.text("Key", &parameter.name);
                if !parameter.is_secret {
                    item.text("Value", parameter.value.expose());
                }
                item.truth("IsValueSecret", parameter.is_secret);
            });
        }
    });
}
