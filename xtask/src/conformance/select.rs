//! Which recorded cases count: all but those whose recording is another implementation's own words.
//!
//! A case is judged by what stands in it, never by its name.

use std::collections::BTreeMap;
use std::path::Path;

use json::Value;

use super::Selection;

/// What an emulator's own errors begin with, where AWS's text was not recorded.
const OTHERS_WORDS: &str = "Error=ValueError Args=";

/// Reads all cases and says what speaks against each.
pub fn read(cases: &Path) -> anyhow::Result<Selection> {
    let mut selection = BTreeMap::new();
    for (_, case) in super::json_files(cases)? {
        let id = case.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        selection.insert(id, objection(&case));
    }
    Ok(selection)
}

/// Why a case does not count.
pub fn objection(case: &Value) -> Option<&'static str> {
    // Of AWS it is what it is.
    if case.get("aws_validated").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let mut found = None;
    walk(case.get("expected").unwrap_or(&Value::Null), &mut |value| {
        if value.as_str().is_some_and(|text| text.starts_with(OTHERS_WORDS)) {
            found = Some("an emulator's own error texts");
        }
    });
    found
}

/// Visits a value and everything in it. Cases are our own data, nested a few levels deep.
fn walk(value: &Value, visit: &mut impl FnMut(&Value)) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        visit(value);
        match value {
            Value::Array(items) => open.extend(items.iter()),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulators_own_words_do_not_count_and_what_aws_said_does() {
        let case = |validated: bool, message: &str| json::value!({ "aws_validated": validated, "expected": { "a": [{ "Message": message }] } });
        let own = "Error=ValueError Args=[\"Label contains invalid character: ' '\"] in definition '{}'.";
        assert_eq!(objection(&case(false, own)), Some("an emulator's own error texts"));
        assert_eq!(objection(&case(true, own)), None);
        assert_eq!(objection(&case(false, "Invalid State Machine Definition: 'x'")), None);
        assert_eq!(objection(&json::value!({})), None);
    }
}
