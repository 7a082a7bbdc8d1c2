//! HTTP APIs (`apigatewayv2`): routes before functions, servers and some services, without templates.
//!
//! Names of members are those of the model: `RouteKey`. Never here: WebSocket APIs.

mod apis;
mod authorizers;
mod compiled;
mod cors;
mod event;
mod expression;
mod first_class;
mod integrations;
mod routes;
mod stages;

use json::{Object, Value, value};

use crate::control::Work;
use crate::fault::Fault;
use services::Members;

pub(crate) use authorizers::{
    Verdict, ask as authorizer_call, identity as authorizer_identity, read as read_verdict,
    token as authorizer_token,
};
pub(crate) use compiled::{Authorization, Compiled, Integration, Route};
pub(crate) use event::{Arrival, Outgoing, function_answer};

/// Carries out an operation of `apigatewayv2`.
pub(crate) fn perform(operation: &str, input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    match operation {
        "CreateApi" => apis::create(input, work),
        "GetApi" => apis::get(input, work),
        "GetApis" => apis::list(input, work),
        "UpdateApi" => apis::update(input, work),
        "DeleteApi" => apis::delete(input, work),
        "DeleteCorsConfiguration" => apis::delete_cors(input, work),
        "CreateRoute" => change(input, work, routes::create),
        "GetRoute" => read(input, work, routes::get),
        "GetRoutes" => read(input, work, routes::list),
        "UpdateRoute" => change(input, work, routes::update),
        "DeleteRoute" => change(input, work, routes::delete),
        "CreateIntegration" => change(input, work, integrations::create),
        "GetIntegration" => read(input, work, integrations::get),
        "GetIntegrations" => read(input, work, integrations::list),
        "UpdateIntegration" => change(input, work, integrations::update),
        "DeleteIntegration" => change(input, work, integrations::delete),
        "CreateAuthorizer" => change(input, work, authorizers::create),
        "GetAuthorizer" => read(input, work, authorizers::get),
        "GetAuthorizers" => read(input, work, authorizers::list),
        "UpdateAuthorizer" => change(input, work, authorizers::update),
        "DeleteAuthorizer" => change(input, work, authorizers::delete),
        "CreateStage" => change(input, work, stages::create),
        "GetStage" => read(input, work, stages::get),
        "GetStages" => read(input, work, stages::list),
        "UpdateStage" => change(input, work, stages::update),
        "DeleteStage" => change(input, work, stages::delete),
        "CreateDeployment" => stages::create_deployment(input, work),
        "GetDeployment" => read(input, work, stages::get_deployment),
        "GetDeployments" => read(input, work, stages::list_deployments),
        "DeleteDeployment" => stages::delete_deployment(input, work),
        "GetTags" | "TagResource" | "UntagResource" => apis::tags(operation, input, work),
        "GetVpcLinks" | "GetDomainNames" => Ok(value!({"Items": []})),
        "ImportApi" | "ReimportApi" | "ExportApi" => Err(Fault::not_honoured(
            operation,
            "import a REST API (apigateway), or create routes and integrations",
        )),
        _ => Err(Fault::not_honoured(operation, "docs/rest-front.md lists what is")),
    }
}

/// The record of an API.
fn load<'d>(input: &Value, work: &'d Work<'_, '_>) -> Result<&'d Object, Fault> {
    let id = input.text_or_empty("ApiId");
    let record = work.draft.get(&format!("http/{id}")).and_then(Value::as_object);
    record.ok_or_else(|| {
        Fault::not_found(format!("Invalid API identifier specified {}:{id}", work.scope.account))
    })
}

fn read(
    input: &Value,
    work: &mut Work<'_, '_>,
    read: fn(&Value, &Object) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    read(input, load(input, work)?)
}

/// Changes an API, and deploys it to the stages that follow by themselves.
fn change(
    input: &Value,
    work: &mut Work<'_, '_>,
    change: fn(&Value, &mut Object, &mut services::Moment) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    let mut api = load(input, work)?.clone();
    let answer = change(input, &mut api, work.moment)?;
    let id = input.text_or_empty("ApiId").to_owned();
    stages::follow(&id, &mut api, work)?;
    work.draft.put(format!("http/{id}"), api);
    Ok(answer)
}

/// One page of a list; a token is the place of the next item.
fn page(input: &Value, items: impl Iterator<Item = Value>) -> Result<Value, Fault> {
    const ITEMS: usize = 100;
    let number = |name: &str| {
        input.text(name).map(|text| text.parse::<usize>().map_err(|_| Fault::bad(format!("Invalid {name}"))))
    };
    let start = number("NextToken").transpose()?.unwrap_or(0);
    let count = number("MaxResults").transpose()?.unwrap_or(ITEMS).clamp(1, ITEMS);
    let mut items = items.skip(start);
    let page: Value = items.by_ref().take(count).collect();
    let mut answer = Object::from_iter([("Items", page)]);
    if items.next().is_some() {
        answer.insert("NextToken", (start + count).to_string());
    }
    Ok(answer.into())
}

/// What `part` of an API has under the identifier that the request names.
fn find(input: &Value, api: &Object, part: &str, name: &str) -> Result<Object, Fault> {
    let id = input.text_or_empty(name);
    let found = api.part(part).get(id).and_then(Value::as_object).cloned();
    let what = name.trim_end_matches("Id").trim_end_matches("Name");
    found.ok_or_else(|| {
        Fault::not_found(format!("Unable to find {what} by {name} {id} within the provided API"))
    })
}

/// AWS takes these, and nothing here would honour them.
fn refuse(input: &Value, settings: &[(&str, &str)]) -> Result<(), Fault> {
    match settings.iter().find(|(name, _)| input.member(name).is_some()) {
        Some((name, instead)) => Err(Fault::not_honoured(name, instead)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
