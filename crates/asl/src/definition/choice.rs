//! Choice: goes where the first rule that holds says. (spec/asl.md §9)

use json::Value;

use super::container::Surrounding;
use super::fields::{Fields, expected, not_a_reference_path};
use super::reader::Reader;
use super::schema::{self, Operand};
use super::warnings;
use crate::choice::Condition;
use crate::machine::{ChoiceRule, Kind};
use crate::path::Path;
use crate::timestamp;

/// How deep `And`, `Or` and `Not` may nest; checking, compiling and evaluating recurse.
const NESTING_MAX: usize = 64;

/// What a rule at the top of `Choices` has beside its condition.
const RULE_FIELDS: &[&str] = &["Next", "Assign", "Output"];

impl<'d> Reader<'d> {
    pub(super) fn choice(
        &mut self,
        fields: &Fields<'d, '_>,
        surrounding: &mut Surrounding<'d>,
    ) -> Option<Kind> {
        let at = fields.at.field("Choices");
        let items = fields.items("Choices", &mut self.findings);
        let mut rules = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match Fields::of(item, at.index(index), fields.language, &mut self.findings) {
                Some(rule) => rules.extend(self.rule(&rule, surrounding)),
                None => surrounding.graph.is_unclear(),
            }
        }
        if items.is_empty() {
            surrounding.graph.is_unclear();
        }
        let default = fields
            .string("Default", &mut self.findings)
            .and_then(|name| surrounding.graph.target(name, &fields.at.field("Default")));
        (rules.len() == items.len()).then_some(Kind::Choice { rules, default })
    }

    fn rule(&mut self, fields: &Fields<'d, '_>, surrounding: &mut Surrounding<'d>) -> Option<ChoiceRule> {
        fields.check_required(&["Next"], &mut self.findings);
        let sound = self.condition(fields, 0);
        let assign = self.assign(fields);
        let next = self.required_next(fields, surrounding);
        if !sound || !fields.reads_jsonpath() {
            return None;
        }
        match Condition::parse(fields.object) {
            Ok(condition) => Some(ChoiceRule { condition, next: next?, assign, output: None }),
            Err(error) => {
                self.findings.schema(&fields.at, error.message);
                None
            }
        }
    }

    /// Whether this is a condition: of a rule at the top, or inside another.
    fn condition(&mut self, fields: &Fields<'d, '_>, nesting: usize) -> bool {
        if nesting > NESTING_MAX {
            let message = format!("Choice rules nest more than {NESTING_MAX} levels deep");
            self.findings.error("TOO_DEEPLY_NESTED", &fields.at, message);
            return false;
        }
        let mut sound = self.rule_fields(fields, nesting == 0);
        if !fields.reads_jsonpath() {
            return self.jsonata_condition(fields) && sound;
        }
        let connectives: Vec<&str> = ["And", "Or", "Not"].into_iter().filter(|name| fields.has(name)).collect();
        let operators: Vec<&str> =
            fields.object.keys().map(|key| key.as_str()).filter(|key| schema::is_operator(key)).collect();
        match (&connectives[..], &operators[..]) {
            ([connective], []) if !fields.has("Variable") => sound &= self.connective(fields, connective, nesting),
            ([], [operator]) => sound &= self.comparison(fields, operator),
            ([], []) => {
                fields.check_required(&["Variable"], &mut self.findings);
                if fields.has("Variable") {
                    self.findings.schema(&fields.at, "A comparison operator is required");
                }
                sound = false;
            }
            ([], operators) => {
                fields.check_required(&["Variable"], &mut self.findings);
                fields.check_one_of(operators, &mut self.findings);
                sound = false;
            }
            (connectives, operators) => {
                let variable = fields.has("Variable").then_some("Variable");
                let all: Vec<&str> =
                    connectives.iter().copied().chain(variable).chain(operators.iter().copied()).collect();
                fields.check_one_of(&all, &mut self.findings);
                sound = false;
            }
        }
        sound
    }

    /// Which fields there are. A nested rule leads nowhere.
    fn rule_fields(&mut self, fields: &Fields<'d, '_>, top: bool) -> bool {
        let mut sound = true;
        fields.string("Comment", &mut self.findings);
        for name in fields.object.keys() {
            let of_a_condition = matches!(name.as_str(), "Comment" | "Variable" | "And" | "Or" | "Not" | "Condition");
            let known = of_a_condition || schema::is_operator(name) || (top && RULE_FIELDS.contains(&name.as_str()));
            if known {
                fields.check_language(name, &mut self.findings);
            } else {
                self.findings.schema(&fields.at, format!("Field '{name}' is not supported"));
                sound = false;
            }
        }
        sound
    }

    fn jsonata_condition(&mut self, fields: &Fields<'d, '_>) -> bool {
        fields.check_required(&["Condition"], &mut self.findings);
        let sound = fields.value("Condition").is_some_and(|value| value.is_boolean() || fields.is_expression(value));
        if !sound && fields.has("Condition") {
            self.findings.schema(&fields.at.field("Condition"), expected("Boolean"));
        }
        sound
    }

    fn connective(&mut self, fields: &Fields<'d, '_>, connective: &str, nesting: usize) -> bool {
        let at = fields.at.field(connective);
        if connective == "Not" {
            let inner = fields.value(connective);
            let inner =
                inner.and_then(|inner| Fields::of(inner, at, fields.language, &mut self.findings));
            return inner.is_some_and(|inner| self.condition(&inner, nesting + 1));
        }
        let items = fields.items(connective, &mut self.findings);
        let mut sound = !items.is_empty();
        for (index, item) in items.iter().enumerate() {
            let inner = Fields::of(item, at.index(index), fields.language, &mut self.findings);
            sound &= inner.is_some_and(|inner| self.condition(&inner, nesting + 1));
        }
        sound
    }

    fn comparison(&mut self, fields: &Fields<'d, '_>, operator: &str) -> bool {
        fields.check_required(&["Variable"], &mut self.findings);
        let variable = fields.value("Variable").is_some_and(|variable| {
            let problem = reference_problem(variable);
            if let Some(problem) = &problem {
                self.findings.schema(&fields.at.field("Variable"), problem);
            }
            problem.is_none()
        });
        let value = fields.value(operator);
        let problem = value.zip(schema::operand(operator)).and_then(|(value, kind)| operand_problem(kind, value));
        if let Some(problem) = &problem {
            self.findings.schema(&fields.at.field(operator), problem);
        }
        warnings::no_path(fields, operator.strip_suffix("Path").map_or(operator, |_| ""), &mut self.findings);
        variable && problem.is_none()
    }
}

fn operand_problem(kind: Operand, value: &Value) -> Option<String> {
    match kind {
        Operand::String => (!value.is_string()).then(|| expected("String")),
        Operand::Number => (!value.is_number()).then(|| expected("Number")),
        Operand::Boolean => (!value.is_boolean()).then(|| expected("Boolean")),
        Operand::Timestamp => {
            let sound = value.as_str().is_some_and(|text| timestamp::parse(text).is_some());
            (!sound).then(|| "String does not match RFC3339 timestamp".into())
        }
        Operand::Path => reference_problem(value),
    }
}

/// `Variable` and the `…Path` operands may start at the Context Object or a variable.
fn reference_problem(value: &Value) -> Option<String> {
    let text = value.as_str().unwrap_or_default();
    match Path::parse(text) {
        Ok(path) if path.is_reference_path() => None,
        _ => Some(not_a_reference_path(text)),
    }
}
