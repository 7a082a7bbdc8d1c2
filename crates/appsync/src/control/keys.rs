//! API keys, of both kinds of APIs.

use json::{Object, Value, value};
use services::members::{Members, take_over};
use services::{Fault, Moment};

use super::fault::not_found;
use super::page::page;
use super::{Work, apis};
use crate::record;

/// AppSync's quota for an API.
const KEYS_MAX: usize = 50;
const HOUR_SECONDS: i64 = 3_600;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;
/// Until a key expires for which nothing is said.
const VALID_DAYS: i64 = 7;
const VALID_DAYS_MAX: i64 = 365;
/// A key can be given more time for so long after it has expired; then it is gone.
const KEPT_DAYS: i64 = 60;

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    apis::of_any_kind(input, work.draft)?;
    let api = input.text_or_empty("apiId");
    if kept(api, work).len() >= KEYS_MAX {
        let message = format!("An API has {KEYS_MAX} API keys at most: delete one first");
        return Err(Fault::new("ApiKeyLimitExceededException", message));
    }
    let mut key = Object::new();
    key.insert("id", format!("da2-{}", work.id()));
    let seven_days = work.moment.seconds() + VALID_DAYS * DAY_SECONDS;
    settle(input, input.whole("expires").unwrap_or(seven_days), &mut key, work.moment)?;
    Ok(put(api, key, work))
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    apis::of_any_kind(input, work.draft)?;
    page(input, "apiKeys", kept(input.text_or_empty("apiId"), work))
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (api, mut key) = find(input, work)?;
    match input.whole("expires") {
        Some(expires) => settle(input, expires, &mut key, work.moment)?,
        None => take_over(input, &["description"], &mut key),
    }
    Ok(put(&api, key, work))
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (api, key) = find(input, work)?;
    work.draft.remove(&record::key(&api, key.text_or_empty("id")));
    Ok(value!({}))
}

fn put(api: &str, key: Object, work: &mut Work<'_, '_>) -> Value {
    work.draft.put(record::key(api, key.text_or_empty("id")), key.clone());
    value!({"apiKey": key})
}

/// The time is rounded down to the hour.
fn settle(input: &Value, expires: i64, key: &mut Object, moment: &Moment) -> Result<(), Fault> {
    let out_of_bounds = |message: String| Err(Fault::new("ApiKeyValidityOutOfBoundsException", message));
    let valid_seconds = expires.saturating_sub(moment.seconds());
    if valid_seconds < DAY_SECONDS {
        return out_of_bounds("API key must be valid for a minimum of 1 days.".to_owned());
    }
    if valid_seconds > VALID_DAYS_MAX * DAY_SECONDS {
        return out_of_bounds(format!("API key must be valid for a maximum of {VALID_DAYS_MAX} days."));
    }
    take_over(input, &["description"], key);
    let expires = expires - expires.rem_euclid(HOUR_SECONDS);
    key.insert("expires", expires);
    key.insert("deletes", expires + KEPT_DAYS * DAY_SECONDS);
    Ok(())
}

/// Those that are not gone yet.
fn kept(api: &str, work: &Work<'_, '_>) -> Vec<(String, Value)> {
    let mut keys = work.draft.of(&record::key(api, ""));
    keys.retain(|(_, key)| key.whole("deletes").is_none_or(|deletes| deletes > work.moment.seconds()));
    keys
}

fn find(input: &Value, work: &Work<'_, '_>) -> Result<(String, Object), Fault> {
    apis::of_any_kind(input, work.draft)?;
    let (api, id) = (input.text_or_empty("apiId"), input.text_or_empty("id"));
    let key = work.draft.get(&record::key(api, id)).and_then(Value::as_object);
    let key = key.filter(|key| key.whole("deletes").is_none_or(|deletes| deletes > work.moment.seconds()));
    let key = key.ok_or_else(|| not_found(format!("API key {id} not found.")))?;
    Ok((api.to_owned(), key.clone()))
}
