//! Task: asks for a function, an activity or an integration; where it is mocked, nobody. (spec/asl.md §8.2)

use asl::Resource;
use asl::machine::{QueryLanguage, Task};
use asl::{Failure, FieldFailure, Template};
use json::{Document, Text};

use crate::context::Around;
use crate::enter::{parameters, seconds};
use crate::event::EventKind;
use crate::failure::Problem;
use crate::flow::{evaluate, selected_input, with_parameters};
use crate::frame::{Frame, PendingTask, TaskStage, Waiting};
use crate::run::Run;
use crate::step::Step;
use crate::task::{names, needs_token, outstanding};
use crate::wakeup::TaskOutcome;

impl Run<'_> {
    pub(super) fn task(&mut self, frame: &mut Frame, task: &Task) -> Step {
        frame.attempt = frame.attempt.wrapping_add(1);
        frame.waiting = Waiting::Again;
        // 0 means that there is no token.
        let nonce = if needs_token(&task.resource) { self.random.next().max(1) } else { 0 };
        let asked = self.mocked_outcome(frame).and_then(|mocked| {
            let pending = self.ask(frame, task, nonce, mocked.is_some())?;
            Ok((pending, mocked))
        });
        let (pending, mocked) = match asked {
            Ok(asked) => asked,
            Err(problem) => return problem.into(),
        };
        if self.execution.start.test_case.is_some() {
            self.count_invocation(frame);
        }
        self.schedule(frame, &task.resource, &pending);
        frame.waiting = Waiting::Task(Box::new(pending));
        match mocked {
            Some(outcome) => self.mocked_task_ended(frame, &task.resource, outcome),
            None => {
                self.turn.effects.extend(outstanding(&self.execution.start, self.machine, frame));
                Step::Waits
            }
        }
    }

    /// How the test case says that the task ends; `None` if it is to be asked for.
    fn mocked_outcome(&self, frame: &Frame) -> Result<Option<TaskOutcome>, Problem> {
        let start = &self.execution.start;
        let Some(test_case) = &start.test_case else { return Ok(None) };
        let invocation = self.execution.invocations.get(&frame.state).copied().unwrap_or(0);
        let state = &self.state(frame).name;
        // The children of its Map Runs are parts of the same machine: `machine/label`.
        let machine = start.state_machine_name.split('/').next().unwrap_or_default();
        let found = self.mocks.outcome(machine, test_case, state, invocation);
        // Nobody could catch that the test itself is incomplete, or the file has lost it.
        found
            .map(Option::<&TaskOutcome>::cloned)
            .map_err(|why| Problem::in_state(&self.around(frame), frame, Failure::runtime(why)))
    }

    /// Evaluates all that a task needs. One that is answered already asks nobody who would have to be there.
    fn ask(
        &self,
        frame: &Frame,
        task: &Task,
        nonce: u128,
        is_answered: bool,
    ) -> Result<PendingTask, Problem> {
        let around = Around { nonce, ..self.around(frame) };
        if let Resource::Activity { arn } = &task.resource
            && !is_answered
            && !(self.activity_exists)(arn)
        {
            let failure = Failure::runtime(format!("The activity {arn} does not exist."));
            return Err(Problem::in_state(&around, frame, failure));
        }
        let flow = &self.state(frame).flow;
        let input = selected_input(flow, frame, &around)?;
        let timeout_seconds = seconds(task.timeout.as_ref(), "TimeoutSeconds", &input, frame, &around)?;
        let heartbeat_seconds = seconds(task.heartbeat.as_ref(), "HeartbeatSeconds", &input, frame, &around)?;
        let role_arn = role_arn(task.credentials.as_ref(), &input, frame, &around)?;
        let arguments = with_parameters(flow, input, frame, &around)?;
        if !self.is_mocked {
            parameters::check(&task.resource, &arguments)
                .map_err(|failure| Problem::in_state(&around, frame, failure))?;
        }
        let stage = match task.resource {
            Resource::Function { .. } | Resource::Integration { .. } => TaskStage::Called,
            Resource::Activity { .. } => TaskStage::Offered,
        };
        Ok(PendingTask {
            stage,
            nonce,
            timeout_at: timeout_seconds.map(|seconds| self.now.plus_seconds(seconds)),
            heartbeat_at: None,
            timeout_seconds,
            heartbeat_seconds,
            arguments: parameters::completed(&task.resource, arguments),
            role_arn,
            submitted: None,
            early: None,
        })
    }

    /// Writes the Scheduled event, and the Started event of what is called at once.
    fn schedule(&mut self, frame: &mut Frame, resource: &Resource, pending: &PendingTask) {
        let &PendingTask { timeout_seconds, heartbeat_seconds, .. } = pending;
        let (input, role_arn) = (pending.arguments.clone(), pending.role_arn.clone());
        match resource {
            Resource::Function { arn } => {
                let resource = arn.clone();
                let kind = EventKind::LambdaFunctionScheduled { resource, input, timeout_seconds, role_arn };
                self.follow(frame, kind);
                self.follow(frame, EventKind::LambdaFunctionStarted);
            }
            Resource::Activity { arn } => {
                let resource = arn.clone();
                let kind =
                    EventKind::ActivityScheduled { resource, input, timeout_seconds, heartbeat_seconds };
                self.follow(frame, kind);
            }
            Resource::Integration { service, action, pattern } => {
                let (resource_type, resource) = names(service, action, *pattern);
                let kind = EventKind::TaskScheduled {
                    resource_type: resource_type.clone(),
                    resource: resource.clone(),
                    region: self.execution.start.region.clone(),
                    parameters: input,
                    timeout_seconds,
                    heartbeat_seconds,
                    role_arn,
                };
                self.follow(frame, kind);
                self.follow(frame, EventKind::TaskStarted { resource_type, resource });
            }
        }
    }
}

/// `Credentials.RoleArn`.
fn role_arn(
    credentials: Option<&Template>,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Option<Text>, Problem> {
    let Some(credentials) = credentials else { return Ok(None) };
    let evaluated = evaluate(credentials, input, frame, around)?;
    match evaluated.value().get("RoleArn").and_then(|arn| arn.as_str()) {
        Some(arn) => Ok(Some(arn.into())),
        None => {
            let text = "The field 'RoleArn' of 'Credentials' must be a string.";
            let failure = match around.machine.state(frame.state).query_language {
                QueryLanguage::JsonPath => Failure::runtime(text).into(),
                QueryLanguage::Jsonata => FieldFailure {
                    failure: Failure::query_evaluation(text),
                    location: Some("Credentials/RoleArn".into()),
                },
            };
            Err(Problem::in_state(around, frame, failure))
        }
    }
}
