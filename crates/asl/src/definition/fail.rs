//! Fail: ends the container badly. (spec/asl.md §8.5)

use super::fields::Fields;
use super::findings::Findings;
use super::jsonata::Moment;
use super::reader::Reader;
use super::warnings;
use crate::machine::{FailText, Kind};
use crate::template::Expression;

/// The calls that give a string, which is what an error and a cause are.
const TEXT_CALLS: &[&str] = &[
    "States.Format",
    "States.JsonToString",
    "States.ArrayGetItem",
    "States.Base64Encode",
    "States.Base64Decode",
    "States.Hash",
    "States.UUID",
];

impl<'d> Reader<'d> {
    pub(super) fn fail(&mut self, fields: &Fields<'d, '_>) -> Kind {
        Kind::Fail {
            error: fail_text(fields, "Error", "ErrorPath", &mut self.findings),
            cause: fail_text(fields, "Cause", "CausePath", &mut self.findings),
        }
    }
}

fn fail_text(
    fields: &Fields<'_, '_>,
    name: &str,
    path_name: &str,
    findings: &mut Findings,
) -> Option<FailText> {
    fields.check_one_of(&[name, path_name], findings);
    warnings::no_path(fields, name, findings);
    if fields.value(name).is_some_and(|value| fields.is_expression(value)) {
        return fields.expression(name, Moment::Entry, findings).map(FailText::Jsonata);
    }
    let literal = fields.string(name, findings).map(|text| FailText::Literal(text.into()));
    literal.or_else(|| computed(fields, path_name, findings).map(FailText::Expression))
}

/// A path, or one of the calls that give a string.
fn computed(fields: &Fields<'_, '_>, name: &str, findings: &mut Findings) -> Option<Expression> {
    let value = fields.value(name).filter(|_| fields.reads_jsonpath())?;
    let text = value.as_str().unwrap_or_default();
    let function = text.split('(').next().unwrap_or_default().trim_end();
    match Expression::parse(text) {
        Ok(Expression::Path(path)) => return Some(Expression::Path(path)),
        Ok(call) if TEXT_CALLS.contains(&function) => return Some(call),
        Ok(_) | Err(_) => {}
    }
    let message = format!(
        "The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
    );
    findings.schema(&fields.at.field(name), message);
    None
}
