//! What AWS accepts and warns of: a path that nothing will evaluate.
//!
//! The texts are those of AWS's list of warning codes. (ValidateStateMachineDefinitionDiagnostic)

use json::Value;

use super::fields::Fields;
use super::findings::Findings;
use super::location::Location;
use crate::choice;

/// How deep a template or a `Result` is searched. Deeper ones are refused as templates.
const DEPTH_MAX: usize = 256;

/// `NO_DOLLAR`: a member of a template whose text looks computed and whose key lacks `.$`.
pub(super) fn no_dollar(template: &Value, at: &Location<'_>, findings: &mut Findings) {
    if any_member(template, 0, &|key, text| !key.ends_with(".$") && looks_computed(text)) {
        findings.warning(
            "NO_DOLLAR",
            at,
            "No .$ on a field that appears to be a JSONPath or Intrinsic Function.",
        );
    }
}

/// `NO_PATH`: a literal field whose text looks like a path.
pub(super) fn no_path(fields: &Fields<'_, '_>, name: &str, findings: &mut Findings) {
    let text = fields.value(name).and_then(Value::as_str);
    if fields.reads_jsonpath() && text.is_some_and(looks_like_a_path) {
        findings.warning(
            "NO_PATH",
            &fields.at.field(name),
            "Field value looks like a path, but field name does not end with 'Path'.",
        );
    }
}

/// `NO_PATH` of the literal operands of a Choice rule, and of the rules that it is made of.
pub(super) fn no_path_in_condition(rule: &Fields<'_, '_>, findings: &mut Findings) {
    no_path_in_rule(rule, 0, findings);
}

fn no_path_in_rule(rule: &Fields<'_, '_>, depth: usize, findings: &mut Findings) {
    if depth > DEPTH_MAX {
        return;
    }
    for (name, operand) in rule.object {
        let at = rule.at.field(name);
        match operand {
            Value::Object(inner) if name == "Not" => {
                no_path_in_rule(&Fields { object: inner, at, ..*rule }, depth + 1, findings);
            }
            Value::Array(rules) if name == "And" || name == "Or" => {
                for (index, inner) in rules.iter().enumerate() {
                    let Some(object) = inner.as_object() else { continue };
                    let at = at.index(index);
                    no_path_in_rule(&Fields { object, at, ..*rule }, depth + 1, findings);
                }
            }
            _ if choice::is_operator(name) && !name.ends_with("Path") => no_path(rule, name, findings),
            _ => {}
        }
    }
}

/// `PASS_RESULT_IS_STATIC`: a path or call inside the `Result` of a Pass state.
pub(super) fn result_is_static(fields: &Fields<'_, '_>, findings: &mut Findings) {
    let Some(result) = fields.value("Result") else { return };
    let itself = result.as_str().is_some_and(looks_computed);
    if fields.reads_jsonpath() && (itself || any_member(result, 0, &|_, text| looks_computed(text))) {
        findings.warning(
            "PASS_RESULT_IS_STATIC",
            &fields.at.field("Result"),
            "Attempt to use a path in the result of a pass state.",
        );
    }
}

/// Whether any string that is a member of an object, at any depth, is as wanted.
fn any_member(value: &Value, depth: usize, wanted: &dyn Fn(&str, &str) -> bool) -> bool {
    if depth > DEPTH_MAX {
        return false;
    }
    match value {
        Value::Object(members) => members.iter().any(|(key, member)| match member.as_str() {
            Some(text) => wanted(key, text),
            None => any_member(member, depth + 1, wanted),
        }),
        Value::Array(items) => items.iter().any(|item| any_member(item, depth + 1, wanted)),
        _ => false,
    }
}

fn looks_computed(text: &str) -> bool {
    looks_like_a_path(text) || (text.starts_with("States.") && text.ends_with(')'))
}

/// `$`, `$.a`, `$[0]`, `$$`, `$$.a`: not `$5` and not `$name`, which are common in plain texts.
fn looks_like_a_path(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('$') else { return false };
    let rest = rest.strip_prefix('$').unwrap_or(rest);
    rest.is_empty() || rest.starts_with(['.', '['])
}
