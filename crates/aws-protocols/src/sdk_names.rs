//! The members of a result under the names that `aws-sdk` integrations have for them.
//!
//! Never here: what the names are, which `aws-models` says.

use aws_models::{Kind, Member, Shape};
use json::{Array, Object, Value};

use crate::response::{in_order, with_stream_last};

/// A result of [`response`](crate::response) of this shape, its members called as in the SDK for Java:
/// `DbInstances` where the model has `DBInstances`. The recursion follows the value, whose depth its parser
/// bounds.
pub fn with_sdk_names(value: Value, shape: Shape<'_>) -> Value {
    match (shape.kind(), value) {
        (_, value) if shape.is_document() => value,
        (Kind::Structure, Value::Object(object)) => {
            let members = object.iter().map(|(name, value)| {
                match shape.members().find(|member| member.is_called(name)) {
                    Some(member) => (member.sdk_field_name(), with_sdk_names(value.clone(), member.shape())),
                    None => (name.to_string(), value.clone()),
                }
            });
            with_stream_last(in_order(members.collect()), shape, Member::sdk_field_name).into()
        }
        (Kind::List, Value::Array(array)) => match shape.element() {
            Some(element) => {
                let elements = array.iter().map(|value| with_sdk_names(value.clone(), element.shape()));
                elements.collect::<Array>().into()
            }
            None => array.into(),
        },
        (Kind::Map, Value::Object(object)) => match shape.value() {
            Some(member) => {
                let entries = object.iter();
                let entries =
                    entries.map(|(key, value)| (key.clone(), with_sdk_names(value.clone(), member.shape())));
                entries.collect::<Object>().into()
            }
            None => object.into(),
        },
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_are_words_at_any_depth() {
        let operation = aws_models::service("rds").unwrap().operation("describeDBInstances").unwrap();
        let value = json::value!({ "DBInstances": [{ "DBInstanceArn": "a", "Engine": "e" }], "Marker": "m" });
        let expected =
            json::value!({ "DbInstances": [{ "DbInstanceArn": "a", "Engine": "e" }], "Marker": "m" });
        assert_eq!(with_sdk_names(value, operation.output().unwrap()), expected);
    }
}
