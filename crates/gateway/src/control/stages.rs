//! Stages: names under which deployments are served, with variables and limits of their own.

use json::{Object, Value, value};

use crate::fault::Fault;
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::patch::{self, Field, Kind, field};
use super::{Work, apis, refused_members};

/// So many stages an API may have; AWS's quota.
const STAGES_MAX: usize = 10;

const FIELDS: &[Field] = &[
    field("/description", Kind::Text),
    field("/deploymentId", Kind::Text),
    field("/variables/*", Kind::Text),
    field("/tracingEnabled", Kind::Flag),
    field("/cacheClusterEnabled", Kind::Flag),
    field("/accessLogSettings/format", Kind::Text),
    field("/accessLogSettings/destinationArn", Kind::Text),
    field("/clientCertificateId", Kind::Text),
];

/// What may be set for one method, by its path in a patch and its name in the stage.
const SETTINGS: [(&str, Field); 7] = [
    ("throttling/burstLimit", field("/throttlingBurstLimit", Kind::Whole)),
    ("throttling/rateLimit", field("/throttlingRateLimit", Kind::Number)),
    ("logging/loglevel", field("/loggingLevel", Kind::Text)),
    ("logging/dataTrace", field("/dataTraceEnabled", Kind::Flag)),
    ("metrics/enabled", field("/metricsEnabled", Kind::Flag)),
    ("caching/enabled", field("/cachingEnabled", Kind::Flag)),
    ("caching/ttlInSeconds", field("/cacheTtlInSeconds", Kind::Whole)),
];

pub(super) fn create(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    let name = input.text_or_empty("stageName");
    if api.part("stages").contains_key(name) {
        return Err(Fault::conflict("Stage already exists"));
    }
    refused_members(input)?;
    let deployment = input.text_or_empty("deploymentId").to_owned();
    deploy(input, &deployment, api, moment)
}

/// Makes a stage serve a deployment; makes the stage if it is not there.
pub(super) fn deploy(
    input: &Value,
    deployment: &str,
    api: &mut Object,
    moment: &mut Moment,
) -> Result<Value, Fault> {
    let name = input.text_or_empty("stageName");
    let may_stand = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if name.is_empty() || name.len() > 128 || !name.chars().all(may_stand) {
        return Err(Fault::bad("Stage name only allows a-zA-Z0-9_-"));
    }
    if !api.part("deployments").contains_key(deployment) {
        return Err(Fault::bad("Invalid Deployment identifier specified"));
    }
    let mut stage = match api.part("stages").get(name).and_then(Value::as_object) {
        Some(stage) => stage.clone(),
        None if api.part("stages").len() >= STAGES_MAX => {
            return Err(Fault::limit(format!("The maximum number of stages is {STAGES_MAX}")));
        }
        None => Object::from_iter([
            ("stageName", Value::from(name)),
            ("createdDate", moment.seconds().into()),
            ("cacheClusterEnabled", false.into()),
            ("cacheClusterStatus", "NOT_AVAILABLE".into()),
            ("methodSettings", Object::new().into()),
            ("tracingEnabled", false.into()),
        ]),
    };
    stage.insert("deploymentId", deployment);
    if let Some(description) = input.member("stageDescription") {
        stage.insert("description", description);
    } else if input.member("deploymentId").is_some() {
        take_over(input, &["description"], &mut stage);
    }
    take_over(input, &["variables", "tags"], &mut stage);
    stage.insert("lastUpdatedDate", moment.seconds());
    settle(&stage, api)?;
    part_mut(api, "stages").insert(name, stage.clone());
    Ok(stage.into())
}

fn settle(stage: &Object, api: &Object) -> Result<(), Fault> {
    refused_members(&Value::from(stage.clone()))?;
    if !api.part("deployments").contains_key(stage.text_or_empty("deploymentId")) {
        return Err(Fault::bad("Invalid Deployment identifier specified"));
    }
    for (name, variable) in stage.part("variables").iter() {
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&byte);
        if !is_name || !variable.as_str().is_some_and(|text| text.bytes().all(may_stand)) {
            return Err(Fault::bad(format!(
                "Stage variable {name} is invalid: its name allows a-zA-Z0-9_, its value a-zA-Z0-9-._~:/?#&=,"
            )));
        }
    }
    for (method, settings) in stage.part("methodSettings").iter() {
        if settings.flag("cachingEnabled") {
            let instead = "put a cache before this server";
            return Err(Fault::not_honoured(&format!("cachingEnabled of {method}"), instead));
        }
        if settings.flag("metricsEnabled") {
            let instead = "read the server's own at /metrics";
            return Err(Fault::not_honoured(&format!("metricsEnabled of {method}"), instead));
        }
        if !["OFF", "ERROR", "INFO"].contains(&settings.text("loggingLevel").unwrap_or("OFF")) {
            return Err(Fault::bad("Invalid logging level specified. Must be one of: OFF, ERROR, INFO"));
        }
    }
    Ok(())
}

fn find<'a>(input: &Value, api: &'a Object) -> Result<&'a Value, Fault> {
    let stage = api.part("stages").get(input.text_or_empty("stageName"));
    stage.ok_or_else(|| Fault::not_found("Invalid stage identifier specified"))
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    find(input, api).cloned()
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    let wanted = input.text("deploymentId");
    let stages = api.part("stages").values();
    let found = stages.filter(|stage| wanted.is_none_or(|wanted| stage.text("deploymentId") == Some(wanted)));
    Ok(value!({"item": found.cloned().collect::<Value>()}))
}

pub(super) fn update(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    let Value::Object(mut stage) = find(input, api)?.clone() else { return Ok(Value::Null) };
    let operations = input.member("patchOperations").and_then(Value::as_array).cloned().unwrap_or_default();
    for operation in &operations {
        if !change_setting(operation, &mut stage)? {
            patch::apply(&value!({"patchOperations": [operation]}), FIELDS, &mut stage)?;
        }
    }
    stage.insert("lastUpdatedDate", moment.seconds());
    settle(&stage, api)?;
    part_mut(api, "stages").insert(input.text_or_empty("stageName"), stage.clone());
    Ok(stage.into())
}

/// `/RESOURCE/METHOD/throttling/rateLimit`, the resource with `~1` for slashes; stars for all.
fn change_setting(operation: &Value, stage: &mut Object) -> Result<bool, Fault> {
    let path = operation.text_or_empty("path");
    let parts: Vec<_> = path.splitn(4, '/').collect();
    let [_, resource, verb, setting] = parts[..] else {
        // All settings of a method go at once.
        if let ([_, resource, verb], Some("remove")) = (&parts[..], operation.text("op"))
            && part_mut(stage, "methodSettings").remove(&format!("{resource}/{verb}")).is_some()
        {
            return Ok(true);
        }
        return Ok(false);
    };
    let Some((_, known)) = SETTINGS.iter().find(|(known, _)| *known == setting) else { return Ok(false) };
    let settings = part_mut(part_mut(stage, "methodSettings"), &format!("{resource}/{verb}"));
    for (name, value) in [
        ("metricsEnabled", Value::from(false)),
        ("dataTraceEnabled", false.into()),
        ("cachingEnabled", false.into()),
        ("loggingLevel", "OFF".into()),
    ] {
        if !settings.contains_key(name) {
            settings.insert(name, value);
        }
    }
    let mut operation = operation.clone();
    if let Value::Object(operation) = &mut operation {
        operation.insert("path", known.path);
    }
    patch::apply(&value!({"patchOperations": [operation]}), std::slice::from_ref(known), settings)?;
    Ok(true)
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (api, name) = (apis::id(input)?.to_owned(), input.text_or_empty("stageName").to_owned());
    for (plan, record) in work.draft.of("plan/") {
        let stages = record.get("apiStages").and_then(Value::as_array).map(json::Array::as_slice);
        let is_used = |stage: &Value| stage.text("apiId") == Some(&api) && stage.text("stage") == Some(&name);
        if stages.unwrap_or_default().iter().any(is_used) {
            return Err(Fault::bad(format!(
                "Stage {name} is in the usage plan {plan}: remove it there first."
            )));
        }
    }
    apis::change(input, work, |input, api, _| {
        find(input, api)?;
        part_mut(api, "stages").remove(input.text_or_empty("stageName"));
        Ok(value!({}))
    })
}
