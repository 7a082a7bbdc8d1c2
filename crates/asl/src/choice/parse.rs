//! From a rule of `Choices` to a [`Condition`]. It does not stop at the first mistake.

use json::{Object, Text, Value};

use super::pattern::Pattern;
use super::{Comparison, Condition, Kind, Operand, Operator, Test};
use crate::path::{Path, not_a_reference_path};
use crate::timestamp;

/// What is wrong with a rule. (spec/validation.md §5)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The place from the rule on: empty for the rule itself, else such as `/And[0]/StringEquals`.
    pub location: String,
    /// AWS's text where it is known.
    pub message: String,
}

/// How deep `And`, `Or` and `Not` may stand inside each other; compiling and asking recurse.
const DEPTH_MAX: usize = 128;

/// The fields of a rule that the state reads, not the condition. `Output` and `Condition` are JSONata's:
/// whoever checks the query language complains of them.
const FIELDS_OF_RULE: [&str; 5] = ["Next", "Assign", "Comment", "Output", "Condition"];

const FIELDS_OF_NESTED: [&str; 1] = ["Comment"];

impl Condition {
    /// Compiles a rule of `Choices`, or tells everything that is wrong with its condition: unknown
    /// fields, no or several operators, values of the wrong type, paths, patterns and timestamps that
    /// are none. `Next` and `Assign` are the caller's business.
    pub fn parse(rule: &Object) -> Result<Condition, Vec<RuleError>> {
        let mut errors = Vec::new();
        let condition = condition(rule, "", 0, &mut errors);
        match condition {
            Some(condition) if errors.is_empty() => Ok(condition),
            _ => Err(errors),
        }
    }
}

/// `None` only after something was added to `errors`.
fn condition(rule: &Object, location: &str, depth: usize, errors: &mut Vec<RuleError>) -> Option<Condition> {
    if depth > DEPTH_MAX {
        report(errors, location, format!("Conditions nest more than {DEPTH_MAX} levels deep"));
        return None;
    }
    let others: &[&str] = if depth == 0 { &FIELDS_OF_RULE } else { &FIELDS_OF_NESTED };
    let mut operators: Vec<(&Text, &Value)> = Vec::new();
    for (field, value) in rule.iter() {
        if is_operator(field) {
            operators.push((field, value));
        } else if field != "Variable" && !others.contains(&field.as_str()) {
            report(errors, location, format!("Field '{field}' is not supported"));
        }
    }
    match operators[..] {
        [] if rule.contains_key("Variable") => {
            report(errors, location, "A rule with 'Variable' needs one comparison operator");
            None
        }
        [] => {
            report(errors, location, "A rule needs one of these fields: [And, Or, Not, Variable]");
            None
        }
        [(field, value)] => one_operator(rule, field, value, location, depth, errors),
        _ => {
            let names: Vec<&str> = operators.iter().map(|(field, _)| field.as_str()).collect();
            let names = names.join(", ");
            report(errors, location, format!("There should only be one of the following fields: [{names}]"));
            None
        }
    }
}

fn one_operator(
    rule: &Object,
    field: &str,
    value: &Value,
    location: &str,
    depth: usize,
    errors: &mut Vec<RuleError>,
) -> Option<Condition> {
    let place = format!("{location}/{field}");
    if matches!(field, "And" | "Or" | "Not") && rule.contains_key("Variable") {
        report(errors, location, "Field 'Variable' is not supported");
    }
    match field {
        "And" => conditions(value, &place, depth, errors).map(Condition::And),
        "Or" => conditions(value, &place, depth, errors).map(Condition::Or),
        "Not" => match value {
            Value::Object(rule) => condition(rule, &place, depth + 1, errors)
                .map(|condition| Condition::Not(Box::new(condition))),
            _ => {
                report(errors, &place, "Expected value of type Object");
                None
            }
        },
        _ => {
            let operator = operator(field, value, &place, errors);
            let variable = match rule.get("Variable") {
                Some(variable) => path(variable, &format!("{location}/Variable"), errors),
                None => {
                    report(errors, location, "These fields are required: [Variable]");
                    None
                }
            };
            Some(Condition::Test(Test { variable: variable?, operator: operator? }))
        }
    }
}

fn conditions(
    value: &Value,
    place: &str,
    depth: usize,
    errors: &mut Vec<RuleError>,
) -> Option<Vec<Condition>> {
    let Value::Array(rules) = value else {
        report(errors, place, "Expected value of type Array");
        return None;
    };
    if rules.is_empty() {
        report(errors, place, "Value cannot be empty");
        return None;
    }
    let mut compiled = Vec::with_capacity(rules.len());
    for (number, rule) in rules.iter().enumerate() {
        let place = format!("{place}[{number}]");
        match rule {
            Value::Object(rule) => compiled.extend(condition(rule, &place, depth + 1, errors)),
            _ => report(errors, &place, "Expected value of type Object"),
        }
    }
    Some(compiled)
}

/// Whether this field of a rule asks something: a comparison, or `And`, `Or`, `Not`.
pub(crate) fn is_operator(field: &str) -> bool {
    matches!(field, "And" | "Or" | "Not" | "StringMatches" | "IsPresent")
        || kind(field).is_some()
        || comparison(field).is_some()
}

fn kind(field: &str) -> Option<Kind> {
    Some(match field {
        "IsNull" => Kind::Null,
        "IsNumeric" => Kind::Numeric,
        "IsString" => Kind::String,
        "IsBoolean" => Kind::Boolean,
        "IsTimestamp" => Kind::Timestamp,
        _ => return None,
    })
}

/// The type of a comparison, the comparison, and whether it is the `…Path` form.
fn comparison(field: &str) -> Option<(&str, Comparison, bool)> {
    let (name, by_path) = field.strip_suffix("Path").map_or((field, false), |name| (name, true));
    let (kind, comparison) = ["String", "Numeric", "Boolean", "Timestamp"]
        .iter()
        .find_map(|kind| Some((*kind, name.strip_prefix(kind)?)))?;
    let comparison = match comparison {
        "Equals" => Comparison::Equals,
        "LessThan" if kind != "Boolean" => Comparison::LessThan,
        "LessThanEquals" if kind != "Boolean" => Comparison::LessThanEquals,
        "GreaterThan" if kind != "Boolean" => Comparison::GreaterThan,
        "GreaterThanEquals" if kind != "Boolean" => Comparison::GreaterThanEquals,
        _ => return None,
    };
    Some((kind, comparison, by_path))
}

fn operator(field: &str, value: &Value, place: &str, errors: &mut Vec<RuleError>) -> Option<Operator> {
    let mut wrong = |message: &str| {
        report(errors, place, message);
        None
    };
    if let Some(kind) = kind(field) {
        return match value.as_bool() {
            Some(expected) => Some(Operator::Is(kind, expected)),
            None => wrong("Expected value of type Boolean"),
        };
    }
    if field == "IsPresent" {
        return match value.as_bool() {
            Some(expected) => Some(Operator::IsPresent(expected)),
            None => wrong("Expected value of type Boolean"),
        };
    }
    if field == "StringMatches" {
        return match value.as_str() {
            Some(pattern) => Some(Operator::StringMatches(Pattern::parse(pattern))),
            None => wrong("Expected value of type String"),
        };
    }
    let (kind, comparison, by_path) = comparison(field)?;
    if by_path {
        let path = path(value, place, errors)?;
        return Some(match kind {
            "String" => Operator::String(comparison, Operand::Path(path)),
            "Numeric" => Operator::Numeric(comparison, Operand::Path(path)),
            "Boolean" => Operator::Boolean(Operand::Path(path)),
            _ => Operator::Timestamp(comparison, Operand::Path(path)),
        });
    }
    match (kind, value) {
        ("String", Value::String(text)) => Some(Operator::String(comparison, Operand::Literal(text.clone()))),
        ("String", _) => wrong("Expected value of type String"),
        ("Numeric", number) if number.is_number() => {
            Some(Operator::Numeric(comparison, Operand::Literal(number.clone())))
        }
        ("Numeric", _) => wrong("Expected value of type Number"),
        ("Boolean", Value::Bool(truth)) => Some(Operator::Boolean(Operand::Literal(*truth))),
        ("Boolean", _) => wrong("Expected value of type Boolean"),
        (_, Value::String(text)) => match timestamp::parse(text) {
            Some(instant) => Some(Operator::Timestamp(comparison, Operand::Literal(instant))),
            None => wrong("String does not match RFC3339 timestamp"),
        },
        _ => wrong("Expected value of type String"),
    }
}

fn path(value: &Value, place: &str, errors: &mut Vec<RuleError>) -> Option<Path> {
    let Some(text) = value.as_str() else {
        report(errors, place, "Expected value of type String");
        return None;
    };
    let path = Path::parse_reference(text).ok();
    if path.is_none() {
        report(errors, place, not_a_reference_path(text));
    }
    path
}

fn report(errors: &mut Vec<RuleError>, location: &str, message: impl Into<String>) {
    errors.push(RuleError { location: location.into(), message: message.into() });
}
