//! Answers about Map Runs and their children, read from what is durable.
//!
//! STANDARD children are executions like others. EXPRESS children are told of by the records of their Map
//! Run alone. Never here: what a Map Run does next.

mod children;
mod express;
mod recall;

use asl::{Failure, Timestamp};
use execution::Status;
use execution::map_run::MapRunSummary;
use json::Text;

pub use self::children::{ChildView, Children};
pub use self::express::{ExpressChild, ExpressChildPage};
use crate::store::{Error, Store};

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
        let _ = arn;
        todo!()
    }

    /// The Map Runs of an execution, behind `after` (`next` of an earlier page), at most `limit`.
    pub fn map_runs(&self, execution_arn: &str, after: Option<u64>, limit: usize) -> MapRunPage {
        let _ = (execution_arn, after, limit);
        todo!()
    }
}
