//! RedriveExecution: an execution that ended badly goes on where it stopped.

use asl::Timestamp;
use engine::request::RedriveExecution;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    Ok(write(call.engine.redrive_execution(read(&call.body)?).await?))
}

fn read(body: &Body) -> Result<RedriveExecution, ApiError> {
    let members = body.members();
    let execution_arn = members.required_text("executionArn", &constraint::ARN)?;
    let client_token = members.text("clientToken", &constraint::CLIENT_TOKEN)?;
    members.check()?;
    resource::execution(&execution_arn)?;
    Ok(RedriveExecution { execution_arn, client_token, input: None })
}

pub(crate) fn write(redriven_at: Timestamp) -> String {
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
