//! Times of a result as milliseconds since 1970, which is how AWS's optimised integrations show them.
//!
//! Never here: any other form of them.

use aws_models::{Kind, Shape};
use json::{Array, Object, Value};

use crate::timestamp::Timestamp;

/// A result of [`response`](crate::response) of this shape, with its times as whole milliseconds. The
/// recursion follows the value, whose depth its parser bounds.
pub fn with_milliseconds(value: Value, shape: Shape<'_>) -> Value {
    match (shape.kind(), value) {
        (Kind::Structure, Value::Object(object)) => {
            let members = object.iter().map(|(name, value)| {
                let member = shape.members().find(|member| member.field_name() == name.as_str());
                let value = match member {
                    Some(member) => with_milliseconds(value.clone(), member.shape()),
                    None => value.clone(),
                };
                (name.clone(), value)
            });
            members.collect::<Object>().into()
        }
        (Kind::List, Value::Array(array)) => match shape.element() {
            Some(element) => {
                let elements = array.iter().map(|value| with_milliseconds(value.clone(), element.shape()));
                elements.collect::<Array>().into()
            }
            None => array.into(),
        },
        (Kind::Map, Value::Object(object)) => match shape.value() {
            Some(member) => {
                let entries = object.iter();
                let entries = entries
                    .map(|(key, value)| (key.clone(), with_milliseconds(value.clone(), member.shape())));
                entries.collect::<Object>().into()
            }
            None => object.into(),
        },
        (Kind::Timestamp, value) => match Timestamp::read(&value) {
            Some(time) => time.milliseconds().into(),
            None => value,
        },
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_at_any_depth_become_numbers() {
        let operation = aws_models::service("batch").unwrap().operation("describeJobs").unwrap();
        let glue = aws_models::service("glue").unwrap().operation("getJobRun").unwrap();
        let value = json::value!({ "JobRun": { "StartedOn": "2026-11-27T21:00:00.5Z", "Id": "j" } });
        let expected = json::value!({ "JobRun": { "StartedOn": 1795813200500_i64, "Id": "j" } });
        assert_eq!(with_milliseconds(value, glue.output().unwrap()), expected);
        // Batch has milliseconds by itself.
        let value = json::value!({ "Jobs": [{ "CreatedAt": 1795813200500_i64 }] });
        assert_eq!(with_milliseconds(value.clone(), operation.output().unwrap()), value);
    }
}
