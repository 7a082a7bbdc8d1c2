//! Executions of all state machines at once, and how many there are. Read from the index alone.
//!
//! Never here: children of Map Runs, which their Map Run tells of; executions of machines that are gone.

use std::collections::BinaryHeap;

use asl::Timestamp;
use execution::Status;
use json::Text;

use crate::index::{Entry, Listing, Order};
use crate::query::{ExecutionPage, ExecutionRow};
use crate::record::ExecutionKey;
use crate::store::Store;

/// So many executions are looked at for one page, under a lock that commits wait for: some milliseconds.
/// A page may so be short, or empty, and not be the last.
const LOOKED_AT_MAX: usize = 20_000;

/// What to look for; what is left out does not matter.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Executions of this machine, or begun by this version or alias of one.
    pub machine_arn: Option<Text>,
    /// With this status.
    pub status: Option<Status>,
    /// With this in their names or in their machines', whatever the case of letters.
    pub text: Option<String>,
    /// Started at this time or later.
    pub from: Option<Timestamp>,
    /// Started before this time.
    pub until: Option<Timestamp>,
    /// Go on after this place: `next` of an earlier page.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// How many executions of a machine the store has, by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Counts {
    pub running: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub timed_out: u64,
    pub aborted: u64,
}

impl Store {
    /// Newest first, as [`Store::executions`] has them.
    pub fn search(&self, search: &Search) -> ExecutionPage {
        let index = self.shared.read();
        let machines = index.catalog.machines(None, usize::MAX);
        let listings: Vec<&Listing> = match &search.machine_arn {
            Some(arn) => index.listing(arn).into_iter().collect(),
            None => machines.iter().filter_map(|machine| index.listing(&machine.arn)).collect(),
        };
        let wanted = Wanted::new(search);
        let mut rows = merged(&listings, search.status, search.after.map(Order));
        let (mut executions, mut last) = (Vec::new(), None);
        for (order, key) in rows.by_ref().take(LOOKED_AT_MAX) {
            // None has started later than it has its place for, so behind this one there is nothing.
            if search.from.is_some_and(|from| order < Order::of(from, ExecutionKey(0))) {
                return ExecutionPage { executions, next: None };
            }
            last = Some(order.0);
            executions.extend(index.get(key).filter(|entry| wanted.is(entry)).map(ExecutionRow::of));
            if executions.len() == search.limit {
                break;
            }
        }
        let next = last.filter(|_| rows.next().is_some());
        ExecutionPage { executions, next }
    }

    /// Of a machine, a version, an alias or a Map Run.
    pub fn counts(&self, arn: &str) -> Counts {
        let index = self.shared.read();
        let count = |status| index.listing(arn).map_or(0, |listing| listing.count(status));
        Counts {
            running: count(Status::Running),
            succeeded: count(Status::Succeeded),
            failed: count(Status::Failed),
            timed_out: count(Status::TimedOut),
            aborted: count(Status::Aborted),
        }
    }
}

/// The rows of several listings as one list.
pub(crate) fn merged<'l>(
    listings: &[&'l Listing],
    status: Option<Status>,
    after: Option<Order>,
) -> impl Iterator<Item = (Order, ExecutionKey)> + use<'l> {
    let mut rows: Vec<_> = listings.iter().map(|listing| listing.newest_first(status, after)).collect();
    let heads = rows.iter_mut().enumerate().filter_map(|(at, rows)| Some((rows.next()?, at)));
    let mut heads: BinaryHeap<((Order, ExecutionKey), usize)> = heads.collect();
    std::iter::from_fn(move || {
        let (newest, at) = heads.pop()?;
        heads.extend(rows[at].next().map(|row| (row, at)));
        Some(newest)
    })
}

/// The conditions that one entry can be asked for.
struct Wanted {
    /// In small letters.
    text: Option<String>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Wanted {
    fn new(search: &Search) -> Wanted {
        let text = search.text.as_ref().map(|text| text.to_lowercase());
        Wanted { text: text.filter(|text| !text.is_empty()), from: search.from, until: search.until }
    }

    fn is(&self, entry: &Entry) -> bool {
        self.from.is_none_or(|from| entry.started_at >= from)
            && self.until.is_none_or(|until| entry.started_at < until)
            && self.text.as_ref().is_none_or(|text| {
                let has = |name: &str| name.to_lowercase().contains(text);
                has(&entry.name) || has(&entry.family.machine_name)
            })
    }
}
