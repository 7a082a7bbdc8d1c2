//! What EXPRESS children had for their inputs, so that they can begin again.

use std::collections::{BTreeMap, BTreeSet};

use execution::map_run::{EndedChild, MapRunChange};
use json::Document;

use crate::chain::map_run::MapRunChain;
use crate::store::{Error, Store};

impl Store {
    /// The inputs of these EXPRESS children of a Map Run, each with its number and how many items are in it, in the order
    /// of their numbers. Those are passed over of which no end is recorded. Blocks while it reads the log.
    pub fn express_inputs(
        &self,
        map_run_arn: &str,
        children: &BTreeSet<u32>,
    ) -> Result<Vec<(u32, Document, u32)>, Error> {
        let recalled = self.look_at_map_run(map_run_arn, |key, entry| {
            let log = &*self.shared.log;
            let chain = MapRunChain::find(log, key, entry.last)?;
            let mut recalled = BTreeMap::new();
            for number in 0..chain.turns() {
                for change in chain.turn(log, number)?.0.changes {
                    if let MapRunChange::Ended(EndedChild { child, express: Some(end), .. }) = change
                        && children.contains(&child)
                    {
                        // The last end counts; the input is the same in all of them.
                        recalled.insert(child, (end.input, end.items));
                    }
                }
            }
            Ok(recalled)
        })?;
        let recalled = recalled.unwrap_or_default().into_iter();
        Ok(recalled.map(|(child, (input, items))| (child, input, items)).collect())
    }
}
