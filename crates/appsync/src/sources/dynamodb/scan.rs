//! `Scan`

use json::Value;

use super::Table;
use super::expressions::Input;
use crate::sources::request::Part;
use crate::sources::{Asking, SourceError};

impl Table {
    /// A page of all items.
    pub(super) async fn scan(&self, part: &Part<'_>, asking: Asking<'_>) -> Result<Value, SourceError> {
        part.has_only(&[
            "version",
            "operation",
            "index",
            "filter",
            "limit",
            "nextToken",
            "consistentRead",
            "select",
            "projection",
            "totalSegments",
            "segment",
        ])?;
        let mut input = Input::of_table(&self.name);
        input.set_some("TotalSegments", part.whole("totalSegments")?);
        input.set_some("Segment", part.whole("segment")?);
        self.read_into(&mut input, part, asking).await?;
        self.page("Scan", input.finish(), asking).await
    }
}
