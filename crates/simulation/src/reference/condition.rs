//! Whether a Choice rule holds.

use std::cmp::Ordering;

use json::{Object, Value};

use super::data::{Trouble, View, path};
use super::machine::{list, object, text};
use super::time;

/// `rule`: an element of `Choices`, or what stands inside And, Or and Not.
pub fn holds(rule: &Object, input: &Value, view: &View<'_>) -> Result<bool, Trouble> {
    if rule.contains_key("And") {
        for part in list(rule, "And") {
            if !holds(object(part), input, view)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    if rule.contains_key("Or") {
        for part in list(rule, "Or") {
            if holds(object(part), input, view)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(part) = rule.get("Not") {
        return Ok(!holds(object(part), input, view)?);
    }
    let variable = text(rule, "Variable").expect("an accepted test has a Variable");
    let is_operator =
        |name: &&json::Text| !["Variable", "Next", "Assign", "Comment"].contains(&name.as_str());
    let operator = rule.keys().find(is_operator).expect("an accepted test has an operator");
    let operand = rule.get(operator).expect("it was just found");
    let found = path(variable, input, view);
    if operator == "IsPresent" {
        return Ok(operand.as_bool() == Some(found.is_some()));
    }
    let value = found.ok_or_else(|| view.runtime())?;
    let kind = |is: bool| Ok(operand.as_bool() == Some(is));
    match operator.as_str() {
        "IsNull" => return kind(value.is_null()),
        "IsNumeric" => return kind(value.is_number()),
        "IsString" => return kind(value.is_string()),
        "IsBoolean" => return kind(value.is_boolean()),
        "IsTimestamp" => return kind(instant(&value).is_some()),
        "StringMatches" => {
            let pattern: Vec<char> = operand.as_str().unwrap_or_default().chars().collect();
            let text: Option<Vec<char>> = value.as_str().map(|text| text.chars().collect());
            return Ok(text.is_some_and(|text| matches(&pattern, &text)));
        }
        _ => {}
    }
    let (operator, operand) = match operator.strip_suffix("Path") {
        Some(operator) => {
            let place = operand.as_str().expect("an accepted path is a text");
            (operator, path(place, input, view).ok_or_else(|| view.runtime())?)
        }
        None => (operator.as_str(), operand.clone()),
    };
    let (order, comparison) = if let Some(comparison) = operator.strip_prefix("String") {
        (value.as_str().zip(operand.as_str()).map(|(one, two)| one.cmp(two)), comparison)
    } else if let Some(comparison) = operator.strip_prefix("Numeric") {
        (value.as_f64().zip(operand.as_f64()).and_then(|(one, two)| one.partial_cmp(&two)), comparison)
    } else if let Some(comparison) = operator.strip_prefix("Timestamp") {
        (instant(&value).zip(instant(&operand)).map(|(one, two)| one.cmp(&two)), comparison)
    } else if let Some(comparison) = operator.strip_prefix("Boolean") {
        (value.as_bool().zip(operand.as_bool()).map(|(one, two)| one.cmp(&two)), comparison)
    } else {
        panic!("the reference does not know the operator {operator}")
    };
    Ok(order.is_some_and(|order| match comparison {
        "Equals" => order == Ordering::Equal,
        "LessThan" => order == Ordering::Less,
        "GreaterThan" => order == Ordering::Greater,
        "LessThanEquals" => order != Ordering::Greater,
        "GreaterThanEquals" => order != Ordering::Less,
        other => panic!("the reference does not know the comparison {other}"),
    }))
}

fn instant(value: &Value) -> Option<i64> {
    time::parse(value.as_str()?)
}

/// `*` is any text; a backslash makes the next character one of itself.
fn matches(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|skipped| matches(rest, &text[skipped..])),
        ['\\', literal, rest @ ..] | [literal, rest @ ..] => {
            text.first() == Some(literal) && matches(rest, &text[1..])
        }
    }
}
