//! REST APIs themselves.

use json::{Object, Value, value};

use crate::fault::Fault;
use services::members::{Members, part_mut, take_over};

use super::patch::{self, Field, Kind, field};
use super::{Draft, Work, defaults, page};

/// As many APIs there may be; AWS's quota for a region.
const APIS_MAX: usize = 600;
/// The longest name; AWS gives none, and a header of a log has room for it.
const NAME_LENGTH_MAX: usize = 1024;

const FIELDS: &[Field] = &[
    field("/name", Kind::Text),
    field("/description", Kind::Text),
    field("/version", Kind::Text),
    field("/apiKeySource", Kind::Text),
    field("/minimumCompressionSize", Kind::Whole),
    field("/policy", Kind::Text),
    field("/disableExecuteApiEndpoint", Kind::Flag),
    field("/binaryMediaTypes/*", Kind::Item),
    field("/endpointConfiguration/types/*", Kind::Item),
    field("/endpointConfiguration/ipAddressType", Kind::Text),
    field("/securityPolicy", Kind::Text),
];

/// The identifier that a request names.
pub(super) fn id(input: &Value) -> Result<&str, Fault> {
    input.text("restApiId").ok_or_else(|| Fault::bad("Invalid API identifier specified"))
}

/// The record of an API.
pub(crate) fn load<'d>(draft: &'d Draft<'_>, id: &str, account: &str) -> Result<&'d Object, Fault> {
    let record = draft.get(&format!("rest/{id}")).and_then(Value::as_object);
    record.ok_or_else(|| Fault::not_found(format!("Invalid API identifier specified {account}:{id}")))
}

/// Reads something of the API that the request names.
pub(super) fn read(
    input: &Value,
    work: &mut Work<'_, '_>,
    read: fn(&Value, &Object) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    read(input, load(work.draft, id(input)?, &work.scope.account)?)
}

/// Changes something of the API that the request names.
pub(super) fn change(
    input: &Value,
    work: &mut Work<'_, '_>,
    change: fn(&Value, &mut Object, &mut services::Moment) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    let id = id(input)?;
    let mut api = load(work.draft, id, &work.scope.account)?.clone();
    let answer = change(input, &mut api, work.moment)?;
    work.draft.put(format!("rest/{id}"), api);
    Ok(answer)
}

/// Makes an API, and tells its identifier.
pub(crate) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<String, Fault> {
    if work.draft.of("rest/").len() >= APIS_MAX {
        return Err(Fault::limit(format!("The maximum number of APIs is {APIS_MAX}")));
    }
    let id = work.moment.id(10);
    let mut record = match input.text("cloneFrom") {
        None => Object::new(),
        Some(other) => cloned(load(work.draft, other, &work.scope.account)?),
    };
    if record.is_empty() {
        let root = work.moment.id(10);
        record.insert("resources", value!({(root.as_str()): {"id": root.as_str(), "path": "/"}}));
        record.insert("models", defaults::models(|| work.moment.id(6)));
        part_mut(&mut record, "api").insert("rootResourceId", root);
    }
    let api = part_mut(&mut record, "api");
    api.insert("id", id.as_str());
    api.insert("createdDate", work.moment.seconds());
    let given = [
        "name",
        "description",
        "version",
        "binaryMediaTypes",
        "minimumCompressionSize",
        "apiKeySource",
        "endpointConfiguration",
        "policy",
        "tags",
        "disableExecuteApiEndpoint",
        "securityPolicy",
        "endpointAccessMode",
    ];
    take_over(input, &given, api);
    settle(api)?;
    work.draft.put(format!("rest/{id}"), record);
    Ok(id)
}

/// All of an API but what was deployed.
fn cloned(other: &Object) -> Object {
    let mut clone = other.clone();
    clone.remove("deployments");
    clone.remove("stages");
    clone
}

/// Checks the members of an API, and adds those that it has anyway.
pub(crate) fn settle(api: &mut Object) -> Result<(), Fault> {
    let name = api.text_or_empty("name");
    if name.is_empty() || name.len() > NAME_LENGTH_MAX {
        return Err(Fault::bad(format!("API name must have 1 to {NAME_LENGTH_MAX} characters")));
    }
    for (setting, instead) in [
        ("policy", "use an authorizer, or AWS_IAM"),
        ("minimumCompressionSize", "let the proxy before this server compress"),
        ("securityPolicy", "the proxy before this server settles what TLS is spoken"),
        ("endpointAccessMode", "the proxy before this server settles who reaches it"),
    ] {
        match api.member(setting) {
            Some(Value::String(text)) if text.is_empty() => {
                api.remove(setting);
            }
            Some(_) => return Err(Fault::not_honoured(setting, instead)),
            None => {}
        }
    }
    match api.text("apiKeySource") {
        None => {
            api.insert("apiKeySource", "HEADER");
        }
        Some("HEADER" | "AUTHORIZER") => {}
        Some(other) => return Err(Fault::bad(format!("Invalid API key source specified: {other}"))),
    }
    if !api.contains_key("endpointConfiguration") {
        api.insert("endpointConfiguration", value!({"types": ["EDGE"], "ipAddressType": "ipv4"}));
    }
    let types = api.part("endpointConfiguration").texts("types");
    if let Some(other) = types.iter().find(|kind| !matches!(**kind, "EDGE" | "REGIONAL")) {
        return Err(match *other {
            "PRIVATE" => Fault::not_honoured(
                "The endpoint type PRIVATE",
                "let this server listen where only they reach it",
            ),
            other => Fault::bad(format!("Invalid endpoint type specified: {other}")),
        });
    }
    if !api.contains_key("disableExecuteApiEndpoint") {
        api.insert("disableExecuteApiEndpoint", false);
    }
    Ok(())
}

pub(super) fn get(id: &str, work: &Work<'_, '_>) -> Result<Value, Fault> {
    Ok(load(work.draft, id, &work.scope.account)?.part("api").clone().into())
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let apis = work.draft.of("rest/").into_iter();
    page(input, apis.map(|(id, record)| (id, record.part("api").clone().into())).collect())
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    change(input, work, |input, record, _| {
        let api = part_mut(record, "api");
        // A type of endpoints takes the place of the other.
        let types = input.member("patchOperations").and_then(Value::as_array).map(json::Array::as_slice);
        let types = types.unwrap_or_default().iter().find(|operation| {
            operation.text_or_empty("path").starts_with("/endpointConfiguration/types/")
                && operation.text("op") == Some("replace")
        });
        patch::apply(input, FIELDS, api)?;
        if let Some(kind) = types.and_then(|operation| operation.text("value")) {
            part_mut(api, "endpointConfiguration").insert("types", value!([kind]));
        }
        settle(api)?;
        Ok(api.clone().into())
    })
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let id = id(input)?;
    load(work.draft, id, &work.scope.account)?;
    for (plan, record) in work.draft.of("plan/") {
        let stages = record.get("apiStages").and_then(Value::as_array).map(json::Array::as_slice);
        if stages.unwrap_or_default().iter().any(|stage| stage.text("apiId") == Some(id)) {
            return Err(Fault::bad(format!(
                "Deleting API failed. Please remove all stages of the API from the usage plan {plan} first."
            )));
        }
    }
    work.draft.remove(&format!("rest/{id}"));
    let deployments = format!("deployment/{id}/");
    for (deployment, _) in work.draft.of(&deployments) {
        work.draft.remove(&format!("{deployments}{deployment}"));
    }
    Ok(value!({}))
}
