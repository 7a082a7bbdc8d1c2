//! All children of a Map Run in the order of their numbers, one after the other: what its results are made of.

use asl::{Failure, Timestamp};
use execution::Status;
use json::{Document, Text};

use crate::store::{Error, Store};

/// A child that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct ChildView {
    /// Its number.
    pub child: u32,
    /// Its ARN.
    pub arn: Text,
    /// Its name.
    pub name: Text,
    /// Never `Running`.
    pub status: Status,
    /// Its input.
    pub input: Document,
    /// After success.
    pub output: Option<Document>,
    /// After failure or abort.
    pub failure: Option<Failure>,
    /// When it began: an EXPRESS one the last time, a STANDARD one the first time.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Timestamp,
    /// How often it was redriven, or began again where it is EXPRESS.
    pub redrives: u64,
}

/// The children of one Map Run that had begun when this was made. Blocks while it reads the log.
#[derive(Debug)]
pub struct Children {
    #[allow(dead_code)]
    store: Store,
}

impl Store {
    /// The children of a Map Run; `None` if there is no such Map Run.
    pub fn children_of(&self, map_run_arn: &str) -> Result<Option<Children>, Error> {
        let _ = map_run_arn;
        todo!()
    }
}

impl Children {
    /// The next child that has ended, in the order of numbers; `None` after the last.
    ///
    /// One that runs is passed over, and a STANDARD one whose own retention has ended.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator's item cannot be an error of ours without ado"
    )]
    pub fn next(&mut self) -> Result<Option<ChildView>, Error> {
        todo!()
    }
}
