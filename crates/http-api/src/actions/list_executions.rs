//! ListExecutions: of a state machine, a version or an alias, newest first, a page at a time.

use engine::Refusal;
use execution::execution::Status;
use store::{ExecutionFilter, ExecutionPage, MachineType};

use super::{Call, describe_execution};
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::{page, resource};

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let filter = read(&call.body)?;
    let store = call.engine.store();
    match store.named(&filter.machine_arn) {
        None => return Err(Refusal::StateMachineDoesNotExist { arn: filter.machine_arn }.into()),
        Some(named) if named.machine.machine_type == MachineType::Express => {
            let message = "This operation is not supported by this type of state machine".to_owned();
            return Err(Refusal::StateMachineTypeNotSupported { message }.into());
        }
        Some(_) => {}
    }
    let page = store.executions(&filter)?;
    Ok(write(&page, &filter))
}

fn read(body: &Body) -> Result<ExecutionFilter, ApiError> {
    let members = body.members();
    let machine_arn = members.text("stateMachineArn", &constraint::ARN)?;
    let map_run_arn = members.text("mapRunArn", &constraint::LONG_ARN)?;
    let status = members.choice("statusFilter", constraint::EXECUTION_STATUS)?;
    let redrive = members.choice("redriveFilter", constraint::REDRIVE_FILTER)?;
    let limit = page::limit(members.integer("maxResults", constraint::PAGE_SIZE)?);
    let token = members.text("nextToken", &constraint::LIST_EXECUTIONS_PAGE_TOKEN)?;
    members.check()?;
    let machine_arn = match (machine_arn, map_run_arn) {
        (Some(machine), None) => machine,
        (None, Some(map_run)) => return Err(resource::map_run(&map_run)),
        _ => {
            return Err(ApiError::validation(
                "Exactly one of stateMachineArn and mapRunArn must be specified",
            ));
        }
    };
    resource::named_state_machine(&machine_arn)?;
    if redrive.is_some() {
        return Err(ApiError::validation("redriveFilter can only be used with mapRunArn"));
    }
    let status = match status {
        Some("RUNNING") => Some(Status::Running),
        Some("SUCCEEDED") => Some(Status::Succeeded),
        Some("FAILED") => Some(Status::Failed),
        Some("TIMED_OUT") => Some(Status::TimedOut),
        Some("ABORTED") => Some(Status::Aborted),
        Some(_) => return Err(ApiError::validation("PENDING_REDRIVE can only be used with mapRunArn")),
        None => None,
    };
    let mut filter = ExecutionFilter { machine_arn, status, after: None, limit };
    if let Some(token) = token {
        filter.after = Some(page::number(&question(&filter), &token)?);
    }
    Ok(filter)
}

/// What a token is bound to.
fn question(filter: &ExecutionFilter) -> [&str; 3] {
    ["ListExecutions", &filter.machine_arn, filter.status.map_or("", describe_execution::status_name)]
}

fn write(page: &ExecutionPage, filter: &ExecutionFilter) -> String {
    answer::object(|answer| {
        answer.objects("executions", &page.executions, |item, view| {
            item.text("executionArn", &view.start.arn);
            item.text("stateMachineArn", &view.start.state_machine_arn);
            item.text("name", &view.start.name);
            item.text("status", describe_execution::status_name(view.status));
            item.time("startDate", view.start.started_at);
            if let Some(stopped) = view.stopped_at {
                item.time("stopDate", stopped);
            }
            describe_execution::write_qualifiers(item, view);
            describe_execution::write_redrives(item, view);
        });
        if let Some(next) = page.next {
            answer.text("nextToken", &page::token(&question(filter), &next.to_string()));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::describe_execution::tests::view;
    use super::*;
    use crate::actions::testing::outcome;

    const ARN: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |filter: ExecutionFilter| {
                format!("{} {:?} {:?} {}", filter.machine_arn, filter.status, filter.after, filter.limit)
            };
            let expected = expected.replace("<m>", ARN);
            assert_eq!(outcome(read, show, &body.replace("<m>", ARN)), expected, "{body}");
        };
        check(r#"{"stateMachineArn":"<m>"}"#, "<m> None None 100");
        check(
            r#"{"stateMachineArn":"<m>","statusFilter":"TIMED_OUT","maxResults":3}"#,
            "<m> Some(TimedOut) None 3",
        );
        let token = page::token(&["ListExecutions", ARN, "FAILED"], "99");
        let next = |status: &str| {
            format!(r#"{{"stateMachineArn":"<m>","statusFilter":"{status}","nextToken":"{token}"}}"#)
        };
        check(&next("FAILED"), "<m> Some(Failed) Some(99) 100");
        check(&next("ABORTED"), "InvalidToken: Invalid Token: 'Invalid token'");
        check(
            r#"{"stateMachineArn":"invalid_state_machine_arn"}"#,
            "InvalidArn: Invalid Arn: 'Invalid ARN prefix: invalid_state_machine_arn'",
        );
        check("{}", "ValidationException: Exactly one of stateMachineArn and mapRunArn must be specified");
        check(
            r#"{"stateMachineArn":"<m>","statusFilter":"PENDING_REDRIVE"}"#,
            "ValidationException: PENDING_REDRIVE can only be used with mapRunArn",
        );
        check(
            r#"{"stateMachineArn":"<m>","statusFilter":"DONE"}"#,
            "ValidationException: 1 validation error detected: Value 'DONE' at 'statusFilter' failed to satisfy \
             constraint: Member must satisfy enum value set: \
             [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
        );
        check(
            r#"{"mapRunArn":"arn:aws:states:us-east-1:123456789012:mapRun:m/l:u"}"#,
            "ResourceNotFound: Resource not found: 'arn:aws:states:us-east-1:123456789012:mapRun:m/l:u'",
        );
    }

    #[test]
    fn answers() {
        let filter = ExecutionFilter { machine_arn: ARN.into(), ..ExecutionFilter::default() };
        let page =
            |next| ExecutionPage { executions: vec![view(Status::Running), view(Status::Failed)], next };
        let items = concat!(
            r#"{"executions":[{"executionArn":"arn:e","stateMachineArn":"arn:m","name":"e","status":"RUNNING","#,
            r#""startDate":1.000,"redriveCount":0},"#,
            r#"{"executionArn":"arn:e","stateMachineArn":"arn:m","name":"e","status":"FAILED","#,
            r#""startDate":1.000,"stopDate":2.000,"redriveCount":0}]"#
        );
        assert_eq!(write(&page(None), &filter), format!("{items}}}"));
        let token = page::token(&["ListExecutions", ARN, ""], "7");
        assert_eq!(write(&page(Some(7)), &filter), format!(r#"{items},"nextToken":"{token}"}}"#));
    }
}
