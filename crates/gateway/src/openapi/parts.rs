//! What an API has beside its resources: settings, models, validators, authorizers, gateway responses.

use std::collections::BTreeMap;

use json::{Object, Value, value};

use crate::control::steps;
use crate::fault::Fault;
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::document::{Document, as_model};

/// How methods name a security scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// A key of a usage plan.
    ApiKey,
    Signed,
    /// The authorizer with this identifier.
    Custom(String),
    /// The authorizer with this identifier, which is for users of pools.
    Pools(String),
    /// One that is described, and has no authorizer.
    Other,
}

const EXTENSION: &str = "x-amazon-apigateway-";

/// The settings of the API itself.
pub(super) fn settings(document: Document<'_>) -> Result<Object, Fault> {
    let root = document.root;
    let mut settings = Object::new();
    let info = root.part("info");
    settings.insert("name", info.text("title").unwrap_or("Untitled"));
    take_over(info, &["description"], &mut settings);
    match info.member("version") {
        Some(Value::String(version)) => settings.insert("version", version),
        Some(number) => settings.insert("version", number.to_text()),
        None => None,
    };
    for (name, value) in root.as_object().into_iter().flat_map(Object::iter) {
        let Some(name) = name.strip_prefix(EXTENSION) else { continue };
        match name {
            "binary-media-types" => {
                settings.insert("binaryMediaTypes", value);
            }
            "api-key-source" => {
                settings.insert("apiKeySource", value.as_str().unwrap_or_default().to_ascii_uppercase());
            }
            "policy" => {
                settings.insert("policy", value.to_text());
            }
            "minimum-compression-size" => {
                settings.insert("minimumCompressionSize", value);
            }
            "endpoint-configuration" => {
                if value.member("types").is_some() {
                    settings.insert("endpointConfiguration", value!({"types": value.texts("types")}));
                }
                if value.flag("disableExecuteApiEndpoint") {
                    settings.insert("disableExecuteApiEndpoint", true);
                }
                if value.member("vpcEndpointIds").is_some() {
                    return Err(Fault::not_honoured("vpcEndpointIds", "there are no VPCs here"));
                }
            }
            // These are read where they belong; what describes the API describes it still.
            "request-validators"
            | "request-validator"
            | "gateway-responses"
            | "documentation"
            | "importexport-version" => {}
            other => {
                return Err(Fault::not_honoured(
                    &format!("The extension {EXTENSION}{other}"),
                    "leave it out",
                ));
            }
        }
    }
    Ok(settings)
}

/// Models that are there already become those of the document.
pub(super) fn models(
    document: Document<'_>,
    api_id: &str,
    api: &mut Object,
    moment: &mut Moment,
) -> Result<(), Fault> {
    for (name, schema) in document.schemas().iter() {
        let model = model(name, schema, api_id);
        part_mut(api, "models").remove(name);
        steps::create_model(&model, api, moment)
            .map_err(|fault| within(&fault, &format!("Unable to create model '{name}'")))?;
    }
    Ok(())
}

/// A model of a schema.
pub(super) fn model(name: &str, schema: &Value, api_id: &str) -> Value {
    let mut model = value!({
        "name": name, "contentType": "application/json", "schema": as_model(schema, api_id).to_pretty(),
    });
    if let (Value::Object(model), Some(description)) = (&mut model, schema.text("description")) {
        model.insert("description", description);
    }
    model
}

/// The identifiers of validators by their names; those that are there already become those of the document.
pub(super) fn validators(
    document: Document<'_>,
    api: &mut Object,
    moment: &mut Moment,
) -> Result<BTreeMap<String, String>, Fault> {
    let mut known = BTreeMap::new();
    for (name, validator) in document.root.part("x-amazon-apigateway-request-validators").iter() {
        let mut input = Object::from_iter([("name", name.as_str())]);
        take_over(validator, &["validateRequestBody", "validateRequestParameters"], &mut input);
        let existing = named(api.part("requestValidators"), name);
        let id = match existing {
            Some(id) => {
                input.insert("id", id.as_str());
                part_mut(api, "requestValidators").insert(id.as_str(), input);
                id
            }
            None => steps::create_validator(&input.into(), api, moment)?.text_or_empty("id").to_owned(),
        };
        known.insert(name.to_string(), id);
    }
    Ok(known)
}

fn named(all: &Object, name: &str) -> Option<String> {
    all.iter().find(|(_, one)| one.text("name") == Some(name)).map(|(id, _)| id.to_string())
}

/// Security schemes by their names.
pub(super) fn authorizers(
    document: Document<'_>,
    api: &mut Object,
    moment: &mut Moment,
) -> Result<BTreeMap<String, Scheme>, Fault> {
    let mut known = BTreeMap::new();
    for (name, scheme) in document.security_schemes().iter() {
        let scheme = document.resolve(scheme)?;
        let header = scheme.text_or_empty("name");
        let kind = match (
            scheme.member("x-amazon-apigateway-authorizer"),
            scheme.text("x-amazon-apigateway-authtype"),
        ) {
            (Some(extension), auth_type) => {
                let id = authorizer(name, header, extension, auth_type, api, moment)
                    .map_err(|fault| within(&fault, &format!("Unable to create authorizer '{name}'")))?;
                match extension.text_or_empty("type").eq_ignore_ascii_case("cognito_user_pools") {
                    true => Scheme::Pools(id),
                    false => Scheme::Custom(id),
                }
            }
            (None, Some(kind)) if kind.eq_ignore_ascii_case("awsSigv4") => Scheme::Signed,
            (None, _)
                if scheme.text("type") == Some("apiKey") && header.eq_ignore_ascii_case("x-api-key") =>
            {
                Scheme::ApiKey
            }
            (None, _) => Scheme::Other,
        };
        known.insert(name.to_string(), kind);
    }
    Ok(known)
}

fn authorizer(
    name: &str,
    header: &str,
    extension: &Value,
    auth_type: Option<&str>,
    api: &mut Object,
    moment: &mut Moment,
) -> Result<String, Fault> {
    let kind = extension.text_or_empty("type").to_ascii_uppercase();
    let mut input = Object::from_iter([("name", name), ("type", kind.as_str())]);
    let given = [
        "providerARNs",
        "authorizerUri",
        "authorizerCredentials",
        "identitySource",
        "identityValidationExpression",
        "authorizerResultTtlInSeconds",
    ];
    take_over(extension, &given, &mut input);
    if let Some(auth_type) = auth_type {
        input.insert("authType", auth_type);
    }
    if ["TOKEN", "COGNITO_USER_POOLS"].contains(&kind.as_str()) && !input.contains_key("identitySource") {
        input.insert("identitySource", format!("method.request.header.{header}"));
    }
    let existing = named(api.part("authorizers"), name);
    if let Some(id) = &existing {
        part_mut(api, "authorizers").remove(id);
    }
    let made = steps::create_authorizer(&input.into(), api, moment)?;
    let id = made.text_or_empty("id").to_owned();
    // Methods that use it know it by the identifier that it had.
    let Some(existing) = existing else { return Ok(id) };
    let authorizers = part_mut(api, "authorizers");
    if let Some(Value::Object(mut made)) = authorizers.remove(&id) {
        made.insert("id", existing.as_str());
        authorizers.insert(existing.as_str(), made);
    }
    Ok(existing)
}

pub(super) fn gateway_responses(
    document: Document<'_>,
    api: &mut Object,
    moment: &mut Moment,
) -> Result<(), Fault> {
    for (name, response) in document.root.part("x-amazon-apigateway-gateway-responses").iter() {
        let mut input = Object::from_iter([("responseType", name.as_str())]);
        take_over(response, &["responseParameters", "responseTemplates"], &mut input);
        match response.member("statusCode") {
            Some(Value::String(code)) => input.insert("statusCode", code),
            Some(number) => input.insert("statusCode", number.to_text()),
            None => None,
        };
        steps::put_gateway_response(&input.into(), api, moment)?;
    }
    Ok(())
}

/// The same refusal, with what was being done.
pub(super) fn within(fault: &Fault, doing: &str) -> Fault {
    Fault::bad(format!("Errors found during import:\n\t{doing}: {}", fault.message))
}
