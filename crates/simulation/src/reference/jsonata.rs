//! The fields of JSONata states: where expressions stand in them, what these see, and AWS's words where
//! they give nothing that the field can use.
//!
//! The language itself is the crate `jsonata`, whose own oracle is the suite of the reference
//! implementation. Never here: `asl`, whose sentences and places are worked out again.

use std::cell::OnceCell;

use json::{Object, Value};
use jsonata::{Budget, EvaluationError, Outside, Problem, StatesMember, Surroundings};

use super::Failure;
use super::data::{ANY_NUMBER, ANY_UUID, Assigned, Trouble, View};
use super::machine::{inside, object, text};

/// The length of a cause in characters.
const CAUSE_MAX: usize = 32_768;

/// What `$states` has beside input and context.
#[derive(Clone, Copy)]
pub enum After<'a> {
    Nothing,
    Work(&'a Value),
    Fault(&'a Value),
}

/// What expressions see.
pub struct Seen<'a> {
    input: &'a Value,
    after: After<'a>,
    view: &'a View<'a>,
    context: OnceCell<Value>,
}

impl<'a> Seen<'a> {
    /// Before the work, and always where there is none.
    pub fn before(input: &'a Value, view: &'a View<'a>) -> Seen<'a> {
        Seen::new(input, After::Nothing, view)
    }

    /// When the work is done: only states that call or run something have a result.
    pub fn after(input: &'a Value, result: &'a Value, view: &'a View<'a>) -> Seen<'a> {
        let after = match text(view.state, "Type") {
            Some("Task" | "Parallel" | "Map") => After::Work(result),
            _ => After::Nothing,
        };
        Seen::new(input, after, view)
    }

    pub fn new(input: &'a Value, after: After<'a>, view: &'a View<'a>) -> Seen<'a> {
        Seen { input, after, view, context: OnceCell::new() }
    }

    /// A value that may be, or hold, expressions. `field`: where it stands in the state.
    pub fn value(&self, written: &Value, field: &str) -> Result<Value, Trouble> {
        Ok(match written {
            Value::Object(members) => {
                let mut made = Object::with_capacity(members.len());
                for (name, member) in members {
                    made.insert(name.clone(), self.value(member, &format!("{field}/{name}"))?);
                }
                Value::Object(made)
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                let made = items.map(|(place, item)| self.value(item, &format!("{field}[{place}]")));
                Value::from(made.collect::<Result<Vec<Value>, Trouble>>()?)
            }
            literal => match inside(literal) {
                Some(expression) => self.evaluate(expression, field)?,
                None => literal.clone(),
            },
        })
    }

    /// A field that is missing, a literal, or an expression that must give a value of this kind.
    pub fn of_kind(&self, holder: &Object, field: &str, kind: &str) -> Result<Option<Value>, Trouble> {
        self.of_kinds(holder, field, &[kind])
    }

    /// The same of several kinds; the first is the one that is expected.
    pub fn of_kinds(&self, holder: &Object, field: &str, kinds: &[&str]) -> Result<Option<Value>, Trouble> {
        let Some(written) = holder.get(field) else { return Ok(None) };
        let Some(expression) = inside(written) else { return Ok(Some(written.clone())) };
        let value = self.evaluate(expression, field)?;
        self.expect(value, expression, field, kinds).map(Some)
    }

    /// The same of the expression alone, which stands in `field`.
    pub fn kind(&self, expression: &str, field: &str, kind: &str) -> Result<Value, Trouble> {
        let value = self.evaluate(expression, field)?;
        self.expect(value, expression, field, &[kind])
    }

    fn expect(&self, value: Value, expression: &str, field: &str, kinds: &[&str]) -> Result<Value, Trouble> {
        if kinds.contains(&kind_of(&value)) {
            return Ok(value);
        }
        let words = format!(
            "returned an unexpected result type. Expected '{}', but was '{}' for value: {}",
            kinds[0],
            kind_of(&value),
            value.to_text()
        );
        Err(self.sentence(expression, field, &words))
    }

    /// A field that is missing, or a whole number of at least this.
    pub fn whole(&self, holder: &Object, field: &str, least: i64) -> Result<Option<i64>, Trouble> {
        self.whole_in(holder, field, field, least)
    }

    /// The same of a field that stands at `at` in the state.
    pub fn whole_in(
        &self,
        holder: &Object,
        field: &str,
        at: &str,
        least: i64,
    ) -> Result<Option<i64>, Trouble> {
        let Some(written) = holder.get(field) else { return Ok(None) };
        let number = match inside(written) {
            Some(expression) => self.kind(expression, at, "number")?,
            None => written.clone(),
        };
        let whole = number.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64);
        match whole.filter(|&whole| whole >= least) {
            Some(whole) => Ok(Some(whole)),
            None => Err(self.unusable(Some(at))),
        }
    }

    /// ToleratedFailureCount and ToleratedFailurePercentage.
    pub fn tolerance(&self, state: &Object) -> Result<(Option<i64>, Option<f64>), Trouble> {
        let count = self.whole(state, "ToleratedFailureCount", 0)?;
        let percentage = self.of_kind(state, "ToleratedFailurePercentage", "number")?;
        let percentage = percentage.and_then(|percentage| percentage.as_f64());
        if percentage.is_some_and(|percentage| !(0.0..=100.0).contains(&percentage)) {
            return Err(self.unusable(Some("ToleratedFailurePercentage")));
        }
        Ok((count, percentage))
    }

    /// The values of an Assign, in its order.
    pub fn assigned(&self, holder: &Object, at: &str) -> Result<Assigned, Trouble> {
        let Some(assign) = holder.get("Assign") else { return Ok(Vec::new()) };
        let made = self.view.within_limit(self.value(assign, &format!("{at}Assign"))?)?;
        Ok(object(&made).iter().map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// What a holder's Output gives; the default where it has none.
    pub fn output(&self, holder: &Object, at: &str, default: &Value) -> Result<Value, Trouble> {
        let output = match holder.get("Output") {
            Some(output) => self.value(output, &format!("{at}Output"))?,
            None => default.clone(),
        };
        self.view.within_limit(output)
    }

    /// A value that the field, or the state itself, cannot use. These sentences are not the language's.
    pub fn unusable(&self, field: Option<&str>) -> Trouble {
        self.trouble(field, self.view.cause("…"))
    }

    fn evaluate(&self, expression: &str, field: &str) -> Result<Value, Trouble> {
        match expression {
            "$uuid()" => return Ok(ANY_UUID.into()),
            "$random()" => return Ok(ANY_NUMBER.into()),
            _ => {}
        }
        let compiled = self.view.machine.expression(expression);
        match compiled.evaluate(None, self, Outside::default(), &mut Budget::default()) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(self.sentence(expression, field, "returned nothing (undefined).")),
            Err(error) => Err(self.sentence(expression, field, &words(&error))),
        }
    }

    fn sentence(&self, expression: &str, field: &str, words: &str) -> Trouble {
        let cause =
            format!(" The JSONata expression '{expression}' specified for the field '{field}' {words}");
        self.trouble(Some(field), self.view.cause(&cause).chars().take(CAUSE_MAX).collect())
    }

    fn trouble(&self, field: Option<&str>, cause: String) -> Trouble {
        let failure = Failure { error: Some("States.QueryEvaluationError".into()), cause: Some(cause) };
        Trouble::Evaluation { failure, field: field.map(str::to_owned) }
    }
}

impl Surroundings for Seen<'_> {
    fn states(&self, member: StatesMember) -> Option<&Value> {
        match (member, self.after) {
            (StatesMember::Input, _) => Some(self.input),
            (StatesMember::Context, _) => Some(self.context.get_or_init(|| self.view.context())),
            (StatesMember::Result, After::Work(result)) => Some(result),
            (StatesMember::ErrorOutput, After::Fault(error_output)) => Some(error_output),
            (StatesMember::Result | StatesMember::ErrorOutput, _) => None,
        }
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        self.view.scope.variable(name)
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        _ => "number",
    }
}

fn words(error: &EvaluationError) -> String {
    let EvaluationError { code, message, problem } = error;
    match problem {
        Problem::UnsupportedResult => "returned an unsupported result type.".to_owned(),
        Problem::Internal => "threw an internal error during evaluation.".to_owned(),
        Problem::Thrown | Problem::Exceeded if code.is_empty() => {
            format!("threw an error during evaluation: {message}")
        }
        Problem::Thrown | Problem::Exceeded => {
            format!("threw an error during evaluation. {code}: {message}")
        }
    }
}
