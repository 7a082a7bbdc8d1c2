//! JSONata, complete, with AWS's additions and refusals: compiled once, evaluated against shared JSON.
//!
//! An evaluation has a budget of steps, memory and depth, and no access to anything but what it is
//! given. Never here: a clock, randomness (a seed comes in), a file, a socket, unordered iteration.
//!
//! ```
//! use jsonata::{Budget, Expression, Nothing, Outside};
//!
//! let input = json::value!({ "orders": [{ "price": 3, "count": 2 }, { "price": 4, "count": 1 }] });
//! let expression = Expression::compile("$sum(orders.(price * count))").unwrap();
//! let result = expression.evaluate(Some(&input), &Nothing, Outside::default(), &mut Budget::default());
//! assert_eq!(result.unwrap(), Some(json::Value::from(10)));
//! ```

mod ast;
mod builtin;
mod compile;
mod equal;
mod error;
mod evaluate;
mod frame;
mod function;
mod item;
mod lexer;
mod matches;
mod meter;
mod number_text;
mod parser;
mod program;
mod references;
mod regular_expression;
mod shape;
mod signature;
mod stringify;
mod surroundings;

pub use error::{EvaluationError, Problem, SyntaxError};
pub use number_text::number_text;
pub use references::References;
pub use surroundings::{Budget, Nothing, Outside, StatesMember, Surroundings};

use json::Value;

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    text: Box<str>,
    program: program::Program,
    references: References,
}

/// A longer text is no expression that somebody wrote.
const TEXT_MAX: usize = 128 << 10;

impl Expression {
    /// Compiles a text (without AWS's `{%` and `%}`).
    pub fn compile(text: &str) -> Result<Expression, SyntaxError> {
        if text.len() > TEXT_MAX {
            let message = format!("The expression is longer than {TEXT_MAX} bytes");
            return Err(SyntaxError { code: "S0201", message, position: TEXT_MAX });
        }
        let shaped = shape::shape(parser::parse(text)?)?;
        let program = compile::compile(&shaped)?;
        let references = References::of(&shaped.ast, &program);
        Ok(Expression { text: text.into(), program, references })
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What of the world it names.
    pub fn references(&self) -> &References {
        &self.references
    }

    /// Evaluates it. `input` is what `$` and bare names mean outside of any path; in a state machine
    /// there is none. `None`: nothing, which JSONata calls undefined. What it used up is taken off the
    /// budget, so that several evaluations can share one.
    ///
    /// What comes back nests at most 500 levels more than what went in.
    pub fn evaluate(
        &self,
        input: Option<&Value>,
        surroundings: &dyn Surroundings,
        outside: Outside,
        budget: &mut Budget,
    ) -> Result<Option<Value>, EvaluationError> {
        evaluate::evaluate(&self.program, input, surroundings, outside, budget)
            .map_err(|failure| failure.into_error())
    }
}

/// One compiled expression serves all threads.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Expression>();
};
