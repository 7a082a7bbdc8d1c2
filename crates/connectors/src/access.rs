//! Access to AWS's services: where a call goes, and as whom it is made.
//!
//! Whoever calls asks for the [`Target`] first and has the finished request signed for it then. Never here:
//! how requests are built and sent.

use std::sync::Arc;

use asl::Failure;
use aws_models::Operation;
use json::Value;
use sigv4::SigningKeys;

use crate::built_in::BuiltIns;
use crate::clock;
use crate::connectors::Caller;
use crate::credentials::{Chain, Roles, Sts};
use crate::endpoints::{Endpoints, Place, Target};
use crate::http_client::HttpClient;
use crate::settings::Settings;
use crate::shared_config::SharedConfig;
use crate::signing::{self, Parts};

/// Endpoints, credentials and roles, by the settings of one moment.
#[derive(Debug)]
pub(crate) struct Access {
    endpoints: Arc<Endpoints>,
    chain: Chain,
    roles: Roles,
    keys: SigningKeys,
    assumes_machines_role: bool,
}

impl Access {
    /// Reads no file yet.
    pub(crate) fn new(settings: &Settings, client: HttpClient, built_ins: Arc<BuiltIns>) -> Access {
        let aws = &settings.aws;
        let config = Arc::new(SharedConfig::new(&aws.environment, aws.profile.as_deref()));
        let endpoints = Arc::new(Endpoints::new(settings, config.clone(), built_ins));
        let sts = Arc::new(Sts::new(endpoints.clone(), &settings.scope.region, client));
        Access {
            chain: Chain::new(aws, config, sts.clone()),
            roles: Roles::new(sts),
            endpoints,
            keys: SigningKeys::new(),
            assumes_machines_role: aws.assume_roles,
        }
    }

    /// Where a call of an operation goes. (See [`Endpoints::find`])
    pub(crate) fn find(
        &self,
        operation: Operation<'_>,
        arguments: &Value,
        region: &str,
    ) -> Result<Target, Failure> {
        self.endpoints.find(operation, arguments, region)
    }

    /// Where all services are set to be.
    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// What requests are signed with.
    pub(crate) fn keys(&self) -> &SigningKeys {
        &self.keys
    }

    /// The headers that make a request a signed one; none if the operation takes no credentials. `role` is
    /// `Credentials.RoleArn` of the Task. Fails with `States.TaskFailed` if a role cannot be assumed or
    /// credentials cannot be had, and with `States.Runtime` if there is nothing to have them from.
    pub(crate) async fn sign(
        &self,
        operation: Operation<'_>,
        place: &Place,
        parts: Parts<'_>,
        caller: &Caller,
        role: Option<&str>,
    ) -> Result<Vec<(&'static str, String)>, Failure> {
        if !signing::is_signed(operation) {
            return Ok(Vec::new());
        }
        let credentials = self.credentials(place.is_aws, caller, role).await?;
        Ok(signing::sign(operation, place, parts, &credentials, &self.keys, clock::now_seconds()))
    }

    /// What a request is signed with. Roles count only where AWS itself is called: elsewhere
    /// nobody could give them, and they are part of the history only.
    pub(crate) async fn credentials(
        &self,
        is_aws: bool,
        caller: &Caller,
        role: Option<&str>,
    ) -> Result<sigv4::Credentials, Failure> {
        if !is_aws {
            return Ok(self.chain.credentials_or_made_up().await);
        }
        let own = self.chain.credentials().await.map_err(|trouble| trouble.into_failure())?;
        let machine = caller.role_arn.as_deref().filter(|_| self.assumes_machines_role);
        self.roles.credentials(own, machine, role, caller).await
    }
}
