//! ItemBatcher: how items are put together into the inputs of child executions. (spec/asl.md §10.4)

use super::fields::{ContextObject, Fields};
use super::findings::Findings;
use super::jsonata::Moment;
use super::schema;
use crate::machine::ItemBatcher;

const BATCH_BYTES_MAX: u64 = 262_144;

pub(super) fn item_batcher(fields: &Fields<'_, '_>, findings: &mut Findings) -> ItemBatcher {
    fields.check(&schema::ITEM_BATCHER, findings);
    let limits =
        ["MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"];
    if !limits.iter().any(|name| fields.has(name)) {
        let message = format!("One of the following fields is required: [{}]", limits.join(", "));
        findings.schema(&fields.at, message);
    }
    let refused = ContextObject::Refused;
    let max_items = fields.count("MaxItemsPerBatch", "MaxItemsPerBatchPath", 1..=u64::MAX, refused, findings);
    let max_bytes = fields.count(
        "MaxInputBytesPerBatch",
        "MaxInputBytesPerBatchPath",
        1..=BATCH_BYTES_MAX,
        refused,
        findings,
    );
    let input = fields
        .template("BatchInput", findings)
        .or_else(|| fields.computed("BatchInput", Moment::Entry, findings));
    ItemBatcher { max_items, max_bytes, input }
}
