//! Tags of functions.

use json::{Object, Text, Value};

use super::{Ask, Decision, Found, answer};
use crate::Fault;
use crate::lambda::fault::{invalid_value, of_settings};
use crate::lambda::function::{Function, object};
use crate::lambda::kept::{Change, Kept};
use crate::lambda::names::Named;

const TAGS_MAX: usize = 50;

/// ListTags
pub(super) fn list(ask: &Ask, kept: &Kept) -> Decision {
    let named = Named::read(ask.text("Resource"), "")?;
    let tags = match ask.find(kept, &named)? {
        Found::Made(function) => object(&function.tags),
        Found::OfSettings(_) => Object::new(),
    };
    answer(json::value!({ "Tags": tags }))
}

/// TagResource
pub(super) fn tag(ask: &Ask, kept: &Kept) -> Decision {
    let mut function = made(ask, kept)?;
    let given = ask.input.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
    for (key, value) in given.iter() {
        function.tags.insert(key.clone(), value.as_str().unwrap_or_default().into());
    }
    if function.tags.len() > TAGS_MAX {
        return Err(invalid_value(format!("A function may have {TAGS_MAX} tags.")));
    }
    Ok((json::value!({}), vec![Change::Function(function)]))
}

/// UntagResource
pub(super) fn untag(ask: &Ask, kept: &Kept) -> Decision {
    let mut function = made(ask, kept)?;
    let keys = ask.input.get("TagKeys").and_then(Value::as_array);
    let keys: Vec<Text> =
        keys.into_iter().flat_map(|keys| keys.iter()).filter_map(|key| Some(key.as_str()?.into())).collect();
    keys.iter().for_each(|key| drop(function.tags.remove(key)));
    Ok((json::value!({}), vec![Change::Function(function)]))
}

fn made(ask: &Ask, kept: &Kept) -> Result<Function, Fault> {
    let named = Named::read(ask.text("Resource"), "")?;
    match ask.find(kept, &named)? {
        Found::Made(function) => Ok(function.clone()),
        Found::OfSettings(_) => Err(of_settings(&named.name)),
    }
}
