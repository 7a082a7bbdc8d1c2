//! Reference Paths: fields and indexes only, so that a value can also be put there.

use json::{Object, Text, Value};

use super::SyntaxError;

/// A path that only names fields and indexes, so that it can also be written to.
#[derive(Clone, Debug)]
pub struct ReferencePath {
    text: Text,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Field(Text),
    Index(usize),
}

/// `put` goes down one level of recursion for each step.
const STEPS_MAX: usize = 256;

/// What is wrong with a text that should be a Reference Path, as AWS tells it.
pub(crate) fn not_a_reference_path(text: &str) -> &'static str {
    if !text.starts_with('$') {
        "Value is not a Reference Path: Reference path didn't start with '$'"
    } else if has_a_stray_bracket(text) {
        "Value is not a Reference Path: '[' must be followed by ' or '['"
    } else {
        "Value is not a Reference Path"
    }
}

/// Whether a `[` stands before what neither begins a name in quotes nor is an index.
fn has_a_stray_bracket(text: &str) -> bool {
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (_, '\\') => drop(characters.next()),
            (Some(open), _) if character == open => quote = None,
            (None, '[') => match characters.next_if(|next| matches!(next, '\'' | '"')) {
                Some(open) => quote = Some(open),
                None if !characters.peek().is_some_and(char::is_ascii_digit) => return true,
                None => {}
            },
            _ => {}
        }
    }
    false
}

impl ReferencePath {
    /// Compiles a reference path: `$`, then `.name`, `['name']` and `[n]`. A backslash escapes a special
    /// character of a name (`$.store\.book`). Operators, functions, the Context Object and variables
    /// are refused. (spec/asl.md §14)
    pub fn parse(text: &str) -> Result<ReferencePath, SyntaxError> {
        let Some(rest) = text.strip_prefix('$') else {
            return Err(SyntaxError::new("a path starts with '$'"));
        };
        Ok(ReferencePath { text: text.into(), steps: steps(rest)? })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is exactly `$`.
    pub fn is_whole(&self) -> bool {
        self.steps.is_empty()
    }

    /// `document` with `value` put at this place, objects on the way created; `None` when the place
    /// cannot exist in it (`States.ResultPathMatchFailure`): a field of what is no object, or an index
    /// that its array does not have.
    pub fn put(&self, document: &Value, value: Value) -> Option<Value> {
        put(&self.steps, Some(document), value)
    }
}

/// What stands behind the root of a reference path.
pub(super) fn steps(rest: &str) -> Result<Vec<Step>, SyntaxError> {
    let characters: Vec<char> = rest.chars().collect();
    let mut steps = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let step;
        (step, at) = match characters[at] {
            '.' if characters.get(at + 1) == Some(&'[') => bracketed(&characters, at + 1)?,
            '.' => named(&characters, at + 1)?,
            '[' => bracketed(&characters, at)?,
            _ => return Err(SyntaxError::new("a reference path goes on with '.' or '['")),
        };
        steps.push(step);
        if steps.len() > STEPS_MAX {
            return Err(SyntaxError::new(format!("a reference path has at most {STEPS_MAX} steps")));
        }
    }
    Ok(steps)
}

fn put(steps: &[Step], document: Option<&Value>, value: Value) -> Option<Value> {
    let Some((step, rest)) = steps.split_first() else { return Some(value) };
    match (step, document) {
        (Step::Field(name), None) => {
            let mut members = Object::new();
            members.insert(name.clone(), put(rest, None, value)?);
            Some(Value::Object(members))
        }
        (Step::Field(name), Some(Value::Object(members))) => {
            let changed = put(rest, members.get(name), value)?;
            let mut members = members.clone();
            members.insert(name.clone(), changed);
            Some(Value::Object(members))
        }
        (Step::Index(index), Some(Value::Array(items))) => {
            let changed = put(rest, Some(items.get(*index)?), value)?;
            let mut items = items.clone();
            *items.get_mut(*index)? = changed;
            Some(Value::Array(items))
        }
        _ => None,
    }
}

/// A name after a dot, and where it ends.
fn named(characters: &[char], start: usize) -> Result<(Step, usize), SyntaxError> {
    let mut name = String::new();
    let mut at = start;
    while let Some(character) = characters.get(at).copied() {
        match character {
            '.' | '[' => break,
            '\\' => match characters.get(at + 1) {
                Some(escaped) => {
                    name.push(*escaped);
                    at += 1;
                }
                None => return Err(SyntaxError::new("a backslash escapes nothing")),
            },
            '@' | ',' | ':' | '?' | '*' | '(' | ')' | ']' | ' ' | '\'' | '"' => {
                return Err(SyntaxError::new(format!("'{character}' has no place in a reference path")));
            }
            _ => name.push(character),
        }
        at += 1;
    }
    if name.is_empty() {
        return Err(SyntaxError::new("a name is missing after '.'"));
    }
    Ok((Step::Field(name.into()), at))
}

/// `['name']` or `[n]`, and where it ends.
fn bracketed(characters: &[char], start: usize) -> Result<(Step, usize), SyntaxError> {
    let quote = match characters.get(start + 1) {
        Some(quote @ ('\'' | '"')) => *quote,
        _ => return index(characters, start),
    };
    let mut name = String::new();
    let mut at = start + 2;
    loop {
        match characters.get(at).copied() {
            None => return Err(SyntaxError::new("a name in brackets is not closed")),
            Some(character) if character == quote => break,
            Some('\\') if characters.get(at + 1).is_some_and(|next| *next == quote || *next == '\\') => {
                name.push(characters[at + 1]);
                at += 1;
            }
            Some(character) => name.push(character),
        }
        at += 1;
    }
    match characters.get(at + 1) {
        Some(']') => Ok((Step::Field(name.into()), at + 2)),
        _ => Err(SyntaxError::new("']' belongs after a name in brackets")),
    }
}

fn index(characters: &[char], start: usize) -> Result<(Step, usize), SyntaxError> {
    let digits: String = characters[start + 1..].iter().take_while(|next| next.is_ascii_digit()).collect();
    let end = start + 1 + digits.len();
    match (digits.parse(), characters.get(end)) {
        (Ok(index), Some(']')) => Ok((Step::Index(index), end + 1)),
        _ => Err(SyntaxError::new("brackets in a reference path hold a name in quotes or an index")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_where_the_path_says() {
        for (document, path, value, expected) in [
            ("{}", "$", "1", Some("1")),
            ("7", "$", "{}", Some("{}")),
            ("{}", "$.a", "1", Some(r#"{"a":1}"#)),
            (r#"{"a":1,"b":2}"#, "$.a", "3", Some(r#"{"a":3,"b":2}"#)),
            (r#"{"b":2}"#, "$.a.c.d", "3", Some(r#"{"b":2,"a":{"c":{"d":3}}}"#)),
            (r#"{"a":[1,{"x":2}]}"#, "$.a[1].x", "3", Some(r#"{"a":[1,{"x":3}]}"#)),
            (r#"{"a":[1,2]}"#, "$['a'][0]", "3", Some(r#"{"a":[3,2]}"#)),
            ("[1]", "$[0]", "3", Some("[3]")),
            (r#"{"a":[1]}"#, "$.a[1]", "3", None),
            (r#"{"a":[1]}"#, "$.a.b", "3", None),
            (r#"{"a":"text"}"#, "$.a.b", "3", None),
            ("{}", "$.a[0]", "3", None),
            ("\"text\"", "$.a", "3", None),
            ("{}", "$.store\\.book", "3", Some(r#"{"store.book":3}"#)),
            ("{}", r#"$['it\'s \"']"#, "3", Some(r#"{"it's \\\"":3}"#)),
            ("{}", "$.ünï-x", "3", Some(r#"{"ünï-x":3}"#)),
        ] {
            let read = |text: &str| Value::parse(text).expect(text);
            let put = ReferencePath::parse(path).expect(path).put(&read(document), read(value));
            assert_eq!(put.map(|put| put.to_text()).as_deref(), expected, "{document} {path}");
        }
    }

    #[test]
    fn putting_leaves_the_old_document_alone() {
        let document = Value::parse(r#"{"a":{"b":[1]}}"#).unwrap();
        let changed = ReferencePath::parse("$.a.b[0]").unwrap().put(&document, Value::Int(2)).unwrap();
        assert_eq!(document.to_text(), r#"{"a":{"b":[1]}}"#);
        assert_eq!(changed.to_text(), r#"{"a":{"b":[2]}}"#);
    }

    #[test]
    fn what_is_no_reference_path_is_refused() {
        for path in [
            "",
            "a",
            "$$",
            "$$.a",
            "$x",
            "$x.a",
            "$.",
            "$..a",
            "$.a..b",
            "$.*",
            "$[*]",
            "$.a[1:2]",
            "$.a[0,1]",
            "$['a','b']",
            "$.a[-1]",
            "$.a[?(@.b)]",
            "$.a.length()",
            "$.a[",
            "$.a[0",
            "$['a",
            "$['a'",
            "$.a b",
            "@.a",
            "$.a\\",
        ] {
            assert!(ReferencePath::parse(path).is_err(), "{path}");
        }
    }
}
