//! EXPRESS children: their ends are in the records of their Map Run.

use asl::{Failure, Timestamp};
use execution::Status;
use json::{Document, Text};

use crate::store::{Error, Store};

/// An EXPRESS child that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpressChild {
    /// Its ARN.
    pub arn: Text,
    /// Its name.
    pub name: Text,
    /// Its number.
    pub child: u32,
    /// Never `Running`.
    pub status: Status,
    /// How many items it had.
    pub items: u32,
    /// When it began, the last time.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Timestamp,
    /// Its input.
    pub input: Document,
    /// After success.
    pub output: Option<Document>,
    /// After failure.
    pub failure: Option<Failure>,
}

/// A page of EXPRESS children.
#[derive(Clone, Debug)]
pub struct ExpressChildPage {
    /// Newest end first. There may be fewer than were asked for although others follow.
    pub children: Vec<ExpressChild>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<u64>,
}

impl Store {
    /// The EXPRESS children of a Map Run that have ended and did not begin again since, with this status or any;
    /// behind `after` (`next` of an earlier page), at most `limit`. `None` if there is no such Map Run.
    pub fn express_children(
        &self,
        map_run_arn: &str,
        status: Option<Status>,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Option<ExpressChildPage>, Error> {
        let _ = (map_run_arn, status, after, limit);
        todo!()
    }

    /// An EXPRESS child by its own ARN, with the ARN of its Map Run; `None` while it runs.
    pub fn express_child(&self, execution_arn: &str) -> Result<Option<(ExpressChild, Text)>, Error> {
        let _ = execution_arn;
        todo!()
    }
}
