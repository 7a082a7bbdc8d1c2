//! ListExecutions: of a state machine, a version, an alias or a Map Run, newest first, a page at a time.

use engine::Refusal;
use execution::execution::Status;
use store::{ExecutionFilter, ExecutionPage, ExecutionRow, MachineType, MapRunView};

use super::{Call, describe_execution};
use crate::answer::{self, ObjectWriter};
use crate::children::{ChildFilter, ChildPage, ChildStatus};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::{page, resource};

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    match read(&call.body)? {
        Request::OfMachine(filter) => of_machine(call, filter),
        Request::OfMapRun(filter) => of_map_run(call, filter),
    }
}

fn of_machine(call: &Call<'_>, filter: ExecutionFilter) -> Result<String, ApiError> {
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

fn of_map_run(call: &Call<'_>, filter: ChildFilter) -> Result<String, ApiError> {
    call.engine.check_owner(&filter.map_run_arn)?;
    let store = call.engine.store();
    let Some(map_run) = store.map_run(&filter.map_run_arn)? else {
        return Err(Refusal::ResourceNotFound { arn: filter.map_run_arn }.into());
    };
    let page = filter.list(call.engine, &map_run)?;
    Ok(write_children(&page, &filter, &map_run))
}

/// Which list, and which page of it.
enum Request {
    OfMachine(ExecutionFilter),
    OfMapRun(ChildFilter),
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let machine_arn = members.text("stateMachineArn", &constraint::ARN)?;
    let map_run_arn = members.text("mapRunArn", &constraint::LONG_ARN)?;
    let status = members.choice("statusFilter", constraint::EXECUTION_STATUS)?.and_then(status_named);
    let redrive = members.choice("redriveFilter", constraint::REDRIVE_FILTER)?;
    let limit = page::limit(members.integer("maxResults", constraint::PAGE_SIZE)?);
    let token = members.text("nextToken", &constraint::LIST_EXECUTIONS_PAGE_TOKEN)?;
    members.check()?;
    match (machine_arn, map_run_arn) {
        (Some(machine_arn), None) => {
            resource::named_state_machine(&machine_arn)?;
            if redrive.is_some() {
                return Err(ApiError::validation("redriveFilter can only be used with mapRunArn"));
            }
            let status = match status {
                Some(ChildStatus::Is(status)) => Some(status),
                Some(ChildStatus::PendingRedrive) => {
                    return Err(ApiError::validation("PENDING_REDRIVE can only be used with mapRunArn"));
                }
                None => None,
            };
            let mut filter = ExecutionFilter { machine_arn, status, after: None, limit };
            filter.after = token.map(|token| page::number(&question(&filter), &token)).transpose()?;
            Ok(Request::OfMachine(filter))
        }
        (None, Some(map_run_arn)) => {
            resource::map_run(&map_run_arn)?;
            let redriven = redrive.map(|redrive| redrive == "REDRIVEN");
            let mut filter = ChildFilter { map_run_arn, status, redriven, after: None, limit };
            filter.after = token.map(|token| page::number(&child_question(&filter), &token)).transpose()?;
            Ok(Request::OfMapRun(filter))
        }
        _ => Err(ApiError::validation("Exactly one of stateMachineArn and mapRunArn must be specified")),
    }
}

fn status_named(name: &str) -> Option<ChildStatus> {
    let all = [Status::Running, Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];
    let mut all = all.map(ChildStatus::Is).into_iter().chain([ChildStatus::PendingRedrive]);
    all.find(|status| status.name() == name)
}

/// What a token is bound to.
fn question(filter: &ExecutionFilter) -> [&str; 3] {
    ["ListExecutions", &filter.machine_arn, filter.status.map_or("", describe_execution::status_name)]
}

/// What a token is bound to.
fn child_question(filter: &ChildFilter) -> [&str; 4] {
    let redriven = match filter.redriven {
        Some(true) => "REDRIVEN",
        Some(false) => "NOT_REDRIVEN",
        None => "",
    };
    ["ListExecutions", &filter.map_run_arn, filter.status.map_or("", ChildStatus::name), redriven]
}

fn write(page: &ExecutionPage, filter: &ExecutionFilter) -> String {
    answer::object(|answer| {
        answer.objects("executions", &page.executions, write_item);
        if let Some(next) = page.next {
            answer.text("nextToken", &page::token(&question(filter), &next.to_string()));
        }
    })
}

/// A row of an execution that no Map Run began.
pub(crate) fn write_item(item: &mut ObjectWriter<'_>, row: &ExecutionRow) {
    item.text("executionArn", &row.arn());
    item.text("stateMachineArn", &row.state_machine_arn);
    item.text("name", &row.name);
    item.text("status", describe_execution::status_name(row.status));
    item.time("startDate", row.started_at);
    if let Some(stopped) = row.stopped_at {
        item.time("stopDate", stopped);
    }
    item.optional_text("stateMachineVersionArn", row.version_arn.as_deref());
    item.optional_text("stateMachineAliasArn", row.alias_arn.as_deref());
    describe_execution::write_redrives(item, row.redriven);
}

fn write_children(page: &ChildPage, filter: &ChildFilter, map_run: &MapRunView) -> String {
    answer::object(|answer| {
        answer.objects("executions", &page.children, |item, child| {
            item.text("executionArn", &child.arn);
            item.text("stateMachineArn", &map_run.child_machine_arn);
            item.text("name", &child.name);
            item.text("status", child.status.name());
            item.time("startDate", child.started_at);
            if let Some(stopped) = child.stopped_at {
                item.time("stopDate", stopped);
            }
            item.text("mapRunArn", &filter.map_run_arn);
            item.number("itemCount", child.items.into());
            describe_execution::write_redrives(item, child.redriven);
        });
        if let Some(next) = page.next {
            answer.text("nextToken", &page::token(&child_question(filter), &next.to_string()));
        }
    })
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;
    use json::Text;
    use store::Redriven;

    use super::*;
    use crate::actions::testing::outcome;
    use crate::children::Child;
    use crate::children::tests::redriven;

    const ARN: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |request: Request| match request {
                Request::OfMachine(ExecutionFilter { machine_arn, status, after, limit }) => {
                    format!("{machine_arn} {status:?} {after:?} {limit}")
                }
                Request::OfMapRun(ChildFilter { map_run_arn, status, redriven, after, limit }) => {
                    format!("{map_run_arn} {status:?} {redriven:?} {after:?} {limit}")
                }
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
            r#"{"stateMachineArn":"<m>","mapRunArn":"ARN:mapRun:m/l:u"}"#,
            "ValidationException: Exactly one of stateMachineArn and mapRunArn must be specified",
        );
        check(
            r#"{"stateMachineArn":"<m>","redriveFilter":"REDRIVEN"}"#,
            "ValidationException: redriveFilter can only be used with mapRunArn",
        );
        check(
            r#"{"mapRunArn":"<m>"}"#,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'",
        );
        let run = "arn:aws:states:us-east-1:123456789012:mapRun:m/l:u";
        check(&format!(r#"{{"mapRunArn":"{run}"}}"#), &format!("{run} None None None 100"));
        let filtered = |redrive: &str, more: &str| {
            let status = r#""statusFilter":"PENDING_REDRIVE""#;
            format!(r#"{{"mapRunArn":"{run}",{status},"redriveFilter":"{redrive}"{more}}}"#)
        };
        check(&filtered("NOT_REDRIVEN", ""), &format!("{run} Some(PendingRedrive) Some(false) None 100"));
        let token = page::token(&["ListExecutions", run, "PENDING_REDRIVE", "REDRIVEN"], "7");
        let next = format!(r#","nextToken":"{token}","maxResults":2"#);
        check(&filtered("REDRIVEN", &next), &format!("{run} Some(PendingRedrive) Some(true) Some(7) 2"));
        check(&filtered("NOT_REDRIVEN", &next), "InvalidToken: Invalid Token: 'Invalid token'");
    }

    #[test]
    fn answers() {
        let filter = ExecutionFilter { machine_arn: ARN.into(), ..ExecutionFilter::default() };
        let row = |status, stopped_at| ExecutionRow {
            arn_prefix: "arn:".into(),
            name: "e".into(),
            state_machine_arn: "arn:m".into(),
            version_arn: None,
            alias_arn: None,
            status,
            started_at: Timestamp(1000),
            stopped_at,
            redriven: None,
            items: None,
        };
        let page = |next| {
            let executions = vec![row(Status::Running, None), row(Status::Failed, Some(Timestamp(2000)))];
            ExecutionPage { executions, next }
        };
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
    #[test]
    fn children_tell_of_their_map_run_and_their_items() {
        let filter = ChildFilter { map_run_arn: "arn:m/L:u".into(), ..ChildFilter::default() };
        let child = |name: &str, status, stopped_at, redriven| Child {
            arn: format!("arn:{name}").into(),
            name: Text::from(name),
            status,
            started_at: Timestamp(1000),
            stopped_at,
            items: 40,
            redriven,
        };
        let again = Some(Redriven { count: 1, at: Timestamp(6000) });
        let page = |next| ChildPage {
            children: vec![
                child("b", ChildStatus::Is(Status::Running), None, again),
                child("a", ChildStatus::PendingRedrive, Some(Timestamp(2000)), None),
            ],
            next,
        };
        let map_run = redriven(Status::Running);
        let items = concat!(
            r#"{"executions":[{"executionArn":"arn:b","stateMachineArn":"arn:m/L","name":"b","status":"RUNNING","#,
            r#""startDate":1.000,"mapRunArn":"arn:m/L:u","itemCount":40,"redriveCount":1,"redriveDate":6.000},"#,
            r#"{"executionArn":"arn:a","stateMachineArn":"arn:m/L","name":"a","status":"PENDING_REDRIVE","#,
            r#""startDate":1.000,"stopDate":2.000,"mapRunArn":"arn:m/L:u","itemCount":40,"redriveCount":0}]"#
        );
        assert_eq!(write_children(&page(None), &filter, &map_run), format!("{items}}}"));
        let token = page::token(&child_question(&filter), "7");
        let expected = format!(r#"{items},"nextToken":"{token}"}}"#);
        assert_eq!(write_children(&page(Some(7)), &filter, &map_run), expected);
    }
}
