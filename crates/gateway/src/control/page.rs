//! Lists in pages: `limit` items behind `position`.

use json::{Object, Value};

use crate::fault::Fault;
use services::Members;

const ITEMS: i64 = 25;
const ITEMS_MAX: i64 = 500;

/// The page that a request asks for, of items and the names by which a position finds them.
pub(crate) fn page(input: &Value, items: Vec<(String, Value)>) -> Result<Value, Fault> {
    let limit = input.whole("limit").unwrap_or(ITEMS);
    if !(1..=ITEMS_MAX).contains(&limit) {
        return Err(Fault::bad(format!("Invalid limit specified: it must be between 1 and {ITEMS_MAX}")));
    }
    let start = match input.text("position") {
        None | Some("") => 0,
        Some(position) => {
            let last = items.iter().position(|(name, _)| name == position);
            last.ok_or_else(|| Fault::bad(format!("Invalid position specified: {position}")))? + 1
        }
    };
    let end = items.len().min(start + limit as usize);
    let mut answer = Object::new();
    if end < items.len() {
        answer.insert("position", items[end - 1].0.as_str());
    }
    answer.insert("items", items[start..end].iter().map(|(_, item)| item.clone()).collect::<Value>());
    Ok(answer.into())
}
