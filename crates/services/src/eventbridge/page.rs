//! Lists, a page at a time.

use json::{Object, Value};

use super::members::{Members, validation};
use crate::Fault;

/// AWS's own largest page.
const ITEMS_MAX: usize = 100;

/// The page that a request asks for. `items` are named, in order; `limit` is the member that says how many are wanted.
pub(crate) fn page<N: AsRef<str>>(
    request: Members<'_>,
    limit: &str,
    list: &str,
    items: impl Iterator<Item = (N, Value)>,
) -> Result<Value, Fault> {
    let wanted = request.integer(limit).and_then(|limit| usize::try_from(limit).ok());
    let wanted = wanted.unwrap_or(ITEMS_MAX).clamp(1, ITEMS_MAX);
    let after = after(request)?;
    let is_before = |name: &N| after.as_deref().is_some_and(|after| name.as_ref() <= after);
    let mut items = items.skip_while(|(name, _)| is_before(name));
    let mut last = None;
    let mut found = Vec::new();
    for (name, item) in items.by_ref().take(wanted) {
        found.push(item);
        last = Some(name);
    }
    let mut answer = Object::new();
    answer.insert(list, Value::from(found));
    if let Some(last) = last.filter(|_| items.next().is_some()) {
        answer.insert("NextToken", token_of(last.as_ref()));
    }
    Ok(Value::Object(answer))
}

/// Behind which name the page begins.
pub(crate) fn after(request: Members<'_>) -> Result<Option<String>, Fault> {
    request.text("NextToken").map(name_of).transpose()
}

fn token_of(name: &str) -> String {
    aws_protocols::base64::encode(name.as_bytes())
}

fn name_of(token: &str) -> Result<String, Fault> {
    let name = aws_protocols::base64::decode(token).and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| validation("Parameter NextToken is not valid."))
}
