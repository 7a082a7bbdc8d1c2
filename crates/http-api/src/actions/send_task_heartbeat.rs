//! SendTaskHeartbeat: a worker or a callback says that it is still at its task.

use json::Text;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    call.engine.send_task_heartbeat(&read(&call.body)?).await?;
    Ok(answer::nothing())
}

fn read(body: &Body) -> Result<Text, ApiError> {
    let members = body.members();
    let token = members.required_text("taskToken", &constraint::TASK_TOKEN)?;
    members.check()?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check =
            |body: &str, expected: &str| assert_eq!(outcome(read, |token| token.to_string(), body), expected);
        check(r#"{"taskToken":"T"}"#, "T");
        check(
            r#"{"taskToken":""}"#,
            "ValidationException: 1 validation error detected: Value '' at 'taskToken' failed to satisfy \
             constraint: Member must have length greater than or equal to 1",
        );
    }
}
