//! What a call of a handler gave: a result or an error, and what it asked for on its way.

use appsync_util::{Ended, FieldError, Log};
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

impl Outcome {
    /// Null, with this stash and nothing else.
    pub(crate) fn of_stash(stash: Value) -> Outcome {
        Outcome {
            result: Ok(Value::Null),
            stash,
            out_errors: Vec::new(),
            logs: Vec::new(),
            early_return: None,
            response_headers: Vec::new(),
            extensions: Vec::new(),
        }
    }
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
