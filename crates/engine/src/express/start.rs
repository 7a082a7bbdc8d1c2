//! How EXPRESS executions start: with their caller waiting, or journaled and on their own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use execution::execution::Start;
use execution::{Close, Execution, Status, Wakeup};
use json::Text;
use store::{ExpressKey, ExpressStart};
use tokio::sync::oneshot;

use super::driver::Driver;
use super::under_way::UnderWay;
use super::{Express, Prepared, Routes};
use crate::handle::stopped;
use crate::message::After;
use crate::random;
use crate::refusal::Refusal;
use crate::request::{BatchItem, StartExecution, Started, SyncExecution};

/// How long a start waits for room in the queue of commits, which empties many times a second, and how
/// often it looks.
const QUEUE_PATIENCE: Duration = Duration::from_secs(5);
const QUEUE_LOOK_EVERY: Duration = Duration::from_millis(1);

/// So many acknowledged executions begin in one task, one after the other: few enough that both cores
/// get some of a batch.
const BEGINNING_TOGETHER: usize = 128;

impl Express {
    /// Runs an execution to its end in the caller's hands: dropping the future drops the execution.
    pub(crate) async fn start_sync(
        &self,
        routes: &Routes,
        request: StartExecution,
    ) -> Result<SyncExecution, Refusal> {
        let inner = &*self.0;
        let StartExecution { name, input, trace_header, test_case, .. } = request;
        let prepared = routes.pick();
        inner.mocks.check(&prepared.machine_name, test_case.as_deref())?;
        let _under_way = UnderWay::begin(&inner.statistics, 1, inner.settings.executions_max)?;
        let name = name.unwrap_or_else(random_name);
        let arn = prepared.arn(&name, random::draw_here());
        let now = inner.clock.now();
        let start = Arc::new(prepared.start(arn, name, input, trace_header, test_case, now));
        let close = match self.begin(prepared, start.clone()) {
            Begun::Closed(close) => close,
            // In a box: the future of a request is moved, and most executions wait for nothing.
            Begun::Waits(driver) => Box::pin(driver.run()).await,
        };
        Ok(SyncExecution { start, close })
    }

    /// Journals one start and returns when it is durable.
    pub(crate) async fn start(
        &self,
        routes: &Arc<Routes>,
        request: StartExecution,
    ) -> Result<Started, Refusal> {
        let StartExecution { name, input, trace_header, test_case, .. } = request;
        let items = vec![BatchItem { name, input, trace_header }];
        let started = self.start_all(routes, items, test_case).await?;
        Ok(started.into_iter().next().expect("one answer for one start"))
    }

    /// Journals starts, all in one go, and returns when they are durable; they run on their own.
    pub(crate) async fn start_all(
        &self,
        routes: &Arc<Routes>,
        items: Vec<BatchItem>,
        test_case: Option<Text>,
    ) -> Result<Vec<Started>, Refusal> {
        let inner = &*self.0;
        if test_case.is_some() {
            inner.mocks.check(&routes.pick().machine_name, test_case.as_deref())?;
        }
        if inner.journal.is_full() {
            let message = "The disk that holds the data folder is full; no execution was started. Free some \
                           space and try again";
            return Err(Refusal::ServiceUnavailable { message: message.to_owned() });
        }
        let under_way = UnderWay::begin(&inner.statistics, items.len(), inner.settings.executions_max)?;
        let started_at = inner.clock.now();
        let starts = items.into_iter().map(|item| {
            let prepared = routes.pick();
            ExpressStart {
                key: inner.journal.new_key(),
                revision: prepared.revision.number,
                machine_name: prepared.machine_name.clone(),
                name: item.name.unwrap_or_else(random_name),
                uuid: random::draw_here(),
                input: item.input,
                trace_header: item.trace_header,
                started_at,
                version_arn: prepared.version_arn.clone(),
                alias_arn: prepared.alias_arn.clone(),
                test_case: test_case.clone(),
            }
        });
        let starts: Arc<[ExpressStart]> = starts.collect();
        self.journal(routes, starts.clone(), under_way).await?.run();
        let answer = |start: &ExpressStart| Started {
            execution_arn: routes.of(start).arn(&start.name, start.uuid),
            started_at,
        };
        Ok(starts.iter().map(answer).collect())
    }

    async fn journal(
        &self,
        routes: &Arc<Routes>,
        starts: Arc<[ExpressStart]>,
        under_way: UnderWay,
    ) -> Result<Acknowledged, Refusal> {
        let (reply, durable) = oneshot::channel();
        let parts = (self.clone(), routes.clone(), starts.clone());
        let after = After::Reply(Box::new(move || {
            let (express, routes, starts) = parts;
            // They run whether or not somebody still waits for the answer.
            let _ = reply.send(Acknowledged { express, routes, starts, under_way });
        }));
        let journal = &self.0.journal;
        let mut entry = journal.entry(starts.iter(), vec![after]);
        let begun = Instant::now();
        while let Err(given_back) = journal.try_commit(entry) {
            if begun.elapsed() > QUEUE_PATIENCE {
                let message = "The disk does not keep up; no execution was started. Try again later";
                return Err(Refusal::ServiceUnavailable { message: message.to_owned() });
            }
            entry = given_back;
            tokio::time::sleep(QUEUE_LOOK_EVERY).await;
        }
        durable.await.map_err(|_| stopped())
    }

    /// Runs again what was acknowledged before the last end of the process and has no known end.
    pub(crate) fn recover(&self, starts: Vec<ExpressStart>) {
        for start in starts {
            let Some(prepared) = self.prepare_again(&start) else {
                tracing::warn!(machine = %start.machine_name, name = %start.name,
                    "an EXPRESS execution is not run again: its state machine was deleted as it was started");
                self.0.journal.ended(start.key);
                continue;
            };
            let under_way = UnderWay::begin_anyway(&self.0.statistics, 1);
            let (express, routes, starts) = (self.clone(), Arc::new(Routes::only(prepared)), [start].into());
            drop(Acknowledged { express, routes, starts, under_way });
        }
    }

    /// The machine of a start as it was; where that was replaced at the very moment of the start, as
    /// it is.
    fn prepare_again(&self, start: &ExpressStart) -> Option<Prepared> {
        let inner = &*self.0;
        let revision = inner.store.revision(start.revision).or_else(|| {
            let arn = inner.scope.state_machine(&start.machine_name);
            inner.store.machine(&arn).map(|machine| machine.current.clone())
        })?;
        let definition = inner.compiled.get(&revision)?;
        let prepared = Prepared::new(start.machine_name.clone(), revision, definition, &inner.scope);
        Some(prepared.begun_by(start.version_arn.clone(), start.alias_arn.clone()))
    }

    /// Lets one begin, and notes its end now or when it comes.
    fn run_one(&self, prepared: &Arc<Prepared>, start: &ExpressStart, under_way: &mut UnderWay) {
        let key = start.key;
        let ends = EndsWithDefect { express: self, key };
        let arn = prepared.arn(&start.name, start.uuid);
        // Its five minutes count from here: after a crash the time of the acknowledgement is long past.
        let now = self.0.clock.now();
        let (input, trace_header) = (start.input.clone(), start.trace_header.clone());
        let (name, test_case) = (start.name.clone(), start.test_case.clone());
        let start = prepared.start(arn, name, input, trace_header, test_case, now);
        let begun = self.begin(prepared, Arc::new(start));
        drop(ends);
        match begun {
            Begun::Closed(_) => self.0.journal.ended(key),
            Begun::Waits(driver) => {
                let (express, under_way) = (self.clone(), under_way.part(1));
                let mut stopping = self.0.stopping.subscribe();
                self.0.runtime.spawn(async move {
                    let ends = EndsWithDefect { express: &express, key };
                    tokio::select! {
                        _ = driver.run() => express.0.journal.ended(key),
                        _ = stopping.wait_for(|stopping| *stopping) => {}
                    }
                    drop(ends);
                    drop((under_way, express));
                    drop(stopping);
                });
            }
        }
    }

    /// The first turn, which for many is the only one.
    pub(crate) fn begin(&self, prepared: &Arc<Prepared>, start: Arc<Start>) -> Begun {
        self.0.statistics.express.started.fetch_add(1, Relaxed);
        let mut execution = Execution::new(start);
        let turn = self.wake(prepared, &mut execution, Wakeup::Started);
        match turn.close {
            Some(close) => Begun::Closed(close),
            None => {
                Begun::Waits(Box::new(Driver::new(self.clone(), prepared.clone(), execution, turn.effects)))
            }
        }
    }
}

/// Executions whose starts are durable: they begin when [`run`](Acknowledged::run) says so, or else
/// when this is dropped, because whoever asked for them has hung up.
struct Acknowledged {
    express: Express,
    routes: Arc<Routes>,
    starts: Arc<[ExpressStart]>,
    under_way: UnderWay,
}

impl Acknowledged {
    /// A lone one begins here and now.
    fn run(mut self) {
        if let [start] = &*self.starts {
            self.express.run_one(self.routes.of(start), start, &mut self.under_way);
            self.starts = [].into();
        }
    }
}

impl Drop for Acknowledged {
    /// Lets them begin in tasks of their own: this may be a thread where nothing slow may be done.
    fn drop(&mut self) {
        for first in (0..self.starts.len()).step_by(BEGINNING_TOGETHER) {
            let last = self.starts.len().min(first + BEGINNING_TOGETHER);
            let mut under_way = self.under_way.part(last - first);
            let (express, routes, starts) = (self.express.clone(), self.routes.clone(), self.starts.clone());
            let stopping = self.express.0.stopping.subscribe();
            self.express.0.runtime.spawn(async move {
                for start in &starts[first..last] {
                    // A defect that one of them meets is reported there; the others go on.
                    let one = AssertUnwindSafe(|| express.run_one(routes.of(start), start, &mut under_way));
                    let _ = catch_unwind(one);
                }
                // Whoever waits for the last receiver finds nothing of ours left.
                drop((under_way, express));
                drop(stopping);
            });
        }
    }
}

/// An execution that meets a defect of ours has ended: it would meet it again after every start, and
/// keep its place in the log until then.
struct EndsWithDefect<'e> {
    express: &'e Express,
    key: ExpressKey,
}

impl Drop for EndsWithDefect<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.express.0.journal.ended(self.key);
            self.express.0.statistics.express.count_end(Status::Failed);
        }
    }
}

/// An execution after its first turn.
pub(crate) enum Begun {
    Closed(Close),
    Waits(Box<Driver>),
}

fn random_name() -> json::Text {
    aws_names::uuid_v4(random::draw_here()).into()
}
