//! What has to be asked for so that an API becomes what it shall be: the difference, and nothing else.
//!
//! Pure. What the description does not have any more is deleted, but for API keys and the API itself: an API of a project
//! is the project's. Never here: the calls themselves.

use std::collections::BTreeMap;

use json::{Object, Value};

use super::wanted::{Events, GraphQl, Item, Resolver, is_as_wished};

/// One call of an operation of AppSync.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// `CreateResolver`
    pub operation: &'static str,
    /// Its input, but for `ApiId`.
    pub input: Object,
    /// Functions by name, whose identifiers become `PipelineConfig` once they are known.
    pub functions: Option<Vec<String>>,
    /// Where it is written what was asked for.
    pub origin: String,
}

/// An API as it is: what the operations that read it have answered.
#[derive(Clone, Debug, Default)]
pub struct There {
    /// `GraphqlApi` or `Api`
    pub api: Value,
    /// SDL; empty: there is none.
    pub schema: String,
    /// `EnvironmentVariables`
    pub environment: Object,
    /// `ApiCache`
    pub cache: Option<Value>,
    /// By name.
    pub sources: BTreeMap<String, Value>,
    /// By identifier: two can have the same name.
    pub functions: BTreeMap<String, Value>,
    /// By type and field.
    pub resolvers: BTreeMap<(String, String), Value>,
    /// By name.
    pub namespaces: BTreeMap<String, Value>,
}

/// What a wish may leave out, so that it is not there.
const API: [&str; 3] = ["UserPoolConfig", "OpenIDConnectConfig", "LambdaAuthorizerConfig"];
const SOURCE: [&str; 9] = [
    "Description",
    "DynamodbConfig",
    "LambdaConfig",
    "ElasticsearchConfig",
    "OpenSearchServiceConfig",
    "HttpConfig",
    "RelationalDatabaseConfig",
    "EventBridgeConfig",
    "ServiceRoleArn",
];
const STEP: [&str; 8] = [
    "DataSourceName",
    "RequestMappingTemplate",
    "ResponseMappingTemplate",
    "Code",
    "Runtime",
    "CachingConfig",
    "SyncConfig",
    "MaxBatchSize",
];
const NAMESPACE: [&str; 4] = ["PublishAuthModes", "SubscribeAuthModes", "CodeHandlers", "HandlerConfigs"];

/// The steps for a GraphQL API that is there already.
///
/// Resolvers need the schema, their sources and functions; functions need sources. What is deleted goes the other way.
pub fn graphql(wanted: &GraphQl, there: &There) -> Vec<Step> {
    let mut steps = Vec::new();
    let settings = changeable(&wanted.settings);
    if !is_as_wished(&settings, &there.api, &API) {
        steps.push(Step::new("UpdateGraphqlApi", settings, "its settings"));
    }
    if let Some(schema) =
        wanted.schema.as_ref().filter(|schema| !is_same_schema(&schema.input, &there.schema))
    {
        let mut input = Object::new();
        input.insert("Definition", schema.input.as_str());
        steps.push(Step::new("StartSchemaCreation", input, &schema.origin));
    }
    if !is_same(&wanted.environment, &there.environment) {
        let mut input = Object::new();
        input.insert("EnvironmentVariables", wanted.environment.clone());
        steps.push(Step::new("PutGraphqlApiEnvironmentVariables", input, "its environment"));
    }
    cache(wanted, there, &mut steps);
    let sources = ["CreateDataSource", "UpdateDataSource"];
    put_named(&wanted.sources, &there.sources, sources, &SOURCE, &mut steps);
    let (named, superfluous) = functions_by_name(wanted, there);
    put_functions(wanted, &named, &mut steps);
    put_resolvers(wanted, there, &named, &mut steps);
    for ((type_name, field), _) in
        there.resolvers.iter().filter(|(key, _)| !wanted.resolvers.contains_key(key))
    {
        let mut input = Object::new();
        input.insert("TypeName", type_name.as_str());
        input.insert("FieldName", field.as_str());
        steps.push(Step::new("DeleteResolver", input, &format!("{type_name}.{field}")));
    }
    for id in superfluous {
        let mut input = Object::new();
        input.insert("FunctionId", id);
        steps.push(Step::new("DeleteFunction", input, id));
    }
    delete_named(&wanted.sources, &there.sources, "DeleteDataSource", &mut steps);
    steps
}

/// The steps for an API of the Events API that is there already.
pub fn events(wanted: &Events, there: &There) -> Vec<Step> {
    let mut steps = Vec::new();
    let settings = changeable(&wanted.settings);
    if !is_as_wished(&settings, &there.api, &[]) {
        steps.push(Step::new("UpdateApi", settings, "its settings"));
    }
    let sources = ["CreateDataSource", "UpdateDataSource"];
    put_named(&wanted.sources, &there.sources, sources, &SOURCE, &mut steps);
    let namespaces = ["CreateChannelNamespace", "UpdateChannelNamespace"];
    put_named(&wanted.namespaces, &there.namespaces, namespaces, &NAMESPACE, &mut steps);
    delete_named(&wanted.namespaces, &there.namespaces, "DeleteChannelNamespace", &mut steps);
    delete_named(&wanted.sources, &there.sources, "DeleteDataSource", &mut steps);
    steps
}

impl Step {
    fn new(operation: &'static str, input: Object, origin: &str) -> Step {
        Step { operation, input, functions: None, origin: origin.to_owned() }
    }
}

/// What is settled once, when an API is made, is no part of a change.
fn changeable(settings: &Object) -> Object {
    let mut settings = settings.clone();
    for name in ["Tags", "ApiType", "Visibility"] {
        settings.remove(name);
    }
    settings
}

fn cache(wanted: &GraphQl, there: &There, steps: &mut Vec<Step>) {
    let origin = "its cache";
    match (&wanted.cache, &there.cache) {
        (Some(cache), None) => steps.push(Step::new("CreateApiCache", cache.clone(), origin)),
        (Some(cache), Some(there)) if !is_as_wished(cache, there, &[]) => {
            let mut input = cache.clone();
            // These are settled when the cache is made. (UpdateApiCache)
            for name in ["TransitEncryptionEnabled", "AtRestEncryptionEnabled"] {
                input.remove(name);
            }
            steps.push(Step::new("UpdateApiCache", input, origin));
        }
        (None, Some(_)) => steps.push(Step::new("DeleteApiCache", Object::new(), origin)),
        (Some(_), Some(_)) | (None, None) => {}
    }
}

fn put_named(
    wanted: &BTreeMap<String, Item<Object>>,
    there: &BTreeMap<String, Value>,
    [create, update]: [&'static str; 2],
    others: &[&str],
    steps: &mut Vec<Step>,
) {
    for (name, item) in wanted {
        let operation = match there.get(name) {
            None => create,
            Some(there) if !is_as_wished(&item.input, there, others) => update,
            Some(_) => continue,
        };
        steps.push(Step::new(operation, item.input.clone(), &item.origin));
    }
}

fn delete_named(
    wanted: &BTreeMap<String, Item<Object>>,
    there: &BTreeMap<String, Value>,
    operation: &'static str,
    steps: &mut Vec<Step>,
) {
    for name in there.keys().filter(|name| !wanted.contains_key(*name)) {
        let mut input = Object::new();
        input.insert("Name", name.as_str());
        steps.push(Step::new(operation, input, name));
    }
}

/// The functions of the wanted names, and the identifiers of all others: of two with one name, the first is meant.
fn functions_by_name<'t>(
    wanted: &GraphQl,
    there: &'t There,
) -> (BTreeMap<&'t str, (&'t str, &'t Value)>, Vec<&'t str>) {
    let mut named = BTreeMap::new();
    let mut superfluous = Vec::new();
    for (id, function) in &there.functions {
        let name = function.get("Name").and_then(Value::as_str).unwrap_or_default();
        if wanted.functions.contains_key(name) && !named.contains_key(name) {
            named.insert(name, (id.as_str(), function));
        } else {
            superfluous.push(id.as_str());
        }
    }
    (named, superfluous)
}

fn put_functions(wanted: &GraphQl, named: &BTreeMap<&str, (&str, &Value)>, steps: &mut Vec<Step>) {
    for (name, item) in &wanted.functions {
        match named.get(name.as_str()) {
            None => steps.push(Step::new("CreateFunction", item.input.clone(), &item.origin)),
            Some((id, there)) if !is_as_wished(&item.input, there, &STEP) => {
                let mut input = item.input.clone();
                input.insert("FunctionId", *id);
                steps.push(Step::new("UpdateFunction", input, &item.origin));
            }
            Some(_) => {}
        }
    }
}

fn put_resolvers(
    wanted: &GraphQl,
    there: &There,
    named: &BTreeMap<&str, (&str, &Value)>,
    steps: &mut Vec<Step>,
) {
    for (key, resolver) in &wanted.resolvers {
        let operation = match there.resolvers.get(key) {
            None => "CreateResolver",
            Some(there)
                if !is_as_wished(&resolver.item.input, there, &STEP)
                    || !has_pipeline(resolver, there, named) =>
            {
                "UpdateResolver"
            }
            Some(_) => continue,
        };
        let step = Step::new(operation, resolver.item.input.clone(), &resolver.item.origin);
        steps.push(Step { functions: resolver.functions.clone(), ..step });
    }
}

/// Whether the pipeline has the wished functions, in their order.
fn has_pipeline(resolver: &Resolver, there: &Value, named: &BTreeMap<&str, (&str, &Value)>) -> bool {
    let functions = there.get("PipelineConfig").and_then(|config| config.get("Functions"));
    let ids: Vec<Option<&str>> = functions
        .and_then(Value::as_array)
        .into_iter()
        .flat_map(|ids| ids.iter().map(Value::as_str))
        .collect();
    let wished = resolver.functions.iter().flatten();
    let wished: Vec<Option<&str>> = wished.map(|name| named.get(name.as_str()).map(|(id, _)| *id)).collect();
    ids == wished
}

/// GetIntrospectionSchema prints a schema anew: without comments, and with blanks of its own.
fn is_same_schema(one: &str, other: &str) -> bool {
    let printed = |text: &str| graphql::Schema::parse(text).map(|schema| schema.to_sdl(true)).ok();
    one == other || printed(one).is_some_and(|one| Some(one) == printed(other))
}

/// In whatever order.
fn is_same(one: &Object, other: &Object) -> bool {
    one.len() == other.len() && one.iter().all(|(name, value)| other.get(name) == Some(value))
}

#[cfg(test)]
mod tests;
