//! Payload templates: JSON in which some members are computed.

use json::{Text, Value};

use crate::environment::Environment;
use crate::failure::Failure;
use crate::intrinsic::Call;
use crate::path::Path;

/// One computed value. The one place where the query languages meet: JSONata joins here.
#[derive(Debug)]
pub enum Expression {
    /// `$…`, `$$…` or `$variable…`
    Path(Path),
    /// `States.Name(…)`
    Intrinsic(Call),
}

/// A compiled payload template.
#[derive(Debug)]
pub enum Template {
    /// Nothing inside is computed.
    Literal(Value),
    /// An object, some of whose members are computed.
    Object(Vec<(Text, Template)>),
    /// An array with computed members inside.
    Array(Vec<Template>),
    /// The value of a member whose key ended in `.$`.
    Expression {
        /// The key as written, with `.$`: AWS names it in errors.
        field: Text,
        /// What to compute.
        expression: Expression,
    },
}

impl Expression {
    /// Compiles `$…`, `$$…`, `$variable…` or `States.…(…)`.
    pub fn parse(text: &str) -> Result<Expression, crate::path::SyntaxError> {
        Path::parse(text).map(Expression::Path)
    }

    /// Evaluates; `field` is the field's name for AWS's error text
    /// (`The JSONPath '…' specified for the field '<field>' could not be found in the input '…'`).
    pub fn evaluate(&self, field: &str, environment: &Environment<'_>) -> Result<Value, Failure> {
        todo!("{field} {:?}", environment.input)
    }
}

impl Template {
    /// Evaluates the whole template.
    pub fn evaluate(&self, environment: &Environment<'_>) -> Result<Value, Failure> {
        todo!("{:?}", environment.input)
    }
}
