//! ListMapRuns: of an execution, newest first, a page at a time.

use engine::Refusal;
use json::Text;
use store::MapRunPage;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::{page, resource};

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { arn, after, limit } = read(&call.body)?;
    call.engine.check_owner(&arn)?;
    let store = call.engine.store();
    if store.execution(&arn)?.is_none() {
        return Err(Refusal::ExecutionDoesNotExist { arn }.into());
    }
    Ok(write(&store.map_runs(&arn, after, limit), &arn))
}

/// Which page.
struct Request {
    arn: Text,
    after: Option<u64>,
    limit: usize,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("executionArn", &constraint::ARN)?;
    let limit = page::limit(members.integer("maxResults", constraint::PAGE_SIZE)?);
    let token = members.text("nextToken", &constraint::PAGE_TOKEN)?;
    members.check()?;
    resource::execution(&arn)?;
    let after = token.map(|token| page::number(&question(&arn), &token)).transpose()?;
    Ok(Request { arn, after, limit })
}

/// What a token is bound to.
fn question(execution_arn: &str) -> [&str; 2] {
    ["ListMapRuns", execution_arn]
}

fn write(page: &MapRunPage, execution_arn: &str) -> String {
    answer::object(|answer| {
        answer.objects("mapRuns", &page.map_runs, |item, map_run| {
            item.text("executionArn", &map_run.execution_arn);
            item.text("mapRunArn", &map_run.arn);
            item.text("stateMachineArn", &map_run.child_machine_arn);
            item.time("startDate", map_run.started_at);
            if let Some(stopped) = map_run.stopped_at {
                item.time("stopDate", stopped);
            }
        });
        if let Some(next) = page.next {
            answer.text("nextToken", &page::token(&question(execution_arn), &next.to_string()));
        }
    })
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;
    use execution::Status;
    use store::MapRunRow;

    use super::*;
    use crate::actions::testing::outcome;

    const ARN: &str = "arn:aws:states:us-east-1:123456789012:execution:m:e";

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |Request { arn, after, limit }: Request| format!("{arn} {after:?} {limit}");
            assert_eq!(outcome(read, show, body), expected, "{body}");
        };
        check(r#"{"executionArn":"ARN:execution:m:e","maxResults":0}"#, &format!("{ARN} None 100"));
        check(
            r#"{"executionArn":"ARN:express:m:e:u"}"#,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'",
        );
        check(
            r#"{"executionArn":"ARN:execution:m:e","nextToken":"x"}"#,
            "InvalidToken: Invalid Token: 'Invalid token'",
        );
        let token = page::token(&question(ARN), "7");
        check(
            &format!(r#"{{"executionArn":"{ARN}","nextToken":"{token}","maxResults":2}}"#),
            &format!("{ARN} Some(7) 2"),
        );
    }

    #[test]
    fn answers() {
        let row = |name: &str, stopped_at| MapRunRow {
            arn: format!("arn:m/L:{name}").into(),
            execution_arn: ARN.into(),
            child_machine_arn: "arn:m/L".into(),
            status: Status::Running,
            started_at: Timestamp(1000),
            stopped_at,
        };
        let page =
            |next| MapRunPage { map_runs: vec![row("b", None), row("a", Some(Timestamp(2000)))], next };
        let item = |name: &str, stopped: &str| {
            format!(
                r#"{{"executionArn":"{ARN}","mapRunArn":"arn:m/L:{name}","stateMachineArn":"arn:m/L","startDate":1.000{stopped}}}"#
            )
        };
        let rows = format!(r#"{{"mapRuns":[{},{}]"#, item("b", ""), item("a", r#","stopDate":2.000"#));
        assert_eq!(write(&page(None), ARN), format!("{rows}}}"));
        let token = page::token(&question(ARN), "7");
        assert_eq!(write(&page(Some(7)), ARN), format!(r#"{rows},"nextToken":"{token}"}}"#));
    }
}
