//! `States.JsonMerge(one, two, false)`: the members of both objects, those of the second one winning.

use json::{Object, Value};

pub(super) fn json_merge(one: &Value, two: &Value, deep: &Value) -> Result<Value, String> {
    let (Value::Object(one), Value::Object(two)) = (one, two) else {
        return Err(format!(
            "Both values must be objects, but they are of types {} and {}",
            one.kind(),
            two.kind()
        ));
    };
    // AWS's guide: "Step Functions currently only supports the shallow merging mode".
    match deep {
        Value::Bool(false) => Ok(Value::Object(shallow(one, two))),
        Value::Bool(true) => {
            Err("Only the shallow merging mode is supported: the third argument must be false".into())
        }
        other => Err(format!("The third argument must be a boolean, but it is of type {}", other.kind())),
    }
}

fn shallow(one: &Object, two: &Object) -> Object {
    one.iter().chain(two.iter()).map(|(name, value)| (name.clone(), value.clone())).collect()
}
