//! The scalars: what each takes from variables and literals, and how a result is written.
//!
//! GraphQL's five convert as graphql-java does, AWS's nine as AppSync documents them. Nobody can add one.

mod address;
mod time;

use json::{Text, Value};

use crate::syntax::ast::Literal;

/// A type of leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// `Int`: 32 bits.
    Int,
    /// `Float`: 64 bits.
    Float,
    /// `String`
    String,
    /// `Boolean`
    Boolean,
    /// `ID`: text, or an integer that becomes text.
    Id,
    /// `AWSDate`: `2024-02-29`, an offset allowed.
    AwsDate,
    /// `AWSTime`: `12:30:24.500`, an offset allowed.
    AwsTime,
    /// `AWSDateTime`: an offset required.
    AwsDateTime,
    /// `AWSTimestamp`: seconds since 1970, 64 bits.
    AwsTimestamp,
    /// `AWSEmail`
    AwsEmail,
    /// `AWSJSON`: a string with JSON in it, which resolvers see parsed.
    AwsJson,
    /// `AWSURL`: absolute.
    AwsUrl,
    /// `AWSPhone`
    AwsPhone,
    /// `AWSIPAddress`: version 4 or 6, a prefix allowed.
    AwsIpAddress,
}

impl Scalar {
    /// All of them, with the names that schemas use.
    pub const ALL: [(&'static str, Scalar); 14] = [
        ("Int", Scalar::Int),
        ("Float", Scalar::Float),
        ("String", Scalar::String),
        ("Boolean", Scalar::Boolean),
        ("ID", Scalar::Id),
        ("AWSDate", Scalar::AwsDate),
        ("AWSTime", Scalar::AwsTime),
        ("AWSDateTime", Scalar::AwsDateTime),
        ("AWSTimestamp", Scalar::AwsTimestamp),
        ("AWSEmail", Scalar::AwsEmail),
        ("AWSJSON", Scalar::AwsJson),
        ("AWSURL", Scalar::AwsUrl),
        ("AWSPhone", Scalar::AwsPhone),
        ("AWSIPAddress", Scalar::AwsIpAddress),
    ];

    /// The name that schemas use.
    pub fn name(self) -> &'static str {
        let found = Scalar::ALL.iter().find(|(_, scalar)| *scalar == self);
        found.map(|(name, _)| *name).unwrap_or_else(|| unreachable!("ALL has every scalar"))
    }

    /// What a variable's value means to resolvers; `None` if it is none of this scalar.
    /// A null never comes here.
    pub fn variable_value(self, value: &Value) -> Option<Value> {
        match self {
            Scalar::Int | Scalar::Float | Scalar::String | Scalar::Boolean | Scalar::Id => {
                self.converted(value)
            }
            Scalar::AwsTimestamp => value.as_i64().filter(|_| is_integer(value)).map(Value::Int),
            _ => self.text_value(value.as_str()?),
        }
    }

    /// What a literal means to resolvers; `None` if it is none of this scalar.
    pub fn literal_value(self, literal: &Literal) -> Option<Value> {
        match (self, literal) {
            (Scalar::Int, Literal::Int(digits)) => {
                digits.parse::<i32>().ok().map(|number| Value::Int(number.into()))
            }
            (Scalar::AwsTimestamp, Literal::Int(digits)) => digits.parse().ok().map(Value::Int),
            (Scalar::Float, Literal::Int(digits) | Literal::Float(digits)) => float(digits),
            (Scalar::String, Literal::String(text)) => Some(text.into()),
            (Scalar::Id, Literal::String(text) | Literal::Int(text)) => Some(text.into()),
            (Scalar::Boolean, Literal::Boolean(value)) => Some(Value::Bool(*value)),
            (Scalar::Int | Scalar::Float | Scalar::Boolean | Scalar::AwsTimestamp, _) => None,
            (_, Literal::String(text)) => self.text_value(text),
            _ => None,
        }
    }

    /// How a resolver's result is written. The error goes after `Can't serialize value (/path) : `.
    pub fn serialise(self, value: &Value) -> Result<Value, String> {
        let unable = || {
            let name = self.name().trim_start_matches("AWS");
            let text = value.as_str().map_or_else(|| java_text(value), str::to_owned);
            format!("Unable to serialize `{text}` as a valid {name} Object.")
        };
        match self {
            Scalar::Int | Scalar::Float | Scalar::String | Scalar::Boolean | Scalar::Id => {
                let mismatch = || format!("Expected type '{}' but was '{}'.", self.name(), java_class(value));
                self.converted(value).ok_or_else(mismatch)
            }
            Scalar::AwsTimestamp => integer(value).map(Value::Int).ok_or_else(unable),
            // A resolver that has text already is not quoted again, so that text which went in comes out.
            Scalar::AwsJson => Ok(match value.as_str() {
                Some(text) if Value::parse(text).is_ok() => value.clone(),
                _ => Value::from(value.to_text()),
            }),
            _ => {
                let text = value.as_str().ok_or_else(unable)?;
                self.text_value(text).ok_or_else(unable)
            }
        }
    }

    /// GraphQL's own scalars take whatever reads as one of them, in both directions. (graphql-java)
    fn converted(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Scalar::Int, _) => {
                let number = integer(value)?;
                i32::try_from(number).is_ok().then_some(Value::Int(number))
            }
            // Java's Double: what has no fraction is written with `.0`.
            (Scalar::Float, Value::Int(_) | Value::Float(_)) => value.as_f64().map(Value::Float),
            (Scalar::Float, Value::Big(digits)) => float(digits),
            (Scalar::Float, Value::String(text)) => float(text),
            (Scalar::Boolean, Value::Bool(_)) => Some(value.clone()),
            (Scalar::Boolean, Value::String(text)) => Some(Value::Bool(text.eq_ignore_ascii_case("true"))),
            (Scalar::Boolean, Value::Int(number)) => Some(Value::Bool(*number != 0)),
            (Scalar::Boolean, Value::Float(number)) => Some(Value::Bool(*number != 0.0)),
            (Scalar::Id, Value::Int(_) | Value::Big(_)) => Some(Value::from(value.to_text())),
            (Scalar::String | Scalar::Id, Value::String(_)) => Some(value.clone()),
            (Scalar::String, _) => Some(Value::from(java_text(value))),
            _ => None,
        }
    }

    fn text_value(self, text: &str) -> Option<Value> {
        let valid = match self {
            Scalar::AwsJson => return Value::parse(text).ok(),
            Scalar::AwsDate => time::is_date(text),
            Scalar::AwsTime => time::is_time(text),
            Scalar::AwsDateTime => time::is_date_time(text),
            Scalar::AwsEmail => address::is_email(text),
            Scalar::AwsUrl => address::is_url(text),
            Scalar::AwsPhone => address::is_phone(text),
            Scalar::AwsIpAddress => address::is_ip_address(text),
            Scalar::Int
            | Scalar::Float
            | Scalar::String
            | Scalar::Boolean
            | Scalar::Id
            | Scalar::AwsTimestamp => false,
        };
        valid.then(|| Value::from(text))
    }
}

fn is_integer(value: &Value) -> bool {
    matches!(value, Value::Int(_))
}

/// An integer written as one, as a float without a fraction, or as text.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        // Beyond 2^53 a float no longer says which integer it is.
        Value::Float(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 => {
            Some(*number as i64)
        }
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn float(digits: &str) -> Option<Value> {
    digits.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Float)
}

/// What Java's `toString` makes of a value: `{id=1, tags=[a, b]}`.
fn java_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(java_text).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let member = |(name, value): (&Text, &Value)| format!("{name}={}", java_text(value));
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
        _ => value.to_text(),
    }
}

/// The class that messages of Java name.
fn java_class(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "Boolean",
        Value::Int(number) if i32::try_from(*number).is_ok() => "Integer",
        Value::Int(_) => "Long",
        Value::Float(_) => "Double",
        Value::Big(_) => "BigInteger",
        Value::String(_) => "String",
        Value::Array(_) => "ArrayList",
        Value::Object(_) => "LinkedHashMap",
    }
}

#[cfg(test)]
mod tests;
