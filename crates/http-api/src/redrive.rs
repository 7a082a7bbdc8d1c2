//! RedriveExecution with a changed input for the state that failed. It is an extension: AWS has no such
//! member, so it has a path of its own instead of an `X-Amz-Target`. (docs/redrive.md)
//!
//! Never here: other rules for a redrive than RedriveExecution's.

use engine::Engine;
use engine::request::RedriveExecution;

use crate::actions::redrive_execution::redrive;
use crate::actions::start_execution::{document, invalid_input};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

/// Where it is.
pub(crate) const PATH: &str = "/v1/redrive-execution";
/// Its name in metrics.
pub(crate) const NAME: &str = "RedriveExecutionWithInput";

/// Redrives it; the answer is RedriveExecution's.
pub(crate) async fn answer(engine: &Engine, body: &Body) -> Result<String, ApiError> {
    redrive(engine, read(body)?).await
}

fn read(body: &Body) -> Result<RedriveExecution, ApiError> {
    let members = body.members();
    let execution_arn = members.required_text("executionArn", &constraint::ARN)?;
    let client_token = members.text("clientToken", &constraint::CLIENT_TOKEN)?;
    let input = members.text("input", &constraint::DATA)?;
    members.check()?;
    resource::execution(&execution_arn)?;
    let input = input.map(|input| document(&input, "Invalid execution input.").map_err(invalid_input));
    Ok(RedriveExecution { execution_arn, client_token, input: input.transpose()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let show = |request: RedriveExecution| {
                format!("{:?} {:?}", request.client_token, request.input.map(|input| input.text().to_owned()))
            };
            let body = format!(r#"{{"executionArn":"ARN:execution:m:e"{members}}}"#);
            assert_eq!(outcome(read, show, &body), expected, "{body}");
        };
        check("", "None None");
        check(r#","clientToken":"t","input":"{\"a\": 1}""#, r#"Some("t") Some("{\"a\": 1}")"#);
        check(
            r#","input":"nothing""#,
            "InvalidExecutionInput: Invalid State Machine Execution Input: 'Unrecognized token 'nothing': was \
             expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'",
        );
    }
}
