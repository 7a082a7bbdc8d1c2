//! API keys: which application calls.

use json::{Object, Value, value};

use crate::fault::Fault;
use services::members::{Members, take_over};

use super::patch::{self, Field, Kind, field};
use services::records::{Draft, Records};

use super::{Work, page};

/// So many keys there may be; AWS's quota.
const KEYS_MAX: usize = 10_000;

const FIELDS: &[Field] = &[
    field("/name", Kind::Text),
    field("/description", Kind::Text),
    field("/enabled", Kind::Flag),
    field("/customerId", Kind::Text),
];

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let keys = work.draft.of("key/");
    if keys.len() >= KEYS_MAX {
        return Err(Fault::limit(format!("The maximum number of API keys is {KEYS_MAX}")));
    }
    let stages = input.member("stageKeys").and_then(Value::as_array).map_or(0, json::Array::len);
    if stages > 0 {
        return Err(Fault::not_honoured("stageKeys", "put the key and the stage into a usage plan"));
    }
    let value = match input.text("value").filter(|value| !value.is_empty()) {
        Some(value) if !(20..=128).contains(&value.len()) => {
            return Err(Fault::bad("API Key value should be at least 20 characters"));
        }
        Some(value) => value.to_owned(),
        None => work.moment.key(),
    };
    if keys.iter().any(|(_, key)| key.text("value") == Some(&value)) {
        return Err(Fault::conflict("API Key already exists"));
    }
    let id = work.moment.id(10);
    let mut key = Object::from_iter([("id", id.as_str()), ("value", &value)]);
    take_over(input, &["name", "description", "customerId", "tags"], &mut key);
    key.insert("enabled", input.flag("enabled"));
    key.insert("createdDate", work.moment.seconds());
    key.insert("lastUpdatedDate", work.moment.seconds());
    key.insert("stageKeys", value!([]));
    work.draft.put(format!("key/{id}"), key.clone());
    Ok(key.into())
}

/// The key that a request names.
pub(super) fn find<'d>(id: &str, draft: &'d Draft<'_>) -> Result<&'d Value, Fault> {
    draft.get(&format!("key/{id}")).ok_or_else(|| Fault::not_found("Invalid API Key identifier specified"))
}

/// The key that has this value.
pub(crate) fn with_value<'r>(records: &'r Records, value: &str) -> Option<&'r Value> {
    records.of("key/").map(|(_, key)| key).find(|key| key.text("value") == Some(value))
}

fn shown(key: &Value, with_value: bool) -> Value {
    let Value::Object(mut shown) = key.clone() else { return Value::Null };
    if !with_value {
        shown.remove("value");
    }
    shown.into()
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    Ok(shown(find(input.text_or_empty("apiKey"), work.draft)?, input.flag("includeValue")))
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let (start, customer) = (input.text_or_empty("nameQuery"), input.text("customerId"));
    let keys = work.draft.of("key/").into_iter();
    let found = keys.filter(|(_, key)| {
        key.text_or_empty("name").starts_with(start)
            && (customer.is_none() || key.text("customerId") == customer)
    });
    page(input, found.map(|(id, key)| (id, shown(&key, input.flag("includeValues")))).collect())
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let id = input.text_or_empty("apiKey");
    let Value::Object(mut key) = find(id, work.draft)?.clone() else { return Ok(Value::Null) };
    patch::apply(input, FIELDS, &mut key)?;
    key.insert("lastUpdatedDate", work.moment.seconds());
    work.draft.put(format!("key/{id}"), key.clone());
    Ok(shown(&key.into(), false))
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let id = input.text_or_empty("apiKey");
    find(id, work.draft)?;
    work.draft.remove(&format!("key/{id}"));
    for (plan, record) in work.draft.of("plan/") {
        if record.part("keys").contains_key(id)
            && let Value::Object(mut record) = record
        {
            services::members::part_mut(&mut record, "keys").remove(id);
            work.draft.put(format!("plan/{plan}"), record);
        }
    }
    Ok(value!({}))
}
