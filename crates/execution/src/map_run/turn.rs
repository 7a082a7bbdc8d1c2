//! What one round of a Map Run has changed. The store records it as a whole, and DescribeMapRun is told from the
//! last one alone.

use asl::{Failure, Timestamp};
use json::{Document, Text};

use crate::execution::Status;
use crate::map_run::MapRunSettings;

/// One round's changes, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRunTurn {
    /// When.
    pub at: Timestamp,
    /// All that DescribeMapRun shows, as of this round.
    pub summary: MapRunSummary,
    /// What has changed.
    pub changes: Vec<MapRunChange>,
    /// The end, if this round brought it.
    pub close: Option<MapRunClose>,
}

impl MapRunTurn {
    /// The EXPRESS children whose ends it tells of.
    pub fn express_ends(&self) -> impl Iterator<Item = u32> {
        self.changes.iter().filter_map(|change| match change {
            MapRunChange::Ended(EndedChild { child, express: Some(_), .. }) => Some(*child),
            _ => None,
        })
    }
}

/// One change of a Map Run.
#[derive(Clone, Debug, PartialEq)]
pub enum MapRunChange {
    /// So many children have begun, each with so many items.
    Begun {
        /// How many.
        children: u32,
        /// Items of each.
        items: u32,
    },
    /// A child that had ended badly has begun again, by a redrive.
    BegunAgain {
        /// Which.
        child: u32,
    },
    /// A child has ended.
    Ended(EndedChild),
    /// So much has been read, in all.
    Read {
        /// Items.
        items: u64,
        /// Children that they make.
        children: u32,
        /// Whether there are no more.
        all: bool,
    },
    /// What is read is identified by this.
    Source(Text),
    /// UpdateMapRun.
    Settings(MapRunSettings),
    /// It will fail so: no child begins any more.
    Failing(Failure),
    /// The execution that began it waits no longer: no child begins any more.
    Aborting,
    /// The results of so many children were put together or exported.
    ResultsWritten(u64),
    /// It was redriven at this moment.
    Redriven(Timestamp),
}

/// A child that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct EndedChild {
    /// Which.
    pub child: u32,
    /// Never `Running`.
    pub status: Status,
    /// If it ended badly: whether a redrive can let it go on.
    pub is_redrivable: bool,
    /// All of its end, where it is EXPRESS: nothing else of it is recorded.
    pub express: Option<Box<ChildEnd>>,
}

/// What there is to tell of an EXPRESS child.
#[derive(Clone, Debug, PartialEq)]
pub struct ChildEnd {
    /// Its input.
    pub input: Document,
    /// After success.
    pub output: Option<Document>,
    /// After failure.
    pub failure: Option<Failure>,
    /// How many items it had.
    pub items: u32,
    /// When it began, the last time.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Timestamp,
}

/// How a Map Run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRunClose {
    /// Succeeded, failed or aborted.
    pub status: Status,
    /// When.
    pub at: Timestamp,
    /// After failure.
    pub failure: Option<Failure>,
}

/// What DescribeMapRun shows beside what a Map Run was begun with.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MapRunSummary {
    /// As UpdateMapRun left them.
    pub settings: MapRunSettings,
    /// Of child executions.
    pub executions: Counts,
    /// Of items.
    pub items: Counts,
    /// How often it was redriven.
    pub redrives: u64,
    /// When the last time.
    pub redriven_at: Option<Timestamp>,
}

/// Child executions or items by what has become of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Counts {
    /// Not begun.
    pub pending: u64,
    pub running: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub timed_out: u64,
    pub aborted: u64,
    /// Those that succeeded and are part of the results.
    pub results_written: u64,
    /// Those that wait for a redrive to begin them again.
    pub pending_redrive: u64,
    /// Of those that failed, timed out or were aborted: what no redrive can let go on.
    pub failures_not_redrivable: u64,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.pending
            + self.running
            + self.succeeded
            + self.failed
            + self.timed_out
            + self.aborted
            + self.pending_redrive
    }

    pub(super) fn of_status(&mut self, status: Status) -> &mut u64 {
        match status {
            Status::Running => &mut self.running,
            Status::Succeeded => &mut self.succeeded,
            Status::Failed => &mut self.failed,
            Status::TimedOut => &mut self.timed_out,
            Status::Aborted => &mut self.aborted,
        }
    }
}
