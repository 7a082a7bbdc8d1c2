//! The two handles: [`Writer`] for the engine's loop, [`Store`] for everybody who reads.
#![allow(missing_docs, dead_code)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use asl::Timestamp;
use execution::execution::Start;
use execution::Execution;

use crate::catalog::{Activity, Machine, Revision};
use crate::query::{ExecutionFilter, ExecutionPage, ExecutionView, HistoryPage};
use crate::record::{ExecutionKey, Record};

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where; `None` keeps everything in memory and forgets it at the end.
    pub data_dir: Option<PathBuf>,
    /// How long a closed execution is kept. 90 days by default.
    pub retention: Duration,
    /// The size of a log segment in bytes.
    pub segment_bytes: u64,
}

/// We could not do our work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes on disk are not what we wrote.
    #[error("{place} is damaged: {detail}")]
    Corrupt { place: String, detail: String },
    /// The disk or the folder refused.
    #[error("{action}: {source}")]
    Io { action: String, source: std::io::Error },
    /// Somebody else has it open.
    #[error("{0} is in use by another process")]
    Locked(PathBuf),
}

/// What was open when the last process ended.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Every open execution, as of its last durable turn (they are loaded in the writer).
    pub open: Vec<ExecutionKey>,
}

/// Reads what is durable. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {}

/// Loads and commits. There is one.
pub struct Writer<A> {
    after: std::marker::PhantomData<A>,
}

/// Opens a store. `on_durable` is called on the commit thread for every commit, in order, once it is
/// on disk and visible to readers.
pub fn open<A: Send + 'static>(
    settings: Settings,
    now: Timestamp,
    on_durable: impl FnMut(A) + Send + 'static,
) -> Result<(Store, Writer<A>, Recovered), Error> {
    let _ = (settings, now, on_durable);
    todo!()
}

impl<A: Send + 'static> Writer<A> {
    /// Queues records, in order, for the next frame; returns at once (or waits while the queue is at
    /// its bound). `after` is handed to `on_durable` when they are on disk. With no records it still
    /// waits for everything that was committed before.
    pub fn commit(&mut self, records: Vec<Record>, after: A) { let _ = (records, after); todo!() }
    /// The open execution with this number, to be woken.
    pub fn load(&mut self, key: ExecutionKey) -> Option<&mut Execution> { let _ = key; todo!() }
    /// Puts a new open execution beside the others, or takes a closed one away.
    pub fn insert(&mut self, key: ExecutionKey, execution: Execution) { let _ = (key, execution); todo!() }
    pub fn remove(&mut self, key: ExecutionKey) { let _ = key; todo!() }
    /// Numbers that were never used.
    pub fn new_execution_key(&mut self) -> ExecutionKey { todo!() }
    pub fn new_revision_number(&mut self) -> u64 { todo!() }
    /// What is known of an execution ARN, what was committed a moment ago included.
    pub fn find(&self, execution_arn: &str) -> Option<(ExecutionKey, Arc<Start>)> { let _ = execution_arn; todo!() }
    /// Likewise for machines, revisions and activities.
    pub fn machine(&self, arn: &str) -> Option<Arc<Machine>> { let _ = arn; todo!() }
    pub fn revision(&self, number: u64) -> Option<Arc<Revision>> { let _ = number; todo!() }
    pub fn activity(&self, arn: &str) -> Option<Arc<Activity>> { let _ = arn; todo!() }
    /// Executions of a machine that are open.
    pub fn open_of_machine(&self, arn: &str) -> Vec<ExecutionKey> { let _ = arn; todo!() }
    /// Set while the disk has no room: new work must be refused.
    pub fn is_full(&self) -> bool { todo!() }
}

impl Store {
    pub fn machine(&self, arn: &str) -> Option<Arc<Machine>> { let _ = arn; todo!() }
    /// By name, after this name, at most so many.
    pub fn machines(&self, after: Option<&str>, limit: usize) -> Vec<Arc<Machine>> { let _ = (after, limit); todo!() }
    pub fn revision(&self, number: u64) -> Option<Arc<Revision>> { let _ = number; todo!() }
    pub fn activity(&self, arn: &str) -> Option<Arc<Activity>> { let _ = arn; todo!() }
    pub fn activities(&self, after: Option<&str>, limit: usize) -> Vec<Arc<Activity>> { let _ = (after, limit); todo!() }
    pub fn execution(&self, arn: &str) -> Result<Option<ExecutionView>, Error> { let _ = arn; todo!() }
    pub fn executions(&self, filter: &ExecutionFilter) -> Result<ExecutionPage, Error> { let _ = filter; todo!() }
    /// Events from the `skip`-th (from the end when `reverse`), at most `limit`.
    pub fn history(&self, arn: &str, skip: usize, limit: usize, reverse: bool) -> Result<Option<HistoryPage>, Error> { let _ = (arn, skip, limit, reverse); todo!() }
}
