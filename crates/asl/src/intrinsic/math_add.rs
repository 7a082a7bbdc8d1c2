//! `States.MathAdd(a, b)`: the sum of two integers; others are rounded before, each for itself.

use json::Value;

use super::arguments;

pub(super) fn math_add(one: &Value, two: &Value) -> Result<Value, String> {
    let sum = arguments::integer(one, "first argument")? + arguments::integer(two, "second argument")?;
    match i32::try_from(sum) {
        Ok(_) => Ok(Value::Int(sum)),
        Err(_) => Err(format!("The sum is out of the range of integers: {sum}")),
    }
}
