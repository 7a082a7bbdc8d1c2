//! GraphQL APIs.

use json::{Object, Value, value};
use services::members::{Members, take_over};
use services::records::Draft;
use services::{Asker, Fault};

use super::fault::{bad, not_found, unsupported};
use super::page::page;
use super::{Work, data_sources, domains, merging, providers};
use crate::{place, record};

/// So many APIs there may be of a kind: all are kept in memory.
pub(super) const APIS_MAX: usize = 1_000;

/// What an update takes the place of; what it does not name goes back to its default.
const SETTINGS: [&str; 13] = [
    "name",
    "authenticationType",
    "logConfig",
    "userPoolConfig",
    "openIDConnectConfig",
    "additionalAuthenticationProviders",
    "lambdaAuthorizerConfig",
    "mergedApiExecutionRoleArn",
    "ownerContact",
    "introspectionConfig",
    "queryDepthLimit",
    "resolverCountLimit",
    "enhancedMetricsConfig",
];

/// The record of the GraphQL API that an input names.
pub(super) fn of<'d>(input: &Value, draft: &'d Draft<'_>) -> Result<&'d Value, Fault> {
    let id = input.text_or_empty("apiId");
    draft.get(&record::api(id)).ok_or_else(|| not_found(format!("GraphQL API {id} not found.")))
}

/// Whether there is such an API, of whichever kind: both have keys and data sources.
pub(super) fn of_any_kind(input: &Value, draft: &Draft<'_>) -> Result<(), Fault> {
    match draft.get(&record::event_api(input.text_or_empty("apiId"))) {
        Some(_) => Ok(()),
        None => of(input, draft).map(drop),
    }
}

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    if work.draft.of("api/").len() >= APIS_MAX {
        let message = format!("You already have {APIS_MAX} APIs: delete one first");
        return Err(Fault::new("ApiLimitExceededException", message));
    }
    let id = work.id();
    let mut api = Object::new();
    api.insert("apiId", id.as_str());
    api.insert("arn", work.arn(format_args!("apis/{id}")));
    api.insert("owner", work.scope.account.as_str());
    api.insert("visibility", "GLOBAL");
    api.insert("apiType", input.text("apiType").unwrap_or("GRAPHQL"));
    api.insert("xrayEnabled", false);
    api.insert("tags", input.part("tags").clone());
    settle(input, &mut api)?;
    let answer = shown(&api.clone().into(), work.asker);
    work.draft.put(record::api(&id), api);
    Ok(value!({"graphqlApi": answer}))
}

/// Takes over what an input sets.
fn settle(input: &Value, api: &mut Object) -> Result<(), Fault> {
    refuse(input)?;
    if input.text_or_empty("name").is_empty() {
        return Err(bad("The name of an API must have one character at least"));
    }
    for setting in SETTINGS {
        api.remove(setting);
    }
    api.insert("introspectionConfig", "ENABLED");
    api.insert("queryDepthLimit", 0);
    api.insert("resolverCountLimit", 0);
    take_over(input, &SETTINGS, api);
    providers::settle(api)
}

/// What AWS would do, and nothing here does.
fn refuse(input: &Value) -> Result<(), Fault> {
    if input.flag("xrayEnabled") {
        return Err(unsupported("xrayEnabled", "traces of X-Ray are not written here"));
    }
    if input.text("visibility") == Some("PRIVATE") {
        return Err(unsupported("The visibility PRIVATE", "let this server listen where only they reach it"));
    }
    let metrics = input.part("enhancedMetricsConfig");
    let is_on = metrics.text("resolverLevelMetricsBehavior") == Some("FULL_REQUEST_RESOLVER_METRICS")
        || metrics.text("dataSourceLevelMetricsBehavior") == Some("FULL_REQUEST_DATA_SOURCE_METRICS")
        || metrics.text("operationLevelMetricsConfig") == Some("ENABLED");
    if is_on {
        return Err(unsupported("enhancedMetricsConfig", "the server's own metrics are at /metrics"));
    }
    Ok(())
}

/// The API as callers see it: with its addresses, as they reach this server.
pub(super) fn shown(record: &Value, asker: &Asker) -> Value {
    let mut api = record.as_object().cloned().unwrap_or_default();
    let id = api.text_or_empty("apiId").to_owned();
    let of_kinds = |addresses: [(&'static str, String); 2]| addresses.into_iter().collect::<Object>();
    api.insert("uris", of_kinds(place::uris(&asker.base_url, &id)));
    api.insert("dns", of_kinds(place::dns(&asker.base_url, &id)));
    api.into()
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    Ok(value!({"graphqlApi": (shown(of(input, work.draft)?, work.asker))}))
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let mut apis = Vec::new();
    // APIs of other accounts are shared by AWS RAM; there is one account here.
    if input.text("owner") != Some("OTHER_ACCOUNTS") {
        let wanted = input.text("apiType");
        apis = work.draft.of("api/");
        apis.retain(|(_, api)| wanted.is_none_or(|wanted| api.text("apiType") == Some(wanted)));
    }
    page(input, "graphqlApis", apis.into_iter().map(|(id, api)| (id, shown(&api, work.asker))).collect())
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let mut api = of(input, work.draft)?.as_object().cloned().unwrap_or_default();
    settle(input, &mut api)?;
    let answer = shown(&api.clone().into(), work.asker);
    work.draft.put(record::api(input.text_or_empty("apiId")), api);
    Ok(value!({"graphqlApi": answer}))
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    of(input, work.draft)?;
    let id = input.text_or_empty("apiId");
    domains::refuse_associated(id, work.draft)?;
    merging::refuse_source(id, work.draft)?;
    for key in [record::api(id), record::schema(id), record::environment(id), record::cache(id)] {
        work.draft.remove(&key);
    }
    for prefix in [record::function(id, ""), record::resolvers(id), record::merge(id, "")] {
        remove_all(&prefix, work.draft);
    }
    data_sources::remove_with_keys(id, work.draft);
    Ok(value!({}))
}

/// Removes all records whose keys begin so.
pub(super) fn remove_all(prefix: &str, draft: &mut Draft<'_>) {
    for (rest, _) in draft.of(prefix) {
        draft.remove(&format!("{prefix}{rest}"));
    }
}
