//! The server's own credentials: the settings, then AWS's standard chain.
//!
//! In this order: keys in the settings; keys in the environment, unless the settings name a profile; a web
//! identity in the environment; the profile. Never here: the role of a state machine or of a Task.

use std::path::Path;
use std::sync::Arc;

use sigv4::Credentials;

use super::kept::Kept;
use super::profile::{self, First, Plan};
use super::sts::{AssumeRole, Sts};
use super::{Temporary, Trouble, made_up, of_environment, process};
use crate::environment::Environment;
use crate::settings::AwsSettings;
use crate::shared_config::{Parsed, SharedConfig};

/// A token of a web identity has some KB.
const TOKEN_BYTES_MAX: u64 = 64 * 1024;

/// Where the server's credentials come from.
#[derive(Debug)]
pub(crate) struct Chain {
    set: Option<Credentials>,
    names_profile: bool,
    environment: Environment,
    config: Arc<SharedConfig>,
    sts: Arc<Sts>,
    kept: Kept,
}

impl Chain {
    /// Looks nowhere yet.
    pub(crate) fn new(aws: &AwsSettings, config: Arc<SharedConfig>, sts: Arc<Sts>) -> Chain {
        Chain {
            set: aws.credentials.clone(),
            names_profile: aws.profile.is_some(),
            environment: aws.environment.clone(),
            config,
            sts,
            kept: Kept::default(),
        }
    }

    /// The credentials of now. Files are read again if they have changed, and what expires is had anew.
    pub(crate) async fn credentials(&self) -> Result<Credentials, Trouble> {
        if let Some(set) = &self.set {
            return Ok(set.clone());
        }
        if !self.names_profile
            && let Some(keys) = of_environment(&self.environment)?
        {
            return Ok(keys);
        }
        let (stamp, parsed) =
            self.config.read().map_err(|reason| Trouble::Failed(format!("No credentials: {reason}.")))?;
        self.kept.get(Some(&stamp), || self.find(&parsed)).await
    }

    /// The same for a stand-in of AWS, which takes what everybody uses there if there are no others.
    pub(crate) async fn credentials_or_made_up(&self) -> Credentials {
        match self.credentials().await {
            Ok(credentials) => credentials,
            Err(trouble) => {
                tracing::debug!(?trouble, "calls of what is not AWS are signed as \"test\"");
                made_up()
            }
        }
    }

    async fn find(&self, parsed: &Parsed) -> Result<Temporary, Trouble> {
        if let Some((token_file, role)) = self.web_identity_of_environment() {
            return self.web_identity(&token_file, &role).await;
        }
        let Plan { first, roles } =
            profile::plan(parsed, self.config.profile()).map_err(|trouble| self.hinted(trouble))?;
        let mut credentials = match first {
            First::Keys(credentials) => Temporary { credentials, expires_at: None },
            First::Process { profile, command } => process::run(&profile, &command).await?,
            First::WebIdentity { token_file, role } => self.web_identity(&token_file, &role).await?,
            First::Environment => match of_environment(&self.environment)? {
                Some(credentials) => Temporary { credentials, expires_at: None },
                None => {
                    return Err(Trouble::Nothing(format!(
                        "The profile {} has credential_source = Environment, and AWS_ACCESS_KEY_ID is not set.",
                        self.config.profile()
                    )));
                }
            },
        };
        for role in roles {
            let assumed = self.sts.assume_role(&credentials.credentials, &role, None).await;
            credentials = assumed.map_err(|error| {
                let profile = self.config.profile();
                Trouble::Failed(format!(
                    "The role {} of the profile {profile} cannot be assumed: {error}",
                    role.role_arn
                ))
            })?;
        }
        Ok(credentials)
    }

    fn web_identity_of_environment(&self) -> Option<(String, AssumeRole)> {
        let environment = Some(&self.environment).filter(|_| !self.names_profile)?;
        let token_file = environment.get("AWS_WEB_IDENTITY_TOKEN_FILE")?;
        let role = AssumeRole {
            role_arn: environment.get("AWS_ROLE_ARN")?.to_owned(),
            role_session_name: environment.get("AWS_ROLE_SESSION_NAME").unwrap_or("stepwell").to_owned(),
            external_id: None,
            duration_seconds: AssumeRole::DURATION_SECONDS,
        };
        Some((token_file.to_owned(), role))
    }

    async fn web_identity(&self, token_file: &str, role: &AssumeRole) -> Result<Temporary, Trouble> {
        let failed = |reason: &str| {
            Trouble::Failed(format!(
                "The role {} cannot be assumed by the token in {token_file}: {reason}",
                role.role_arn
            ))
        };
        let token = token(Path::new(token_file)).map_err(|error| failed(&format!("{error}.")))?;
        let assumed = self.sts.assume_role_with_web_identity(&token, role).await;
        assumed.map_err(|error| failed(&error.to_string()))
    }

    /// Whoever has nothing at all is told what there could be.
    fn hinted(&self, trouble: Trouble) -> Trouble {
        match trouble {
            Trouble::Nothing(text) => {
                let elsewhere =
                    ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
                let container = elsewhere.iter().any(|name| self.environment.get(name).is_some());
                let hint =
                    if container { " Credentials of a container's role are not supported." } else { "" };
                Trouble::Nothing(format!(
                    "AWS itself cannot be called without credentials. {text}{hint} Set AWS_ACCESS_KEY_ID and \
                     AWS_SECRET_ACCESS_KEY, or AWS_PROFILE or [aws] profile to a profile that has some."
                ))
            }
            Trouble::Failed(text) => Trouble::Failed(text),
        }
    }
}

fn token(file: &Path) -> std::io::Result<String> {
    if file.metadata()?.len() > TOKEN_BYTES_MAX {
        return Err(std::io::Error::other("it is too large to be a token"));
    }
    Ok(std::fs::read_to_string(file)?.trim().to_owned())
}
