//! The records of a merged API as its requests need them: its own, and those of its sources under its name.
//!
//! They are made of the sources' records as they are now: what is changed there is changed here. The schema is that of the
//! last merge.

use json::{Text, Value};
use services::Members;
use services::records::Records;

use super::{Source, schemas};
use crate::api::ENVIRONMENT;
use crate::record;

/// The records from which a merged API is compiled; nothing if the API is none.
pub(crate) fn of_merged(records: &Records, id: &str) -> Option<Records> {
    if records.get(&record::api(id))?.text("apiType") != Some("MERGED") {
        return None;
    }
    let mut kept: Vec<(String, Value)> = Vec::new();
    for key in [record::api(id), record::schema(id), record::cache(id)] {
        kept.extend(records.get(&key).map(|value| (key.clone(), value.clone())));
    }
    kept.extend(records.of(&record::key(id, "")).map(|(key, value)| (key.to_owned(), value.clone())));
    let sources = sources(records, id);
    for Source { api, .. } in &sources {
        for (_, source) in records.of(&record::source(api, "")) {
            let name = named(api, source.text_or_empty("name"));
            kept.push((record::source(id, &name), with(source, [("name", name.as_str())])));
        }
        for (_, function) in records.of(&record::function(api, "")) {
            let key = record::function(id, function.text_or_empty("functionId"));
            kept.push((key, of_source(api, function)));
        }
    }
    // Of several origins the first that has a resolver; a later one of the same key would take its place.
    let origins = schemas(&sources).map(|merged| merged.origins).unwrap_or_default();
    for origin in origins.iter().rev() {
        let (type_name, field) = &origin.own;
        let Some(resolver) = records.get(&record::resolver(&origin.api, type_name, field)) else { continue };
        let (type_name, field) = &origin.merged;
        let resolver = of_source(&origin.api, resolver);
        let mut resolver = with(&resolver, [("typeName", type_name.as_str()), ("fieldName", field)]);
        if let Some(resolver) = resolver.as_object_mut() {
            resolver.insert(ENVIRONMENT, environment(records, &origin.api));
        }
        kept.push((record::resolver(id, type_name, field), resolver));
    }
    Some(Records::new(kept))
}

/// The merged APIs that have this one as a source.
pub(crate) fn users_of(records: &Records, api: &str) -> Vec<Text> {
    let mut users = Vec::new();
    for (key, merge) in records.of("merge/") {
        if merge.part("association").text("sourceApiId") == Some(api)
            && let Some(id) = key.split('/').nth(1)
        {
            users.push(Text::from(id));
        }
    }
    users
}

/// The schemas of the last merges.
fn sources(records: &Records, id: &str) -> Vec<Source> {
    let prefix = record::merge(id, "");
    let mut merges: Vec<&Value> = records.of(&prefix).map(|(_, merge)| merge).collect();
    merges.sort_by_key(|merge| merge.whole("number"));
    let source = |merge: &&Value| {
        let api = Text::from(merge.part("association").text_or_empty("sourceApiId"));
        Some(Source { api, sdl: merge.text("sdl")?.to_owned() })
    };
    merges.iter().filter_map(source).collect()
}

/// An API's own variables: what its resolvers see wherever they are used.
fn environment(records: &Records, api: &str) -> Value {
    let variables = records.get(&record::environment(api)).and_then(Value::as_object);
    variables.cloned().unwrap_or_default().into()
}

/// Data sources of several APIs may have one name.
fn named(api: &str, source: &str) -> String {
    format!("{api}.{source}")
}

fn of_source(api: &str, record: &Value) -> Value {
    match record.text("dataSourceName") {
        Some(source) => with(record, [("dataSourceName", named(api, source).as_str())]),
        None => record.clone(),
    }
}

fn with<const N: usize>(record: &Value, members: [(&str, &str); N]) -> Value {
    let mut record = record.as_object().cloned().unwrap_or_default();
    for (name, value) in members {
        record.insert(name, value);
    }
    record.into()
}
