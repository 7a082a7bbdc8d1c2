//! The queues, the ledger and the clock, brought together.
//!
//! Memory runs ahead of the ledger under one lock, which is never held over a wait: whoever changes something hands a batch
//! to the ledger under it, and says what is to be done when the batch is durable. One task, the settler, does so in the
//! order in which batches were handed on; so messages arrive in the order of their numbers, and a client that hangs up
//! changes nothing.

use std::sync::{Arc, Mutex, MutexGuard};

use ledger::{Batch, Commit, Ledger, Refused};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;

use super::keys::{self, QueueId};
use super::receipt::Receipts;
use super::settings::Settings;
use super::state::{Kept, State};
use super::{fault, load, timer};
use crate::Fault;
use crate::delivery::Clock;

/// All queues.
pub(crate) struct Queues {
    pub ledger: Ledger,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
    pub receipts: Receipts,
    state: Mutex<State>,
    /// To the settler. What waits there is bounded by what may wait for the ledger.
    jobs: mpsc::UnboundedSender<Job>,
    /// Tells the timer that something is due earlier than it thinks.
    pub bell: Arc<Notify>,
    runtime: Handle,
    tasks: Mutex<JoinSet<()>>,
}

/// Comes when a batch is durable, or was refused.
pub(crate) type Settled = oneshot::Receiver<Result<(), Refused>>;

/// What is to be done when a batch is durable, or was refused.
struct Job {
    commit: Commit,
    then: Box<dyn FnOnce(Result<(), Refused>) + Send>,
}

impl Queues {
    /// Finds what an earlier process left. Must be called within a tokio runtime.
    pub fn start(
        ledger: Ledger,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Arc<Queues>, ledger::Error> {
        let found = load::load(&ledger, &*clock)?;
        let (jobs, waiting) = mpsc::unbounded_channel();
        let queues = Arc::new(Queues {
            ledger,
            clock,
            settings,
            receipts: Receipts::new(&found.secret),
            state: Mutex::new(found.state),
            jobs,
            bell: Arc::default(),
            runtime: Handle::current(),
            tasks: Mutex::default(),
        });
        queues.spawn(settle(waiting));
        queues.spawn(timer::run(Arc::downgrade(&queues), queues.clock.clone(), queues.bell.clone()));
        for garbage in found.garbage {
            queues.sweep(garbage);
        }
        queues.go_on_moving();
        Ok(queues)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    /// A task that ends with the queues.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().expect("no holder of this lock panics");
        // So many as have ended since.
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &self.runtime);
    }

    /// Hands a batch on. The caller holds the lock of the state, so that what stands in line is in order.
    pub fn submit(
        &self,
        _held: &mut State,
        batch: Batch,
        then: impl FnOnce(Result<(), Refused>) + Send + 'static,
    ) {
        let job = Job { commit: self.ledger.submit(batch), then: Box::new(then) };
        // Without a settler the queues are gone, and so is everybody who could be told.
        let _ = self.jobs.send(job);
    }

    /// Hands a batch on, and comes when it is durable.
    pub fn submit_and_tell(&self, held: &mut State, batch: Batch) -> Settled {
        let (told, comes) = oneshot::channel();
        self.submit(held, batch, move |outcome| {
            let _ = told.send(outcome);
        });
        comes
    }

    /// Writes a new bound of all numbers into a batch, if that is due.
    pub fn reserve(state: &mut State, batch: &mut Batch) {
        if let Some(bound) = state.numbers.reserve() {
            batch.put(keys::QUEUES, keys::BOUND, &bound.0.to_be_bytes());
        }
    }

    /// Ends all tasks. What they had not done is done after the next start.
    pub fn end(&self) {
        self.tasks.lock().expect("no holder of this lock panics").abort_all();
    }

    /// Everybody who waits is answered with nothing; nobody waits any more.
    pub fn stop(&self) {
        let mut state = self.state();
        state.is_stopped = true;
        state.waited.clear();
        state.waiters = 0;
        for kept in state.queues.values_mut() {
            for waiter in std::mem::take(&mut kept.waiters).into_values() {
                let _ = waiter.told.send(Ok(Vec::new()));
            }
        }
    }
}

impl State {
    /// A queue that must be there.
    pub fn kept(&mut self, id: QueueId) -> Result<&mut Kept, Fault> {
        self.queues.get_mut(&id).ok_or_else(fault::queue_does_not_exist)
    }
}

/// What a settler's job told, or did not because the queues are gone.
pub(crate) fn told<T>(outcome: Result<Result<T, Refused>, oneshot::error::RecvError>) -> Result<T, Fault> {
    outcome.unwrap_or(Err(Refused::Stopped)).map_err(Fault::from)
}

/// The settler.
async fn settle(mut waiting: mpsc::UnboundedReceiver<Job>) {
    while let Some(job) = waiting.recv().await {
        let outcome = job.commit.await;
        (job.then)(outcome);
    }
}
