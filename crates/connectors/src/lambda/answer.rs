//! What a Task makes of the Invoke API's answer.

use asl::Failure;
use execution::TaskOutcome;
use hyper::body::Bytes;
use json::{Document, Object, Value};

use crate::metadata::ResponseMetadata;

/// The answer of the Invoke API to an invocation that it accepted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) metadata: ResponseMetadata,
    pub(crate) payload: Bytes,
}

impl Answer {
    /// Of a function's ARN as the resource: the function's result alone.
    pub(crate) fn into_function_outcome(self) -> TaskOutcome {
        match self.function_failure() {
            Some(failure) => TaskOutcome::Failed(failure),
            None => TaskOutcome::Succeeded(self.document()),
        }
    }

    /// Of `lambda:invoke`: the response's members in AWS's order. (recorded)
    pub(crate) fn into_api_outcome(self) -> TaskOutcome {
        if let Some(failure) = self.function_failure() {
            return TaskOutcome::Failed(failure);
        }
        let mut result = Object::with_capacity(6);
        for (member, header) in
            [("ExecutedVersion", "x-amz-executed-version"), ("LogResult", "x-amz-log-result")]
        {
            if let Some(value) = self.metadata.header(header) {
                result.insert(member, value);
            }
        }
        result.insert("Payload", self.document().value());
        self.metadata.add_to(&mut result);
        result.insert("StatusCode", u32::from(self.metadata.status));
        TaskOutcome::Succeeded(Document::from_value(Value::Object(result)))
    }

    /// JSON, or else a string of the text.
    fn document(&self) -> Document {
        let text = String::from_utf8_lossy(&self.payload);
        Document::parse(&text).unwrap_or_else(|_| Document::from_value(Value::from(text.as_ref())))
    }

    /// The function's own failure: its error type, and the whole payload as the cause. (recorded)
    fn function_failure(&self) -> Option<Failure> {
        self.metadata.header("x-amz-function-error")?;
        let text = String::from_utf8_lossy(&self.payload).into_owned();
        let parsed = Value::parse(&text).unwrap_or_default();
        Some(match parsed.get("errorType").and_then(Value::as_str) {
            Some(error_type) if !error_type.is_empty() => Failure::new(error_type, text),
            _ => Failure::new(
                aws_names::error::LAMBDA_UNKNOWN,
                format!(
                    "The cause could not be determined because Lambda did not return an error type. Returned payload: \
                     {text}"
                ),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(payload: &'static str, headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer { metadata: ResponseMetadata { status: 200, headers }, payload: Bytes::from(payload) }
    }

    #[test]
    fn a_result_is_json_or_text() {
        for (payload, value) in [
            (r#"{"a":1}"#, json::value!({"a": 1})),
            ("null", Value::Null),
            ("<p>", "<p>".into()),
            ("", "".into()),
        ] {
            let outcome = answer(payload, &[]).into_function_outcome();
            assert_eq!(outcome, TaskOutcome::Succeeded(Document::from_value(value)));
        }
    }

    #[test]
    fn the_api_result_has_the_recorded_members() {
        let headers = [("x-amz-executed-version", "$LATEST"), ("x-amz-log-result", "TG9n")];
        let TaskOutcome::Succeeded(result) = answer("[1]", &headers).into_api_outcome() else { panic!() };
        let names: Vec<_> = result.value().as_object().unwrap().keys().map(|name| name.as_str()).collect();
        let expected = [
            "ExecutedVersion",
            "LogResult",
            "Payload",
            "SdkHttpMetadata",
            "SdkResponseMetadata",
            "StatusCode",
        ];
        assert_eq!(names, expected);
        assert_eq!(result.value().get("Payload"), Some(&json::value!([1])));
        assert_eq!(result.value().get("StatusCode"), Some(&json::value!(200)));
    }

    #[test]
    fn a_function_error_is_named_by_its_type() {
        for (payload, error, cause) in [
            (r#"{"errorType":"E"}"#, "E", r#"{"errorType":"E"}"#),
            (
                r#"{"errorMessage":"m"}"#,
                "Lambda.Unknown",
                "The cause could not be determined because Lambda did not return an error type. Returned payload: \
                 {\"errorMessage\":\"m\"}",
            ),
        ] {
            let failing = answer(payload, &[("X-Amz-Function-Error", "Unhandled")]);
            let expected = TaskOutcome::Failed(Failure::new(error, cause));
            assert_eq!(failing.clone().into_function_outcome(), expected);
            assert_eq!(failing.into_api_outcome(), expected);
        }
    }
}
