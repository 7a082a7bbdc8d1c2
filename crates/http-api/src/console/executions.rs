//! `GET /v1/executions`: a search over the executions of all state machines; `GET /v1/execution`: what
//! DescribeExecution does not say of one.

use engine::{Engine, Refusal};
use execution::execution::Status;
use store::Search;

use super::query::Query;
use crate::actions::describe_execution::status_name;
use crate::actions::list_executions::write_item;
use crate::answer;
use crate::error::ApiError;
use crate::page;

const STATUSES: [Status; 5] =
    [Status::Running, Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];
/// As ListExecutions has it.
const LIMIT_MAX: u64 = 1_000;
const LIMIT_DEFAULT: u64 = 100;

/// A page of what was found.
pub(super) fn search(engine: &Engine, query: Option<&str>) -> Result<String, ApiError> {
    let search = read(query)?;
    let page = engine.store().search(&search);
    Ok(answer::object(|answer| {
        answer.objects("executions", &page.executions, write_item);
        if let Some(next) = page.next {
            answer.text("nextToken", &page::token(&QUESTION, &next.to_string()));
        }
    }))
}

const QUESTION: [&str; 1] = ["SearchExecutions"];

fn read(query: Option<&str>) -> Result<Search, ApiError> {
    let names = ["stateMachineArn", "status", "text", "from", "until", "maxResults", "nextToken"];
    let query = Query::read(query, &names)?;
    let status = query.text("status").map(|name| {
        let known = STATUSES.into_iter().find(|status| status_name(*status) == name);
        known.ok_or_else(|| {
            ApiError::validation(format!(
                "status is one of {}, not '{name}'",
                STATUSES.map(status_name).join(", ")
            ))
        })
    });
    Ok(Search {
        machine_arn: query.text("stateMachineArn").map(Into::into),
        status: status.transpose()?,
        text: query.text("text").map(str::to_owned),
        from: query.time("from")?,
        until: query.time("until")?,
        after: query.text("nextToken").map(|token| page::number(&QUESTION, token)).transpose()?,
        limit: query.number("maxResults", LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT) as usize,
    })
}

/// Who began it.
pub(super) fn describe(engine: &Engine, query: Option<&str>) -> Result<String, ApiError> {
    let query = Query::read(query, &["executionArn"])?;
    let Some(arn) = query.text("executionArn") else {
        return Err(ApiError::validation("executionArn says which execution"));
    };
    let Some(view) = engine.store().execution(arn)? else {
        return Err(Refusal::ExecutionDoesNotExist { arn: arn.into() }.into());
    };
    let parent = view.start.parent.as_ref();
    Ok(answer::object(|answer| {
        answer.text("executionArn", arn);
        answer.optional_text("parentExecutionArn", parent.map(|parent| &*parent.execution_arn));
        answer.optional_text("mapRunArn", view.map_run_arn.as_deref());
        answer.optional_text("testCase", view.start.test_case.as_deref());
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &str) {
        let said = match read(Some(query)) {
            Ok(search) => {
                let Search { machine_arn, status, text, from, until, after, limit } = search;
                format!("{machine_arn:?} {status:?} {text:?} {from:?} {until:?} {after:?} {limit}")
            }
            Err(error) => format!("{}: {}", error.code, error.message),
        };
        assert_eq!(said, expected, "{query}");
    }

    #[test]
    fn searches_are_read() {
        check("", "None None None None None None 100");
        check(
            "stateMachineArn=arn%3Am&status=TIMED_OUT&text=a%20b&from=1&until=2.5&maxResults=7",
            r#"Some("arn:m") Some(TimedOut) Some("a b") Some(Timestamp(1000)) Some(Timestamp(2500)) None 7"#,
        );
        check(&format!("nextToken={}", page::token(&QUESTION, "9")), "None None None None None Some(9) 100");
        check("nextToken=zz", "InvalidToken: Invalid Token: 'Invalid token'");
        check(
            "maxResults=1001",
            "ValidationException: maxResults is a whole number from 1 to 1000, not '1001'",
        );
        check(
            "status=running",
            "ValidationException: status is one of RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, not 'running'",
        );
    }
}
