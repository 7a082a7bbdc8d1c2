//! `Query`

use json::Value;

use super::Table;
use super::expressions::Input;
use crate::sources::request::Part;
use crate::sources::{Asking, SourceError};

impl Table {
    /// A page of the items of a partition.
    pub(super) async fn query(&self, part: &Part<'_>, asking: Asking<'_>) -> Result<Value, SourceError> {
        part.has_only(&[
            "version",
            "operation",
            "query",
            "index",
            "filter",
            "limit",
            "nextToken",
            "scanIndexForward",
            "consistentRead",
            "select",
            "projection",
        ])?;
        let mut input = Input::of_table(&self.name);
        input.expression("KeyConditionExpression", Some(part.required_part("query")?))?;
        input.set_some("ScanIndexForward", part.flag("scanIndexForward")?);
        self.read_into(&mut input, part, asking).await?;
        self.page("Query", input.finish(), asking).await
    }

    /// What `Query` and `Scan` have in common.
    pub(super) async fn read_into(
        &self,
        input: &mut Input,
        part: &Part<'_>,
        asking: Asking<'_>,
    ) -> Result<(), SourceError> {
        input.set_some("IndexName", part.text("index")?);
        input.expression("FilterExpression", part.part("filter")?)?;
        input.set_some("Limit", part.whole("limit")?);
        input.set_some("ConsistentRead", part.flag("consistentRead")?);
        input.set_some("Select", part.text("select")?);
        input.expression("ProjectionExpression", part.part("projection")?)?;
        input.set_some("ExclusiveStartKey", self.start_key(part, asking).await?);
        Ok(())
    }
}
