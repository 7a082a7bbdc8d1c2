//! The Map Run itself: which children there are, what has become of them, and what comes next.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::{Failure, Timestamp};
use json::{Document, Text};

use crate::execution::Status;
use crate::limits::BYTES_PER_TURN_MAX;
use crate::map_run::{
    ChildEnd, Counts, EndedChild, MapRunChange, MapRunClose, MapRunSettings, MapRunStart, MapRunSummary,
    MapRunTurn,
};

/// One Map Run.
///
/// What it costs to keep follows from the children that run and those that ended badly, not from how many
/// there are.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRun {
    /// What it was begun with.
    pub start: Arc<MapRunStart>,
    settings: MapRunSettings,
    /// Children that have begun have numbers below this.
    begun: u32,
    /// Items that these have.
    items_begun: u64,
    /// Items and children that were read so far, and whether that is all.
    items_read: u64,
    children_read: u32,
    all_read: bool,
    /// What identifies the source of the items.
    source: Option<Text>,
    /// Children that run.
    open: BTreeMap<u32, Child>,
    /// Children that ended badly.
    unsuccessful: BTreeMap<u32, (Status, Child)>,
    /// Those of them that a redrive is going to begin again.
    again: BTreeMap<u32, (Status, Child)>,
    /// By how they ended, and items of those that run or wait for a redrive as well.
    executions: Counts,
    items: Counts,
    ending: Option<Ending>,
    redrives: u64,
    redriven_at: Option<Timestamp>,
    close: Option<MapRunClose>,
    /// What has changed and is not recorded.
    changes: Vec<MapRunChange>,
    /// The payloads in that, in bytes.
    changed_bytes: usize,
}

/// Where a child's items are.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Child {
    first_item: u64,
    items: u32,
    /// How often it has begun again.
    redrives: u32,
    /// It ended with its process, and nobody knows what its input was.
    is_lost: bool,
    /// It ended badly, and no redrive can let it go on.
    is_final: bool,
}

/// Why no child begins any more.
#[derive(Clone, Debug, PartialEq)]
enum Ending {
    Failing(Failure),
    Aborting,
}

/// What comes next for a Map Run.
#[derive(Clone, Debug, PartialEq)]
pub enum MapRunStep {
    /// Children begin as there is room, and end.
    Children,
    /// The children that run are to be stopped, those that can be.
    StopChildren,
    /// All have ended: the results are put together or exported.
    Gather,
    /// It ends so.
    End {
        /// Failed or aborted.
        status: Status,
        /// If it failed.
        failure: Option<Failure>,
    },
    /// Nothing: it has ended.
    Ended,
}

impl MapRun {
    /// One that has just begun.
    pub fn new(start: Arc<MapRunStart>) -> MapRun {
        MapRun {
            settings: start.settings,
            begun: 0,
            items_begun: 0,
            items_read: 0,
            children_read: 0,
            all_read: false,
            source: None,
            open: BTreeMap::new(),
            unsuccessful: BTreeMap::new(),
            again: BTreeMap::new(),
            executions: Counts::default(),
            items: Counts::default(),
            ending: None,
            redrives: 0,
            redriven_at: None,
            close: None,
            changes: Vec::new(),
            changed_bytes: 0,
            start,
        }
    }

    /// How many children, those included that a redrive begins again, may begin now.
    pub fn room(&self) -> usize {
        if self.ending.is_some() || self.close.is_some() {
            return 0;
        }
        self.settings.concurrency().saturating_sub(self.open.len())
    }

    /// The number of the next new child, and of the first item that it has.
    pub fn next(&self) -> (u32, u64) {
        (self.begun, self.items_begun)
    }

    /// What identified the source of the items when it was first read.
    pub fn source(&self) -> Option<&Text> {
        self.source.as_ref()
    }

    /// Whether all items have been read, and all that they make has begun.
    pub fn has_begun_all(&self) -> bool {
        self.all_read && self.begun == self.children_read
    }

    /// Children that run, each with its first item and the number of its items; in the order of their numbers.
    pub fn open_children(&self) -> impl Iterator<Item = OpenChild> {
        self.open.iter().map(|(&number, child)| OpenChild {
            child: number,
            first_item: child.first_item,
            items: child.items,
        })
    }

    /// How often a child that runs has begun again.
    pub fn redrives_of(&self, child: u32) -> u32 {
        self.open.get(&child).map_or(0, |child| child.redrives)
    }

    /// How many children at once, and how many may fail.
    pub fn settings(&self) -> MapRunSettings {
        self.settings
    }

    /// How it ended.
    pub fn closed(&self) -> Option<&MapRunClose> {
        self.close.as_ref()
    }

    /// How often it was redriven.
    pub fn redrives(&self) -> u64 {
        self.redrives
    }

    /// The number of the children that have begun.
    pub fn begun(&self) -> u32 {
        self.begun
    }

    /// A child begins with the next items.
    pub fn begin(&mut self, items: u32) -> u32 {
        match self.changes.last_mut() {
            Some(MapRunChange::Begun { children, items: each }) if *each == items => *children += 1,
            _ => self.changes.push(MapRunChange::Begun { children: 1, items }),
        }
        self.note_begun(1, items);
        self.begun - 1
    }

    /// The next child that a redrive begins again, if one waits.
    pub fn next_again(&self) -> Option<u32> {
        self.again.keys().next().copied()
    }

    /// All that wait for that, in the order of their numbers.
    pub fn waiting_again(&self) -> impl Iterator<Item = u32> {
        self.again.keys().copied()
    }

    /// Those of them that were [lost](MapRun::lose): their inputs have to be made anew.
    pub fn lost_before(&self) -> impl Iterator<Item = u32> {
        self.again.iter().filter(|(_, (_, child))| child.is_lost).map(|(&number, _)| number)
    }

    /// One that waited for that begins again.
    pub fn begin_again(&mut self, child: u32) {
        self.note_begun_again(child);
        self.changes.push(MapRunChange::BegunAgain { child });
    }

    /// A child has ended. One that does not run is passed over: the news came twice.
    pub fn ended(&mut self, ended: EndedChild) {
        if !self.open.contains_key(&ended.child) {
            return;
        }
        self.note_ended(&ended);
        self.changed_bytes += ended.express.as_deref().map_or(0, payload);
        self.changes.push(MapRunChange::Ended(ended));
        self.look_at_failures();
    }

    /// The process of an EXPRESS child has ended before it, and it does not begin again now. Nobody knows whether it
    /// did its work.
    pub fn lose(&mut self, number: u32) {
        let Some(child) = self.open.get(&number) else { return };
        let cause = "The process that ran the execution ended before it did. Its input was not recorded.";
        let end = ChildEnd {
            input: Document::from_valid_text("{}"),
            output: None,
            failure: Some(Failure { error: None, cause: Some(cause.to_owned()) }),
            items: child.items,
            started_at: self.start.started_at,
            stopped_at: self.start.started_at,
        };
        let (status, express) = (Status::Aborted, Some(Box::new(end)));
        self.ended(EndedChild { child: number, status, is_redrivable: true, express });
    }

    /// So many items, which make so many children, have been read in all; there may be more.
    pub fn read(&mut self, items: u64, children: u32, all: bool) {
        (self.items_read, self.children_read, self.all_read) = (items, children, all);
        self.changes.push(MapRunChange::Read { items, children, all });
        self.look_at_failures();
    }

    /// What is read is identified by this.
    pub fn read_from(&mut self, source: Text) {
        if self.source.is_none() {
            self.source = Some(source.clone());
            self.changes.push(MapRunChange::Source(source));
        }
    }

    /// Its items cannot be read, or no input be made of them.
    pub fn fail(&mut self, failure: Failure) {
        if self.ending.is_none() && self.close.is_none() {
            self.ending = Some(Ending::Failing(failure.clone()));
            self.changes.push(MapRunChange::Failing(failure));
        }
    }

    /// The execution that began it waits no longer.
    pub fn abort(&mut self) {
        if self.ending != Some(Ending::Aborting) && self.close.is_none() {
            self.ending = Some(Ending::Aborting);
            self.changes.push(MapRunChange::Aborting);
        }
    }

    /// UpdateMapRun: what is there counts at once.
    pub fn update(&mut self, settings: MapRunSettings) {
        self.settings = settings;
        self.changes.push(MapRunChange::Settings(settings));
        self.look_at_failures();
    }

    /// The results of all children that succeeded were put together or exported.
    pub fn gathered(&mut self) {
        let written = self.executions.succeeded;
        self.note_results(written);
        self.changes.push(MapRunChange::ResultsWritten(written));
    }

    /// It goes on after a bad end: children that ended badly begin again, if they can, and those that never began.
    pub fn redrive(&mut self, at: Timestamp) {
        self.note_redriven(at);
        self.changes.push(MapRunChange::Redriven(at));
        // Those that cannot may be too many.
        self.look_at_failures();
    }

    /// It has ended.
    pub fn end(&mut self, status: Status, at: Timestamp, failure: Option<Failure>) {
        self.note_close(MapRunClose { status, at, failure });
    }

    /// What comes next.
    pub fn step(&self) -> MapRunStep {
        if self.close.is_some() {
            return MapRunStep::Ended;
        }
        match &self.ending {
            Some(_) if !self.open.is_empty() => MapRunStep::StopChildren,
            Some(Ending::Aborting) => MapRunStep::End { status: Status::Aborted, failure: None },
            // What failed is told by the result files, too.
            Some(Ending::Failing(_)) if self.start.exports => MapRunStep::Gather,
            Some(Ending::Failing(failure)) => {
                MapRunStep::End { status: Status::Failed, failure: Some(failure.clone()) }
            }
            None if self.has_begun_all() && self.open.is_empty() && self.again.is_empty() => {
                MapRunStep::Gather
            }
            None => MapRunStep::Children,
        }
    }

    /// Why it will fail, once its children have ended.
    pub fn failing(&self) -> Option<&Failure> {
        match &self.ending {
            Some(Ending::Failing(failure)) => Some(failure),
            Some(Ending::Aborting) | None => None,
        }
    }

    /// Whether the changes that no record has yet are as many bytes as one turn should have: the next end may add half a
    /// MiB, and the record must fit into a frame of the log.
    pub fn has_changed_much(&self) -> bool {
        self.changed_bytes >= BYTES_PER_TURN_MAX
    }

    /// The changes that no record has yet, as one turn; `None` if there are none.
    pub fn take_turn(&mut self, at: Timestamp) -> Option<MapRunTurn> {
        if self.changes.is_empty() && self.close.is_none() {
            return None;
        }
        let changes = std::mem::take(&mut self.changes);
        self.changed_bytes = 0;
        Some(MapRunTurn { at, summary: self.summary(), changes, close: self.close.clone() })
    }

    /// Does to this value what was done to it when the turn was made.
    pub fn apply(&mut self, turn: &MapRunTurn) {
        for change in &turn.changes {
            match change {
                MapRunChange::Begun { children, items } => self.note_begun(*children, *items),
                MapRunChange::BegunAgain { child } => self.note_begun_again(*child),
                MapRunChange::Ended(ended) => self.note_ended(ended),
                MapRunChange::Read { items, children, all } => {
                    (self.items_read, self.children_read, self.all_read) = (*items, *children, *all);
                }
                MapRunChange::Source(source) => self.source = Some(source.clone()),
                MapRunChange::Settings(settings) => self.settings = *settings,
                MapRunChange::Failing(failure) => self.ending = Some(Ending::Failing(failure.clone())),
                MapRunChange::Aborting => self.ending = Some(Ending::Aborting),
                MapRunChange::ResultsWritten(written) => self.note_results(*written),
                MapRunChange::Redriven(at) => self.note_redriven(*at),
            }
        }
        if let Some(close) = &turn.close {
            self.note_close(close.clone());
        }
    }

    /// After a restart, or to go on after a redrive: what was read and has not begun is read again.
    pub fn forget_unbegun(&mut self) {
        if !self.has_begun_all() {
            (self.items_read, self.children_read, self.all_read) = (self.items_begun, self.begun, false);
        }
    }

    /// What DescribeMapRun shows.
    pub fn summary(&self) -> MapRunSummary {
        let items_read = self.items_read.max(self.start.items.unwrap_or(0));
        MapRunSummary {
            settings: self.settings,
            executions: Counts {
                pending: u64::from(self.children_read.saturating_sub(self.begun)),
                running: self.open.len() as u64,
                pending_redrive: self.again.len() as u64,
                ..self.executions
            },
            items: Counts { pending: items_read.saturating_sub(self.items_begun), ..self.items },
            redrives: self.redrives,
            redriven_at: self.redriven_at,
        }
    }

    /// Whether more has failed than is tolerated.
    fn look_at_failures(&mut self) {
        let all = match self.start.items {
            Some(all) => all,
            None if self.all_read => self.items_read,
            // Of what is not read yet nobody knows how much there is.
            None => u64::MAX,
        };
        if self.settings.are_too_many(self.items.failed + self.items.timed_out, all) {
            let name = aws_names::error::EXCEED_TOLERATED_FAILURE_THRESHOLD;
            self.fail(Failure::new(name, "The specified tolerated failure threshold was exceeded"));
        }
    }

    fn note_begun(&mut self, children: u32, items: u32) {
        for _ in 0..children {
            let first_item = self.items_begun;
            let child = Child { first_item, items, redrives: 0, is_lost: false, is_final: false };
            self.open.insert(self.begun, child);
            self.begun += 1;
            self.items_begun += u64::from(items);
            self.items.running += u64::from(items);
        }
    }

    fn note_begun_again(&mut self, child: u32) {
        if let Some((_, again)) = self.again.remove(&child) {
            self.items.pending_redrive -= u64::from(again.items);
            self.items.running += u64::from(again.items);
            self.open.insert(child, Child { redrives: again.redrives + 1, is_lost: false, ..again });
        }
    }

    fn note_ended(&mut self, ended: &EndedChild) {
        let &EndedChild { child: number, status, is_redrivable, .. } = ended;
        let Some(child) = self.open.remove(&number) else { return };
        *self.executions.of_status(status) += 1;
        self.items.running -= u64::from(child.items);
        *self.items.of_status(status) += u64::from(child.items);
        match status {
            Status::Succeeded | Status::Running => {}
            Status::Failed | Status::TimedOut | Status::Aborted => {
                let is_final = !is_redrivable;
                self.executions.failures_not_redrivable += u64::from(is_final);
                self.items.failures_not_redrivable += u64::from(is_final) * u64::from(child.items);
                self.unsuccessful.insert(number, (status, Child { is_final, ..child }));
            }
        }
    }

    fn note_results(&mut self, written: u64) {
        self.executions.results_written = written;
        self.items.results_written = self.items.succeeded;
    }

    /// What a redrive did not come to is as it was before.
    fn note_close(&mut self, close: MapRunClose) {
        for (number, (status, child)) in std::mem::take(&mut self.again) {
            *self.executions.of_status(status) += 1;
            *self.items.of_status(status) += u64::from(child.items);
            self.items.pending_redrive -= u64::from(child.items);
            self.unsuccessful.insert(number, (status, child));
        }
        self.close = Some(close);
    }

    fn note_redriven(&mut self, at: Timestamp) {
        (self.close, self.ending) = (None, None);
        self.redrives += 1;
        self.redriven_at = Some(at);
        let again = self.unsuccessful.extract_if(.., |_, (_, child)| !child.is_final);
        for (number, (status, child)) in again {
            *self.executions.of_status(status) -= 1;
            *self.items.of_status(status) -= u64::from(child.items);
            self.items.pending_redrive += u64::from(child.items);
            // Nobody can stop one that is EXPRESS: it was lost.
            let is_lost = self.start.express && status == Status::Aborted;
            self.again.insert(number, (status, Child { is_lost, ..child }));
        }
        self.forget_unbegun();
    }
}

/// What is told of an end, in bytes.
fn payload(end: &ChildEnd) -> usize {
    let failure = end.failure.as_ref();
    let error = failure.and_then(|failure| failure.error.as_ref()).map_or(0, |error| error.len());
    let cause = failure.and_then(|failure| failure.cause.as_ref()).map_or(0, |cause| cause.len());
    end.input.size() + end.output.as_ref().map_or(0, Document::size) + error + cause
}

/// A child that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenChild {
    /// Its number.
    pub child: u32,
    /// The number of its first item among all.
    pub first_item: u64,
    /// How many items it has.
    pub items: u32,
}
