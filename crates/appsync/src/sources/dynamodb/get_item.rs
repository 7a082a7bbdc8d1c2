//! `GetItem`

use json::Value;

use super::Table;
use super::expressions::Input;
use super::values::{plain_item, typed_members};
use crate::sources::request::Part;
use crate::sources::{Asking, SourceError};

impl Table {
    /// The item as plain JSON, or null.
    pub(super) async fn get_item(&self, part: &Part<'_>, asking: Asking<'_>) -> Result<Value, SourceError> {
        part.has_only(&["version", "operation", "key", "consistentRead", "projection"])?;
        let mut input = Input::of_table(&self.name);
        input.set("Key", typed_members(&part.required_part("key")?)?);
        input.set_some("ConsistentRead", part.flag("consistentRead")?);
        input.expression("ProjectionExpression", part.part("projection")?)?;
        let output = self.simple_call("GetItem", input.finish(), asking).await?;
        Ok(plain_item(output.get("Item")))
    }
}
