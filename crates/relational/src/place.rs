//! Where a database is: `postgres://user:password@host:5432/name?sslmode=require`, or `mysql://…`.
//!
//! Never here: connections.

use std::fmt;

use crate::sql::Dialect;

/// Where a database is, and as whom it is entered.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    pub(crate) dialect: Dialect,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: Option<String>,
    /// The user's own, if none is named.
    pub(crate) database: Option<String>,
    pub(crate) encryption: Encryption,
}

/// Whether the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    No,
    /// By whatever certificate the server has. (`sslmode=require`, as libpq and MySQL's clients understand it)
    AnyCertificate,
    /// By a certificate of that name, from an authority that the system trusts.
    Verified,
}

/// What is wrong with a URL. It shows nothing of it, because a password may stand anywhere in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidUrl(String);

/// Without the password.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.dialect == Dialect::Postgres { "postgres" } else { "mysql" };
        let database = self.database.as_deref().unwrap_or_default();
        write!(f, "{scheme}://{}:…@{}:{}/{database} ({:?})", self.user, self.host, self.port, self.encryption)
    }
}

impl Place {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for whoever wrote the settings.
    pub fn parse(url: &str) -> Result<Place, InvalidUrl> {
        let wrong = |what: &str| InvalidUrl(what.to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong(FORM))?;
        let (dialect, port) = match scheme {
            "postgres" | "postgresql" => (Dialect::Postgres, 5432),
            "mysql" | "mariadb" => (Dialect::MySql, 3306),
            _ => return Err(wrong(FORM)),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (who, address) = authority.rsplit_once('@').ok_or_else(|| wrong("it names no user"))?;
        let (user, password) = match who.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (who, None),
        };
        let (host, port) = address_of(address, port)?;
        let user = decoded(user)?;
        if user.is_empty() {
            return Err(wrong("it names no user"));
        }
        let database = Some(decoded(database)?).filter(|name| !name.is_empty());
        let password = password.map(decoded).transpose()?;
        // The protocols end names with a zero byte.
        if [Some(&user), password.as_ref(), database.as_ref()]
            .into_iter()
            .flatten()
            .any(|text| text.contains('\0'))
        {
            return Err(wrong("it has a zero byte in it"));
        }
        Ok(Place { dialect, host, port, user, password, database, encryption: encryption(query)? })
    }

    /// With a password that does not stand in the URL.
    #[must_use]
    pub fn with_password(self, password: impl Into<String>) -> Place {
        Place { password: Some(password.into()), ..self }
    }

    /// Whether the URL itself had one.
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }
}

const FORM: &str =
    "it has to look like postgres://user:password@host:5432/name or mysql://user:password@host:3306/name";

fn address_of(address: &str, default_port: u16) -> Result<(String, u16), InvalidUrl> {
    let wrong = |what: &str| InvalidUrl(what.to_owned());
    let (host, port) = match address.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => match address.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    if host.is_empty() {
        return Err(wrong("it names no host; a socket file is not supported"));
    }
    let port = match port {
        Some(port) => port.parse().map_err(|_| wrong("its port is no number up to 65535"))?,
        None => default_port,
    };
    Ok((host.to_owned(), port))
}

fn encryption(query: &str) -> Result<Encryption, InvalidUrl> {
    let mut encryption = Encryption::No;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !matches!(name, "sslmode" | "ssl-mode") {
            return Err(InvalidUrl("the only option it can have is sslmode".to_owned()));
        }
        encryption = match value.to_ascii_lowercase().as_str() {
            "disable" | "disabled" => Encryption::No,
            "require" | "required" => Encryption::AnyCertificate,
            "verify-full" | "verify_identity" => Encryption::Verified,
            _ => {
                return Err(InvalidUrl(
                    "its sslmode can be disable (as without it), require or verify-full".to_owned(),
                ));
            }
        };
    }
    Ok(encryption)
}

/// `%2F` is a slash.
fn decoded(text: &str) -> Result<String, InvalidUrl> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || (rest.next()? as char).to_digit(16);
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(InvalidUrl(
                "a % in it has to be followed by two hexadecimal digits: %25 is a % itself".to_owned(),
            ));
        };
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).map_err(|_| InvalidUrl("it is not UTF-8".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(urls: &[&str], expected: Expect) {
        let told = urls.iter().map(|url| match Place::parse(url) {
            Ok(place) => format!("{place:?} {:?}\n", place.password),
            Err(error) => format!("{error}\n"),
        });
        expected.assert_eq(&told.collect::<String>());
    }

    #[test]
    fn urls() {
        check(
            &[
                "postgres://ada:p%40ss:w@db.example:5433/orders",
                "postgresql://ada@localhost",
                "mysql://root:@[::1]:3307/shop?ssl-mode=REQUIRED",
                "mysql://root@h/shop?sslmode=verify-full",
            ],
            expect![[r#"
                postgres://ada:…@db.example:5433/orders (No) Some("p@ss:w")
                postgres://ada:…@localhost:5432/ (No) None
                mysql://root:…@::1:3307/shop (AnyCertificate) Some("")
                mysql://root:…@h:3306/shop (Verified) None
            "#]],
        );
    }

    #[test]
    fn what_is_wrong_shows_no_password() {
        check(
            &[
                "orders",
                "sqlite://a@b/c",
                "postgres://host/db",
                "postgres://a:secret@/db",
                "postgres://a:secret@h:x/db",
                "postgres://a:secret%zz@h/db",
                "postgres://a:secret@h/db?sslmode=prefer",
                "postgres://a:secret@h/db?host=/tmp",
                "postgres://a:sec%00ret@h/db",
            ],
            expect![[r#"
                it has to look like postgres://user:password@host:5432/name or mysql://user:password@host:3306/name
                it has to look like postgres://user:password@host:5432/name or mysql://user:password@host:3306/name
                it names no user
                it names no host; a socket file is not supported
                its port is no number up to 65535
                a % in it has to be followed by two hexadecimal digits: %25 is a % itself
                its sslmode can be disable (as without it), require or verify-full
                the only option it can have is sslmode
                it has a zero byte in it
            "#]],
        );
    }
}
