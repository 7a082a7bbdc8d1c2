//! Items with versions: conflicts are found and resolved, and every change is remembered in a second table.
//! (spec/appsync.md §9)
//!
//! A write says for itself which version it is for: whoever comes second finds another one there, reads it and begins anew.
//! Never here: what clients fetch (`sync`).

mod conflict;
mod delta;
mod merge;
mod preview;
mod stamp;
mod update_expression;

use json::Object;

use super::write::{Action, Failed, Write};
use super::{Table, Versions, values};
use crate::sources::{Asking, SourceError};

pub(super) use delta::{day_of, key_text, partition_name, time_of_day};

/// The version, from 1.
pub(super) const VERSION: &str = "_version";
/// When that was, in milliseconds since 1970.
const CHANGED: &str = "_lastChangedAt";
/// Whether the item is but remembered.
const DELETED: &str = "_deleted";
/// When it is forgotten, in seconds since 1970.
const TTL: &str = "_ttl";
/// What the data source itself writes.
pub(super) const OWN: [&str; 4] = [VERSION, CHANGED, DELETED, TTL];

/// AppSync's bound on how often a conflict of one write is resolved.
const RESOLUTIONS_MAX: usize = 10;
/// Whoever loses a race lost it to one who won: so many in a row are an uproar.
const RACES_MAX: usize = 100;

impl Table {
    /// Writes the next version of an item, and gives it as DynamoDB has it.
    pub(super) async fn write_version(
        &self,
        asked: &Write,
        versions: &Versions,
        asking: Asking<'_>,
    ) -> Result<Option<Object>, Failed> {
        let mut resolutions = 0;
        for _ in 0..RACES_MAX {
            let current = self.current(&asked.key, asking).await?;
            let known = version_of(current.as_ref());
            let mut write = asked.clone();
            if let Some(current) = &current
                && !asking.sync.handler.is_empty()
                && asked.version.unwrap_or(0) != known
            {
                if resolutions == RESOLUTIONS_MAX {
                    return Err(Failed::Other(conflict::too_many(current)));
                }
                resolutions += 1;
                write = self.resolve(asked, current, asking).await?;
            }
            if current.is_none() && matches!(write.action, Action::Delete) {
                return self.perform(&write, asking).await;
            }
            // Until the change is remembered, nobody who syncs is told a later moment than this.
            let moment = asking.memory.moments.write(&self.name);
            let stamped = stamp::stamped(&write, known, versions, moment.at);
            match self.perform(&stamped, asking).await {
                Ok(written) => {
                    let item = match (&stamped.action, written) {
                        (Action::Delete, Some(item)) => stamp::tombstone(item, known, moment.at),
                        (_, written) => written.unwrap_or_default(),
                    };
                    self.remember(&write, versions, &item, moment.at, asking).await?;
                    return Ok(Some(item));
                }
                // Somebody else was faster.
                Err(Failed::Condition { item, .. }) if version_of(item.as_ref()) != known => {}
                Err(failed) => return Err(failed),
            }
        }
        let current = self.current(&asked.key, asking).await?;
        Err(Failed::Other(conflict::too_many(&current.unwrap_or_default())))
    }

    /// The item as it is.
    async fn current(&self, key: &Object, asking: Asking<'_>) -> Result<Option<Object>, SourceError> {
        let input = json::value!({
            "TableName": (self.name.clone()), "Key": (key.clone()), "ConsistentRead": true
        });
        let output = self.simple_call("GetItem", input, asking).await?;
        Ok(output.get("Item").and_then(json::Value::as_object).cloned())
    }
}

/// 0 for an item that is not there, or that has none.
fn version_of(item: Option<&Object>) -> i64 {
    item.and_then(|item| values::whole(item.get(VERSION))).unwrap_or(0)
}
