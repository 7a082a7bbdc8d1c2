//! Changes are remembered in a second table, by the day and the time of day. (spec/appsync.md §9)
//!
//! Never here: reading them.

use json::{Object, Text, Value};
use services::timestamp::iso8601;

use super::{TTL, VERSION, version_of};
use crate::sources::dynamodb::values::{of_number, of_text, plain};
use crate::sources::dynamodb::write::Write;
use crate::sources::dynamodb::{NAMED, Table, Versions};
use crate::sources::{Asking, SourceError};

const DAY_MILLISECONDS: i64 = 86_400_000;

impl Table {
    /// Remembers a change. It is in the table itself by now, so a failure is told with the item.
    pub(super) async fn remember(
        &self,
        write: &Write,
        versions: &Versions,
        item: &Object,
        at: i64,
        asking: Asking<'_>,
    ) -> Result<(), SourceError> {
        let record = record(&self.name, write, versions, item, at);
        let input = json::value!({"TableName": (versions.delta_table.clone()), "Item": record});
        match self.call("PutItem", input, asking).await {
            Ok(_) => Ok(()),
            Err(trouble) => Err(SourceError {
                error_type: "DeltaSyncWriteError".into(),
                data: crate::sources::dynamodb::values::plain_members(item).into(),
                ..NAMED.error(&trouble)
            }),
        }
    }
}

/// The item, and where it stands among the changes.
fn record(table: &str, write: &Write, versions: &Versions, item: &Object, now: i64) -> Object {
    let day = partition_name(table, now.div_euclid(DAY_MILLISECONDS));
    let (time, version) = (time_of_day(now), version_of(Some(item)));
    let texts = |without: Option<&Text>| -> String {
        let counted = write.key.iter().filter(|(name, _)| Some(*name) != without);
        counted.map(|(_, value)| format!("{}:", key_text(value))).collect()
    };
    let mut record = item.clone();
    debug_assert!(record.contains_key(VERSION), "only versions are remembered");
    let custom = write.delta.partition_key.as_ref();
    let custom = custom.and_then(|name| Some((name, write.key.get(name).or_else(|| item.get(name))?)));
    match custom {
        None => {
            record.insert("ds_pk", of_text(day));
            record.insert("ds_sk", of_text(format!("{time}:{}{version}", texts(None))));
        }
        Some((name, value)) => {
            record.insert("ds_pk", of_text(format!("{day}:{}", key_text(value))));
            record.insert("ds_sk", of_text(format!("{time}:{}{version}", texts(Some(name)))));
            if write.delta.fills_index {
                record.insert("gsi_ds_pk", of_text(day));
                record.insert("gsi_ds_sk", of_text(format!("{time}:{}{version}", texts(None))));
            }
        }
    }
    record.insert(TTL, of_number(now.div_euclid(1000) + versions.delta_minutes * 60));
    record
}

/// The value of a key's attribute, as it stands in the keys of changes.
pub(in crate::sources::dynamodb) fn key_text(value: &Value) -> String {
    match plain(value) {
        Value::String(text) => text.to_string(),
        other => other.to_text(),
    }
}

/// The partition of a day's changes; days since 1970.
pub(in crate::sources::dynamodb) fn partition_name(table: &str, day: i64) -> String {
    let date = iso8601(day * DAY_MILLISECONDS);
    format!("AppSync-delta-sync-pk:{table}:{}", date.split_once('T').map_or("", |(date, _)| date))
}

/// Days since 1970.
pub(in crate::sources::dynamodb) fn day_of(milliseconds: i64) -> i64 {
    milliseconds.div_euclid(DAY_MILLISECONDS)
}

/// `12:34:56.789`
pub(in crate::sources::dynamodb) fn time_of_day(milliseconds: i64) -> String {
    let text = iso8601(milliseconds);
    text.split_once('T').map_or(String::new(), |(_, time)| time.trim_end_matches('Z').to_owned())
}
