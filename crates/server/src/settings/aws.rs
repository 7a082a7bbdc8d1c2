//! `[endpoints]` and `[aws]`: where services are, and as whom AWS itself is called.
//!
//! Never here: what the environment says.

use std::collections::BTreeMap;

use connectors::Credentials;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// `[endpoints]`
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// Where services are, by their names in the AWS CLI: `http://HOST:PORT`, or `built-in`.
    pub services: BTreeMap<String, String>,
    /// Where single resources are, by ARN, queue URL, function name or host.
    pub resources: BTreeMap<String, String>,
}

impl Endpoints {
    const RESOURCES: &str = "resources";
}

/// `[aws]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// Whether AWS itself is called where no endpoint is set; no if left out.
    pub enabled: Option<bool>,
    /// Whether calls of AWS itself are made as the state machine's role; yes if left out.
    pub assume_roles: Option<bool>,
    /// A profile of AWS's configuration files.
    pub profile: Option<String>,
    /// What requests are signed with; by AWS's standard chain if left out.
    #[serde(default, deserialize_with = "credentials")]
    pub credentials: Option<Credentials>,
}

impl<'de> Deserialize<'de> for Endpoints {
    /// Every key but `resources` is a service.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Endpoints, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Endpoints;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("endpoints of services")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<Endpoints, A::Error> {
                let mut endpoints = Endpoints::default();
                while let Some(Service(name)) = keys.next_key()? {
                    if name == Endpoints::RESOURCES {
                        let resources = keys.next_value::<BTreeMap<String, Url>>()?;
                        endpoints.resources =
                            resources.into_iter().map(|(key, Url(url))| (key, url)).collect();
                    } else {
                        let Home(url) = keys.next_value()?;
                        endpoints.services.insert(name, url);
                    }
                }
                Ok(endpoints)
            }
        }
        from.deserialize_map(Keys)
    }
}

struct Service(String);

impl<'de> Deserialize<'de> for Service {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Service, D::Error> {
        let name = String::deserialize(from)?;
        if name != Endpoints::RESOURCES {
            connectors::check_service(&name).map_err(D::Error::custom)?;
        }
        Ok(Service(name))
    }
}

struct Url(String);

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
        let url = String::deserialize(from)?;
        connectors::check_endpoint(&url).map_err(D::Error::custom)?;
        Ok(Url(url))
    }
}

/// A URL, or `built-in`.
struct Home(String);

impl<'de> Deserialize<'de> for Home {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Home, D::Error> {
        let home = String::deserialize(from)?;
        if home != connectors::WITHIN {
            connectors::check_endpoint(&home).map_err(D::Error::custom)?;
        }
        Ok(Home(home))
    }
}

/// `credentials = { access_key_id = …, secret_access_key = …, session_token = … }`
fn credentials<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Credentials>, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Keys {
        access_key_id: String,
        secret_access_key: String,
        session_token: Option<String>,
    }
    let Keys { access_key_id, secret_access_key, session_token } = Keys::deserialize(from)?;
    Ok(Some(Credentials { access_key_id, secret_access_key, session_token }))
}
