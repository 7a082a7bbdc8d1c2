//! One object of a definition, read field by field: what is wrong becomes a finding, what is right
//! becomes a value.
//!
//! Texts without a recorded original are our own; they are gathered here, so that there is one
//! place to change when AWS's become known.

use json::{Object, Value};

use super::findings::Findings;
use super::jsonata::Moment;
use super::location::Location;
use super::schema::{self, Shape};
use super::warnings;
use crate::jsonata;
use crate::machine::{Count, Percentage, QueryLanguage, ResultPath, Selection};
use crate::path::{Path, ReferencePath, not_a_reference_path};
use crate::template::Template;

/// An object with its place and the language that holds there.
#[derive(Clone, Copy)]
pub(super) struct Fields<'d, 'l> {
    pub(super) object: &'d Object,
    pub(super) at: Location<'l>,
    pub(super) language: QueryLanguage,
}

impl<'d, 'l> Fields<'d, 'l> {
    /// `value` as an object, or a finding.
    pub(super) fn of(
        value: &'d Value,
        at: Location<'l>,
        language: QueryLanguage,
        findings: &mut Findings,
    ) -> Option<Fields<'d, 'l>> {
        let Some(object) = value.as_object() else {
            findings.schema(&at, expected("Object"));
            return None;
        };
        Some(Fields { object, at, language })
    }

    /// Which fields there are: those that are missing, then those that are too many or belong to
    /// the other query language, as they stand.
    pub(super) fn check(&self, shape: &Shape, findings: &mut Findings) {
        self.check_required(shape.required, findings);
        for name in self.object.keys() {
            if !self.check_language(name, findings) && !shape.allows(name) {
                findings.schema(&self.at, format!("Field '{name}' is not supported"));
            }
        }
    }

    pub(super) fn check_required(&self, required: &[&str], findings: &mut Findings) {
        let missing: Vec<&str> = required.iter().copied().filter(|name| !self.has(name)).collect();
        if !missing.is_empty() {
            findings.schema(&self.at, format!("These fields are required: [{}]", missing.join(", ")));
        }
    }

    /// Whether `name` is a field of the other language, which is a finding then.
    pub(super) fn check_language(&self, name: &str, findings: &mut Findings) -> bool {
        let (set, only) = match (self.language, schema::only_language(name)) {
            (QueryLanguage::Jsonata, Some(QueryLanguage::JsonPath)) => ("JSONata", "JSONPath"),
            (QueryLanguage::JsonPath, Some(QueryLanguage::Jsonata)) => ("JSONPath", "JSONata"),
            _ => return false,
        };
        findings.schema(
            &self.at,
            format!(
                "The QueryLanguage is set to '{set}', but field '{name}' is only supported for the '{only}' \
                 QueryLanguage"
            ),
        );
        true
    }

    /// At most one of these may stand here.
    pub(super) fn check_one_of(&self, names: &[&str], findings: &mut Findings) {
        if names.iter().filter(|name| self.has(name)).count() > 1 {
            let message = format!("There should only be one of the following fields: [{}]", names.join(", "));
            findings.schema(&self.at, message);
        }
    }

    /// Exactly one of these must stand here.
    pub(super) fn check_exactly_one_of(&self, names: &[&str], findings: &mut Findings) {
        if names.iter().any(|name| self.has(name)) {
            self.check_one_of(names, findings);
        } else {
            let message = format!("One of the following fields is required: [{}]", names.join(", "));
            findings.schema(&self.at, message);
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// The field as it stands.
    pub(super) fn value(&self, name: &str) -> Option<&'d Value> {
        self.object.get(name)
    }

    pub(super) fn string(&self, name: &str, findings: &mut Findings) -> Option<&'d str> {
        let value = self.value(name)?;
        if value.as_str().is_none() {
            findings.schema(&self.at.field(name), expected("String"));
        }
        value.as_str()
    }

    pub(super) fn boolean(&self, name: &str, findings: &mut Findings) -> Option<bool> {
        let value = self.value(name)?;
        if value.as_bool().is_none() {
            findings.schema(&self.at.field(name), expected("Boolean"));
        }
        value.as_bool()
    }

    /// One of a few words.
    pub(super) fn word(&self, name: &str, words: &[&str], findings: &mut Findings) -> Option<&'d str> {
        let value = self.value(name)?;
        let word = value.as_str().filter(|word| words.contains(word));
        if word.is_none() {
            let message =
                format!("The field '{name}' should have one of these values: [{}]", words.join(", "));
            findings.schema(&self.at.field(name), message);
        }
        word
    }

    /// A whole number; JSONata has no say here.
    pub(super) fn integer(&self, name: &str, least: u64, most: u64, findings: &mut Findings) -> Option<u64> {
        integer(self.value(name)?, &self.at.field(name), least, most, findings)
    }

    /// A number with a lower bound; JSONata has no say here.
    pub(super) fn number_from(&self, name: &str, least: f64, findings: &mut Findings) -> Option<f64> {
        let value = self.value(name)?;
        number(value, &self.at.field(name), least, f64::MAX, findings)
    }

    /// A whole number in `name`, or a path to one in `path_name`, but not both.
    pub(super) fn count(
        &self,
        name: &str,
        path_name: &str,
        bounds: std::ops::RangeInclusive<u64>,
        context: ContextObject,
        findings: &mut Findings,
    ) -> Option<Count> {
        self.check_one_of(&[name, path_name], findings);
        let path = self.reference(path_name, context, findings).map(Count::Path);
        let literal = match self.value(name) {
            None => None,
            Some(value) if self.is_expression(value) => {
                self.expression(name, Moment::Entry, findings).map(Count::Jsonata)
            }
            Some(value) => integer(value, &self.at.field(name), *bounds.start(), *bounds.end(), findings)
                .map(Count::Literal),
        };
        literal.or(path)
    }

    /// A percentage in `name`, or a path to one in `path_name`, but not both.
    pub(super) fn percentage(
        &self,
        name: &str,
        path_name: &str,
        findings: &mut Findings,
    ) -> Option<Percentage> {
        self.check_one_of(&[name, path_name], findings);
        let path = self.reference(path_name, ContextObject::Refused, findings).map(Percentage::Path);
        let literal = match self.value(name) {
            None => None,
            Some(value) if self.is_expression(value) => {
                self.expression(name, Moment::Entry, findings).map(Percentage::Jsonata)
            }
            Some(value) => number(value, &self.at.field(name), 0.0, 100.0, findings).map(Percentage::Literal),
        };
        literal.or(path)
    }

    /// `InputPath` and `OutputPath`.
    pub(super) fn selection(&self, name: &str, findings: &mut Findings) -> Selection {
        let Some(value) = self.value(name).filter(|_| self.reads_jsonpath()) else {
            return Selection::Whole;
        };
        if value.is_null() {
            return Selection::Nothing;
        }
        match value.as_str().map(Path::parse) {
            Some(Ok(path)) if path.is_whole_input() => Selection::Whole,
            Some(Ok(path)) => Selection::Path(path),
            // The text that a deployment to AWS was refused with.
            Some(Err(_)) | None => {
                findings.schema(&self.at.field(name), "Value must be a valid JSONPath.");
                Selection::Whole
            }
        }
    }

    /// A path of fields and indexes that is only read.
    pub(super) fn reference(
        &self,
        name: &str,
        context: ContextObject,
        findings: &mut Findings,
    ) -> Option<Path> {
        let value = self.value(name).filter(|_| self.reads_jsonpath())?;
        let problem = match value.as_str() {
            None => not_a_reference_path(""),
            Some(text) => match Path::parse_reference(text) {
                Ok(path) if path.is_context() && context == ContextObject::Refused => {
                    "Value is not a Reference Path"
                }
                Ok(path) => return Some(path),
                Err(_) => not_a_reference_path(text),
            },
        };
        findings.schema(&self.at.field(name), problem);
        None
    }

    /// `ResultPath`.
    pub(super) fn result_path(&self, findings: &mut Findings) -> ResultPath {
        let Some(value) = self.value("ResultPath").filter(|_| self.reads_jsonpath()) else {
            return ResultPath::Whole;
        };
        if value.is_null() {
            return ResultPath::Discard;
        }
        let text = value.as_str().unwrap_or_default();
        match ReferencePath::parse(text) {
            Ok(path) if path.is_whole() => ResultPath::Whole,
            Ok(path) => ResultPath::At(path),
            Err(_) => {
                findings.schema(&self.at.field("ResultPath"), not_a_reference_path(text));
                ResultPath::Whole
            }
        }
    }

    /// A payload template, which is an object.
    pub(super) fn template(&self, name: &str, findings: &mut Findings) -> Option<Template> {
        let value = self.value(name).filter(|_| self.reads_jsonpath())?;
        let at = self.at.field(name);
        if value.is_object() {
            template(value, &at, findings)
        } else {
            findings.schema(&at, expected("Object"));
            None
        }
    }

    /// The members of an array that must have some.
    pub(super) fn items(&self, name: &str, findings: &mut Findings) -> &'d [Value] {
        let items = self.array(name, findings);
        if items.is_empty() && self.value(name).is_some_and(Value::is_array) {
            findings.schema(&self.at.field(name), "Value cannot be empty");
        }
        items
    }

    /// The members of an array; none where there is no array.
    pub(super) fn array(&self, name: &str, findings: &mut Findings) -> &'d [Value] {
        match self.value(name) {
            None => &[],
            Some(Value::Array(items)) => items.as_slice(),
            Some(_) => {
                findings.schema(&self.at.field(name), expected("Array"));
                &[]
            }
        }
    }

    /// Whether `value` is an expression that JSONata computes when the state runs, or half of one.
    pub(super) fn is_expression(&self, value: &Value) -> bool {
        self.language == QueryLanguage::Jsonata && value.as_str().is_some_and(jsonata::has_delimiter)
    }

    /// Where JSONata holds, a JSONPath field is a finding already ([`Fields::check`]).
    pub(super) fn reads_jsonpath(&self) -> bool {
        self.language == QueryLanguage::JsonPath
    }
}

/// Whether a path may start at the Context Object, `$$`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContextObject {
    Allowed,
    Refused,
}

/// Compiles a payload template and notes what looks like a mistake in it.
pub(super) fn template(value: &Value, at: &Location<'_>, findings: &mut Findings) -> Option<Template> {
    warnings::no_dollar(value, at, findings);
    match Template::parse(value) {
        Ok(template) => Some(template),
        Err(errors) => {
            for error in errors {
                // AWS reports the template as a whole, however deep the member is.
                findings.schema(at, error.message);
            }
            None
        }
    }
}

pub(super) fn expected(kind: &str) -> String {
    format!("Expected value of type {kind}")
}

fn integer(value: &Value, at: &Location<'_>, least: u64, most: u64, findings: &mut Findings) -> Option<u64> {
    let integer = match value {
        Value::Int(integer) => *integer as i128,
        // Beyond 64 bits: only which side it is on matters.
        Value::Big(digits) if digits.starts_with('-') => i128::MIN,
        Value::Big(_) => i128::MAX,
        _ => {
            findings.schema(at, expected("Integer"));
            return None;
        }
    };
    if integer < i128::from(least) {
        findings.schema(at, format!("Minimum value is {least}"));
    } else if integer > i128::from(most) {
        findings.schema(at, format!("Maximum value is {most}"));
    } else {
        return u64::try_from(integer).ok();
    }
    None
}

fn number(value: &Value, at: &Location<'_>, least: f64, most: f64, findings: &mut Findings) -> Option<f64> {
    let Some(number) = value.as_f64() else {
        findings.schema(at, expected("Number"));
        return None;
    };
    if number < least {
        findings.schema(at, format!("Minimum value is {least:?}"));
    } else if number > most {
        findings.schema(at, format!("Maximum value is {most:?}"));
    } else {
        return Some(number);
    }
    None
}
