//! `DeleteItem`

use super::condition::Condition;
use super::values::typed_members;
use super::write::{Action, Delta, Write};
use crate::sources::SourceError;
use crate::sources::request::Part;

impl Write {
    /// Of a request.
    pub(super) fn delete(part: &Part<'_>) -> Result<Write, SourceError> {
        part.has_only(&[
            "version",
            "operation",
            "key",
            "condition",
            "customPartitionKey",
            "populateIndexFields",
            "_version",
        ])?;
        Ok(Write {
            key: typed_members(&part.required_part("key")?)?,
            action: Action::Delete,
            condition: part.part("condition")?.map(|part| Condition::read(&part)).transpose()?,
            version: part.whole("_version")?,
            delta: Delta::read(part)?,
        })
    }
}
