//! The commit thread: takes everything that is queued, makes one frame of it, waits for the disk,
//! shows it to readers, and only then tells those who wait for it.
//!
//! Between commits it also ends retentions and copies records that the compactor wants moved,
//! because only one thread appends.

pub(crate) mod queue;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use asl::Timestamp;
use execution::execution::{Close, Start};
use execution::map_run::MapRunStart;
use execution::{Standing, Status};
use json::Text;

use crate::bytes::PutBytes;
use crate::catalog::{Activity, Machine};
use crate::chain;
use crate::compact::{self, Compactor};
use crate::express::{self, ExpressKey};
use crate::index::{Index, TurnEnd};
use crate::log::{AppendError, Place};
use crate::published::Publication;
use crate::record::ExecutionKey;
use crate::store::{Error, Shared};
use crate::wire::{self, HEADER_BYTES, Header, Kind};
use queue::{Queue, Task};

/// How many executions one frame removes: a bound on how long readers wait.
const EXPIRED_MAX: usize = 1_000;

/// An execution or a Map Run with more bytes of records than this is not moved; its segments stay until it is
/// forgotten.
const MOVED_BYTES_MAX: u64 = 32 << 20;

/// How long a full disk is left alone before the next try.
const FULL_PATIENCE: Duration = Duration::from_millis(100);

/// Some or all records of a commit, as bytes, and what they mean for the index.
pub(crate) struct Batch<A> {
    /// The writer's number of the commit; `None` for what others than the writer commit.
    pub(crate) number: Option<u64>,
    pub(crate) bytes: Vec<u8>,
    /// One for each record in `bytes`.
    pub(crate) changes: Vec<Change>,
    /// With the last part of a commit.
    pub(crate) after: Option<A>,
}

/// What a record means for the index.
pub(crate) enum Change {
    Start { key: ExecutionKey, start: Arc<Start> },
    Turn { key: ExecutionKey, redriven_at: Option<Timestamp>, close: Option<Close>, standing: Standing },
    Checkpoint { key: ExecutionKey },
    MapRunStart { key: ExecutionKey, start: Arc<MapRunStart> },
    MapRunTurn { key: ExecutionKey, redriven_at: Option<Timestamp>, end: TurnEnd },
    PutMachine(Arc<Machine>),
    Publish { machine_arn: Text, publication: Publication },
    RemoveMachine(Text),
    PutActivity(Arc<Activity>),
    RemoveActivity(Text),
    ExpressStart { key: ExpressKey, revision: u64 },
    ExpressEnd(Vec<ExpressKey>),
}

impl<A> Batch<A> {
    pub(crate) fn new(number: Option<u64>) -> Self {
        Batch { number, bytes: Vec::new(), changes: Vec::new(), after: None }
    }
}

impl Change {
    /// What the turn of a Map Run means: its header says all of it.
    pub(crate) fn map_run_turn(header: &Header) -> Change {
        let &Header { key, status, stopped_at, .. } = header;
        match status {
            Status::Running => {
                let redriven_at = Some(stopped_at).filter(|&at| at != Timestamp(0));
                Change::MapRunTurn { key, redriven_at, end: TurnEnd::Open(Standing::Unknown) }
            }
            Status::Succeeded | Status::Failed | Status::TimedOut | Status::Aborted => {
                Change::MapRunTurn { key, redriven_at: None, end: TurnEnd::Closed(status, stopped_at) }
            }
        }
    }

    /// Does to the index what the record at `place` says.
    pub(crate) fn apply(self, index: &mut Index, place: Place, bytes: u32) {
        match self {
            Change::Start { key, start } => index.start(key, &start, place, bytes),
            Change::Turn { key, redriven_at, close: None, standing } => {
                index.redrive(key, place, redriven_at);
                index.turn(key, place, bytes, TurnEnd::Open(standing));
            }
            Change::Turn { key, redriven_at, close: Some(close), .. } => {
                index.redrive(key, place, redriven_at);
                index.turn(key, place, bytes, TurnEnd::Closed(close.status, close.at));
                index.keep_close(key, Some(close));
            }
            Change::Checkpoint { key } => index.more_records(key, place, bytes),
            Change::MapRunStart { key, start } => index.map_run_start(key, &start, place, bytes),
            Change::MapRunTurn { key, redriven_at, end } => {
                index.redrive(key, place, redriven_at);
                index.turn(key, place, bytes, end);
            }
            Change::ExpressStart { key, revision } => index.express_start(key, revision, place, bytes),
            Change::ExpressEnd(keys) => keys.into_iter().for_each(|key| index.express_end(key)),
            // A catalog that was written down later than this record has it already.
            _ if place <= index.catalog_until => {}
            Change::PutMachine(machine) => {
                index.next_revision = index.next_revision.max(machine.current.number + 1);
                index.catalog.put_machine(machine);
                index.catalog_until = place;
            }
            Change::Publish { machine_arn, publication } => {
                index.catalog.publish(&machine_arn, &publication);
                index.catalog_until = place;
            }
            Change::RemoveMachine(arn) => {
                index.catalog.remove_machine(&arn);
                index.catalog_until = place;
            }
            Change::PutActivity(activity) => {
                index.catalog.put_activity(activity);
                index.catalog_until = place;
            }
            Change::RemoveActivity(arn) => {
                index.catalog.remove_activity(&arn);
                index.catalog_until = place;
            }
        }
    }
}

/// A defect on the commit thread is a fault like a failing disk: nothing would be durable any more.
struct StrikesOnPanic(Arc<Shared>);

impl Drop for StrikesOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fault.strike("a defect ended the commit thread");
        }
    }
}

/// The two threads that work behind a writer. Dropping it commits what is queued and ends them.
pub(crate) struct Committer<A> {
    queue: Arc<Queue<A>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts the commit thread and the compactor.
pub(crate) fn start<A: Send + 'static>(
    shared: Arc<Shared>,
    epoch: u64,
    snapshot: compact::LastSnapshot,
    on_durable: impl FnMut(A) + Send + 'static,
) -> Result<Committer<A>, Error> {
    let queue = Arc::new(Queue::new());
    let wishes = queue.clone();
    let compactor = Compactor::start(shared.clone(), snapshot, move |wish| wishes.push_wish(wish))?;
    let mut committing =
        Committing { shared, epoch, queue: queue.clone(), body: Vec::new(), compactor, on_durable };
    let thread = thread::Builder::new()
        .name("commit".to_owned())
        .spawn(move || committing.run())
        .map_err(Error::io(|| "starting the commit thread".to_owned()))?;
    Ok(Committer { queue, thread: Some(thread) })
}

impl<A> Committer<A> {
    /// Queues a batch; waits while the queue is at its bound.
    pub(crate) fn push(&self, batch: Batch<A>) {
        self.queue.push(batch);
    }

    /// Where others than the writer commit.
    pub(crate) fn queue(&self) -> Arc<Queue<A>> {
        self.queue.clone()
    }

    /// Removes executions that ended before `end`, when there is time for it.
    pub(crate) fn expire(&self, end: Timestamp) {
        self.queue.expire(end);
    }

    /// Commits nothing any more.
    pub(crate) fn abandon(&self) {
        self.queue.abandon();
    }
}

impl<A> Drop for Committer<A> {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // It can only have panicked, and that was reported when it happened.
            let _ = thread.join();
        }
    }
}

struct Committing<A, F> {
    shared: Arc<Shared>,
    epoch: u64,
    queue: Arc<Queue<A>>,
    body: Vec<u8>,
    compactor: Compactor,
    on_durable: F,
}

/// The log cannot be appended to any more: nothing is committed from here on.
struct Ended;

impl<A, F: FnMut(A)> Committing<A, F> {
    fn run(&mut self) {
        let _strikes = StrikesOnPanic(self.shared.clone());
        while let Some(task) = self.queue.next(self.shared.frame_bytes) {
            let done = match task {
                Task::Commit(batches) => self.commit(batches),
                Task::Expire(end) => self.expire(end),
                Task::Move(key) => self.move_execution(key),
                Task::Frame => self.remove(&[]).map(|()| self.compactor.notify()),
            };
            if done.is_err() {
                self.queue.abandon();
                return;
            }
        }
        // What has ended need not run again after the next start. If the disk is full, it does.
        let _ = self.note_ended();
    }

    fn commit(&mut self, batches: Vec<Batch<A>>) -> Result<(), Ended> {
        self.body.clear();
        let (mut changes, mut afters) = (Vec::new(), Vec::new());
        for batch in batches {
            self.body.extend_from_slice(&batch.bytes);
            changes.extend(batch.changes);
            afters.extend(batch.after.map(|after| (batch.number, after)));
        }
        // A commit without records waits for those before it, and they are durable by now.
        if !changes.is_empty() {
            changes.extend(express::put_ended(&self.shared, &mut self.body));
            let records = self.seal();
            assert_eq!(records.len(), changes.len(), "a batch has one change for each record");
            let place = self.append()?;
            self.publish(|index| {
                for ((offset, header), change) in records.iter().zip(changes) {
                    change.apply(index, place.plus(*offset), header.record_bytes());
                }
            });
        }
        for (number, after) in afters {
            if let Some(number) = number {
                self.shared.durable.store(number, Ordering::Release);
            }
            (self.on_durable)(after);
        }
        Ok(())
    }

    /// Notes which EXPRESS executions have ended, where no commit has come by that could take the note along.
    fn note_ended(&mut self) -> Result<(), Ended> {
        self.body.clear();
        let Some(change) = express::put_ended(&self.shared, &mut self.body) else { return Ok(()) };
        let bytes = self.body.len() as u32;
        wire::seal(&mut self.body, Place::NONE);
        let place = self.append()?;
        self.publish(|index| change.apply(index, place, bytes));
        Ok(())
    }

    fn expire(&mut self, end: Timestamp) -> Result<(), Ended> {
        self.note_ended()?;
        // One more than are removed says that there are more: the last to be removed have the compactor look.
        let mut keys = self.shared.read().ended_before(end, EXPIRED_MAX + 1);
        let are_more = keys.len() > EXPIRED_MAX;
        keys.truncate(EXPIRED_MAX);
        if keys.is_empty() {
            return Ok(());
        }
        self.remove(&keys)?;
        if are_more {
            self.queue.expire(end);
        } else {
            self.compactor.notify();
        }
        Ok(())
    }

    /// Removes executions and Map Runs, none if there are none: the frame is written in any case.
    fn remove(&mut self, keys: &[ExecutionKey]) -> Result<(), Ended> {
        self.body.clear();
        let header = wire::put(Header::of(Kind::Expire, ExecutionKey(0)), &mut self.body, |out| {
            for key in keys {
                out.put_u64(key.0);
            }
        });
        debug_assert_eq!(header.record_bytes() as usize, self.body.len());
        wire::seal(&mut self.body, Place::NONE);
        self.append()?;
        self.publish(|index| keys.iter().for_each(|&key| index.remove(key)));
        Ok(())
    }

    /// Copies all records of an execution or a Map Run to the end of the log.
    fn move_execution(&mut self, key: ExecutionKey) -> Result<(), Ended> {
        let known = self.shared.read().get(key).map(|entry| (entry.last, entry.extent.bytes()));
        let Some((last, _)) = known.filter(|(_, bytes)| *bytes <= MOVED_BYTES_MAX) else { return Ok(()) };
        let records = match chain::read(&*self.shared.log, key, last) {
            Ok(records) => records,
            Err(error) => {
                // Their segment stays, and whoever asks for them hears the same.
                tracing::error!("the records of an execution or a Map Run cannot be moved: {error}");
                return Ok(());
            }
        };
        self.body.clear();
        let mut offsets = Vec::new();
        for record in &records {
            let offset = self.body.len();
            let kind = match record.header.kind {
                _ if offsets.is_empty() => Kind::MovedStart,
                Kind::Checkpoint | Kind::MovedCheckpoint => Kind::MovedCheckpoint,
                _ => Kind::MovedTurn,
            };
            let header = wire::put(Header { kind, ..record.header }, &mut self.body, |out| {
                out.extend_from_slice(&record.bytes[HEADER_BYTES..]);
            });
            let previous =
                offsets.last().map_or(Place::NONE, |(earlier, _)| wire::distance(offset as u32 - earlier));
            wire::seal(&mut self.body[offset..], previous);
            offsets.push((offset as u32, header.record_bytes()));
        }
        let place = self.append()?;
        self.publish(|index| {
            for (at, (offset, bytes)) in offsets.into_iter().enumerate() {
                match at {
                    0 => index.moved_start(key, place.plus(offset), bytes),
                    _ => index.more_records(key, place.plus(offset), bytes),
                }
            }
        });
        self.compactor.notify();
        Ok(())
    }

    /// Links the records in `body` to those before them; the offset and header of each.
    fn seal(&mut self) -> Vec<(u32, Header)> {
        let index = self.shared.read();
        let mut in_this_frame: HashMap<ExecutionKey, u32> = HashMap::new();
        let mut records = Vec::new();
        let mut offset = 0;
        while let Some(header) = wire::header(&self.body[offset..]) {
            let end = offset + header.record_bytes() as usize;
            let previous = match header.kind {
                Kind::Start
                | Kind::Turn
                | Kind::Redrive
                | Kind::Checkpoint
                | Kind::MapRunStart
                | Kind::MapRunTurn => match in_this_frame.insert(header.key, offset as u32) {
                    Some(earlier) => wire::distance(offset as u32 - earlier),
                    None => index.get(header.key).map_or(Place::NONE, |entry| entry.last),
                },
                _ => Place::NONE,
            };
            wire::seal(&mut self.body[offset..end], previous);
            records.push((offset as u32, header));
            offset = end;
        }
        records
    }

    /// Appends `body`. While there is no room it waits and tries again.
    fn append(&mut self) -> Result<Place, Ended> {
        let seq = self.shared.log.next_seq();
        loop {
            match self.shared.log.append(self.epoch, seq, &self.body) {
                Ok(place) => {
                    if self.shared.is_full.swap(false, Ordering::Relaxed) {
                        tracing::warn!("the disk has room again");
                    }
                    self.shared.appended.fetch_add(self.body.len() as u64, Ordering::Relaxed);
                    self.shared.frames.fetch_add(1, Ordering::Relaxed);
                    self.compactor.notify_if_segment_ended(place.segment());
                    return Ok(place);
                }
                Err(AppendError::NoRoom(error)) => {
                    if !self.shared.is_full.swap(true, Ordering::Relaxed) {
                        tracing::error!("the disk is full, new work is refused until there is room: {error}");
                    }
                    if self.queue.pause(FULL_PATIENCE) {
                        tracing::error!("stopping while the disk is full; what nobody was told of is lost");
                        return Err(Ended);
                    }
                }
                Err(error @ (AppendError::Fenced | AppendError::Failed(_))) => {
                    self.shared.fault.strike(&format!("the log cannot be written: {error}"));
                    return Err(Ended);
                }
            }
        }
    }

    /// Shows readers what the frame that was just appended says.
    fn publish(&self, change: impl FnOnce(&mut Index)) {
        let mut index = self.shared.write();
        change(&mut index);
        self.shared.catalog.store(index.catalog_until.to_bits(), Ordering::Release);
        self.shared.published.store(self.shared.log.next_seq(), Ordering::Release);
    }
}
