//! How functions are called when nobody waits is set and looked at.

use json::{Text, Value};

use super::{Ask, Decision, answer};
use crate::Fault;
use crate::lambda::event_config::EventConfig;
use crate::lambda::fault::fault;
use crate::lambda::function::array;
use crate::lambda::kept::{Change, Kept};
use crate::lambda::names;

/// PutFunctionEventInvokeConfig: what it leaves out is as if nothing had been said.
pub(super) fn put(ask: &Ask, kept: &Kept) -> Decision {
    set(ask, kept, &EventConfig::default())
}

/// UpdateFunctionEventInvokeConfig: what it leaves out stays.
pub(super) fn update(ask: &Ask, kept: &Kept) -> Decision {
    let known = find(ask, kept)?.1.clone();
    set(ask, kept, &known)
}

/// GetFunctionEventInvokeConfig
pub(super) fn get(ask: &Ask, kept: &Kept) -> Decision {
    let (key, config) = find(ask, kept)?;
    answer(config.shown(&arn(ask, &key)))
}

/// DeleteFunctionEventInvokeConfig
pub(super) fn delete(ask: &Ask, kept: &Kept) -> Decision {
    let (key, _) = find(ask, kept)?;
    Ok((json::value!({}), vec![Change::Config(key, None)]))
}

/// ListFunctionEventInvokeConfigs
pub(super) fn list(ask: &Ask, kept: &Kept) -> Decision {
    let named = ask.named()?;
    ask.find(kept, &named)?;
    let configs = kept.configs_of(&named.name).filter_map(|key| Some((key, kept.configs.get(key)?)));
    let shown: Vec<Value> = configs.map(|(key, config)| config.shown(&arn(ask, key))).collect();
    answer(json::value!({ "FunctionEventInvokeConfigs": (array(shown)) }))
}

fn set(ask: &Ask, kept: &Kept, known: &EventConfig) -> Decision {
    let key = key(ask, kept)?;
    let config = known.with(&ask.input, ask.now)?;
    Ok((config.shown(&arn(ask, &key)), vec![Change::Config(key, Some(config))]))
}

fn find<'k>(ask: &Ask, kept: &'k Kept) -> Result<(Text, &'k EventConfig), Fault> {
    let key = key(ask, kept)?;
    match kept.configs.get(&key) {
        Some(config) => Ok((key, config)),
        None => {
            let message = format!("The function {} doesn't have an EventInvokeConfig", arn(ask, &key));
            Err(fault("ResourceNotFoundException", message, 404))
        }
    }
}

/// `NAME` or `NAME:QUALIFIER`
fn key(ask: &Ask, kept: &Kept) -> Result<Text, Fault> {
    let named = ask.named()?;
    ask.find(kept, &named)?;
    Ok(match named.qualifier.as_deref() {
        None | Some("$LATEST") => named.name.into(),
        Some(qualifier) => format!("{}:{qualifier}", named.name).into(),
    })
}

/// Qualified in any case.
fn arn(ask: &Ask, key: &str) -> String {
    let arn = names::arn(&ask.asker, key);
    if key.contains(':') { arn } else { arn + ":$LATEST" }
}
