//! `States.ArrayRange(first, last, step)`: the numbers from first to last, both included.

use json::Value;

use super::arguments;

/// AWS's limit.
const LENGTH_MAX: i64 = 1000;

pub(super) fn array_range(first: &Value, last: &Value, step: &Value) -> Result<Value, String> {
    let first = arguments::integer(first, "first number")?;
    let last = arguments::integer(last, "last number")?;
    let step = arguments::integer(step, "step")?;
    if step == 0 {
        return Err("The step must not be 0".into());
    }
    // The arguments fit 32 bits, so nothing here leaves 64.
    let length = ((last - first) / step + 1).max(0);
    if (last - first).signum() == -step.signum() {
        return Ok(Value::from(Vec::<Value>::new()));
    }
    if length > LENGTH_MAX {
        return Err(format!("The range has {length} numbers, more than {LENGTH_MAX}"));
    }
    Ok((0..length).map(|place| Value::Int(first + place * step)).collect())
}
