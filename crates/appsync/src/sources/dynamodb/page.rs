//! Pages of items, and the positions between them.
//!
//! A position is opaque, and for the field and the data source that gave it away.

use json::{Object, Value};
use services::Members;

use super::Table;
use super::values::plain;
use crate::sources::request::Part;
use crate::sources::{Asking, SourceError};

impl Table {
    /// One page: `{"items", "nextToken", "scannedCount"}`
    pub(super) async fn page(
        &self,
        operation: &'static str,
        input: Value,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        let started_at = self.versions.as_ref().map(|_| self.started_at(asking));
        let output = self.simple_call(operation, input, asking).await?;
        let next = match output.get("LastEvaluatedKey") {
            Some(key) => Some(self.token(key, asking).await?),
            None => None,
        };
        let mut page = Object::with_capacity(4);
        page.insert("items", items(&output));
        page.insert("nextToken", next);
        page.insert("scannedCount", output.get("ScannedCount"));
        if let Some(started_at) = started_at {
            page.insert("startedAt", started_at);
        }
        Ok(page.into())
    }

    /// The position that a request goes on from.
    pub(super) async fn start_key(
        &self,
        part: &Part<'_>,
        asking: Asking<'_>,
    ) -> Result<Option<Value>, SourceError> {
        match part.text("nextToken")? {
            Some(token) => self.position(token, asking).await.map(Some),
            None => Ok(None),
        }
    }

    /// A position, for clients.
    pub(super) async fn token(&self, position: &Value, asking: Asking<'_>) -> Result<String, SourceError> {
        asking.memory.positions.seal(&self.place(asking), position).await
    }

    /// What a client hands back.
    pub(super) async fn position(&self, token: &str, asking: Asking<'_>) -> Result<Value, SourceError> {
        asking.memory.positions.open(&self.place(asking), token).await
    }

    /// Where a position is of use: in the same field, of the same table of the same data source, whose ARN names the API.
    fn place(&self, asking: Asking<'_>) -> String {
        let info = asking.context.part("info");
        let (parent, field) = (info.text_or_empty("parentTypeName"), info.text_or_empty("fieldName"));
        format!("{}\n{}\n{parent}.{field}", self.arn, self.name)
    }
}

/// The items of an answer as plain JSON.
pub(super) fn items(output: &Value) -> Value {
    let items = output.get("Items").and_then(Value::as_array).map(json::Array::as_slice).unwrap_or_default();
    items.iter().map(|item| item.as_object().map(of_item).unwrap_or_default()).collect()
}

fn of_item(item: &Object) -> Value {
    item.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Object>().into()
}
