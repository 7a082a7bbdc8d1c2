//! The processes of one function: started on demand, used again, given up when idle for long.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::launch::Surroundings;
use super::output;
use super::process::{Process, Report, Run};
use super::runtime_api::Event;
use crate::settings::FunctionSettings;

/// Calls that may wait for a process: those of the largest Map that runs at once, 10,000 children.
const WAITING_MAX: usize = 10_000;
/// A process that nobody has needed for so long ends.
const IDLE_MAX: Duration = Duration::from_secs(600);
/// How often idle processes are looked through.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// What a process has printed may reach us a little after its result, by another way.
const OUTPUT_PATIENCE: Duration = Duration::from_millis(10);

/// The processes of one function.
#[derive(Debug)]
pub(crate) struct Pool {
    name: String,
    settings: FunctionSettings,
    surroundings: Arc<Surroundings>,
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    /// The one that was used last is taken first, so that surplus ones grow old.
    processes: Vec<(Process, Instant)>,
    is_swept: bool,
}

/// Too many calls wait already.
#[derive(Debug)]
pub(crate) struct Throttled;

impl Pool {
    pub(crate) fn new(name: &str, settings: &FunctionSettings, surroundings: Arc<Surroundings>) -> Pool {
        let concurrency = settings.concurrency.unwrap_or(FunctionSettings::CONCURRENCY).max(1);
        Pool {
            name: name.to_owned(),
            settings: settings.clone(),
            surroundings,
            running: Arc::new(Semaphore::new(concurrency as usize)),
            waiting: AtomicUsize::new(0),
            idle: Mutex::default(),
        }
    }

    /// Runs one event and tells the log of it, if `log_tail`.
    ///
    /// When the future is dropped before the event has reached a process, nothing has happened.
    /// After that the process finishes what it does, as a function on AWS would.
    pub(crate) async fn run(
        self: &Arc<Pool>,
        event: Event,
        log_tail: bool,
    ) -> Result<(Report, Option<Vec<u8>>), Throttled> {
        let permit = self.permit().await?;
        let process = match self.take() {
            Some(process) => process,
            None => {
                match Process::start(&self.name, &self.settings, &self.surroundings, &event.request_id).await
                {
                    Ok(process) => process,
                    Err(report) => return Ok((report, log_tail.then(Vec::new))),
                }
            }
        };
        let running = tokio::spawn(self.clone().run_in(process, event, log_tail, permit));
        match running.await {
            Ok(answer) => Ok(answer),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The server is being stopped, and so will we be, at this very point.
                Err(_) => std::future::pending().await,
            },
        }
    }

    async fn run_in(
        self: Arc<Pool>,
        mut process: Process,
        event: Event,
        log_tail: bool,
        permit: OwnedSemaphorePermit,
    ) -> (Report, Option<Vec<u8>>) {
        if log_tail {
            process.printed();
        }
        let request_id = event.request_id.clone();
        let started = Instant::now();
        let report = match process.run(event.clone()).await {
            Run::Done(report) => report,
            // An idle process may die at the very moment it is taken. A new one settles it.
            Run::Unheard(_) => match self.start(&request_id).await {
                Ok(new) => {
                    process = new;
                    let (Run::Done(report) | Run::Unheard(report)) = process.run(event).await;
                    report
                }
                Err(report) => report,
            },
        };
        let log = if log_tail {
            let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
            tokio::time::sleep(OUTPUT_PATIENCE).await;
            let memory = self.settings.memory_megabytes;
            Some(output::framed(&request_id, &process.printed(), milliseconds, memory))
        } else {
            None
        };
        self.keep(process);
        // Only now, so that whoever waits for the permit finds the process.
        drop(permit);
        (report, log)
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Throttled> {
        if let Ok(permit) = self.running.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = Waiting::join(&self.waiting)?;
        let Ok(permit) = self.running.clone().acquire_owned().await else {
            unreachable!("the semaphore is never closed")
        };
        Ok(permit)
    }

    async fn start(&self, request_id: &str) -> Result<Process, Report> {
        Process::start(&self.name, &self.settings, &self.surroundings, request_id).await
    }

    fn take(&self) -> Option<Process> {
        loop {
            let (mut process, _) = self.idle().processes.pop()?;
            if process.is_usable() {
                return Some(process);
            }
        }
    }

    fn keep(self: &Arc<Pool>, mut process: Process) {
        if !process.is_usable() {
            return;
        }
        let mut idle = self.idle();
        idle.processes.push((process, Instant::now()));
        if !std::mem::replace(&mut idle.is_swept, true) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends processes that have been idle for long, until there are none or the pool is gone.
async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = pool.idle();
        idle.processes.retain(|(_, since)| since.elapsed() < IDLE_MAX);
        if idle.processes.is_empty() {
            idle.is_swept = false;
            return;
        }
    }
}

/// One who waits. Counted for as long as it lives.
struct Waiting<'p>(&'p AtomicUsize);

impl<'p> Waiting<'p> {
    fn join(count: &'p AtomicUsize) -> Result<Waiting<'p>, Throttled> {
        let waiting = Waiting(count);
        if count.fetch_add(1, Ordering::Relaxed) < WAITING_MAX { Ok(waiting) } else { Err(Throttled) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
