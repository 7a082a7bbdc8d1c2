//! `AUTOMERGE`: lists are appended, sets united, maps merged; of other values that both have, the table's stays.

use json::{Object, Value};

use super::preview;
use super::stamp::without_own;
use super::update_expression::UpdateExpression;
use crate::sources::dynamodb::write::{Action, Update};

/// The write that takes over what is in no conflict with the item as it is. A deletion is in none.
pub(super) fn merged(action: &Action, current: &Object) -> Action {
    match action {
        Action::Put(incoming) => Action::Put(merged_maps(&without_own(current), &without_own(incoming))),
        Action::Update(update) => Action::Update(merged_update(update, current)),
        Action::Delete => Action::Delete,
    }
}

/// All that the table has, with what comes in.
fn merged_maps(server: &Object, incoming: &Object) -> Object {
    let mut merged = server.clone();
    for (name, value) in incoming.iter() {
        if let Some(value) = merged_value(server.get(name), value) {
            merged.insert(name.clone(), value);
        }
    }
    merged
}

/// The value to write; none if the table's stays as it is. The recursion follows the values, whose depth is bounded.
fn merged_value(server: Option<&Value>, incoming: &Value) -> Option<Value> {
    let Some((kind, known)) = server.and_then(typed_parts).filter(|(kind, _)| *kind != "NULL") else {
        return Some(incoming.clone());
    };
    let (incoming_kind, new) = typed_parts(incoming)?;
    let merged = match (kind, known, incoming_kind, new) {
        ("L", Value::Array(known), "L", Value::Array(new)) => {
            known.iter().chain(new.iter()).cloned().collect()
        }
        ("M", Value::Object(known), "M", Value::Object(new)) => merged_maps(known, new).into(),
        ("SS" | "NS" | "BS", Value::Array(known), other, Value::Array(new)) if kind == other => {
            let added = new.iter().filter(|item| !known.iter().any(|known| known == *item));
            known.iter().chain(added).cloned().collect::<Value>()
        }
        _ => return None,
    };
    Some(Object::from_iter([(kind, merged)]).into())
}

fn typed_parts(value: &Value) -> Option<(&str, &Value)> {
    let (kind, inner) = value.as_object()?.iter().next()?;
    Some((kind.as_str(), inner))
}

/// What an update sets to a value is merged; what it removes stays where it is there; what it computes of what is there
/// (a sum, an appended list) is in no conflict.
fn merged_update(update: &Update, current: &Object) -> Update {
    let Some(mut expression) = UpdateExpression::parse(&update.expression) else { return update.clone() };
    let mut placeholders = update.placeholders.clone();
    let mut set = Vec::with_capacity(expression.set.len());
    for (number, (path, operand)) in std::mem::take(&mut expression.set).into_iter().enumerate() {
        let Some(incoming) = update.placeholders.values.get(&operand) else {
            set.push((path, operand));
            continue;
        };
        let server = preview::value_at(current, &path, &update.placeholders);
        if let Some(value) = merged_value(server.as_ref(), incoming) {
            let placeholder = format!(":appsync_merged_{number}");
            placeholders.values.insert(placeholder.clone(), value);
            set.push((path, placeholder));
        }
    }
    expression.set = set;
    expression.remove.retain(|path| preview::value_at(current, path, &update.placeholders).is_none());
    let text = expression.text();
    placeholders.retain_used(&[&text]);
    Update { expression: text, placeholders }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::dynamodb::expressions::Placeholders;

    fn object(text: &str) -> Object {
        Value::parse(text).unwrap().as_object().cloned().unwrap()
    }

    const CURRENT: &str = r#"{"id": {"S": "a"}, "title": {"S": "server"}, "none": {"NULL": true}, "list": {"L": [{"S": "x"}]},
        "set": {"SS": ["x", "y"]}, "map": {"M": {"a": {"N": "1"}, "l": {"L": []}}}, "_version": {"N": "3"}}"#;

    #[test]
    fn an_item_is_merged_attribute_by_attribute() {
        let incoming = object(
            r#"{"id": {"S": "a"}, "title": {"S": "mine"}, "none": {"S": "mine"}, "new": {"S": "mine"}, "list": {"L": [{"S": "x"}]},
            "set": {"SS": ["y", "z"]}, "map": {"M": {"a": {"N": "2"}, "b": {"N": "2"}, "l": {"L": [{"N": "7"}]}}}}"#,
        );
        let Action::Put(merged) = merged(&Action::Put(incoming), &object(CURRENT)) else { unreachable!() };
        let expected = r#"{"id":{"S":"a"},"title":{"S":"server"},"none":{"S":"mine"},"list":{"L":[{"S":"x"},{"S":"x"}]},"set":{"SS":["x","y","z"]},"map":{"M":{"a":{"N":"1"},"l":{"L":[{"N":"7"}]},"b":{"N":"2"}}},"new":{"S":"mine"}}"#;
        assert_eq!(Value::from(merged).to_text(), expected);
    }

    #[test]
    fn an_update_is_merged_action_by_action() {
        let placeholders = Placeholders {
            names: object(
                r##"{"#t": "title", "#l": "list", "#m": "map", "#a": "a", "#b": "b", "#n": "count"}"##,
            ),
            values: object(r#"{":t": {"S": "mine"}, ":l": {"L": [{"S": "z"}]}, ":one": {"N": "1"}}"#),
        };
        let text = "SET #t = :t, #l = :l, #m.#a = :one, #m.#b = :one, #n = #n + :one REMOVE title, absent";
        let update = Update { expression: text.to_owned(), placeholders };
        let Update { expression, placeholders } = merged_update(&update, &object(CURRENT));
        assert_eq!(
            expression,
            "SET #l = :appsync_merged_1, #m.#b = :appsync_merged_3, #n = #n + :one REMOVE absent"
        );
        let values = r#"{":one":{"N":"1"},":appsync_merged_1":{"L":[{"S":"x"},{"S":"z"}]},":appsync_merged_3":{"N":"1"}}"#;
        assert_eq!(Value::from(placeholders.values).to_text(), values);
        assert_eq!(placeholders.names.get("#t"), None);
    }
}
