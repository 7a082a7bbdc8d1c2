//! The roles that calls of AWS itself are made as: the state machine's, and from it the Task's.
//!
//! Each is assumed once for all who call, and again shortly before its credentials expire. Never here: calls
//! of anything but AWS, where roles are recorded only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use asl::Failure;
use json::Text;
use sigv4::Credentials;

use super::Trouble;
use super::kept::Kept;
use super::sts::{AssumeRole, Sts, StsError};
use crate::clock;
use crate::connectors::Caller;

/// Roles whose credentials are kept. One more forgets them all: more than this many roles within an hour are
/// no usual server's, and to assume a role again is cheap.
const ROLES_MAX: usize = 1_000;

/// The roles that were assumed.
#[derive(Debug)]
pub(crate) struct Roles {
    sts: Arc<Sts>,
    assumed: Mutex<BTreeMap<Key, Arc<Kept>>>,
}

/// Who assumes which role, and on whose behalf.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    access_key_id: String,
    role_arn: String,
    external_id: Option<Text>,
    region: Text,
}

impl Roles {
    /// None yet.
    pub(crate) fn new(sts: Arc<Sts>) -> Roles {
        Roles { sts, assumed: Mutex::default() }
    }

    /// From the server's own credentials to those that a call is made with. Fails with `States.TaskFailed`.
    pub(crate) async fn credentials(
        &self,
        own: Credentials,
        machine: Option<&str>,
        task: Option<&str>,
        caller: &Caller,
    ) -> Result<Credentials, Failure> {
        let mut credentials = own;
        if let Some(role_arn) = machine {
            let assumed = self.assume(credentials, role_arn, None, caller, |error| {
                format!(
                    "The state machine's role {role_arn} cannot be assumed: {error} [aws] assume_roles = false makes calls \
                     with the server's own credentials."
                )
            });
            credentials = assumed.await?;
        }
        if let Some(role_arn) = task {
            // Trust policies ask for the state machine. (AWS's tutorial on resources of other accounts)
            let external_id = Some(&caller.state_machine_arn).filter(|arn| !arn.is_empty());
            let assumed = self.assume(credentials, role_arn, external_id, caller, |error| match error.is_denial {
                // In AWS's words. (spec/asl.md, Credentials)
                true => {
                    let machines = caller.role_arn.as_deref().unwrap_or_default();
                    format!("The role {machines} is not authorized to assume the task state's role, {role_arn}.")
                }
                false => format!("The task state's role, {role_arn}, cannot be assumed: {error}"),
            });
            credentials = assumed.await?;
        }
        Ok(credentials)
    }

    async fn assume(
        &self,
        credentials: Credentials,
        role_arn: &str,
        external_id: Option<&Text>,
        caller: &Caller,
        cause: impl FnOnce(StsError) -> String,
    ) -> Result<Credentials, Failure> {
        let key = Key {
            access_key_id: credentials.access_key_id.clone(),
            role_arn: role_arn.to_owned(),
            external_id: external_id.cloned(),
            region: caller.region.clone(),
        };
        let role = AssumeRole {
            role_arn: role_arn.to_owned(),
            role_session_name: role_session_name(clock::random()),
            external_id: external_id.map(Text::to_string),
            duration_seconds: AssumeRole::DURATION_SECONDS,
        };
        let kept = self.kept(key);
        let make = || async move {
            let assumed = self.sts.assume_role(&credentials, &role, Some(&caller.region)).await;
            assumed.map_err(|error| Trouble::Failed(cause(error)))
        };
        kept.get(None, make).await.map_err(Trouble::into_failure)
    }

    fn kept(&self, key: Key) -> Arc<Kept> {
        let mut assumed = self.assumed.lock().unwrap_or_else(PoisonError::into_inner);
        if assumed.len() >= ROLES_MAX && !assumed.contains_key(&key) {
            assumed.clear();
        }
        assumed.entry(key).or_default().clone()
    }
}

/// AWS's names for it are 32 random letters.
fn role_session_name(random: u128) -> String {
    (0..32).map(|place| char::from(b'a' + (random >> (4 * place) & 0xf) as u8)).collect()
}
