//! DescribeMapRun: this version has no Distributed Maps, so no Map Run is ever found.

use super::Call;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    refuse(&call.body)
}

fn refuse(body: &Body) -> Result<String, ApiError> {
    let members = body.members();
    let arn = members.required_text("mapRunArn", &constraint::LONG_ARN)?;
    members.check()?;
    Err(resource::map_run(&arn))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            assert_eq!(outcome(refuse, |answer| answer, body), expected, "{body}")
        };
        check(
            r#"{"mapRunArn":"ARN:mapRun:m/l:u"}"#,
            "ResourceNotFound: Resource not found: 'arn:aws:states:us-east-1:123456789012:mapRun:m/l:u'",
        );
        check(
            r#"{"mapRunArn":"ARN:execution:m:e"}"#,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'",
        );
        check(r#"{"mapRunArn":"x"}"#, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'");
    }
}
