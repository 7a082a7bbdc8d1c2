//! What an execution has come to: the last line for people, all of it for programs, the exit code for scripts.
//!
//! Never here: who has run it.

use std::process::ExitCode;

use asl::{Failure, Timestamp};
use execution::Status;
use json::{Object, Value};
use store::ExecutionView;

use crate::commands::Output;
use crate::printing;
use crate::tree::Tree;

/// An execution, or a Map Run, as its end left it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Its ARN.
    pub arn: String,
    /// How it ended.
    pub status: Status,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// After success.
    pub output: Option<Value>,
    /// After failure.
    pub failure: Option<Failure>,
}

impl Outcome {
    /// `FAILED in 120 ms: Oops: on purpose`
    pub fn summary(&self) -> String {
        let took = self.stopped_at.map_or(0, |at| at.0 - self.started_at.0);
        let mut text = format!("{} in {took} ms", status_name(self.status));
        let failure = self.failure.as_ref();
        let error = failure.and_then(|failure| failure.error.as_deref());
        let cause = failure.and_then(|failure| failure.cause.as_deref());
        for said in error.into_iter().chain(cause) {
            text += &format!(": {said}");
        }
        text
    }

    /// On standard output: the output alone, or everything.
    pub fn print(&self, output: Output, tree: &Tree) {
        match output {
            Output::Text => {
                if let Some(output) = &self.output {
                    printing::out(output.to_pretty());
                }
            }
            Output::Json => printing::out(self.to_json(tree).to_pretty()),
        }
    }

    fn to_json(&self, tree: &Tree) -> Value {
        let mut object = Object::new();
        let is_map_run = self.arn.contains(":mapRun:");
        object.insert(if is_map_run { "mapRunArn" } else { "executionArn" }, self.arn.as_str());
        object.insert("status", status_name(self.status));
        object.insert("startDate", self.started_at.to_iso());
        if let Some(at) = self.stopped_at {
            object.insert("stopDate", at.to_iso());
        }
        if let Some(output) = &self.output {
            object.insert("output", output);
        }
        if let Some(failure) = &self.failure {
            if let Some(error) = &failure.error {
                object.insert("error", error);
            }
            if let Some(cause) = &failure.cause {
                object.insert("cause", cause.as_str());
            }
        }
        object.insert("states", tree.to_json());
        Value::from(object)
    }
}

impl From<&ExecutionView> for Outcome {
    fn from(view: &ExecutionView) -> Outcome {
        Outcome {
            arn: view.start.arn.to_string(),
            status: view.status,
            started_at: view.start.started_at,
            stopped_at: view.stopped_at,
            output: view.output.as_ref().map(|output| output.value().clone()),
            failure: view.failure.clone(),
        }
    }
}

/// The exit code that says how an execution ended.
pub fn exit_code(status: Status) -> ExitCode {
    ExitCode::from(code(status))
}

fn code(status: Status) -> u8 {
    match status {
        Status::Succeeded => 0,
        Status::Failed | Status::Running => 1,
        Status::TimedOut => 3,
        Status::Aborted => 4,
    }
}

/// The API's name of a status.
pub fn status_name(status: Status) -> &'static str {
    match status {
        Status::Running => "RUNNING",
        Status::Succeeded => "SUCCEEDED",
        Status::Failed => "FAILED",
        Status::TimedOut => "TIMED_OUT",
        Status::Aborted => "ABORTED",
    }
}

/// The status of a name.
pub fn status_named(name: &str) -> Option<Status> {
    use Status::*;
    [Running, Succeeded, Failed, TimedOut, Aborted].into_iter().find(|&status| status_name(status) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_the_help() {
        let all = [Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];
        assert_eq!(all.map(code), [0, 1, 3, 4]);
    }
}
