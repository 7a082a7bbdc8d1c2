//! From the text of a call to a [`Call`].

use json::Value;

use super::{Argument, Call, Function, format};
use crate::path::{Path, SyntaxError};

/// AWS's limit of calls inside each other.
const NESTING_MAX: usize = 10;

/// Compiles a whole text; white space may stand around it.
pub(super) fn call(text: &str) -> Result<Call, SyntaxError> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_white();
    let call = reader.call(1)?;
    reader.skip_white();
    if reader.at < text.len() {
        return Err(reader.error("nothing may follow the call"));
    }
    Ok(call)
}

/// A place in the text, in bytes.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn call(&mut self, nesting: usize) -> Result<Call, SyntaxError> {
        if nesting > NESTING_MAX {
            return Err(self.error(&format!("more than {NESTING_MAX} calls stand inside each other")));
        }
        let start = self.at;
        if !self.takes("States.") {
            return Err(self.error("a call starts with 'States.'"));
        }
        let name_length = self.rest().bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = &self.rest()[..name_length];
        let known = Function::TABLE.iter().find(|(known, ..)| *known == name);
        let Some((_, function, least, most)) = known else {
            return Err(self.error(&format!("there is no function 'States.{name}'")));
        };
        self.at += name_length;
        self.skip_white();
        if !self.takes("(") {
            return Err(self.error("'(' is missing"));
        }
        let arguments = self.arguments(*function, nesting)?;
        if !(*least..=*most).contains(&arguments.len()) {
            return Err(self.error(&format!("{} arguments are too few or too many", arguments.len())));
        }
        if let Some((Argument::Template(template), values)) = arguments.split_first() {
            template.check(values.len()).map_err(|problem| self.error(&problem))?;
        }
        Ok(Call { text: self.text[start..self.at].into(), function: *function, arguments })
    }

    /// From behind `(` to behind `)`.
    fn arguments(&mut self, function: Function, nesting: usize) -> Result<Vec<Argument>, SyntaxError> {
        let mut arguments = Vec::new();
        self.skip_white();
        if self.takes(")") {
            return Ok(arguments);
        }
        loop {
            self.skip_white();
            let template = function == Function::Format && arguments.is_empty();
            arguments.push(self.argument(template, nesting)?);
            self.skip_white();
            if self.takes(")") {
                return Ok(arguments);
            }
            if !self.takes(",") {
                return Err(self.error("',' or ')' is missing"));
            }
        }
    }

    fn argument(&mut self, template: bool, nesting: usize) -> Result<Argument, SyntaxError> {
        match self.rest().bytes().next() {
            Some(b'\'') => {
                let raw = self.string()?;
                Ok(if template {
                    Argument::Template(format::Template::parse(raw))
                } else {
                    Argument::Literal(Value::from(unescape(raw)))
                })
            }
            Some(b'$') => self.path().map(Argument::Path),
            Some(b'S') => self.call(nesting + 1).map(Argument::Call),
            Some(_) => self.word().map(Argument::Literal),
            None => Err(self.error("an argument is missing")),
        }
    }

    /// What stands between the apostrophes, escapes included. Only `\'`, `\{`, `\}` and `\\` are escapes; a
    /// backslash before anything else is refused. (recorded: test_illegal_escapes)
    fn string(&mut self) -> Result<&'a str, SyntaxError> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut at = start;
        loop {
            match bytes.get(at) {
                Some(b'\'') => break,
                Some(b'\\') => match bytes.get(at + 1) {
                    Some(b'\'' | b'{' | b'}' | b'\\') => at += 2,
                    _ => return Err(self.error("a backslash stands before a character that needs none")),
                },
                Some(_) => at += 1,
                None => return Err(self.error("a string is not closed")),
            }
        }
        self.at = at + 1;
        Ok(&self.text[start..at])
    }

    /// A path ends at the `,` or `)` that no bracket or quote of its own holds.
    fn path(&mut self) -> Result<Path, SyntaxError> {
        let start = self.at;
        let mut depth = 0usize;
        let mut quote = None;
        let mut escaped = false;
        for (offset, byte) in self.rest().bytes().enumerate() {
            self.at = start + offset;
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quote.is_some() => escaped = true,
                _ if quote.is_some() => quote = quote.filter(|quote| *quote != byte),
                // A slash that no quote holds begins or ends the pattern of a filter.
                b'\'' | b'"' | b'/' if depth > 0 => quote = Some(byte),
                b'(' | b'[' => depth += 1,
                b',' | b')' if depth == 0 => return Path::parse(self.text[start..self.at].trim_end()),
                b')' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        Err(self.error("')' is missing"))
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Value, SyntaxError> {
        let length = self.rest().find([',', ')']).unwrap_or(self.rest().len());
        let word = self.rest()[..length].trim();
        match Value::parse(word) {
            Ok(value) if !(value.is_string() || value.is_array() || value.is_object()) => {
                self.at += length;
                Ok(value)
            }
            _ => Err(self.error(&format!("'{word}' is no argument"))),
        }
    }

    fn takes(&mut self, symbol: &str) -> bool {
        let found = self.rest().starts_with(symbol);
        self.at += if found { symbol.len() } else { 0 };
        found
    }

    fn skip_white(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error(&self, problem: &str) -> SyntaxError {
        SyntaxError::new(format!("{problem} at position {}", self.at))
    }
}

/// A backslash stands for the character behind it; [`Reader::string`] has checked which may follow.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => text.extend(rest.next()),
            _ => text.push(character),
        }
    }
    text
}
