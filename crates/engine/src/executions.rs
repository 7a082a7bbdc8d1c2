//! StartExecution and StopExecution.

use std::sync::Arc;

use asl::{Failure, Timestamp};
use execution::execution::{Parent, Start};
use execution::{Execution, Wakeup};
use json::Text;
use store::{By, ExecutionKey, MachineStatus, MachineType, Named, Record};

use crate::deliver::Loop;
use crate::refusal::Refusal;
use crate::request::{StartExecution, Started};

impl Loop {
    pub(crate) fn start_execution(
        &mut self,
        request: StartExecution,
        now: Timestamp,
    ) -> Result<Started, Refusal> {
        let asked_arn = request.state_machine_arn;
        let Some(Named { machine, by }) = self.writer.named(&asked_arn) else {
            return Err(Refusal::StateMachineDoesNotExist { arn: asked_arn });
        };
        if machine.status == MachineStatus::Deleting {
            return Err(Refusal::StateMachineDeleting { arn: asked_arn });
        }
        if machine.machine_type == MachineType::Express {
            // Whoever asked did so before the machine was there for anybody.
            return Err(Refusal::StateMachineDoesNotExist { arn: asked_arn });
        }
        let name = request.name.unwrap_or_else(|| aws_names::uuid_v4(self.random.draw()).into());
        let arn: Text = self.scope.execution(&machine.name, &name).into();
        self.check_owner(&arn)?;
        if let Some((key, earlier)) = self.writer.find(&arn) {
            // The same call again, while the first one's execution is running, is the first one, whatever
            // an alias would pick now. A start that is not in memory comes without its input.
            let running = self.writer.load(key).map(|execution| execution.start.clone());
            let is_same =
                |start: Arc<Start>| start.input == request.input && start.test_case == request.test_case;
            if running.is_some_and(is_same) || self.is_repeated(key, request.parent.as_ref()) {
                return Ok(Started { execution_arn: arn, started_at: earlier.started_at });
            }
            return Err(Refusal::ExecutionAlreadyExists { arn });
        }
        self.mocks.check(&machine.name, request.test_case.as_deref())?;
        if self.writer.is_full() {
            let message = "The disk that holds the data folder is full; no execution was started. Free some \
                           space and try again"
                .to_owned();
            return Err(Refusal::ServiceUnavailable { message });
        }
        let (version, alias_arn) = match by {
            By::Machine => (None, None),
            By::Version(version) => (Some(version), None),
            By::Alias(alias) => {
                let version = machine.published.pick(&alias, self.random.draw());
                (Some(version.clone()), Some(asked_arn))
            }
        };
        let revision = version.as_ref().map_or(&machine.current, |version| &version.revision);
        let start = Arc::new(Start {
            arn: arn.clone(),
            name,
            state_machine_arn: machine.arn.clone(),
            state_machine_name: machine.name.clone(),
            machine_type: machine.machine_type,
            revision: revision.number,
            version_arn: version.as_ref().map(|version| machine.version_arn(version.number)),
            alias_arn,
            test_case: request.test_case,
            role_arn: revision.role_arn.clone(),
            region: self.scope.region.as_str().into(),
            input: request.input,
            trace_header: request.trace_header,
            parent: request.parent,
            child_of: None,
            started_at: now,
        });
        let key = self.writer.new_execution_key();
        self.writer.insert(key, Execution::new(start.clone()));
        self.record(Record::Start { key, start });
        self.statistics.started.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.deliver(key, Wakeup::Started, now);
        Ok(Started { execution_arn: arn, started_at: now })
    }

    /// Whether the very same call of another execution has started this one: it may ask again when a crash has
    /// kept the answer from it. The child may have closed since.
    fn is_repeated(&mut self, key: ExecutionKey, parent: Option<&Parent>) -> bool {
        parent.is_some() && self.writer.start_of(key).is_some_and(|start| start.parent.as_ref() == parent)
    }

    pub(crate) fn stop_execution(
        &mut self,
        arn: &Text,
        failure: Failure,
        now: Timestamp,
    ) -> Result<Timestamp, Refusal> {
        self.check_owner(arn)?;
        let Some((key, _)) = self.writer.find(arn) else {
            return Err(Refusal::ExecutionDoesNotExist { arn: arn.clone() });
        };
        if let Some(stopped_at) = self.writer.closed_at(key) {
            return Ok(stopped_at);
        }
        self.deliver(key, Wakeup::Stopped { failure }, now);
        // Its own time may have been up before.
        Ok(self.writer.closed_at(key).unwrap_or(now))
    }
}
