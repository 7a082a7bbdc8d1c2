//! What EXPRESS children had for their inputs, so that they can begin again: in one pass through the records of their
//! Map Run, however many children there are.

use std::collections::BTreeSet;

use execution::Status;
use execution::map_run::{EndedChild, MapRunChange};
use json::{Document, Text};

use super::read_turn;
use crate::chain::map_run::MapRunChain;
use crate::store::{Error, Store};

/// A piece has the inputs of so many children at least, unless there are no more; at most one record more than that.
const PIECE_INPUTS: usize = if cfg!(test) { 4 } else { 256 };

/// The pass. It keeps the log open as a [`Store`] does.
#[derive(Debug)]
pub struct Recall {
    store: Store,
    map_run_arn: Text,
    chain: MapRunChain,
    next_turn: usize,
    /// Those that were not met yet.
    wanted: BTreeSet<u32>,
}

/// The input of a child that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RecalledInput {
    /// The child's number.
    pub child: u32,
    /// Its input.
    pub input: Document,
    /// How many items are in it.
    pub items: u32,
}

impl Store {
    /// Begins to recall the inputs of these EXPRESS children; `None` if there is no such Map Run. Blocks while it
    /// looks where the records are.
    pub fn recall(&self, map_run_arn: &str, wanted: BTreeSet<u32>) -> Result<Option<Recall>, Error> {
        let log = &*self.shared.log;
        let chain =
            self.look_at_map_run(map_run_arn, |key, entry| MapRunChain::find(log, key, entry.last))?;
        Ok(chain.map(|chain| Recall {
            store: self.clone(),
            map_run_arn: map_run_arn.into(),
            chain,
            next_turn: 0,
            wanted,
        }))
    }
}

impl Recall {
    /// The inputs of some more children, in the order in which they ended first; none when all that are recorded have
    /// come. Blocks while it reads.
    #[expect(clippy::should_implement_trait, reason = "reading may fail")]
    pub fn next(&mut self) -> Result<Vec<RecalledInput>, Error> {
        let mut recalled = Vec::new();
        while !self.wanted.is_empty() && recalled.len() < PIECE_INPUTS && self.next_turn < self.chain.turns()
        {
            let (turn, _) =
                read_turn(&self.store.shared, &self.map_run_arn, &mut self.chain, self.next_turn)?;
            self.next_turn += 1;
            for change in turn.changes {
                if let MapRunChange::Ended(EndedChild { child, status, express: Some(end), .. }) = change
                    // Of one that was lost with its process nobody knew the input. All its other ends have the same.
                    && status != Status::Aborted
                    && self.wanted.remove(&child)
                {
                    recalled.push(RecalledInput { child, input: end.input, items: end.items });
                }
            }
        }
        Ok(recalled)
    }
}
