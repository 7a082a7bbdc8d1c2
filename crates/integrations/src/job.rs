//! The job that a `.sync` task waits for: whom to ask how it is, what its description means, how it is
//! stopped. (spec/integrations.md §1 and §4)
//!
//! Never here: when to ask.

use aws_protocols::ServiceError;
use json::Value;

use crate::failure::ServiceFailure;
use crate::integration::{Call, with_milliseconds};

/// How the job of an action is watched.
pub(crate) struct Watch {
    /// Who tells: an operation of the same service's model, spelt as an action.
    pub(crate) operation: &'static str,
    /// What it is asked, given the Task's parameters and what the submitting call answered.
    pub(crate) question: fn(&Value, &Value) -> Value,
    /// What its answer means, given the Task's parameters.
    pub(crate) read: fn(&Value, Value) -> JobState,
    /// What it means when the service refuses to tell, where that means something: a cluster that is being
    /// deleted is not found once it is gone. Given the Task's parameters and what the submitting call answered.
    pub(crate) refused: fn(&Value, &Value, &ServiceError) -> Option<JobState>,
    /// How it is stopped, if it is.
    pub(crate) stop: Option<Stop>,
}

/// The operation that stops a job, and its input.
#[derive(Clone, Copy)]
pub(crate) struct Stop {
    pub(crate) operation: &'static str,
    pub(crate) input: fn(&Value, &Value) -> Value,
}

/// How a job is.
#[derive(Clone, Debug, PartialEq)]
pub enum JobState {
    /// Ask again later.
    Running,
    /// With the Task's result.
    Succeeded(Value),
    /// Badly.
    Failed(ServiceFailure),
    /// The service answers without knowing it: it is too new for that, or long gone, which is this failure.
    Unknown(ServiceFailure),
}

/// A job that was started.
#[derive(Clone, Copy)]
pub struct Job<'j> {
    pub(crate) model: &'static str,
    pub(crate) watch: &'static Watch,
    pub(crate) parameters: &'j Value,
    pub(crate) submitted: &'j Value,
}

impl Job<'_> {
    /// The call that asks how it is.
    pub fn question(&self) -> Option<Call> {
        Call::new(self.model, self.watch.operation, (self.watch.question)(self.parameters, self.submitted))
    }

    /// What the answer to that means.
    pub fn read(&self, question: &Call, answer: Value) -> JobState {
        (self.watch.read)(self.parameters, with_milliseconds(answer, question))
    }

    /// What it means that the service refused to answer. None: nothing, and the refusal is the Task's failure.
    pub fn read_refusal(&self, error: &ServiceError) -> Option<JobState> {
        (self.watch.refused)(self.parameters, self.submitted, error)
    }

    /// The call that stops it. None for jobs that go on without their execution.
    pub fn stop(&self) -> Option<Call> {
        let stop = self.watch.stop?;
        Call::new(self.model, stop.operation, (stop.input)(self.parameters, self.submitted))
    }
}

impl JobState {
    /// The same, but for the result of a job that succeeded.
    pub(crate) fn with_result(self, result: fn(Value) -> Value) -> JobState {
        match self {
            JobState::Succeeded(description) => JobState::Succeeded(result(description)),
            JobState::Running | JobState::Failed(_) | JobState::Unknown(_) => self,
        }
    }

    /// A job that ended badly: its description is the cause.
    pub(crate) fn failed(description: &Value) -> JobState {
        JobState::Failed(task_failed(description))
    }

    /// A job that the answer says nothing of.
    pub(crate) fn unknown(answer: &Value) -> JobState {
        JobState::Unknown(task_failed(answer))
    }
}

fn task_failed(description: &Value) -> ServiceFailure {
    ServiceFailure::new("States.TaskFailed", description.to_text())
}

#[cfg(test)]
mod ends;
#[cfg(test)]
mod tests;
