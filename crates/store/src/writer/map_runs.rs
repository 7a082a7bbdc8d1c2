//! Map Runs, as the engine finds and reads them. It keeps the open ones itself: here they are records.

use execution::MapRun;

use super::Writer;
use crate::chain::map_run;
use crate::index::Entry;
use crate::record::ExecutionKey;
use crate::store::Error;

impl<A: Send + 'static> Writer<A> {
    /// The Map Run with this ARN, what was committed a moment ago included.
    pub fn find_map_run(&self, arn: &str) -> Option<ExecutionKey> {
        let known = self.map_runs.get(arn).copied();
        known.or_else(|| self.shared.read().find_map_run(arn).map(|(key, _)| key))
    }

    /// A Map Run, ended or not, as of its last turn. `None` while that is on its way to the disk, and when it is
    /// about to be forgotten.
    pub fn read_map_run(&mut self, key: ExecutionKey) -> Result<Option<MapRun>, Error> {
        self.settle();
        if self.map_run_turns.get(&key).is_some() {
            return Ok(None);
        }
        let is_kept = |entry: &Entry| entry.closed_at().is_none_or(|at| at >= self.forgotten_before);
        self.shared.look(
            |index| Some((key, index.map_run(key).filter(|entry| is_kept(entry))?)),
            |key, entry| map_run::rebuild(&*self.shared.log, key, entry.last),
        )
    }

    /// A Map Run that has ended is going to be redriven: the turn that does so must be part of the next commit.
    pub fn reopen_map_run(&mut self, key: ExecutionKey) {
        self.reopened.put(self.number, key, ());
    }
}
