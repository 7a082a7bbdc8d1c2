//! From a filter's text, `(@.price < 10 && @.name)`, to a [`Filter`], as Jayway's filter compiler reads.

use json::{Array, Object, Value};

use super::SyntaxError;
use super::filter::{Filter, Operand, Operator, Place};
use super::parse::{NESTING_MAX, closing, closing_quote, nested_query};
use super::pattern::Pattern;

/// Compiles the text from `(` to `)`, both included.
pub(super) fn filter(characters: &[char], nesting: usize) -> Result<Filter, SyntaxError> {
    let mut reader = Reader { characters, at: 0, nesting };
    let filter = reader.any()?;
    reader.skip_blanks();
    match reader.current() {
        None => Ok(filter),
        Some(_) => Err(reader.error("the filter should end")),
    }
}

/// Of a filter, this many characters are shown in an error. A path alone is tried as a comparison first,
/// so errors are made on the way to good filters too: each must cost little.
const SHOWN_MAX: usize = 100;

/// The longest operators are `contains` and `subsetof`.
const OPERATOR_LENGTH_MAX: usize = 8;

struct Reader<'a> {
    characters: &'a [char],
    at: usize,
    nesting: usize,
}

impl Reader<'_> {
    fn any(&mut self) -> Result<Filter, SyntaxError> {
        let mut filters = vec![self.all()?];
        while self.takes("||") {
            filters.push(self.all()?);
        }
        Ok(if filters.len() == 1 { filters.remove(0) } else { Filter::Any(filters) })
    }

    fn all(&mut self) -> Result<Filter, SyntaxError> {
        let mut filters = vec![self.operand_of_all()?];
        while self.takes("&&") {
            filters.push(self.operand_of_all()?);
        }
        Ok(if filters.len() == 1 { filters.remove(0) } else { Filter::All(filters) })
    }

    fn operand_of_all(&mut self) -> Result<Filter, SyntaxError> {
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return Err(self.error("it nests too deep"));
        }
        self.skip_blanks();
        let filter =
            if self.current() == Some('!') && !matches!(self.significant(self.at + 1), Some('$' | '@')) {
                self.at += 1;
                Filter::Not(Box::new(self.operand_of_all()?))
            } else if self.current() == Some('(') {
                self.at += 1;
                let filter = self.any()?;
                if !self.takes(")") {
                    return Err(self.error("')' is missing"));
                }
                filter
            } else {
                self.expression()?
            };
        self.nesting -= 1;
        Ok(filter)
    }

    /// `left operator right`, or a path alone.
    fn expression(&mut self) -> Result<Filter, SyntaxError> {
        self.skip_blanks();
        let expected = self.current() != Some('!');
        let left = self.operand()?;
        let after_left = self.at;
        match self.operator().and_then(|operator| Ok((operator, self.operand()?))) {
            Ok((operator, right)) => Ok(Filter::Compare { left, operator, right }),
            Err(error) => match left {
                Operand::Place(place) => {
                    self.at = after_left;
                    Ok(Filter::Exists { place, expected })
                }
                _ => Err(error),
            },
        }
    }

    fn operand(&mut self) -> Result<Operand, SyntaxError> {
        self.skip_blanks();
        if self.current() == Some('!') && matches!(self.significant(self.at + 1), Some('$' | '@')) {
            self.at += 1;
            self.skip_blanks();
        }
        match self.current() {
            Some('$' | '@') => self.place().map(Operand::Place),
            Some('/') => self.pattern(),
            Some(_) => self.literal().map(Operand::Literal),
            None => Err(self.error("it ends too early")),
        }
    }

    /// A path ends where a blank, an operator or a closing parenthesis of the filter begins.
    fn place(&mut self) -> Result<Place, SyntaxError> {
        let start = self.at;
        self.at += 1;
        while let Some(character) = self.current() {
            match character {
                '[' => self.at = self.closing('[', ']')? + 1,
                '(' => self.at = self.closing('(', ')')? + 1,
                ' ' | ')' | '<' | '>' | '=' | '~' | '!' => break,
                _ => self.at += 1,
            }
        }
        let text: String = self.characters[start..self.at].iter().collect();
        Ok(Place { in_document: text.starts_with('$'), query: nested_query(&text, self.nesting + 1)? })
    }

    fn operator(&mut self) -> Result<Operator, SyntaxError> {
        self.skip_blanks();
        let start = self.at;
        let symbol = |character: char| matches!(character, '<' | '>' | '=' | '~' | '!');
        let symbols = self.current().is_some_and(symbol);
        while self.at - start <= OPERATOR_LENGTH_MAX
            && self.current().is_some_and(|next| if symbols { symbol(next) } else { next != ' ' })
        {
            self.at += 1;
        }
        let text: String = self.characters[start..self.at].iter().collect();
        Ok(match text.to_ascii_lowercase().as_str() {
            "==" => Operator::Equal,
            "===" => Operator::StrictlyEqual,
            "!=" => Operator::NotEqual,
            "!==" => Operator::StrictlyNotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            "=~" => Operator::Matches,
            "in" => Operator::In,
            "nin" => Operator::NotIn,
            "contains" => Operator::Contains,
            "all" => Operator::All,
            "size" => Operator::Size,
            "empty" => Operator::Empty,
            "subsetof" => Operator::SubsetOf,
            "anyof" => Operator::AnyOf,
            "noneof" => Operator::NoneOf,
            _ => return Err(self.error(&format!("'{text}' is no operator"))),
        })
    }

    fn pattern(&mut self) -> Result<Operand, SyntaxError> {
        let Some(end) = closing_quote(self.characters, self.at, '/') else {
            return Err(self.error("the pattern is not closed"));
        };
        let text: String = self.characters[self.at + 1..end].iter().collect();
        self.at = end + 1;
        let start = self.at;
        while self.current().is_some_and(|flag| flag.is_ascii_alphabetic()) {
            self.at += 1;
        }
        let flags: String = self.characters[start..self.at].iter().collect();
        Pattern::compile(&text, &flags).map(Operand::Pattern).map_err(|problem| self.error(&problem))
    }

    /// A JSON value, in which text may stand in apostrophes too.
    fn literal(&mut self) -> Result<Value, SyntaxError> {
        self.skip_blanks();
        match self.current() {
            Some(quote @ ('\'' | '"')) => self.string(quote).map(Value::from),
            Some('[') => self.array(),
            Some('{') => self.object(),
            _ => self.word(),
        }
    }

    fn string(&mut self, quote: char) -> Result<String, SyntaxError> {
        let Some(end) = closing_quote(self.characters, self.at, quote) else {
            return Err(self.error("a text is not closed"));
        };
        let text = unescape(&self.characters[self.at + 1..end]);
        self.at = end + 1;
        Ok(text)
    }

    fn array(&mut self) -> Result<Value, SyntaxError> {
        let mut items = Array::new();
        self.inside('[', ']', |reader| {
            items.push(reader.literal()?);
            Ok(())
        })?;
        Ok(Value::Array(items))
    }

    fn object(&mut self) -> Result<Value, SyntaxError> {
        let mut members = Object::new();
        self.inside('{', '}', |reader| {
            let name = match reader.current() {
                Some(quote @ ('\'' | '"')) => reader.string(quote)?,
                _ => return Err(reader.error("a name in quotes is missing")),
            };
            if !reader.takes(":") {
                return Err(reader.error("':' is missing"));
            }
            let value = reader.literal()?;
            members.insert(name, value);
            Ok(())
        })?;
        Ok(Value::Object(members))
    }

    /// `open`, elements with commas between them, `close`.
    fn inside(
        &mut self,
        open: char,
        close: char,
        mut element: impl FnMut(&mut Self) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return Err(self.error("it nests too deep"));
        }
        self.at += 1;
        let close = close.to_string();
        if !self.takes(&close) {
            loop {
                self.skip_blanks();
                element(self)?;
                if self.takes(&close) {
                    break;
                }
                if !self.takes(",") {
                    return Err(self.error(&format!("'{open}' is not closed")));
                }
            }
        }
        self.nesting -= 1;
        Ok(())
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Value, SyntaxError> {
        let start = self.at;
        while self
            .current()
            .is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '+' | '.'))
        {
            self.at += 1;
        }
        let text: String = self.characters[start..self.at].iter().collect();
        Value::parse(&text).map_err(|_| self.error(&format!("'{text}' is no value")))
    }

    fn takes(&mut self, symbol: &str) -> bool {
        self.skip_blanks();
        let found = symbol
            .chars()
            .enumerate()
            .all(|(offset, character)| self.characters.get(self.at + offset) == Some(&character));
        if found {
            self.at += symbol.chars().count();
        }
        found
    }

    fn skip_blanks(&mut self) {
        while self.current() == Some(' ') {
            self.at += 1;
        }
    }

    fn current(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn significant(&self, at: usize) -> Option<char> {
        self.characters.get(at..)?.iter().copied().find(|character| *character != ' ')
    }

    fn closing(&self, open: char, close: char) -> Result<usize, SyntaxError> {
        closing(self.characters, self.at, open, close)
            .ok_or_else(|| self.error(&format!("'{open}' is not closed")))
    }

    fn error(&self, problem: &str) -> SyntaxError {
        let shown: String = self.characters.iter().take(SHOWN_MAX).collect();
        SyntaxError::new(format!("filter {shown}: {problem}"))
    }
}

/// Java's escapes; of any other a backslash disappears.
fn unescape(characters: &[char]) -> String {
    let mut text = String::new();
    let mut rest = characters.iter().copied();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match rest.next() {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok();
                text.push(code.and_then(char::from_u32).unwrap_or('\u{FFFD}'));
            }
            Some(other) => text.push(other),
            None => text.push('\\'),
        }
    }
    text
}
