//! EXPRESS executions: they run where they are asked for and never enter the loop.
//!
//! A synchronous one is a value in its caller's hands: nothing of it is written, and it ends with
//! its caller (at most once). An asynchronous one is journaled before it is acknowledged, runs once
//! that is durable, and its end is noted later (at least once). Never here: a record of a transition.
//!
//! | file | holds |
//! | --- | --- |
//! | `start.rs` | StartSyncExecution, StartExecution, StartExecutionBatch; what a restart brings back |
//! | `prepared.rs` | a machine that is ready to run, from a cache |
//! | `driver.rs` | an execution that has to wait: its calls, its timers |
//! | `test_state.rs` | TestState: one state, in its caller's hands |
//! | `under_way.rs` | how many there are at once |

mod driver;
mod prepared;
mod start;
mod test_state;
mod under_way;

use std::sync::Arc;

use asl::Timestamp;
use aws_names::Scope;
use connectors::Connectors;
use execution::{MapRunStart, Mocks, Outside, Turn};
use store::{Journal, Store};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::compiled::CompiledMachines;
use crate::logs::LogSink;
use crate::message::After;
use crate::mocks::PresentMocks;
use crate::random;
use crate::statistics::Statistics;
use prepared::PreparedMachines;
pub(crate) use prepared::{Found, Prepared, Routes};
pub(crate) use start::Begun;

/// How EXPRESS executions are run.
#[derive(Clone, Debug)]
pub struct ExpressSettings {
    /// How many may be under way at once; what would be more is refused.
    pub executions_max: usize,
}

impl Default for ExpressSettings {
    /// 20,000: a waiting one takes a few kilobytes and its data.
    fn default() -> Self {
        ExpressSettings { executions_max: 20_000 }
    }
}

/// Runs EXPRESS executions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Express(Arc<Inner>);

struct Inner {
    settings: ExpressSettings,
    scope: Scope,
    store: Store,
    journal: Journal<Vec<After>>,
    clock: Clock,
    compiled: Arc<CompiledMachines>,
    statistics: Arc<Statistics>,
    connectors: Connectors,
    runtime: Handle,
    logs: Option<LogSink>,
    mocks: PresentMocks,
    machines: PreparedMachines,
    /// Tells executions that nobody waits for that the engine stops. Each of their tasks has a receiver.
    stopping: watch::Sender<bool>,
}

/// What an [`Express`] works with.
pub(crate) struct Parts {
    pub settings: ExpressSettings,
    pub scope: Scope,
    pub store: Store,
    pub journal: Journal<Vec<After>>,
    pub clock: Clock,
    pub compiled: Arc<CompiledMachines>,
    pub statistics: Arc<Statistics>,
    pub connectors: Connectors,
    pub runtime: Handle,
    pub logs: Option<LogSink>,
    pub mocks: PresentMocks,
}

impl Express {
    pub(crate) fn new(parts: Parts) -> Express {
        let Parts { settings, scope, store, journal, clock, compiled, statistics, connectors, .. } = parts;
        let Parts { runtime, logs, mocks, .. } = parts;
        let machines = PreparedMachines::default();
        let (stopping, _) = watch::channel(false);
        Express(Arc::new(Inner {
            settings,
            scope,
            store,
            journal,
            clock,
            compiled,
            statistics,
            connectors,
            runtime,
            logs,
            mocks,
            machines,
            stopping,
        }))
    }

    /// Drops the executions that nobody waits for, and returns when they are gone: they run again
    /// after the next start. Those that begin later are dropped as soon as they have to wait.
    pub(crate) async fn stop(&self) {
        self.0.stopping.send_replace(true);
        self.0.stopping.closed().await;
    }

    /// The engine's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Says when the engine stops. Who runs executions beside it holds one of these meanwhile.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    /// The machine that the children of a Map Run run a part of.
    pub(crate) fn prepare(&self, run: &MapRunStart) -> Option<Arc<Prepared>> {
        let Inner { store, compiled, scope, .. } = &*self.0;
        let revision = store.revision(run.revision)?;
        let definition = compiled.get(&revision)?;
        Some(Arc::new(Prepared::new(run.child_machine_name.clone(), revision, definition, scope)))
    }

    /// What there is under an ARN that somebody wants to start.
    pub(crate) fn find(&self, machine_arn: &str) -> Found {
        let Inner { machines, store, compiled, scope, .. } = &*self.0;
        machines.find(machine_arn, store, compiled, scope)
    }

    /// Wakes an execution, and counts and logs what that made. The history of what is logged goes there.
    fn wake(
        &self,
        prepared: &Prepared,
        execution: &mut execution::Execution,
        wakeup: execution::Wakeup,
    ) -> Turn {
        let seed = random::draw_here();
        // A definition for EXPRESS names no activity.
        let mocks = self.0.mocks.of(&execution.start);
        let mocks = mocks.as_deref().unwrap_or(Mocks::none());
        let outside = Outside { now: self.0.clock.now(), seed, activity_exists: &|_| false, mocks };
        let mut turn = execution.wake(&prepared.definition, wakeup, outside);
        if let Some(close) = &turn.close {
            self.0.statistics.express.count_end(close.status);
        }
        if let (Some(sink), Some(target)) = (&self.0.logs, &prepared.log) {
            sink.hand_over_history(target, &execution.start, &mut turn.history, &self.0.statistics);
        }
        turn
    }
}
