//! References: `$name`, `$!name`, `${name}`, and what follows with dots, brackets and parentheses.

use json::Text;

use super::{Parser, Result};
use crate::ast::{Expression, Reference, Step};
use crate::value::Value;

impl<'t> Parser<'t, '_> {
    /// The reference that begins at this `$`; nothing is read if there is none.
    pub(super) fn reference(&mut self) -> Result<Option<Reference>> {
        let start = self.at;
        self.at += 1;
        let quiet = self.take("!");
        let formal = self.take("{");
        let Some(name) = self.identifier() else {
            self.at = start;
            return Ok(None);
        };
        let (root, position) = (self.slot(name), self.position(start));
        let mut steps = Vec::new();
        while let Some(step) = self.step()? {
            steps.push(step);
        }
        if formal && !self.take("}") {
            let next = self.next_words();
            return Err(self.error(format!("A reference that begins with ${{ needs a }} before {next}")));
        }
        let literal = Text::new(&self.text[start..self.at]);
        Ok(Some(Reference { root, steps: steps.into(), quiet, literal, position }))
    }

    fn step(&mut self) -> Result<Option<Step>> {
        let start = self.at;
        if self.take("[") {
            self.skip_space();
            let index = self.expression()?;
            self.expect("]", "An index")?;
            return Ok(Some(Step::Index(index)));
        }
        if !self.take(".") {
            return Ok(None);
        }
        let Some(name) = self.identifier() else {
            // A dot at the end of a sentence.
            self.at = start;
            return Ok(None);
        };
        if self.peek() != Some(b'(') || !self.arguments_begin() {
            return Ok(Some(Step::Property(Text::new(name))));
        }
        self.at += 1;
        Ok(Some(Step::Method(Text::new(name), self.arguments()?.into())))
    }

    /// Whether the parenthesis here holds arguments, or is text behind a property.
    fn arguments_begin(&self) -> bool {
        let rest = self.rest()[1..].trim_start_matches([' ', '\t', '\n', '\r']);
        match rest.as_bytes() {
            [b')' | b'"' | b'\'' | b'$' | b'[' | b'{' | b'0'..=b'9', ..] => true,
            [b'-', digit, ..] => digit.is_ascii_digit(),
            _ => {
                let begins_with = |word: &str| {
                    rest.strip_prefix(word).is_some_and(|rest| !rest.starts_with(is_identifier_part))
                };
                begins_with("true")
                    || begins_with("false")
                    || self.dialect.null_arguments && begins_with("null")
            }
        }
    }

    fn argument(&mut self) -> Result<Expression> {
        self.skip_space();
        if self.dialect.null_arguments && self.word("null") {
            return Ok(Expression::Literal(Value::Null));
        }
        self.expression()
    }

    /// Behind the opening parenthesis; reads the closing one.
    fn arguments(&mut self) -> Result<Vec<Expression>> {
        let mut arguments = Vec::new();
        self.skip_space();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.argument()?);
            self.skip_space();
            if self.take(")") {
                return Ok(arguments);
            }
            self.expect(",", "The arguments of a method")?;
            self.skip_space();
        }
    }

    /// Letters, digits, `_` and `-`, a letter or `_` first. Only ASCII has letters.
    pub(super) fn identifier(&mut self) -> Option<&'t str> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_') {
            return None;
        }
        let rest = self.rest();
        let length = rest.find(|character| !is_identifier_part(character)).unwrap_or(rest.len());
        self.at += length;
        Some(&rest[..length])
    }

    /// Reads `expected`, or tells that it is missing.
    pub(super) fn expect(&mut self, expected: &str, what: &str) -> Result<()> {
        self.skip_space();
        if self.take(expected) {
            return Ok(());
        }
        let next = self.next_words();
        Err(self.error(format!("{what} cannot go on with {next}: '{expected}' is missing here")))
    }
}

fn is_identifier_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}
