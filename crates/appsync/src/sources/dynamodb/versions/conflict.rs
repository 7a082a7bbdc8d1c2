//! Conflicts: what is written is for another version than the item has. The handler of the resolver says what then.

use json::{Object, Value};
use services::Members;

use super::{DELETED, merge, preview, stamp};
use crate::sources::dynamodb::Table;
use crate::sources::dynamodb::values::{plain, plain_members, typed_of_plain};
use crate::sources::dynamodb::write::{Action, Write};
use crate::sources::request::mistake;
use crate::sources::{Asking, SourceError};

impl Table {
    /// The write that takes the place of one that is in conflict with the item as it is.
    pub(super) async fn resolve(
        &self,
        write: &Write,
        current: &Object,
        asking: Asking<'_>,
    ) -> Result<Write, SourceError> {
        match asking.sync.handler.as_str() {
            "AUTOMERGE" => Ok(Write { action: merge::merged(&write.action, current), ..write.clone() }),
            "LAMBDA" => self.ask_handler(write, current, asking).await,
            _ => Err(unhandled(current)),
        }
    }

    async fn ask_handler(
        &self,
        write: &Write,
        current: &Object,
        asking: Asking<'_>,
    ) -> Result<Write, SourceError> {
        let Some(arn) = &asking.sync.function_arn else { return Err(unhandled(current)) };
        let new = new_item(&write.action, current);
        let mut event = Object::new();
        event.insert("newItem", plain_members(&new));
        event.insert("existingItem", plain_members(current));
        for (name, value) in self.event(asking).iter() {
            event.insert(name.clone(), value.clone());
        }
        let answer = self.handler(arn).invoke(&event.into(), false, asking).await?;
        let action = match answer.text_or_empty("action") {
            "RESOLVE" => match answer.member("item").and_then(Value::as_object) {
                Some(item) => Action::Put(typed(item, &write.key, &[&new, current])),
                None => return Err(mistake("The conflict handler said RESOLVE without an item.")),
            },
            "REMOVE" => Action::Delete,
            "REJECT" => return Err(unhandled(current)),
            other => {
                return Err(mistake(format!(
                    "The conflict handler said '{other}', which is none of RESOLVE, REJECT and REMOVE."
                )));
            }
        };
        Ok(Write { action, ..write.clone() })
    }
}

/// The item as it would be.
fn new_item(action: &Action, current: &Object) -> Object {
    match action {
        Action::Put(item) => item.clone(),
        Action::Update(update) => preview::updated(update, current),
        Action::Delete => {
            let mut item = current.clone();
            item.insert(DELETED, json::value!({"BOOL": true}));
            item
        }
    }
}

/// A plain item with types: those of the attributes that are as they were, such as sets, and otherwise JSON's own. The key
/// cannot change.
fn typed(item: &Object, key: &Object, known: &[&Object]) -> Object {
    let of_value = |name: &str, value: &Value| {
        let same = known.iter().filter_map(|item| item.get(name)).find(|known| plain(known) == *value);
        same.cloned().unwrap_or_else(|| typed_of_plain(value))
    };
    let typed: Object = item.iter().map(|(name, value)| (name.clone(), of_value(name, value))).collect();
    let mut typed = stamp::without_own(&typed);
    for (name, value) in key.iter() {
        typed.insert(name.clone(), value.clone());
    }
    typed
}

fn unhandled(current: &Object) -> SourceError {
    conflict("ConflictUnhandled", "Conflict resolver rejects mutation.", current)
}

/// Others were faster, again and again.
pub(super) fn too_many(current: &Object) -> SourceError {
    conflict(
        "MaxConflicts",
        "The item was changed by others each time that this mutation was tried.",
        current,
    )
}

fn conflict(error_type: &str, message: &str, current: &Object) -> SourceError {
    SourceError {
        message: message.to_owned(),
        error_type: error_type.into(),
        data: plain_members(current).into(),
        info: Value::Null,
    }
}
