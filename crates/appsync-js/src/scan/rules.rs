//! What APPSYNC_JS forbids and a look at one token and its neighbours can tell.
//! The names of the rules are those of AWS's linter.

use super::error::CodeError;
use super::token::{Kind, Token};

/// Words, the rule that forbids them, and what to say.
const WORDS: [(&str, &str, &str); 19] = [
    ("class", "no-classes", "Classes are not supported"),
    ("super", "no-classes", "Classes are not supported"),
    ("this", "no-this", "'this' is not supported"),
    ("try", "no-try", "try is not supported: use util.error to report an error"),
    ("catch", "no-try", "catch is not supported: use util.error to report an error"),
    ("finally", "no-try", "finally is not supported"),
    ("throw", "no-throw", "throw is not supported: use util.error to report an error"),
    ("while", "no-while", "while is not supported: use for-of or for-in"),
    ("do", "no-while", "do is not supported: use for-of or for-in"),
    ("continue", "no-continue", "continue is not supported"),
    ("await", "no-await", "await is not supported"),
    ("yield", "no-yield", "yield is not supported"),
    ("instanceof", "no-disallowed-binary-operators", "The operator instanceof is not supported"),
    ("with", "no-with", "with is not supported"),
    ("debugger", "no-debugger", "debugger is not supported"),
    ("eval", "no-disallowed-methods", "eval is not supported"),
    ("arguments", "no-arguments", "'arguments' of functions is not supported: use rest parameters"),
    ("Function", "no-disallowed-methods", "Function is not supported"),
    ("Promise", "no-async", "Promises are not supported"),
];

/// Static functions that do not exist here, and methods, whatever they are called on.
const OBJECT_STATICS: [&str; 16] = [
    "create",
    "defineProperty",
    "defineProperties",
    "freeze",
    "getOwnPropertyDescriptor",
    "getOwnPropertyDescriptors",
    "getOwnPropertyNames",
    "getOwnPropertySymbols",
    "getPrototypeOf",
    "is",
    "isExtensible",
    "isFrozen",
    "isSealed",
    "preventExtensions",
    "seal",
    "setPrototypeOf",
];
const METHODS: [&str; 17] = [
    "copyWithin",
    "charCodeAt",
    "localeCompare",
    "matchAll",
    "padEnd",
    "padStart",
    "toLocaleString",
    "toLocaleLowerCase",
    "toLocaleUpperCase",
    "toLocaleDateString",
    "toLocaleTimeString",
    "fromCharCode",
    "fromCodePoint",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
];

pub fn check(tokens: &[Token], errors: &mut Vec<CodeError>) {
    for index in 0..tokens.len() {
        if let Some((rule, message)) = forbidden(tokens, index) {
            let value = format!("@aws-appsync/{rule}: {message}");
            errors.push(CodeError::lint(value, tokens[index].location()));
        }
    }
}

fn forbidden(tokens: &[Token], index: usize) -> Option<(&'static str, String)> {
    let token = &tokens[index];
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let before = if index == 0 { "" } else { text(index - 1) };
    match token.kind {
        Kind::Regex => {
            return Some(("no-regex", "Regular expressions are not supported: use util.matches".into()));
        }
        Kind::Punctuator if matches!(token.text, "++" | "--" | "~") => {
            let message = format!("The unary operator {} is not supported", token.text);
            return Some(("no-disallowed-unary-operators", message));
        }
        Kind::Word => {}
        _ => return None,
    }
    if matches!(before, "." | "?.") {
        let is_call = text(index + 1) == "(";
        let receiver = if index >= 2 { text(index - 2) } else { "" };
        let is_static = receiver == "Object" && OBJECT_STATICS.contains(&token.text)
            || receiver == "String" && token.text == "raw"
            || receiver == "Array" && matches!(token.text, "from" | "of");
        if is_static || is_call && METHODS.contains(&token.text) {
            return Some(("no-disallowed-methods", format!("{} is not supported", token.text)));
        }
        return None;
    }
    if is_key(tokens, index) {
        return None;
    }
    if let Some((_, rule, message)) = WORDS.iter().find(|(word, ..)| *word == token.text) {
        return Some((rule, (*message).into()));
    }
    match (token.text, text(index + 1)) {
        ("async", "function" | "(") => Some(("no-async", "async is not supported".into())),
        ("async", _)
            if tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Word && !next.on_new_line) =>
        {
            Some(("no-async", "async is not supported".into()))
        }
        ("function", "*") => Some(("no-generators", "Generators are not supported".into())),
        ("new", class) if class != "Date" => {
            Some(("no-new", format!("new {class} is not supported: only Date can be made so")))
        }
        ("import", "(" | ".") => Some(("no-dynamic-import", "Imports stand at the top of the code".into())),
        ("for", "await") => Some(("no-await", "await is not supported".into())),
        ("for", _) if has_semicolon(tokens, index + 1) => {
            Some(("no-for", "for with semicolons is not supported: use for-of or for-in".into()))
        }
        ("in", _) if !is_in_of_for(tokens, index) => {
            Some(("no-disallowed-binary-operators", "The operator in is not supported".into()))
        }
        ("break", label)
            if !tokens[(index + 1).min(tokens.len() - 1)].on_new_line && is_word(tokens, index + 1) =>
        {
            Some(("no-labels", format!("The label {label} is not supported")))
        }
        (label, ":")
            if matches!(text(index + 2), "for" | "{") && matches!(before, "" | ";" | "}" | "{" | ")") =>
        {
            // In an object, `{` after a colon is common; there a comma or the opening brace stands before.
            let is_block = text(index + 2) == "for" || before != "{";
            is_block.then(|| ("no-labels", format!("The label {label} is not supported")))
        }
        ("get" | "set", _) if is_accessor(tokens, index) => {
            Some(("no-accessors", "Getters and setters are not supported".into()))
        }
        _ => None,
    }
}

fn is_word(tokens: &[Token], index: usize) -> bool {
    tokens
        .get(index)
        .is_some_and(|token| token.kind == Kind::Word && !matches!(token.text, "case" | "default"))
}

/// Whether a word is a name in an object or a pattern: `{ class: 1, this: 2 }`.
fn is_key(tokens: &[Token], index: usize) -> bool {
    let before = index.checked_sub(1).map_or("", |before| tokens[before].text);
    matches!(before, "{" | ",")
        && tokens.get(index + 1).is_some_and(|next| next.is(":"))
        && !tokens.get(index + 2).is_some_and(|next| next.is("for"))
}

/// `get name(`, within an object.
fn is_accessor(tokens: &[Token], index: usize) -> bool {
    let before = index.checked_sub(1).map_or("", |before| tokens[before].text);
    let names = |kind| matches!(kind, Kind::Word | Kind::Text | Kind::Number);
    let is_named = tokens.get(index + 1).is_some_and(|next| names(next.kind) || next.is("["));
    matches!(before, "{" | ",") && is_named && !tokens[index + 1].on_new_line
}

/// Whether the parentheses that open there hold a semicolon, brackets within them aside.
fn has_semicolon(tokens: &[Token], open: usize) -> bool {
    let Some(end) = tokens.get(open).and_then(|token| token.pair) else { return false };
    let mut at = open + 1;
    while at < end {
        if tokens[at].is(";") {
            return true;
        }
        at = tokens[at].pair.filter(|pair| *pair > at).unwrap_or(at) + 1;
    }
    false
}

/// Whether `in` belongs to a `for`: what stands before it, brackets aside, is `for (const name`.
fn is_in_of_for(tokens: &[Token], index: usize) -> bool {
    let mut at = index;
    while at > 0 {
        at -= 1;
        if let Some(pair) = tokens[at].pair.filter(|pair| *pair < at) {
            at = pair;
        } else if tokens[at].is("(") {
            return at > 0 && tokens[at - 1].is("for");
        } else if matches!(tokens[at].text, ";" | "=" | "of" | "in" | "{" | "[") {
            return false;
        }
    }
    false
}
