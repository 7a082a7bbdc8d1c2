//! UpdateMapRun: how many children of a Map Run run at once, and how many may fail, from now on.

use engine::request::UpdateMapRun;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    call.engine.update_map_run(read(&call.body)?).await?;
    Ok(answer::nothing())
}

fn read(body: &Body) -> Result<UpdateMapRun, ApiError> {
    let members = body.members();
    let map_run_arn = members.required_text("mapRunArn", &constraint::LONG_ARN)?;
    let max_concurrency = members.integer("maxConcurrency", constraint::MAX_CONCURRENCY)?;
    let tolerated_failure_percentage =
        members.float("toleratedFailurePercentage", constraint::TOLERATED_PERCENTAGE)?;
    let tolerated_failure_count = members.long("toleratedFailureCount", constraint::TOLERATED_FAILURES)?;
    members.check()?;
    resource::map_run(&map_run_arn)?;
    // None is negative: that was checked.
    let count = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    Ok(UpdateMapRun {
        map_run_arn,
        max_concurrency: count(max_concurrency),
        tolerated_failure_percentage,
        tolerated_failure_count: count(tolerated_failure_count),
    })
}

#[cfg(test)]
mod tests {
    use engine::Refusal;

    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let show = |request: UpdateMapRun| {
                let UpdateMapRun { max_concurrency, .. } = request;
                let (percentage, count) =
                    (request.tolerated_failure_percentage, request.tolerated_failure_count);
                format!("{max_concurrency:?} {percentage:?} {count:?}")
            };
            let body = format!(r#"{{"mapRunArn":"ARN:mapRun:m/l:u"{members}}}"#);
            assert_eq!(outcome(read, show, &body), expected, "{body}");
        };
        check("", "None None None");
        check(
            r#","maxConcurrency":0,"toleratedFailurePercentage":99.9,"toleratedFailureCount":9000000000"#,
            "Some(0) Some(99.9) Some(9000000000)",
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

    #[test]
    fn only_map_runs_are_updated() {
        assert_eq!(
            outcome(read, |_| "read".to_owned(), r#"{"mapRunArn":"ARN:activity:a"}"#),
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: activity'"
        );
    }

    #[test]
    fn one_that_has_ended_is_refused_with_the_reason() {
        let error: ApiError = Refusal::MapRunCompleted { arn: "arn:x".into() }.into();
        assert_eq!(error.code, "ValidationException");
        assert_eq!(error.details, [("reason", "CANNOT_UPDATE_COMPLETED_MAP_RUN".to_owned())]);
    }
}
