//! ApiCache: whether results are kept for a while, and which.

use std::sync::Arc;

use json::{Object, Value, value};
use services::Fault;
use services::members::{Members, take_over};
use services::records::Draft;

use super::fault::{bad, not_found, unsupported};
use super::{Work, apis};
use crate::appsync::Shared;
use crate::record;

/// AppSync keeps results for an hour at most.
const TTL_SECONDS_MAX: i64 = 3_600;

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let key = key(input, work.draft)?;
    if work.draft.get(&key).is_some() {
        return Err(bad("The API has a cache already: update it"));
    }
    let mut cache = Object::new();
    // It is in this process's memory: nothing travels, and nothing is written down.
    for encryption in ["transitEncryptionEnabled", "atRestEncryptionEnabled"] {
        cache.insert(encryption, input.flag(encryption));
    }
    put(input, cache, key, work)
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let (_, cache) = find(input, work.draft)?;
    Ok(value!({"apiCache": cache}))
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (key, cache) = find(input, work.draft)?;
    put(input, cache, key, work)
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (key, _) = find(input, work.draft)?;
    work.draft.remove(&key);
    Ok(value!({}))
}

/// Forgets what was kept.
pub(super) fn flush(shared: &Arc<Shared>, input: &Value) -> Result<Value, Fault> {
    let id = input.text_or_empty("apiId");
    let records = shared.records();
    find(input, &Draft::new(&records))?;
    shared.cache.flush(id);
    Ok(value!({}))
}

/// Whether results can be kept for so many seconds.
pub(super) fn check_seconds(setting: &str, seconds: Option<i64>) -> Result<(), Fault> {
    match seconds {
        Some(1..=TTL_SECONDS_MAX) => Ok(()),
        _ => Err(bad(format!("{setting} must be between 1 and {TTL_SECONDS_MAX} seconds"))),
    }
}

fn put(input: &Value, mut cache: Object, key: String, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    check_seconds("ttl", input.whole("ttl"))?;
    if input.text("healthMetricsConfig") == Some("ENABLED") {
        return Err(unsupported("healthMetricsConfig", "the server's own metrics are at /metrics"));
    }
    take_over(input, &["ttl", "apiCachingBehavior", "type", "healthMetricsConfig"], &mut cache);
    cache.insert("status", "AVAILABLE");
    work.draft.put(key, cache.clone());
    Ok(value!({"apiCache": cache}))
}

fn key(input: &Value, draft: &Draft<'_>) -> Result<String, Fault> {
    Ok(record::cache(apis::of(input, draft)?.text_or_empty("apiId")))
}

fn find(input: &Value, draft: &Draft<'_>) -> Result<(String, Object), Fault> {
    let key = key(input, draft)?;
    let cache = draft.get(&key).and_then(Value::as_object).cloned();
    Ok((key, cache.ok_or_else(|| not_found("The API has no cache"))?))
}
