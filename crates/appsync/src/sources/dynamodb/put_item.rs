//! `PutItem`

use json::Object;

use super::condition::Condition;
use super::values::typed_members;
use super::write::{Action, Delta, Write};
use crate::sources::SourceError;
use crate::sources::request::Part;

impl Write {
    /// Of a request.
    pub(super) fn put(part: &Part<'_>) -> Result<Write, SourceError> {
        part.has_only(&[
            "version",
            "operation",
            "key",
            "attributeValues",
            "condition",
            "customPartitionKey",
            "populateIndexFields",
            "_version",
        ])?;
        let key = typed_members(&part.required_part("key")?)?;
        Ok(Write {
            action: Action::Put(item_with_key(part, &key)?),
            key,
            condition: part.part("condition")?.map(|part| Condition::read(&part)).transpose()?,
            version: part.whole("_version")?,
            delta: Delta::read(part)?,
        })
    }
}

/// The item as a whole: `attributeValues` and the key.
pub(super) fn item_with_key(part: &Part<'_>, key: &Object) -> Result<Object, SourceError> {
    let mut item = key.clone();
    if let Some(attributes) = part.part("attributeValues")? {
        for (name, value) in typed_members(&attributes)?.iter() {
            item.insert(name.clone(), value.clone());
        }
    }
    Ok(item)
}
