//! The environment variables that AWS's SDKs heed, as plain values.
//!
//! Never here: the environment of this process; whoever makes the settings reads it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Variables by name: those that begin with `AWS_`, and `HOME`. Empty ones are none, as for the SDKs.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The value of a variable that is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether a variable says yes.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The home folder.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.get("HOME").map(PathBuf::from)
    }
}

impl FromIterator<(String, String)> for Environment {
    /// Takes what belongs here and leaves the rest.
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Environment {
        let is_ours = |(name, value): &(String, String)| {
            (name.starts_with("AWS_") || name == "HOME") && !value.is_empty()
        };
        Environment(variables.into_iter().filter(is_ours).collect())
    }
}

impl fmt::Debug for Environment {
    /// Names only: the values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
