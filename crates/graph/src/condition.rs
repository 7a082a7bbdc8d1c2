//! Why a transition is taken, in a few words: the condition of a Choice rule, the errors of a catcher.
//!
//! Never here: whether a condition is right or can be evaluated.

use json::Value;

/// Longer words are cut: a label is a hint, and the definition has the rest.
const CHARACTERS_MAX: usize = 200;
/// Conditions within conditions are shown to this depth.
const DEPTH_MAX: usize = 8;

/// Comparisons of the States Language with a sign of their own, each with what its name ends with.
const SIGNS: [(&str, &str); 5] = [
    ("GreaterThanEquals", "≥"),
    ("LessThanEquals", "≤"),
    ("GreaterThan", ">"),
    ("LessThan", "<"),
    ("Equals", "="),
];

/// A Choice rule's condition: `$.total > 100`.
pub(crate) fn of(rule: &Value) -> String {
    if let Some(condition) = rule.get("Condition") {
        return shortened(match condition.as_str() {
            Some(text) => inside_of_expression(text).to_owned(),
            None => condition.to_text(),
        });
    }
    shortened(words(rule, 0))
}

/// What a catcher takes: `States.Timeout, MyError`.
pub(crate) fn errors(catcher: &Value) -> String {
    let errors = catcher.get("ErrorEquals").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<&str> = errors.filter_map(Value::as_str).collect();
    match &names[..] {
        [] => "any error".to_owned(),
        ["States.ALL"] => "any error".to_owned(),
        names => shortened(names.join(", ")),
    }
}

fn words(rule: &Value, depth: usize) -> String {
    if depth > DEPTH_MAX {
        return "…".to_owned();
    }
    for (field, word) in [("And", " and "), ("Or", " or ")] {
        if let Some(parts) = rule.get(field).and_then(Value::as_array) {
            let parts: Vec<String> = parts.iter().map(|part| part_words(part, depth)).collect();
            return parts.join(word);
        }
    }
    if let Some(negated) = rule.get("Not") {
        return format!("not {}", part_words(negated, depth));
    }
    let variable = rule.get("Variable").and_then(Value::as_str).unwrap_or("?");
    let fields = rule.as_object().into_iter().flat_map(|object| object.iter());
    let mut comparisons =
        fields.filter(|(name, _)| !["Variable", "Next", "Comment", "Assign"].contains(&name.as_str()));
    match comparisons.next() {
        Some((name, operand)) => comparison(variable, name, operand),
        None => variable.to_owned(),
    }
}

/// A condition inside another one, in parentheses where it has parts itself.
fn part_words(rule: &Value, depth: usize) -> String {
    let has_parts = rule.get("And").is_some() || rule.get("Or").is_some();
    let words = words(rule, depth + 1);
    if has_parts { format!("({words})") } else { words }
}

fn comparison(variable: &str, name: &str, operand: &Value) -> String {
    let plain = name.strip_suffix("Path").unwrap_or(name);
    if let Some((_, sign)) = SIGNS.iter().find(|(end, _)| plain.ends_with(end)) {
        let operand = match operand.as_str() {
            Some(path) if name.ends_with("Path") => path.to_owned(),
            _ => operand.to_text(),
        };
        return format!("{variable} {sign} {operand}");
    }
    if name == "StringMatches" {
        return format!("{variable} matches {}", operand.to_text());
    }
    if let Some(what) = name.strip_prefix("Is") {
        let is = if operand.as_bool() == Some(false) { "is not" } else { "is" };
        return format!("{variable} {is} {}", what.to_lowercase());
    }
    format!("{variable} {name} {}", operand.to_text())
}

/// An expression without what marks it as one.
pub(crate) fn inside_of_expression(text: &str) -> &str {
    let inside = text.trim().strip_prefix("{%").and_then(|text| text.strip_suffix("%}"));
    inside.unwrap_or(text).trim()
}

/// In one line, and not too long.
pub(crate) fn shortened(text: String) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use json::value;

    use super::*;

    #[test]
    fn conditions_read_as_one_would_say_them() {
        let check = |rule: Value, expected: &str| assert_eq!(of(&rule), expected, "{rule}");
        check(value!({ "Variable": "$.a", "NumericGreaterThan": 3, "Next": "B" }), "$.a > 3");
        check(value!({ "Variable": "$.a", "StringEquals": "x", "Next": "B" }), "$.a = \"x\"");
        check(value!({ "Variable": "$.a", "NumericLessThanEqualsPath": "$.b" }), "$.a ≤ $.b");
        check(value!({ "Next": "B", "Variable": "$.a", "IsPresent": false }), "$.a is not present");
        check(value!({ "Variable": "$.a", "StringMatches": "*.log" }), "$.a matches \"*.log\"");
        let one = value!({ "Variable": "$.a", "BooleanEquals": true });
        let other = value!({ "Variable": "$.b", "IsNull": true });
        check(value!({ "And": [(&one), (&other)], "Next": "B" }), "$.a = true and $.b is null");
        check(value!({ "Not": { "Or": [(&one), (&other)] } }), "not ($.a = true or $.b is null)");
        check(value!({ "Condition": "{% $x >\n  3 %}", "Next": "B" }), "$x > 3");
        check(value!({ "Condition": true }), "true");
        check(value!({ "Next": "B" }), "?");
        check(value!([]), "?");
    }

    #[test]
    fn errors_are_listed() {
        assert_eq!(errors(&value!({ "ErrorEquals": ["States.ALL"] })), "any error");
        assert_eq!(errors(&value!({ "ErrorEquals": ["A", "B"] })), "A, B");
        assert_eq!(errors(&value!({})), "any error");
    }

    #[test]
    fn endless_words_end() {
        let mut rule = value!({ "Variable": "$.a", "IsNull": true });
        for _ in 0..100 {
            rule = value!({ "Not": (rule) });
        }
        assert_eq!(of(&rule), format!("{}…", "not ".repeat(9)));
        let long = value!({ "Variable": ("$.a".repeat(400)), "IsNull": true });
        assert_eq!(of(&long).chars().count(), CHARACTERS_MAX + 1);
    }
}
