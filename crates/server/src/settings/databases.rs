//! `[databases.NAME]`: PostgreSQL and MySQL databases that the RDS Data API serves.
//!
//! A password can stand in the URL or in the environment. Neither is ever printed.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Databases by the name that their clusters' ARNs end with.
#[derive(Clone, Debug, Default)]
pub struct Databases(BTreeMap<String, Database>);

/// `[databases.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Database {
    /// `postgres://user:password@host:5432/name` or `mysql://…`.
    #[serde(deserialize_with = "place")]
    url: relational::Place,
    /// The variable that has the password, if the URL has none.
    password_env: Option<String>,
    /// How many connections there are at once.
    connections_max: Option<NonZeroU32>,
}

/// Enough for many callers at once, and little of what a database has. (PostgreSQL: 100 by default)
const CONNECTIONS_MAX: u32 = 10;

/// Of a cluster. (CreateDBCluster)
const NAME_MAX: usize = 63;

impl Databases {
    /// The databases, and what is wrong with some of them, for the user. `variable` gives a variable of the environment.
    pub fn usable(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> (BTreeMap<String, relational::Database>, Vec<String>) {
        let mut complaints = Vec::new();
        let mut usable = BTreeMap::new();
        for (name, Database { url, password_env, connections_max }) in &self.0 {
            let mut place = url.clone();
            if let Some(env) = password_env {
                match variable(env) {
                    Some(password) => place = place.with_password(password),
                    // Some databases ask for none.
                    None => complaints.push(format!(
                        "the database {name} has no password: password_env names {env}, which is not set in the environment"
                    )),
                }
            }
            let connections_max = connections_max.map_or(CONNECTIONS_MAX, NonZeroU32::get) as usize;
            usable.insert(name.clone(), relational::Database { place, connections_max });
        }
        (usable, complaints)
    }
}

impl<'de> Deserialize<'de> for Databases {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Databases, D::Error> {
        let databases = BTreeMap::<String, Database>::deserialize(from)?;
        for (name, database) in &databases {
            let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(is_valid) {
                return Err(D::Error::custom(format!(
                    "[databases.\"{name}\"] is not the name of a cluster: 1 to {NAME_MAX} letters, digits and -"
                )));
            }
            if database.password_env.is_some() && database.url.has_password() {
                return Err(D::Error::custom(format!(
                    "the database {name} has a password in its url and password_env: leave out one of them"
                )));
            }
        }
        Ok(Databases(databases))
    }
}

fn place<'de, D: Deserializer<'de>>(from: D) -> Result<relational::Place, D::Error> {
    let url = String::deserialize(from)?;
    relational::Place::parse(&url)
        .map_err(|error| D::Error::custom(format!("the url of this database is not usable: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Databases, String> {
        #[derive(Deserialize)]
        struct File {
            databases: Databases,
        }
        toml::from_str::<File>(text).map(|file| file.databases).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn passwords_are_found_and_not_printed() {
        let databases = read(
            r#"
            [databases.orders]
            url = "postgres://ada@db/orders"
            password_env = "SECRET"
            connections_max = 3
            [databases.shop]
            url = "mysql://root:hush@127.0.0.1/shop"
            [databases.late]
            url = "mysql://root@127.0.0.1/shop"
            password_env = "ABSENT"
            "#,
        )
        .unwrap();
        let (usable, complaints) = databases.usable(|name| (name == "SECRET").then(|| "hush".to_owned()));
        assert_eq!(usable.len(), 3);
        assert_eq!((usable["orders"].connections_max, usable["shop"].connections_max), (3, 10));
        assert!(usable["orders"].place.has_password() && usable["shop"].place.has_password());
        assert_eq!(
            complaints,
            [
                "the database late has no password: password_env names ABSENT, which is not set in the environment"
            ]
        );
        assert!(!format!("{databases:?} {usable:?}").contains("hush"));
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        for (text, why) in [
            (
                "[databases.a]\nurl = \"sqlite://x\"",
                "the url of this database is not usable: it has to look like postgres://",
            ),
            ("[databases.a]\npassword_env = \"A\"", "missing field `url`"),
            ("[databases.a]\nurl = \"mysql://a:b@c/d\"\npassword_env = \"A\"", "leave out one of them"),
            ("[databases.\"a b\"]\nurl = \"mysql://a:b@c/d\"", "is not the name of a cluster"),
            ("[databases.a]\nurl = \"mysql://a:b@c/d\"\nuser = \"e\"", "unknown field `user`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
