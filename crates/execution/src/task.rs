//! What is known of a pending task from its resource: how it is called, what its events are, and
//! how it ends.

use asl::machine::StateMachine;
use asl::resource::Pattern;
use asl::{Failure, Kind, Resource};
use json::{Document, Object, Text, Value};

use crate::event::EventKind;
use crate::execution::Start;
use crate::failure::{Fault, located};
use crate::frame::{Frame, PendingTask, TaskStage, Waiting};
use crate::limits::{check_data, shorten};
use crate::random::siphash;
use crate::run::Run;
use crate::step::Step;
use crate::token::TaskToken;
use crate::turn::{Effect, TaskCall};
use crate::wakeup::TaskOutcome;

impl<'a> Run<'a> {
    /// A worker took the activity: timeout and heartbeat count from now. (spec/asl.md §8.2)
    pub fn activity_started(&mut self, frame: &mut Frame, worker_name: Option<Text>) -> Step {
        self.follow(frame, EventKind::ActivityStarted { worker_name });
        let now = self.now;
        let pending = pending(frame);
        pending.stage = TaskStage::Given;
        pending.timeout_at = pending.timeout_seconds.map(|seconds| now.plus_seconds(seconds));
        pending.heartbeat_at = pending.heartbeat_seconds.map(|seconds| now.plus_seconds(seconds));
        Step::Waits
    }

    /// The call of a `.waitForTaskToken` or `.sync` task returned well.
    pub fn submitted(&mut self, frame: &mut Frame, response: Document, pattern: Pattern) -> Step {
        let Resource::Integration { service, action, .. } = self.resource(frame) else {
            unreachable!("only integrations have a pattern")
        };
        let (resource_type, resource) = names(service, action, pattern);
        if let Err(failure) = check_data(&response, service) {
            return self.task_failed(frame, failure);
        }
        self.follow(frame, EventKind::TaskSubmitted { resource_type, resource, output: response.clone() });
        let now = self.now;
        let pending = pending(frame);
        if let Some(outcome) = pending.early.take() {
            return self.task_ended(frame, outcome);
        }
        pending.heartbeat_at = pending.heartbeat_seconds.map(|seconds| now.plus_seconds(seconds));
        match pattern {
            Pattern::RequestResponse | Pattern::WaitForTaskToken => pending.stage = TaskStage::Given,
            Pattern::Sync | Pattern::Sync2 => {
                pending.stage = TaskStage::Submitted;
                pending.submitted = Some(response);
                self.turn.effects.extend(outstanding(&self.execution.start, self.machine, frame));
            }
        }
        Step::Waits
    }

    /// The task ended: writes its last event and goes on with the result or the failure.
    pub fn task_ended(&mut self, frame: &mut Frame, outcome: TaskOutcome) -> Step {
        match outcome {
            TaskOutcome::Succeeded(output) => {
                let origin = match self.resource(frame) {
                    Resource::Function { arn } | Resource::Activity { arn } => arn,
                    Resource::Integration { service, .. } => service,
                };
                if let Err(failure) = check_data(&output, origin) {
                    return self.task_failed(frame, failure);
                }
                let kind = match self.resource(frame) {
                    Resource::Function { .. } => {
                        EventKind::LambdaFunctionSucceeded { output: output.clone() }
                    }
                    Resource::Activity { .. } => EventKind::ActivitySucceeded { output: output.clone() },
                    Resource::Integration { service, action, pattern } => {
                        let (resource_type, resource) = names(service, action, *pattern);
                        EventKind::TaskSucceeded { resource_type, resource, output: output.clone() }
                    }
                };
                self.follow(frame, kind);
                Step::Worked(output)
            }
            TaskOutcome::Failed(failure) => self.task_failed(frame, shorten(failure)),
            TaskOutcome::TimedOut => self.task_timed_out(frame, false),
        }
    }

    /// The task was asked for, and its mock answers: what comes between is as it would be had a worker taken the
    /// activity, or had the call returned that started the job or sent the token out.
    pub fn mocked_task_ended(
        &mut self,
        frame: &mut Frame,
        resource: &Resource,
        outcome: TaskOutcome,
    ) -> Step {
        match resource {
            Resource::Function { .. } => {}
            Resource::Activity { .. } => {
                self.follow(frame, EventKind::ActivityStarted { worker_name: None });
            }
            Resource::Integration { service, action, pattern } => match pattern {
                Pattern::RequestResponse => {}
                Pattern::Sync | Pattern::Sync2 | Pattern::WaitForTaskToken => {
                    let (resource_type, resource) = names(service, action, *pattern);
                    let output = Document::from_value(Value::Object(Object::new()));
                    self.follow(frame, EventKind::TaskSubmitted { resource_type, resource, output });
                }
            },
        }
        self.task_ended(frame, outcome)
    }

    /// `TimeoutSeconds` ran out, or a heartbeat was missed; both show as States.Timeout.
    pub fn task_timed_out(&mut self, frame: &mut Frame, heartbeat_missed: bool) -> Step {
        let failure = Failure::named(aws_names::error::TIMEOUT);
        let kind = match self.resource(frame) {
            Resource::Function { .. } => EventKind::LambdaFunctionTimedOut { failure: failure.clone() },
            Resource::Activity { .. } => EventKind::ActivityTimedOut { failure: failure.clone() },
            Resource::Integration { service, action, pattern } => {
                let (resource_type, resource) = names(service, action, *pattern);
                EventKind::TaskTimedOut { resource_type, resource, failure: failure.clone() }
            }
        };
        self.follow(frame, kind);
        Step::Failed(Fault { heartbeat_missed, ..Fault::of(failure) })
    }

    fn resource(&self, frame: &Frame) -> &'a Resource {
        resource(self.machine, frame)
    }

    fn task_failed(&mut self, frame: &mut Frame, failure: Failure) -> Step {
        let fatal = failure.name() == aws_names::error::RUNTIME;
        let failure =
            if fatal { located(&self.state(frame).name, frame.entered_event, failure) } else { failure };
        let kind = match self.resource(frame) {
            Resource::Function { .. } => EventKind::LambdaFunctionFailed { failure: failure.clone() },
            Resource::Activity { .. } => EventKind::ActivityFailed { failure: failure.clone() },
            Resource::Integration { service, action, pattern } => {
                let (resource_type, resource) = names(service, action, *pattern);
                EventKind::TaskFailed { resource_type, resource, failure: failure.clone() }
            }
        };
        self.follow(frame, kind);
        if fatal { Step::Fatal(failure) } else { Step::Failed(Fault::of(failure)) }
    }
}

/// `resourceType` and `resource` of an integration's events.
pub(crate) fn names(service: &Text, action: &Text, pattern: Pattern) -> (Text, Text) {
    let resource = match pattern {
        Pattern::RequestResponse => return (service.clone(), action.clone()),
        Pattern::Sync => format!("{action}.sync"),
        Pattern::Sync2 => format!("{action}.sync:2"),
        Pattern::WaitForTaskToken => format!("{action}.waitForTaskToken"),
    };
    (service.clone(), resource.into())
}

/// Whether a task with this resource has a token.
pub(crate) fn needs_token(resource: &Resource) -> bool {
    match resource {
        Resource::Function { .. } => false,
        Resource::Activity { .. } => true,
        Resource::Integration { pattern, .. } => match pattern {
            Pattern::RequestResponse => false,
            Pattern::Sync | Pattern::Sync2 | Pattern::WaitForTaskToken => true,
        },
    }
}

/// What the outside has to do for the frame's task, as it stands.
pub(crate) fn outstanding(start: &Start, machine: &StateMachine, frame: &Frame) -> Option<Effect> {
    let (pending, resource) = (frame.task()?, resource(machine, frame));
    match (pending.stage, resource) {
        (TaskStage::Called, _) => Some(Effect::CallTask(call(start, frame, resource, pending))),
        (TaskStage::Submitted, _) => {
            let submitted = pending.submitted.clone()?;
            Some(Effect::AwaitJob { call: call(start, frame, resource, pending), submitted })
        }
        (TaskStage::Offered, Resource::Activity { arn }) => Some(Effect::OfferActivity {
            frame: frame.id,
            attempt: frame.attempt,
            activity_arn: arn.clone(),
            input: pending.arguments.clone(),
            token: token(start, frame, pending),
        }),
        (TaskStage::Offered, Resource::Function { .. } | Resource::Integration { .. }) => None,
        (TaskStage::Given, _) => None,
    }
}

/// Whom the Task state calls that the frame is in.
pub(crate) fn resource<'m>(machine: &'m StateMachine, frame: &Frame) -> &'m Resource {
    let Kind::Task(task) = &machine.state(frame.state).kind else {
        unreachable!("only Task states wait for tasks")
    };
    &task.resource
}

fn pending(frame: &mut Frame) -> &mut PendingTask {
    let Waiting::Task(pending) = &mut frame.waiting else { unreachable!("the caller has looked") };
    pending
}

/// The call of a frame's task.
fn call(start: &Start, frame: &Frame, resource: &Resource, pending: &PendingTask) -> TaskCall {
    TaskCall {
        frame: frame.id,
        attempt: frame.attempt,
        resource: resource.clone(),
        arguments: pending.arguments.clone(),
        role_arn: pending.role_arn.clone(),
        idempotency_token: idempotency_token(start, frame),
    }
}

/// The text of a frame's task token.
pub(crate) fn token(start: &Start, frame: &Frame, pending: &PendingTask) -> String {
    let (execution_arn, nonce) = (start.arn.clone(), pending.nonce);
    TaskToken { execution_arn, frame: frame.id, attempt: frame.attempt, nonce }.to_text()
}

/// 32 letters that are the same for every repetition of a call, and differ between any two calls.
fn idempotency_token(start: &Start, frame: &Frame) -> String {
    let mut bytes = start.arn.as_bytes().to_vec();
    bytes.extend(start.started_at.0.to_le_bytes());
    bytes.extend(frame.id.0.to_le_bytes());
    bytes.extend(frame.attempt.to_le_bytes());
    format!("{:016x}{:016x}", siphash(1, &bytes), siphash(2, &bytes))
}
