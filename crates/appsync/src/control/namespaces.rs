//! Channel namespaces of the Events API: who publishes and subscribes, and what handlers do.

use appsync_js::{Code, Handler, Part};
use json::{Object, Value, value};
use services::Fault;
use services::members::{Members, take_over};
use services::records::Draft;

use super::fault::{bad, code, conflict, not_found};
use super::page::page;
use super::{Work, data_sources, event_apis, providers, tags};
use crate::record;

/// AWS's quota for an API.
const NAMESPACES_MAX: usize = 50;

/// What is taken over from an input; what an update does not name is gone.
const SETTINGS: [&str; 4] = ["subscribeAuthModes", "publishAuthModes", "codeHandlers", "handlerConfigs"];

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    event_apis::of(input, work.draft)?;
    let (api, name) = (input.text_or_empty("apiId"), input.text_or_empty("name"));
    if work.draft.get(&record::namespace(api, name)).is_some() {
        return Err(conflict(format!("Channel namespace {name} already exists")));
    }
    if work.draft.of(&record::namespace(api, "")).len() >= NAMESPACES_MAX {
        let message = format!("An API has {NAMESPACES_MAX} channel namespaces at most");
        return Err(Fault::new("ServiceQuotaExceededException", message).with_status(402));
    }
    tags::check(input.part("tags"))?;
    let mut namespace = Object::new();
    namespace.insert("apiId", api);
    namespace.insert("name", name);
    namespace.insert("channelNamespaceArn", work.arn(format_args!("apis/{api}/channelNamespace/{name}")));
    namespace.insert("tags", input.part("tags").clone());
    namespace.insert("created", work.moment.seconds());
    put(input, namespace, work)
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    Ok(value!({"channelNamespace": (find(input, work.draft)?.clone())}))
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    event_apis::of(input, work.draft)?;
    page(input, "channelNamespaces", work.draft.of(&record::namespace(input.text_or_empty("apiId"), "")))
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let mut namespace = find(input, work.draft)?.as_object().cloned().unwrap_or_default();
    for setting in SETTINGS {
        namespace.remove(setting);
    }
    put(input, namespace, work)
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    find(input, work.draft)?;
    work.draft.remove(&record::namespace(input.text_or_empty("apiId"), input.text_or_empty("name")));
    Ok(value!({}))
}

fn find<'d>(input: &Value, draft: &'d Draft<'_>) -> Result<&'d Value, Fault> {
    event_apis::of(input, draft)?;
    let name = input.text_or_empty("name");
    let found = draft.get(&record::namespace(input.text_or_empty("apiId"), name));
    found.ok_or_else(|| not_found(format!("Channel namespace {name} not found.")))
}

fn put(input: &Value, mut namespace: Object, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let known = providers::of_events(event_apis::of(input, work.draft)?);
    for member in ["subscribeAuthModes", "publishAuthModes"] {
        providers::modes(&known, member, input.get(member))?;
    }
    if let Some(text) = input.text("codeHandlers") {
        let compiled = Code::compile(text).map_err(|errors| code(&errors))?;
        let parts = [Part::Whole, Part::Request, Part::Response];
        let handlers = parts.iter().flat_map(|part| [Handler::OnPublish(*part), Handler::OnSubscribe(*part)]);
        if !handlers.into_iter().any(|handler| compiled.has(handler)) {
            return Err(bad("The code must export onPublish or onSubscribe"));
        }
    }
    check_handlers(input, work.draft)?;
    take_over(input, &SETTINGS, &mut namespace);
    namespace.insert("lastModified", work.moment.seconds());
    work.draft
        .put(record::namespace(input.text_or_empty("apiId"), input.text_or_empty("name")), namespace.clone());
    Ok(value!({"channelNamespace": namespace}))
}

fn check_handlers(input: &Value, draft: &Draft<'_>) -> Result<(), Fault> {
    for (handler, config) in input.part("handlerConfigs").iter() {
        let integration = config.part("integration");
        let name = integration.text_or_empty("dataSourceName");
        let source = data_sources::named(input.text_or_empty("apiId"), name, draft)?;
        let is_lambda = source.text("type") == Some("AWS_LAMBDA");
        match config.text("behavior") {
            Some("DIRECT") if !is_lambda => {
                return Err(bad(format!(
                    "{handler}: DIRECT needs a data source of type AWS_LAMBDA, and {name} is none"
                )));
            }
            Some("CODE") if input.member("codeHandlers").is_none() => {
                return Err(bad(format!("{handler}: CODE needs codeHandlers")));
            }
            _ => {}
        }
        if integration.member("lambdaConfig").is_some() && !is_lambda {
            return Err(bad(format!("{handler}: lambdaConfig needs a data source of type AWS_LAMBDA")));
        }
    }
    Ok(())
}
