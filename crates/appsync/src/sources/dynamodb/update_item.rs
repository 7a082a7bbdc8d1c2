//! `UpdateItem`

use super::condition::Condition;
use super::expressions::Placeholders;
use super::values::typed_members;
use super::write::{Action, Delta, Update, Write};
use crate::sources::SourceError;
use crate::sources::request::Part;

impl Write {
    /// Of a request.
    pub(super) fn update(part: &Part<'_>) -> Result<Write, SourceError> {
        part.has_only(&[
            "version",
            "operation",
            "key",
            "update",
            "condition",
            "customPartitionKey",
            "populateIndexFields",
            "_version",
        ])?;
        Ok(Write {
            key: typed_members(&part.required_part("key")?)?,
            action: Action::Update(Update::read(&part.required_part("update")?)?),
            condition: part.part("condition")?.map(|part| Condition::read(&part)).transpose()?,
            version: part.whole("_version")?,
            delta: Delta::read(part)?,
        })
    }
}

impl Update {
    /// `update`
    pub(super) fn read(part: &Part<'_>) -> Result<Update, SourceError> {
        part.has_only(&["expression", "expressionNames", "expressionValues"])?;
        let expression = part.required_text("expression")?.to_owned();
        Ok(Update { expression, placeholders: Placeholders::read(part)? })
    }
}
