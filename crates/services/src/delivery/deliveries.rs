//! The line of deliveries: the roster, the ledger and the courier, brought together.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use ledger::{Batch, Commit, Error, Ledger, Refused, Space};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::id::Numbers;
use super::record::{self, Mark, Progress};
use super::recovery::{self, Left};
use super::roster::Roster;
use super::{Attempt, Clock, Courier, Death, DeliveryId, Leg, Outcome, Parcel, Trouble};

/// How many may be open: each takes a few hundred bytes of memory, so this is about a gigabyte, and days of work.
const OPEN_MAX: usize = 5_000_000;

/// When something of ours failed, such as reading the disk, it is tried again after so many milliseconds.
const OUR_FAULT_PAUSE: i64 = 60_000;

/// What is done is forgotten on the disk this much later, many deliveries with one commit: the next event, which often comes
/// right behind, does not wait for that. A crash meanwhile makes these deliveries once more.
const FORGET_AFTER: Duration = Duration::from_millis(10);

/// Deliveries of one service. Cheap to clone.
#[derive(Clone)]
pub struct Deliveries(Arc<Inner>);

/// Where in the ledger deliveries are.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    /// The service's.
    pub space: Space,
    /// What their keys begin with.
    pub prefix: &'static [u8],
}

/// There are so many open deliveries that no more are taken on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Too many deliveries wait for their targets; try again later")]
pub struct TooMany;

struct Inner {
    ledger: Ledger,
    shelf: Shelf,
    courier: Arc<dyn Courier>,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    state: Mutex<State>,
    /// Tells the timer that something is due earlier than it thinks.
    bell: Arc<Notify>,
    /// The timer and all attempts.
    tasks: Mutex<JoinSet<()>>,
}

#[derive(Default)]
struct State {
    numbers: Numbers,
    roster: Roster,
    parcels: HashMap<u128, Open>,
    legs_open: usize,
    /// What the timer waits for.
    timer: Option<i64>,
    /// What is to be forgotten, in the order in which legs ended: the last one removes what the others put.
    forgotten: Batch,
    /// Whether somebody is about to commit that.
    is_forgetting: bool,
    is_stopped: bool,
}

/// A parcel that has open legs.
struct Open {
    /// The lanes of its open legs, by number.
    legs: Vec<Option<Arc<str>>>,
    legs_open: usize,
    /// Legs with marks in the ledger.
    marked: Vec<u32>,
}

/// A parcel that is in a batch. When the batch is durable, [`send`](Sending::send) is called; dropping it instead leaves the
/// legs for the next start, if the batch became durable at all.
#[must_use]
pub struct Sending {
    deliveries: Deliveries,
    parcels: Vec<(u128, Arc<Parcel>)>,
}

impl Deliveries {
    /// Finds what an earlier process left, and goes on with it. Must be called within a tokio runtime.
    pub fn start(
        ledger: Ledger,
        shelf: Shelf,
        courier: Arc<dyn Courier>,
        clock: Arc<dyn Clock>,
    ) -> Result<Deliveries, Error> {
        let inner = Arc::new(Inner {
            ledger,
            shelf,
            courier,
            clock,
            runtime: Handle::current(),
            state: Mutex::default(),
            bell: Arc::default(),
            tasks: Mutex::default(),
        });
        inner.recover()?;
        let timer = run_timer(Arc::downgrade(&inner), inner.bell.clone(), inner.clock.clone());
        inner.spawn(timer);
        inner.go_on(&[]);
        Ok(Deliveries(inner))
    }

    /// Puts a parcel into a batch.
    pub fn prepare(&self, parcel: Parcel, batch: &mut Batch) -> Result<Sending, TooMany> {
        let mut parcels = Vec::new();
        if parcel.legs.len() <= Parcel::LEGS_MAX {
            parcels.push(parcel);
        } else {
            let part =
                |legs: &[Leg]| Parcel { sent: parcel.sent, body: parcel.body.clone(), legs: legs.to_vec() };
            parcels.extend(parcel.legs.chunks(Parcel::LEGS_MAX).map(part));
        }
        parcels.retain(|parcel| !parcel.legs.is_empty());
        let mut state = self.0.state();
        let legs: usize = parcels.iter().map(|parcel| parcel.legs.len()).sum();
        if state.legs_open + legs > OPEN_MAX {
            return Err(TooMany);
        }
        let mut numbered = Vec::new();
        for parcel in parcels {
            let number = state.numbers.next(self.0.clock.now(), self.0.clock.random());
            batch.put(self.0.shelf.space, &self.0.parcel_key(number), &record::write_parcel(&parcel));
            numbered.push((number, Arc::new(parcel)));
        }
        Ok(Sending { deliveries: self.clone(), parcels: numbered })
    }

    /// How many deliveries are open.
    pub fn open(&self) -> usize {
        self.0.state().legs_open
    }

    /// How many attempts are under way.
    pub fn under_way(&self) -> usize {
        self.0.state().roster.under_way()
    }

    /// Ends all attempts; what is not done is left for the next start.
    pub async fn stop(&self) {
        self.0.state().is_stopped = true;
        let mut tasks = std::mem::take(&mut *self.0.tasks());
        tasks.shutdown().await;
        self.forgotten().await;
    }

    /// Comes when everything that is done is forgotten on the disk, too, unless that is full or failing.
    pub async fn forgotten(&self) {
        let forgotten = self.0.forget();
        if let Err(refused) = forgotten.await {
            tracing::warn!("deliveries that are done will be made once more: {refused}");
        }
    }
}

impl Sending {
    /// Who the legs are known as.
    pub fn ids(&self) -> impl Iterator<Item = DeliveryId> {
        self.parcels.iter().flat_map(|(number, parcel)| {
            (0..parcel.legs.len() as u32).map(|leg| DeliveryId { parcel: *number, leg })
        })
    }

    /// Waits until the batch is durable and begins with it; both happen although whoever waits hangs up.
    pub async fn after(self, commit: Commit) -> Result<(), Refused> {
        let runtime = self.deliveries.0.runtime.clone();
        let sent = runtime.spawn(async move {
            commit.await?;
            self.send();
            Ok(())
        });
        sent.await.unwrap_or(Err(Refused::Stopped))
    }

    /// Begins with it: the batch is durable.
    pub fn send(self) {
        let inner = &self.deliveries.0;
        let now = inner.clock.now();
        let mut state = inner.state();
        for (number, parcel) in &self.parcels {
            state.admit(*number, parcel, &[], now, &*inner.courier);
        }
        drop(state);
        inner.go_on(&self.parcels);
    }
}

impl State {
    /// Takes a parcel on; of a recovered one, with what was written of its legs.
    fn admit(
        &mut self,
        number: u128,
        parcel: &Parcel,
        marks: &[(u32, Mark)],
        now: i64,
        courier: &dyn Courier,
    ) {
        let mut open = Open { legs: Vec::new(), legs_open: 0, marked: Vec::new() };
        let mut marks = marks.iter().peekable();
        for (leg_number, leg) in (0..).zip(&parcel.legs) {
            let mark = marks.next_if(|(marked, _)| *marked == leg_number).map(|(_, mark)| mark);
            open.marked.extend(mark.map(|_| leg_number));
            let due = match mark {
                Some(Mark::Done) => {
                    open.legs.push(None);
                    continue;
                }
                Some(Mark::Open(progress)) => progress.due,
                None => leg.due,
            };
            let lane = self.roster.lane(&leg.lane);
            let id = DeliveryId { parcel: number, leg: leg_number };
            self.roster.add(id, &lane, leg.in_order, courier.per_second(&lane), due, now);
            open.legs.push(Some(lane));
            open.legs_open += 1;
        }
        self.legs_open += open.legs_open;
        self.parcels.insert(number, open);
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().expect("no holder of this lock panics")
    }

    fn parcel_key(&self, number: u128) -> Vec<u8> {
        [self.shelf.prefix, &number.to_be_bytes()].concat()
    }

    fn mark_key(&self, id: DeliveryId) -> Vec<u8> {
        [self.shelf.prefix, &id.key()].concat()
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks();
        // So many as have ended since.
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &self.runtime);
    }

    /// Takes on everything that is in the ledger.
    fn recover(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut state = self.state();
        let orphans = recovery::visit(&self.ledger, self.shelf, |Left { number, parcel, marks }| {
            state.numbers.note(number);
            state.admit(number, &parcel, &marks, now, &*self.courier);
        })?;
        drop(self.ledger.submit(orphans));
        Ok(())
    }

    /// Begins what can begin. The bodies of fresh parcels need not be read.
    fn go_on(self: &Arc<Self>, fresh: &[(u128, Arc<Parcel>)]) {
        let mut state = self.state();
        if state.is_stopped {
            return;
        }
        let begun = state.roster.begin(self.clock.now());
        let wakes = state.roster.wakes();
        if wakes.is_some_and(|wakes| state.timer.is_none_or(|timer| wakes < timer)) {
            self.bell.notify_one();
        }
        drop(state);
        for id in begun {
            let parcel =
                fresh.iter().find(|(number, _)| *number == id.parcel).map(|(_, parcel)| parcel.clone());
            self.spawn(run(self.clone(), id, parcel));
        }
    }

    /// The body of a delivery, and how far it has come.
    fn load(&self, id: DeliveryId, fresh: Option<Arc<Parcel>>) -> Result<(Arc<Parcel>, Progress), Error> {
        let parcel = match fresh {
            Some(parcel) => return Ok((parcel, Progress::default())),
            None => self.ledger.get(self.shelf.space, &self.parcel_key(id.parcel))?,
        };
        let parcel = parcel.and_then(|bytes| record::read_parcel(&bytes)).ok_or_else(|| Error::Corrupt {
            place: "the ledger".to_owned(),
            detail: format!("delivery {id:?} is not there"),
        })?;
        let mark = self.ledger.get(self.shelf.space, &self.mark_key(id))?;
        let progress = match mark.and_then(|bytes| record::read_mark(&bytes)) {
            Some(Mark::Open(progress)) => progress,
            Some(Mark::Done) | None => Progress::default(),
        };
        Ok((Arc::new(parcel), progress))
    }

    /// Writes what came of an attempt, and lets others begin.
    async fn settle(self: &Arc<Self>, id: DeliveryId, earlier: u32, death: Option<Death>, outcome: Outcome) {
        match outcome {
            Outcome::Done => self.done(id),
            Outcome::Again { trouble, due } => {
                let progress = Progress { earlier: earlier + 1, due, death, trouble: Some(trouble) };
                self.note(id, progress).await;
            }
            // Nobody dies twice: a courier that gives a dead letter up says that it is done.
            Outcome::Dead { trouble, exhausted } => {
                let (due, death) = (self.clock.now(), Death { retries: earlier, exhausted });
                self.note(id, Progress { earlier: 0, due, death: Some(death), trouble: Some(trouble) }).await;
            }
        }
        self.go_on(&[]);
    }

    /// Remembers that it is to be tried again, and only then does so.
    async fn note(&self, id: DeliveryId, progress: Progress) {
        let mut batch = Batch::new();
        let mut due = progress.due;
        batch.put(self.shelf.space, &self.mark_key(id), &record::write_mark(&Mark::Open(progress)));
        if let Err(refused) = self.ledger.commit(batch).await {
            // It is tried again all the same, as if this attempt had not been.
            tracing::warn!("a delivery's failure could not be noted: {refused}");
            due = due.max(self.clock.now() + OUR_FAULT_PAUSE);
        }
        let mut state = self.state();
        if let Some(open) = state.parcels.get_mut(&id.parcel)
            && !open.marked.contains(&id.leg)
        {
            open.marked.push(id.leg);
        }
        state.again(id, due, self.clock.now());
    }

    /// Forgets a delivery, soon also on the disk.
    fn done(self: &Arc<Self>, id: DeliveryId) {
        let mut state = self.state();
        let state = &mut *state;
        let Some(open) = state.parcels.get_mut(&id.parcel) else { return };
        let Some(lane) = open.legs[id.leg as usize].take() else { return };
        open.legs_open -= 1;
        let batch = &mut state.forgotten;
        if open.legs_open > 0 {
            open.marked.push(id.leg);
            batch.put(self.shelf.space, &self.mark_key(id), &record::write_mark(&Mark::Done));
        } else {
            batch.remove(self.shelf.space, &self.parcel_key(id.parcel));
            for &leg in &open.marked {
                batch.remove(self.shelf.space, &self.mark_key(DeliveryId { leg, ..id }));
            }
            state.parcels.remove(&id.parcel);
        }
        state.legs_open -= 1;
        state.roster.done(&lane, self.clock.now());
        if !std::mem::replace(&mut state.is_forgetting, true) {
            let inner = self.clone();
            self.spawn(async move {
                tokio::time::sleep(FORGET_AFTER).await;
                drop(inner.forget());
            });
        }
    }

    /// Hands what is to be forgotten to the ledger.
    fn forget(&self) -> Commit {
        let mut state = self.state();
        state.is_forgetting = false;
        self.ledger.submit(std::mem::take(&mut state.forgotten))
    }
}

impl State {
    fn again(&mut self, id: DeliveryId, due: i64, now: i64) {
        let lane = self.parcels.get(&id.parcel).and_then(|open| open.legs[id.leg as usize].clone());
        if let Some(lane) = lane {
            self.roster.again(id, &lane, due, now);
        }
    }
}

/// One attempt.
async fn run(inner: Arc<Inner>, id: DeliveryId, fresh: Option<Arc<Parcel>>) {
    let mut unsettled = Unsettled { inner: &inner, id, is_settled: false };
    let (parcel, progress) = match inner.load(id, fresh) {
        Ok(loaded) => loaded,
        Err(error) => {
            tracing::error!("a delivery cannot be read: {error}");
            return;
        }
    };
    let leg = &parcel.legs[id.leg as usize];
    let Progress { earlier, due: _, death, trouble } = progress;
    let attempt = Attempt {
        id,
        body: &parcel.body,
        to: &leg.to,
        sent: parcel.sent,
        earlier,
        trouble: trouble.as_ref(),
        death,
    };
    let outcome = inner.courier.attempt(attempt).await;
    unsettled.is_settled = true;
    inner.settle(id, earlier, death, outcome).await;
}

/// An attempt whose outcome nobody has told: reading or a defect got in between. It is made again.
struct Unsettled<'a> {
    inner: &'a Arc<Inner>,
    id: DeliveryId,
    is_settled: bool,
}

impl Drop for Unsettled<'_> {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let mut state = self.inner.state();
        if !state.is_stopped {
            let now = self.inner.clock.now();
            state.again(self.id, now + OUR_FAULT_PAUSE, now);
            drop(state);
            self.inner.go_on(&[]);
        }
    }
}

/// Begins what becomes due by itself.
async fn run_timer(inner: Weak<Inner>, bell: Arc<Notify>, clock: Arc<dyn Clock>) {
    // Ends with the last handle, or is stopped.
    loop {
        let wakes = match inner.upgrade() {
            Some(inner) => {
                let mut state = inner.state();
                state.timer = state.roster.wakes();
                state.timer
            }
            None => return,
        };
        match wakes {
            Some(wakes) => tokio::select! {
                () = clock.until(wakes) => {}
                () = bell.notified() => {}
            },
            None => bell.notified().await,
        }
        match inner.upgrade() {
            Some(inner) => inner.go_on(&[]),
            None => return,
        }
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries").field("open", &self.open()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("parcels", &self.parcels.len()).finish_non_exhaustive()
    }
}

/// The trouble of somebody who dropped out.
impl From<TooMany> for Trouble {
    fn from(too_many: TooMany) -> Trouble {
        Trouble::passing("ThrottlingException", too_many.to_string())
    }
}
