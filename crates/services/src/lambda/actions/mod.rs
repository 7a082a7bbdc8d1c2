//! Lambda's actions about functions: each decides on all that is kept, and says what is to become of it.
//!
//! Never here: the ledger, files, calling a function.

mod event_configs;
mod functions;
mod permissions;
mod tags;

use std::collections::BTreeMap;

use connectors::FunctionSettings;
use json::{Object, Text, Value};

use super::fault::{fault, not_found};
use super::function::{self, Code, Function};
use super::kept::{Change, Kept};
use super::names::Named;
use crate::{Asker, Fault};

/// One call, with what it needs of the world.
#[derive(Debug)]
pub(super) struct Ask {
    pub input: Object,
    pub asker: Asker,
    /// In milliseconds since 1970.
    pub now: i64,
    /// Nobody else's.
    pub id: Text,
    /// The functions of the settings.
    pub settled: BTreeMap<String, FunctionSettings>,
    /// Unpacked already, where the input has code.
    pub code: Option<Code>,
}

/// What an action answers, and what is to become of what is kept.
pub(super) type Decision = Result<(Value, Vec<Change>), Fault>;

/// The action of this name.
pub(super) fn find(operation: &str) -> Option<fn(&Ask, &Kept) -> Decision> {
    Some(match operation {
        "CreateFunction" => functions::create,
        "UpdateFunctionCode" => functions::update_code,
        "UpdateFunctionConfiguration" => functions::update_configuration,
        "DeleteFunction" => functions::delete,
        "GetFunction" => functions::get,
        "GetFunctionConfiguration" => functions::configuration,
        "ListFunctions" => functions::list,
        "ListVersionsByFunction" => functions::versions,
        "ListAliases" => functions::aliases,
        "GetFunctionConcurrency" => functions::concurrency,
        "GetFunctionCodeSigningConfig" => functions::code_signing,
        "AddPermission" => permissions::add,
        "RemovePermission" => permissions::remove,
        "GetPolicy" => permissions::get,
        "PutFunctionEventInvokeConfig" => event_configs::put,
        "UpdateFunctionEventInvokeConfig" => event_configs::update,
        "GetFunctionEventInvokeConfig" => event_configs::get,
        "DeleteFunctionEventInvokeConfig" => event_configs::delete,
        "ListFunctionEventInvokeConfigs" => event_configs::list,
        "ListTags" => tags::list,
        "TagResource" => tags::tag,
        "UntagResource" => tags::untag,
        _ => return None,
    })
}

/// Of an action that is in the model and not here.
pub(super) fn unsupported(operation: &str) -> Fault {
    let message = format!(
        "{operation} is not supported by Stepwell: functions have one version, no layers, and no addresses of their own; an \
         API's route can call them"
    );
    fault("InvalidParameterValueException", message, 400)
}

/// A function that somebody names.
pub(super) enum Found<'k> {
    Made(&'k Function),
    OfSettings(&'k FunctionSettings),
}

impl Ask {
    /// A member's text; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.input.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn named(&self) -> Result<Named, Fault> {
        Named::read(self.text("FunctionName"), self.text("Qualifier"))
    }

    /// Those of the settings come first, as they do when they are called.
    pub fn find<'k>(&'k self, kept: &'k Kept, named: &Named) -> Result<Found<'k>, Fault> {
        if let Some(settings) = self.settled.get(&named.name) {
            return Ok(Found::OfSettings(settings));
        }
        let made = kept.functions.get(named.name.as_str());
        made.map(Found::Made).ok_or_else(|| not_found(&named.arn(&self.asker)))
    }

    /// A FunctionConfiguration.
    fn shown(&self, name: &str, found: &Found<'_>) -> Object {
        match found {
            Found::Made(function) => function.shown(&self.asker),
            Found::OfSettings(settings) => function::shown_of_settings(&self.asker, name, settings),
        }
    }
}

/// An answer that changes nothing.
fn answer(value: impl Into<Value>) -> Decision {
    Ok((value.into(), Vec::new()))
}
