//! UpdateMapRun: this version has no Distributed Maps, so no Map Run is ever found.

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
    members.integer("maxConcurrency", constraint::MAX_CONCURRENCY)?;
    members.float("toleratedFailurePercentage", constraint::TOLERATED_PERCENTAGE)?;
    members.long("toleratedFailureCount", constraint::TOLERATED_FAILURES)?;
    members.check()?;
    Err(resource::map_run(&arn))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let body = format!(r#"{{"mapRunArn":"ARN:mapRun:m/l:u"{members}}}"#);
            assert_eq!(outcome(refuse, |answer| answer, &body), expected, "{body}");
        };
        let nobody =
            "ResourceNotFound: Resource not found: 'arn:aws:states:us-east-1:123456789012:mapRun:m/l:u'";
        check("", nobody);
        check(
            r#","maxConcurrency":0,"toleratedFailurePercentage":99.9,"toleratedFailureCount":9000000000"#,
            nobody,
        );
        check(
            r#","maxConcurrency":-1,"toleratedFailurePercentage":-0.5,"toleratedFailureCount":-1"#,
            "ValidationException: 3 validation errors detected: \
             Value '-1' at 'maxConcurrency' failed to satisfy constraint: Member must have value greater than or \
             equal to 0; \
             Value '-0.5' at 'toleratedFailurePercentage' failed to satisfy constraint: Member must have value \
             greater than or equal to 0; \
             Value '-1' at 'toleratedFailureCount' failed to satisfy constraint: Member must have value greater \
             than or equal to 0",
        );
    }
}
