//! An EXPRESS execution that has to wait: its calls, its timers, and what they lead to, until it ends.
//!
//! Whoever drops it gives its calls up. Never here: what is written.

use std::collections::HashMap;
use std::sync::Arc;

use asl::Failure;
use connectors::Caller;
use execution::{Close, Effect, Execution, FrameId, TaskCall, TaskOutcome, Wakeup};
use store::ExecutionKey;
use tokio::task::{AbortHandle, JoinError, JoinSet};

use super::{Express, Prepared};
use crate::timers::Timers;

/// The timers of one execution have no other owner, and one revision.
const KEY: ExecutionKey = ExecutionKey(0);
const REVISION: u64 = 0;

pub(crate) struct Driver {
    express: Express,
    prepared: Arc<Prepared>,
    execution: Execution,
    timers: Timers,
    calls: JoinSet<(FrameId, u32, TaskOutcome)>,
    /// Whose call each of them is.
    calling: HashMap<FrameId, (u32, AbortHandle)>,
    /// The last turn was cut at its bound.
    again: bool,
}

impl Driver {
    /// Goes on with an execution whose first turn asked for `effects`. Needs a tokio runtime.
    pub(super) fn new(
        express: Express,
        prepared: Arc<Prepared>,
        execution: Execution,
        effects: Vec<Effect>,
    ) -> Driver {
        let (timers, calls, calling) = (Timers::default(), JoinSet::new(), HashMap::new());
        let mut driver = Driver { express, prepared, execution, timers, calls, calling, again: false };
        effects.into_iter().for_each(|effect| driver.act(effect));
        driver
    }

    /// Runs it to its end, which the timer of the execution brings in any case.
    pub(crate) async fn run(mut self) -> Close {
        loop {
            if let Some(close) = self.execution.close.take() {
                return close;
            }
            let wakeup = self.next().await;
            let turn = self.express.wake(&self.prepared, &mut self.execution, wakeup);
            turn.effects.into_iter().for_each(|effect| self.act(effect));
        }
    }

    /// Waits for the next thing that happens to it.
    async fn next(&mut self) -> Wakeup {
        loop {
            let clock = &self.express.0.clock;
            if let Some((_, frame)) = self.timers.take_due(clock.now()) {
                return Wakeup::TimerFired { frame };
            }
            if std::mem::take(&mut self.again) {
                // Others get their turn.
                tokio::task::yield_now().await;
                return Wakeup::Again;
            }
            let Some(due) = self.timers.next_due() else {
                unreachable!("an EXPRESS execution has a timer of its own")
            };
            let due = tokio::time::Instant::from_std(clock.instant_of(due));
            tokio::select! {
                Some(ended) = self.calls.join_next() => {
                    if let Some(wakeup) = self.returned(ended) {
                        return wakeup;
                    }
                }
                () = tokio::time::sleep_until(due) => {}
            }
        }
    }

    fn returned(&mut self, ended: Result<(FrameId, u32, TaskOutcome), JoinError>) -> Option<Wakeup> {
        let (frame, attempt, outcome) = match ended {
            Ok(returned) => returned,
            Err(error) if error.is_cancelled() => return None,
            // Our mistake must not leave the execution waiting.
            Err(error) => {
                let is_it = |(_, (_, call)): &(&FrameId, &(u32, AbortHandle))| call.id() == error.id();
                let (&frame, &(attempt, _)) = self.calling.iter().find(is_it)?;
                let failure = Failure::runtime(format!("The call ended with a defect: {error}"));
                (frame, attempt, TaskOutcome::Failed(failure))
            }
        };
        if self.calling.get(&frame).is_some_and(|(latest, _)| *latest == attempt) {
            self.calling.remove(&frame);
        }
        Some(Wakeup::CallReturned { frame, attempt, outcome })
    }

    fn act(&mut self, effect: Effect) {
        match effect {
            Effect::CallTask(call) => self.call(call),
            Effect::CancelTask { frame } => {
                if let Some((_, call)) = self.calling.remove(&frame) {
                    call.abort();
                }
            }
            Effect::SetTimer { frame, at } => self.timers.set(REVISION, (KEY, frame), at),
            Effect::CancelTimer { frame } => self.timers.cancel((KEY, frame)),
            Effect::WakeAgain => self.again = true,
            Effect::AwaitJob { .. }
            | Effect::OfferActivity { .. }
            | Effect::StartMapRun(_)
            | Effect::RedriveMapRun { .. }
            | Effect::StopMapRun { .. } => {
                unreachable!("asl refuses jobs, activities and distributed Maps in EXPRESS machines")
            }
        }
    }

    fn call(&mut self, call: TaskCall) {
        let start = &self.execution.start;
        let caller = Caller::of(start);
        let connectors = self.express.0.connectors.clone();
        let (frame, attempt) = (call.frame, call.attempt);
        let calling =
            self.calls.spawn(async move { (frame, attempt, connectors.call(&call, &caller).await) });
        self.calling.insert(frame, (attempt, calling));
    }
}
