//! DescribeStateMachineForExecution: what an execution runs, whatever its machine is now.

use std::sync::Arc;

use asl::StateMachine;
use engine::Refusal;
use json::Text;
use store::{ExecutionView, Revision};

use super::{Call, describe_state_machine};
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    call.engine.check_owner(&request.arn)?;
    let store = call.engine.store();
    let Some(view) = store.execution(&request.arn)? else {
        return Err(Refusal::ExecutionDoesNotExist { arn: request.arn }.into());
    };
    let Some(revision) = store.revision(view.start.revision) else {
        let arn = view.start.state_machine_arn.clone();
        return Err(Refusal::StateMachineDoesNotExist { arn }.into());
    };
    let compiled = request.with_data.then(|| call.engine.compiled(revision.number)).flatten();
    Ok(write(&view, &revision, compiled, request.with_data))
}

/// Which execution, and how much of its machine.
struct Request {
    arn: Text,
    with_data: bool,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("executionArn", &constraint::ARN)?;
    let included = members.choice("includedData", constraint::INCLUDED_DATA)?;
    members.check()?;
    resource::execution(&arn)?;
    Ok(Request { arn, with_data: included != Some("METADATA_ONLY") })
}

fn write(
    view: &ExecutionView,
    revision: &Revision,
    compiled: Option<Arc<StateMachine>>,
    with_data: bool,
) -> String {
    answer::object(|answer| {
        answer.text("stateMachineArn", &view.start.state_machine_arn);
        answer.text("name", &view.start.state_machine_name);
        answer.time("updateDate", revision.updated_at);
        let references = compiled.as_deref().map_or(&[][..], |compiled| &compiled.variable_references);
        describe_state_machine::write_revision(answer, revision, references, with_data);
    })
}

#[cfg(test)]
mod tests {
    use execution::execution::Status;

    use super::super::describe_execution::tests::view;
    use super::super::describe_state_machine::tests::{REVISION, machine};
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |request: Request| format!("{} {}", request.arn, request.with_data);
            assert_eq!(outcome(read, show, body), expected);
        };
        check(
            r#"{"executionArn":"ARN:express:m:e:u"}"#,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'",
        );
        check(
            r#"{"executionArn":"ARN:execution:m:e","includedData":"ALL_DATA"}"#,
            "arn:aws:states:us-east-1:123456789012:execution:m:e true",
        );
    }

    #[test]
    fn answers() {
        let text = write(&view(Status::Running), &machine().current, None, true);
        let head = r#"{"stateMachineArn":"arn:m","name":"m","updateDate":2.000,"#;
        assert_eq!(text, format!("{head}{REVISION}}}"));
    }
}
