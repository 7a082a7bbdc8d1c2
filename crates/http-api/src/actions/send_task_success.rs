//! SendTaskSuccess: a worker or a callback hands in its task's result.

use execution::TaskToken;
use json::{Document, Text};

use super::{Call, start_execution};
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { token, output } = read(&call.body)?;
    // AWS looks at the token first. (recorded)
    if TaskToken::parse(&token).is_none() {
        return Err(ApiError::invalid_token());
    }
    let output = document(&output)?;
    call.engine.send_task_success(&token, output).await?;
    Ok(answer::nothing())
}

/// Which task, and its result.
struct Request {
    token: Text,
    output: Text,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let token = members.required_text("taskToken", &constraint::TASK_TOKEN)?;
    let output = members.required_text("output", &constraint::DATA)?;
    members.check()?;
    Ok(Request { token, output })
}

fn document(output: &Text) -> Result<Document, ApiError> {
    let invalid = |why: &str| ApiError::new("InvalidOutput", format!("Invalid Output: '{why}'"));
    start_execution::document(output, "Invalid output.").map_err(|why| invalid(&why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let read = |body: &Body| {
                let Request { token, output } = read(body)?;
                Ok((token, document(&output)?))
            };
            let show = |(token, output): (Text, Document)| format!("{token} {}", output.text());
            assert_eq!(outcome(read, show, body), expected);
        };
        check(r#"{"taskToken":"T","output":" [1] "}"#, "T  [1] ");
        check(r#"{"taskToken":"T","output":""}"#, "InvalidOutput: Invalid Output: 'Invalid output.'");
        check(
            r#"{"taskToken":"T","output":"not"}"#,
            "InvalidOutput: Invalid Output: 'Unrecognized token 'not': was expecting \
             (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'",
        );
        check(
            r#"{"taskToken":"T"}"#,
            "ValidationException: 1 validation error detected: Value null at 'output' failed to satisfy \
             constraint: Member must not be null",
        );
    }
}
