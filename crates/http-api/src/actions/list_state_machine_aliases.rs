//! ListStateMachineAliases: of a state machine, or those that lead to a version, a page at a time.

use std::sync::Arc;

use engine::Refusal;
use json::Text;
use store::{Alias, By, Machine, Named};

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::{page, resource};

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    let (machine, version) = look_up(call, &request.arn)?;
    let behind = machine.published.aliases_after(request.after.as_deref());
    let leads_there = |alias: &&Arc<Alias>| version.is_none_or(|version| alias.leads_to(version));
    // One more than asked for tells whether there is a next page.
    let aliases: Vec<_> = behind.filter(leads_there).take(request.limit + 1).collect();
    Ok(write(&machine, &aliases, &request))
}

/// The machine, and the number of the version, if the ARN is that of one.
fn look_up(call: &Call<'_>, arn: &Text) -> Result<(Arc<Machine>, Option<u64>), ApiError> {
    match call.engine.store().named(arn) {
        Some(Named { machine, by: By::Machine }) => Ok((machine, None)),
        Some(Named { machine, by: By::Version(version) }) => Ok((machine, Some(version.number))),
        None if resource::version(arn).is_ok() => Err(Refusal::ReferenceNotFound { arn: arn.clone() }.into()),
        Some(Named { by: By::Alias(_), .. }) | None => {
            Err(Refusal::StateMachineDoesNotExist { arn: arn.clone() }.into())
        }
    }
}

/// Which page.
struct Request {
    arn: Text,
    after: Option<String>,
    limit: usize,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("stateMachineArn", &constraint::ARN)?;
    let limit = page::limit(members.integer("maxResults", constraint::PAGE_SIZE)?);
    let token = members.text("nextToken", &constraint::PAGE_TOKEN)?;
    members.check()?;
    resource::named_state_machine(&arn)?;
    let after = token.map(|token| page::place(&question(&arn), &token)).transpose()?;
    Ok(Request { arn, after, limit })
}

/// What a token is bound to.
fn question(arn: &str) -> [&str; 2] {
    ["ListStateMachineAliases", arn]
}

fn write(machine: &Machine, aliases: &[&Arc<Alias>], request: &Request) -> String {
    let shown = &aliases[..request.limit.min(aliases.len())];
    answer::object(|answer| {
        answer.objects("stateMachineAliases", shown, |item, alias| {
            item.text("stateMachineAliasArn", &machine.alias_arn(&alias.name));
            item.time("creationDate", alias.created_at);
        });
        if let Some(last) = shown.last().filter(|_| shown.len() < aliases.len()) {
            answer.text("nextToken", &page::token(&question(&request.arn), &last.name));
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
            let show = |request: Request| format!("{:?} {}", request.after, request.limit);
            let body = format!(r#"{{"stateMachineArn":"{ARN}:1"{members}}}"#);
            assert_eq!(outcome(read, show, &body), expected, "{body}");
        };
        check("", "None 100");
        let token = page::token(&question(&format!("{ARN}:1")), "live");
        check(&format!(r#","maxResults":2,"nextToken":"{token}""#), r#"Some("live") 2"#);
        let of_machine = page::token(&question(ARN), "live");
        check(&format!(r#","nextToken":"{of_machine}""#), "InvalidToken: Invalid Token: 'Invalid token'");
    }

    #[test]
    fn answers() {
        let alias = |name: &str| {
            Arc::new(Alias {
                name: name.into(),
                description: None,
                routes: Vec::new(),
                created_at: Timestamp(1000),
                updated_at: Timestamp(2000),
            })
        };
        let request = |limit| Request { arn: ARN.into(), after: None, limit };
        let all = [alias("a"), alias("b")];
        let all: Vec<_> = all.iter().collect();
        let item = |name: &str| format!(r#"{{"stateMachineAliasArn":"arn:m:{name}","creationDate":1.000}}"#);
        assert_eq!(write(&machine(), &[], &request(2)), r#"{"stateMachineAliases":[]}"#);
        assert_eq!(
            write(&machine(), &all, &request(2)),
            format!(r#"{{"stateMachineAliases":[{},{}]}}"#, item("a"), item("b"))
        );
        let token = page::token(&question(ARN), "a");
        assert_eq!(
            write(&machine(), &all, &request(1)),
            format!(r#"{{"stateMachineAliases":[{}],"nextToken":"{token}"}}"#, item("a"))
        );
    }
}
