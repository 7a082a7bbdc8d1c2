//! Functions of pipelines.

use json::{Object, Value, value};
use services::Fault;
use services::members::{Members, take_over};
use services::records::Draft;

use super::fault::{bad, limit, not_found};
use super::handlers::{self, Around};
use super::page::page;
use super::{Work, apis, data_sources, merging};
use crate::record;

/// So many an API may have: all are compiled with it.
const FUNCTIONS_MAX: usize = 5_000;

/// The only version that functions have; it is left out where there is code.
const VERSION: &str = "2018-05-29";

/// What is taken over from an input; what an update does not name is gone.
const SETTINGS: [&str; 10] = [
    "name",
    "description",
    "dataSourceName",
    "requestMappingTemplate",
    "responseMappingTemplate",
    "functionVersion",
    "syncConfig",
    "maxBatchSize",
    "runtime",
    "code",
];

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    apis::of(input, work.draft)?;
    merging::refuse_merged(input, work.draft)?;
    let api = input.text_or_empty("apiId");
    if work.draft.of(&record::function(api, "")).len() >= FUNCTIONS_MAX {
        return Err(limit(format!("An API has {FUNCTIONS_MAX} functions at most")));
    }
    let id = work.id();
    let mut function = Object::new();
    function.insert("functionId", id.as_str());
    function.insert("functionArn", work.arn(format_args!("apis/{api}/functions/{id}")));
    put(input, function, work)
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    Ok(value!({"functionConfiguration": (find(input, work.draft)?.clone())}))
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    apis::of(input, work.draft)?;
    page(input, "functions", work.draft.of(&record::function(input.text_or_empty("apiId"), "")))
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let mut function = find(input, work.draft)?.as_object().cloned().unwrap_or_default();
    for setting in SETTINGS {
        function.remove(setting);
    }
    put(input, function, work)
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    find(input, work.draft)?;
    let (api, id) = (input.text_or_empty("apiId"), input.text_or_empty("functionId"));
    let resolvers = work.draft.of(&record::resolvers(api));
    if let Some((place, _)) = resolvers.iter().find(|(_, resolver)| uses(resolver, id)) {
        let place = place.replace('/', ".");
        return Err(bad(format!("Cannot delete a function which is currently used by a resolver: {place}")));
    }
    work.draft.remove(&record::function(api, id));
    Ok(value!({}))
}

/// Whether a resolver's pipeline has this function.
pub(super) fn uses(resolver: &Value, id: &str) -> bool {
    resolver.part("pipelineConfig").texts("functions").contains(&id)
}

/// The function that an input names.
pub(super) fn find<'d>(input: &Value, draft: &'d Draft<'_>) -> Result<&'d Value, Fault> {
    apis::of(input, draft)?;
    with_id(input.text_or_empty("apiId"), input.text_or_empty("functionId"), draft)
}

/// The function with this identifier.
pub(super) fn with_id<'d>(api: &str, id: &str, draft: &'d Draft<'_>) -> Result<&'d Value, Fault> {
    draft.get(&record::function(api, id)).ok_or_else(|| not_found(format!("No function found with id {id}")))
}

fn put(input: &Value, mut function: Object, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let api = input.text_or_empty("apiId");
    if let Some(version) = input.text("functionVersion").filter(|version| *version != VERSION) {
        return Err(bad(format!("Functions have no functionVersion {version}: use {VERSION}")));
    }
    let source = data_sources::named(api, input.text_or_empty("dataSourceName"), work.draft)?;
    handlers::check(input, Around::Source, Some(source))?;
    handlers::check_source(input, Some(source))?;
    if input.member("code").is_none() {
        function.insert("functionVersion", VERSION);
    }
    take_over(input, &SETTINGS, &mut function);
    work.draft.put(record::function(api, function.text_or_empty("functionId")), function.clone());
    Ok(value!({"functionConfiguration": function}))
}
