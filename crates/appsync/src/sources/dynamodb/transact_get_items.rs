//! `TransactGetItems`: items of one moment.

use json::Value;

use super::Table;
use super::expressions::Input;
use super::transact_write_items::cancelled;
use super::values::{plain_item, typed_members};
use crate::sources::request::Part;
use crate::sources::{Asking, SourceError};

impl Table {
    /// `{"items": […], "cancellationReasons": null}`
    pub(super) async fn transact_get_items(
        &self,
        part: &Part<'_>,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        part.has_only(&["version", "operation", "transactItems"])?;
        let mut gets = Vec::new();
        for (number, item) in part.required_array("transactItems")?.iter().enumerate() {
            let item = Part::at(item, format!("$[transactItems][{number}]"))?;
            item.has_only(&["table", "key", "projection"])?;
            let mut input = Input::of_table(&item.required_text("table")?.into());
            input.set("Key", typed_members(&item.required_part("key")?)?);
            input.expression("ProjectionExpression", item.part("projection")?)?;
            gets.push(json::value!({"Get": (input.finish())}));
        }
        let input = json::value!({"TransactItems": gets});
        let output = self.call("TransactGetItems", input, asking).await;
        let output = output.map_err(|trouble| cancelled("items", &trouble))?;
        let found = output.get("Responses").and_then(Value::as_array).map(json::Array::as_slice);
        let items: Value =
            found.unwrap_or_default().iter().map(|found| plain_item(found.get("Item"))).collect();
        Ok(json::value!({"items": items, "cancellationReasons": null}))
    }
}
