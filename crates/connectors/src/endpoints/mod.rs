//! Where a call of an AWS service goes.
//!
//! In this order: an endpoint that the settings name for the very resource, or for the service; the standard
//! variables of AWS and its configuration file; what is built in; AWS itself, if the settings allow it.
//! Otherwise the call fails and says what to set. Never here: sending anything.

mod names;
mod place;
mod refused;
mod resources;

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::Failure;
use aws_models::{Operation, Service};
use aws_names::Scope;
use json::Value;

pub use self::names::check_service;
pub(crate) use self::place::Place;
use crate::built_in::BuiltIns;
use crate::environment::Environment;
use crate::http_client::Endpoint;
use crate::settings::Settings;
use crate::shared_config::SharedConfig;

/// The service that is always answered in this process.
const BUILT_IN: &str = "stepfunctions";
/// The service that a folder can stand in for.
pub(crate) const S3: &str = "s3";

/// What the settings say in place of an endpoint, so that what the environment says does not count.
pub const WITHIN: &str = "built-in";

/// Where calls go, by the settings of one moment.
#[derive(Debug)]
pub(crate) struct Endpoints {
    scope: Scope,
    is_aws_enabled: bool,
    has_s3_root: bool,
    by_service: BTreeMap<String, String>,
    by_resource: BTreeMap<String, String>,
    environment: Environment,
    config: Arc<SharedConfig>,
    /// What else this process offers.
    built_ins: Arc<BuiltIns>,
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// By HTTP.
    Place(Place),
    /// To this very process.
    BuiltIn,
}

/// An endpoint as somebody has set it.
struct Set {
    url: String,
    /// Who: `AWS_ENDPOINT_URL`, `[endpoints] sqs`.
    by: String,
}

impl Endpoints {
    pub(crate) fn new(settings: &Settings, config: Arc<SharedConfig>, built_ins: Arc<BuiltIns>) -> Endpoints {
        Endpoints {
            scope: settings.scope.clone(),
            is_aws_enabled: settings.aws.enabled,
            has_s3_root: settings.s3_root.is_some(),
            by_service: settings.aws.endpoints.clone(),
            by_resource: settings.aws.resources.clone(),
            environment: settings.aws.environment.clone(),
            config,
            built_ins,
        }
    }

    /// Where a call of an operation goes, made in a region with these arguments. Fails with
    /// `States.Runtime` if nothing says where, if what is set is no URL, or if AWS could not be called so.
    pub(crate) fn find(
        &self,
        operation: Operation<'_>,
        arguments: &Value,
        region: &str,
    ) -> Result<Target, Failure> {
        refused::check(operation, arguments)?;
        let service = operation.service();
        if self.is_built_in(service) && self.set(service, arguments).is_none() {
            return Ok(Target::BuiltIn);
        }
        self.find_outside(operation, arguments, region).map(Target::Place)
    }

    /// As [`Endpoints::find`], where nothing is built in.
    pub(crate) fn find_outside(
        &self,
        operation: Operation<'_>,
        arguments: &Value,
        region: &str,
    ) -> Result<Place, Failure> {
        refused::check(operation, arguments)?;
        let service = operation.service();
        match self.set(service, arguments) {
            Some(set) => self.at(set, operation, arguments, region),
            None if self.is_aws_enabled => self.of_aws(operation, arguments, region),
            None => Err(nothing_set(service)),
        }
    }

    /// What stands in for a host that AWS gives to somebody (a search domain, an API); `None` for AWS itself, if that may be
    /// called. Otherwise what to set.
    pub(crate) fn of_own_host(&self, host: &str, signed_for: &str) -> Result<Option<Endpoint>, String> {
        let of_apis = || self.by_service.get("apigateway").filter(|_| signed_for == "execute-api");
        let set = self.by_resource.get(host).or_else(|| of_apis().filter(|url| *url != WITHIN));
        match set {
            Some(url) => {
                let endpoint = Endpoint::parse(url);
                endpoint.map(Some).map_err(|reason| format!("The endpoint that is set for {host}: {reason}."))
            }
            None if self.is_aws_enabled => Ok(None),
            None => Err(format!(
                "The host {host} cannot be called: set [endpoints.resources] \"{host}\" in stepwell.toml to where something stands \
                 in for it, or [aws] enabled = true to call AWS itself."
            )),
        }
    }

    /// Whether anything says where a service is. Functions that run here are asked before.
    pub(crate) fn has(&self, service: &Service, arguments: &Value) -> bool {
        self.is_aws_enabled || self.set(service, arguments).is_some()
    }

    fn set(&self, service: &Service, arguments: &Value) -> Option<Set> {
        let is_within = || {
            self.is_built_in(service)
                && self.by_service.get(service.name()).is_some_and(|endpoint| endpoint == WITHIN)
        };
        self.of_resource(service, arguments)
            .or_else(|| if is_within() { None } else { self.of_service(service) })
    }

    fn is_built_in(&self, service: &Service) -> bool {
        let name = service.name();
        name == BUILT_IN || name == S3 && self.has_s3_root || self.built_ins.has(name)
    }

    fn of_resource(&self, service: &Service, arguments: &Value) -> Option<Set> {
        let key = resources::key(&self.by_resource, service, arguments, &self.scope)?;
        Some(Set { url: self.by_resource[key].clone(), by: format!("[endpoints.resources] \"{key}\"") })
    }

    fn of_service(&self, service: &Service) -> Option<Set> {
        let name = service.name();
        if let Some(url) = self.by_service.get(name) {
            return Some(Set { url: url.clone(), by: format!("[endpoints] {name}") });
        }
        if self.environment.is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
            return None;
        }
        let variables = names::variables(service);
        let mut variables = variables.iter().map(String::as_str);
        // Our own service is not where all others are.
        let for_all = (name != BUILT_IN).then_some("AWS_ENDPOINT_URL");
        let set =
            |by: &str| self.environment.get(by).map(|url| Set { url: url.to_owned(), by: by.to_owned() });
        if let Some(set) = variables.find_map(set).or_else(|| for_all.and_then(set)) {
            return Some(set);
        }
        let (url, by) = self.config.endpoint_url(&names::section(service), for_all.is_some())?;
        Some(Set { url, by })
    }

    fn at(
        &self,
        Set { url, by }: Set,
        operation: Operation<'_>,
        arguments: &Value,
        region: &str,
    ) -> Result<Place, Failure> {
        let service = operation.service().name();
        if url == WITHIN {
            return Err(Failure::runtime(format!(
                "The service {service} cannot be called: {by} says that it is built in, and it is not."
            )));
        }
        let endpoint = Endpoint::parse(&url).map_err(|reason| {
            Failure::runtime(format!(
                "The service {service} cannot be called: its endpoint, set by {by}: {reason}."
            ))
        })?;
        let host = endpoint.authority.rsplit_once(':').map_or(endpoint.authority.as_str(), |(host, _)| host);
        let is_aws = aws_models::is_host_of_aws(host);
        if is_aws {
            refused::check_on_aws(operation, arguments)?;
        }
        // A service that AWS has once for all regions is signed for one of them, there.
        let aws = operation.host(region).filter(|_| is_aws);
        let (signing_region, signing_name) = match aws {
            Some(host) => (host.signing_region, host.signing_name),
            None => (region.to_owned(), operation.service().signing_name().to_owned()),
        };
        Ok(Place { endpoint, signing_region, signing_name, is_aws, set_by: by })
    }

    fn of_aws(&self, operation: Operation<'_>, arguments: &Value, region: &str) -> Result<Place, Failure> {
        refused::check_on_aws(operation, arguments)?;
        let service = operation.service().name();
        let host = operation.host(region).ok_or_else(|| {
            Failure::runtime(format!(
                "The service {service} cannot be called: AWS has no host of it in the region {region}."
            ))
        })?;
        let url = format!("https://{}{}", host.name, host.path);
        self.at(Set { url, by: "[aws] enabled".to_owned() }, operation, arguments, region)
    }
}

fn nothing_set(service: &Service) -> Failure {
    let name = service.name();
    let variable = names::variables(service).swap_remove(0);
    let folder = if name == S3 { "[s3] root to a folder that stands in for it, " } else { "" };
    Failure::runtime(format!(
        "The service {name} cannot be called: set [endpoints] {name} in stepwell.toml or {variable} to where it runs, {folder}or \
         [aws] enabled = true to call AWS itself."
    ))
}

#[cfg(test)]
mod tests;
