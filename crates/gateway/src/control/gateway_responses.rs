//! Gateway responses: what a caller hears when a request never reaches an integration, or nothing comes back.

use json::{Object, Value, value};

use crate::fault::Fault;
use crate::invoke::mapping;
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::methods::check_status;
use super::page;
use super::patch::{self, Field, Kind, field};

const FIELDS: &[Field] = &[
    field("/statusCode", Kind::Text),
    field("/responseParameters/*", Kind::Text),
    field("/responseTemplates/*", Kind::Text),
];

/// All types, and the status of each; the defaults for a class have none of their own.
const TYPES: [(&str, Option<u16>); 21] = [
    ("ACCESS_DENIED", Some(403)),
    ("API_CONFIGURATION_ERROR", Some(500)),
    ("AUTHORIZER_CONFIGURATION_ERROR", Some(500)),
    ("AUTHORIZER_FAILURE", Some(500)),
    ("BAD_REQUEST_BODY", Some(400)),
    ("BAD_REQUEST_PARAMETERS", Some(400)),
    ("DEFAULT_4XX", None),
    ("DEFAULT_5XX", None),
    ("EXPIRED_TOKEN", Some(403)),
    ("INTEGRATION_FAILURE", Some(504)),
    ("INTEGRATION_TIMEOUT", Some(504)),
    ("INVALID_API_KEY", Some(403)),
    ("INVALID_SIGNATURE", Some(403)),
    ("MISSING_AUTHENTICATION_TOKEN", Some(403)),
    ("QUOTA_EXCEEDED", Some(429)),
    ("REQUEST_TOO_LARGE", Some(413)),
    ("RESOURCE_NOT_FOUND", Some(404)),
    ("THROTTLED", Some(429)),
    ("UNAUTHORIZED", Some(401)),
    ("UNSUPPORTED_MEDIA_TYPE", Some(415)),
    ("WAF_FILTERED", Some(403)),
];

/// Whether there is such a type.
fn is_response_type(name: &str) -> bool {
    TYPES.iter().any(|(known, _)| *known == name)
}

/// The status that a type has if nobody changed it.
pub(crate) fn default_status(name: &str) -> u16 {
    TYPES.iter().find(|(known, _)| *known == name).and_then(|(_, status)| *status).unwrap_or(500)
}

pub(crate) fn put(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let name = known(input)?;
    let mut response = Object::new();
    response.insert("responseType", name);
    take_over(input, &["statusCode", "responseParameters", "responseTemplates"], &mut response);
    settle(&mut response, name)?;
    part_mut(api, "gatewayResponses").insert(name, response.clone());
    Ok(response.into())
}

fn known(input: &Value) -> Result<&str, Fault> {
    let name = input.text_or_empty("responseType");
    if is_response_type(name) {
        return Ok(name);
    }
    Err(Fault::bad(format!("Invalid gateway response type specified: '{name}'")))
}

fn settle(response: &mut Object, name: &str) -> Result<(), Fault> {
    if let Some(code) = response.text("statusCode") {
        check_status(code)?;
    } else if let Some((_, Some(status))) = TYPES.iter().find(|(known, _)| *known == name) {
        response.insert("statusCode", status.to_string());
    }
    for (name, expression) in response.part("responseParameters").iter() {
        mapping::check_gateway_response(name, expression.as_str().unwrap_or_default())?;
    }
    for member in ["responseParameters", "responseTemplates"] {
        part_mut(response, member);
    }
    response.insert("defaultResponse", false);
    Ok(())
}

/// A response as it is if nobody changed it.
fn default(name: &str) -> Value {
    let mut response = Object::new();
    response.insert("responseType", name);
    if let Some((_, Some(status))) = TYPES.iter().find(|(known, _)| *known == name) {
        response.insert("statusCode", status.to_string());
    }
    response.insert("responseParameters", Object::new());
    let template = "{\"message\":$context.error.messageString}";
    response.insert("responseTemplates", value!({"application/json": template}));
    response.insert("defaultResponse", true);
    response.into()
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    let name = known(input)?;
    Ok(api.part("gatewayResponses").get(name).cloned().unwrap_or_else(|| default(name)))
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    let own = api.part("gatewayResponses");
    let all = TYPES
        .iter()
        .map(|(name, _)| (name.to_string(), own.get(name).cloned().unwrap_or_else(|| default(name))));
    page(input, all.collect())
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let name = known(input)?;
    let Value::Object(mut response) = get(input, api)? else { return Ok(Value::Null) };
    patch::apply(input, FIELDS, &mut response)?;
    settle(&mut response, name)?;
    part_mut(api, "gatewayResponses").insert(name, response.clone());
    Ok(response.into())
}

pub(super) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let name = known(input)?;
    match part_mut(api, "gatewayResponses").remove(name) {
        Some(_) => Ok(value!({})),
        None => Err(Fault::not_found("Gateway response type not defined on api")),
    }
}
