//! States of JSONata. What they take and leave is what those of JSONPath do: the data, which their Output
//! keeps.
//!
//! Some expressions fail, on every attempt or on the first one only. None depends on time or chance, but
//! for `$uuid()` and `$random()` that stand alone, of which the reference knows what can be known.

mod catch;
mod containers;
mod expressions;
mod output;
mod steps;
mod task;

pub use expressions::Moment;

/// A text that is an expression.
pub fn computed(expression: impl std::fmt::Display) -> String {
    format!("{{% {expression} %}}")
}
