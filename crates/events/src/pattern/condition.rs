//! What one value of an event is held against, and how it is read from a pattern.

use json::{Object, Text, Value};

use super::address::Addresses;
use super::number::{Numbers, Range};
use super::wildcard::Wildcard;

/// One of a field's alternatives.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    /// This text, `true`, `false` or `null`; or a number beyond those that can be compared.
    Equal(Value),
    /// A number between two.
    Number(Range),
    Address(Addresses),
    Prefix(Text),
    Suffix(Text),
    /// Texts that compare without regard to case are kept in lower case.
    EqualIgnoringCase(Text),
    PrefixIgnoringCase(Text),
    SuffixIgnoringCase(Text),
    Wildcard(Wildcard),
    /// `{"exists": true}`
    Present,
    /// `{"exists": false}`: no value fulfils it. [`super::rule`] finds out what is absent.
    Absent,
    /// Any value for which none of these holds.
    AnythingBut(Vec<Condition>),
}

impl Condition {
    /// Whether the condition holds for a value that is neither array nor object.
    pub(super) fn holds(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Condition::Present => true,
            Condition::Absent => false,
            Condition::Equal(wanted) => value == wanted,
            Condition::Number(range) => range.contains(value),
            Condition::Address(addresses) => text.is_some_and(|text| addresses.contains(text)),
            Condition::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix.as_str())),
            Condition::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix.as_str())),
            Condition::EqualIgnoringCase(wanted) => text.is_some_and(|text| lower(text).eq(wanted.chars())),
            Condition::PrefixIgnoringCase(prefix) => {
                text.is_some_and(|text| begins(lower(text), prefix.chars()))
            }
            Condition::SuffixIgnoringCase(suffix) => {
                text.is_some_and(|text| begins(lower(text).rev(), suffix.chars().rev()))
            }
            Condition::Wildcard(wildcard) => text.is_some_and(|text| wildcard.matches(text)),
            Condition::AnythingBut(conditions) => !conditions.iter().any(|condition| condition.holds(value)),
        }
    }
}

fn lower(text: &str) -> impl DoubleEndedIterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn begins(mut characters: impl Iterator<Item = char>, mut prefix: impl Iterator<Item = char>) -> bool {
    prefix.all(|wanted| characters.next() == Some(wanted))
}

/// Reads one alternative of a field; the error is AWS's sentence.
pub(super) fn read(value: &Value, numbers: &Numbers) -> Result<Condition, String> {
    match value {
        Value::Object(members) => read_operator(members, *numbers),
        Value::Array(_) => Err("Match value must be String, number, true, false, or null".to_owned()),
        Value::String(text) => Ok(text_or_address(text)),
        number => Ok(match numbers.units(number) {
            Some(units) => Condition::Number(Range::exactly(*numbers, units)),
            None => Condition::Equal(number.clone()),
        }),
    }
}

fn text_or_address(text: &Text) -> Condition {
    Addresses::one(text).map_or_else(|| Condition::Equal(text.into()), Condition::Address)
}

/// Reads `{"prefix": …}` and its like. What is wrong first in the text is told, as AWS's compiler does it.
fn read_operator(members: &Object, numbers: Numbers) -> Result<Condition, String> {
    let (operator, value) = members.iter().next().ok_or("Match expression name not found")?;
    let condition = match operator.as_str() {
        "exactly" => Condition::Equal(text(value, "exact")?.into()),
        "prefix" => match value {
            Value::Object(inner) => Condition::PrefixIgnoringCase(ignoring_case(inner, "prefix")?),
            _ => Condition::Prefix(text(value, "prefix")?),
        },
        "suffix" => match value {
            Value::Object(inner) => Condition::SuffixIgnoringCase(ignoring_case(inner, "suffix")?),
            _ => Condition::Suffix(text(value, "suffix")?),
        },
        "equals-ignore-case" => Condition::EqualIgnoringCase(lowered(&text(value, "equals-ignore-case")?)),
        "wildcard" => Condition::Wildcard(Wildcard::read(&text(value, "wildcard")?)?),
        // The wrong word is AWS's.
        "cidr" => Condition::Address(Addresses::block(&text(value, "prefix")?)?),
        "numeric" => Condition::Number(Range::read(value, numbers)?),
        "exists" => match value {
            Value::Bool(true) => Condition::Present,
            Value::Bool(false) => Condition::Absent,
            _ => return Err("exists match pattern must be either true or false.".to_owned()),
        },
        "anything-but" => Condition::AnythingBut(read_anything_but(value, numbers)?),
        other => return Err(format!("Unrecognized match type {other}")),
    };
    only_one(members, matches!(operator.as_str(), "numeric" | "anything-but"))?;
    Ok(condition)
}

fn only_one(members: &Object, is_numeric: bool) -> Result<(), String> {
    let complaint = match is_numeric {
        // AWS has this sentence for `anything-but`, too.
        true => "Too many elements in numeric expression",
        false => "Only one key allowed in match expression",
    };
    if members.len() == 1 { Ok(()) } else { Err(complaint.to_owned()) }
}

fn text(value: &Value, operator: &str) -> Result<Text, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        _ => Err(format!("{operator} match pattern must be a string")),
    }
}

fn lowered(text: &str) -> Text {
    lower(text).collect()
}

/// `{"equals-ignore-case": …}` inside of `prefix` or `suffix`.
fn ignoring_case(members: &Object, outer: &str) -> Result<Text, String> {
    let Some((operator, value)) = members.iter().next() else {
        let outer = if outer == "prefix" { "Prefix" } else { "Suffix" };
        return Err(format!("{outer} expression name not found"));
    };
    if operator != "equals-ignore-case" {
        return Err(format!("Unsupported {outer} pattern: {operator}"));
    }
    let text = text(value, "equals-ignore-case")?;
    only_one(members, false)?;
    Ok(lowered(&text))
}

fn read_anything_but(value: &Value, numbers: Numbers) -> Result<Vec<Condition>, String> {
    let Value::Object(members) = value else {
        return but_values(one_or_many(value)?, numbers);
    };
    let (operator, value) = members.iter().next().ok_or("Anything-But expression name not found")?;
    let complaint = match operator.as_str() {
        "prefix" | "suffix" => "prefix/suffix match pattern must be a string",
        "wildcard" => "wildcard match pattern must be a string",
        "equals-ignore-case" => {
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
        }
        other => return Err(format!("Unsupported anything-but pattern: {other}")),
    };
    let mut conditions = Vec::new();
    for value in one_or_many(value)? {
        let text = value.as_str().ok_or(complaint)?;
        conditions.push(match operator.as_str() {
            "equals-ignore-case" => Condition::EqualIgnoringCase(lowered(text)),
            "wildcard" => Condition::Wildcard(Wildcard::read(text)?),
            _ if text.is_empty() => return Err("Null prefix/suffix not allowed".to_owned()),
            "prefix" => Condition::Prefix(text.into()),
            _ => Condition::Suffix(text.into()),
        });
    }
    only_one(members, true)?;
    Ok(conditions)
}

/// What stands behind `anything-but`, or behind an operator inside of it.
fn one_or_many(value: &Value) -> Result<&[Value], String> {
    match value {
        Value::Array(items) => Ok(items.as_slice()),
        scalar if scalar.is_string() || scalar.is_number() => Ok(std::slice::from_ref(scalar)),
        _ => Err("Value of anything-but must be an array or single string/number value.".to_owned()),
    }
}

fn but_values(values: &[Value], numbers: Numbers) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::with_capacity(values.len());
    for value in values {
        conditions.push(match value {
            Value::String(text) => Condition::Equal(text.into()),
            number if number.is_number() => {
                Condition::Number(Range::exactly(numbers, numbers.in_pattern(number)?))
            }
            _ => return Err("Inside anything but list, start|null|boolean is not supported.".to_owned()),
        });
    }
    let texts = values.iter().filter(|value| value.is_string()).count();
    if values.is_empty() || (texts > 0 && texts < values.len()) {
        return Err("Inside anything but list, either all values are number or string, mixed type is not \
                    supported"
            .to_owned());
    }
    Ok(conditions)
}
