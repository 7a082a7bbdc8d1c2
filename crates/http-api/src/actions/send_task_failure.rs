//! SendTaskFailure: a worker or a callback says that its task failed.

use asl::Failure;
use json::Text;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::{Body, Members};

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { token, failure } = read(&call.body)?;
    call.engine.send_task_failure(&token, failure).await?;
    Ok(answer::nothing())
}

/// Which task, and why.
struct Request {
    token: Text,
    failure: Failure,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let token = members.required_text("taskToken", &constraint::TASK_TOKEN)?;
    let failure = failure(&members)?;
    members.check()?;
    Ok(Request { token, failure })
}

/// `error` and `cause`, either of which may be absent.
pub(super) fn failure(members: &Members<'_>) -> Result<Failure, ApiError> {
    let error = members.text("error", &constraint::ERROR)?;
    let cause = members.text("cause", &constraint::CAUSE)?;
    Ok(Failure { error, cause: cause.map(String::from) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show =
                |Request { token, failure }| format!("{token} {:?} {:?}", failure.error, failure.cause);
            assert_eq!(outcome(read, show, body), expected);
        };
        check(r#"{"taskToken":"T"}"#, "T None None");
        check(r#"{"taskToken":"T","error":"","cause":"c"}"#, r#"T Some("") Some("c")"#);
        check(
            &format!(r#"{{"taskToken":"T","error":"{}"}}"#, "x".repeat(257)),
            "ValidationException: 1 validation error detected: Value at 'error' failed to satisfy constraint: \
             Member must have length less than or equal to 256",
        );
    }
}
