//! User pools of Cognito, as issuers.

use json::Text;

use crate::issuer::{Documents, KeysAt};

/// A user pool whose tokens are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPool {
    region: Text,
    id: Text,
    /// What Cognito calls the pool in tokens.
    issuer: String,
    keys_at: KeysAt,
}

impl UserPool {
    /// By its region and identifier: `us-east-1`, `us-east-1_abc`.
    pub fn new(region: &str, id: &str) -> UserPool {
        let suffix = aws_models::partition(region).suffix;
        UserPool {
            issuer: format!("https://cognito-idp.{region}.{suffix}/{id}"),
            keys_at: KeysAt::UserPool { region: region.into(), pool: id.into() },
            region: region.into(),
            id: id.into(),
        }
    }

    /// Where its keys are.
    pub fn keys_at(&self) -> &KeysAt {
        &self.keys_at
    }

    /// Whether an `iss` names it: by the name that Cognito has for it, or by where the settings say that Cognito is, as what
    /// stands in for it calls its pools so.
    pub fn is_named(&self, issuer: &str, documents: &impl Documents) -> bool {
        let stands_in = |base: String| {
            issuer.strip_prefix(&base).and_then(|rest| rest.strip_prefix('/')) == Some(&*self.id)
        };
        self.issuer == issuer || documents.cognito(&self.region).is_ok_and(stands_in)
    }
}
