//! Typed values: as requests have them, as DynamoDB has them, and as plain JSON.
//!
//! Requests have numbers as numbers (`{"N": 10}`), DynamoDB as texts. Binary values are Base64 everywhere.

use json::{Object, Value};

use crate::sources::SourceError;
use crate::sources::request::{Part, mistake, name_of};

/// The typed values of an object, for DynamoDB: `$[key]`
pub(super) fn typed_members(part: &Part<'_>) -> Result<Object, SourceError> {
    let mut out = Object::with_capacity(part.members().len());
    for (name, value) in part.members().iter() {
        out.insert(name.clone(), typed(value, &part.place(name))?);
    }
    Ok(out)
}

/// A typed value, for DynamoDB. The recursion follows the value, whose depth its maker bounds.
fn typed(value: &Value, place: &str) -> Result<Value, SourceError> {
    let Value::Object(members) = value else {
        let kind = name_of(value);
        return Err(mistake(format!(
            "Expected JSON object for attribute value '{place}' but got a '{kind}' instead."
        )));
    };
    let mut given = members.iter();
    let (Some((kind, inner)), None) = (given.next(), given.next()) else {
        return Err(mistake(format!("Attribute value '{place}' must have exactly one type.")));
    };
    let converted = match (kind.as_str(), inner) {
        ("S" | "B", Value::String(_)) => Some(inner.clone()),
        ("N", inner) => number(inner),
        ("BOOL", Value::Bool(_)) => Some(inner.clone()),
        ("NULL", Value::Null | Value::Bool(true)) => Some(true.into()),
        ("SS" | "BS", Value::Array(items)) if items.iter().all(Value::is_string) => Some(inner.clone()),
        ("NS", Value::Array(items)) => items.iter().map(number).collect::<Option<Value>>(),
        ("L", Value::Array(items)) => {
            let items = items.iter().enumerate();
            let items = items.map(|(number, item)| typed(item, &format!("{place}[{kind}][{number}]")));
            Some(items.collect::<Result<Value, _>>()?)
        }
        ("M", Value::Object(members)) => {
            let mut out = Object::with_capacity(members.len());
            for (name, value) in members.iter() {
                out.insert(name.clone(), typed(value, &format!("{place}[{kind}][{name}]"))?);
            }
            Some(out.into())
        }
        _ => None,
    };
    let Some(converted) = converted else {
        let known = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"].contains(&kind.as_str());
        return Err(mistake(match known {
            true => format!("Attribute value '{place}' of type '{kind}' cannot be a '{}'.", name_of(inner)),
            false => format!("Attribute value '{place}' has the unknown type '{kind}'."),
        }));
    };
    Ok(Object::from_iter([(kind.clone(), converted)]).into())
}

/// A number as DynamoDB has it.
fn number(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Int(_) | Value::Float(_) | Value::Big(_) => Some(value.to_text().into()),
        _ => None,
    }
}

/// An item of DynamoDB as plain JSON; null where there is none.
pub(super) fn plain_item(item: Option<&Value>) -> Value {
    item.and_then(Value::as_object).map(|item| plain_members(item).into()).unwrap_or_default()
}

/// Typed values of DynamoDB as plain JSON.
pub(super) fn plain_members(members: &Object) -> Object {
    members.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
}

/// A typed value of DynamoDB as plain JSON. The recursion follows the value, whose depth its parser bounds.
pub(super) fn plain(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|members| members.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), inner) {
        ("NULL", _) => Value::Null,
        ("N", inner) => plain_number(inner),
        ("NS", Value::Array(items)) => items.iter().map(plain_number).collect(),
        ("L", Value::Array(items)) => items.iter().map(plain).collect(),
        ("M", Value::Object(members)) => plain_members(members).into(),
        _ => inner.clone(),
    }
}

/// A text that is no number of JSON stays one.
fn plain_number(value: &Value) -> Value {
    let number = value.as_str().and_then(|text| Value::parse(text).ok());
    number.filter(Value::is_number).unwrap_or_else(|| value.clone())
}

/// A whole number of DynamoDB.
pub(super) fn whole(value: Option<&Value>) -> Option<i64> {
    value?.get("N")?.as_str()?.parse().ok()
}

/// Plain JSON with the types that DynamoDB has for it. The recursion follows the value, whose depth its parser bounds.
pub(super) fn typed_of_plain(value: &Value) -> Value {
    let (kind, inner) = match value {
        Value::Null => ("NULL", true.into()),
        Value::Bool(_) => ("BOOL", value.clone()),
        Value::Int(_) | Value::Float(_) | Value::Big(_) => ("N", value.to_text().into()),
        Value::String(_) => ("S", value.clone()),
        Value::Array(items) => ("L", items.iter().map(typed_of_plain).collect()),
        Value::Object(members) => {
            let member = |(name, value): (&json::Text, &Value)| (name.clone(), typed_of_plain(value));
            ("M", members.iter().map(member).collect::<Object>().into())
        }
    };
    Object::from_iter([(kind, inner)]).into()
}

/// A number, typed.
pub(super) fn of_number(number: i64) -> Value {
    json::value!({"N": (number.to_string())})
}

/// A text, typed.
pub(super) fn of_text(text: impl Into<json::Text>) -> Value {
    json::value!({"S": (text.into())})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_values_become_dynamodbs_and_plain_ones() {
        let given = json::value!({
            "s": {"S": "a"}, "n": {"N": 10}, "f": {"N": "1.5"}, "b": {"B": "aGk="}, "t": {"BOOL": true},
            "z": {"NULL": null}, "ss": {"SS": ["a"]}, "ns": {"NS": [1, 2.5]}, "l": {"L": [{"N": 1}]},
            "m": {"M": {"x": {"S": "y"}}}
        });
        let part = Part::whole_request(&given).unwrap();
        let wire = typed_members(&part).unwrap();
        let expected = r#"{"s":{"S":"a"},"n":{"N":"10"},"f":{"N":"1.5"},"b":{"B":"aGk="},"t":{"BOOL":true},"z":{"NULL":true},"ss":{"SS":["a"]},"ns":{"NS":["1","2.5"]},"l":{"L":[{"N":"1"}]},"m":{"M":{"x":{"S":"y"}}}}"#;
        assert_eq!(Value::from(wire.clone()).to_text(), expected);
        let plain = r#"{"s":"a","n":10,"f":1.5,"b":"aGk=","t":true,"z":null,"ss":["a"],"ns":[1,2.5],"l":[1],"m":{"x":"y"}}"#;
        assert_eq!(Value::from(plain_members(&wire)).to_text(), plain);
    }

    #[test]
    fn mistakes_say_where() {
        let said = |given: Value| {
            let part = Part::whole_request(&given).unwrap();
            typed_members(&part).unwrap_err().message
        };
        let said = [
            said(json::value!({"id": "a"})),
            said(json::value!({"id": {}})),
            said(json::value!({"id": {"S": 1}})),
            said(json::value!({"id": {"X": 1}})),
            said(json::value!({"id": {"L": [{"M": {"x": 7}}]}})),
        ];
        expect_test::expect![[r#"
            [
                "Expected JSON object for attribute value '$[id]' but got a 'STRING' instead.",
                "Attribute value '$[id]' must have exactly one type.",
                "Attribute value '$[id]' of type 'S' cannot be a 'NUMBER'.",
                "Attribute value '$[id]' has the unknown type 'X'.",
                "Expected JSON object for attribute value '$[id][L][0][M][x]' but got a 'NUMBER' instead.",
            ]
        "#]]
        .assert_debug_eq(&said);
    }
}
