//! Answers about Map Runs and their children, read from what is durable.
//!
//! STANDARD children are executions like others. EXPRESS children are told of by the records of their Map
//! Run alone. Never here: what a Map Run does next.

mod children;
mod express;
mod recall;

use asl::{Failure, Timestamp};
use execution::map_run::{MapRunSummary, MapRunTurn};
use execution::{MapRun, Status};
use json::Text;

pub use self::children::{ChildView, Children};
pub use self::express::{ExpressChild, ExpressChildPage};
pub use self::recall::{Recall, RecalledInput};
use crate::chain::map_run::{self, Latest, MapRunChain};
use crate::index::{Entry, Order};
use crate::record::ExecutionKey;
use crate::store::{Error, Shared, Store};

/// DescribeMapRun's substance.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRunView {
    /// The Map Run's ARN.
    pub arn: Text,
    /// The execution whose Map state began it.
    pub execution_arn: Text,
    /// `arn:aws:states:…:stateMachine:machine/label`
    pub child_machine_arn: Text,
    /// Where it stands.
    pub status: Status,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// Settings, counts and redrives.
    pub summary: MapRunSummary,
    /// After failure.
    pub failure: Option<Failure>,
}

/// A row of ListMapRuns.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRunRow {
    /// The Map Run's ARN.
    pub arn: Text,
    /// The execution whose Map state began it.
    pub execution_arn: Text,
    /// `arn:aws:states:…:stateMachine:machine/label`
    pub child_machine_arn: Text,
    /// Where it stands.
    pub status: Status,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
}

/// A page of ListMapRuns.
#[derive(Clone, Debug)]
pub struct MapRunPage {
    /// Newest first: running ones by their start or their last redrive, closed ones by their end.
    pub map_runs: Vec<MapRunRow>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<u64>,
}

impl Store {
    /// A Map Run, from its last record alone.
    pub fn map_run(&self, arn: &str) -> Result<Option<MapRunView>, Error> {
        self.look_at_map_run(arn, |key, entry| {
            let Latest { summary, close } = map_run::latest(&*self.shared.log, key, entry.last)?;
            let MapRunRow { arn, execution_arn, child_machine_arn, status, started_at, stopped_at } =
                row(entry);
            let failure = close.and_then(|close| close.failure);
            Ok(MapRunView {
                arn,
                execution_arn,
                child_machine_arn,
                status,
                started_at,
                stopped_at,
                summary,
                failure,
            })
        })
    }

    /// A Map Run as a value, to be redriven; from all of its records. Blocks while it reads them.
    pub fn read_map_run(&self, arn: &str) -> Result<Option<MapRun>, Error> {
        self.look_at_map_run(arn, |key, entry| map_run::rebuild(&*self.shared.log, key, entry.last))
    }

    /// The Map Runs of an execution, behind `after` (`next` of an earlier page), at most `limit`. Reads no record.
    pub fn map_runs(&self, execution_arn: &str, after: Option<u64>, limit: usize) -> MapRunPage {
        let index = self.shared.read();
        let Some(listing) = index.map_runs(execution_arn) else {
            return MapRunPage { map_runs: Vec::new(), next: None };
        };
        let mut rows = listing.newest_first(None, after.map(Order));
        let (mut map_runs, mut last) = (Vec::new(), None);
        for (order, key) in rows.by_ref().take(limit) {
            map_runs.extend(index.get(key).map(row));
            last = Some(order.0);
        }
        let next = last.filter(|_| rows.next().is_some());
        MapRunPage { map_runs, next }
    }

    fn look_at_map_run<T>(
        &self,
        arn: &str,
        look: impl Fn(ExecutionKey, &Entry) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.shared.look(|index| index.find_map_run(arn), look)
    }
}

fn row(entry: &Entry) -> MapRunRow {
    MapRunRow {
        arn: entry.arn(),
        execution_arn: entry.listed_under().cloned().unwrap_or_default(),
        child_machine_arn: entry.family.machine_arn.replacen(":mapRun:", ":stateMachine:", 1).into(),
        status: entry.status,
        started_at: entry.started_at,
        stopped_at: entry.closed_at(),
    }
}

/// A turn of a chain that was found before, and how many bytes its record has.
fn read_turn(
    shared: &Shared,
    map_run_arn: &str,
    chain: &mut MapRunChain,
    number: usize,
) -> Result<(MapRunTurn, usize), Error> {
    let log = &*shared.log;
    loop {
        let error = match chain.turn(log, number) {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        // The records may have been moved meanwhile. Turns keep their numbers.
        let find = |key, entry: &Entry| MapRunChain::find(log, key, entry.last);
        match shared.look(|index| index.find_map_run(map_run_arn), find)? {
            Some(found) if found.last() != chain.last() => *chain = found,
            _ => return Err(error),
        }
    }
}

/// How many children have begun, by what a last record says.
fn begun(latest: &Latest) -> u32 {
    let executions = &latest.summary.executions;
    u32::try_from(executions.total() - executions.pending).unwrap_or(u32::MAX)
}
