//! The thread that carries operations out: one at a time, and many with one fsync.
//!
//! What has changed something, and what was read after it, is answered when all of it is on the disk; a read that
//! follows no change is answered at once. Never here: what an operation does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use services::Fault;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::engine::{Engine, Error};
use crate::operation::Kind;

/// Operations that wait for the thread; whoever comes then waits for a place. A thousand small writes take about as
/// long as callers wait for an answer at most.
const WAITING_MAX: usize = 1024;
/// Operations that share an fsync. Beyond so many, the first of them would wait for long.
const GROUP_MAX: usize = 256;
/// Items are removed so soon after their time, at the latest. (AWS: "within a few days")
const EXPIRY: Duration = Duration::from_secs(60);

/// A thread with the tables of a folder.
pub(crate) struct Worker {
    /// Taken when the thread is to end.
    jobs: Option<Sender<Job>>,
    places: Arc<Semaphore>,
    thread: Option<JoinHandle<()>>,
}

struct Job {
    operation: &'static str,
    kind: Kind,
    input: String,
    reply: oneshot::Sender<Answered>,
    _place: OwnedSemaphorePermit,
}

type Answered = Result<String, Fault>;

impl Worker {
    /// Opens the tables of a folder, or new ones in memory, and starts the thread.
    pub(crate) fn start(folder: Option<PathBuf>) -> Result<Worker, Error> {
        let engine = open(folder.as_deref())?;
        let (jobs, waiting) = channel();
        let run = move || Loop { folder, engine, waiting, written: false, answers: Vec::new() }.run();
        let thread = thread::Builder::new().name("tables".to_owned()).spawn(run);
        let thread = thread.map_err(|source| Error::File { path: "a thread".into(), source })?;
        Ok(Worker { jobs: Some(jobs), places: Arc::new(Semaphore::new(WAITING_MAX)), thread: Some(thread) })
    }

    /// Carries out an operation. What it has changed is durable when it answers; it is carried out even if nobody
    /// waits for the answer any more.
    pub(crate) async fn perform(&self, operation: &'static str, kind: Kind, input: String) -> Answered {
        let ended =
            || Fault::new("InternalServerError", "The server is stopping; try again").with_status(500);
        let place = self.places.clone().acquire_owned().await.map_err(|_| ended())?;
        let (reply, answered) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(ended)?;
        jobs.send(Job { operation, kind, input, reply, _place: place }).map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

/// The thread ends when it has done what was asked of it; only then the files are free.
impl Drop for Worker {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn open(folder: Option<&Path>) -> Result<Engine, Error> {
    folder.map_or_else(Engine::in_memory, Engine::open)
}

struct Loop {
    folder: Option<PathBuf>,
    engine: Engine,
    waiting: Receiver<Job>,
    /// Whether something has changed that is not durable yet.
    written: bool,
    /// Those that wait for that.
    answers: Vec<(oneshot::Sender<Answered>, Answered)>,
}

impl Loop {
    fn run(mut self) {
        let mut expiry = Instant::now() + EXPIRY;
        loop {
            match self.waiting.recv_timeout(expiry.saturating_duration_since(Instant::now())) {
                Ok(job) => self.group(job),
                Err(RecvTimeoutError::Timeout) => {
                    self.remove_expired();
                    expiry = Instant::now() + EXPIRY;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// One operation, and all that wait by then.
    fn group(&mut self, first: Job) {
        self.perform(first);
        for _ in 1..GROUP_MAX {
            match self.waiting.try_recv() {
                Ok(job) => self.perform(job),
                Err(_) => break,
            }
        }
        self.make_durable();
    }

    fn perform(&mut self, Job { operation, kind, input, reply, _place }: Job) {
        let performed = catch_unwind(AssertUnwindSafe(|| self.engine.perform(operation, &input)));
        let answered = performed.unwrap_or_else(|_| self.begin_anew(operation));
        self.written |= !matches!(kind, Kind::Read | Kind::Stream);
        if self.written {
            self.answers.push((reply, answered));
        } else {
            let _ = reply.send(answered);
        }
    }

    /// The engine has panicked: a mistake of its own, or of ours. What it had not committed is gone with it.
    fn begin_anew(&mut self, operation: &str) -> Answered {
        tracing::error!(operation, "the engine of the tables panicked; it is opened again");
        match open(self.folder.as_deref()) {
            Ok(engine) => self.engine = engine,
            Err(error) => tracing::error!("{error}"),
        }
        Err(Fault::new("InternalServerError", "The server has made a mistake; its log says more")
            .with_status(500))
    }

    fn remove_expired(&mut self) {
        let removed = catch_unwind(AssertUnwindSafe(|| self.engine.remove_expired()));
        match removed {
            Ok(Ok(0)) => {}
            Ok(Ok(count)) => {
                tracing::debug!(count, "items were removed at the end of their time to live");
                self.written = true;
                self.make_durable();
            }
            Ok(Err(error)) => tracing::warn!("items past their time to live were not removed: {error}"),
            Err(_) => drop(self.begin_anew("the removal of items past their time to live")),
        }
    }

    fn make_durable(&mut self) {
        if std::mem::take(&mut self.written)
            && let Err(error) = self.engine.make_durable()
        {
            // What the disk has by now is unknown, and a second fsync would not tell.
            tracing::error!("the tables cannot be made durable: {error}");
            std::process::exit(74);
        }
        for (reply, answered) in self.answers.drain(..) {
            // Nobody may wait any more.
            let _ = reply.send(answered);
        }
    }
}
