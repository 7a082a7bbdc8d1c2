//! `[connections]` of `stepwell.toml`: what HTTP tasks are let in with, and where the key of those is that the
//! API made.
//!
//! Never here: where they are kept.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use ::connections::{Access, Authorization, HttpParameters, OAuth, OAuthMethod, Parameter, Secret};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// `[connections]`
#[derive(Clone, Debug, Default)]
pub struct Connections {
    /// The key of the connections that the API made, relative to the settings file.
    pub key_file: Option<PathBuf>,
    /// `[connections.NAME]`
    pub named: BTreeMap<String, Connection>,
}

/// `[connections.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Connection {
    /// A user's name and password.
    Basic {
        /// The name.
        username: Option<Text>,
        /// Or the variable that has it.
        username_env: Option<String>,
        /// The password.
        password: Option<Text>,
        /// Or the variable that has it.
        password_env: Option<String>,
        /// Added to every request.
        headers: Option<Texts>,
        /// Added to every request.
        query: Option<Texts>,
        /// Added to every request.
        body: Option<Texts>,
    },
    /// A header with a key.
    ApiKey {
        /// The header.
        name: String,
        /// The key.
        value: Option<Text>,
        /// Or the variable that has it.
        value_env: Option<String>,
        /// Added to every request.
        headers: Option<Texts>,
        /// Added to every request.
        query: Option<Texts>,
        /// Added to every request.
        body: Option<Texts>,
    },
    /// A client that fetches tokens.
    Oauth {
        /// Where tokens are.
        endpoint: String,
        /// How it is asked for one; POST if left out.
        method: Option<String>,
        /// The client.
        client_id: Option<Text>,
        /// Or the variable that has it.
        client_id_env: Option<String>,
        /// Its secret.
        client_secret: Option<Text>,
        /// Or the variable that has it.
        client_secret_env: Option<String>,
        /// Added to the request for a token.
        token_headers: Option<Texts>,
        /// Added to the request for a token.
        token_query: Option<Texts>,
        /// Added to the request for a token.
        token_body: Option<Texts>,
        /// Added to every request.
        headers: Option<Texts>,
        /// Added to every request.
        query: Option<Texts>,
        /// Added to every request.
        body: Option<Texts>,
    },
}

/// A text of the file that is not printed.
#[derive(Clone, Debug)]
pub struct Text(Secret);

type Texts = BTreeMap<String, Text>;

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Text, D::Error> {
        Ok(Text(Secret::new(String::deserialize(from)?)))
    }
}

impl<'de> Deserialize<'de> for Connections {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Connections, D::Error> {
        from.deserialize_map(Section)
    }
}

/// The section has one key of its own; all others are names.
struct Section;

impl<'de> Visitor<'de> for Section {
    type Value = Connections;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("key_file, or connections by name")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Connections, M::Error> {
        let mut connections = Connections::default();
        while let Some(name) = members.next_key::<String>()? {
            if name == "key_file" {
                connections.key_file = Some(members.next_value()?);
                continue;
            }
            let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(is_valid) {
                return Err(M::Error::custom(format!(
                    "[connections.\"{name}\"] is not the name of a connection: 1 to {NAME_MAX} letters, digits, -, _ and ."
                )));
            }
            connections.named.insert(name, members.next_value()?);
        }
        Ok(connections)
    }
}

/// AWS's limit. (CreateConnection)
const NAME_MAX: usize = 64;

impl Connections {
    /// What can be used, and what cannot and why, for the user. `variable` gives a variable of the environment.
    pub fn usable(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> (BTreeMap<String, Access>, Vec<String>) {
        let mut complaints = Vec::new();
        let mut usable = BTreeMap::new();
        for (name, connection) in &self.named {
            match connection.access(&variable) {
                Ok(access) => drop(usable.insert(name.clone(), access)),
                Err(why) => complaints.push(format!("the connection {name} cannot be used: {why}")),
            }
        }
        (usable, complaints)
    }
}

impl Connection {
    fn access(&self, variable: &impl Fn(&str) -> Option<String>) -> Result<Access, String> {
        let text = |name: &str, given: &Option<Text>, env: &Option<String>| match (given, env) {
            (Some(Text(given)), None) => Ok(given.clone()),
            (None, Some(env)) => {
                let value = variable(env).map(Secret::new);
                value.ok_or_else(|| format!("{name}_env names {env}, which is not set in the environment"))
            }
            (None, None) => {
                Err(format!("it has no {name}: set {name}, or {name}_env to a variable that has it"))
            }
            (Some(_), Some(_)) => Err(format!("it has both {name} and {name}_env: leave out one of them")),
        };
        match self {
            Connection::Basic { username, username_env, password, password_env, headers, query, body } => {
                let username = text("username", username, username_env)?.expose().to_owned();
                let password = text("password", password, password_env)?;
                let authorization = Authorization::Basic { username, password };
                Ok(Access { authorization, parameters: parameters(headers, query, body) })
            }
            Connection::ApiKey { name, value, value_env, headers, query, body } => {
                let value = text("value", value, value_env)?;
                let authorization = Authorization::ApiKey { name: name.clone(), value };
                Ok(Access { authorization, parameters: parameters(headers, query, body) })
            }
            Connection::Oauth {
                endpoint,
                method,
                client_id,
                client_id_env,
                client_secret,
                client_secret_env,
                token_headers,
                token_query,
                token_body,
                headers,
                query,
                body,
            } => {
                let method = method.as_deref().unwrap_or("POST");
                let method = OAuthMethod::of_name(method)
                    .ok_or_else(|| format!("method is {method}, and can be GET, POST or PUT"))?;
                connectors::check_endpoint(endpoint.split('?').next().unwrap_or_default())?;
                let authorization = Authorization::OAuth(OAuth {
                    client_id: text("client_id", client_id, client_id_env)?.expose().to_owned(),
                    client_secret: text("client_secret", client_secret, client_secret_env)?,
                    endpoint: endpoint.clone(),
                    method,
                    parameters: parameters(token_headers, token_query, token_body),
                });
                Ok(Access { authorization, parameters: parameters(headers, query, body) })
            }
        }
    }
}

fn parameters(headers: &Option<Texts>, query: &Option<Texts>, body: &Option<Texts>) -> HttpParameters {
    let list = |texts: &Option<Texts>| {
        let one = |(name, Text(value)): (&String, &Text)| Parameter {
            name: name.clone(),
            value: value.clone(),
            is_secret: true,
        };
        texts.iter().flatten().map(one).collect()
    };
    HttpParameters { headers: list(headers), query: list(query), body: list(body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Connections, String> {
        #[derive(Deserialize)]
        struct File {
            connections: Connections,
        }
        toml::from_str::<File>(text).map(|file| file.connections).map_err(|error| error.to_string())
    }

    fn environment(name: &str) -> Option<String> {
        (name == "SECRET").then(|| "hush".to_owned())
    }

    #[test]
    fn all_kinds() {
        let connections = read(
            r#"
            [connections]
            key_file = "keys/connections.key"
            [connections.basic]
            kind = "basic"
            username = "ada"
            password_env = "SECRET"
            headers = { X-Tenant = "acme" }
            [connections.key]
            kind = "api_key"
            name = "X-Api-Key"
            value = "hush"
            [connections.oauth]
            kind = "oauth"
            endpoint = "https://example.com/token?tenant=1"
            client_id = "client"
            client_secret_env = "SECRET"
            token_body = { scope = "read" }
            "#,
        )
        .unwrap();
        assert_eq!(connections.key_file, Some(PathBuf::from("keys/connections.key")));
        let (usable, complaints) = connections.usable(environment);
        assert_eq!((usable.len(), complaints), (3, Vec::new()));
        let Authorization::Basic { username, password } = &usable["basic"].authorization else { panic!() };
        assert_eq!((username.as_str(), password.expose()), ("ada", "hush"));
        assert_eq!(usable["basic"].parameters.headers[0].value.expose(), "acme");
        let Authorization::OAuth(oauth) = &usable["oauth"].authorization else { panic!() };
        assert_eq!((oauth.method, oauth.parameters.body[0].name.as_str()), (OAuthMethod::Post, "scope"));
        assert!(!format!("{connections:?}").contains("hush"));
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let basic = "[connections.c]\nkind = \"basic\"\nusername = \"ada\"\n";
        for (more, why) in [
            ("", "it has no password: set password, or password_env to a variable that has it"),
            ("password_env = \"ABSENT\"", "password_env names ABSENT, which is not set in the environment"),
            (
                "password = \"a\"\npassword_env = \"SECRET\"",
                "it has both password and password_env: leave out one of them",
            ),
        ] {
            let (usable, complaints) = read(&format!("{basic}{more}")).unwrap().usable(environment);
            assert_eq!(
                (usable.len(), complaints),
                (0, vec![format!("the connection c cannot be used: {why}")])
            );
        }
        let oauth = "[connections.c]\nkind = \"oauth\"\nclient_id = \"a\"\nclient_secret = \"b\"\n";
        for more in ["endpoint = \"example.com\"", "endpoint = \"https://e\"\nmethod = \"HEAD\""] {
            let (usable, complaints) = read(&format!("{oauth}{more}")).unwrap().usable(environment);
            assert_eq!((usable.len(), complaints.len()), (0, 1), "{complaints:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_has_its_line() {
        for (text, line, why) in [
            ("[connections.c]\nkind = \"digest\"\n", 2, "unknown variant `digest`"),
            ("[connections.c]\nkind = \"basic\"\nuser = \"a\"\n", 1, "unknown field `user`"),
            ("[connections.\"a b\"]\nkind = \"basic\"\n", 1, "is not the name of a connection"),
            ("[connections]\nkey_file = 1\n", 2, "expected path string"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(&format!("at line {line}, ")) && error.contains(why), "{text}{error}");
        }
    }
}
