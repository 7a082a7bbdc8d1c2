//! What EXPRESS children had for their inputs, so that they can begin again.

use std::collections::BTreeSet;

use json::Document;

use crate::store::{Error, Store};

impl Store {
    /// The inputs of these EXPRESS children of a Map Run, each with its number and how many items are in it, in the order
    /// of their numbers. Those are passed over of which no end is recorded. Blocks while it reads the log.
    pub fn express_inputs(
        &self,
        map_run_arn: &str,
        children: &BTreeSet<u32>,
    ) -> Result<Vec<(u32, Document, u32)>, Error> {
        let _ = (map_run_arn, children);
        todo!()
    }
}
