//! Functions are made, changed, looked at and deleted.

use json::{Object, Value};

use super::{Ask, Decision, Found, answer};
use crate::Fault;
use crate::lambda::fault::{fault, invalid_value, not_found, of_settings};
use crate::lambda::function::{Function, array, object};
use crate::lambda::kept::{Change, Kept};
use crate::lambda::names;

/// AWS's default quota is of bytes; each function here is a few hundred in memory.
const FUNCTIONS_MAX: usize = 10_000;
const PAGE: usize = 50;

/// CreateFunction
pub(super) fn create(ask: &Ask, kept: &Kept) -> Decision {
    let named = ask.named()?;
    names::check(&named.name)?;
    if ask.find(kept, &named).is_ok() {
        let message = format!("Function already exist: {}", named.name);
        return Err(fault("ResourceConflictException", message, 409));
    }
    if kept.functions.len() >= FUNCTIONS_MAX {
        let message = format!("There may be {FUNCTIONS_MAX} functions.");
        return Err(fault("CodeStorageExceededException", message, 400));
    }
    let mut function = Function { name: named.name.as_str().into(), ..Function::default() };
    function.set(&ask.input)?;
    changed(ask, function)
}

/// UpdateFunctionCode
pub(super) fn update_code(ask: &Ask, kept: &Kept) -> Decision {
    let function = made(ask, kept)?;
    if ask.input.get("Publish").and_then(Value::as_bool) == Some(true) {
        return Err(invalid_value(
            "Publish is not supported by Stepwell: functions have one version, $LATEST",
        ));
    }
    if ask.text("ZipFile").is_empty() && ask.text("S3Key").is_empty() {
        return Err(invalid_value("Please provide a source for function code."));
    }
    if ask.input.get("DryRun").and_then(Value::as_bool) == Some(true) {
        return answer(Value::Object(function.shown(&ask.asker)));
    }
    changed(ask, function.clone())
}

/// UpdateFunctionConfiguration
pub(super) fn update_configuration(ask: &Ask, kept: &Kept) -> Decision {
    let mut function = made(ask, kept)?.clone();
    function.set(&ask.input)?;
    changed(ask, function)
}

/// DeleteFunction
pub(super) fn delete(ask: &Ask, kept: &Kept) -> Decision {
    let function = made(ask, kept)?;
    if ask.named()?.qualifier.is_some() {
        return Err(invalid_value("$LATEST version cannot be deleted without deleting the function."));
    }
    let answer = json::value!({ "StatusCode": 204 });
    Ok((answer, vec![Change::FunctionGone(function.name.clone())]))
}

/// GetFunction
pub(super) fn get(ask: &Ask, kept: &Kept) -> Decision {
    let named = ask.named()?;
    let found = ask.find(kept, &named)?;
    let mut shown = Object::new();
    shown.insert("Configuration", ask.shown(&named.name, &found));
    // Where AWS gives an address to fetch the code from, there is none.
    shown.insert("Code", json::value!({ "RepositoryType": "Stepwell" }));
    if let Found::Made(function) = &found
        && !function.tags.is_empty()
    {
        shown.insert("Tags", object(&function.tags));
    }
    answer(Value::Object(shown))
}

/// GetFunctionConfiguration
pub(super) fn configuration(ask: &Ask, kept: &Kept) -> Decision {
    let named = ask.named()?;
    let found = ask.find(kept, &named)?;
    answer(Value::Object(ask.shown(&named.name, &found)))
}

/// ListFunctions: those of the settings and those that were made, in the order of their names.
pub(super) fn list(ask: &Ask, kept: &Kept) -> Decision {
    let made = kept.functions.keys().map(|name| name.as_str());
    let mut all: Vec<&str> = ask.settled.keys().map(String::as_str).chain(made).collect();
    all.sort_unstable();
    all.dedup();
    let limit = ask.input.get("MaxItems").and_then(Value::as_i64).unwrap_or(PAGE as i64);
    let limit = usize::try_from(limit).unwrap_or(PAGE).clamp(1, PAGE);
    let after = ask.text("Marker");
    let mut behind = all.into_iter().filter(|name| *name > after);
    let page: Vec<&str> = behind.by_ref().take(limit).collect();
    let mut shown = Vec::new();
    for name in &page {
        let named = names::Named { name: (*name).to_owned(), qualifier: None };
        shown.push(Value::Object(ask.shown(name, &ask.find(kept, &named)?)));
    }
    let mut listed = Object::new();
    listed.insert("Functions", array(shown));
    if let (Some(last), true) = (page.last(), behind.next().is_some()) {
        listed.insert("NextMarker", *last);
    }
    answer(Value::Object(listed))
}

/// ListVersionsByFunction: there is one.
pub(super) fn versions(ask: &Ask, kept: &Kept) -> Decision {
    let named = ask.named()?;
    let mut shown = ask.shown(&named.name, &ask.find(kept, &named)?);
    shown.insert("FunctionArn", format!("{}:$LATEST", named.arn(&ask.asker)));
    answer(json::value!({ "Versions": [shown] }))
}

/// ListAliases: there are none, and every alias is taken for the function.
pub(super) fn aliases(ask: &Ask, kept: &Kept) -> Decision {
    ask.find(kept, &ask.named()?)?;
    answer(json::value!({ "Aliases": [] }))
}

/// GetFunctionConcurrency: nothing is reserved.
pub(super) fn concurrency(ask: &Ask, kept: &Kept) -> Decision {
    ask.find(kept, &ask.named()?)?;
    answer(json::value!({}))
}

/// GetFunctionCodeSigningConfig: there is none.
pub(super) fn code_signing(ask: &Ask, kept: &Kept) -> Decision {
    let named = ask.named()?;
    ask.find(kept, &named)?;
    answer(json::value!({ "CodeSigningConfigArn": "", "FunctionName": (named.name) }))
}

fn made<'k>(ask: &'k Ask, kept: &'k Kept) -> Result<&'k Function, Fault> {
    let named = ask.named()?;
    match ask.find(kept, &named)? {
        Found::Made(function) => {
            let wanted = ask.text("RevisionId");
            if !wanted.is_empty() && wanted != function.revision {
                let message = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction API to \
                               retrieve the latest Revision Id";
                return Err(fault("PreconditionFailedException", message, 412));
            }
            kept.functions.get(&function.name).ok_or_else(|| not_found(&named.arn(&ask.asker)))
        }
        Found::OfSettings(_) => Err(of_settings(&named.name)),
    }
}

/// A function after its change, with its new code if there is some.
fn changed(ask: &Ask, function: Function) -> Decision {
    let code = ask.code.clone().unwrap_or_else(|| function.code.clone());
    let function = Function { code, revision: ask.id.clone(), modified: ask.now, ..function };
    Ok((Value::Object(function.shown(&ask.asker)), vec![Change::Function(function)]))
}
