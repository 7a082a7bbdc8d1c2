//! ListStateMachines: by name, a page at a time.

use std::sync::Arc;

use store::Machine;

use super::{Call, describe_state_machine};
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::page;

/// What a token is bound to.
const QUESTION: [&str; 1] = ["ListStateMachines"];

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { after, limit } = read(&call.body)?;
    // One more than asked for tells whether there is a next page.
    let machines = call.engine.store().machines(after.as_deref(), limit + 1);
    Ok(write(&machines, limit))
}

/// Which page.
struct Request {
    after: Option<String>,
    limit: usize,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let limit = page::limit(members.integer("maxResults", constraint::PAGE_SIZE)?);
    let token = members.text("nextToken", &constraint::PAGE_TOKEN)?;
    members.check()?;
    let after = token.map(|token| page::place(&QUESTION, &token)).transpose()?;
    Ok(Request { after, limit })
}

fn write(machines: &[Arc<Machine>], limit: usize) -> String {
    let shown = &machines[..limit.min(machines.len())];
    answer::object(|answer| {
        answer.objects("stateMachines", shown, |item, machine| {
            item.text("stateMachineArn", &machine.arn);
            item.text("name", &machine.name);
            item.text("type", describe_state_machine::type_name(machine.machine_type));
            item.time("creationDate", machine.created_at);
        });
        if let Some(last) = shown.last().filter(|_| shown.len() < machines.len()) {
            answer.text("nextToken", &page::token(&QUESTION, &last.name));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::describe_state_machine::tests::machine;
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |request: Request| format!("{:?} {}", request.after, request.limit);
            assert_eq!(outcome(read, show, body), expected, "{body}");
        };
        check(r#"{"maxResults":0}"#, "None 100");
        check(&format!(r#"{{"nextToken":"{}"}}"#, page::token(&QUESTION, "b")), r#"Some("b") 100"#);
        check(r#"{"nextToken":"garbage"}"#, "InvalidToken: Invalid Token: 'Invalid token'");
        check(
            r#"{"nextToken":""}"#,
            "ValidationException: 1 validation error detected: Value '' at 'nextToken' failed to satisfy \
             constraint: Member must have length greater than or equal to 1",
        );
    }

    #[test]
    fn answers() {
        let machine = || Arc::new(machine());
        let one = r#"{"stateMachineArn":"arn:m","name":"m","type":"STANDARD","creationDate":1.000}"#;
        assert_eq!(write(&[machine()], 1), format!(r#"{{"stateMachines":[{one}]}}"#));
        let token = page::token(&QUESTION, "m");
        assert_eq!(
            write(&[machine(), machine()], 1),
            format!(r#"{{"stateMachines":[{one}],"nextToken":"{token}"}}"#)
        );
    }
}
