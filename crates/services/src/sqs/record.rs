//! What is known of a queue besides its messages, as the ledger keeps it.

use std::collections::BTreeMap;

use json::{Text, Value};

use super::attributes::Attributes;
use super::number::Number;

/// A queue without its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub name: Text,
    /// With the region in which it was created. A name is unique here whatever the region.
    pub arn: Text,
    /// In seconds since 1970.
    pub created: i64,
    pub modified: i64,
    pub attributes: Attributes,
    pub tags: BTreeMap<Text, String>,
    /// Messages up to this one were purged, and are to be removed if they still are there.
    pub purged: Number,
}

impl Record {
    pub fn to_bytes(&self) -> Vec<u8> {
        let tags = self.tags.iter().map(|(key, value)| (key.clone(), value.clone()));
        let value = json::value!({
            "name": &self.name,
            "arn": &self.arn,
            "created": self.created,
            "modified": self.modified,
            "attributes": (self.attributes.to_value()),
            "tags": (Value::Object(tags.collect())),
            "purged": (self.purged.0 as i64)
        });
        value.to_text().into_bytes()
    }

    /// Reads what [`to_bytes`](Record::to_bytes) wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Record> {
        let value = Value::parse_bytes(bytes).ok()?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(Text::from);
        let number = |name: &str| value.get(name).and_then(Value::as_i64);
        let tags = value.get("tags")?.as_object()?.iter();
        let tags = tags.map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        Some(Record {
            name: text("name")?,
            arn: text("arn")?,
            created: number("created")?,
            modified: number("modified")?,
            attributes: Attributes::from_value(value.get("attributes")?)?,
            tags: tags.collect::<Option<_>>()?,
            purged: Number(number("purged")? as u64),
        })
    }
}
