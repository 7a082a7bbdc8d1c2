//! Which APIs a merged API is made of, and when their schemas are merged.

use json::{Object, Value, value};
use services::Fault;
use services::members::{Members, part_mut, take_over};
use services::records::Draft;

use super::fault::{bad, limit, not_found};
use super::page::page;
use super::{Work, apis, schemas, types};
use crate::merge::{self, Source};
use crate::record;

/// AWS's quota for a merged API.
const SOURCES_MAX: usize = 10;

/// What a list shows of an association.
const SUMMARY: [&str; 7] = [
    "associationId",
    "associationArn",
    "sourceApiId",
    "sourceApiArn",
    "mergedApiId",
    "mergedApiArn",
    "description",
];

pub(super) fn associate(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let merged = merged(input, work.draft)?;
    let source = identifier(input, "sourceApiIdentifier");
    let is_merged = api(&source, work.draft)?.text("apiType") == Some("MERGED");
    if is_merged {
        return Err(bad(format!("API {source} is a merged API, which cannot be a source")));
    }
    let known = work.draft.of(&record::merge(&merged, ""));
    if known.len() >= SOURCES_MAX {
        return Err(limit(format!("A merged API has {SOURCES_MAX} source APIs at most")));
    }
    if known.iter().any(|(_, merge)| source_of(merge) == source) {
        return Err(bad(format!("API {source} is a source of {merged} already")));
    }
    let id = work.moment.uuid();
    let mut association = Object::new();
    association.insert("associationId", id.as_str());
    association.insert("associationArn", work.arn(format_args!("apis/{merged}/sourceApiAssociations/{id}")));
    association.insert("sourceApiId", source.as_str());
    association.insert("sourceApiArn", work.arn(format_args!("apis/{source}")));
    association.insert("mergedApiId", merged.as_str());
    association.insert("mergedApiArn", work.arn(format_args!("apis/{merged}")));
    set(input, &mut association);
    let last = known.iter().filter_map(|(_, merge)| merge.whole("number")).max().unwrap_or(0);
    let key = record::merge(&merged, &id);
    work.draft.put(key.as_str(), value!({"association": association, "number": (last + 1)}));
    merge(&merged, &id, work);
    let association = work.draft.get(&key).map(|merge| merge.part("association").clone());
    Ok(value!({"sourceApiAssociation": (association.unwrap_or_default())}))
}

fn set(input: &Value, association: &mut Object) {
    take_over(input, &["description"], association);
    let kind = input.part("sourceApiAssociationConfig").text("mergeType").unwrap_or("MANUAL_MERGE");
    association.insert("sourceApiAssociationConfig", value!({"mergeType": kind}));
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let (_, merge) = find(input, work.draft)?;
    Ok(value!({"sourceApiAssociation": (merge.part("association").clone())}))
}

/// Those that an API has, be it merged or a source.
pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    apis::of(input, work.draft)?;
    let api = Some(input.text_or_empty("apiId"));
    let mut summaries = Vec::new();
    for (key, merge) in work.draft.of("merge/") {
        let association = merge.part("association");
        if association.text("mergedApiId") == api || association.text("sourceApiId") == api {
            let mut summary = Object::new();
            take_over(association, &SUMMARY, &mut summary);
            summaries.push((key, summary.into()));
        }
    }
    page(input, "sourceApiAssociationSummaries", summaries)
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (key, mut merge) = find(input, work.draft)?;
    let association = part_mut(&mut merge, "association");
    association.remove("description");
    set(input, association);
    let answer = association.clone();
    work.draft.put(key, merge);
    Ok(value!({"sourceApiAssociation": answer}))
}

pub(super) fn start(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (_, merge) = find(input, work.draft)?;
    let association = merge.part("association");
    self::merge(association.text_or_empty("mergedApiId"), association.text_or_empty("associationId"), work);
    Ok(value!({"sourceApiAssociationStatus": "MERGE_IN_PROGRESS"}))
}

pub(super) fn disassociate(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (key, merge) = find(input, work.draft)?;
    work.draft.remove(&key);
    let merged = merge.part("association").text_or_empty("mergedApiId");
    let left = sources(merged, None, work.draft);
    if left.is_empty() {
        work.draft.remove(&record::schema(merged));
    } else if let Ok(schema) = merge::schemas(&left) {
        put(merged, &schema.sdl, work).map_err(bad)?;
    }
    Ok(value!({"sourceApiAssociationStatus": "DELETION_IN_PROGRESS"}))
}

/// The types that a source brought with its last merge.
pub(super) fn list_types(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let (_, merge) = find(input, work.draft)?;
    let association = merge.part("association");
    let schema = merge.text("sdl").and_then(|sdl| schemas::parse(sdl).ok());
    types::listed(association.text_or_empty("sourceApiId"), schema, input, work)
}

/// Sources that are merged by themselves are, once their schema has changed.
pub(super) fn source_changed(source: &str, work: &mut Work<'_, '_>) {
    for (_, merge) in work.draft.of("merge/") {
        let association = merge.part("association");
        let is_automatic =
            association.part("sourceApiAssociationConfig").text("mergeType") == Some("AUTO_MERGE");
        if is_automatic && association.text("sourceApiId") == Some(source) {
            let (merged, id) =
                (association.text_or_empty("mergedApiId"), association.text_or_empty("associationId"));
            self::merge(merged, id, work);
        }
    }
}

/// An API that others are made of stays.
pub(super) fn refuse_source(api: &str, draft: &Draft<'_>) -> Result<(), Fault> {
    let merges = draft.of("merge/");
    match merges.iter().find(|(_, merge)| source_of(merge) == api) {
        None => Ok(()),
        Some((_, merge)) => Err(bad(format!(
            "The API is a source of the merged API {}: disassociate it first",
            merge.part("association").text_or_empty("mergedApiId")
        ))),
    }
}

/// What a merged API has of its sources is not its own.
pub(super) fn refuse_merged(input: &Value, draft: &Draft<'_>) -> Result<(), Fault> {
    let id = input.text_or_empty("apiId");
    match draft.get(&record::api(id)) {
        Some(api) if api.text("apiType") == Some("MERGED") => Err(bad(format!(
            "API {id} is a merged API, which has its schema, resolvers, functions and data sources of its source APIs: \
             change those"
        ))),
        _ => Ok(()),
    }
}

/// Merges what a source is now with what the others were at their last merges. A failure leaves all as it was, and says
/// why.
fn merge(merged: &str, id: &str, work: &mut Work<'_, '_>) {
    let key = record::merge(merged, id);
    let Some(mut record) = work.draft.get(&key).and_then(Value::as_object).cloned() else { return };
    let outcome = renewed(merged, id, work);
    let association = part_mut(&mut record, "association");
    match &outcome {
        Ok(_) => {
            association.insert("sourceApiAssociationStatus", "MERGE_SUCCESS");
            association.remove("sourceApiAssociationStatusDetail");
            association.insert("lastSuccessfulMergeDate", work.moment.seconds());
        }
        Err(problem) => {
            association.insert("sourceApiAssociationStatus", "MERGE_FAILED");
            association.insert("sourceApiAssociationStatusDetail", problem.as_str());
        }
    }
    if let Ok(sdl) = outcome {
        record.insert("sdl", sdl);
    }
    work.draft.put(key, record);
}

/// Puts the schema into use that has the source as it is now; the source's.
fn renewed(merged: &str, id: &str, work: &mut Work<'_, '_>) -> Result<String, String> {
    let sources = sources(merged, Some(id), work.draft);
    let record = work.draft.get(&record::merge(merged, id));
    let source = record.map(|record| source_of(record).to_owned()).unwrap_or_default();
    let own = sources.iter().find(|known| known.api == source).map(|own| own.sdl.clone());
    let own = own.ok_or_else(|| format!("API {source} has no schema"))?;
    let schema = merge::schemas(&sources).map_err(|conflicts| conflicts.join("\n"))?;
    resolvers_are_one(&schema, work.draft)?;
    put(merged, &schema.sdl, work)?;
    Ok(own)
}

/// A field that two sources resolve has one answer only if one of them is canonical; those stand in front.
fn resolvers_are_one(schema: &merge::Merged, draft: &Draft<'_>) -> Result<(), String> {
    let resolved = |origin: &&merge::Origin| {
        let (type_name, field) = &origin.own;
        draft.get(&record::resolver(&origin.api, type_name, field)).is_some()
    };
    let resolved: Vec<_> = schema.origins.iter().filter(resolved).collect();
    for (place, first) in resolved.iter().enumerate() {
        if resolved[..place].iter().any(|before| before.merged == first.merged) {
            continue;
        }
        let rest = &resolved[place + 1..];
        let other = rest
            .iter()
            .find(|other| other.merged == first.merged && other.is_canonical == first.is_canonical);
        if let Some(other) = other {
            let (type_name, field) = &first.merged;
            return Err(format!(
                "Field {type_name}.{field} has a resolver in {} and in {}: mark one @canonical",
                first.api, other.api
            ));
        }
    }
    Ok(())
}

fn put(merged: &str, sdl: &str, work: &mut Work<'_, '_>) -> Result<(), String> {
    let schema = schemas::parse(sdl)?;
    schemas::put(merged, &schema.to_sdl(true), &schema, work.draft);
    Ok(())
}

/// The schemas of an API's sources at their last merges, but for one, which is as it is now.
fn sources(merged: &str, renewed: Option<&str>, draft: &Draft<'_>) -> Vec<Source> {
    let mut merges = draft.of(&record::merge(merged, ""));
    merges.sort_by_key(|(_, merge)| merge.whole("number"));
    let source = |(id, merge): (String, Value)| {
        let api = source_of(&merge).to_owned();
        let sdl = match renewed {
            Some(renewed) if renewed == id => schemas::of(&api, draft)?.0,
            _ => merge.text("sdl")?.to_owned(),
        };
        Some(Source { api: api.as_str().into(), sdl })
    };
    merges.into_iter().filter_map(source).collect()
}

fn source_of(merge: &Value) -> &str {
    merge.part("association").text_or_empty("sourceApiId")
}

/// The merged API that an input names.
fn merged(input: &Value, draft: &Draft<'_>) -> Result<String, Fault> {
    let id = identifier(input, "mergedApiIdentifier");
    match api(&id, draft)?.text("apiType") {
        Some("MERGED") => Ok(id),
        _ => Err(bad(format!("API {id} is no merged API: create one with the apiType MERGED"))),
    }
}

/// An API's identifier, or its ARN, which ends with it.
fn identifier(input: &Value, member: &str) -> String {
    let named = input.text_or_empty(member);
    named.rsplit_once("apis/").map_or(named, |(_, id)| id).to_owned()
}

fn api<'d>(id: &str, draft: &'d Draft<'_>) -> Result<&'d Value, Fault> {
    draft.get(&record::api(id)).ok_or_else(|| not_found(format!("GraphQL API {id} not found.")))
}

/// The association that an input names by its identifier and either of its APIs.
fn find(input: &Value, draft: &Draft<'_>) -> Result<(String, Object), Fault> {
    let id = input.text_or_empty("associationId");
    let member = if input.member("mergedApiIdentifier").is_some() { "mergedApi" } else { "sourceApi" };
    let api = identifier(input, &format!("{member}Identifier"));
    let named = draft.of("merge/").into_iter().find(|(_, merge)| {
        let association = merge.part("association");
        association.text("associationId") == Some(id)
            && association.text(&format!("{member}Id")) == Some(&api)
    });
    let (rest, merge) = named.ok_or_else(|| not_found(format!("Source API association {id} not found.")))?;
    Ok((format!("merge/{rest}"), merge.as_object().cloned().unwrap_or_default()))
}
