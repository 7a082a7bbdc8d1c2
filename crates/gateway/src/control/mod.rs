//! What the operations of `apigateway` do: functions from the records as they are to the records as they shall be.
//!
//! A [`Draft`] collects what an operation changes; whoever keeps the records commits it as a whole, or drops it.
//! Never here: how records are kept, requests to the APIs themselves.

mod apis;
mod authorizers;
mod defaults;
mod deployments;
mod gateway_responses;
mod integrations;
mod keys;
mod methods;
mod models;
mod page;
mod patch;
mod plans;
mod refused;
mod resources;
mod stages;
mod tags;
mod validators;

use aws_names::Scope;
use json::Value;
use services::records::Draft;

use crate::fault::Fault;
use crate::openapi;
use services::Members;
use services::Moment;

pub(crate) use apis::load as load_api;
pub(crate) use deployments::snapshot_key;
pub(crate) use gateway_responses::default_status;
pub(crate) use keys::with_value as key_with_value;
pub(crate) use methods::{find as find_method, resource_of};
pub(crate) use page::page;
pub(crate) use resources::{by_path as resource_by_path, create as create_resource};

pub(crate) mod steps {
    //! What an import does one by one, as a caller would.

    pub(crate) use super::apis::{create, settle};
    pub(crate) use super::authorizers::create as create_authorizer;
    pub(crate) use super::gateway_responses::put as put_gateway_response;
    pub(crate) use super::integrations::{put as put_integration, put_response as put_integration_response};
    pub(crate) use super::methods::{
        delete as delete_method, put as put_method, put_response as put_method_response,
    };
    pub(crate) use super::models::create as create_model;
    pub(crate) use super::validators::create as create_validator;
}

/// What an operation works on.
pub(crate) struct Work<'w, 'r> {
    pub(crate) draft: &'w mut Draft<'r>,
    pub(crate) scope: &'w Scope,
    pub(crate) moment: &'w mut Moment,
}

/// Carries out an operation of `apigateway`; input and output are named as its model names them.
pub(crate) fn perform(operation: &str, input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    match operation {
        "CreateRestApi" => apis::create(input, work).and_then(|id| apis::get(&id, work)),
        "ImportRestApi" => openapi::import(input, work),
        "PutRestApi" => openapi::put(input, work),
        "GetExport" => openapi::export(input, work),
        "GetRestApi" => apis::get(apis::id(input)?, work),
        "GetRestApis" => apis::list(input, work),
        "UpdateRestApi" => apis::update(input, work),
        "DeleteRestApi" => apis::delete(input, work),

        "CreateResource" => apis::change(input, work, resources::create),
        "GetResource" => apis::read(input, work, resources::get),
        "GetResources" => apis::read(input, work, resources::list),
        "UpdateResource" => apis::change(input, work, resources::update),
        "DeleteResource" => apis::change(input, work, resources::delete),

        "PutMethod" => apis::change(input, work, methods::put),
        "GetMethod" => apis::read(input, work, methods::get),
        "UpdateMethod" => apis::change(input, work, methods::update),
        "DeleteMethod" => apis::change(input, work, methods::delete),
        "PutMethodResponse" => apis::change(input, work, methods::put_response),
        "GetMethodResponse" => apis::read(input, work, methods::get_response),
        "UpdateMethodResponse" => apis::change(input, work, methods::update_response),
        "DeleteMethodResponse" => apis::change(input, work, methods::delete_response),

        "PutIntegration" => apis::change(input, work, integrations::put),
        "GetIntegration" => apis::read(input, work, integrations::get),
        "UpdateIntegration" => apis::change(input, work, integrations::update),
        "DeleteIntegration" => apis::change(input, work, integrations::delete),
        "PutIntegrationResponse" => apis::change(input, work, integrations::put_response),
        "GetIntegrationResponse" => apis::read(input, work, integrations::get_response),
        "UpdateIntegrationResponse" => apis::change(input, work, integrations::update_response),
        "DeleteIntegrationResponse" => apis::change(input, work, integrations::delete_response),

        "CreateModel" => apis::change(input, work, models::create),
        "GetModel" => apis::read(input, work, models::get),
        "GetModels" => apis::read(input, work, models::list),
        "GetModelTemplate" => apis::read(input, work, models::template),
        "UpdateModel" => apis::change(input, work, models::update),
        "DeleteModel" => apis::change(input, work, models::delete),

        "CreateRequestValidator" => apis::change(input, work, validators::create),
        "GetRequestValidator" => apis::read(input, work, validators::get),
        "GetRequestValidators" => apis::read(input, work, validators::list),
        "UpdateRequestValidator" => apis::change(input, work, validators::update),
        "DeleteRequestValidator" => apis::change(input, work, validators::delete),

        "CreateAuthorizer" => apis::change(input, work, authorizers::create),
        "GetAuthorizer" => apis::read(input, work, authorizers::get),
        "GetAuthorizers" => apis::read(input, work, authorizers::list),
        "UpdateAuthorizer" => apis::change(input, work, authorizers::update),
        "DeleteAuthorizer" => apis::change(input, work, authorizers::delete),

        "PutGatewayResponse" => apis::change(input, work, gateway_responses::put),
        "GetGatewayResponse" => apis::read(input, work, gateway_responses::get),
        "GetGatewayResponses" => apis::read(input, work, gateway_responses::list),
        "UpdateGatewayResponse" => apis::change(input, work, gateway_responses::update),
        "DeleteGatewayResponse" => apis::change(input, work, gateway_responses::delete),

        "CreateDeployment" => deployments::create(input, work),
        "GetDeployment" => apis::read(input, work, deployments::get),
        "GetDeployments" => apis::read(input, work, deployments::list),
        "UpdateDeployment" => apis::change(input, work, deployments::update),
        "DeleteDeployment" => deployments::delete(input, work),
        "CreateStage" => apis::change(input, work, stages::create),
        "GetStage" => apis::read(input, work, stages::get),
        "GetStages" => apis::read(input, work, stages::list),
        "UpdateStage" => apis::change(input, work, stages::update),
        "DeleteStage" => stages::delete(input, work),

        "CreateApiKey" => keys::create(input, work),
        "GetApiKey" => keys::get(input, work),
        "GetApiKeys" => keys::list(input, work),
        "UpdateApiKey" => keys::update(input, work),
        "DeleteApiKey" => keys::delete(input, work),
        "CreateUsagePlan" => plans::create(input, work),
        "GetUsagePlan" => plans::get(input, work),
        "GetUsagePlans" => plans::list(input, work),
        "UpdateUsagePlan" => plans::update(input, work),
        "DeleteUsagePlan" => plans::delete(input, work),
        "CreateUsagePlanKey" => plans::create_key(input, work),
        "GetUsagePlanKey" => plans::get_key(input, work),
        "GetUsagePlanKeys" => plans::list_keys(input, work),
        "DeleteUsagePlanKey" => plans::delete_key(input, work),
        "GetUsage" => plans::usage(input, work),

        "GetTags" => tags::get(input, work),
        "TagResource" => tags::add(input, work),
        "UntagResource" => tags::remove(input, work),
        "GetAccount" => Ok(defaults::account()),
        // There are no caches of responses; the authorisers' is emptied by whoever keeps it.
        "FlushStageCache" | "FlushStageAuthorizersCache" => {
            apis::read(input, work, stages::get).map(|_| json::value!({}))
        }
        _ => refused::answer(operation),
    }
}

/// What stages and deployments may be asked for on AWS, and nothing here would do.
fn refused_members(input: &Value) -> Result<(), Fault> {
    for (setting, instead) in [
        ("cacheClusterEnabled", "put a cache before this server"),
        ("tracingEnabled", "traces of X-Ray are not written here"),
    ] {
        if input.flag(setting) {
            return Err(Fault::not_honoured(setting, instead));
        }
    }
    for (setting, instead) in [
        ("canarySettings", "deploy to a stage of its own"),
        ("clientCertificateId", "put a proxy that holds the certificate before the backend"),
        ("documentationVersion", "keep the documentation in the OpenAPI file"),
        ("accessLogSettings", "set the logging level of the stage's methods to INFO"),
    ] {
        if input.member(setting).is_some_and(|value| value.as_str() != Some("")) {
            return Err(Fault::not_honoured(setting, instead));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
