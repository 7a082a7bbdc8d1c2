//! A REST API as it was deployed, compiled: nothing is parsed while a request goes through it.

use std::collections::BTreeMap;

use json::{Object, Value};
use regex::Regex;
use vtl::Template;

use crate::schema::{Schema, Schemas};
use services::Members;

use crate::bearer::{self, Pools};

use super::authorize::Authorizer;
use super::binary::MediaTypes;
use super::gateway_response::GatewayResponse;
use super::mapping::{self, Place, Source};
use super::route::Routes;

/// An API, ready for requests.
#[derive(Debug)]
pub(crate) struct Deployed {
    /// `id`, `name`, `apiKeySource`, …, as the API shows them.
    pub(crate) api: Object,
    pub(crate) binary: MediaTypes,
    pub(crate) schemas: Schemas,
    /// Functions that say who may call.
    pub(crate) authorizers: BTreeMap<String, Authorizer>,
    /// User pools whose users may call, and where these show their tokens.
    pub(crate) pools: BTreeMap<String, (Source, Pools)>,
    pub(crate) gateway_responses: BTreeMap<String, GatewayResponse>,
    routes: Routes,
    methods: Vec<Method>,
}

/// One method of one resource.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) resource_id: String,
    /// `/dragons/{id}`
    pub(crate) resource_path: String,
    /// `POST`, or `ANY`.
    pub(crate) verb: String,
    pub(crate) operation_name: Option<String>,
    pub(crate) authorization: Authorization,
    pub(crate) needs_key: bool,
    /// What must be there, if parameters are validated.
    pub(crate) required: Vec<(Place, String)>,
    pub(crate) validates_body: bool,
    pub(crate) validates_parameters: bool,
    /// The model of a body, by its content type.
    pub(crate) models: BTreeMap<String, String>,
    pub(crate) integration: Integration,
}

/// Who may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Authorization {
    Anybody,
    /// Who signs.
    Signed,
    /// Whom the authorizer with this identifier lets in.
    Custom(String),
    /// Who is a user of a pool of this authorizer, with one of these scopes if there are any.
    Pools(String, Vec<String>),
}

/// What a method does.
#[derive(Debug)]
pub(crate) struct Integration {
    pub(crate) kind: Kind,
    /// `POST`; empty for mocks.
    pub(crate) verb: String,
    /// May have stage variables in it.
    pub(crate) uri: String,
    pub(crate) credentials: Option<String>,
    pub(crate) passthrough: Passthrough,
    pub(crate) templates: Templates,
    pub(crate) parameters: Vec<(Place, String, Source)>,
    pub(crate) conversion: Option<Conversion>,
    pub(crate) timeout_milliseconds: u64,
    pub(crate) responses: Vec<IntegrationResponse>,
}

/// The types of integrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Aws,
    AwsProxy,
    Http,
    HttpProxy,
    Mock,
}

/// What becomes of a body for whose type there is no template. (spec/vtl.md §6.2)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passthrough {
    WhenNoMatch,
    WhenNoTemplates,
    Never,
}

/// What `contentHandling` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conversion {
    ToText,
    ToBinary,
}

/// What becomes of an integration's answer.
#[derive(Debug)]
pub(crate) struct IntegrationResponse {
    pub(crate) status: u16,
    /// Without one it is the default.
    pub(crate) pattern: Option<Regex>,
    pub(crate) templates: Templates,
    /// Headers of the response.
    pub(crate) parameters: Vec<(String, Source)>,
    pub(crate) conversion: Option<Conversion>,
}

/// Templates by content type, in their order.
pub(crate) type Templates = Vec<(String, Template)>;

impl Deployed {
    /// Of a snapshot: `api`, `resources`, `models` and the rest, as the records have them.
    pub(crate) fn compile(snapshot: &Object) -> Result<Deployed, String> {
        let api = snapshot.part("api").clone();
        let mut schemas = Schemas::default();
        for (name, model) in snapshot.part("models").iter() {
            if let Some(text) = model.text("schema").filter(|text| !text.is_empty()) {
                schemas.insert(name, Schema::parse(text).map_err(|why| format!("the model {name}: {why}"))?);
            }
        }
        if let Some(name) = schemas.missing() {
            return Err(format!("a model refers to the model {name}, which is not there"));
        }
        let (mut authorizers, mut pools) = (BTreeMap::new(), BTreeMap::new());
        for (id, authorizer) in snapshot.part("authorizers").iter() {
            match authorizer.text("type") {
                Some("COGNITO_USER_POOLS") => drop(pools.insert(id.to_string(), compile_pools(authorizer)?)),
                _ => drop(authorizers.insert(id.to_string(), Authorizer::compile(authorizer)?)),
            }
        }
        let mut gateway_responses = BTreeMap::new();
        for (name, response) in snapshot.part("gatewayResponses").iter() {
            gateway_responses.insert(name.to_string(), GatewayResponse::compile(response));
        }
        let (mut routes, mut methods) = (Routes::default(), Vec::new());
        for resource in snapshot.part("resources").values() {
            for (verb, method) in resource.part("resourceMethods").iter() {
                let path = resource.text_or_empty("path");
                let compiled = Method::compile(resource, verb, method, snapshot);
                let compiled = compiled.map_err(|why| format!("{verb} {path}: {why}"))?;
                routes.insert(path, verb, methods.len());
                methods.push(compiled);
            }
        }
        let binary = MediaTypes::new(api.texts("binaryMediaTypes"));
        Ok(Deployed { api, binary, schemas, authorizers, pools, gateway_responses, routes, methods })
    }

    /// The method that a request is for, and what its path parameters are.
    pub(crate) fn find(&self, verb: &str, path: &str) -> Option<(&Method, Vec<(String, String)>)> {
        let (place, parameters) = self.routes.find(path, verb)?;
        Some((&self.methods[place], parameters))
    }

    /// The method of a resource by its path template.
    pub(crate) fn method(&self, resource_path: &str, verb: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.resource_path == resource_path && method.verb == verb)
    }
}

fn compile_pools(authorizer: &Value) -> Result<(Source, Pools), String> {
    let source = authorizer.text_or_empty("identitySource");
    let source = mapping::identity_source(source).ok_or_else(|| format!("{source} is no identity source"))?;
    let pools = authorizer.texts("providerARNs").into_iter();
    let pools = pools.map(|arn| bearer::pool_of_arn(arn).ok_or_else(|| format!("{arn} is no user pool")));
    let clients = authorizer.text("identityValidationExpression").filter(|pattern| !pattern.is_empty());
    let clients = clients.map(mapping::pattern).transpose()?;
    Ok((source, Pools::new(pools.collect::<Result<_, _>>()?, clients)))
}

impl Method {
    fn compile(resource: &Value, verb: &str, method: &Value, snapshot: &Object) -> Result<Method, String> {
        let Some(integration) = method.member("methodIntegration") else {
            return Err("it has no integration".to_owned());
        };
        let validator = snapshot.part("requestValidators").get(method.text_or_empty("requestValidatorId"));
        let authorization = match method.text_or_empty("authorizationType") {
            "NONE" => Authorization::Anybody,
            "AWS_IAM" => Authorization::Signed,
            "CUSTOM" => Authorization::Custom(method.text_or_empty("authorizerId").to_owned()),
            "COGNITO_USER_POOLS" => {
                let scopes = method.texts("authorizationScopes").into_iter().map(str::to_owned);
                Authorization::Pools(method.text_or_empty("authorizerId").to_owned(), scopes.collect())
            }
            other => return Err(format!("the authorization type {other} is not supported")),
        };
        let required = method
            .part("requestParameters")
            .iter()
            .filter(|(_, is_required)| is_required.as_bool() == Some(true));
        let required = required.filter_map(|(name, _)| mapping::declared_request(name));
        let models = method.part("requestModels").iter();
        Ok(Method {
            resource_id: resource.text_or_empty("id").to_owned(),
            resource_path: resource.text_or_empty("path").to_owned(),
            verb: verb.to_owned(),
            operation_name: method.text("operationName").map(str::to_owned),
            authorization,
            needs_key: method.flag("apiKeyRequired"),
            required: required.map(|(place, name)| (place, name.to_owned())).collect(),
            validates_body: validator.is_some_and(|validator| validator.flag("validateRequestBody")),
            validates_parameters: validator
                .is_some_and(|validator| validator.flag("validateRequestParameters")),
            models: models.map(|(kind, model)| (kind.to_string(), mapping::as_text(model))).collect(),
            integration: Integration::compile(integration)?,
        })
    }
}

impl Integration {
    fn compile(integration: &Value) -> Result<Integration, String> {
        let kind = match integration.text_or_empty("type") {
            "AWS" => Kind::Aws,
            "AWS_PROXY" => Kind::AwsProxy,
            "HTTP" => Kind::Http,
            "HTTP_PROXY" => Kind::HttpProxy,
            "MOCK" => Kind::Mock,
            other => return Err(format!("the integration type {other} is not supported")),
        };
        let passthrough = match integration.text_or_empty("passthroughBehavior") {
            "NEVER" => Passthrough::Never,
            "WHEN_NO_TEMPLATES" => Passthrough::WhenNoTemplates,
            _ => Passthrough::WhenNoMatch,
        };
        let parameters = integration.part("requestParameters").iter().filter_map(|(name, expression)| {
            let (place, name) = mapping::request_target(name)?;
            Some((place, name.to_owned(), Source::of_request(expression.as_str()?)?))
        });
        let responses = integration.part("integrationResponses").values().map(IntegrationResponse::compile);
        let credentials = integration.text("credentials").filter(|role| !role.is_empty());
        Ok(Integration {
            kind,
            verb: integration.text_or_empty("httpMethod").to_owned(),
            uri: integration.text_or_empty("uri").to_owned(),
            credentials: credentials.map(str::to_owned),
            passthrough,
            templates: templates(integration.part("requestTemplates"))?,
            parameters: parameters.collect(),
            conversion: conversion(integration),
            timeout_milliseconds: integration
                .whole("timeoutInMillis")
                .and_then(|time| time.try_into().ok())
                .unwrap_or(29_000),
            responses: responses.collect::<Result<_, _>>()?,
        })
    }

    /// The response whose pattern matches, or else the default one.
    pub(crate) fn response_for(&self, selected_by: &str) -> Option<&IntegrationResponse> {
        let matching = |response: &&IntegrationResponse| {
            response.pattern.as_ref().is_some_and(|pattern| pattern.is_match(selected_by))
        };
        self.responses
            .iter()
            .find(matching)
            .or_else(|| self.responses.iter().find(|response| response.pattern.is_none()))
    }
}

impl IntegrationResponse {
    fn compile(response: &Value) -> Result<IntegrationResponse, String> {
        let status = response.text_or_empty("statusCode");
        // An empty pattern is none: that is how the default response is written.
        let pattern =
            response.text("selectionPattern").filter(|pattern| !pattern.is_empty() && *pattern != "default");
        let pattern = pattern.map(mapping::pattern).transpose()?;
        let parameters = response.part("responseParameters").iter().filter_map(|(name, expression)| {
            let name = name.strip_prefix("method.response.header.")?;
            Some((name.to_owned(), Source::of_response(expression.as_str()?)?))
        });
        Ok(IntegrationResponse {
            status: status.parse().map_err(|_| format!("{status} is no status"))?,
            pattern,
            templates: templates(response.part("responseTemplates"))?,
            parameters: parameters.collect(),
            conversion: conversion(response),
        })
    }
}

fn templates(templates: &Object) -> Result<Templates, String> {
    let compiled = templates.iter().map(|(kind, text)| {
        let text = text.as_str().unwrap_or_default();
        let template = vtl::api_gateway::parse(text, true)
            .map_err(|error| format!("the template for {kind}: {error}"))?;
        Ok((kind.to_string(), template))
    });
    compiled.collect()
}

fn conversion(object: &Value) -> Option<Conversion> {
    match object.text("contentHandling")? {
        "CONVERT_TO_TEXT" => Some(Conversion::ToText),
        "CONVERT_TO_BINARY" => Some(Conversion::ToBinary),
        _ => None,
    }
}
