//! StopExecution: ends an execution from outside.

use asl::{Failure, Timestamp};
use json::Text;

use super::{Call, send_task_failure};
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { arn, failure } = read(&call.body)?;
    Ok(write(call.engine.stop_execution(arn, failure).await?))
}

/// Which execution, and why.
struct Request {
    arn: Text,
    failure: Failure,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("executionArn", &constraint::ARN)?;
    let failure = send_task_failure::failure(&members)?;
    members.check()?;
    resource::execution(&arn)?;
    Ok(Request { arn, failure })
}

fn write(stopped_at: Timestamp) -> String {
    answer::object(|answer| answer.time("stopDate", stopped_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |Request { failure, .. }| format!("{:?} {:?}", failure.error, failure.cause);
            assert_eq!(outcome(read, show, body), expected);
        };
        check(r#"{"executionArn":"ARN:execution:m:e"}"#, "None None");
        check(r#"{"executionArn":"ARN:execution:m:e","error":"E","cause":"c"}"#, r#"Some("E") Some("c")"#);
        check(
            r#"{"executionArn":"ARN:express:m:e:u"}"#,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'",
        );
    }

    #[test]
    fn answers() {
        assert_eq!(write(Timestamp(1001)), r#"{"stopDate":1.001}"#);
    }
}
