//! `patchOperations`: JSON Patch as API Gateway has it, by a table of what may be changed.

use json::{Array, Object, Value};

use crate::fault::Fault;
use services::members::{Members, part_mut};

/// One path that a patch may name.
pub(crate) struct Field {
    /// Segments behind slashes; `*` stands for a name that the caller chooses.
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
}

/// What the text of a patch's `value` becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Flag,
    Whole,
    Number,
    /// An item of a list: its last segment is the item, or a hyphen and `value` is the item.
    Item,
}

/// The shortest way to write a table.
pub(crate) const fn field(path: &'static str, kind: Kind) -> Field {
    Field { path, kind }
}

/// Applies all operations of the request, or refuses one of them.
pub(crate) fn apply(input: &Value, fields: &[Field], object: &mut Object) -> Result<(), Fault> {
    let operations = input.member("patchOperations").and_then(Value::as_array).map(Array::as_slice);
    for operation in operations.unwrap_or_default() {
        apply_one(operation, fields, object)?;
    }
    Ok(())
}

fn apply_one(operation: &Value, fields: &[Field], object: &mut Object) -> Result<(), Fault> {
    let (op, path) = (operation.text_or_empty("op"), operation.text_or_empty("path"));
    let segments: Vec<String> = path.split('/').skip(1).map(unescape).collect();
    let Some(field) = fields.iter().find(|field| matches(field.path, &segments)) else {
        let known: Vec<_> = fields.iter().map(|field| field.path.replace('*', "{name}")).collect();
        let known = known.join(", ");
        return Err(Fault::bad(format!(
            "Invalid patch path  '{path}' specified for op '{op}'. Must be one of: [{known}]"
        )));
    };
    let Some((last, outer)) = segments.split_last() else { return Err(Fault::bad("A patch path is empty")) };
    let mut place = object;
    let item_of = if field.kind == Kind::Item { outer.last() } else { None };
    for segment in &outer[..outer.len() - usize::from(item_of.is_some())] {
        place = part_mut(place, segment);
    }
    match (op, item_of) {
        ("add" | "replace" | "remove", Some(list)) => change_item(place, list, last, operation),
        ("add" | "replace", None) => {
            let Some(text) = operation.text("value") else {
                return Err(Fault::bad(format!(
                    "Invalid patch value specified for path {path}: it is missing"
                )));
            };
            place.insert(last.as_str(), value(text, field.kind, path)?);
            Ok(())
        }
        ("remove", None) => match place.remove(last) {
            Some(_) => Ok(()),
            None => Err(Fault::not_found(format!("There is nothing to remove at the patch path '{path}'"))),
        },
        _ => Err(Fault::bad(format!(
            "Invalid patch operation '{op}' specified for path {path}. Must be one of: [add, remove, replace]"
        ))),
    }
}

/// Lists name an item by itself, or by its place, or by a hyphen for the end.
fn change_item(object: &mut Object, list: &str, last: &str, operation: &Value) -> Result<(), Fault> {
    let mut items: Vec<Value> = object.texts(list).into_iter().map(Value::from).collect();
    let place = match last.parse::<usize>() {
        Ok(place) => Some(place).filter(|place| *place < items.len()),
        Err(_) => items.iter().position(|item| item.as_str() == Some(last)),
    };
    let given = operation.text("value").map(Value::from);
    match (operation.text_or_empty("op"), place) {
        ("remove", Some(place)) => {
            items.remove(place);
        }
        ("remove", None) => return Err(Fault::not_found(format!("There is no {last} in {list} to remove"))),
        ("replace", Some(place)) => items[place] = given.unwrap_or_else(|| last.into()),
        (_, Some(_)) => {}
        (_, None) if last == "-" => items.extend(given),
        (_, None) => items.push(given.unwrap_or_else(|| last.into())),
    }
    object.insert(list, items);
    Ok(())
}

fn value(text: &str, kind: Kind, path: &str) -> Result<Value, Fault> {
    let wrong = |what: &str| {
        Fault::bad(format!("Invalid patch value '{text}' specified for path {path}: it must be {what}"))
    };
    match kind {
        Kind::Text | Kind::Item => Ok(text.into()),
        Kind::Flag => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(wrong("true or false")),
        },
        Kind::Whole => text.parse::<i64>().map(Value::from).map_err(|_| wrong("a whole number")),
        Kind::Number => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number.into()),
            _ => Err(wrong("a number")),
        },
    }
}

fn matches(path: &str, segments: &[String]) -> bool {
    let known: Vec<_> = path.split('/').skip(1).collect();
    known.len() == segments.len()
        && known.iter().zip(segments).all(|(known, segment)| *known == "*" || known == segment)
}

/// (RFC 6901)
fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use json::value;

    use super::*;

    const FIELDS: &[Field] = &[
        field("/name", Kind::Text),
        field("/enabled", Kind::Flag),
        field("/limit", Kind::Whole),
        field("/rate", Kind::Number),
        field("/templates/*", Kind::Text),
        field("/types/*", Kind::Item),
    ];

    fn patched(operations: Value) -> Result<String, String> {
        let mut object = value!({"name": "a", "templates": {"text/plain": "x"}, "types": ["b/c"]});
        let input = value!({"patchOperations": operations});
        let Value::Object(object) = &mut object else { unreachable!() };
        apply(&input, FIELDS, object).map_err(|fault| fault.message)?;
        Ok(Value::from(object.clone()).to_text())
    }

    #[test]
    fn members_change() {
        let operations = value!([
            {"op": "replace", "path": "/name", "value": "b"},
            {"op": "replace", "path": "/enabled", "value": "True"},
            {"op": "add", "path": "/limit", "value": "5"},
            {"op": "add", "path": "/rate", "value": "0.5"},
            {"op": "add", "path": "/templates/application~1json", "value": "y"},
            {"op": "remove", "path": "/templates/text~1plain"},
            {"op": "add", "path": "/types/d~1e"},
            {"op": "replace", "path": "/types/b~1c", "value": "f/g"},
            {"op": "remove", "path": "/types/1"},
        ]);
        let expected = r#"{"name":"b","templates":{"application/json":"y"},"types":["f/g"],"enabled":true,"limit":5,"rate":0.5}"#;
        assert_eq!(patched(operations).as_deref(), Ok(expected));
    }

    #[test]
    fn what_cannot_be_changed_is_refused() {
        for (operation, message) in [
            (
                value!({"op": "replace", "path": "/nome", "value": "b"}),
                "Invalid patch path  '/nome' specified for op 'replace'. Must be one of: [/name, /enabled, /limit, /rate, /templates/{name}, /types/{name}]",
            ),
            (
                value!({"op": "copy", "path": "/name", "from": "/x"}),
                "Invalid patch operation 'copy' specified for path /name. Must be one of: [add, remove, replace]",
            ),
            (
                value!({"op": "replace", "path": "/limit", "value": "b"}),
                "Invalid patch value 'b' specified for path /limit: it must be a whole number",
            ),
            (value!({"op": "remove", "path": "/types/x"}), "There is no x in types to remove"),
            (
                value!({"op": "remove", "path": "/limit"}),
                "There is nothing to remove at the patch path '/limit'",
            ),
            (
                value!({"op": "add", "path": "/name"}),
                "Invalid patch value specified for path /name: it is missing",
            ),
        ] {
            assert_eq!(patched(value!([operation])), Err(message.to_owned()));
        }
    }
}
