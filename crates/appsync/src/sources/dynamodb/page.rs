//! Pages of items, and the positions between them.
//!
//! A position is opaque, and for the data source that gave it away.

use json::{Object, Value};

use super::Table;
use super::values::plain;
use crate::sources::request::Part;
use crate::sources::{Asking, SourceError};

/// So much of a fingerprint tells data sources apart.
const FINGERPRINT_LENGTH: usize = 16;

impl Table {
    /// One page: `{"items", "nextToken", "scannedCount"}`
    pub(super) async fn page(
        &self,
        operation: &'static str,
        input: Value,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        let output = self.simple_call(operation, input, asking).await?;
        let next = output.get("LastEvaluatedKey").map(|key| self.token(key));
        let mut page = Object::with_capacity(4);
        page.insert("items", items(&output));
        page.insert("nextToken", next);
        page.insert("scannedCount", output.get("ScannedCount"));
        if self.versions.is_some() {
            page.insert("startedAt", asking.now);
        }
        Ok(page.into())
    }

    /// The position that a request goes on from.
    pub(super) fn start_key(&self, part: &Part<'_>) -> Result<Option<Value>, SourceError> {
        part.text("nextToken")?.map(|token| self.position(token)).transpose()
    }

    /// A position, for clients.
    pub(super) fn token(&self, position: &Value) -> String {
        let text = position.to_text();
        vtl::text::base64_encode(format!("{}{text}", self.fingerprint(&text)).as_bytes())
    }

    /// What a client hands back.
    pub(super) fn position(&self, token: &str) -> Result<Value, SourceError> {
        let text = vtl::text::base64_decode(token).and_then(|bytes| String::from_utf8(bytes).ok());
        let position = text.as_deref().and_then(|text| {
            let (fingerprint, text) = text.split_at_checked(FINGERPRINT_LENGTH)?;
            (fingerprint == self.fingerprint(text)).then(|| Value::parse(text).ok())?
        });
        position.ok_or_else(|| SourceError {
            message: "Invalid pagination token given.".to_owned(),
            error_type: "BadRequest".into(),
            ..SourceError::default()
        })
    }

    fn fingerprint(&self, text: &str) -> String {
        let mut hash = sigv4::payload_hash(format!("{}\n{}\n{text}", self.arn, self.name).as_bytes());
        hash.truncate(FINGERPRINT_LENGTH);
        hash
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
