//! Resolvers of fields, of one data source or of a pipeline.

use graphql::syntax::ast::TypeKind;
use json::{Object, Value, value};
use services::Fault;
use services::members::{Members, take_over};
use services::records::Draft;

use super::fault::{bad, not_found};
use super::handlers::{self, Around};
use super::page::page;
use super::{Work, apis, data_sources, functions, merging, schemas};
use crate::record;

/// AppSync's quota for a pipeline.
const FUNCTIONS_MAX: usize = 10;

/// What is taken over from an input; what an update does not name is gone.
const SETTINGS: [&str; 11] = [
    "dataSourceName",
    "requestMappingTemplate",
    "responseMappingTemplate",
    "kind",
    "pipelineConfig",
    "syncConfig",
    "cachingConfig",
    "maxBatchSize",
    "runtime",
    "code",
    "metricsConfig",
];

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    apis::of(input, work.draft)?;
    merging::refuse_merged(input, work.draft)?;
    let (api, type_name, field) = place(input);
    field_exists(api, type_name, field, work.draft)?;
    if work.draft.get(&record::resolver(api, type_name, field)).is_some() {
        return Err(bad("Only one resolver is allowed per field."));
    }
    let mut resolver = Object::new();
    resolver.insert("typeName", type_name);
    resolver.insert("fieldName", field);
    resolver.insert("resolverArn", work.arn(format_args!("apis/{api}/types/{type_name}/resolvers/{field}")));
    put(input, resolver, work)
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    Ok(value!({"resolver": (find(input, work.draft)?.clone())}))
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    apis::of(input, work.draft)?;
    let (api, type_name, _) = place(input);
    page(input, "resolvers", work.draft.of(&record::resolver(api, type_name, "")))
}

pub(super) fn list_by_function(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    functions::find(input, work.draft)?;
    let mut resolvers = work.draft.of(&record::resolvers(input.text_or_empty("apiId")));
    resolvers.retain(|(_, resolver)| functions::uses(resolver, input.text_or_empty("functionId")));
    page(input, "resolvers", resolvers)
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let mut resolver = find(input, work.draft)?.as_object().cloned().unwrap_or_default();
    for setting in SETTINGS {
        resolver.remove(setting);
    }
    put(input, resolver, work)
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    find(input, work.draft)?;
    let (api, type_name, field) = place(input);
    work.draft.remove(&record::resolver(api, type_name, field));
    Ok(value!({}))
}

fn place(input: &Value) -> (&str, &str, &str) {
    (input.text_or_empty("apiId"), input.text_or_empty("typeName"), input.text_or_empty("fieldName"))
}

fn find<'d>(input: &Value, draft: &'d Draft<'_>) -> Result<&'d Value, Fault> {
    apis::of(input, draft)?;
    let (api, type_name, field) = place(input);
    draft.get(&record::resolver(api, type_name, field)).ok_or_else(|| not_found("No resolver found."))
}

fn field_exists(api: &str, type_name: &str, field: &str, draft: &Draft<'_>) -> Result<(), Fault> {
    let schema = schemas::of(api, draft).map(|(_, schema)| schema);
    let type_ = schema.as_ref().and_then(|schema| schema.type_named(type_name));
    let type_ = type_.filter(|type_| !type_.built_in);
    let type_ = type_.ok_or_else(|| not_found(format!("Type {type_name} not found")))?;
    if type_.kind != TypeKind::Object {
        return Err(bad(format!(
            "{type_name} is no object type: only fields of object types have resolvers"
        )));
    }
    match type_.field(field) {
        Some(_) => Ok(()),
        None => Err(not_found(format!("No field named {field} found on type {type_name}"))),
    }
}

fn put(input: &Value, mut resolver: Object, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    match input.text("kind") {
        Some("PIPELINE") => check_pipeline(input, work.draft)?,
        _ => check_unit(input, work.draft)?,
    }
    check_caching(input)?;
    handlers::refuse_metrics(input)?;
    resolver.insert("kind", "UNIT");
    take_over(input, &SETTINGS, &mut resolver);
    let (api, type_name, field) = place(input);
    work.draft.put(record::resolver(api, type_name, field), resolver.clone());
    Ok(value!({"resolver": resolver}))
}

fn check_unit(input: &Value, draft: &Draft<'_>) -> Result<(), Fault> {
    if !input.part("pipelineConfig").texts("functions").is_empty() {
        return Err(bad("pipelineConfig is for resolvers of kind PIPELINE"));
    }
    let name =
        input.text("dataSourceName").ok_or_else(|| bad("A resolver of kind UNIT needs dataSourceName"))?;
    let source = data_sources::named(input.text_or_empty("apiId"), name, draft)?;
    handlers::check(input, Around::Source, Some(source))?;
    handlers::check_source(input, Some(source))
}

fn check_pipeline(input: &Value, draft: &Draft<'_>) -> Result<(), Fault> {
    if input.member("dataSourceName").is_some() {
        return Err(bad("A resolver of kind PIPELINE has no dataSourceName: its functions have"));
    }
    let ids = input.part("pipelineConfig").texts("functions");
    if ids.len() > FUNCTIONS_MAX {
        return Err(bad(format!("A pipeline has {FUNCTIONS_MAX} functions at most, not {}", ids.len())));
    }
    for id in ids {
        functions::with_id(input.text_or_empty("apiId"), id, draft)?;
    }
    handlers::check(input, Around::Functions, None)?;
    handlers::check_source(input, None)
}

fn check_caching(input: &Value) -> Result<(), Fault> {
    let Some(config) = input.member("cachingConfig") else { return Ok(()) };
    super::caches::check_seconds("cachingConfig.ttl", config.whole("ttl"))?;
    const ROOTS: [&str; 3] = ["arguments", "source", "identity"];
    for key in config.texts("cachingKeys") {
        let path = key.strip_prefix("$context.").or_else(|| key.strip_prefix("$ctx."));
        let root = path.and_then(|path| path.split('.').next());
        if !root.is_some_and(|root| ROOTS.contains(&root)) {
            return Err(bad(format!(
                "Invalid caching key {key}: it must begin with $context.arguments, $context.source or $context.identity"
            )));
        }
    }
    Ok(())
}
