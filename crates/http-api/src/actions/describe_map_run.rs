//! DescribeMapRun: how far a Map Run has come.

use engine::Refusal;
use execution::map_run::Counts;
use json::{Text, Value};
use store::MapRunView;

use super::Call;
use super::describe_execution::status_name;
use crate::answer::{self, ObjectWriter};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let arn = read(&call.body)?;
    call.engine.check_owner(&arn)?;
    match call.engine.store().map_run(&arn)? {
        Some(view) => Ok(write(&view)),
        None => Err(Refusal::ResourceNotFound { arn }.into()),
    }
}

fn read(body: &Body) -> Result<Text, ApiError> {
    let members = body.members();
    let arn = members.required_text("mapRunArn", &constraint::LONG_ARN)?;
    members.check()?;
    resource::map_run(&arn)?;
    Ok(arn)
}

fn write(view: &MapRunView) -> String {
    let summary = &view.summary;
    answer::object_of(1024, |answer| {
        answer.text("mapRunArn", &view.arn);
        answer.text("executionArn", &view.execution_arn);
        answer.text("status", status_name(view.status));
        answer.time("startDate", view.started_at);
        if let Some(stopped) = view.stopped_at {
            answer.time("stopDate", stopped);
        }
        answer.number("maxConcurrency", summary.settings.max_concurrency);
        // Where the state has none, AWS shows zeros, which is what it means.
        let percentage = summary.settings.tolerated_failure_percentage.unwrap_or(0.0);
        answer.value("toleratedFailurePercentage", &Value::from(percentage));
        answer.number("toleratedFailureCount", summary.settings.tolerated_failure_count.unwrap_or(0));
        answer.object("itemCounts", |counts| write_counts(counts, &summary.items));
        answer.object("executionCounts", |counts| write_counts(counts, &summary.executions));
        answer.number("redriveCount", summary.redrives);
        if let Some(redriven) = summary.redriven_at {
            answer.time("redriveDate", redriven);
        }
    })
}

fn write_counts(answer: &mut ObjectWriter<'_>, counts: &Counts) {
    answer.number("pending", counts.pending);
    answer.number("running", counts.running);
    answer.number("succeeded", counts.succeeded);
    answer.number("failed", counts.failed);
    answer.number("timedOut", counts.timed_out);
    answer.number("aborted", counts.aborted);
    answer.number("total", counts.total());
    answer.number("resultsWritten", counts.results_written);
    answer.number("failuresNotRedrivable", counts.failures_not_redrivable);
    answer.number("pendingRedrive", counts.pending_redrive);
}

#[cfg(test)]
pub(crate) mod tests {
    use asl::Timestamp;
    use execution::Status;
    use execution::map_run::{MapRunSettings, MapRunSummary};

    use super::*;
    use crate::actions::testing::outcome;

    /// A Map Run that was begun at 1 s and, unless it runs, ended at 2 s.
    pub fn view(status: Status) -> MapRunView {
        MapRunView {
            arn: "arn:m/L:u".into(),
            execution_arn: "arn:e".into(),
            child_machine_arn: "arn:m/L".into(),
            status,
            started_at: Timestamp(1000),
            stopped_at: (status != Status::Running).then_some(Timestamp(2000)),
            summary: MapRunSummary::default(),
            failure: None,
        }
    }

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            assert_eq!(outcome(read, |arn| arn.to_string(), body), expected, "{body}")
        };
        check(r#"{"mapRunArn":"ARN:mapRun:m/l:u"}"#, "arn:aws:states:us-east-1:123456789012:mapRun:m/l:u");
        check(
            r#"{"mapRunArn":"ARN:execution:m:e"}"#,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'",
        );
        check(r#"{"mapRunArn":"x"}"#, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'");
    }

    #[test]
    fn one_that_has_just_begun_has_zeros() {
        let none = concat!(
            r#"{"pending":0,"running":0,"succeeded":0,"failed":0,"timedOut":0,"aborted":0,"total":0,"#,
            r#""resultsWritten":0,"failuresNotRedrivable":0,"pendingRedrive":0}"#
        );
        assert_eq!(
            write(&view(Status::Running)),
            format!(
                concat!(
                    r#"{{"mapRunArn":"arn:m/L:u","executionArn":"arn:e","status":"RUNNING","startDate":1.000,"#,
                    r#""maxConcurrency":0,"toleratedFailurePercentage":0.0,"toleratedFailureCount":0,"#,
                    r#""itemCounts":{},"executionCounts":{},"redriveCount":0}}"#
                ),
                none, none
            )
        );
    }

    #[test]
    fn one_that_was_redriven_says_what_waits() {
        let settings = MapRunSettings {
            max_concurrency: 7,
            tolerated_failure_count: Some(3),
            tolerated_failure_percentage: Some(1.5),
        };
        let executions = Counts {
            pending: 1,
            running: 2,
            succeeded: 3,
            failed: 4,
            timed_out: 5,
            aborted: 6,
            results_written: 7,
            pending_redrive: 8,
            failures_not_redrivable: 9,
        };
        let summary = MapRunSummary {
            settings,
            executions,
            items: Counts { pending: 10, ..Counts::default() },
            redrives: 2,
            redriven_at: Some(Timestamp(1500)),
        };
        let text = write(&MapRunView { summary, ..view(Status::Failed) });
        let shown = [
            r#""status":"FAILED","startDate":1.000,"stopDate":2.000,"maxConcurrency":7,"toleratedFailurePercentage":1.5,"toleratedFailureCount":3,"itemCounts":{"pending":10,"#,
            r#""executionCounts":{"pending":1,"running":2,"succeeded":3,"failed":4,"timedOut":5,"aborted":6,"total":29,"resultsWritten":7,"failuresNotRedrivable":9,"pendingRedrive":8}"#,
            r#""redriveCount":2,"redriveDate":1.500}"#,
        ];
        for part in shown {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
