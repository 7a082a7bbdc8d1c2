//! A statement in pieces: names of parameters, and all that they must not be looked for in.
//!
//! Pieces joined are the statement. Any text can be scanned: what is not understood is the database's to complain about.

use super::Dialect;

/// A piece of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// Space and comments.
    Blank(&'a str),
    /// A keyword or an identifier without quotes.
    Word(&'a str),
    /// `:name`, without the colon.
    Name(&'a str),
    /// `$1` of PostgreSQL, `?` of MySQL.
    Numbered(&'a str),
    /// A semicolon.
    End,
    /// Anything else: quotes with what is in them, numbers, operators.
    Other(&'a str),
}

/// The pieces of a statement.
pub(super) struct Scan<'a> {
    rest: &'a str,
    dialect: Dialect,
}

impl<'a> Scan<'a> {
    pub(super) fn new(sql: &'a str, dialect: Dialect) -> Scan<'a> {
        Scan { rest: sql, dialect }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let rest = self.rest;
        let first = rest.chars().next()?;
        let is_postgres = self.dialect == Dialect::Postgres;
        if first.is_whitespace() {
            return Some(Found::Blank(self.take(length(rest, char::is_whitespace))));
        }
        if let Some(bytes) = comment(rest, self.dialect) {
            return Some(Found::Blank(self.take(bytes)));
        }
        Some(match first {
            ';' => {
                self.take(1);
                Found::End
            }
            '\'' => Found::Other(self.take(quoted(rest, !is_postgres))),
            '"' => Found::Other(self.take(quoted(rest, !is_postgres))),
            '`' if !is_postgres => Found::Other(self.take(quoted(rest, false))),
            // The only strings of PostgreSQL in which a backslash means something.
            'e' | 'E' if is_postgres && rest[1..].starts_with('\'') => {
                Found::Other(self.take(1 + quoted(&rest[1..], true)))
            }
            ':' => match length(&rest[1..], is_name) {
                // A cast, an assignment, or the bound of a slice that is a number.
                0 => Found::Other(self.take(length(rest, |c| matches!(c, ':' | '=')))),
                _ if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => Found::Other(self.take(1)),
                name => Found::Name(&self.take(1 + name)[1..]),
            },
            '$' if is_postgres => match dollar_quoted(rest) {
                Some(bytes) => Found::Other(self.take(bytes)),
                None => match length(&rest[1..], |c| c.is_ascii_digit()) {
                    0 => Found::Other(self.take(1)),
                    digits => Found::Numbered(self.take(1 + digits)),
                },
            },
            '?' if !is_postgres => Found::Numbered(self.take(1)),
            _ if is_word(first) => match first.is_ascii_digit() {
                true => Found::Other(self.take(length(rest, is_word))),
                false => Found::Word(self.take(length(rest, is_word))),
            },
            _ => Found::Other(self.take(first.len_utf8())),
        })
    }
}

/// How many bytes of the beginning are of a kind.
fn length(text: &str, is_of_kind: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_of_kind(c)).unwrap_or(text.len())
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A `$` within a word begins no quote.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// The bytes of a comment, if one begins here.
fn comment(text: &str, dialect: Dialect) -> Option<usize> {
    let is_postgres = dialect == Dialect::Postgres;
    let is_line = if is_postgres {
        text.starts_with("--")
    } else {
        // MySQL wants a space behind it: `5--3` is eight.
        text.starts_with('#')
            || text.strip_prefix("--").is_some_and(|rest| {
                rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c.is_control())
            })
    };
    if is_line {
        return Some(text.find('\n').map_or(text.len(), |end| end + 1));
    }
    if !text.starts_with("/*") {
        return None;
    }
    let mut depth = 1;
    let mut at = 2;
    while depth > 0 {
        // Only PostgreSQL's are nested.
        let next = text[at..].find(['*', '/']).map(|next| at + next);
        match next {
            None => return Some(text.len()),
            Some(next) if text[next..].starts_with("*/") => (depth, at) = (depth - 1, next + 2),
            Some(next) if is_postgres && text[next..].starts_with("/*") => {
                (depth, at) = (depth + 1, next + 2)
            }
            Some(next) => at = next + 1,
        }
    }
    Some(at)
}

/// The bytes of a text in quotes of its first character. Two of them within it are one of the text; that this takes it for two
/// texts beside each other makes no difference here.
fn quoted(text: &str, has_escapes: bool) -> usize {
    let quote = text.as_bytes()[0];
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        if byte == quote {
            return at + 1;
        }
        if byte == b'\\' && has_escapes {
            bytes.next();
        }
    }
    text.len()
}

/// The bytes of `$tag$…$tag$`, if that begins here.
fn dollar_quoted(text: &str) -> Option<usize> {
    let tag = length(&text[1..], |c| is_word(c) && c != '$');
    let delimiter = text.get(..tag + 2).filter(|delimiter| delimiter.ends_with('$'))?;
    if delimiter[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let inner = &text[delimiter.len()..];
    Some(inner.find(delimiter).map_or(text.len(), |end| delimiter.len() + end + delimiter.len()))
}
