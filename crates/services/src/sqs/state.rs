//! All queues in memory, and who waits at them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use json::Text;
use tokio::sync::oneshot;

use super::keys::QueueId;
use super::move_task::MoveTask;
use super::number::Numbers;
use super::queue::{Queue, Taken};
use super::record::Record;
use super::redrive::RedrivePolicy;
use super::window::Window;
use crate::Fault;

/// How long a receive attempt is remembered, in milliseconds. (documented: 5 minutes)
const ATTEMPT_REMEMBERED: i64 = 300_000;

/// How many attempts of a queue are remembered; more are as if they had no id.
const ATTEMPTS_MAX: usize = 10_000;

/// Everything behind the one lock.
#[derive(Default)]
pub(crate) struct State {
    pub numbers: Numbers,
    pub queues: BTreeMap<QueueId, Kept>,
    pub names: BTreeMap<Text, QueueId>,
    /// Queues that were deleted, by name, and when. A restart forgets that.
    pub deleted: BTreeMap<Text, i64>,
    /// The id of the next queue. Those of deleted ones are not used while something of them is in the ledger.
    pub next_queue: u32,
    /// The queues at which somebody waits.
    pub waited: BTreeSet<QueueId>,
    pub waiters: usize,
    pub next_waiter: u64,
    /// What the timer waits for.
    pub timer: Option<i64>,
    pub move_tasks: BTreeMap<u64, MoveTask>,
    pub is_stopped: bool,
}

/// A queue, all of it.
pub(crate) struct Kept {
    pub record: Record,
    /// As the record's attributes say.
    pub redrive: Option<RedrivePolicy>,
    pub queue: Queue,
    pub window: Window,
    /// In the order of asking.
    pub waiters: BTreeMap<u64, Waiter>,
    pub attempts: Attempts,
    /// When it was purged last, in milliseconds since 1970.
    pub purged_at: Option<i64>,
}

/// What a receive is told.
pub(crate) type Told = oneshot::Sender<Result<Vec<Taken>, Fault>>;

/// Somebody who waits for messages.
pub(crate) struct Waiter {
    pub wish: Wish,
    pub told: Told,
}

/// What a receive wants.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// At most so many messages.
    pub max: usize,
    /// How long they are hidden, in milliseconds; as the queue has it by default.
    pub visibility: Option<i64>,
    /// ReceiveRequestAttemptId.
    pub attempt: Option<Text>,
}

impl Kept {
    pub fn new(record: Record) -> Kept {
        let queue = Queue::new(record.attributes.is_fifo(), record.attributes.rules(), record.purged);
        Kept {
            redrive: record.attributes.redrive(),
            record,
            queue,
            window: Window::default(),
            waiters: BTreeMap::new(),
            attempts: Attempts::default(),
            purged_at: None,
        }
    }
}

impl Kept {
    /// Takes over another record.
    pub fn set_record(&mut self, record: Record) {
        self.queue.rules = record.attributes.rules();
        self.redrive = record.attributes.redrive();
        self.record = record;
    }
}

/// What recent attempts received: who asks again with the same id gets the same again.
#[derive(Debug, Default)]
pub(crate) struct Attempts(HashMap<Text, Attempt>);

#[derive(Debug)]
struct Attempt {
    at: i64,
    /// The messages, and their receives.
    taken: Vec<Taken>,
}

impl Attempts {
    /// What an attempt received.
    pub fn find(&self, id: &str, now: i64) -> Option<&[Taken]> {
        let attempt = self.0.get(id).filter(|attempt| attempt.at + ATTEMPT_REMEMBERED > now)?;
        Some(&attempt.taken)
    }

    pub fn add(&mut self, id: Text, taken: Vec<Taken>, now: i64) {
        if self.0.len() < ATTEMPTS_MAX {
            self.0.insert(id, Attempt { at: now, taken });
        }
    }

    pub fn expire(&mut self, now: i64) {
        self.0.retain(|_, attempt| attempt.at + ATTEMPT_REMEMBERED > now);
    }
}

impl State {
    /// The queue with this ARN.
    pub fn by_arn(&self, arn: &str) -> Option<QueueId> {
        let name = arn.rsplit(':').next()?;
        let id = *self.names.get(name)?;
        (self.queues[&id].record.arn == arn).then_some(id)
    }
}
