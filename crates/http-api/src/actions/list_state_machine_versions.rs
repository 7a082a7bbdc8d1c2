//! ListStateMachineVersions: of a state machine, the newest first, a page at a time.

use std::sync::Arc;

use engine::Refusal;
use json::Text;
use store::{Machine, Version};

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::{page, resource};

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { machine_arn, before, limit } = read(&call.body)?;
    let Some(machine) = call.engine.store().machine(&machine_arn) else {
        return Err(Refusal::StateMachineDoesNotExist { arn: machine_arn }.into());
    };
    // One more than asked for tells whether there is a next page.
    let versions: Vec<_> = machine.published.versions_before(before).take(limit + 1).collect();
    Ok(write(&machine, &versions, limit))
}

/// Which page.
struct Request {
    machine_arn: Text,
    before: Option<u64>,
    limit: usize,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let machine_arn = members.required_text("stateMachineArn", &constraint::ARN)?;
    let limit = page::limit(members.integer("maxResults", constraint::PAGE_SIZE)?);
    let token = members.text("nextToken", &constraint::PAGE_TOKEN)?;
    members.check()?;
    resource::state_machine(&machine_arn)?;
    let before = token.map(|token| page::number(&question(&machine_arn), &token)).transpose()?;
    Ok(Request { machine_arn, before, limit })
}

/// What a token is bound to.
fn question(machine_arn: &str) -> [&str; 2] {
    ["ListStateMachineVersions", machine_arn]
}

fn write(machine: &Machine, versions: &[&Arc<Version>], limit: usize) -> String {
    let shown = &versions[..limit.min(versions.len())];
    answer::object(|answer| {
        answer.objects("stateMachineVersions", shown, |item, version| {
            item.text("stateMachineVersionArn", &machine.version_arn(version.number));
            item.time("creationDate", version.created_at);
        });
        if let Some(last) = shown.last().filter(|_| shown.len() < versions.len()) {
            answer.text("nextToken", &page::token(&question(&machine.arn), &last.number.to_string()));
        }
    })
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;

    use super::super::describe_state_machine::tests::machine;
    use super::*;
    use crate::actions::testing::outcome;

    const ARN: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let show = |request: Request| format!("{:?} {}", request.before, request.limit);
            let body = format!(r#"{{"stateMachineArn":"{ARN}"{members}}}"#);
            assert_eq!(outcome(read, show, &body), expected, "{body}");
        };
        check("", "None 100");
        let token = page::token(&question(ARN), "12");
        check(&format!(r#","maxResults":2,"nextToken":"{token}""#), "Some(12) 2");
        let other = page::token(&question("arn:other"), "12");
        check(&format!(r#","nextToken":"{other}""#), "InvalidToken: Invalid Token: 'Invalid token'");
    }

    #[test]
    fn answers() {
        let machine = machine();
        let version = |number| {
            let (revision, created_at) = (machine.current.clone(), Timestamp(number as i64 * 1000));
            Arc::new(Version { number, revision, description: Some("not shown".into()), created_at })
        };
        let all = [version(2), version(1)];
        let all: Vec<_> = all.iter().collect();
        assert_eq!(write(&machine, &[], 2), r#"{"stateMachineVersions":[]}"#);
        let first = r#"{"stateMachineVersionArn":"arn:m:2","creationDate":2.000}"#;
        assert_eq!(
            write(&machine, &all, 2),
            format!(
                r#"{{"stateMachineVersions":[{first},{{"stateMachineVersionArn":"arn:m:1","creationDate":1.000}}]}}"#
            )
        );
        let token = page::token(&question("arn:m"), "2");
        assert_eq!(
            write(&machine, &all, 1),
            format!(r#"{{"stateMachineVersions":[{first}],"nextToken":"{token}"}}"#)
        );
    }
}
