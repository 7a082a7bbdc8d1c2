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
        let engine = Some(engine);
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
    /// None if it has panicked and could not be opened again.
    engine: Option<Engine>,
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
        let answered = self.with_engine(operation, |engine| engine.perform(operation, &input));
        self.written |= !matches!(kind, Kind::Read | Kind::Stream);
        if self.written {
            self.answers.push((reply, answered));
        } else {
            let _ = reply.send(answered);
        }
    }

    /// Does something with the engine. If it panics, by a mistake of its own or of ours, it is closed, what it had not
    /// committed is gone with it, and it is opened again.
    fn with_engine<T>(
        &mut self,
        what: &str,
        work: impl FnOnce(&Engine) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if let Some(engine) = &self.engine {
            match catch_unwind(AssertUnwindSafe(|| work(engine))) {
                Ok(done) => return done,
                Err(_) => tracing::error!(what, "the engine of the tables panicked; it is opened again"),
            }
        }
        // Closed first, or the new one would wait for what the old one has locked.
        self.engine = None;
        match open(self.folder.as_deref()) {
            Ok(engine) => self.engine = Some(engine),
            Err(error) => tracing::error!("the tables cannot be opened: {error}"),
        }
        Err(Fault::new("InternalServerError", "The server has made a mistake; its log says more")
            .with_status(500))
    }

    fn remove_expired(&mut self) {
        match self.with_engine("the removal of items past their time to live", Engine::remove_expired) {
            Ok(0) => {}
            Ok(count) => {
                tracing::debug!(count, "items were removed at the end of their time to live");
                self.written = true;
                self.make_durable();
            }
            Err(fault) => tracing::warn!("items past their time to live were not removed: {}", fault.message),
        }
    }

    fn make_durable(&mut self) {
        // One that could not be opened again was closed, which syncs as well.
        let engine = self.engine.as_ref().filter(|_| std::mem::take(&mut self.written));
        if let Some(Err(error)) = engine.map(Engine::make_durable) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_of_the_engine_is_the_end_of_one_operation_only() {
        let folder = std::env::temp_dir().join(format!("stepwell-tables-worker-{}", std::process::id()));
        let worker = Worker::start(Some(folder.clone())).unwrap();
        let create = r#"{"TableName":"Things","BillingMode":"PAY_PER_REQUEST",
            "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],
            "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}"#;
        worker.perform("CreateTable", Kind::Table, create.to_owned()).await.unwrap();
        // Nobody asks for one that is not in the list.
        let fault = worker.perform("Nonsense", Kind::Write, "{}".to_owned()).await.unwrap_err();
        assert_eq!((fault.code.as_str(), fault.status), ("InternalServerError", 500));
        let listed = worker.perform("ListTables", Kind::Read, "{}".to_owned()).await.unwrap();
        assert_eq!(listed, r#"{"TableNames":["Things"]}"#);
        drop(worker);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
