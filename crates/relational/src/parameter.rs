//! The value of a parameter, as the Data API has it.

use aws_protocols::base64;
use json::Value;

use crate::fault::refused;
use services::Fault;

/// A value that goes into a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Parameter {
    Null(Option<Hint>),
    Boolean(bool),
    Long(i64),
    Double(f64),
    Text(String, Option<Hint>),
    Blob(Vec<u8>),
}

/// What a text is to be for the database. (SqlParameter, `typeHint`)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    Date,
    Decimal,
    Json,
    Time,
    Timestamp,
    Uuid,
}

impl Hint {
    fn of_name(name: &str) -> Option<Hint> {
        Some(match name {
            "DATE" => Hint::Date,
            "DECIMAL" => Hint::Decimal,
            "JSON" => Hint::Json,
            "TIME" => Hint::Time,
            "TIMESTAMP" => Hint::Timestamp,
            "UUID" => Hint::Uuid,
            _ => return None,
        })
    }
}

impl Parameter {
    /// Reads an SqlParameter. (Its name is the caller's.)
    pub(crate) fn read(parameter: &Value) -> Result<Parameter, Fault> {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        let hint = match parameter.get("typeHint").and_then(Value::as_str) {
            Some(hint) => Some(Hint::of_name(hint).ok_or_else(|| {
                let kinds = "JSON, UUID, TIMESTAMP, DATE, TIME, DECIMAL";
                refused(format!("typeHint of the parameter {name} is {hint}, and can be one of {kinds}"))
            })?),
            None => None,
        };
        let field = parameter.get("value").filter(|value| !value.is_null());
        let members = field.and_then(Value::as_object).filter(|members| members.len() == 1);
        let member = members.and_then(|members| members.iter().next());
        let Some((kind, value)) = member else {
            return Err(refused(format!(
                "The parameter {name} needs a value with exactly one of stringValue, longValue, doubleValue, booleanValue, \
                 blobValue and isNull"
            )));
        };
        let read = match kind.as_str() {
            "isNull" if value.as_bool() == Some(true) => Some(Parameter::Null(hint)),
            "booleanValue" => value.as_bool().map(Parameter::Boolean),
            "longValue" => value.as_i64().map(Parameter::Long),
            "doubleValue" => double(value).map(Parameter::Double),
            "stringValue" => value.as_str().map(|text| Parameter::Text(text.to_owned(), hint)),
            "blobValue" => value.as_str().and_then(base64::decode).map(Parameter::Blob),
            "arrayValue" => return Err(refused("Array parameters are not supported.")),
            _ => None,
        };
        match read {
            Some(Parameter::Null(_) | Parameter::Text(..)) | None => {}
            Some(_) if hint.is_some() => {
                return Err(refused(format!(
                    "The parameter {name} has a typeHint, which needs a stringValue"
                )));
            }
            Some(_) => {}
        }
        read.ok_or_else(|| {
            refused(format!("The value of the parameter {name} is not usable: {}", value.to_text()))
        })
    }
}

impl Parameter {
    /// How many bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        let behind = match self {
            Parameter::Text(text, _) => text.len(),
            Parameter::Blob(bytes) => bytes.len(),
            Parameter::Null(_) | Parameter::Boolean(_) | Parameter::Long(_) | Parameter::Double(_) => 0,
        };
        size_of::<Parameter>() + behind
    }
}

/// What JSON has no number for comes as a text.
fn double(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(_) => None,
        None => value.as_f64(),
    }
}
