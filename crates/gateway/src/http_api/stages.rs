//! Stages and deployments. A stage that deploys by itself follows each change of its API.

use json::{Object, Value, value};

use crate::control::{Work, snapshot_key};
use crate::fault::Fault;
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::{find, load, page, refuse};

/// As many an API may have; AWS's quotas.
const STAGES_MAX: usize = 10;
const DEPLOYMENTS_MAX: usize = 500;
const OWN: [&str; 7] = [
    "Description",
    "AutoDeploy",
    "DeploymentId",
    "StageVariables",
    "DefaultRouteSettings",
    "RouteSettings",
    "Tags",
];

pub(super) fn create(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    let name = input.text_or_empty("StageName");
    let may_stand = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if name != "$default" && (name.is_empty() || !name.chars().all(may_stand)) {
        return Err(Fault::bad("Stage name only allows a-zA-Z0-9_- or $default"));
    }
    if api.part("stages").contains_key(name) {
        return Err(Fault::conflict("Stage already exists"));
    }
    if api.part("stages").len() >= STAGES_MAX {
        return Err(Fault::limit(format!("The maximum number of stages is {STAGES_MAX}")));
    }
    let mut stage = Object::from_iter([("StageName", name)]);
    stage.insert("CreatedDate", moment.seconds());
    change(input, stage, api, moment)
}

pub(super) fn update(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    let stage = find(input, api, "stages", "StageName")?;
    change(input, stage, api, moment)
}

fn change(input: &Value, mut stage: Object, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    refuse(
        input,
        &[
            ("AccessLogSettings", "the server's own log and metrics say what was called"),
            ("ClientCertificateId", "HTTP APIs have no client certificates"),
        ],
    )?;
    take_over(input, &OWN, &mut stage);
    let routes = stage.part("RouteSettings").values().chain(stage.get("DefaultRouteSettings"));
    for settings in routes {
        if settings.flag("DetailedMetricsEnabled") {
            return Err(Fault::not_honoured("DetailedMetricsEnabled", "read the server's own at /metrics"));
        }
        if settings.flag("DataTraceEnabled") || settings.member("LoggingLevel").is_some() {
            return Err(Fault::bad("Execution logs are not supported on protocolType HTTP"));
        }
    }
    for (name, value) in [
        ("AutoDeploy", Value::from(false)),
        ("StageVariables", Object::new().into()),
        ("RouteSettings", Object::new().into()),
        ("DefaultRouteSettings", value!({"DetailedMetricsEnabled": false})),
    ] {
        if !stage.contains_key(name) {
            stage.insert(name, value);
        }
    }
    if let Some(deployment) = stage.text("DeploymentId")
        && !api.part("deployments").contains_key(deployment)
    {
        return Err(Fault::bad(format!("Invalid deployment identifier specified: {deployment}")));
    }
    stage.insert("LastUpdatedDate", moment.seconds());
    let name = stage.text_or_empty("StageName").to_owned();
    part_mut(api, "stages").insert(name, stage.clone());
    Ok(stage.into())
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    find(input, api, "stages", "StageName").map(Value::from)
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    page(input, api.part("stages").values().cloned())
}

pub(super) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    find(input, api, "stages", "StageName")?;
    part_mut(api, "stages").remove(input.text_or_empty("StageName"));
    Ok(value!({}))
}

/// Deploys an API to the stages that deploy by themselves.
pub(super) fn follow(id: &str, api: &mut Object, work: &mut Work<'_, '_>) -> Result<(), Fault> {
    let follows = |stage: &&mut Value| stage.flag("AutoDeploy");
    if !api.part("stages").values().any(|stage| stage.flag("AutoDeploy")) {
        return Ok(());
    }
    let deployment = snapshot(id, api, None, true, work)?;
    for stage in part_mut(api, "stages").values_mut().filter(follows) {
        if let Value::Object(stage) = stage {
            stage.insert("DeploymentId", deployment.as_str());
        }
    }
    // What nobody serves any more and nobody asked for goes.
    let is_served =
        |id: &str| api.part("stages").values().any(|stage| stage.text("DeploymentId") == Some(id));
    let old = api
        .part("deployments")
        .iter()
        .filter(|(id, deployment)| deployment.flag("AutoDeployed") && !is_served(id));
    let old: Vec<_> = old.map(|(id, _)| id.clone()).collect();
    for deployment in old {
        part_mut(api, "deployments").remove(&deployment);
        work.draft.remove(&snapshot_key(id, &deployment));
    }
    Ok(())
}

/// Keeps an API as it is, and tells under which identifier.
fn snapshot(
    id: &str,
    api: &mut Object,
    description: Option<&str>,
    is_automatic: bool,
    work: &mut Work<'_, '_>,
) -> Result<String, Fault> {
    if api.part("deployments").len() >= DEPLOYMENTS_MAX {
        return Err(Fault::limit(format!("The maximum number of deployments is {DEPLOYMENTS_MAX}")));
    }
    let deployment = work.moment.id(6);
    let mut kept = value!({
        "DeploymentId": deployment.as_str(), "AutoDeployed": is_automatic, "DeploymentStatus": "DEPLOYED",
        "CreatedDate": work.moment.seconds(),
    });
    if let (Value::Object(kept), Some(description)) = (&mut kept, description) {
        kept.insert("Description", description);
    }
    part_mut(api, "deployments").insert(deployment.as_str(), kept);
    let mut snapshot = Object::new();
    take_over(api, &["api", "routes", "integrations", "authorizers"], &mut snapshot);
    super::Compiled::compile(&snapshot).map_err(|why| Fault::bad(format!("Invalid API: {why}")))?;
    work.draft.put(snapshot_key(id, &deployment), snapshot);
    Ok(deployment)
}

pub(super) fn create_deployment(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let id = input.text_or_empty("ApiId").to_owned();
    let mut api = load(input, work)?.clone();
    if api.part("routes").is_empty() {
        return Err(Fault::bad("At least one route is required before deploying the API."));
    }
    let deployment = snapshot(&id, &mut api, input.text("Description"), false, work)?;
    if let Some(name) = input.text("StageName") {
        let stages = part_mut(&mut api, "stages");
        let Some(Value::Object(stage)) = stages.get_mut(name) else {
            return Err(Fault::not_found(format!(
                "Unable to find Stage by name {name} within the provided API"
            )));
        };
        stage.insert("DeploymentId", deployment.as_str());
    }
    let shown = api.part("deployments").get(&deployment).cloned().unwrap_or_default();
    work.draft.put(format!("http/{id}"), api);
    Ok(shown)
}

pub(super) fn get_deployment(input: &Value, api: &Object) -> Result<Value, Fault> {
    find(input, api, "deployments", "DeploymentId").map(Value::from)
}

pub(super) fn list_deployments(input: &Value, api: &Object) -> Result<Value, Fault> {
    page(input, api.part("deployments").values().cloned())
}

pub(super) fn delete_deployment(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let mut api = load(input, work)?.clone();
    find(input, &api, "deployments", "DeploymentId")?;
    let (id, deployment) = (input.text_or_empty("ApiId").to_owned(), input.text_or_empty("DeploymentId"));
    if api.part("stages").values().any(|stage| stage.text("DeploymentId") == Some(deployment)) {
        return Err(Fault::bad("Active stages pointing to this deployment must be moved or deleted"));
    }
    part_mut(&mut api, "deployments").remove(deployment);
    work.draft.remove(&snapshot_key(&id, deployment));
    work.draft.put(format!("http/{id}"), api);
    Ok(value!({}))
}
