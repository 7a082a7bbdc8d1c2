//! StartExecutionBatch: many starts of one state machine in one request. It is an extension: AWS has
//! no such action, so it has a path of its own instead of an `X-Amz-Target`. (docs/batch.md)
//!
//! Never here: other rules for a start than StartExecution's.

use engine::Engine;
use engine::request::{BatchItem, StartExecutionBatch, Started};
use json::Text;

use crate::actions::start_execution::{document, invalid_input};
use crate::answer::{self, ObjectWriter};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

/// Where it is.
pub(crate) const PATH: &str = "/v1/start-execution-batch";
/// Its name in metrics.
pub(crate) const NAME: &str = "StartExecutionBatch";
/// A body may be so long: what a request may take of our memory.
pub(crate) const BODY_BYTES_MAX: usize = 8 << 20;
/// The engine takes a batch in slices; this bounds what one request keeps in its memory.
const EXECUTIONS_MAX: usize = 1_000;

/// Starts them. The answer has one result for each, in order.
pub(crate) async fn answer(engine: &Engine, body: &Body) -> Result<String, ApiError> {
    let Request { state_machine_arn, executions } = read(body)?;
    let mut refused = Vec::with_capacity(executions.len());
    let mut good = Vec::with_capacity(executions.len());
    for execution in executions {
        match execution {
            Ok(item) => {
                good.push(item);
                refused.push(None);
            }
            Err(error) => refused.push(Some(error)),
        }
    }
    let mut started = match good.is_empty() {
        true => Vec::new(),
        false => {
            let batch = StartExecutionBatch { state_machine_arn, executions: good };
            engine.start_execution_batch(batch).await?
        }
    }
    .into_iter();
    let results = refused.into_iter().map(|refused| match refused {
        Some(error) => Err(error),
        None => started
            .next()
            .unwrap_or_else(|| unreachable!("one result for each start"))
            .map_err(ApiError::from),
    });
    Ok(write(results))
}

struct Request {
    state_machine_arn: Text,
    /// Each is good, or wrong in a way that only concerns itself.
    executions: Vec<Result<BatchItem, ApiError>>,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let state_machine_arn = members.required_text("stateMachineArn", &constraint::ARN)?;
    let Some(list) = members.structures("executions")? else {
        members.missing::<()>("executions");
        members.check()?;
        unreachable!("a missing member is a broken constraint")
    };
    if list.is_empty() || list.len() > EXECUTIONS_MAX {
        let message = format!("A batch has 1 to {EXECUTIONS_MAX} executions, not {}", list.len());
        return Err(ApiError::validation(message));
    }
    let mut executions = Vec::with_capacity(list.len());
    for item in &list {
        let name = item.text("name", &constraint::NAME)?;
        let input = item.text("input", &constraint::DATA)?;
        let trace_header = item.text("traceHeader", &constraint::TRACE_HEADER)?;
        executions.push(execution(name, input.as_deref(), trace_header));
    }
    members.check()?;
    resource::startable(&state_machine_arn)?;
    Ok(Request { state_machine_arn, executions })
}

fn execution(
    name: Option<Text>,
    input: Option<&str>,
    trace_header: Option<Text>,
) -> Result<BatchItem, ApiError> {
    if let Some(name) = name.as_deref().filter(|name| !aws_names::name_is_valid(name)) {
        return Err(ApiError::invalid_name(name));
    }
    let input = document(input.unwrap_or("{}"), "Invalid execution input.").map_err(invalid_input)?;
    Ok(BatchItem { name, input, trace_header })
}

fn write(results: impl Iterator<Item = Result<Started, ApiError>>) -> String {
    answer::object(|answer| {
        answer.objects("results", results, |item: &mut ObjectWriter<'_>, result| match result {
            Ok(started) => {
                item.text("executionArn", &started.execution_arn);
                item.time("startDate", started.started_at);
            }
            Err(error) => {
                item.text("error", error.code);
                item.text("message", &error.message);
            }
        });
    })
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;
    use engine::Refusal;

    use super::*;

    const ARN: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

    fn check(body: &str, expected: &str) {
        let body = body.replace("ARN", ARN);
        let request = Body::parse(body.as_bytes()).and_then(|body| read(&body));
        let said = match request {
            Err(error) => format!("{}: {}", error.code, error.message),
            Ok(request) => {
                let one = |item: Result<BatchItem, ApiError>| match item {
                    Ok(item) => format!("{:?} {} {:?}", item.name, item.input.text(), item.trace_header),
                    Err(error) => error.code.to_owned(),
                };
                request.executions.into_iter().map(one).collect::<Vec<_>>().join("; ")
            }
        };
        assert_eq!(said, expected, "{body}");
    }

    #[test]
    fn each_execution_is_read_as_a_start() {
        check(
            r#"{"stateMachineArn":"ARN","executions":[{},{"name":"n","input":"[1]","traceHeader":"Root=1"},
                {"name":"a b"},{"input":"nothing"},{"input":"2"}]}"#,
            r#"None {} None; Some("n") [1] Some("Root=1"); InvalidName; InvalidExecutionInput; None 2 None"#,
        );
    }

    #[test]
    fn what_is_wrong_with_the_whole_refuses_the_whole() {
        check(
            r#"{"stateMachineArn":"ARN","executions":[]}"#,
            "ValidationException: A batch has 1 to 1000 executions, not 0",
        );
        let many = vec!["{}"; 1_001].join(",");
        check(
            &format!(r#"{{"stateMachineArn":"ARN","executions":[{many}]}}"#),
            "ValidationException: A batch has 1 to 1000 executions, not 1001",
        );
        check(
            r#"{"stateMachineArn":"ARN"}"#,
            "ValidationException: 1 validation error detected: Value null at 'executions' failed to satisfy \
             constraint: Member must not be null",
        );
        check(
            r#"{"stateMachineArn":"ARN","executions":[{"name":""}]}"#,
            "ValidationException: 1 validation error detected: Value '' at 'executions.1.member.name' failed to \
             satisfy constraint: Member must have length greater than or equal to 1",
        );
        check(
            r#"{"stateMachineArn":"x","executions":[{}]}"#,
            "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'",
        );
    }

    #[test]
    fn answers() {
        let started = Started { execution_arn: "arn:e".into(), started_at: Timestamp(1_000) };
        let taken = ApiError::from(Refusal::ExecutionAlreadyExists { arn: "arn:e".into() });
        assert_eq!(
            write([Ok(started), Err(taken)].into_iter()),
            concat!(
                r#"{"results":[{"executionArn":"arn:e","startDate":1.000},"#,
                r#"{"error":"ExecutionAlreadyExists","message":"Execution Already Exists: 'arn:e'"}]}"#
            )
        );
    }
}
