//! DescribeStateMachineForExecution: what an execution runs, whatever its machine is now.

use engine::Refusal;
use json::Text;
use store::{ExecutionView, Revision};

use super::{Call, describe_state_machine};
use crate::answer;
use crate::constraint;
use crate::distributed::Processor;
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
    let part = match (&compiled, &view.start.child_of) {
        (Some(compiled), Some(child)) => Processor::numbered(compiled, &revision.definition, child.processor),
        _ => None,
    };
    let references = compiled.as_deref().map_or(&[][..], |compiled| &compiled.variable_references);
    let whole = (&*revision.definition, references);
    let (definition, references) =
        part.as_ref().map_or(whole, |part| (&*part.definition, &*part.variable_references));
    Ok(write(&view, &revision, definition, references, request.with_data))
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

/// `definition`, `references`: of the revision, or of the part that a child of a Map Run runs.
fn write(
    view: &ExecutionView,
    revision: &Revision,
    definition: &str,
    references: &[(Text, Vec<Text>)],
    with_data: bool,
) -> String {
    let start = &view.start;
    answer::object(|answer| {
        answer.text("stateMachineArn", &start.state_machine_arn);
        answer.text("name", &start.state_machine_name);
        answer.time("updateDate", revision.updated_at);
        if let Some(map_run_arn) = &view.map_run_arn {
            answer.text("mapRunArn", map_run_arn);
            answer.optional_text("label", start.state_machine_name.split_once('/').map(|(_, label)| label));
        }
        describe_state_machine::write_revision(answer, revision, definition, references, with_data);
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
        let revision = machine().current;
        let text = write(&view(Status::Running), &revision, &revision.definition, &[], true);
        let head = r#"{"stateMachineArn":"arn:m","name":"m","updateDate":2.000,"#;
        assert_eq!(text, format!("{head}{REVISION}}}"));
    }
    #[test]
    fn a_child_runs_a_part_of_the_machine() {
        let mut child = view(Status::Running);
        let start = Arc::make_mut(&mut child.start);
        (start.state_machine_arn, start.state_machine_name) = ("arn:m/L".into(), "m/L".into());
        child.map_run_arn = Some("arn:m/L:u".into());
        let revision = machine().current;
        let references = [("A".into(), vec!["v".into()])];
        let text = write(&child, &revision, r#"{"StartAt":"A"}"#, &references, true);
        let head = concat!(
            r#"{"stateMachineArn":"arn:m/L","name":"m/L","updateDate":2.000,"mapRunArn":"arn:m/L:u","label":"L","#,
            r#""definition":"{\"StartAt\":\"A\"}","roleArn":"arn:r","#
        );
        assert!(text.starts_with(head) && text.ends_with(r#""variableReferences":{"A":["v"]}}"#), "{text}");
    }
}
