//! Lists in pages: `maxResults` items behind `nextToken`.

use aws_protocols::base64;
use json::{Object, Value};
use services::{Fault, Members};

use super::fault::bad;

/// AppSync's largest page, and that of those who do not say.
const ITEMS_MAX: i64 = 25;

/// The page that a request asks for, of items and their names; `member` has them in the answer. A token is the name of
/// the last item that was shown, in Base64.
pub(super) fn page(input: &Value, member: &str, items: Vec<(String, Value)>) -> Result<Value, Fault> {
    let wanted = input.whole("maxResults").filter(|wanted| *wanted > 0).unwrap_or(ITEMS_MAX);
    let start = match input.text("nextToken") {
        None => 0,
        Some(token) => {
            let name = base64::decode(token).and_then(|name| String::from_utf8(name).ok());
            let name = name.ok_or_else(|| bad("Invalid nextToken: it is none of this server's"))?;
            // Whatever was removed meanwhile: those behind it are still to be shown.
            let shown = items.iter().position(|(item, _)| *item == name).map(|last| last + 1);
            shown.or_else(|| items.iter().position(|(item, _)| *item > name)).unwrap_or(items.len())
        }
    };
    let end = items.len().min(start + usize::try_from(wanted).unwrap_or(1));
    let mut answer = Object::new();
    answer.insert(member, items[start..end].iter().map(|(_, item)| item.clone()).collect::<Value>());
    if end < items.len() && end > start {
        answer.insert("nextToken", base64::encode(items[end - 1].0.as_bytes()));
    }
    Ok(answer.into())
}
