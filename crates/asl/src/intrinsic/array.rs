//! `States.Array(a, …)`: an array of its arguments.

use std::borrow::Cow;

use json::Value;

pub(super) fn array(arguments: &[Cow<'_, Value>]) -> Value {
    arguments.iter().map(|argument| argument.as_ref().clone()).collect()
}
