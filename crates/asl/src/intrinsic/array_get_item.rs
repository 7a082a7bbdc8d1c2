//! `States.ArrayGetItem(array, index)`: the item at an index from 0.

use json::Value;

use super::arguments;

pub(super) fn array_get_item(array: &Value, index: &Value) -> Result<Value, String> {
    let items = arguments::array(array, "first argument")?;
    let place = arguments::integer(index, "index")?;
    let item = usize::try_from(place).ok().and_then(|place| items.get(place));
    item.cloned().ok_or_else(|| format!("The index {place} is outside of an array of {} items", items.len()))
}
