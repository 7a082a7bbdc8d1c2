//! StartExecution: the answer leaves when the start is on disk.

use engine::request::{StartExecution, Started};
use json::{Document, Text};

use super::Call;
use crate::answer;
use crate::constraint::{self, DATA_BYTES_MAX};
use crate::error::ApiError;
use crate::members::{Body, Members};
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = with_header(read(&call.body)?, call);
    Ok(write(&call.engine.start_execution(request).await?))
}

fn read(body: &Body) -> Result<StartExecution, ApiError> {
    read_members(&body.members())
}

/// What StartSyncExecution has as well. Problems that were noted before are told along with these.
pub(super) fn read_members(members: &Members<'_>) -> Result<StartExecution, ApiError> {
    let state_machine_arn = members.required_text("stateMachineArn", &constraint::ARN)?;
    let name = members.text("name", &constraint::NAME)?;
    let input = members.text("input", &constraint::DATA)?;
    let trace_header = members.text("traceHeader", &constraint::TRACE_HEADER)?;
    members.check()?;
    let (state_machine_arn, test_case) = split_test_case(state_machine_arn);
    resource::startable(&state_machine_arn)?;
    if let Some(name) = name.as_deref().filter(|name| !aws_names::name_is_valid(name)) {
        return Err(ApiError::invalid_name(name));
    }
    let input =
        document(input.as_deref().unwrap_or("{}"), "Invalid execution input.").map_err(invalid_input)?;
    Ok(StartExecution { state_machine_arn, name, input, trace_header, test_case, parent: None })
}

/// `<ARN>#<test case>`, as Step Functions Local takes it. No ARN has a `#` in it.
fn split_test_case(asked: Text) -> (Text, Option<Text>) {
    match asked.split_once('#') {
        Some((arn, test_case)) => (arn.into(), Some(test_case.into())),
        None => (asked, None),
    }
}

/// The trace header of the request wins over the member. And where another execution asks, it is named.
pub(super) fn with_header(mut request: StartExecution, call: &Call<'_>) -> StartExecution {
    request.parent = call.parent.clone();
    if let Some(trace_header) =
        call.trace_header.filter(|header| header.len() <= constraint::TRACE_HEADER.longest)
    {
        request.trace_header = Some(trace_header.into());
    }
    request
}

fn write(started: &Started) -> String {
    answer::object(|answer| {
        answer.text("executionArn", &started.execution_arn);
        answer.time("startDate", started.started_at);
    })
}

/// JSON that comes as a string: an input or a task's output. What is wrong with it is in the words
/// of AWS's parser; `empty` is what is said of no text at all.
pub(crate) fn document(text: &str, empty: &str) -> Result<Document, String> {
    if text.trim_ascii().is_empty() {
        return Err(empty.to_owned());
    }
    if text.len() > DATA_BYTES_MAX {
        return Err(format!("It has {} bytes of UTF-8, more than {DATA_BYTES_MAX}", text.len()));
    }
    Document::parse(text).map_err(|error| error.message)
}

/// The refusal of an input, told why.
pub(crate) fn invalid_input(why: String) -> ApiError {
    ApiError::new("InvalidExecutionInput", format!("Invalid State Machine Execution Input: '{why}'"))
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;

    use super::*;
    use crate::actions::testing::outcome;

    fn check(members: &str, expected: &str) {
        let body = format!(r#"{{"stateMachineArn":"ARN:stateMachine:m"{members}}}"#);
        let show = |request: StartExecution| {
            let StartExecution { name, input, trace_header, .. } = request;
            format!("{name:?} {} {trace_header:?}", input.text())
        };
        assert_eq!(outcome(read, show, &body), expected, "{members}");
    }

    #[test]
    fn requests() {
        check("", "None {} None");
        check(r#","name":"n","input":" 2","traceHeader":"Root=1""#, r#"Some("n")  2 Some("Root=1")"#);
        check(r#","input":"null""#, "None null None");
        check(r#","input":"\"some text\"""#, r#"None "some text" None"#);
        check(r#","name":"a/b""#, "InvalidName: Invalid Name: 'a/b'");
    }

    #[test]
    fn inputs_are_json_in_the_words_of_the_service() {
        let check = |input: &str, why: &str| {
            let expected = format!("InvalidExecutionInput: Invalid State Machine Execution Input: '{why}'");
            check(&format!(r#","input":"{input}""#), &expected);
        };
        check("", "Invalid execution input.");
        check(" ", "Invalid execution input.");
        check(
            "not some json",
            "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or \
             'false')",
        );
        check(
            "{'not': 'json'",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
        );
        check(&"é".repeat(200_000), "It has 400000 bytes of UTF-8, more than 262144");
    }

    #[test]
    fn inputs_have_a_length() {
        let body = format!(r#"{{"stateMachineArn":"ARN:stateMachine:m","input":"{}"}}"#, "1".repeat(262_145));
        assert_eq!(
            outcome(read, |_| "fine".into(), &body),
            "ValidationException: 1 validation error detected: Value at 'input' failed to satisfy constraint: \
             Member must have length less than or equal to 262144"
        );
    }

    #[test]
    fn qualified_machines() {
        let check = |resource: &str, expected: &str| {
            let body = format!(r#"{{"stateMachineArn":"ARN:stateMachine:{resource}"}}"#);
            let code =
                outcome(read, |_| "fine".into(), &body).split(':').next().unwrap_or_default().to_owned();
            assert_eq!(code, expected, "{resource}");
        };
        check("m:1", "fine");
        check("m:live", "fine");
        check("m/label", "ValidationException");
        check("m:0", "InvalidArn");
        check("m:0#Happy", "InvalidArn");
    }

    #[test]
    fn test_cases_stand_behind_the_machine() {
        let check = |resource: &str, expected: &str| {
            let body = format!(r#"{{"stateMachineArn":"ARN:stateMachine:{resource}"}}"#);
            let show = |request: StartExecution| {
                let name =
                    request.state_machine_arn.rsplit_once(":stateMachine:").expect("it is one").1.to_owned();
                format!("{name} {:?}", request.test_case)
            };
            assert_eq!(outcome(read, show, &body), expected);
        };
        check("m", "m None");
        check("m#Happy", r#"m Some("Happy")"#);
        check("m:live#a b#c", r#"m:live Some("a b#c")"#);
        check("m#", r#"m Some("")"#);
    }

    #[test]
    fn answers() {
        let started = Started { execution_arn: "arn:e".into(), started_at: Timestamp(1_548_454_198_202) };
        assert_eq!(write(&started), r#"{"executionArn":"arn:e","startDate":1548454198.202}"#);
    }
}
