//! RedriveExecution: an execution that ended badly goes on where it stopped.

use asl::Timestamp;
use engine::request::RedriveExecution;
use engine::{Engine, Refusal};

use super::{Call, describe_execution};
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

/// Of an execution that a Map Run has begun. (ours: AWS's words are not known)
const BY_MAP_RUN: &str = "Execution was started by a Map Run and can only be redriven by redriving the execution that \
                          started the Map Run";

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    redrive(call.engine, read(&call.body)?).await
}

/// Redrives it, unless a Map Run has begun it.
pub(crate) async fn redrive(engine: &Engine, request: RedriveExecution) -> Result<String, ApiError> {
    if resource::is_child(&request.execution_arn) {
        return Err(child_refusal(engine, request)?.into());
    }
    Ok(write(engine.redrive_execution(request).await?))
}

/// The children of a Map Run are redriven with it, never alone.
fn child_refusal(engine: &Engine, request: RedriveExecution) -> Result<Refusal, ApiError> {
    let arn = request.execution_arn;
    engine.check_owner(&arn)?;
    let Some(view) = engine.store().execution(&arn)? else {
        return Ok(Refusal::ExecutionDoesNotExist { arn });
    };
    let reason = describe_execution::obstacle(&view, engine).unwrap_or(BY_MAP_RUN);
    Ok(Refusal::ExecutionNotRedrivable { reason })
}

fn read(body: &Body) -> Result<RedriveExecution, ApiError> {
    let members = body.members();
    let execution_arn = members.required_text("executionArn", &constraint::ARN)?;
    let client_token = members.text("clientToken", &constraint::CLIENT_TOKEN)?;
    members.check()?;
    resource::execution(&execution_arn)?;
    Ok(RedriveExecution { execution_arn, client_token, input: None })
}

fn write(redriven_at: Timestamp) -> String {
    answer::object(|answer| answer.time("redriveDate", redriven_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let show = |request: RedriveExecution| format!("{:?} {:?}", request.client_token, request.input);
            let body = format!(r#"{{"executionArn":"ARN:execution:m:e"{members}}}"#);
            assert_eq!(outcome(read, show, &body), expected, "{body}");
        };
        check("", "None None");
        check(r#","clientToken":"~!","input":"{}""#, r#"Some("~!") None"#);
        check(
            r#","clientToken":"a b""#,
            "ValidationException: 1 validation error detected: Value 'a b' at 'clientToken' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [!-~]+",
        );
    }

    #[test]
    fn answers() {
        assert_eq!(write(Timestamp(1001)), r#"{"redriveDate":1.001}"#);
    }
}
