//! Step Functions: executions of other state machines. (spec/integrations.md §4)
//!
//! Never here: that a child may be in this very process.

use json::{Object, Value};

use crate::action::{Action, Field, Service, optional, required};
use crate::failure::Naming;
use crate::integration::Around;
use crate::job::{JobState, Stop, Watch};
use crate::resource::Pattern;

pub(crate) const SERVICE: Service = Service {
    name: "states",
    model: "stepfunctions",
    naming: Naming {
        prefix: "StepFunctions",
        unnamed: "AWSStepFunctionsException",
        service: "AWSStepFunctions",
    },
    actions: &[Action {
        fields: Some(START),
        input: named,
        watch: Some(&CHILD),
        watch_2: Some(&Watch { read: read_parsed, ..CHILD }),
        ..Action::new("startExecution", &[Pattern::Sync, Pattern::Sync2, Pattern::WaitForTaskToken])
    }],
};

const START: &[Field] = &[required("StateMachineArn"), optional("Input"), optional("Name")];

const CHILD: Watch = Watch {
    operation: "describeExecution",
    question: |_, submitted| json::value!({ "ExecutionArn": execution_arn(submitted) }),
    read,
    refused: |_, _, _| None,
    stop: Some(Stop {
        operation: "stopExecution",
        input: |_, submitted| json::value!({ "ExecutionArn": execution_arn(submitted) }),
    }),
};

/// Where the Task gives no name, the child's follows from the call's token: a repetition of the call finds
/// the child that it has started already. The input gets nothing added.
fn named(parameters: &Object, around: &Around<'_>) -> Object {
    let mut input = parameters.clone();
    if parameters.get("Name").is_none_or(Value::is_null) {
        input.insert("Name", child_name(around.token));
    }
    input
}

/// A UUID, like every name that AWS makes up.
fn child_name(token: &str) -> String {
    match u128::from_str_radix(token, 16) {
        Ok(bits) => aws_names::uuid_v4(bits),
        Err(_) => token.to_owned(),
    }
}

fn execution_arn(submitted: &Value) -> Value {
    submitted.get("ExecutionArn").cloned().unwrap_or_default()
}

/// `.sync`: input and output are JSON texts. AWS was recorded to leave out what tells of redriving.
fn read(_: &Value, description: Value) -> JobState {
    let Value::Object(mut description) = description else { return JobState::Running };
    for name in ["RedriveCount", "RedriveStatus", "RedriveStatusReason"] {
        description.remove(name);
    }
    ended(description.into())
}

/// `.sync:2`: they are JSON.
fn read_parsed(_: &Value, description: Value) -> JobState {
    let Value::Object(mut description) = description else { return JobState::Running };
    for name in ["Input", "Output"] {
        if let Some(parsed) =
            description.get(name).and_then(Value::as_str).and_then(|text| Value::parse(text).ok())
        {
            description.insert(name, parsed);
        }
    }
    ended(description.into())
}

fn ended(description: Value) -> JobState {
    match description.get("Status").and_then(Value::as_str) {
        Some("SUCCEEDED") => JobState::Succeeded(description),
        Some("FAILED" | "TIMED_OUT" | "ABORTED") => JobState::failed(&description),
        // RUNNING, and PENDING_REDRIVE, which goes on. What is not known yet may end as well.
        Some(_) | None => JobState::Running,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_known() {
        let operation = aws_models::service("stepfunctions").unwrap().operation("describeExecution").unwrap();
        let shape = operation.output().unwrap().member("status").unwrap().shape();
        let running: Vec<&str> = shape
            .enum_values()
            .filter(|status| read(&Value::Null, json::value!({ "Status": *status })) == JobState::Running)
            .collect();
        assert_eq!(running, ["RUNNING", "PENDING_REDRIVE"]);
    }

    #[test]
    fn data_is_text_or_json() {
        let description = json::value!({ "Input": "{}", "RedriveCount": 0, "Status": "SUCCEEDED" });
        let text = json::value!({ "Input": "{}", "Status": "SUCCEEDED" });
        assert_eq!(read(&Value::Null, description.clone()), JobState::Succeeded(text));
        let parsed = json::value!({ "Input": {}, "RedriveCount": 0, "Status": "SUCCEEDED" });
        assert_eq!(read_parsed(&Value::Null, description), JobState::Succeeded(parsed));
        let failed = json::value!({ "Status": "ABORTED" });
        assert_eq!(read(&Value::Null, failed.clone()), JobState::failed(&failed));
    }

    #[test]
    fn a_child_without_a_name_has_that_of_its_call() {
        let token = "0123456789abcdef0123456789abcdef";
        let around = Around { execution_arn: "", state_machine_arn: "", pattern: Pattern::Sync, token };
        let name = |parameters: Value| {
            let input = named(parameters.as_object().unwrap(), &around);
            input.get("Name").and_then(Value::as_str).map(str::to_owned).unwrap()
        };
        assert_eq!(name(json::value!({})), "01234567-89ab-4def-8123-456789abcdef");
        assert_eq!(name(json::value!({ "Name": "n" })), "n");
    }
}
