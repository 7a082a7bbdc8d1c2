//! The engine's handle: it loads open executions and commits what happens to them.
//!
//! Records become bytes here, on the caller's thread, while the commit thread waits for the disk.

mod map_runs;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use asl::Timestamp;
use execution::codec;
use execution::execution::Start;
use execution::map_run::MapRunChange;
use execution::{Execution, Status};
use json::Text;

use crate::bytes::PutBytes;
use crate::catalog::{self, Activity, Machine, Revision};
use crate::chain::{self, Rebuilt};
use crate::commit::{Batch, Change, Committer};
use crate::express::Journal;
use crate::index::Entry;
use crate::log::BODY_MAX;
use crate::open::OpenExecutions;
use crate::ownership::Owner;
use crate::pending::Pending;
use crate::published::Named;
use crate::record::{ExecutionKey, Record};
use crate::store::{Error, Shared};
use crate::wire::{self, Header, Kind};

/// See [`Settings::frame_bytes`](crate::Settings::frame_bytes).
pub(crate) const FRAME_BYTES: usize = 4 << 20;

/// How often expired executions are looked for, in milliseconds.
const EXPIRY_INTERVAL: i64 = 1_000;

/// An execution that has ended, as [`Writer::read_closed`] has read it.
pub struct Closed(Rebuilt);

impl Closed {
    /// The execution.
    pub fn execution(&self) -> &Execution {
        &self.0.execution
    }
}

/// Loads and commits. There is one. When it is dropped, what is queued is committed first.
pub struct Writer<A> {
    shared: Arc<Shared>,
    committer: Committer<A>,
    open: OpenExecutions,
    next_key: u64,
    next_revision: u64,
    /// The number of the coming commit.
    number: u64,
    next_tick: Timestamp,
    arns: Pending<Text, ExecutionKey>,
    closed: Pending<ExecutionKey, (Arc<Start>, Timestamp)>,
    reopened: Pending<ExecutionKey, ()>,
    map_runs: Pending<Text, ExecutionKey>,
    /// What ended before this is being forgotten.
    forgotten_before: Timestamp,
    machines: Pending<Text, Option<Arc<Machine>>>,
    revisions: Pending<u64, Arc<Revision>>,
    activities: Pending<Text, Option<Arc<Activity>>>,
}

impl<A: Send + 'static> Writer<A> {
    /// Queues records, in order, for the next frame; returns at once (or waits while the queue is at
    /// its bound). `after` is handed to `on_durable` when they are on disk. With no records it still
    /// waits for everything that was committed before.
    ///
    /// All of a commit is in one frame, unless it is larger than 4 MiB: then a crash may keep its
    /// first part only. Never parted are a start and its first turn, a machine and the version that is
    /// published with it, the start or the end of a Map Run and what follows it.
    pub fn commit(&mut self, records: Vec<Record>, after: A) {
        let number = self.number;
        self.settle();
        let mut batch = Batch::new(Some(number));
        let mut may_cut = false;
        let changed: Vec<ExecutionKey> = records.iter().filter_map(Record::key_of_turn).collect();
        for record in records {
            if may_cut && batch.bytes.len() >= self.shared.frame_bytes {
                self.push(std::mem::replace(&mut batch, Batch::new(Some(number))));
            }
            may_cut = record.may_be_last_of_a_frame();
            self.encode(record, &mut batch);
        }
        for key in changed {
            self.encode_wanted_checkpoint(key, &mut batch);
        }
        batch.after = Some(after);
        self.push(batch);
        self.number += 1;
    }

    /// Behind all turns of a commit the executions in memory are what the records say.
    fn encode_wanted_checkpoint(&mut self, key: ExecutionKey, batch: &mut Batch<A>) {
        let Some(execution) = self.open.take_wish_for_checkpoint(key) else { return };
        if batch.bytes.len() >= self.shared.frame_bytes {
            self.committer.push(std::mem::replace(batch, Batch::new(Some(self.number))));
        }
        let mut codec = codec::Writer::new(new_serial());
        wire::put(Header::of(Kind::Checkpoint, key), &mut batch.bytes, |out| {
            codec.checkpoint(execution, out)
        });
        self.open.insert_codec(key, codec);
        batch.changes.push(Change::Checkpoint { key });
    }

    /// The open execution with this number, to be woken; read from the log if it is not in memory.
    ///
    /// Records that cannot be read any more are a fault like a failing disk, because what waits for
    /// them can neither be done nor be dropped.
    pub fn load(&mut self, key: ExecutionKey) -> Option<&mut Execution> {
        if self.open.get(key).is_none() {
            self.read(key)?;
        }
        self.open.get_mut(key, self.number)
    }

    fn read(&mut self, key: ExecutionKey) -> Option<()> {
        // One that was closed a moment ago is still open for readers.
        if self.closed.get(&key).is_some() {
            return None;
        }
        let mut earlier = None;
        loop {
            let last = {
                let index = self.shared.read();
                index.execution(key).filter(|entry| entry.status == Status::Running)?.last
            };
            match chain::rebuild(&*self.shared.log, key, last) {
                Ok(rebuilt) => {
                    self.open.insert_read(key, rebuilt, new_serial(), self.number);
                    return Some(());
                }
                // It was not moved meanwhile.
                Err(error) if earlier == Some(last) => {
                    self.shared.fault.strike(&format!("an open execution cannot be read: {error}"));
                    self.committer.abandon();
                    return None;
                }
                Err(_) => earlier = Some(last),
            }
        }
    }

    /// An execution that has ended and whose end is durable, read from the log to be redriven. `None` while it
    /// is open for readers, and when it is about to be forgotten.
    pub fn read_closed(&mut self, key: ExecutionKey, now: Timestamp) -> Result<Option<Closed>, Error> {
        self.settle();
        if self.open.get(key).is_some() || self.closed.get(&key).is_some() {
            return Ok(None);
        }
        let retained_from = self.retained_from(now);
        let is_kept = |entry: &Entry| entry.closed_at().is_some_and(|at| at >= retained_from);
        self.shared.look(
            |index| Some((key, index.execution(key).filter(|entry| is_kept(entry))?)),
            |key, entry| chain::rebuild(&*self.shared.log, key, entry.last).map(Closed),
        )
    }

    /// Puts an execution that was read beside the open ones, to be redriven. The turn that does so must be part
    /// of the next commit.
    pub fn reopen(&mut self, key: ExecutionKey, closed: Closed) {
        self.reopened.put(self.number, key, ());
        self.open.insert_read(key, closed.0, new_serial(), self.number);
    }

    /// Puts a new open execution beside the others. Its start must be part of the next commit.
    pub fn insert(&mut self, key: ExecutionKey, execution: Execution) {
        self.arns.put(self.number, execution.start.arn.clone(), key);
        self.open.insert(key, execution, self.number);
    }

    /// Takes a closed execution away. The turn that closed it must be part of the next commit.
    pub fn remove(&mut self, key: ExecutionKey) {
        let Some(execution) = self.open.remove(key) else { return };
        if let Some(close) = execution.close {
            self.arns.put(self.number, execution.start.arn.clone(), key);
            self.closed.put(self.number, key, (execution.start, close.at));
        }
    }

    /// A number that was never used by a committed execution.
    pub fn new_execution_key(&mut self) -> ExecutionKey {
        self.next_key += 1;
        ExecutionKey(self.next_key - 1)
    }

    /// A number that was never used by a committed revision.
    pub fn new_revision_number(&mut self) -> u64 {
        self.next_revision += 1;
        self.next_revision - 1
    }

    /// What is known of an execution ARN, what was committed a moment ago included. The start of one
    /// that is not in memory has an empty object for its input.
    pub fn find(&self, execution_arn: &str) -> Option<(ExecutionKey, Arc<Start>)> {
        let Some(&key) = self.arns.get(execution_arn) else {
            let index = self.shared.read();
            let (key, entry) = index.find_execution(execution_arn)?;
            return Some((key, entry.start()));
        };
        if let Some(execution) = self.open.get(key) {
            return Some((key, execution.start.clone()));
        }
        if let Some((start, _)) = self.closed.get(&key) {
            return Some((key, start.clone()));
        }
        self.shared.read().execution(key).map(|entry| (key, entry.start()))
    }

    /// What an execution was started with, whole, whether it is open or not; read from the log if need be.
    /// `None` if there is none, or if its records cannot be read.
    pub fn start_of(&mut self, key: ExecutionKey) -> Option<Arc<Start>> {
        if let Some((start, _)) = self.closed.get(&key) {
            return Some(start.clone());
        }
        if let Some(execution) = self.load(key) {
            return Some(execution.start.clone());
        }
        let read = |key, entry: &Entry| match &entry.hot {
            Some(hot) => Ok(hot.start.clone()),
            None => {
                let records = chain::read(&*self.shared.log, key, entry.last)?;
                chain::decode(&records, entry.last).map(|(start, _)| Arc::new(start))
            }
        };
        self.shared.look(|index| Some((key, index.execution(key)?)), read).ok().flatten()
    }

    /// When an execution ended, a moment ago included; `None` while it is open, and when it is not known.
    pub fn closed_at(&self, key: ExecutionKey) -> Option<Timestamp> {
        // One that was redriven a moment ago is still closed for readers.
        if self.open.get(key).is_some() {
            return None;
        }
        match self.closed.get(&key) {
            Some((_, at)) => Some(*at),
            None => self.shared.read().get(key)?.closed_at(),
        }
    }

    /// How an execution ended that was not closed a moment ago; `None` while it is open, and when it is not known.
    pub fn closed_as(&self, key: ExecutionKey) -> Option<Status> {
        if self.open.get(key).is_some() {
            return None;
        }
        self.shared.read().get(key).map(|entry| entry.status).filter(|status| *status != Status::Running)
    }

    /// A machine, what was committed a moment ago included.
    pub fn machine(&self, arn: &str) -> Option<Arc<Machine>> {
        match self.machines.get(arn) {
            Some(machine) => machine.clone(),
            None => self.shared.read().catalog.machine(arn).cloned(),
        }
    }

    /// What the ARN of a machine, a version or an alias names, what was committed a moment ago included.
    pub fn named(&self, arn: &str) -> Option<Named> {
        Named::find(arn, |machine_arn| self.machine(machine_arn))
    }

    /// A revision that is current or that a version or an execution uses.
    pub fn revision(&self, number: u64) -> Option<Arc<Revision>> {
        match self.revisions.get(&number) {
            Some(revision) => Some(revision.clone()),
            None => self.shared.read().catalog.revision(number).cloned(),
        }
    }

    /// An activity, what was committed a moment ago included.
    pub fn activity(&self, arn: &str) -> Option<Arc<Activity>> {
        match self.activities.get(arn) {
            Some(activity) => activity.clone(),
            None => self.shared.read().catalog.activity(arn).cloned(),
        }
    }

    /// Executions of a machine that are open, the oldest first.
    pub fn open_of_machine(&self, arn: &str) -> Vec<ExecutionKey> {
        let in_memory = self.open.iter().filter(|(_, execution)| execution.start.state_machine_arn == arn);
        let mut keys: Vec<ExecutionKey> = in_memory.map(|(key, _)| key).collect();
        if let Some(listing) = self.shared.read().listing(arn) {
            let durable = listing.newest_first(Some(Status::Running), None).map(|(_, key)| key);
            // One that was closed a moment ago is still open for readers.
            keys.extend(durable.filter(|key| self.closed.get(key).is_none()));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Who owns the execution with this ARN, whether there is one or not. To be asked before it is
    /// changed or started.
    pub fn owner_of(&self, execution_arn: &str) -> Owner {
        self.shared.ownership.of(execution_arn)
    }

    /// The handle by which starts of EXPRESS executions are committed from any thread.
    pub fn journal(&self) -> Journal<A> {
        Journal::new(self.shared.clone(), self.committer.queue())
    }

    /// Set while the disk has no room: new work must be refused.
    pub fn is_full(&self) -> bool {
        self.shared.is_full()
    }

    /// Tells the time. Call it at least every few seconds: retention counts by it.
    pub fn tick(&mut self, now: Timestamp) {
        if now >= self.next_tick {
            // What is durable is looked up in the index from here on: what expires there must be gone here.
            self.settle();
            self.next_tick = now.plus_millis(EXPIRY_INTERVAL);
            // What was redriven a moment ago is still closed for the one who ends retentions.
            if self.reopened.is_empty() {
                self.forgotten_before = self.retained_from(now);
                self.committer.expire(self.forgotten_before);
            }
        }
    }

    /// Executions that ended before this are no longer kept.
    fn retained_from(&self, now: Timestamp) -> Timestamp {
        let retention = i64::try_from(self.shared.retention.as_millis()).unwrap_or(i64::MAX);
        Timestamp(now.0.saturating_sub(retention))
    }

    pub(crate) fn new(shared: Arc<Shared>, committer: Committer<A>, open_max: usize) -> Self {
        let (next_key, next_revision) = {
            let index = shared.read();
            (index.next_key.max(1), index.next_revision.max(1))
        };
        Writer {
            shared,
            committer,
            open: OpenExecutions::new(open_max),
            next_key,
            next_revision,
            number: 1,
            next_tick: Timestamp(i64::MIN),
            arns: Pending::new(),
            closed: Pending::new(),
            reopened: Pending::new(),
            map_runs: Pending::new(),
            forgotten_before: Timestamp(i64::MIN),
            machines: Pending::new(),
            revisions: Pending::new(),
            activities: Pending::new(),
        }
    }

    fn push(&self, batch: Batch<A>) {
        let bytes = batch.bytes.len();
        if bytes > BODY_MAX {
            self.shared
                .fault
                .strike(&format!("a turn takes {bytes} bytes, and the log takes {BODY_MAX} at the most"));
            self.committer.abandon();
        }
        self.committer.push(batch);
    }

    fn encode(&mut self, record: Record, batch: &mut Batch<A>) {
        let number = self.number;
        let out = &mut batch.bytes;
        let change = match record {
            Record::Start { key, start } => {
                let mut codec = codec::Writer::new(new_serial());
                wire::put(Header::of(Kind::Start, key), out, |out| codec.start(&start, out));
                self.open.insert_codec(key, codec);
                Change::Start { key, start }
            }
            Record::Turn { key, turn } => {
                let Some(codec) = self.open.codec(key) else {
                    unreachable!(
                        "the engine commits turns of open executions only, and their starts before them"
                    )
                };
                let mut header = Header::of(Kind::Turn, key);
                if let Some(close) = &turn.close {
                    (header.status, header.stopped_at) = (close.status, close.at);
                }
                let redriven_at = turn.redriven_at();
                if let Some(at) = redriven_at {
                    (header.kind, header.stopped_at) = (Kind::Redrive, at);
                }
                let header = wire::put(header, out, |out| codec.turn(&turn, out));
                match turn.close {
                    Some(_) => self.open.remove_codec(key),
                    None => self.open.note_bytes(key, header.record_bytes().into()),
                }
                Change::Turn { key, redriven_at, close: turn.close.clone(), standing: turn.standing.clone() }
            }
            Record::MapRunStart { key, start } => {
                wire::put(Header::of(Kind::MapRunStart, key), out, |out| {
                    codec::put_map_run_start(&start, new_serial(), out);
                });
                self.map_runs.put(number, start.arn.clone(), key);
                Change::MapRunStart { key, start }
            }
            Record::MapRunTurn { key, turn } => {
                let mut header = Header::of(Kind::MapRunTurn, key);
                if let Some(close) = &turn.close {
                    (header.status, header.stopped_at) = (close.status, close.at);
                } else if turn.changes.iter().any(|change| matches!(change, MapRunChange::Redriven(_))) {
                    header.stopped_at = turn.at;
                }
                wire::put(header, out, |out| codec::put_map_run_turn(&turn, new_serial(), out));
                Change::map_run_turn(&header)
            }
            Record::PutMachine(machine) => {
                let current = machine.current.clone();
                let earlier = self.machine(&machine.arn);
                let is_known = earlier.is_some_and(|earlier| earlier.current.number == current.number);
                wire::put(Header::of(Kind::PutMachine, ExecutionKey(0)), out, |out| {
                    catalog::encode_machine(&machine, !is_known, out);
                });
                self.revisions.put(number, current.number, current);
                self.machines.put(number, machine.arn.clone(), Some(machine.clone()));
                Change::PutMachine(machine)
            }
            Record::Publish { machine_arn, publication } => {
                let Some(machine) = self.machine(&machine_arn) else {
                    unreachable!("the engine publishes what belongs to a machine that is there")
                };
                let machine = Arc::new(machine.with(&publication));
                wire::put(Header::of(Kind::Publish, ExecutionKey(0)), out, |out| {
                    out.put_text(&machine_arn);
                    publication.encode(out);
                });
                self.machines.put(number, machine_arn.clone(), Some(machine));
                Change::Publish { machine_arn, publication }
            }
            Record::RemoveMachine { arn } => {
                let header = Header::of(Kind::RemoveMachine, ExecutionKey(0));
                wire::put(header, out, |out| out.put_text(&arn));
                self.machines.put(number, arn.clone(), None);
                Change::RemoveMachine(arn)
            }
            Record::PutActivity(activity) => {
                let header = Header::of(Kind::PutActivity, ExecutionKey(0));
                wire::put(header, out, |out| catalog::encode_activity(&activity, out));
                self.activities.put(number, activity.arn.clone(), Some(activity.clone()));
                Change::PutActivity(activity)
            }
            Record::RemoveActivity { arn } => {
                let header = Header::of(Kind::RemoveActivity, ExecutionKey(0));
                wire::put(header, out, |out| out.put_text(&arn));
                self.activities.put(number, arn.clone(), None);
                Change::RemoveActivity(arn)
            }
        };
        batch.changes.push(change);
    }

    /// Forgets what the index shows by now.
    fn settle(&mut self) {
        let durable = self.shared.durable.load(Ordering::Acquire);
        self.arns.settle(durable);
        self.closed.settle(durable);
        self.reopened.settle(durable);
        self.map_runs.settle(durable);
        self.machines.settle(durable);
        self.revisions.settle(durable);
        self.activities.settle(durable);
        self.open.settle(durable);
    }
}

/// What no other codec of this process has: a document may be in the hands of two stores, one after
/// the other, and what the first has written the second has not.
fn new_serial() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    loop {
        // 0 is the mark of a document that nobody has written.
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        if serial != 0 {
            return serial;
        }
    }
}
