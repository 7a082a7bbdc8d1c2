//! After a restart: what the open executions still wait for is asked for again.

use asl::{Resource, Timestamp};
use execution::standing::{Offered, Wait};
use execution::{Effect, Standing, TaskOutcome, Wakeup};
use store::{ExecutionKey, OpenExecution, Recovered, Store, Writer};

use crate::activities::Offer;
use crate::deliver::{BATCH_MAX, Loop};
use crate::handle::{Settings, UnknownCalls};
use crate::logs::LoopLogs;
use crate::message::After;
use crate::random::Random;

impl Loop {
    /// A loop over a store that was just opened, with everything that was open in it.
    pub(crate) fn bring_back(
        settings: &Settings,
        (store, writer, recovered): (Store, Writer<Vec<After>>, Recovered),
        random: Random,
        now: Timestamp,
    ) -> (Loop, Store) {
        let mut state = Loop::new(settings.scope.clone(), writer, random);
        state.logs = LoopLogs::new(settings.logs.clone());
        state.mocks = settings.mocks.clone();
        state.activities.known =
            store.activities(None, usize::MAX).iter().map(|known| known.arn.clone()).collect();
        state.recover_deleting(store.machines(None, usize::MAX));
        state.recover(recovered, settings.unknown_calls, now);
        (state, store)
    }

    /// Sets timers, offers activity tasks, lets cut turns go on, and settles calls whose outcome nobody
    /// knows. An execution that only waits is not read for that.
    fn recover(&mut self, recovered: Recovered, unknown_calls: UnknownCalls, now: Timestamp) {
        // First, so that they hear of children that end by what is settled here.
        recovered.map_runs.into_iter().for_each(|recovered| self.bring_back_map_run(recovered));
        let mut read = 0;
        for OpenExecution { key, revision, standing } in recovered.open {
            match standing {
                Standing::Waits(waits) => waits.iter().for_each(|wait| self.wait_on(key, revision, wait)),
                Standing::Unknown => {
                    self.read_on(key, revision, unknown_calls, now);
                    read += 1;
                    // What is durable can leave memory again.
                    if read % BATCH_MAX == 0 {
                        self.commit();
                    }
                }
            }
        }
        self.commit();
    }

    fn wait_on(&mut self, key: ExecutionKey, revision: u64, wait: &Wait) {
        if let Some(at) = wait.timer {
            self.timers.set(revision, (key, wait.frame), at);
        }
        let Some(Offered { state, attempt }) = wait.offer else { return };
        let Some(machine) = self.machine(revision) else { return };
        if let asl::Kind::Task(task) = &machine.state(state).kind
            && let Resource::Activity { arn } = &task.resource
        {
            self.activities.offer(arn, Offer { key, frame: wait.frame, attempt });
        }
    }

    fn read_on(&mut self, key: ExecutionKey, revision: u64, unknown_calls: UnknownCalls, now: Timestamp) {
        let Some(machine) = self.machine(revision) else { return };
        let Some(execution) = self.writer.load(key) else { return };
        let mut lost = Vec::new();
        for effect in execution.outstanding(&machine) {
            match effect {
                Effect::CallTask(call)
                    if unknown_calls == UnknownCalls::Fail
                        && !connectors::may_be_repeated(&call.resource) =>
                {
                    lost.push(call);
                }
                effect => self.act(key, revision, effect),
            }
        }
        // One that fails may end other frames, whose timers and offers are taken back by that: so they
        // must be there.
        for call in lost {
            let outcome = TaskOutcome::Failed(connectors::connection_lost(&call.resource));
            let wakeup = Wakeup::CallReturned { frame: call.frame, attempt: call.attempt, outcome };
            self.deliver(key, wakeup, now);
        }
    }
}
