//! EventBridge Scheduler: a target that is called once, or again and again, whatever happens meanwhile.
//!
//! Schedules are in the ledger; in memory each has an entry of when it is due next ([`dues`]). What is due becomes a delivery
//! in the batch that notes it as done, so that a crash invokes nothing twice and forgets nothing.

mod actions;
mod courier;
mod dues;
mod firing;
mod schedule;
#[cfg(test)]
mod tests;
mod timing;
mod zone;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_names::Scope;
use connectors::Answering;
use json::{Object, Text, Value};
use ledger::{Batch, Ledger};
use tokio::runtime::Handle;
use tokio::sync::{MutexGuard as Locked, Notify};
use tokio::task::JoinSet;

use self::courier::ScheduleCourier;
use self::dues::{Dues, Key};
use self::schedule::{DEFAULT_GROUP, Schedule};
use crate::delivery::{Calls, Clock, Deliveries, Shelf};
use crate::{Call, Fault, Service, spaces};

/// What Scheduler works with.
pub struct Setup {
    /// Where everything is kept.
    pub ledger: Ledger,
    /// Who we answer as.
    pub scope: Scope,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How targets are called.
    pub calls: Arc<dyn Calls>,
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Scheduler(Arc<Inner>);

/// Schedules are changed under the lock of their part. More would help only if more disks did.
const LOCKS: usize = 64;

struct Inner {
    ledger: Ledger,
    scope: Scope,
    clock: Arc<dyn Clock>,
    deliveries: Deliveries,
    dues: Mutex<Dues>,
    count: AtomicUsize,
    locks: [tokio::sync::Mutex<()>; LOCKS],
    /// Something is due earlier than was known.
    bell: Notify,
    runtime: Handle,
    tasks: Mutex<JoinSet<()>>,
}

/// A call of an action, owned: whoever hangs up does not stop it halfway.
struct Asked {
    inner: Arc<Inner>,
    input: Value,
    /// Milliseconds since 1970.
    now: i64,
}

/// The kinds of records, by the first byte of their keys. A letter is a promise on disk; `d` is for deliveries.
const GROUP: u8 = b'g';
const SCHEDULE: u8 = b's';
const LAST: u8 = b'l';

fn record_key(kind: u8, name: &str) -> Vec<u8> {
    [&[kind][..], name.as_bytes()].concat()
}

fn key_of(group: &str, name: &str) -> Key {
    format!("{group}/{name}").into()
}

impl Scheduler {
    /// Goes on with what an earlier process left. Must be called within a tokio runtime.
    pub fn start(setup: Setup) -> Result<Scheduler, ledger::Error> {
        let Setup { ledger, scope, clock, calls } = setup;
        let shelf = Shelf { space: spaces::SCHEDULES, prefix: b"d" };
        let courier = Arc::new(ScheduleCourier { scope: scope.clone(), clock: clock.clone(), calls });
        let inner = Arc::new(Inner {
            deliveries: Deliveries::start(ledger.clone(), shelf, courier, clock.clone())?,
            ledger,
            scope,
            clock,
            dues: Mutex::default(),
            count: AtomicUsize::new(0),
            locks: std::array::from_fn(|_| tokio::sync::Mutex::new(())),
            bell: Notify::new(),
            runtime: Handle::current(),
            tasks: Mutex::default(),
        });
        inner.load()?;
        let mut tasks = inner.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.spawn_on(firing::run(Arc::downgrade(&inner)), &inner.runtime);
        drop(tasks);
        Ok(Scheduler(inner))
    }

    /// How many invocations wait for targets.
    pub fn open_deliveries(&self) -> usize {
        self.0.deliveries.open()
    }

    /// Ends everything it does by itself; what is not done is left for the next start.
    pub async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
        self.0.deliveries.stop().await;
    }
}

impl Service for Scheduler {
    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a, Result<Value, Fault>> {
        let asked = Asked { inner: self.0.clone(), input: call.input.clone(), now: self.0.clock.now() };
        let operation = Text::from(call.operation);
        let done = self.0.runtime.spawn(async move { actions::answer(&operation, &asked).await });
        Box::pin(async move {
            done.await.unwrap_or_else(|error| {
                tracing::error!(%error, "an action of Scheduler ended with a defect of Stepwell");
                let message = "The server has a defect; its log says more.";
                Err(Fault::new("InternalServerException", message).with_status(500))
            })
        })
    }
}

impl Inner {
    /// Finds out when everything is due.
    fn load(&self) -> Result<(), ledger::Error> {
        let now = self.clock.now();
        if !self.ledger.contains(spaces::SCHEDULES, &record_key(GROUP, DEFAULT_GROUP)) {
            let mut batch = Batch::new();
            self.put_group(&mut batch, DEFAULT_GROUP, &group_record(now, Object::new()));
            // Should it be lost, the next start makes it again.
            drop(self.ledger.submit(batch));
        }
        let mut dues = self.dues();
        self.ledger.visit(spaces::SCHEDULES, &[SCHEDULE], |key, value| {
            self.count.fetch_add(1, Ordering::Relaxed);
            let key = Text::from(String::from_utf8_lossy(&key[1..]));
            let Some(schedule) = Schedule::read(&value) else {
                tracing::error!(%key, "a schedule cannot be read");
                return;
            };
            let last = self.last(&key).unwrap_or_else(|error| {
                tracing::error!(%key, "when a schedule was last due cannot be read: {error}");
                None
            });
            dues.set(&key, next(&schedule, last, now));
        })
    }

    fn dues(&self) -> MutexGuard<'_, Dues> {
        self.dues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn schedule(&self, key: &Key) -> Result<Option<Schedule>, ledger::Error> {
        let bytes = self.ledger.get(spaces::SCHEDULES, &record_key(SCHEDULE, key))?;
        Ok(bytes.and_then(|bytes| Schedule::read(&bytes)))
    }

    /// When a schedule was due last, in seconds since 1970.
    fn last(&self, key: &Key) -> Result<Option<i64>, ledger::Error> {
        let bytes = self.ledger.get(spaces::SCHEDULES, &record_key(LAST, key))?;
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes))
    }

    fn put_schedule(&self, batch: &mut Batch, key: &Key, schedule: &Schedule) {
        let text = Value::Object(schedule.0.clone()).to_text();
        batch.put(spaces::SCHEDULES, &record_key(SCHEDULE, key), text.as_bytes());
    }

    fn remove_schedule(&self, batch: &mut Batch, key: &Key) {
        batch.remove(spaces::SCHEDULES, &record_key(SCHEDULE, key));
        batch.remove(spaces::SCHEDULES, &record_key(LAST, key));
    }

    fn put_group(&self, batch: &mut Batch, name: &str, record: &Object) {
        let text = Value::Object(record.clone()).to_text();
        batch.put(spaces::SCHEDULES, &record_key(GROUP, name), text.as_bytes());
    }

    fn group(&self, name: &str) -> Result<Object, Fault> {
        let bytes = self.ledger.get(spaces::SCHEDULES, &record_key(GROUP, name))?;
        match bytes.map(|bytes| Value::parse_bytes(&bytes)) {
            Some(Ok(Value::Object(record))) => Ok(record),
            // The very first start is still writing it.
            _ if name == DEFAULT_GROUP => Ok(group_record(self.clock.now(), Object::new())),
            _ => {
                Err(Fault::new("ResourceNotFoundException", format!("Schedule group {name} does not exist.")))
            }
        }
    }

    /// Lets nobody else change this schedule.
    async fn lock(&self, key: &Key) -> Locked<'_, ()> {
        self.locks[lock_of(key)].lock().await
    }

    /// The same for many. Everybody takes locks in their order, so nobody waits in a ring.
    async fn lock_all(&self, keys: impl Iterator<Item = usize>) -> Vec<Locked<'_, ()>> {
        let mut numbers: Vec<usize> = keys.collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut locked = Vec::new();
        for number in numbers {
            locked.push(self.locks[number].lock().await);
        }
        locked
    }

    /// Takes over when a schedule is due.
    fn set_due(&self, key: &Key, due: Option<timing::Due>) {
        self.dues().set(key, due);
        self.bell.notify_one();
    }
}

fn lock_of(key: &Key) -> usize {
    key.bytes().fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte))) % LOCKS
}

/// When an enabled schedule is due next.
fn next(schedule: &Schedule, last: Option<i64>, now: i64) -> Option<timing::Due> {
    if !schedule.is_enabled() {
        return None;
    }
    schedule.timing().ok()?.next(last, now.div_euclid(1_000))
}

fn group_record(now: i64, tags: Object) -> Object {
    let mut record = Object::new();
    record.insert("CreationDate", now);
    record.insert("LastModificationDate", now);
    record.insert("State", "ACTIVE");
    record.insert("Tags", tags);
    record
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.count.load(Ordering::Relaxed);
        f.debug_struct("Scheduler").field("schedules", &count).finish_non_exhaustive()
    }
}
