//! Map Runs, as the engine finds and reads them. It keeps the open ones itself: here they are records.

use super::Writer;
use crate::index::Entry;
use crate::record::ExecutionKey;

impl<A: Send + 'static> Writer<A> {
    /// The Map Run with this ARN, what was committed a moment ago included.
    pub fn find_map_run(&self, arn: &str) -> Option<ExecutionKey> {
        let known = self.map_runs.get(arn).copied();
        known.or_else(|| self.shared.read().find_map_run(arn).map(|(key, _)| key))
    }

    /// A Map Run that has ended is going to be redriven, if it is still kept: the turn that does so must be part of the
    /// next commit.
    pub fn reopen_map_run(&mut self, key: ExecutionKey) -> bool {
        let is_kept = |entry: &Entry| entry.closed_at().is_some_and(|at| at >= self.forgotten_before);
        let is_kept = self.shared.read().map_run(key).is_some_and(is_kept);
        if is_kept {
            self.reopened.put(self.number, key, ());
        }
        is_kept
    }

    /// How many items a durable STANDARD child of a Map Run has.
    pub fn items_of_child(&self, key: ExecutionKey) -> Option<u32> {
        self.shared.read().execution(key)?.items()
    }
}
