//! Why a handler or a template ended, and what it left on its way.

use json::{Text, Value};

/// Why a handler or a template ended without a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// `util.error`, `util.unauthorized` or `util.validate`.
    Raised(FieldError),
    /// A mistake of the code: the message tells the place, `code.js:LINE:COL: ` in front in JavaScript.
    Failed {
        /// What `errors[].message` says.
        message: String,
    },
    /// It took more than its budget of steps, time or memory. The message says which.
    Exceeded {
        /// What was too much.
        message: String,
    },
}

/// An error of a field, as GraphQL's answer shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    /// The message.
    pub message: Text,
    /// `errorType`, if the code gave one.
    pub error_type: Option<Text>,
    /// `data`; null without.
    pub data: Value,
    /// `errorInfo`; null without.
    pub error_info: Value,
}

/// A line of a resolver's log.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// `INFO` or `ERROR`.
    pub level: Text,
    /// What was logged, its parts separated by spaces.
    pub text: Text,
}

impl FieldError {
    /// An error with a message and a type only.
    pub fn new(message: impl Into<Text>, error_type: &str) -> FieldError {
        FieldError {
            message: message.into(),
            error_type: Some(error_type.into()),
            data: Value::Null,
            error_info: Value::Null,
        }
    }

    /// `util.error(message, type, data, errorInfo)`
    pub fn of_arguments(arguments: &[Value]) -> FieldError {
        let argument = |index: usize| arguments.get(index).cloned().unwrap_or_default();
        FieldError {
            message: text_of(arguments.first()),
            error_type: argument(1).as_str().map(Text::from),
            data: argument(2),
            error_info: argument(3),
        }
    }

    /// `util.unauthorized()`
    pub fn unauthorized() -> FieldError {
        FieldError::new("Unauthorized", "Unauthorized")
    }
}

/// A text as it is, anything else as JSON.
pub(crate) fn text_of(value: Option<&Value>) -> Text {
    match value {
        None => Text::default(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_text().into(),
    }
}
