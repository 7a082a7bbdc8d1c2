//! ImportRestApi and PutRestApi.

use json::{Object, Value, value};

use crate::control::{Work, load_api, steps};
use crate::fault::Fault;
use services::members::{Members, part_mut};

use super::document::Document;
use super::{method, parts, read};

/// What an import has found that is no mistake, and yet not done.
pub(super) type Warnings = Vec<String>;

/// What becomes of the path that all paths of a document begin with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BasePath {
    Ignore,
    Prepend,
    /// The first part goes, as it is the stage; the rest stays.
    Split,
}

/// Makes an API of a document.
pub(crate) fn import(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let root = document(input)?;
    let document = Document::of(&root)?;
    let mut settings = parts::settings(document)?;
    if let Some(types) = input.part("parameters").text("endpointConfigurationTypes") {
        settings.insert("endpointConfiguration", value!({"types": [types]}));
    }
    let id = steps::create(&settings.into(), work)?;
    let mut api = load_api(work.draft, &id, &work.scope.account)?.clone();
    fill(document, input, &id, &mut api, work)
}

/// Makes an API anew of a document, or adds what is in it.
pub(crate) fn put(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let id = input.text_or_empty("restApiId").to_owned();
    let mut api = load_api(work.draft, &id, &work.scope.account)?.clone();
    let root = document(input)?;
    let document = Document::of(&root)?;
    let settings = parts::settings(document)?;
    match input.text("mode").unwrap_or("merge") {
        "merge" => {}
        "overwrite" => clear(&mut api),
        other => {
            return Err(Fault::bad(format!(
                "Invalid mode specified: '{other}'. Must be one of: merge, overwrite"
            )));
        }
    }
    let own = part_mut(&mut api, "api");
    for (name, value) in settings.iter() {
        own.insert(name.clone(), value);
    }
    steps::settle(own)?;
    fill(document, input, &id, &mut api, work)
}

fn document(input: &Value) -> Result<Value, Fault> {
    let bytes = vtl::text::base64_decode(input.text_or_empty("body"));
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(text) = text else { return Err(Fault::bad("Invalid OpenAPI input: it is not UTF-8")) };
    read(&text).map_err(|why| Fault::bad(format!("Invalid OpenAPI input. Unable to parse: {why}")))
}

/// Everything but the root resource, the stages and what they serve.
fn clear(api: &mut Object) {
    for part in ["models", "requestValidators", "authorizers", "gatewayResponses"] {
        api.remove(part);
    }
    let resources = part_mut(api, "resources");
    let others: Vec<_> = resources
        .iter()
        .filter(|(_, resource)| resource.member("parentId").is_some())
        .map(|(id, _)| id.clone())
        .collect();
    for id in others {
        resources.remove(&id);
    }
    for resource in resources.values_mut() {
        if let Value::Object(root) = resource {
            root.remove("resourceMethods");
        }
    }
}

/// Takes over everything that a document has.
fn fill(
    document: Document<'_>,
    input: &Value,
    id: &str,
    api: &mut Object,
    work: &mut Work<'_, '_>,
) -> Result<Value, Fault> {
    let base = match input.part("parameters").text("basepath").unwrap_or("ignore") {
        "ignore" => BasePath::Ignore,
        "prepend" => BasePath::Prepend,
        "split" => BasePath::Split,
        other => {
            return Err(Fault::bad(format!(
                "Invalid basepath specified: '{other}'. Must be one of: ignore, prepend, split"
            )));
        }
    };
    let prefix = prefix(base, &document.base_path());
    let mut warnings = Warnings::new();
    parts::models(document, id, api, work.moment)?;
    let validators = parts::validators(document, api, work.moment)?;
    let authorizers = parts::authorizers(document, api, work.moment)?;
    parts::gateway_responses(document, api, work.moment)?;
    let found = method::Found { document, api_id: id, validators: &validators, authorizers: &authorizers };
    for (path, item) in document.root.part("paths").iter().filter(|(path, _)| path.starts_with('/')) {
        method::path(found, &format!("{prefix}{path}"), item, api, work.moment, &mut warnings)?;
    }
    if input.flag("failOnWarnings") && !warnings.is_empty() {
        return Err(Fault::bad(format!("Warnings found during import:\n\t{}", warnings.join("\n\t"))));
    }
    let mut shown = api.part("api").clone();
    if !warnings.is_empty() {
        shown.insert("warnings", warnings);
    }
    work.draft.put(format!("rest/{id}"), api.clone());
    Ok(shown.into())
}

fn prefix(base: BasePath, path: &str) -> String {
    match base {
        BasePath::Ignore => String::new(),
        BasePath::Prepend => path.to_owned(),
        BasePath::Split => match path.trim_start_matches('/').split_once('/') {
            Some((_, rest)) => format!("/{rest}"),
            None => String::new(),
        },
    }
}
