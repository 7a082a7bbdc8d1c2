//! What a call of a handler gave: a result or an error, and what it asked for on its way.

use json::{Text, Value};

/// What a handler gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What it returned, or gave to `runtime.earlyReturn`; or why it ended.
    pub result: Result<Value, Ended>,
    /// `ctx.stash` as the handler left it; as it was, if the handler failed.
    pub stash: Value,
    /// What `util.appendError` was given, in order.
    pub out_errors: Vec<FieldError>,
    /// What `console` was given, in order.
    pub logs: Vec<Log>,
    /// Set when `runtime.earlyReturn` ended the handler.
    pub early_return: Option<EarlyReturn>,
    /// Headers of `util.http.addResponseHeader`, in order.
    pub response_headers: Vec<(Text, Text)>,
    /// The calls of `extensions`, in order: the function's name and its arguments.
    pub extensions: Vec<(Text, Vec<Value>)>,
}

/// Why a handler ended without a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// `util.error` or `util.unauthorized`.
    Raised(FieldError),
    /// A mistake of the code: `code.js:LINE:COL: ` and the message. Its `errorType` is `Code`.
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

/// A line of `console.log` (`INFO`) or `console.error` (`ERROR`).
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// `INFO` or `ERROR`.
    pub level: Text,
    /// What was logged, its parts separated by spaces.
    pub text: Text,
}

/// Where `runtime.earlyReturn` leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlyReturn {
    /// To the next handler as the place of this one has it.
    Default,
    /// `skipTo: 'NEXT'`
    Next,
    /// `skipTo: 'END'`
    End,
}
