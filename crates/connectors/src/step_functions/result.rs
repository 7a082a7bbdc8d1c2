//! What Step Functions answers becomes a Task's result or failure. Pure.

use asl::Failure;
use aws_models::Operation;
use aws_protocols::{Response, ResponseError};
use json::{Document, Object, Text, Value};

use crate::built_in::BuiltInAnswer;
use crate::metadata::ResponseMetadata;

/// The members of DescribeExecution's answer that tell of redriving. AWS was recorded to leave them out
/// of `.sync` and to have them in `.sync:2`.
const REDRIVING: [&str; 3] = ["RedriveCount", "RedriveStatus", "RedriveStatusReason"];

/// How the child's description shows its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DataAs {
    /// `.sync`: as the API has it, JSON in a string.
    Text,
    /// `.sync:2`
    Json,
}

/// The result of `states:startExecution`: the response's members in AWS's order. Times are whole
/// milliseconds since 1970.
pub(crate) fn started(answer: &BuiltInAnswer) -> Option<Document> {
    let body = Value::parse_bytes(&answer.body).ok()?;
    let mut result = Object::with_capacity(4);
    result.insert("ExecutionArn", body.get("executionArn")?);
    ResponseMetadata { status: answer.status, headers: answer.headers.clone() }.add_to(&mut result);
    result.insert("StartDate", milliseconds(body.get("startDate")?)?);
    Some(Document::from_value(result.into()))
}

/// DescribeExecution's answer as `.sync` shows it: members with an upper-case first letter, by name. And
/// the child's status.
pub(crate) fn described(body: &[u8], data: DataAs) -> Option<(Text, Object)> {
    let body = Value::parse_bytes(body).ok()?;
    let status = Text::from(body.get("status")?.as_str()?);
    let mut members: Vec<(String, Value)> = Vec::new();
    for (name, value) in body.as_object()? {
        let name = capitalised(name);
        let value = match (name.as_str(), data) {
            (name, DataAs::Text) if REDRIVING.contains(&name) => continue,
            ("Input" | "Output", DataAs::Json) => Value::parse(value.as_str()?).ok()?,
            ("StartDate" | "StopDate" | "RedriveDate", _) => Value::from(milliseconds(value)?),
            ("InputDetails" | "OutputDetails", _) => details(value)?.into(),
            _ => value.clone(),
        };
        members.push((name, value));
    }
    members.sort_by(|one, other| one.0.cmp(&other.0));
    Some((status, members.into_iter().collect()))
}

/// The failure of `states:startExecution` by what the API refuses. (recorded)
pub(crate) fn refused(operation: Operation<'_>, answer: &BuiltInAnswer) -> Failure {
    match read(operation, answer) {
        Err(ResponseError::Service(error)) => {
            let name = error.exception.as_deref().unwrap_or("AWSStepFunctionsException");
            let cause = format!(
                "{} (Service: AWSStepFunctions; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: null)",
                error.message, error.status, error.code, error.request_id
            );
            Failure::new(format!("StepFunctions.{name}"), cause)
        }
        Ok(_) | Err(ResponseError::Unreadable) => unreadable("StepFunctions"),
    }
}

/// What `aws-sdk:sfn:…` makes of an answer. (recorded)
pub(crate) fn sdk_result(operation: Operation<'_>, answer: &BuiltInAnswer) -> Result<Document, Failure> {
    match read(operation, answer) {
        Ok(output) => Ok(Document::from_value(output)),
        Err(ResponseError::Service(error)) => {
            Err(Failure::new(error.name(), format!("{} (SDK Attempt Count: 1)", error.cause())))
        }
        Err(ResponseError::Unreadable) => Err(unreadable("Sfn")),
    }
}

/// The API answered something that is none of its shapes.
pub(crate) fn unreadable(prefix: &str) -> Failure {
    Failure::new(
        format!("{prefix}.SdkClientException"),
        "Unable to unmarshall response: it is not the operation's",
    )
}

fn read(operation: Operation<'_>, answer: &BuiltInAnswer) -> Result<Value, ResponseError> {
    let response = Response { status: answer.status, headers: &answer.headers, body: &answer.body };
    aws_protocols::response(operation, response)
}

/// Seconds with milliseconds behind the point, as whole milliseconds.
fn milliseconds(seconds: &Value) -> Option<i64> {
    Some((seconds.as_f64()? * 1000.0).round() as i64)
}

/// `{"included": true}` with AWS's spelling.
fn details(value: &Value) -> Option<Object> {
    Some(value.as_object()?.iter().map(|(name, value)| (capitalised(name), value.clone())).collect())
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(action: &str) -> Operation<'static> {
        aws_models::called("states", action).expect("it is in the model")
    }

    fn answer(status: u16, body: &'static str) -> BuiltInAnswer {
        BuiltInAnswer::new(status, "application/x-amz-json-1.0", "id".to_owned(), body.into())
    }

    #[test]
    fn a_start_has_the_recorded_members() {
        let answer = answer(200, r#"{"executionArn":"arn:e","startDate":1548454198.202}"#);
        let result = started(&answer).unwrap();
        let members = result.value().as_object().unwrap();
        let names: Vec<&str> = members.keys().map(Text::as_str).collect();
        assert_eq!(names, ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]);
        assert_eq!(members.get("StartDate"), Some(&json::value!(1_548_454_198_202_i64)));
        let length =
            members.get("SdkHttpMetadata").and_then(|http| http.get("HttpHeaders")?.get("Content-Length"));
        assert_eq!(length, Some(&json::value!("51")));
    }

    const DESCRIPTION: &str = concat!(
        r#"{"executionArn":"arn:e","stateMachineArn":"arn:m","name":"e","status":"SUCCEEDED","startDate":1.000,"#,
        r#""stopDate":2.500,"input":"{}","inputDetails":{"included":true},"output":"[ 1 ]","#,
        r#""outputDetails":{"included":true},"redriveCount":0,"redriveStatus":"NOT_REDRIVABLE","#,
        r#""redriveStatusReason":"why"}"#
    );

    #[test]
    fn a_child_is_described_by_name() {
        let shown = |data| {
            let (status, object) = described(DESCRIPTION.as_bytes(), data).unwrap();
            assert_eq!(status, "SUCCEEDED");
            Value::Object(object).to_text()
        };
        assert_eq!(
            shown(DataAs::Text),
            concat!(
                r#"{"ExecutionArn":"arn:e","Input":"{}","InputDetails":{"Included":true},"Name":"e","Output":"[ 1 ]","#,
                r#""OutputDetails":{"Included":true},"StartDate":1000,"StateMachineArn":"arn:m","Status":"SUCCEEDED","#,
                r#""StopDate":2500}"#
            )
        );
        assert_eq!(
            shown(DataAs::Json),
            concat!(
                r#"{"ExecutionArn":"arn:e","Input":{},"InputDetails":{"Included":true},"Name":"e","Output":[1],"#,
                r#""OutputDetails":{"Included":true},"RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE","#,
                r#""RedriveStatusReason":"why","StartDate":1000,"StateMachineArn":"arn:m","Status":"SUCCEEDED","#,
                r#""StopDate":2500}"#
            )
        );
    }

    #[test]
    fn refusals_are_named_as_recorded() {
        let body =
            r#"{"__type":"com.amazonaws.swf.service.v2.model#StateMachineDoesNotExist","message":"No: 'm'"}"#;
        let failure = refused(operation("startExecution"), &answer(400, body));
        assert_eq!(
            (failure.name(), failure.cause.as_deref()),
            (
                "StepFunctions.StateMachineDoesNotExistException",
                Some(
                    "No: 'm' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; \
                     Request ID: id; Proxy: null)"
                )
            )
        );
        let body = r#"{"__type":"com.amazon.coral.service#ServiceUnavailable","message":"full"}"#;
        let failure = refused(operation("startExecution"), &answer(503, body));
        assert_eq!(failure.name(), "StepFunctions.AWSStepFunctionsException");
        let body = r#"{"__type":"com.amazonaws.swf.service.v2.model#InvalidToken","message":"Invalid Token: 'Invalid token'"}"#;
        let failure = sdk_result(operation("sendTaskSuccess"), &answer(400, body)).unwrap_err();
        assert_eq!(
            (failure.name(), failure.cause.as_deref()),
            (
                "Sfn.InvalidTokenException",
                Some(
                    "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: id) \
                     (SDK Attempt Count: 1)"
                )
            )
        );
    }
}
