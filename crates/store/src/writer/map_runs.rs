//! Map Runs, as the engine finds and reads them. It keeps the open ones itself: here they are records.

use execution::Redrivable;

use super::Writer;
use crate::chain;
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

    /// Whether a child of a Map Run whose end is durable can go on. Reads the log where the end is not at hand.
    pub fn is_redrivable(&self, key: ExecutionKey) -> bool {
        let read = |key, entry: &Entry| match entry.hot.as_ref().and_then(|hot| hot.close.clone()) {
            Some(close) => Ok(Some(close)),
            None => Ok(chain::rebuild(&*self.shared.log, key, entry.last)?.execution.close),
        };
        let close = self.shared.look(|index| Some((key, index.execution(key)?)), read);
        // What cannot be read cannot go on.
        close.ok().flatten().flatten().is_some_and(|close| close.redrivable == Redrivable::Yes)
    }

    /// How many items a durable STANDARD child of a Map Run has.
    pub fn items_of_child(&self, key: ExecutionKey) -> Option<u32> {
        self.shared.read().execution(key)?.items()
    }
}
