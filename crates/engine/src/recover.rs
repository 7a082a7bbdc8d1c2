//! After a restart: what the open executions still wait for is asked for again.

use asl::{Failure, Resource, Timestamp};
use execution::{Effect, TaskOutcome, Wakeup};
use store::{Recovered, Store, Writer};

use crate::deliver::Loop;
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
        state.activities.known =
            store.activities(None, usize::MAX).iter().map(|known| known.arn.clone()).collect();
        state.recover(&recovered, settings.unknown_calls, now);
        (state, store)
    }

    /// Sets timers, offers activity tasks, lets cut turns go on, and settles calls whose outcome nobody knows.
    fn recover(&mut self, recovered: &Recovered, unknown_calls: UnknownCalls, now: Timestamp) {
        for &key in &recovered.open {
            let Some(revision) = self.writer.load(key).map(|execution| execution.start.revision) else {
                continue;
            };
            let Some(machine) = self.machine(revision) else { continue };
            let Some(execution) = self.writer.load(key) else { continue };
            for effect in execution.outstanding(&machine) {
                match effect {
                    Effect::CallTask(call) if unknown_calls == UnknownCalls::Fail => {
                        let outcome = TaskOutcome::Failed(connection_lost(&call.resource));
                        let wakeup =
                            Wakeup::CallReturned { frame: call.frame, attempt: call.attempt, outcome };
                        self.deliver(key, wakeup, now);
                    }
                    effect => self.act(key, effect),
                }
            }
        }
        self.commit();
    }
}

/// What a caller sees whose connection to the service broke: the machine's own Retry decides.
fn connection_lost(resource: &Resource) -> Failure {
    let service = match resource {
        Resource::Function { .. } => "Lambda",
        Resource::Integration { service, .. } if service == "lambda" => "Lambda",
        Resource::Integration { service, .. } => service,
        Resource::Activity { .. } => unreachable!("an activity task is offered, not called"),
    };
    Failure::new(
        format!("{service}.SdkClientException"),
        "Unable to execute HTTP request: the connection was lost when Stepwell stopped during the call; \
         whether the call was carried out is unknown",
    )
}
