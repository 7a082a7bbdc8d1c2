//! Event patterns: which events a rule is interested in. (spec/event-routers.md §3)
//!
//! A pattern is a tree as the event is one, with lists of conditions where the event has values. As AWS does
//! it, names are joined by dots before they are compared, so `{"a": {"b": […]}}` and `{"a.b": […]}` are the
//! same, in patterns and in events. What stands under one item of an array must match within that item.

mod address;
mod compile;
mod condition;
mod event;
mod invalid;
mod number;
mod rule;
mod wildcard;

pub use event::Event;
pub use invalid::Invalid;

pub(crate) use compile::{Grammar, compile};
use json::Value;
use rule::Rule;

/// A pattern, compiled. What a match costs grows with what the pattern looks at, for each combination of `$or`;
/// of arrays that is each item.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// One for each combination of alternatives of `$or`; a match of any is a match.
    rules: Vec<Rule>,
}

impl Pattern {
    /// Reads a pattern from its JSON text.
    pub fn parse(text: &str) -> Result<Pattern, Invalid> {
        let value =
            Value::parse(text).map_err(|error| Invalid::new("", error.message_with_location(text)))?;
        Pattern::new(&value)
    }

    /// Reads a pattern that is parsed already.
    pub fn new(pattern: &Value) -> Result<Pattern, Invalid> {
        Ok(compile(pattern, &Grammar::EVENT_BRIDGE)?.pattern)
    }

    /// Whether the event matches.
    pub fn matches(&self, event: &Event) -> bool {
        self.rules.iter().any(|rule| rule.matches(&event.0))
    }
}
