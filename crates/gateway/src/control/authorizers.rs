//! Authorizers: functions that say who may call a method, and user pools whose users may.

use json::{Object, Value, value};

use crate::bearer;
use crate::fault::Fault;
use crate::invoke::{mapping, target};
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::page;
use super::patch::{self, Field, Kind, field};

/// How long an answer may be kept, in seconds.
const TTL: std::ops::RangeInclusive<i64> = 0..=3600;
/// How long it is kept if nobody says.
const TTL_DEFAULT: i64 = 300;

/// As many user pools an authorizer may have; AWS says so of `providerARNs`.
const POOLS_MAX: usize = 1000;

const FIELDS: &[Field] = &[
    field("/name", Kind::Text),
    field("/type", Kind::Text),
    field("/authType", Kind::Text),
    field("/providerARNs/*", Kind::Item),
    field("/authorizerUri", Kind::Text),
    field("/authorizerCredentials", Kind::Text),
    field("/identitySource", Kind::Text),
    field("/identityValidationExpression", Kind::Text),
    field("/authorizerResultTtlInSeconds", Kind::Whole),
];

pub(crate) fn create(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    let mut authorizer = Object::new();
    authorizer.insert("id", moment.id(6));
    let given = [
        "name",
        "type",
        "authType",
        "providerARNs",
        "authorizerUri",
        "authorizerCredentials",
        "identitySource",
        "identityValidationExpression",
        "authorizerResultTtlInSeconds",
    ];
    take_over(input, &given, &mut authorizer);
    settle(&mut authorizer)?;
    let name = authorizer.text("name");
    if api.part("authorizers").values().any(|other| other.text("name") == name) {
        return Err(Fault::bad("Authorizer name must be unique. Authorizer already exists in this RestApi."));
    }
    let id = authorizer.text_or_empty("id").to_owned();
    part_mut(api, "authorizers").insert(id, authorizer.clone());
    Ok(authorizer.into())
}

fn settle(authorizer: &mut Object) -> Result<(), Fault> {
    if authorizer.text_or_empty("name").is_empty() {
        return Err(Fault::bad("Authorizer name must not be empty"));
    }
    let ttl = authorizer.whole("authorizerResultTtlInSeconds").unwrap_or(TTL_DEFAULT);
    if !TTL.contains(&ttl) {
        return Err(Fault::bad(format!(
            "Authorizer result TTL must be between {} and {}",
            TTL.start(),
            TTL.end()
        )));
    }
    authorizer.insert("authorizerResultTtlInSeconds", ttl);
    let kind = authorizer.text_or_empty("type");
    match kind {
        "TOKEN" | "REQUEST" => {}
        "COGNITO_USER_POOLS" => return settle_pools(authorizer),
        "JWT" => {
            let instead = "make an HTTP API, or a Lambda authorizer of type TOKEN that verifies the tokens";
            return Err(Fault::not_honoured("The authorizer type JWT of REST APIs", instead));
        }
        other => {
            return Err(Fault::bad(format!(
                "Invalid authorizer type specified: '{other}'. Valid options are TOKEN, REQUEST, COGNITO_USER_POOLS"
            )));
        }
    }
    if !target::is_function(authorizer.text_or_empty("authorizerUri")) {
        return Err(Fault::bad(
            "Invalid Authorizer URI: a Lambda authorizer has the URI \
             arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations",
        ));
    }
    check_pattern(authorizer)?;
    let sources = authorizer.text_or_empty("identitySource");
    let (is_token, is_kept) = (kind == "TOKEN", ttl > 0);
    if sources.is_empty() && is_token {
        return Err(Fault::bad(
            "Identity source of a TOKEN authorizer must be one header: method.request.header.NAME",
        ));
    }
    if sources.is_empty() && is_kept {
        return Err(Fault::bad(
            "Identity sources of a REQUEST authorizer are required when its results are cached",
        ));
    }
    for source in sources.split(',').map(str::trim).filter(|source| !source.is_empty()) {
        if mapping::identity_source(source).is_none()
            || is_token && !source.starts_with("method.request.header.")
        {
            return Err(Fault::bad(format!("Invalid identity source specified: {source}")));
        }
    }
    if !authorizer.contains_key("authType") {
        authorizer.insert("authType", "custom");
    }
    Ok(())
}

/// Users of pools show a token in one header.
fn settle_pools(authorizer: &mut Object) -> Result<(), Fault> {
    let pools = authorizer.texts("providerARNs");
    if pools.is_empty() || pools.len() > POOLS_MAX {
        return Err(Fault::bad(format!(
            "Invalid Authorizer ProviderARNs: a COGNITO_USER_POOLS authorizer has 1 to {POOLS_MAX} of them"
        )));
    }
    if let Some(other) = pools.iter().find(|arn| bearer::pool_of_arn(arn).is_none()) {
        return Err(Fault::bad(format!(
            "Invalid Authorizer ProviderARNs: {other} is no arn:aws:cognito-idp:REGION:ACCOUNT:userpool/POOL_ID"
        )));
    }
    if let Some(name) = ["authorizerUri", "authorizerCredentials"]
        .into_iter()
        .find(|name| !authorizer.text_or_empty(name).is_empty())
    {
        return Err(Fault::bad(format!("{name} is for Lambda authorizers, not for COGNITO_USER_POOLS")));
    }
    check_pattern(authorizer)?;
    let source = authorizer.text_or_empty("identitySource");
    if source.contains(',')
        || !source.starts_with("method.request.header.")
        || mapping::identity_source(source).is_none()
    {
        return Err(Fault::bad(
            "Identity source of a COGNITO_USER_POOLS authorizer must be one header: method.request.header.NAME",
        ));
    }
    if !authorizer.contains_key("authType") {
        authorizer.insert("authType", "cognito_user_pools");
    }
    Ok(())
}

fn check_pattern(authorizer: &Object) -> Result<(), Fault> {
    if let Some(pattern) =
        authorizer.text("identityValidationExpression").filter(|pattern| !pattern.is_empty())
        && let Err(why) = mapping::pattern(pattern)
    {
        return Err(Fault::bad(format!(
            "Invalid identity validation expression specified: {pattern}: {why}"
        )));
    }
    Ok(())
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    let authorizer = api.part("authorizers").get(input.text_or_empty("authorizerId"));
    authorizer.cloned().ok_or_else(|| Fault::not_found("Invalid Authorizer identifier specified"))
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    let authorizers = api.part("authorizers").iter();
    page(input, authorizers.map(|(id, authorizer)| (id.to_string(), authorizer.clone())).collect())
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let Value::Object(mut authorizer) = get(input, api)? else { return Ok(Value::Null) };
    patch::apply(input, FIELDS, &mut authorizer)?;
    settle(&mut authorizer)?;
    part_mut(api, "authorizers").insert(input.text_or_empty("authorizerId"), authorizer.clone());
    Ok(authorizer.into())
}

pub(super) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    get(input, api)?;
    let id = input.text_or_empty("authorizerId");
    for resource in api.part("resources").values() {
        let mut methods = resource.part("resourceMethods").values();
        if methods.any(|method| method.text("authorizerId") == Some(id)) {
            let path = resource.text_or_empty("path");
            return Err(Fault::conflict(format!("Cannot delete authorizer '{id}', is referenced in {path}")));
        }
    }
    part_mut(api, "authorizers").remove(id);
    Ok(value!({}))
}
