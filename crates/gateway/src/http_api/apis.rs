//! HTTP APIs themselves.

use json::{Object, Value, value};

use crate::control::Work;
use crate::fault::Fault;
use services::members::{Members, part_mut, take_over};

use super::{cors, integrations, load, page, refuse, routes, stages};

/// As many there may be; AWS's quota.
const APIS_MAX: usize = 600;
const OWN: [&str; 5] = ["Name", "Description", "Version", "CorsConfiguration", "DisableExecuteApiEndpoint"];

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    if work.draft.of("http/").len() >= APIS_MAX {
        return Err(Fault::limit(format!("The maximum number of APIs is {APIS_MAX}")));
    }
    if input.text_or_empty("ProtocolType") != "HTTP" {
        return Err(Fault::not_honoured(
            "ProtocolType WEBSOCKET",
            "HTTP APIs are; AppSync has subscriptions",
        ));
    }
    refuse_settings(input)?;
    let id = work.moment.id(10);
    let mut api = Object::new();
    take_over(input, &OWN, &mut api);
    api.insert("ApiId", id.as_str());
    api.insert("ApiEndpoint", format!("https://{id}.execute-api.{}.amazonaws.com", work.scope.region));
    api.insert("ApiKeySelectionExpression", "$request.header.x-api-key");
    api.insert("RouteSelectionExpression", "$request.method $request.path");
    api.insert("ProtocolType", "HTTP");
    api.insert("CreatedDate", work.moment.seconds());
    take_over(input, &["Tags"], &mut api);
    settle(&mut api)?;
    let mut record = Object::from_iter([("api", api.clone())]);
    if let Some(target) = input.text("Target") {
        quick(input, target, &mut record, work)?;
    }
    stages::follow(&id, &mut record, work)?;
    work.draft.put(format!("http/{id}"), record);
    Ok(api.into())
}

/// A route, an integration and a stage at once.
fn quick(input: &Value, target: &str, record: &mut Object, work: &mut Work<'_, '_>) -> Result<(), Fault> {
    let mut integration = value!({"IntegrationUri": target});
    if let Value::Object(integration) = &mut integration {
        if target.starts_with("arn:") {
            integration.insert("IntegrationType", "AWS_PROXY");
            integration.insert("PayloadFormatVersion", "2.0");
        } else {
            integration.insert("IntegrationType", "HTTP_PROXY");
            integration.insert("IntegrationMethod", "ANY");
            integration.insert("PayloadFormatVersion", "1.0");
        }
        if let Some(role) = input.member("CredentialsArn") {
            integration.insert("CredentialsArn", role);
        }
    }
    let integration = integrations::create(&integration, record, work.moment)?;
    let target = format!("integrations/{}", integration.text_or_empty("IntegrationId"));
    let key = input.text("RouteKey").unwrap_or("$default");
    routes::create(&value!({"RouteKey": key, "Target": target}), record, work.moment)?;
    stages::create(&value!({"StageName": "$default", "AutoDeploy": true}), record, work.moment)?;
    Ok(())
}

fn refuse_settings(input: &Value) -> Result<(), Fault> {
    if input.flag("DisableSchemaValidation") {
        return Err(Fault::not_honoured("DisableSchemaValidation", "HTTP APIs validate no schemas"));
    }
    match input.text("RouteSelectionExpression") {
        None | Some("$request.method $request.path" | "${request.method} ${request.path}") => Ok(()),
        Some(_) => {
            Err(Fault::bad("RouteSelectionExpression must be $request.method $request.path for HTTP APIs"))
        }
    }
}

fn settle(api: &mut Object) -> Result<(), Fault> {
    if api.text_or_empty("Name").is_empty() {
        return Err(Fault::bad("Name must not be empty"));
    }
    if !api.contains_key("DisableExecuteApiEndpoint") {
        api.insert("DisableExecuteApiEndpoint", false);
    }
    cors::check(api.part("CorsConfiguration"))
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    Ok(load(input, work)?.part("api").clone().into())
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    page(input, work.draft.of("http/").into_iter().map(|(_, record)| record.part("api").clone().into()))
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    refuse_settings(input)?;
    refuse(
        input,
        &[
            ("Target", "update the integration"),
            ("RouteKey", "update the route"),
            ("CredentialsArn", "update the integration"),
        ],
    )?;
    super::change(input, work, |input, record, _| {
        let api = part_mut(record, "api");
        take_over(input, &OWN, api);
        settle(api)?;
        Ok(api.clone().into())
    })
}

pub(super) fn delete_cors(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    super::change(input, work, |_, record, _| {
        part_mut(record, "api").remove("CorsConfiguration");
        Ok(value!({}))
    })
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    load(input, work)?;
    let id = input.text_or_empty("ApiId");
    work.draft.remove(&format!("http/{id}"));
    let deployments = format!("deployment/{id}/");
    for (deployment, _) in work.draft.of(&deployments) {
        work.draft.remove(&format!("{deployments}{deployment}"));
    }
    Ok(value!({}))
}

/// Of `arn:aws:apigateway:REGION::/apis/ID`.
pub(super) fn tags(operation: &str, input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let arn = input.text_or_empty("ResourceArn");
    let id = arn.split_once("/apis/").map_or("", |(_, id)| id).to_owned();
    let record = work.draft.get(&format!("http/{id}")).and_then(Value::as_object).cloned();
    let mut record =
        record.ok_or_else(|| Fault::not_found(format!("Invalid resource ARN specified: {arn}")))?;
    let tags = part_mut(part_mut(&mut record, "api"), "Tags");
    match operation {
        "GetTags" => return Ok(value!({"Tags": tags.clone()})),
        "TagResource" => {
            for (name, value) in input.part("Tags").iter() {
                tags.insert(name.clone(), value);
            }
        }
        _ => {
            for name in input.texts("TagKeys") {
                tags.remove(name);
            }
        }
    }
    work.draft.put(format!("http/{id}"), record);
    Ok(value!({}))
}
