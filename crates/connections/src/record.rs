//! Connections as JSON: what the sealed file has inside.
//!
//! Never here: anything that is not sealed afterwards.

use json::{Object, Value};

use crate::connection::{
    Access, Authorization, Connection, HttpParameters, Kind, OAuth, OAuthMethod, Parameter, State,
};
use crate::secret::Secret;

pub(crate) fn write<'c>(connections: impl Iterator<Item = &'c Connection>) -> String {
    connections.map(connection).collect::<Value>().to_text()
}

/// `None` if it is not what [`write`] makes.
pub(crate) fn read(bytes: &[u8]) -> Option<Vec<Connection>> {
    let value = Value::parse_bytes(bytes).ok()?;
    value.as_array()?.iter().map(read_connection).collect()
}

fn connection(connection: &Connection) -> Value {
    let Connection { arn, name, description, state, access, created_at, modified_at, authorized_at } =
        connection;
    json::value!({
        "arn": arn,
        "name": name,
        "description": (description.clone()),
        "state": (state.name()),
        "authorization": (authorization(&access.authorization)),
        "parameters": (parameters(&access.parameters)),
        "createdAt": (*created_at),
        "modifiedAt": (*modified_at),
        "authorizedAt": (*authorized_at),
    })
}

fn authorization(authorization: &Authorization) -> Value {
    let kind = authorization.kind().name();
    match authorization {
        Authorization::Basic { username, password } => {
            json::value!({ "kind": kind, "name": username, "secret": (password.expose()) })
        }
        Authorization::ApiKey { name, value } => {
            json::value!({ "kind": kind, "name": name, "secret": (value.expose()) })
        }
        Authorization::OAuth(OAuth { client_id, client_secret, endpoint, method, parameters: more }) => {
            json::value!({
                "kind": kind,
                "name": client_id,
                "secret": (client_secret.expose()),
                "endpoint": endpoint,
                "method": (method.name()),
                "parameters": (parameters(more)),
            })
        }
    }
}

fn parameters(parameters: &HttpParameters) -> Value {
    let list = |list: &[Parameter]| {
        let one = |Parameter { name, value, is_secret }: &Parameter| json::value!({ "name": name, "value": (value.expose()), "isSecret": (*is_secret) });
        list.iter().map(one).collect::<Value>()
    };
    let HttpParameters { headers, query, body } = parameters;
    json::value!({ "headers": (list(headers)), "query": (list(query)), "body": (list(body)) })
}

fn read_connection(value: &Value) -> Option<Connection> {
    let object = value.as_object()?;
    let state_name = text(object, "state")?;
    let states = [State::Authorized, State::Deauthorized];
    Some(Connection {
        arn: text(object, "arn")?,
        name: text(object, "name")?,
        description: text(object, "description"),
        state: states.into_iter().find(|state| state.name() == state_name)?,
        access: Access {
            authorization: read_authorization(object.get("authorization")?.as_object()?)?,
            parameters: read_parameters(object.get("parameters")?)?,
        },
        created_at: object.get("createdAt")?.as_i64()?,
        modified_at: object.get("modifiedAt")?.as_i64()?,
        authorized_at: object.get("authorizedAt")?.as_i64()?,
    })
}

fn read_authorization(object: &Object) -> Option<Authorization> {
    let (name, secret) = (text(object, "name")?, Secret::new(text(object, "secret")?));
    match Kind::of_name(object.get("kind")?.as_str()?)? {
        Kind::Basic => Some(Authorization::Basic { username: name, password: secret }),
        Kind::ApiKey => Some(Authorization::ApiKey { name, value: secret }),
        Kind::OAuth => Some(Authorization::OAuth(OAuth {
            client_id: name,
            client_secret: secret,
            endpoint: text(object, "endpoint")?,
            method: OAuthMethod::of_name(object.get("method")?.as_str()?)?,
            parameters: read_parameters(object.get("parameters")?)?,
        })),
    }
}

fn read_parameters(value: &Value) -> Option<HttpParameters> {
    let list = |name: &str| -> Option<Vec<Parameter>> {
        let one = |item: &Value| {
            let item = item.as_object()?;
            Some(Parameter {
                name: text(item, "name")?,
                value: Secret::new(text(item, "value")?),
                is_secret: item.get("isSecret")?.as_bool()?,
            })
        };
        value.get(name)?.as_array()?.iter().map(one).collect()
    };
    Some(HttpParameters { headers: list("headers")?, query: list("query")?, body: list("body")? })
}

fn text(object: &Object, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}
