//! Deployments: an API as it was at a moment, which its stages serve.

use json::{Object, Value, value};

use crate::fault::Fault;
use crate::invoke::Deployed;
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::patch::{self, Field, Kind, field};
use super::{Work, apis, page, refused_members, stages};

const FIELDS: &[Field] = &[field("/description", Kind::Text)];
/// So many there may be of an API. Each is kept as a whole.
const DEPLOYMENTS_MAX: usize = 500;
/// What of an API is deployed with it.
const PARTS: [&str; 6] =
    ["api", "resources", "models", "requestValidators", "authorizers", "gatewayResponses"];

/// Where the snapshot of a deployment is kept.
pub(crate) fn snapshot_key(api: &str, deployment: &str) -> String {
    format!("deployment/{api}/{deployment}")
}

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let api_id = apis::id(input)?;
    let mut api = apis::load(work.draft, api_id, &work.scope.account)?.clone();
    check_complete(&api)?;
    refused_members(input)?;
    if api.part("deployments").len() >= DEPLOYMENTS_MAX {
        return Err(Fault::limit(format!("The maximum number of deployments is {DEPLOYMENTS_MAX}")));
    }
    let mut snapshot = Object::new();
    take_over(&api, &PARTS, &mut snapshot);
    // What cannot be served is refused here, not when the first request comes.
    Deployed::compile(&snapshot).map_err(|why| Fault::bad(format!("Invalid API: {why}")))?;

    let id = work.moment.id(6);
    let mut deployment = Object::new();
    deployment.insert("id", id.as_str());
    take_over(input, &["description"], &mut deployment);
    deployment.insert("createdDate", work.moment.seconds());
    let mut kept = deployment.clone();
    kept.insert("apiSummary", summary(&api));
    part_mut(&mut api, "deployments").insert(id.as_str(), kept);
    if input.text("stageName").is_some_and(|name| !name.is_empty()) {
        stages::deploy(input, &id, &mut api, work.moment)?;
    }
    work.draft.put(snapshot_key(api_id, &id), snapshot);
    work.draft.put(format!("rest/{api_id}"), api);
    Ok(deployment.into())
}

/// Each method has an integration, and there is one at least.
fn check_complete(api: &Object) -> Result<(), Fault> {
    let mut methods =
        api.part("resources").values().flat_map(|resource| resource.part("resourceMethods").values());
    if methods.clone().next().is_none() {
        return Err(Fault::bad("The REST API doesn't contain any methods"));
    }
    if methods.any(|method| method.member("methodIntegration").is_none()) {
        return Err(Fault::bad("No integration defined for method"));
    }
    Ok(())
}

/// Path, then method, then what it asks of its callers.
fn summary(api: &Object) -> Object {
    let mut summary = Object::new();
    for resource in api.part("resources").values() {
        let methods = resource.part("resourceMethods");
        let of_method = |method: &Value| {
            value!({
                "authorizationType": method.text_or_empty("authorizationType"),
                "apiKeyRequired": method.flag("apiKeyRequired"),
            })
        };
        if !methods.is_empty() {
            let methods: Object =
                methods.iter().map(|(verb, method)| (verb.clone(), of_method(method))).collect();
            summary.insert(resource.text_or_empty("path"), methods);
        }
    }
    summary
}

fn shown(deployment: &Value, embeds: bool) -> Value {
    let Value::Object(mut shown) = deployment.clone() else { return Value::Null };
    if !embeds {
        shown.remove("apiSummary");
    }
    shown.into()
}

fn find<'a>(input: &Value, api: &'a Object) -> Result<&'a Value, Fault> {
    let deployment = api.part("deployments").get(input.text_or_empty("deploymentId"));
    deployment.ok_or_else(|| Fault::not_found("Invalid Deployment identifier specified"))
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    Ok(shown(find(input, api)?, input.texts("embed").contains(&"apisummary")))
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    let deployments = api.part("deployments").iter();
    page(input, deployments.map(|(id, deployment)| (id.to_string(), shown(deployment, false))).collect())
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let Value::Object(mut deployment) = find(input, api)?.clone() else { return Ok(Value::Null) };
    patch::apply(input, FIELDS, &mut deployment)?;
    part_mut(api, "deployments").insert(input.text_or_empty("deploymentId"), deployment.clone());
    Ok(shown(&deployment.into(), false))
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (api, id) = (apis::id(input)?, input.text_or_empty("deploymentId"));
    apis::change(input, work, |input, api, _| {
        find(input, api)?;
        let id = input.text_or_empty("deploymentId");
        if api.part("stages").values().any(|stage| stage.text("deploymentId") == Some(id)) {
            return Err(Fault::bad("Active stages pointing to this deployment must be moved or deleted"));
        }
        part_mut(api, "deployments").remove(id);
        Ok(value!({}))
    })?;
    work.draft.remove(&snapshot_key(api, id));
    Ok(value!({}))
}
