//! Answers that are read from what is durable. Reads never enter the engine.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use asl::{Failure, Timestamp};
use execution::execution::{Close, Start, Status};
use execution::{Event, Redrivable, Turn};
use json::{Document, Text};

use crate::catalog::{Activity, Machine, Revision};
use crate::chain;
use crate::index::{Entry, Order, Redriven};
use crate::published::Named;
use crate::store::{Error, Store};

/// DescribeExecution's substance.
#[derive(Clone, Debug)]
pub struct ExecutionView {
    /// What it was started with.
    pub start: Arc<Start>,
    /// Where it stands.
    pub status: Status,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// After success.
    pub output: Option<Document>,
    /// After failure or abort.
    pub failure: Option<Failure>,
    /// Whether it can be redriven, as far as its end has settled that.
    pub redrivable: Redrivable,
    /// If it was redriven.
    pub redriven: Option<Redriven>,
    /// The Map Run that began it, if one did.
    pub map_run_arn: Option<Text>,
    /// How many items it has, if a Map Run began it.
    pub items: Option<u32>,
}

/// Which executions to list.
#[derive(Clone, Debug, Default)]
pub struct ExecutionFilter {
    /// Of this machine, or begun by this version or alias of one, or by this Map Run: its ARN.
    pub machine_arn: Text,
    /// Only with this status.
    pub status: Option<Status>,
    /// Go on after this place: `next` of an earlier page.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// A page of ListExecutions: newest first.
#[derive(Clone, Debug)]
pub struct ExecutionPage {
    /// Rows.
    pub executions: Vec<ExecutionRow>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<u64>,
}

/// What a list shows of an execution. While rows are gathered nothing can be committed: they are taken as they are in
/// the index, and what can be made of them is made later.
#[derive(Clone, Debug)]
pub struct ExecutionRow {
    /// What its ARN begins with: all but the name.
    pub arn_prefix: Text,
    /// Its name.
    pub name: Text,
    /// Its machine's.
    pub state_machine_arn: Text,
    /// The version's that it was started by.
    pub version_arn: Option<Text>,
    /// The alias's.
    pub alias_arn: Option<Text>,
    /// Where it stands.
    pub status: Status,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// If it was redriven.
    pub redriven: Option<Redriven>,
    /// How many items it has, if a Map Run began it.
    pub items: Option<u32>,
}

/// A page of GetExecutionHistory.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// In the order asked for.
    pub events: Vec<Event>,
    /// Whether there are more after these.
    pub more: bool,
}

impl Store {
    /// How often this process made the log durable: one sync for each frame.
    pub fn log_syncs(&self) -> u64 {
        self.shared.frames.load(Ordering::Relaxed)
    }

    /// A number that is another one after every change of a machine or an activity, for caches of them.
    pub fn catalog_version(&self) -> u64 {
        self.shared.catalog.load(Ordering::Acquire)
    }

    /// A machine.
    pub fn machine(&self, arn: &str) -> Option<Arc<Machine>> {
        self.shared.read().catalog.machine(arn).cloned()
    }

    /// What the ARN of a machine, a version or an alias names.
    pub fn named(&self, arn: &str) -> Option<Named> {
        Named::find(arn, |machine_arn| self.machine(machine_arn))
    }

    /// By name, after this name, at most so many.
    pub fn machines(&self, after: Option<&str>, limit: usize) -> Vec<Arc<Machine>> {
        self.shared.read().catalog.machines(after, limit)
    }

    /// A revision that is current, that a version is, or that an execution in the store runs or ran.
    pub fn revision(&self, number: u64) -> Option<Arc<Revision>> {
        self.shared.read().catalog.revision(number).cloned()
    }

    /// An activity.
    pub fn activity(&self, arn: &str) -> Option<Arc<Activity>> {
        self.shared.read().catalog.activity(arn).cloned()
    }

    /// By name, after this name, at most so many.
    pub fn activities(&self, after: Option<&str>, limit: usize) -> Vec<Arc<Activity>> {
        self.shared.read().catalog.activities(after, limit)
    }

    /// An execution, whole.
    pub fn execution(&self, arn: &str) -> Result<Option<ExecutionView>, Error> {
        self.look(arn, |entry, read| {
            let at_hand = entry.hot.is_some();
            if at_hand {
                return Ok(view(entry));
            }
            let (start, turns) = read()?;
            let close = turns.into_iter().rev().find_map(|turn| turn.close);
            Ok(ExecutionView::of(Arc::new(start), entry, close))
        })
    }

    /// Whether there is such an execution and it has not closed. Reads no record.
    pub fn is_running(&self, arn: &str) -> bool {
        self.shared.read().find_execution(arn).is_some_and(|(_, entry)| entry.status == Status::Running)
    }

    /// The executions of a machine, a version, an alias or a Map Run, newest first: running ones by their start, closed
    /// ones by their end.
    pub fn executions(&self, filter: &ExecutionFilter) -> Result<ExecutionPage, Error> {
        let index = self.shared.read();
        let Some(listing) = index.listing(&filter.machine_arn) else {
            return Ok(ExecutionPage { executions: Vec::new(), next: None });
        };
        let mut rows = listing.newest_first(filter.status, filter.after.map(Order));
        let (mut executions, mut last) = (Vec::new(), None);
        for (order, key) in rows.by_ref().take(filter.limit) {
            executions.extend(index.get(key).map(ExecutionRow::of));
            last = Some(order.0);
        }
        let next = last.filter(|_| rows.next().is_some());
        Ok(ExecutionPage { executions, next })
    }

    /// Events from the `skip`-th (from the end when `reverse`), at most `limit`.
    pub fn history(
        &self,
        arn: &str,
        skip: usize,
        limit: usize,
        reverse: bool,
    ) -> Result<Option<HistoryPage>, Error> {
        self.look(arn, |_, read| {
            let (_, turns) = read()?;
            let mut events: Vec<Event> = turns.into_iter().flat_map(|turn| turn.history).collect();
            if reverse {
                events.reverse();
            }
            let more = events.len() > skip.saturating_add(limit);
            Ok(HistoryPage { events: events.into_iter().skip(skip).take(limit).collect(), more })
        })
    }

    /// Whether new work is refused because the disk is full.
    pub fn is_full(&self) -> bool {
        self.shared.is_full()
    }

    /// Looks at an execution; `read` reads its records. Where they were moved or removed meanwhile it looks again.
    fn look<T>(
        &self,
        arn: &str,
        look: impl Fn(&Entry, &dyn Fn() -> Result<(Start, Vec<Turn>), Error>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.shared.look(
            |index| index.find_execution(arn),
            |key, entry| {
                let read = || {
                    let records = chain::read(&*self.shared.log, key, entry.last)?;
                    chain::decode(&records, entry.last)
                };
                look(entry, &read)
            },
        )
    }
}

impl ExecutionView {
    /// `close`: its last end; one that was redriven since has none.
    fn of(start: Arc<Start>, entry: &Entry, close: Option<Close>) -> ExecutionView {
        let close = close.filter(|_| entry.status != Status::Running);
        let (output, failure, redrivable) = match close {
            Some(Close { output, failure, redrivable, .. }) => (output, failure, redrivable),
            None => (None, None, Redrivable::default()),
        };
        ExecutionView {
            start,
            status: entry.status,
            stopped_at: entry.closed_at(),
            output,
            failure,
            redrivable,
            redriven: entry.redriven(),
            map_run_arn: entry.listed_under().cloned(),
            items: entry.items(),
        }
    }
}

impl ExecutionRow {
    pub(crate) fn of(entry: &Entry) -> ExecutionRow {
        let family = &*entry.family;
        ExecutionRow {
            arn_prefix: family.arn_prefix.clone(),
            name: entry.name.clone(),
            state_machine_arn: family.machine_arn.clone(),
            version_arn: family.version_arn.clone(),
            alias_arn: family.alias_arn.clone(),
            status: entry.status,
            started_at: entry.started_at,
            stopped_at: entry.closed_at(),
            redriven: entry.redriven(),
            items: entry.items(),
        }
    }

    /// The execution's.
    pub fn arn(&self) -> Text {
        format!("{}{}", self.arn_prefix, self.name).into()
    }
}

/// What is at hand.
fn view(entry: &Entry) -> ExecutionView {
    let close = entry.hot.as_ref().and_then(|hot| hot.close.clone());
    ExecutionView::of(entry.start(), entry, close)
}
