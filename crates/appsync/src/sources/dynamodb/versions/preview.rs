//! What an item would be after an update: shown to the function that resolves a conflict. DynamoDB itself decides what it is.
//! (DynamoDB's developer guide, "Update expressions")
//!
//! An action that cannot be worked out changes nothing here.

use json::{Object, Value};

use super::update_expression::UpdateExpression;
use crate::sources::dynamodb::expressions::Placeholders;
use crate::sources::dynamodb::write::Update;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// The item after an update.
pub(super) fn updated(update: &Update, current: &Object) -> Object {
    let Some(expression) = UpdateExpression::parse(&update.expression) else { return current.clone() };
    let placeholders = &update.placeholders;
    // A map, so that a path begins as it goes on.
    let mut item = typed("M", current.clone());
    for (path, operand) in &expression.set {
        if let Some(value) = evaluated(operand, current, placeholders) {
            put(&mut item, &steps(path, placeholders), Some(value));
        }
    }
    for path in &expression.remove {
        put(&mut item, &steps(path, placeholders), None);
    }
    for (actions, combine) in [(&expression.add, added as Combine), (&expression.delete, subtracted)] {
        for action in actions {
            let Some((path, value)) = action.split_once(char::is_whitespace) else { continue };
            let Some(value) = placeholders.values.get(value.trim()) else { continue };
            let known = value_at(current, path, placeholders);
            put(&mut item, &steps(path, placeholders), combine(known.as_ref(), value));
        }
    }
    item.get("M").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// The typed value at a path of an item.
pub(super) fn value_at(item: &Object, path: &str, placeholders: &Placeholders) -> Option<Value> {
    let mut steps = steps(path, placeholders).into_iter();
    let Some(Step::Name(first)) = steps.next() else { return None };
    let mut value = item.get(&first)?;
    for step in steps {
        value = match step {
            Step::Name(name) => value.get("M")?.get(&name)?,
            Step::Index(index) => value.get("L")?.at(index)?,
        };
    }
    Some(value.clone())
}

/// `#a.b[0]`
fn steps(path: &str, placeholders: &Placeholders) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in path.trim().split('.') {
        let mut pieces = part.split('[');
        let name = pieces.next().unwrap_or_default().trim();
        steps.push(Step::Name(placeholders.name(name).to_owned()));
        let indices = pieces.filter_map(|piece| piece.trim_end_matches(']').trim().parse().ok());
        steps.extend(indices.map(Step::Index));
    }
    steps
}

/// Puts a value where a path leads, or takes it away. The recursion follows the path, whose length the expression bounds.
fn put(value: &mut Value, steps: &[Step], new: Option<Value>) {
    let Some((step, rest)) = steps.split_first() else { return };
    let Some(inner) = value.as_object_mut().and_then(|typed| typed.values_mut().next()) else { return };
    match (step, inner) {
        (Step::Name(name), Value::Object(members)) => match (rest.is_empty(), new) {
            (true, Some(new)) => _ = members.insert(name.as_str(), new),
            (true, None) => _ = members.remove(name),
            (false, new) => {
                if let Some(member) = members.get_mut(name) {
                    put(member, rest, new);
                }
            }
        },
        (Step::Index(index), Value::Array(items)) => {
            let items = items.make_mut();
            match (items.get_mut(*index), rest.is_empty(), new) {
                (Some(item), true, Some(new)) => *item = new,
                (Some(_), true, None) => _ = items.remove(*index),
                (Some(item), false, new) => put(item, rest, new),
                (None, true, Some(new)) => items.push(new),
                (None, ..) => {}
            }
        }
        _ => {}
    }
}

/// An operand of `SET`. The recursion follows its parentheses and signs, whose number the expression's length bounds.
fn evaluated(operand: &str, item: &Object, placeholders: &Placeholders) -> Option<Value> {
    let operand = operand.trim();
    if let Some((place, sign)) = last_sign(operand) {
        let left = evaluated(&operand[..place], item, placeholders)?;
        let right = evaluated(&operand[place + 1..], item, placeholders)?;
        return sum(&left, &right, sign == '-');
    }
    if let Some((name, arguments)) = function(operand) {
        let (first, second) = arguments;
        let value = |text: &str| evaluated(text, item, placeholders);
        return match name.to_ascii_lowercase().as_str() {
            "if_not_exists" => value_at(item, first, placeholders).or_else(|| value(second)),
            "list_append" => {
                let (mut list, more) = (value(first)?, value(second)?);
                let more = more.get("L")?.as_array()?.clone();
                let items = list.as_object_mut()?.get_mut("L")?.as_array_mut()?;
                items.make_mut().extend(more.iter().cloned());
                Some(list)
            }
            _ => None,
        };
    }
    match operand.starts_with(':') {
        true => placeholders.values.get(operand).cloned(),
        false => value_at(item, operand, placeholders),
    }
}

/// The last sign that stands in no parentheses.
fn last_sign(operand: &str) -> Option<(usize, char)> {
    let (mut depth, mut found) = (0_usize, None);
    for (place, letter) in operand.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '+' | '-' if depth == 0 => found = Some((place, letter)),
            _ => {}
        }
    }
    found
}

/// `name(first, second)`
fn function(operand: &str) -> Option<(&str, (&str, &str))> {
    let (name, rest) = operand.split_once('(')?;
    let arguments = rest.trim_end().strip_suffix(')')?;
    let mut depth = 0_usize;
    let comma = arguments.char_indices().find(|(_, letter)| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *letter == ',' && depth == 0
    });
    let (place, _) = comma?;
    Some((name.trim(), (&arguments[..place], &arguments[place + 1..])))
}

fn sum(left: &Value, right: &Value, subtract: bool) -> Option<Value> {
    let text = |value: &Value| value.get("N").and_then(Value::as_str).map(str::to_owned);
    let (left, right) = (text(left)?, text(right)?);
    if let (Ok(left), Ok(right)) = (left.parse::<i64>(), right.parse::<i64>()) {
        let sum = if subtract { left.checked_sub(right) } else { left.checked_add(right) };
        return sum.map(|sum| typed("N", sum.to_string()));
    }
    let (left, right) = (left.parse::<f64>().ok()?, right.parse::<f64>().ok()?);
    let sum = if subtract { left - right } else { left + right };
    Some(typed("N", Value::from(sum).to_text()))
}

type Combine = fn(Option<&Value>, &Value) -> Option<Value>;

/// `ADD`: numbers are summed, sets united.
fn added(known: Option<&Value>, value: &Value) -> Option<Value> {
    let Some(known) = known else { return Some(value.clone()) };
    if let Some(sum) = sum(known, value, false) {
        return Some(sum);
    }
    let (kind, mut items) = set(known)?;
    let (_, more) = set(value)?;
    for item in more {
        if !items.contains(&item) {
            items.push(item);
        }
    }
    Some(typed(&kind, items))
}

/// `DELETE`: a set without some of its elements. One without any is gone.
fn subtracted(known: Option<&Value>, value: &Value) -> Option<Value> {
    let (kind, mut items) = set(known?)?;
    let (_, less) = set(value)?;
    items.retain(|item| !less.contains(item));
    (!items.is_empty()).then(|| typed(&kind, items))
}

fn set(value: &Value) -> Option<(String, Vec<Value>)> {
    let (kind, items) = value.as_object()?.iter().next()?;
    matches!(kind.as_str(), "SS" | "NS" | "BS")
        .then(|| Some((kind.to_string(), items.as_array()?.as_slice().to_vec())))?
}

fn typed(kind: &str, value: impl Into<Value>) -> Value {
    Object::from_iter([(kind, value.into())]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_are_worked_out() {
        let object = |text: &str| Value::parse(text).unwrap().as_object().cloned().unwrap();
        let current = object(
            r#"{"n": {"N": "5"}, "l": {"L": [{"S": "x"}, {"S": "y"}]}, "m": {"M": {"a": {"S": "old"}, "gone": {"S": "g"}}},
            "s": {"SS": ["a", "b"]}, "whole": {"SS": ["a"]}, "c": {"N": "1.5"}}"#,
        );
        let placeholders = Placeholders {
            names: object(r##"{"#m": "m"}"##),
            values: object(
                r#"{":one": {"N": "1"}, ":l": {"L": [{"S": "z"}]}, ":v": {"S": "new"}, ":s": {"SS": ["b", "c"]}, ":a": {"SS": ["a"]}}"#,
            ),
        };
        let expression = "SET n = n + :one, l = list_append(l, :l), #m.a = :v, k = if_not_exists(k, :one) - :one, \
             l[0] = :v REMOVE #m.gone ADD c :one, s :s, fresh :one DELETE whole :a";
        let update = Update { expression: expression.to_owned(), placeholders };
        let expected = r#"{"n":{"N":"6"},"l":{"L":[{"S":"new"},{"S":"y"},{"S":"z"}]},"m":{"M":{"a":{"S":"new"}}},"s":{"SS":["a","b","c"]},"c":{"N":"2.5"},"k":{"N":"0"},"fresh":{"N":"1"}}"#;
        assert_eq!(Value::from(updated(&update, &current)).to_text(), expected);
    }
}
