//! Whose calls a service of AWS gets: keys, where they are looked for, and roles.
//!
//! Secrets are in no log, no error and no Debug output. Never here: endpoints, signatures.

mod chain;
mod kept;
mod process;
mod profile;
mod roles;
mod sts;

use asl::Failure;
use sigv4::Credentials;

pub(crate) use self::chain::Chain;
pub(crate) use self::roles::Roles;
pub(crate) use self::sts::Sts;
use crate::environment::Environment;

/// Credentials, and how long they are good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Temporary {
    pub(crate) credentials: Credentials,
    /// Seconds since 1970; `None` for ever.
    pub(crate) expires_at: Option<u64>,
}

/// Why there are no credentials. Both are whole sentences for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing says where to have them from, or what it says is not supported: trying again is in vain.
    Nothing(String),
    /// What should give them did not. It may do so the next time.
    Failed(String),
}

impl Trouble {
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Trouble::Nothing(cause) => Failure::runtime(cause),
            Trouble::Failed(cause) => Failure::new(aws_names::error::TASK_FAILED, cause),
        }
    }
}

/// Keys in `AWS_ACCESS_KEY_ID` and its companions; `None` if there are none.
pub(crate) fn of_environment(environment: &Environment) -> Result<Option<Credentials>, Trouble> {
    let variable = |name: &str| environment.get(name).map(str::to_owned);
    match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(Trouble::Nothing(
            "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not: set both, or neither.".to_owned(),
        )),
        (Some(access_key_id), Some(secret_access_key)) => {
            let session_token = variable("AWS_SESSION_TOKEN");
            Ok(Some(Credentials { access_key_id, secret_access_key, session_token }))
        }
    }
}

/// What stand-ins for AWS take, as everybody's examples for them have it.
pub(crate) fn made_up() -> Credentials {
    Credentials {
        access_key_id: "test".to_owned(),
        secret_access_key: "test".to_owned(),
        session_token: None,
    }
}

#[cfg(test)]
mod tests;
