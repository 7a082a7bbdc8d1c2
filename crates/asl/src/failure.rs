//! A workflow's failure, as data: Retry and Catch match on it, the history shows it.

use json::{Object, Text, Value};

/// An error name and its cause, in AWS's wording.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// For example `States.Runtime` or `Lambda.ServiceException`; `None` where AWS leaves it out
    /// (a Fail state without `Error`, SendTaskFailure without `error`).
    pub error: Option<Text>,
    /// The text after the error name; `None` where AWS leaves it out.
    pub cause: Option<String>,
}

/// A field of a state that could not be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldFailure {
    /// What Retry, Catch and the history are told.
    pub failure: Failure,
    /// Where in its state the JSONata expression stands, such as `Arguments/Payload`: the event
    /// EvaluationFailed names it. `None` in JSONPath states, and where the trouble is no expression's.
    pub location: Option<Text>,
}

impl From<Failure> for FieldFailure {
    fn from(failure: Failure) -> FieldFailure {
        FieldFailure { failure, location: None }
    }
}

impl Failure {
    /// A failure with both members.
    pub fn new(error: impl Into<Text>, cause: impl Into<String>) -> Self {
        Failure { error: Some(error.into()), cause: Some(cause.into()) }
    }

    /// A failure that has a name only, as `States.Timeout` has.
    pub fn named(error: impl Into<Text>) -> Self {
        Failure { error: Some(error.into()), cause: None }
    }

    /// `States.Runtime`: neither Retry nor Catch takes it. (spec/asl.md §11.1)
    pub fn runtime(cause: impl Into<String>) -> Self {
        Failure::new(aws_names::error::RUNTIME, cause)
    }

    /// `States.QueryEvaluationError`: what fails in a JSONata state's expressions. (spec/asl.md §13)
    pub fn query_evaluation(cause: impl Into<String>) -> Self {
        Failure::new(aws_names::error::QUERY_EVALUATION_ERROR, cause)
    }

    /// The name for matching; the empty text where there is none.
    pub fn name(&self) -> &str {
        self.error.as_deref().unwrap_or("")
    }

    /// The Error Output that a Catcher receives: `{"Error": …, "Cause": …}`. What is absent is the
    /// empty text, as recorded for the cause of a caught timeout.
    pub fn error_output(&self) -> Value {
        let mut output = Object::with_capacity(2);
        output.insert("Error", Value::String(self.error.clone().unwrap_or_default()));
        output.insert("Cause", Value::String(self.cause.as_deref().unwrap_or_default().into()));
        Value::Object(output)
    }
}
