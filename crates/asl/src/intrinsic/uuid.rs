//! `States.UUID()`: a version 4 UUID of the bits that the surroundings draw.

use json::Value;

use crate::environment::Surroundings;

pub(super) fn uuid(surroundings: &dyn Surroundings) -> Value {
    Value::from(aws_names::uuid_v4(surroundings.random()))
}
