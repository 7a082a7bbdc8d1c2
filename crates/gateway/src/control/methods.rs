//! Methods of resources, and their responses.

use json::{Object, Value, value};

use crate::fault::Fault;
use crate::invoke::mapping;
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::patch::{self, Field, Kind, field};
use super::resources;

const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"];

const FIELDS: &[Field] = &[
    field("/authorizationType", Kind::Text),
    field("/authorizerId", Kind::Text),
    field("/apiKeyRequired", Kind::Flag),
    field("/operationName", Kind::Text),
    field("/requestValidatorId", Kind::Text),
    field("/requestParameters/*", Kind::Flag),
    field("/requestModels/*", Kind::Text),
    field("/authorizationScopes/*", Kind::Item),
];

const RESPONSE_FIELDS: &[Field] =
    &[field("/responseParameters/*", Kind::Flag), field("/responseModels/*", Kind::Text)];

/// The method that a request names.
pub(crate) fn find<'a>(input: &Value, api: &'a Object) -> Result<&'a Object, Fault> {
    let (_, resource) = resources::find(input, api)?;
    let method = resource.part("resourceMethods").get(input.text_or_empty("httpMethod"));
    method.and_then(Value::as_object).ok_or_else(|| Fault::not_found("Invalid Method identifier specified"))
}

/// The resource that a request names.
pub(crate) fn resource_of<'a>(input: &Value, api: &'a Object) -> Result<&'a Object, Fault> {
    resources::find(input, api).map(|(_, resource)| resource)
}

/// The method that a request names, to change.
pub(super) fn find_mut<'a>(input: &Value, api: &'a mut Object) -> Result<&'a mut Object, Fault> {
    find(input, api)?;
    let resource = part_mut(part_mut(api, "resources"), input.text_or_empty("resourceId"));
    Ok(part_mut(part_mut(resource, "resourceMethods"), input.text_or_empty("httpMethod")))
}

pub(crate) fn put(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let (id, resource) = resources::find(input, api)?;
    let (id, verb) = (id.to_owned(), input.text_or_empty("httpMethod"));
    if !METHODS.contains(&verb) {
        let known = METHODS.join(",");
        return Err(Fault::bad(format!("Invalid HttpMethod specified. Valid options are {known}")));
    }
    if resource.part("resourceMethods").contains_key(verb) {
        return Err(Fault::conflict("Method already exists for this resource"));
    }
    let mut method = Object::new();
    method.insert("httpMethod", verb);
    let given = [
        "authorizationType",
        "authorizerId",
        "apiKeyRequired",
        "requestValidatorId",
        "operationName",
        "requestParameters",
        "requestModels",
        "authorizationScopes",
    ];
    take_over(input, &given, &mut method);
    settle(&mut method, api)?;
    let resource = part_mut(part_mut(api, "resources"), &id);
    part_mut(resource, "resourceMethods").insert(verb, method.clone());
    Ok(method.into())
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    find(input, api).map(|method| method.clone().into())
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let mut method = find(input, api)?.clone();
    patch::apply(input, FIELDS, &mut method)?;
    settle(&mut method, api)?;
    *find_mut(input, api)? = method.clone();
    Ok(method.into())
}

pub(crate) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    find(input, api)?;
    let resource = part_mut(part_mut(api, "resources"), input.text_or_empty("resourceId"));
    part_mut(resource, "resourceMethods").remove(input.text_or_empty("httpMethod"));
    Ok(value!({}))
}

/// Checks the members of a method, and adds those that it has anyway.
fn settle(method: &mut Object, api: &Object) -> Result<(), Fault> {
    match method.text_or_empty("authorizationType") {
        "NONE" | "AWS_IAM" => {}
        kind @ ("CUSTOM" | "COGNITO_USER_POOLS") => {
            let authorizer = api.part("authorizers").get(method.text_or_empty("authorizerId"));
            let is_of_pools = authorizer.map(|one| one.text("type") == Some("COGNITO_USER_POOLS"));
            if is_of_pools != Some(kind == "COGNITO_USER_POOLS") {
                return Err(Fault::bad(
                    "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or \
                                       COGNITO_USER_POOLS requires a valid authorizer.",
                ));
            }
        }
        other => {
            return Err(Fault::bad(format!(
                "Invalid authorization type specified: '{other}'. Valid options are NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS"
            )));
        }
    }
    let is_of_pools = method.text("authorizationType") == Some("COGNITO_USER_POOLS");
    if !is_of_pools && !method.texts("authorizationScopes").is_empty() {
        return Err(Fault::not_honoured("authorizationScopes", "let the Lambda authorizer check scopes"));
    }
    if !method.contains_key("apiKeyRequired") {
        method.insert("apiKeyRequired", false);
    }
    if let Some(id) = method.text("requestValidatorId")
        && !id.is_empty()
        && !api.part("requestValidators").contains_key(id)
    {
        return Err(Fault::bad("Invalid Request Validator identifier specified"));
    }
    for (name, _) in method.part("requestParameters").iter() {
        if mapping::declared_request(name).is_none() {
            return Err(mapping::refusal(&format!("Invalid mapping expression parameter specified: {name}")));
        }
    }
    check_models(method.part("requestModels"), api)
}

fn check_models(models: &Object, api: &Object) -> Result<(), Fault> {
    for model in models.values().filter_map(Value::as_str) {
        if !api.part("models").contains_key(model) {
            return Err(Fault::bad(format!("Invalid model identifier specified: {model}")));
        }
    }
    Ok(())
}

pub(crate) fn put_response(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let code = input.text_or_empty("statusCode");
    check_status(code)?;
    if find(input, api)?.part("methodResponses").contains_key(code) {
        return Err(Fault::conflict("Response already exists for this resource"));
    }
    let mut response = Object::new();
    response.insert("statusCode", code);
    take_over(input, &["responseParameters", "responseModels"], &mut response);
    settle_response(&response, api)?;
    part_mut(find_mut(input, api)?, "methodResponses").insert(code, response.clone());
    Ok(response.into())
}

pub(super) fn get_response(input: &Value, api: &Object) -> Result<Value, Fault> {
    let response = find(input, api)?.part("methodResponses").get(input.text_or_empty("statusCode"));
    response.cloned().ok_or_else(|| Fault::not_found("Invalid Response status code specified"))
}

pub(super) fn update_response(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let Value::Object(mut response) = get_response(input, api)? else { return Ok(Value::Null) };
    patch::apply(input, RESPONSE_FIELDS, &mut response)?;
    settle_response(&response, api)?;
    let responses = part_mut(find_mut(input, api)?, "methodResponses");
    responses.insert(input.text_or_empty("statusCode"), response.clone());
    Ok(response.into())
}

pub(super) fn delete_response(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    get_response(input, api)?;
    part_mut(find_mut(input, api)?, "methodResponses").remove(input.text_or_empty("statusCode"));
    Ok(value!({}))
}

fn settle_response(response: &Object, api: &Object) -> Result<(), Fault> {
    for (name, _) in response.part("responseParameters").iter() {
        if name.strip_prefix("method.response.header.").is_none_or(str::is_empty) {
            return Err(mapping::refusal(&format!("Invalid mapping expression parameter specified: {name}")));
        }
    }
    check_models(response.part("responseModels"), api)
}

/// `200`
pub(super) fn check_status(code: &str) -> Result<(), Fault> {
    let is_code =
        code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) && ("100".."600").contains(&code);
    if is_code { Ok(()) } else { Err(Fault::bad(format!("Invalid status code specified: '{code}'"))) }
}
