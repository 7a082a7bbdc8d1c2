//! Expressions: in `#set`, in conditions, as arguments.

use std::borrow::Cow;

use super::{Parser, Result};
use crate::ast::{Expression, Operator};
use crate::value::Value;

/// Operators by how they are written, longer before shorter; each with how tight it binds.
const SIGNS: [(&str, Operator, u8); 13] = [
    ("||", Operator::Or, 1),
    ("&&", Operator::And, 2),
    ("==", Operator::Equal, 3),
    ("!=", Operator::NotEqual, 3),
    ("<=", Operator::LessOrEqual, 4),
    (">=", Operator::GreaterOrEqual, 4),
    ("<", Operator::Less, 4),
    (">", Operator::Greater, 4),
    ("+", Operator::Add, 5),
    ("-", Operator::Subtract, 5),
    ("*", Operator::Multiply, 6),
    ("/", Operator::Divide, 6),
    ("%", Operator::Remainder, 6),
];

const WORDS: [(&str, Operator, u8); 8] = [
    ("or", Operator::Or, 1),
    ("and", Operator::And, 2),
    ("eq", Operator::Equal, 3),
    ("ne", Operator::NotEqual, 3),
    ("le", Operator::LessOrEqual, 4),
    ("ge", Operator::GreaterOrEqual, 4),
    ("lt", Operator::Less, 4),
    ("gt", Operator::Greater, 4),
];

impl<'t> Parser<'t, '_> {
    pub(super) fn expression(&mut self) -> Result<Expression> {
        self.operation(0)
    }

    /// An operation whose operators bind tighter than `floor`.
    fn operation(&mut self, floor: u8) -> Result<Expression> {
        self.deeper()?;
        self.skip_space();
        let mut left =
            if self.negation() { Expression::Not(Box::new(self.operation(6)?)) } else { self.operand()? };
        loop {
            let behind = self.at;
            self.skip_space();
            let start = self.at;
            match self.operator() {
                Some((operator, tightness)) if tightness > floor => {
                    let position = self.position(start);
                    let right = self.operation(tightness)?;
                    left = Expression::Binary(operator, Box::new((left, right)), position);
                }
                _ => {
                    self.at = behind;
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    fn negation(&mut self) -> bool {
        (!self.rest().starts_with("!=") && self.take("!")) || self.word("not")
    }

    fn operator(&mut self) -> Option<(Operator, u8)> {
        // A minus before a digit belongs to the number, so `5-3` is two numbers and no difference.
        if let [b'-', digit, ..] = self.rest().as_bytes()
            && digit.is_ascii_digit()
        {
            return None;
        }
        let sign = SIGNS.iter().find(|(sign, ..)| self.take(sign));
        let found = sign.or_else(|| WORDS.iter().find(|(word, ..)| self.word(word)));
        found.map(|(_, operator, tightness)| (*operator, *tightness))
    }

    /// Reads `word` unless it is the beginning of a longer one.
    pub(super) fn word(&mut self, word: &str) -> bool {
        let start = self.at;
        let there = self.identifier() == Some(word);
        if !there {
            self.at = start;
        }
        there
    }

    /// A literal, a reference, a list, a map or an expression in parentheses.
    pub(super) fn operand(&mut self) -> Result<Expression> {
        self.skip_space();
        match self.peek() {
            Some(b'$') => match self.reference()? {
                Some(reference) => Ok(Expression::Reference(Box::new(reference))),
                None => Err(self.error("A $ needs a name behind it here")),
            },
            Some(b'"') => self.double_quoted(),
            Some(b'\'') => {
                let text = self.quoted('\'')?;
                Ok(Expression::Literal(Value::from(&*text)))
            }
            Some(b'[') => self.list(),
            Some(b'{') => self.map(),
            Some(b'(') => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(")", "An expression in parentheses")?;
                Ok(inner)
            }
            Some(b'0'..=b'9' | b'-' | b'.') => self.number(),
            _ if self.word("true") => Ok(Expression::Literal(Value::Bool(true))),
            _ if self.word("false") => Ok(Expression::Literal(Value::Bool(false))),
            _ => {
                let next = self.next_words();
                Err(self.error(format!(
                    "A value is missing before {next}: a reference, a number, a quoted text, true, false, a \
                     list or a map (there is no null: use a reference that means nothing)"
                )))
            }
        }
    }

    fn number(&mut self) -> Result<Expression> {
        let text = self.rest();
        let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
        let mut end = usize::from(text.starts_with('-'));
        let whole = digits(end);
        end += whole;
        let mut is_double = false;
        // `[1..4]` is a range, not 1. and .4.
        if text[end..].starts_with('.') && !text[end..].starts_with("..") {
            let fraction = digits(end + 1);
            is_double = whole + fraction > 0;
            end += 1 + fraction;
        }
        if whole > 0 || is_double {
            if text[end..].starts_with(['e', 'E']) {
                let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
                let exponent = digits(end + 1 + sign);
                if exponent > 0 {
                    is_double = true;
                    end += 1 + sign + exponent;
                }
            }
        } else {
            return Err(
                self.error("A number is missing here (there is no sign before anything else: use 0 - $x)")
            );
        }
        self.at += end;
        let text = &text[..end];
        Ok(Expression::Literal(if is_double {
            Value::Double(text.parse().unwrap_or(f64::NAN))
        } else {
            text.parse().map_or_else(|_| Value::Big(text.into()), Value::Int)
        }))
    }

    /// What is between two such quotes; doubled ones mean one.
    fn quoted(&mut self, quote: char) -> Result<Cow<'t, str>> {
        let start = self.at;
        self.at += 1;
        let mut text = Cow::Borrowed("");
        loop {
            let Some(length) = self.rest().find(quote) else {
                self.at = start;
                return Err(self.error(format!(
                    "A text in quotes has no second {quote} (within it, write {quote}{quote} for one; a \
                     backslash does not help)"
                )));
            };
            let part = &self.rest()[..length];
            self.at += length + 1;
            let escaped = self.dialect.backslash_quotes && quote == '"' && part.ends_with('\\');
            if escaped {
                text.to_mut().push_str(&part[..part.len() - 1]);
            } else if text.is_empty() && self.peek() != Some(quote as u8) {
                return Ok(Cow::Borrowed(part));
            } else {
                text.to_mut().push_str(part);
                if self.peek() != Some(quote as u8) {
                    return Ok(text);
                }
                self.at += 1;
            }
            text.to_mut().push(quote);
        }
    }

    /// A text that is itself a template, if it has anything to render.
    fn double_quoted(&mut self) -> Result<Expression> {
        let start = self.position(self.at);
        let text = self.quoted('"')?;
        if !text.contains(['$', '#']) {
            return Ok(Expression::Literal(Value::from(&*text)));
        }
        let mut inner = Parser {
            text: &text,
            at: 0,
            fragment: true,
            depth: self.depth,
            dialect: self.dialect,
            names: self.names,
            macros: self.macros,
            start,
            mark: (0, start),
        };
        Ok(Expression::Interpolated(inner.whole()?))
    }

    fn list(&mut self) -> Result<Expression> {
        let position = self.position(self.at);
        self.at += 1;
        self.skip_space();
        let mut items = Vec::new();
        if self.take("]") {
            return Ok(Expression::List(items.into()));
        }
        loop {
            items.push(self.expression()?);
            self.skip_space();
            if self.take("]") {
                return Ok(Expression::List(items.into()));
            }
            if items.len() == 1 && self.take("..") {
                let end = self.expression()?;
                self.expect("]", "A range")?;
                let start = items.remove(0);
                return Ok(Expression::Range(Box::new((start, end)), position));
            }
            self.expect(",", "A list")?;
        }
    }

    fn map(&mut self) -> Result<Expression> {
        self.at += 1;
        self.skip_space();
        let mut entries = Vec::new();
        if self.take("}") {
            return Ok(Expression::Map(entries.into()));
        }
        loop {
            let key = self.expression()?;
            self.expect(":", "A map")?;
            entries.push((key, self.expression()?));
            self.skip_space();
            if self.take("}") {
                return Ok(Expression::Map(entries.into()));
            }
            self.expect(",", "A map")?;
        }
    }
}
