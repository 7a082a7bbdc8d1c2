//! GetActivityTask: a worker asks for a task and waits for one.

use std::time::Duration;

use engine::request::ActivityTask;
use json::Text;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

/// How long a worker waits, as on AWS: clients set their own timeouts to more than this.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { arn, worker_name } = read(&call.body)?;
    let poll = call.engine.get_activity_task(arn, worker_name, PATIENCE);
    tokio::select! {
        // A task that is there goes to its worker even as the server stops.
        biased;
        task = poll => Ok(write(task?)),
        () = call.stopping.begins() => Ok(write(None)),
    }
}

/// Which activity, and who asks.
struct Request {
    arn: Text,
    worker_name: Option<Text>,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("activityArn", &constraint::ARN)?;
    let worker_name = members.text("workerName", &constraint::NAME)?;
    members.check()?;
    resource::activity(&arn)?;
    Ok(Request { arn, worker_name })
}

fn write(task: Option<ActivityTask>) -> String {
    answer::object(|answer| {
        if let Some(task) = task {
            answer.text("taskToken", &task.token);
            answer.text("input", task.input.text());
        }
    })
}

#[cfg(test)]
mod tests {
    use json::Document;

    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |request: Request| format!("{} {:?}", request.arn, request.worker_name);
            assert_eq!(outcome(read, show, body), expected);
        };
        check(
            r#"{"activityArn":"ARN:activity:a","workerName":"w w"}"#,
            r#"arn:aws:states:us-east-1:123456789012:activity:a Some("w w")"#,
        );
        check(r#"{"activityArn":"x"}"#, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'");
    }

    #[test]
    fn answers() {
        assert_eq!(write(None), "{}");
        let task = ActivityTask { token: "T".into(), input: Document::from_valid_text(r#"{"a":"b"}"#) };
        assert_eq!(write(Some(task)), r#"{"taskToken":"T","input":"{\"a\":\"b\"}"}"#);
    }
}
