//! Expressions in JSONata: compiled where they stand, and what AWS refuses of them.
//! (spec/asl.md §5, spec/validation.md §6)

use jsonata::{References, StatesMember};

use super::fields::{Fields, expected};
use super::findings::Findings;
use super::location::Location;
use crate::jsonata::{Jsonata, between_delimiters};
use crate::machine::QueryLanguage;
use crate::template::{DEPTH_MAX, Template};

/// It is no expression, or none of the version that AWS has.
const INVALID: &str = "INVALID_JSONATA_EXPRESSION";
/// It is one that a state machine cannot have.
const UNSUPPORTED: &str = "UNSUPPORTED_JSONATA_EXPRESSION";

/// When a field is evaluated. `$states` has other members before and after the state's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// Before the work, and always in states that have none.
    Entry,
    /// After the work of a Task, Parallel or Map state.
    Exit,
    /// In a Catcher.
    Caught,
}

impl Moment {
    fn has(self, member: StatesMember) -> bool {
        match member {
            StatesMember::Input | StatesMember::Context => true,
            StatesMember::Result => self == Moment::Exit,
            StatesMember::ErrorOutput => self == Moment::Caught,
        }
    }
}

impl<'d> Fields<'d, '_> {
    /// The field as a value that may be, or hold, expressions. JSONata only: where JSONPath holds, such a
    /// field is a finding already, or has another meaning.
    pub(super) fn computed(&self, name: &str, moment: Moment, findings: &mut Findings) -> Option<Template> {
        let value = self.value(name).filter(|_| self.language == QueryLanguage::Jsonata)?;
        let at = self.at.field(name);
        if value.depth_exceeds(DEPTH_MAX) {
            findings.schema(&at, format!("The template nests more than {DEPTH_MAX} levels deep"));
            return None;
        }
        Some(Template::of_jsonata(value, &at.within_state(), &mut |text, field| {
            compile(text, field, &at, moment, findings)
        }))
    }

    /// The same of a field whose members are known by name: it is an object.
    pub(super) fn computed_object(
        &self,
        name: &str,
        moment: Moment,
        findings: &mut Findings,
    ) -> Option<Template> {
        if self.language == QueryLanguage::Jsonata && self.value(name).is_some_and(|value| !value.is_object())
        {
            findings.schema(&self.at.field(name), expected("Object"));
            return None;
        }
        self.computed(name, moment, findings)
    }

    /// The field as one expression; `None` where it is none ([`Fields::is_expression`]).
    pub(super) fn expression(&self, name: &str, moment: Moment, findings: &mut Findings) -> Option<Jsonata> {
        let value = self.value(name).filter(|value| self.is_expression(value))?;
        let at = self.at.field(name);
        compile(value.as_str()?, &at.within_state(), &at, moment, findings)
    }

    /// `template` in JSONPath, [`Fields::computed_object`] in JSONata: of fields that both have.
    pub(super) fn template_in_either(
        &self,
        name: &str,
        moment: Moment,
        findings: &mut Findings,
    ) -> Option<Template> {
        match self.language {
            QueryLanguage::JsonPath => self.template(name, findings),
            QueryLanguage::Jsonata => self.computed_object(name, moment, findings),
        }
    }
}

/// Compiles a text with its delimiters. It stands in `field`, which lies at or below the field at `at`.
fn compile(
    text: &str,
    field: &str,
    at: &Location<'_>,
    moment: Moment,
    findings: &mut Findings,
) -> Option<Jsonata> {
    let location = || {
        let below = field.strip_prefix(&at.within_state()).unwrap_or_default();
        format!("{at}{below}")
    };
    let Some(text) = between_delimiters(text) else {
        let message = "A JSONata expression must start with '{%' and end with '%}'";
        findings.expression(INVALID, location(), message);
        return None;
    };
    let expression = match Jsonata::compile(text, field) {
        Ok(expression) => expression,
        Err(error) => {
            findings.expression(INVALID, location(), error.message);
            return None;
        }
    };
    let problems = problems(expression.references(), moment);
    if problems.is_empty() {
        return Some(expression);
    }
    for (code, message) in problems {
        findings.expression(code, location(), message);
    }
    None
}

/// Why a state machine cannot have an expression that names these things at this moment.
fn problems(references: &References, moment: Moment) -> Vec<(&'static str, String)> {
    // The parser of JSONata 2.0.6 meets the second half of such an operator and expects a value.
    if let Some(operator) = references.newer_operator {
        let symbol = &operator[1..];
        let message = format!("The symbol \"{symbol}\" cannot be used as a unary operator");
        return vec![(INVALID, message)];
    }
    let top_level = |name: &str| format!("Reference to '{name}' at the top level is not supported.");
    let mut messages: Vec<String> =
        references.top_level_names.iter().map(|name| top_level(name.as_str())).collect();
    if references.input {
        messages.push(top_level("$"));
    }
    if references.root {
        messages.push(top_level("$$"));
    }
    let mut known = Vec::new();
    for member in references.states.iter().filter_map(|names| names.first()) {
        let exists = StatesMember::of(member).is_some_and(|member| moment.has(member));
        if !exists && !known.contains(&member) {
            known.push(member);
            messages.push(format!("Field '$states.{member}' does not exist."));
        }
    }
    messages.into_iter().map(|message| (UNSUPPORTED, message)).collect()
}
