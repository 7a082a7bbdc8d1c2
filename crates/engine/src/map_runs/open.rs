//! The open Map Runs, each with the inputs that wait for their children.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use execution::map_run::{ChildInput, EndedChild, MapRun};
use execution::{ChildOf, Status};
use json::Text;
use store::ExecutionKey;
use tokio::sync::Semaphore;

use super::back::MapRunRedrive;
use crate::ring::Ring;

/// All open Map Runs.
#[derive(Default)]
pub(crate) struct MapRuns {
    open: HashMap<ExecutionKey, OpenMapRun>,
    by_arn: HashMap<Text, ExecutionKey>,
    /// Those that may have something to do, by revision.
    busy: Ring<ExecutionKey>,
    /// Redrives that Map Runs are to hear of, once the turn that is being made is made.
    pub(super) redrives: VecDeque<MapRunRedrive>,
}

/// One of them.
pub(super) struct OpenMapRun {
    pub(super) run: MapRun,
    /// The execution that waits for it.
    pub(super) parent: ExecutionKey,
    /// What has been read and has not begun.
    inputs: VecDeque<VecDeque<ChildInput>>,
    /// EXPRESS children that ran in a process that has ended, and whose inputs are being read again.
    pub(super) lost: BTreeSet<u32>,
    /// EXPRESS children that ended badly, with the inputs that they had, to begin again.
    pub(super) recalled: VecDeque<(u32, ChildInput)>,
    pub(super) is_recalling: bool,
    /// Lets the reading go on: a permit for each piece. Whoever drops it ends the reading.
    pub(super) reading: Option<ReadingPermits>,
    /// Its results are being gathered; it had been redriven so often when that was asked for.
    pub(super) gathering: Option<u64>,
    is_busy: bool,
}

/// Permits for pieces of inputs.
pub(super) struct ReadingPermits(pub(super) Arc<Semaphore>);

impl Drop for ReadingPermits {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl OpenMapRun {
    pub(super) fn new(run: MapRun, parent: ExecutionKey) -> OpenMapRun {
        OpenMapRun {
            run,
            parent,
            inputs: VecDeque::new(),
            lost: BTreeSet::new(),
            recalled: VecDeque::new(),
            is_recalling: false,
            reading: None,
            gathering: None,
            is_busy: false,
        }
    }

    pub(super) fn push(&mut self, inputs: Vec<ChildInput>) {
        self.inputs.push_back(inputs.into());
    }

    pub(super) fn has_inputs(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// The next input; when it was the last of its piece, another piece may be read.
    pub(super) fn take_input(&mut self) -> Option<ChildInput> {
        let piece = self.inputs.front_mut()?;
        let input = piece.pop_front();
        if piece.is_empty() {
            self.inputs.pop_front();
            self.let_reading_go_on();
        }
        input
    }

    /// A piece more may be read.
    pub(super) fn let_reading_go_on(&self) {
        if let Some(reading) = &self.reading {
            reading.0.add_permits(1);
        }
    }

    /// Nothing more begins.
    pub(super) fn forget_inputs(&mut self) {
        self.reading = None;
        self.inputs.clear();
        self.recalled.clear();
        for child in std::mem::take(&mut self.lost) {
            self.run.lose(child);
        }
    }
}

impl MapRuns {
    pub(super) fn insert(&mut self, key: ExecutionKey, open: OpenMapRun) {
        self.by_arn.insert(open.run.start.arn.clone(), key);
        self.open.insert(key, open);
        self.mark(key);
    }

    pub(super) fn remove(&mut self, key: ExecutionKey) {
        if let Some(open) = self.open.remove(&key) {
            self.by_arn.remove(&open.run.start.arn);
        }
    }

    pub(super) fn get_mut(&mut self, key: ExecutionKey) -> Option<&mut OpenMapRun> {
        self.open.get_mut(&key)
    }

    pub(super) fn find(&self, arn: &str) -> Option<ExecutionKey> {
        self.by_arn.get(arn).copied()
    }

    /// It may have something to do.
    pub(super) fn mark(&mut self, key: ExecutionKey) {
        let Some(open) = self.open.get_mut(&key) else { return };
        if !std::mem::replace(&mut open.is_busy, true) {
            self.busy.push(open.run.start.revision, key);
        }
    }

    /// How many may have something to do.
    pub(super) fn busy(&self) -> usize {
        self.busy.len()
    }

    /// The next one of them.
    pub(super) fn take_busy(&mut self) -> Option<ExecutionKey> {
        let key = self.busy.take()?;
        if let Some(open) = self.open.get_mut(&key) {
            open.is_busy = false;
        }
        Some(key)
    }

    /// A STANDARD child has ended.
    pub(crate) fn child_ended(&mut self, child: &ChildOf, status: Status) {
        let Some(key) = self.find(&child.map_run_arn) else { return };
        let Some(open) = self.open.get_mut(&key) else { return };
        open.run.ended(EndedChild { child: child.child, status, express: None });
        self.mark(key);
    }
}
