//! Data sources, of both kinds of APIs: what each type must know of whom it asks.

use json::{Object, Value, value};
use services::Fault;
use services::members::{Members, take_over};
use services::records::Draft;

use super::fault::{bad, not_found, unsupported};
use super::page::page;
use super::{Work, apis, merging, patterns};
use crate::record;

/// So many an API may have: all are compiled with it.
const SOURCES_MAX: usize = 500;

/// What is taken over from an input; what an update does not name is gone.
const SETTINGS: [&str; 11] = [
    "description",
    "type",
    "serviceRoleArn",
    "dynamodbConfig",
    "lambdaConfig",
    "elasticsearchConfig",
    "openSearchServiceConfig",
    "httpConfig",
    "relationalDatabaseConfig",
    "eventBridgeConfig",
    "metricsConfig",
];

/// The member that says whom a data source of a type asks.
const CONFIGS: [(&str, &str); 7] = [
    ("AMAZON_DYNAMODB", "dynamodbConfig"),
    ("AWS_LAMBDA", "lambdaConfig"),
    ("AMAZON_ELASTICSEARCH", "elasticsearchConfig"),
    ("AMAZON_OPENSEARCH_SERVICE", "openSearchServiceConfig"),
    ("HTTP", "httpConfig"),
    ("RELATIONAL_DATABASE", "relationalDatabaseConfig"),
    ("AMAZON_EVENTBRIDGE", "eventBridgeConfig"),
];

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    apis::of_any_kind(input, work.draft)?;
    merging::refuse_merged(input, work.draft)?;
    let (api, name) = (input.text_or_empty("apiId"), input.text_or_empty("name"));
    if work.draft.get(&record::source(api, name)).is_some() {
        return Err(bad(format!("Data source with name {name} already exists")));
    }
    if work.draft.of(&record::source(api, "")).len() >= SOURCES_MAX {
        return Err(super::fault::limit(format!("An API has {SOURCES_MAX} data sources at most")));
    }
    let mut source = Object::new();
    source.insert("dataSourceArn", work.arn(format_args!("apis/{api}/datasources/{name}")));
    source.insert("name", name);
    put(input, source, work)
}

/// `[_A-Za-z][_0-9A-Za-z]*`
pub(super) fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic())
        && characters.all(|one| one == '_' || one.is_ascii_alphanumeric())
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    Ok(value!({"dataSource": (find(input, work.draft)?.clone())}))
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    apis::of_any_kind(input, work.draft)?;
    page(input, "dataSources", work.draft.of(&record::source(input.text_or_empty("apiId"), "")))
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let mut source = find(input, work.draft)?.as_object().cloned().unwrap_or_default();
    let is_lambda = input.text("type") == Some("AWS_LAMBDA");
    if source.text("type") == Some("AWS_LAMBDA") && !is_lambda {
        let direct = users(input.text_or_empty("apiId"), input.text_or_empty("name"), work.draft);
        if direct.iter().any(|(_, user)| is_direct(user)) {
            let message = "Data source is still connected to a resolver that uses mapping template bypass.";
            return Err(bad(message));
        }
    }
    for setting in SETTINGS {
        source.remove(setting);
    }
    put(input, source, work)
}

/// Whether a resolver or a function has neither code nor templates, which functions of Lambda alone can do.
fn is_direct(user: &Value) -> bool {
    ["code", "requestMappingTemplate", "responseMappingTemplate"].iter().all(|one| user.member(one).is_none())
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    find(input, work.draft)?;
    let (api, name) = (input.text_or_empty("apiId"), input.text_or_empty("name"));
    if let Some((user, _)) = users(api, name, work.draft).first() {
        return Err(bad(format!(
            "Data source {name} is still in use by {user}: delete or change that first"
        )));
    }
    work.draft.remove(&record::source(api, name));
    Ok(value!({}))
}

/// The resolvers, functions and namespaces that ask a data source, as messages name them.
fn users(api: &str, name: &str, draft: &Draft<'_>) -> Vec<(String, Value)> {
    let asks = |user: &Value| user.text("dataSourceName") == Some(name);
    let mut users = Vec::new();
    for (place, resolver) in draft.of(&record::resolvers(api)).into_iter().filter(|(_, one)| asks(one)) {
        users.push((format!("the resolver {}", place.replace('/', ".")), resolver));
    }
    for (_, function) in draft.of(&record::function(api, "")).into_iter().filter(|(_, one)| asks(one)) {
        users.push((format!("the function {}", function.text_or_empty("name")), function));
    }
    for (namespace, record) in draft.of(&record::namespace(api, "")) {
        let handlers = record.part("handlerConfigs");
        if handlers.values().any(|handler| handler.part("integration").text("dataSourceName") == Some(name)) {
            users.push((format!("the channel namespace {namespace}"), value!({"code": ""})));
        }
    }
    users
}

/// The data source that an input names.
fn find<'d>(input: &Value, draft: &'d Draft<'_>) -> Result<&'d Value, Fault> {
    apis::of_any_kind(input, draft)?;
    named(input.text_or_empty("apiId"), input.text_or_empty("name"), draft)
}

/// The data source of this name.
pub(super) fn named<'d>(api: &str, name: &str, draft: &'d Draft<'_>) -> Result<&'d Value, Fault> {
    let found = draft.get(&record::source(api, name));
    found.ok_or_else(|| not_found(format!("No data source found named {name}")))
}

fn put(input: &Value, mut source: Object, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    check(input)?;
    take_over(input, &SETTINGS, &mut source);
    work.draft
        .put(record::source(input.text_or_empty("apiId"), source.text_or_empty("name")), source.clone());
    Ok(value!({"dataSource": source}))
}

fn check(input: &Value) -> Result<(), Fault> {
    let kind = input.text_or_empty("type");
    for (of, config) in CONFIGS {
        match input.member(config) {
            None if of == kind => return Err(bad(format!("A data source of type {kind} needs {config}"))),
            Some(_) if of != kind => {
                return Err(bad(format!("{config} is for data sources of type {of}, not of {kind}")));
            }
            _ => {}
        }
    }
    if input.text("metricsConfig") == Some("ENABLED") {
        return Err(unsupported("metricsConfig", "the server's own metrics are at /metrics"));
    }
    if let Some(role) = input.text("serviceRoleArn") {
        patterns::arn("serviceRoleArn", role, "iam")?;
    }
    match kind {
        "AMAZON_DYNAMODB" => dynamodb(input.part("dynamodbConfig")),
        "AWS_LAMBDA" => {
            let arn = input.part("lambdaConfig").text_or_empty("lambdaFunctionArn");
            patterns::arn("lambdaConfig.lambdaFunctionArn", arn, "lambda")
        }
        "AMAZON_ELASTICSEARCH" => endpoint("elasticsearchConfig", input),
        "AMAZON_OPENSEARCH_SERVICE" => endpoint("openSearchServiceConfig", input),
        "HTTP" => http(input),
        "RELATIONAL_DATABASE" => relational(input.part("relationalDatabaseConfig")),
        "AMAZON_EVENTBRIDGE" => {
            let arn = input.part("eventBridgeConfig").text_or_empty("eventBusArn");
            patterns::arn("eventBridgeConfig.eventBusArn", arn, "events")
        }
        _ => Ok(()),
    }
}

fn dynamodb(config: &Object) -> Result<(), Fault> {
    if config.flag("useCallerCredentials") {
        return Err(unsupported(
            "useCallerCredentials",
            "tables are asked as the serviceRoleArn of the data source",
        ));
    }
    if let Some(sync) = config.member("deltaSyncConfig") {
        if !config.flag("versioned") {
            return Err(bad("dynamodbConfig.deltaSyncConfig needs versioned to be true"));
        }
        if sync.text_or_empty("deltaSyncTableName").is_empty() {
            return Err(bad("dynamodbConfig.deltaSyncConfig needs deltaSyncTableName"));
        }
        let minutes = ["baseTableTTL", "deltaSyncTableTTL"];
        if let Some(wrong) = minutes.iter().find(|one| sync.whole(one).is_some_and(|minutes| minutes < 0)) {
            return Err(bad(format!("dynamodbConfig.deltaSyncConfig.{wrong} must not be negative")));
        }
    }
    Ok(())
}

fn endpoint(config: &str, input: &Value) -> Result<(), Fault> {
    patterns::url(&format!("{config}.endpoint"), input.part(config).text_or_empty("endpoint"))
}

fn http(input: &Value) -> Result<(), Fault> {
    endpoint("httpConfig", input)?;
    let Some(authorization) = input.part("httpConfig").member("authorizationConfig") else { return Ok(()) };
    let iam = authorization.part("awsIamConfig");
    if iam.text("signingRegion").is_none() || iam.text("signingServiceName").is_none() {
        return Err(bad(
            "httpConfig.authorizationConfig.awsIamConfig needs signingRegion and signingServiceName",
        ));
    }
    Ok(())
}

fn relational(config: &Object) -> Result<(), Fault> {
    let endpoint = config.part("rdsHttpEndpointConfig");
    for needed in ["dbClusterIdentifier", "awsSecretStoreArn"] {
        if endpoint.text_or_empty(needed).is_empty() {
            return Err(bad(format!("relationalDatabaseConfig.rdsHttpEndpointConfig needs {needed}")));
        }
    }
    let secret = endpoint.text_or_empty("awsSecretStoreArn");
    patterns::arn("rdsHttpEndpointConfig.awsSecretStoreArn", secret, "secretsmanager")
}

/// What both kinds of APIs have, goes with either.
pub(super) fn remove_with_keys(api: &str, draft: &mut Draft<'_>) {
    for prefix in [record::source(api, ""), record::key(api, "")] {
        apis::remove_all(&prefix, draft);
    }
}
