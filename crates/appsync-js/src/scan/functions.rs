//! What APPSYNC_JS forbids about functions: recursion, passing them to functions of the user's own,
//! returning them, assigning to them; and assigning to the context and its members.
//!
//! Functions are known by their names: two of one name are taken for one.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CodeError;
use super::token::{Kind, Token};

const ASSIGNMENTS: [&str; 16] =
    ["=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=", "^=", "&&=", "||=", "??="];

/// A function with a name.
struct Named {
    /// The token of the name.
    name: usize,
    /// Its parameters and body: tokens from here to there.
    from: usize,
    to: usize,
}

pub fn check(tokens: &[Token], errors: &mut Vec<CodeError>) {
    let scan = Scan { tokens };
    let named: Vec<_> = (0..tokens.len()).filter_map(|index| scan.named(index)).collect();
    let names: BTreeSet<&str> = named.iter().map(|function| tokens[function.name].text).collect();
    let contexts = scan.contexts(&named);
    let mut refuse = |index: usize, rule: &str, message: &str| {
        errors.push(CodeError::lint(format!("@aws-appsync/{rule}: {message}"), tokens[index].location()));
    };
    for function in recursive(tokens, &named) {
        refuse(function, "no-recursion", "A function that calls itself is not supported");
    }
    for (index, token) in tokens.iter().enumerate() {
        if scan.is_property(index) {
            continue;
        }
        let text = token.text;
        let next = scan.text(index + 1);
        if text == "return" && scan.is_function(index + 1, &names) {
            refuse(index, "no-function-return", "Returning functions is not supported");
        }
        if text == "=>" && scan.is_arrow(index + 1) {
            refuse(index, "no-function-return", "Returning functions is not supported");
        }
        if names.contains(text)
            && next == "("
            && !scan.is_declared(index)
            && scan.passes_function(index + 1, &names)
        {
            refuse(
                index,
                "no-function-passing",
                "Passing functions to functions of your own is not supported",
            );
        }
        if names.contains(text) && ASSIGNMENTS.contains(&next) && !scan.is_declared(index) {
            refuse(index, "no-function-reassign", "Assigning to a function is not supported");
        }
        if contexts.iter().any(|(name, from, to)| *name == text && (*from..*to).contains(&index)) {
            let target = if next == "." && ASSIGNMENTS.contains(&scan.text(index + 3)) {
                index + 3
            } else {
                index + 1
            };
            if ASSIGNMENTS.contains(&scan.text(target)) && !scan.is_declared(index) {
                let message =
                    "Assigning to the context and its members is not supported: write into ctx.stash";
                refuse(index, "no-disallowed-re-assignment", message);
            }
        }
    }
}

struct Scan<'a, 't> {
    tokens: &'a [Token<'t>],
}

impl<'t> Scan<'_, 't> {
    fn text(&self, index: usize) -> &'t str {
        self.tokens.get(index).map_or("", |token| token.text)
    }

    fn before(&self, index: usize) -> &'t str {
        index.checked_sub(1).map_or("", |before| self.text(before))
    }

    fn is_property(&self, index: usize) -> bool {
        matches!(self.before(index), "." | "?.") || self.tokens[index].kind == Kind::Text
    }

    fn is_declared(&self, index: usize) -> bool {
        matches!(self.before(index), "const" | "let" | "var" | "function")
    }

    /// The function that is named there: `function name(` or `const name = (...) =>`.
    fn named(&self, index: usize) -> Option<Named> {
        match self.text(index) {
            "function" if self.text(index + 2) == "(" => {
                let parameters = self.tokens[index + 2].pair?;
                let to = self.tokens.get(parameters + 1)?.pair?;
                Some(Named { name: index + 1, from: index + 2, to })
            }
            "const" | "let" | "var" if self.text(index + 2) == "=" && self.is_arrow(index + 3) => {
                Some(Named { name: index + 1, from: index + 3, to: self.end_of_function(index + 3) })
            }
            _ => None,
        }
    }

    /// Whether a function begins there: `function`, `name =>` or `(...) =>`.
    fn is_arrow(&self, index: usize) -> bool {
        let Some(token) = self.tokens.get(index) else { return false };
        match token.text {
            "function" => token.kind == Kind::Word,
            "(" => token.pair.is_some_and(|end| self.text(end + 1) == "=>"),
            _ => token.kind == Kind::Word && self.text(index + 1) == "=>",
        }
    }

    /// Whether a function stands there, written out or by its name.
    fn is_function(&self, index: usize, names: &BTreeSet<&str>) -> bool {
        let ends = matches!(self.text(index + 1), ";" | "}" | "," | ")")
            || self.tokens.get(index + 1).is_none_or(|next| next.on_new_line);
        self.is_arrow(index) || names.contains(self.text(index)) && ends
    }

    /// Whether one of the arguments in these parentheses is a function.
    fn passes_function(&self, open: usize, names: &BTreeSet<&str>) -> bool {
        let end = self.tokens[open].pair.unwrap_or(open);
        let mut at = open + 1;
        let mut is_start = true;
        while at < end {
            if is_start && self.is_function(at, names) {
                return true;
            }
            is_start = self.tokens[at].is(",");
            at = self.tokens[at].pair.filter(|pair| *pair > at).unwrap_or(at) + 1;
        }
        false
    }

    fn end_of_function(&self, start: usize) -> usize {
        let mut at = start;
        while at < self.tokens.len() {
            let token = &self.tokens[at];
            match token.text {
                "{" if at > start && matches!(self.before(at), "=>" | ")") => {
                    return token.pair.unwrap_or(at);
                }
                ";" | "," | ")" | "]" | "}" => return at,
                // A line that begins with a word, after one that could end, begins a statement.
                _ if token.on_new_line && token.kind == Kind::Word && self.could_end(at - 1) => return at,
                _ => at = token.pair.filter(|pair| *pair > at).unwrap_or(at) + 1,
            }
        }
        at
    }

    fn could_end(&self, index: usize) -> bool {
        let token = &self.tokens[index];
        token.kind != Kind::Punctuator || matches!(token.text, ")" | "]" | "}")
    }

    /// The names that handlers give to their context, and where they hold.
    fn contexts(&self, named: &[Named]) -> Vec<(&'t str, usize, usize)> {
        const HANDLERS: [&str; 4] = ["request", "response", "onPublish", "onSubscribe"];
        let handlers = named.iter().filter(|function| HANDLERS.contains(&self.text(function.name)));
        let parameter = |function: &Named| {
            let at = if self.text(function.from) == "(" { function.from + 1 } else { function.from };
            (self.tokens[at].kind == Kind::Word).then(|| (self.text(at), at + 1, function.to))
        };
        handlers.filter_map(parameter).collect()
    }
}

/// The names of the functions that reach themselves, as tokens.
fn recursive(tokens: &[Token], named: &[Named]) -> Vec<usize> {
    let calls = |function: &Named| -> BTreeSet<&str> {
        let inside = function.from..function.to.min(tokens.len().saturating_sub(1));
        let is_call = |at: &usize| {
            let is_property = *at > 0 && matches!(tokens[at - 1].text, "." | "?." | "function");
            !is_property && tokens[*at].kind == Kind::Word && tokens[at + 1].is("(")
        };
        inside.filter(is_call).map(|at| tokens[at].text).collect()
    };
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for function in named {
        edges.entry(tokens[function.name].text).or_default().extend(calls(function));
    }
    let reaches_itself = |name: &str| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = edges[name].iter().copied().collect();
        while let Some(next) = open.pop() {
            if next == name {
                return true;
            }
            if seen.insert(next) {
                open.extend(edges.get(next).into_iter().flatten());
            }
        }
        false
    };
    named.iter().map(|function| function.name).filter(|name| reaches_itself(tokens[*name].text)).collect()
}
