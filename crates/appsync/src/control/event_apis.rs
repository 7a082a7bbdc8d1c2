//! APIs of the Events API.

use json::{Object, Value, value};
use services::members::{Members, part_mut, take_over};
use services::records::Draft;
use services::{Asker, Fault};

use super::fault::not_found;
use super::page::page;
use super::{Work, apis, data_sources, domains, providers, tags};
use crate::{place, record};

/// The record of the API that an input names.
pub(super) fn of<'d>(input: &Value, draft: &'d Draft<'_>) -> Result<&'d Value, Fault> {
    let id = input.text_or_empty("apiId");
    draft.get(&record::event_api(id)).ok_or_else(|| not_found(format!("API {id} not found.")))
}

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    if work.draft.of("event-api/").len() >= apis::APIS_MAX {
        let message = format!("You already have {} APIs: delete one first", apis::APIS_MAX);
        return Err(Fault::new("ServiceQuotaExceededException", message).with_status(402));
    }
    tags::check(input.part("tags"))?;
    let id = work.id();
    let mut api = Object::new();
    api.insert("apiId", id.as_str());
    api.insert("apiArn", work.arn(format_args!("apis/{id}")));
    api.insert("tags", input.part("tags").clone());
    api.insert("created", work.moment.seconds());
    api.insert("xrayEnabled", false);
    put(input, api, work)
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    Ok(value!({"api": (shown(of(input, work.draft)?, work.asker))}))
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let apis = work.draft.of("event-api/").into_iter();
    page(input, "apis", apis.map(|(id, api)| (id, shown(&api, work.asker))).collect())
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let api = of(input, work.draft)?.as_object().cloned().unwrap_or_default();
    put(input, api, work)
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    of(input, work.draft)?;
    let id = input.text_or_empty("apiId");
    domains::refuse_associated(id, work.draft)?;
    work.draft.remove(&record::event_api(id));
    apis::remove_all(&record::namespace(id, ""), work.draft);
    data_sources::remove_with_keys(id, work.draft);
    Ok(value!({}))
}

fn put(input: &Value, mut api: Object, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    api.remove("ownerContact");
    take_over(input, &["name", "ownerContact", "eventConfig"], &mut api);
    providers::settle_events(part_mut(&mut api, "eventConfig"))?;
    let (key, api) = (record::event_api(api.text_or_empty("apiId")), Value::from(api));
    let answer = shown(&api, work.asker);
    work.draft.put(key, api);
    Ok(value!({"api": answer}))
}

/// The API as callers see it: with its hosts, as they reach this server.
fn shown(record: &Value, asker: &Asker) -> Value {
    let mut api = record.as_object().cloned().unwrap_or_default();
    let [(_, http), (_, realtime)] = place::dns(&asker.base_url, api.text_or_empty("apiId"));
    api.insert("dns", value!({"HTTP": http, "REALTIME": realtime}));
    api.into()
}
