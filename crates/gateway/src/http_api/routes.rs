//! Routes: `GET /dragons/{id}`, `ANY /{proxy+}`, `$default`.

use json::{Object, Value, value};

use crate::fault::Fault;
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::{find, page, refuse};

/// As many an API may have; AWS's quota.
const ROUTES_MAX: usize = 300;
/// As many scopes a route may have; AWS's quota.
const SCOPES_MAX: usize = 10;
const OWN: [&str; 7] = [
    "RouteKey",
    "Target",
    "AuthorizationType",
    "AuthorizerId",
    "AuthorizationScopes",
    "OperationName",
    "ApiKeyRequired",
];

pub(super) fn create(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    if api.part("routes").len() >= ROUTES_MAX {
        return Err(Fault::limit(format!("The maximum number of routes is {ROUTES_MAX}")));
    }
    let mut route = Object::from_iter([("RouteId", moment.id(7))]);
    take(input, &mut route)?;
    settle(&mut route, api)?;
    part_mut(api, "routes").insert(route.text_or_empty("RouteId").to_owned(), route.clone());
    Ok(route.into())
}

fn take(input: &Value, route: &mut Object) -> Result<(), Fault> {
    refuse(
        input,
        &[
            ("ModelSelectionExpression", "HTTP APIs have no models"),
            ("RequestModels", "HTTP APIs have no models"),
            ("RequestParameters", "HTTP APIs require no parameters"),
            ("RouteResponseSelectionExpression", "HTTP APIs have no route responses"),
        ],
    )?;
    take_over(input, &OWN, route);
    Ok(())
}

fn settle(route: &mut Object, api: &Object) -> Result<(), Fault> {
    let key = route.text_or_empty("RouteKey");
    check_key(key)?;
    let id = route.text("RouteId");
    let mut others = api.part("routes").values().filter(|other| other.text("RouteId") != id);
    if others.any(|other| other.text("RouteKey") == Some(key)) {
        return Err(Fault::conflict(format!("Route with key {key} already exists for this API")));
    }
    match route.text("AuthorizationType").unwrap_or("NONE") {
        "NONE" | "AWS_IAM" => {}
        kind @ ("CUSTOM" | "JWT") => {
            let authorizer = api.part("authorizers").get(route.text_or_empty("AuthorizerId"));
            let authorizer =
                authorizer.ok_or_else(|| Fault::bad("Unable to update route. Authorizer does not exist"))?;
            let needed = if kind == "JWT" { "JWT" } else { "REQUEST" };
            if authorizer.text("AuthorizerType") != Some(needed) {
                return Err(Fault::bad(format!(
                    "Unable to update route. The authorization type {kind} needs an authorizer of the type {needed}"
                )));
            }
        }
        other => return Err(Fault::bad(format!("Invalid authorization type specified: {other}"))),
    }
    let scopes = route.texts("AuthorizationScopes").len();
    if scopes > SCOPES_MAX {
        return Err(Fault::limit(format!("The maximum number of authorization scopes is {SCOPES_MAX}")));
    }
    if scopes > 0 && route.text("AuthorizationType") != Some("JWT") {
        return Err(Fault::bad("AuthorizationScopes need the authorization type JWT"));
    }
    if route.flag("ApiKeyRequired") {
        return Err(Fault::bad("ApiKeyRequired is not currently supported for HTTP APIs"));
    }
    for (name, value) in [("AuthorizationType", Value::from("NONE")), ("ApiKeyRequired", false.into())] {
        if !route.contains_key(name) {
            route.insert(name, value);
        }
    }
    if let Some(target) = route.text("Target") {
        let known =
            target.strip_prefix("integrations/").is_some_and(|id| api.part("integrations").contains_key(id));
        if !known {
            return Err(Fault::bad(format!(
                "Invalid target specified: {target} must be integrations/INTEGRATION_ID"
            )));
        }
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), Fault> {
    if key == "$default" {
        return Ok(());
    }
    const VERBS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"];
    let is_good = key
        .split_once(' ')
        .is_some_and(|(verb, path)| VERBS.contains(&verb) && path.starts_with('/') && is_path(path));
    if is_good {
        return Ok(());
    }
    Err(Fault::bad(format!(
        "The provided route key is not formatted properly for HTTP protocol. Format should be \"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\": {key}"
    )))
}

/// A greedy variable is the last part, and no part is half a variable.
fn is_path(path: &str) -> bool {
    let parts: Vec<_> = path[1..].split('/').collect();
    parts.iter().enumerate().all(|(place, part)| {
        match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => !name.is_empty() && (!name.ends_with('+') || place + 1 == parts.len()),
            None => !part.contains(['{', '}']),
        }
    })
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    find(input, api, "routes", "RouteId").map(Value::from)
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    page(input, api.part("routes").values().cloned())
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let mut route = find(input, api, "routes", "RouteId")?;
    take(input, &mut route)?;
    settle(&mut route, api)?;
    part_mut(api, "routes").insert(input.text_or_empty("RouteId"), route.clone());
    Ok(route.into())
}

pub(super) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    find(input, api, "routes", "RouteId")?;
    part_mut(api, "routes").remove(input.text_or_empty("RouteId"));
    Ok(value!({}))
}
