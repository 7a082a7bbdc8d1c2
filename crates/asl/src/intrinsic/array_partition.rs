//! `States.ArrayPartition(array, size)`: the items in chunks, the last one perhaps smaller.

use json::{Array, Value};

use super::arguments;

pub(super) fn array_partition(array: &Value, size: &Value) -> Result<Value, String> {
    let items = arguments::array(array, "first argument")?;
    let size = match usize::try_from(arguments::integer(size, "chunk size")?) {
        Ok(size) if size > 0 => size,
        _ => return Err(format!("The chunk size must be a positive integer, but it is {size}")),
    };
    Ok(items.as_slice().chunks(size).map(|chunk| Value::Array(Array::from(chunk.to_vec()))).collect())
}
