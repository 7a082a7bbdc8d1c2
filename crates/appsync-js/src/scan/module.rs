//! Imports and exports: taken out of the text, column by column, and put around it.

use super::error::CodeError;
use super::token::{Kind, Token};

/// What the modules offer.
const MODULES: [(&str, &[&str]); 4] = [
    ("@aws-appsync/utils", &["util", "runtime", "extensions"]),
    ("@aws-appsync/utils/ai", &["invokeModel", "converse"]),
    (
        "@aws-appsync/utils/dynamodb",
        &[
            "operations",
            "get",
            "put",
            "update",
            "remove",
            "scan",
            "query",
            "sync",
            "batchGet",
            "batchPut",
            "batchDelete",
            "transactGet",
            "transactWrite",
        ],
    ),
    (
        "@aws-appsync/utils/rds",
        &[
            "sql",
            "typeHint",
            "toJsonObject",
            "createPgStatement",
            "createMySQLStatement",
            "select",
            "insert",
            "update",
            "remove",
        ],
    ),
];

/// The script and the names of the exports.
pub fn script(text: &str, tokens: &[Token], errors: &mut Vec<CodeError>) -> (String, Vec<String>) {
    let mut reader = Reader {
        tokens,
        errors,
        body: text.to_owned().into_bytes(),
        imports: String::new(),
        exports: Vec::new(),
    };
    let mut index = 0;
    while index < tokens.len() {
        index = reader.statement(index);
    }
    let Reader { body, imports, exports, .. } = reader;
    let body = String::from_utf8(body).unwrap_or_default();
    let handlers: Vec<_> = exports.iter().map(|(name, local)| format!("{name}: {local}")).collect();
    let script = format!(
        "((appsyncModules) => {{ 'use strict'; {imports}\n{body}\n;return {{{}}}; }})",
        handlers.join(", ")
    );
    (script, exports.into_iter().map(|(name, _)| name).collect())
}

struct Reader<'a, 't> {
    tokens: &'a [Token<'t>],
    errors: &'a mut Vec<CodeError>,
    body: Vec<u8>,
    /// Declarations that stand for the imports.
    imports: String,
    /// Names outside, and names inside.
    exports: Vec<(String, String)>,
}

impl Reader<'_, '_> {
    fn text(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| token.text)
    }

    fn refuse(&mut self, index: usize, message: &str) {
        let at = index.min(self.tokens.len() - 1);
        self.errors.push(CodeError::lint(message, self.tokens[at].location()));
    }

    /// Blanks out tokens, and what stands between them; ends of lines stay.
    fn blank(&mut self, from: usize, to: usize) {
        let start = self.tokens[from].at;
        let last = &self.tokens[to.min(self.tokens.len() - 1)];
        for byte in &mut self.body[start..last.at + last.text.len()] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }

    /// Looks at one token of the top level; brackets are skipped whole. The next one's index.
    fn statement(&mut self, index: usize) -> usize {
        let is_first = index == 0 || !matches!(self.text(index - 1), "." | "?.");
        match self.text(index) {
            "import" if is_first && !matches!(self.text(index + 1), "(" | "." | ":") => self.import(index),
            "export" if is_first && self.text(index + 1) != ":" => self.export(index),
            "return" if is_first => {
                self.refuse(index, "'return' is not allowed outside of functions");
                index + 1
            }
            _ => self.tokens[index].pair.filter(|pair| *pair > index).map_or(index, |pair| pair) + 1,
        }
    }

    fn import(&mut self, start: usize) -> usize {
        let mut at = start + 1;
        let mut names = Vec::new();
        if self.text(at) == "*" && self.text(at + 1) == "as" {
            names.push((None, self.text(at + 2).to_owned()));
            at += 3;
        } else if self.text(at) == "{" {
            let end = self.tokens[at].pair.unwrap_or(at);
            at += 1;
            while at < end {
                let imported = self.text(at).to_owned();
                let is_renamed = self.text(at + 1) == "as";
                let local = if is_renamed { self.text(at + 2).to_owned() } else { imported.clone() };
                names.push((Some(imported), local));
                at += if is_renamed { 3 } else { 1 };
                at += usize::from(self.text(at) == ",");
            }
            at = end + 1;
        } else {
            self.refuse(
                at,
                "Import with import { name } from or import * as name from: the modules have no default",
            );
            return at;
        }
        if self.text(at) != "from" || self.tokens.get(at + 1).is_none_or(|token| token.kind != Kind::Text) {
            self.refuse(at, "'from' and the name of a module are expected");
            return at;
        }
        let module = self.text(at + 1).trim_matches(['"', '\'']).to_owned();
        self.bind(start, at + 1, &module, &names);
        let end = if self.text(at + 2) == ";" { at + 2 } else { at + 1 };
        self.blank(start, end);
        end + 1
    }

    fn bind(&mut self, start: usize, at: usize, module: &str, names: &[(Option<String>, String)]) {
        let Some((_, offered)) = MODULES.iter().find(|(name, _)| *name == module) else {
            let known: Vec<_> = MODULES.iter().map(|(name, _)| *name).collect();
            self.refuse(at, &format!("There is no module '{module}': import from {}", known.join(", ")));
            return;
        };
        for (imported, local) in names {
            let is_name =
                |name: &str| name.starts_with(|letter: char| letter.is_alphabetic() || "_$".contains(letter));
            match imported {
                _ if !is_name(local) => self.refuse(start, "A name is expected in the import"),
                None => self.imports.push_str(&format!("const {local} = appsyncModules['{module}']; ")),
                Some(name) if offered.contains(&name.as_str()) => {
                    self.imports.push_str(&format!("const {local} = appsyncModules['{module}'].{name}; "));
                }
                Some(name) => self.refuse(start, &format!("The module '{module}' has no {name}")),
            }
        }
    }

    fn export(&mut self, start: usize) -> usize {
        match self.text(start + 1) {
            "function" | "const" | "let" | "var" => {
                let name = self.text(start + 2).to_owned();
                if matches!(name.as_str(), "{" | "[" | "*" | "") {
                    self.refuse(start + 2, "Export functions and names, one by one");
                } else {
                    self.exports.push((name.clone(), name));
                }
                self.blank(start, start);
                start + 2
            }
            "{" => self.export_list(start),
            _ => {
                self.refuse(start, "Only named exports are supported, such as export function request(ctx)");
                start + 1
            }
        }
    }

    fn export_list(&mut self, start: usize) -> usize {
        let end = self.tokens[start + 1].pair.unwrap_or(start + 1);
        let mut at = start + 2;
        while at < end {
            let local = self.text(at).to_owned();
            let is_renamed = self.text(at + 1) == "as";
            let name = if is_renamed { self.text(at + 2).to_owned() } else { local.clone() };
            if self.tokens[at].kind != Kind::Word || is_renamed && self.tokens[at + 2].kind != Kind::Word {
                self.refuse(at, "A name is expected in the export");
            } else {
                self.exports.push((name, local));
            }
            at += if is_renamed { 3 } else { 1 };
            at += usize::from(self.text(at) == ",");
        }
        if self.text(end + 1) == "from" {
            self.refuse(end + 1, "What is exported must be declared here");
        }
        // Something must stay: two statements without a semicolon between them would become one.
        self.blank(start, end);
        self.body[self.tokens[start].at] = b';';
        end + 1
    }
}
