//! The open Map Runs, each with the inputs that wait for their children.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use asl::Failure;
use execution::execution::Close;
use execution::map_run::{ChildInput, EndedChild, MapRun};
use execution::{ChildOf, Redrivable};
use json::Text;
use store::ExecutionKey;
use tokio::sync::Semaphore;

use super::back::MapRunRedrive;
use super::express::BeginningChild;
use super::work::Recalling;
use crate::ring::Ring;

/// So many Map Runs read their items at once; others wait at MapRunStarted. (spec/asl.md §10.6) Each of them has some
/// MiB of inputs in memory.
const GOING_MAX: usize = 1_000;

/// All open Map Runs.
#[derive(Default)]
pub(crate) struct MapRuns {
    open: HashMap<ExecutionKey, OpenMapRun>,
    by_arn: HashMap<Text, ExecutionKey>,
    /// Those that may have something to do, by revision.
    busy: Ring<ExecutionKey>,
    /// How many have not to wait for others to end.
    going: usize,
    /// The others in their order, and some that have ended meanwhile.
    waiting: VecDeque<ExecutionKey>,
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
    /// Looks up the inputs of those that follow.
    pub(super) recall: Recall,
    /// Lets the reading go on: a permit for each piece. Whoever drops it ends the reading.
    pub(super) reading: Option<ReadingPermits>,
    /// Its results are being gathered; it had been redriven so often when that was asked for.
    pub(super) gathering: Option<u64>,
    /// Too many others are open: it begins when one of them has ended.
    pub(super) is_waiting: bool,
    is_busy: bool,
}

/// One pass through what a Map Run has recorded, piece by piece.
#[derive(Default)]
pub(super) enum Recall {
    /// Nobody needs it, or it has to begin anew.
    #[default]
    NotBegun,
    /// Between two pieces.
    Rests(Box<store::Recall>),
    /// A piece is being read.
    Reads,
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
            recall: Recall::NotBegun,
            reading: None,
            gathering: None,
            is_waiting: false,
            is_busy: false,
        }
    }

    /// Whether it may have to wait until others have ended. One within the children of another one may not: those
    /// others may be waiting for it. Nor may one that has begun before.
    fn may_wait(&self) -> bool {
        let is_nested = self.run.start.child_machine_name.matches('/').count() > 1;
        self.run.begun() == 0 && !is_nested
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

    /// An EXPRESS child that is to run.
    pub(super) fn beginning(&self, number: u32, input: ChildInput) -> BeginningChild {
        BeginningChild { number, redrives: self.run.redrives_of(number), input }
    }

    /// What asks for more inputs of children that begin again, if those at hand are used up.
    pub(super) fn take_recalling(&mut self) -> Option<Recalling> {
        if self.run.next_again().is_none() {
            self.recall = Recall::NotBegun;
            return None;
        }
        if !self.recalled.is_empty() {
            return None;
        }
        match std::mem::replace(&mut self.recall, Recall::Reads) {
            Recall::Reads => None,
            Recall::Rests(recall) => Some(Recalling::Begun(recall)),
            Recall::NotBegun => Some(Recalling::Wanted {
                map_run_arn: self.run.start.arn.clone(),
                children: self.run.waiting_again().collect(),
            }),
        }
    }

    /// Inputs of children that begin again have come. Nobody waits for them if it was stopped meanwhile.
    pub(super) fn recalled(&mut self, recall: Option<Box<store::Recall>>, inputs: Vec<(u32, ChildInput)>) {
        if !matches!(self.recall, Recall::Reads) {
            return;
        }
        self.recall = recall.map_or(Recall::NotBegun, Recall::Rests);
        self.recalled.extend(inputs);
        // It would ask for them for ever.
        if self.recalled.is_empty() {
            self.run.fail(Failure::runtime("The inputs of children that begin again cannot be read."));
        }
    }

    /// Nothing more begins.
    pub(super) fn forget_inputs(&mut self) {
        self.reading = None;
        self.inputs.clear();
        self.recalled.clear();
        self.recall = Recall::NotBegun;
        for child in std::mem::take(&mut self.lost) {
            self.run.lose(child);
        }
    }
}

impl MapRuns {
    pub(super) fn insert(&mut self, key: ExecutionKey, mut open: OpenMapRun) {
        self.by_arn.insert(open.run.start.arn.clone(), key);
        open.is_waiting = self.going >= GOING_MAX && open.may_wait();
        match open.is_waiting {
            true => self.waiting.push_back(key),
            false => self.going += 1,
        }
        self.open.insert(key, open);
        self.mark(key);
    }

    pub(super) fn remove(&mut self, key: ExecutionKey) {
        if let Some(open) = self.open.remove(&key) {
            self.by_arn.remove(&open.run.start.arn);
            self.going -= usize::from(!open.is_waiting);
        }
    }

    /// Whether one waits that need not.
    pub(super) fn can_let_one_go(&self) -> bool {
        self.going < GOING_MAX && !self.waiting.is_empty()
    }

    /// The next one that has waited, if there is room for it.
    pub(super) fn let_one_go(&mut self) -> Option<ExecutionKey> {
        while self.going < GOING_MAX {
            let key = self.waiting.pop_front()?;
            if let Some(open) = self.open.get_mut(&key).filter(|open| open.is_waiting) {
                open.is_waiting = false;
                self.going += 1;
                return Some(key);
            }
        }
        None
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
    pub(crate) fn child_ended(&mut self, child: &ChildOf, close: &Close) {
        let Some(key) = self.find(&child.map_run_arn) else { return };
        let Some(open) = self.open.get_mut(&key) else { return };
        let (status, is_redrivable) = (close.status, close.redrivable == Redrivable::Yes);
        open.run.ended(EndedChild { child: child.child, status, is_redrivable, express: None });
        self.mark(key);
    }
}
