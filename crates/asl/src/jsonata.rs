//! A JSONata expression of a state, with the field it stands in: it gives a value, or fails in AWS's
//! words. (spec/asl.md §13)
//!
//! Never here: the language itself, which is the crate `jsonata`; which expressions a definition may
//! have, which is `definition/jsonata.rs`.

use json::{Kind, Text, Value};
use jsonata::{EvaluationError, Expression, Outside, Problem, StatesMember, SyntaxError};

use crate::environment::{Environment, Outcome};
use crate::failure::{Failure, FieldFailure};

/// A compiled expression and where it stands.
#[derive(Debug)]
pub struct Jsonata {
    field: Text,
    // Boxed: it stands among fields that are literals for the most part.
    expression: Box<Expression>,
}

/// No cause shows more of a value than a failure may have characters.
const SHOWN_BYTES_MAX: usize = 32_768 * 4;

impl Jsonata {
    /// Compiles a text (without `{%` and `%}`) that stands in `field`: a path from the state down,
    /// such as `Choices[1]/Output/a`.
    pub fn compile(text: &str, field: impl Into<Text>) -> Result<Jsonata, SyntaxError> {
        Ok(Jsonata { field: field.into(), expression: Expression::compile(text)?.into() })
    }

    /// What the expression names of the world.
    pub fn references(&self) -> &jsonata::References {
        self.expression.references()
    }

    /// Its value. Nothing, JSONata's undefined, is a failure.
    pub fn evaluate(&self, environment: &Environment<'_>) -> Result<Value, FieldFailure> {
        let surroundings = environment.surroundings;
        let outside = Outside { now: surroundings.now().0, seed: surroundings.random() };
        let mut budget = surroundings.budget().get();
        let result = self.expression.evaluate(None, &States(environment), outside, &mut budget);
        surroundings.budget().set(budget);
        match result {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(self.failure("returned nothing (undefined).")),
            Err(error) => Err(self.failure(&words(&error))),
        }
    }

    /// The same where only values of one kind make sense.
    pub fn evaluate_to(&self, kind: Kind, environment: &Environment<'_>) -> Result<Value, FieldFailure> {
        self.evaluate_to_any(&[kind], environment)
    }

    /// The same of several kinds; the first is the one that a failure asks for.
    pub fn evaluate_to_any(
        &self,
        kinds: &[Kind],
        environment: &Environment<'_>,
    ) -> Result<Value, FieldFailure> {
        let value = self.evaluate(environment)?;
        if kinds.contains(&value.kind()) {
            return Ok(value);
        }
        let shown = value.to_text_up_to(SHOWN_BYTES_MAX).unwrap_or_else(|| "…".to_owned());
        Err(self.failure(&format!(
            "returned an unexpected result type. Expected '{}', but was '{}' for value: {shown}",
            kinds[0].name(),
            value.kind().name()
        )))
    }

    /// The failure of a value that the field cannot use, in words that stand for themselves.
    pub fn refuse(&self, words: impl Into<String>) -> FieldFailure {
        FieldFailure { failure: Failure::query_evaluation(words), location: Some(self.field.clone()) }
    }

    /// The names of the variables that it reads, in order of appearance, each once.
    pub fn variables(&self) -> impl Iterator<Item = &Text> {
        self.references().variables.iter().filter(|name| *name != "states")
    }

    fn failure(&self, what: &str) -> FieldFailure {
        let text = self.expression.text();
        self.refuse(format!(
            "The JSONata expression '{text}' specified for the field '{}' {what}",
            self.field
        ))
    }
}

/// The expression between `{%` and `%}`; `None` where either is missing.
pub fn between_delimiters(text: &str) -> Option<&str> {
    text.strip_prefix("{%")?.strip_suffix("%}").map(str::trim)
}

/// Whether a text of a JSONata state is an expression, or half of one, which AWS refuses.
pub fn has_delimiter(text: &str) -> bool {
    text.starts_with("{%") || text.ends_with("%}")
}

/// AWS's sentence for an evaluation that failed.
fn words(error: &EvaluationError) -> String {
    match error.problem {
        Problem::Thrown | Problem::Exceeded if error.code.is_empty() => {
            format!("threw an error during evaluation: {}", error.message)
        }
        Problem::Thrown | Problem::Exceeded => format!("threw an error during evaluation. {error}"),
        Problem::Internal => "threw an internal error during evaluation.".to_owned(),
        Problem::UnsupportedResult => "returned an unsupported result type.".to_owned(),
    }
}

/// `$states` and variables.
struct States<'a>(&'a Environment<'a>);

impl jsonata::Surroundings for States<'_> {
    fn states(&self, member: StatesMember) -> Option<&Value> {
        match (member, self.0.outcome) {
            (StatesMember::Input, _) => Some(self.0.input),
            (StatesMember::Context, _) => Some(self.0.surroundings.context()),
            (StatesMember::Result, Outcome::Result(value)) => Some(value),
            (StatesMember::ErrorOutput, Outcome::Error(value)) => Some(value),
            (StatesMember::Result, Outcome::None | Outcome::Error(_))
            | (StatesMember::ErrorOutput, Outcome::None | Outcome::Result(_)) => None,
        }
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        self.0.surroundings.variable(name)
    }
}
