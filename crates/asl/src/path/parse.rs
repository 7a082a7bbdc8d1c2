//! From a path's text to a [`Query`], with the reading habits of Jayway's compiler, odd ones included:
//! a dialect is what its parser accepts.

use json::{Text, Value};

use super::SyntaxError;
use super::filter_parse;
use super::function::{Function, FunctionCall, Parameter};
use super::query::{Query, Slice, Step};

/// More steps than any path needs; evaluation recurses once per step.
const STEPS_MAX: usize = 256;

/// How deep filters and function parameters may stand inside each other; the parser recurses there.
pub(super) const NESTING_MAX: usize = 16;

/// Compiles `$…` (or `@…`, where a filter may write it), white space around it dropped at the end.
pub(super) fn query(text: &str) -> Result<Query, SyntaxError> {
    nested_query(text, 0)
}

/// As [`query`], inside `nesting` filters and parameters.
pub(super) fn nested_query(text: &str, nesting: usize) -> Result<Query, SyntaxError> {
    if nesting > NESTING_MAX {
        return Err(SyntaxError::new(format!(
            "filters and functions nest more than {NESTING_MAX} levels deep"
        )));
    }
    let characters: Vec<char> = text.trim_end_matches(' ').chars().collect();
    let mut reader = Reader { characters: &characters, at: 0, nesting, steps: Vec::new() };
    reader.read()?;
    Ok(Query::new(reader.steps))
}

/// A place in the characters of a path, and the steps that were read so far.
struct Reader<'a> {
    characters: &'a [char],
    at: usize,
    nesting: usize,
    steps: Vec<Step>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), SyntaxError> {
        if !matches!(self.current(), Some('$' | '@')) {
            return Err(SyntaxError::new("a path starts with '$'"));
        }
        if self.characters.len() == 1 {
            return Ok(());
        }
        if self.characters.last() == Some(&'.') {
            return Err(SyntaxError::new("a path does not end with '.'"));
        }
        self.at = 1;
        if !matches!(self.current(), Some('.' | '[')) {
            return Err(self.unexpected());
        }
        // One character left over at the end is passed in silence, as Jayway does.
        while self.at + 1 < self.characters.len() || self.steps.is_empty() {
            self.token()?;
            if self.steps.len() > STEPS_MAX {
                return Err(SyntaxError::new(format!("a path has at most {STEPS_MAX} steps")));
            }
        }
        match self.steps.iter().position(|step| matches!(step, Step::Function(_))) {
            Some(place) if place + 1 < self.steps.len() => Err(SyntaxError::new("a function ends its path")),
            // The function works on all that `$..…` selects, and nothing can end in `..`.
            Some(place @ 1..)
                if matches!((&self.steps[0], &self.steps[place - 1]), (Step::Scan, Step::Scan)) =>
            {
                Err(SyntaxError::new("between '..' and a function belongs what the function works on"))
            }
            _ => Ok(()),
        }
    }

    fn token(&mut self) -> Result<(), SyntaxError> {
        if self.current() == Some('.') {
            self.at += 1;
            if self.current() == Some('.') {
                self.at += 1;
                self.steps.push(Step::Scan);
            }
        }
        match self.current() {
            Some('[') => self.bracket(),
            Some('*') => {
                self.at += 1;
                self.steps.push(Step::Wildcard);
                Ok(())
            }
            Some('.' | ' ') | None => Err(self.unexpected()),
            Some(_) => self.property_or_function(),
        }
    }

    /// `name` or `name(…)`, after a dot.
    fn property_or_function(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        while let Some(character) = self.current() {
            match character {
                ' ' => return Err(SyntaxError::new("a name with blanks stands in brackets: ['my name']")),
                '.' | '[' => break,
                '(' => return self.function(start),
                _ => self.at += 1,
            }
        }
        self.steps.push(Step::Field(self.text(start, self.at).into()));
        Ok(())
    }

    fn function(&mut self, start: usize) -> Result<(), SyntaxError> {
        let name = self.text(start, self.at);
        let Some(function) = Function::named(&name) else {
            return Err(SyntaxError::new(format!("there is no function '{name}'")));
        };
        let Some(end) = self.closing(self.at, '(', ')') else {
            return Err(SyntaxError::new(format!("the parameters of '{name}' are not closed")));
        };
        let parameters = self.parameters(self.at + 1, end)?;
        self.at = end + 1;
        self.steps.push(Step::Function(FunctionCall::new(function, parameters)));
        Ok(())
    }

    /// Parameters are JSON (a number, an object or text in double quotes) or paths. Jayway ignores any other.
    fn parameters(&self, start: usize, end: usize) -> Result<Vec<Parameter>, SyntaxError> {
        let mut parameters = Vec::new();
        for (from, to) in self.split_at_commas(start, end) {
            let text = self.text(from, to);
            let text = text.trim();
            match text.chars().next() {
                Some('$' | '@') => parameters.push(Parameter::Path(nested_query(text, self.nesting + 1)?)),
                Some('{' | '"' | '-' | '0'..='9') => match Value::parse(text) {
                    Ok(value) => parameters.push(Parameter::Json(value)),
                    Err(error) => return Err(SyntaxError::new(format!("parameter {text}: {error}"))),
                },
                _ => {}
            }
        }
        Ok(parameters)
    }

    /// The stretches between the commas that stand outside of quotes and brackets.
    fn split_at_commas(&self, start: usize, end: usize) -> Vec<(usize, usize)> {
        let mut stretches = Vec::new();
        let (mut from, mut depth, mut quoted) = (start, 0usize, false);
        for at in start..end {
            match self.characters[at] {
                '"' if self.characters[at - 1] != '\\' => quoted = !quoted,
                _ if quoted => {}
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    stretches.push((from, at));
                    from = at + 1;
                }
                _ => {}
            }
        }
        stretches.push((from, end));
        stretches
    }

    /// `['name', …]`, `[n, …]`, `[a:b]`, `[*]` or `[?(…)]`.
    fn bracket(&mut self) -> Result<(), SyntaxError> {
        match self.significant(self.at + 1) {
            Some((at, '\'' | '"')) => self.names(at),
            Some((_, '0'..='9' | '-' | ':')) => self.indexes(),
            Some((at, '*')) => match self.significant(at + 1) {
                Some((end, ']')) => {
                    self.at = end + 1;
                    self.steps.push(Step::Wildcard);
                    Ok(())
                }
                _ => Err(SyntaxError::new("']' belongs after '[*'")),
            },
            Some((at, '?')) => self.filter(at),
            _ => Err(self.unexpected()),
        }
    }

    fn names(&mut self, mut at: usize) -> Result<(), SyntaxError> {
        let quote = self.characters[at];
        let mut names: Vec<Text> = Vec::new();
        loop {
            let Some(end) = self.closing_quote(at, quote) else {
                return Err(SyntaxError::new("a name in brackets is not closed"));
            };
            names.push(unescape_name(&self.characters[at + 1..end], quote));
            match self.significant(end + 1) {
                Some((close, ']')) => {
                    self.at = close + 1;
                    break;
                }
                Some((comma, ',')) => match self.significant(comma + 1) {
                    Some((next, character)) if character == quote => at = next,
                    _ => return Err(SyntaxError::new("a name in quotes belongs after ','")),
                },
                _ => return Err(SyntaxError::new("a name in brackets is followed by ',' or ']'")),
            }
        }
        let single = names.len() == 1;
        self.steps.push(match names.pop() {
            Some(name) if single => Step::Field(name),
            last => {
                names.extend(last);
                Step::Fields(names)
            }
        });
        Ok(())
    }

    fn indexes(&mut self) -> Result<(), SyntaxError> {
        let start = self.at + 1;
        let Some(end) = (start..self.characters.len()).find(|at| self.characters[*at] == ']') else {
            return Err(SyntaxError::new("'[' is not closed"));
        };
        let text = self.text(start, end);
        let text = text.trim();
        let bad = || SyntaxError::new(format!("[{text}] is neither an index nor a slice"));
        let number = |text: &str| text.trim().parse::<i32>().map_err(|_| bad());
        self.steps.push(if text.contains(':') {
            // A third part, the step, is read and ignored.
            let mut parts = text.split(':').map(|part| match part {
                "" => Ok(None),
                part => number(part).map(Some),
            });
            let slice =
                Slice { from: parts.next().transpose()?.flatten(), to: parts.next().transpose()?.flatten() };
            if slice.from.is_none() && slice.to.is_none() || parts.any(|part| part.is_err()) {
                return Err(bad());
            }
            Step::Slice(slice)
        } else {
            let indexes = text.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
            match indexes[..] {
                [index] => Step::Index(index),
                _ => Step::Indexes(indexes),
            }
        });
        self.at = end + 1;
        Ok(())
    }

    fn filter(&mut self, question_mark: usize) -> Result<(), SyntaxError> {
        let Some((open, '(')) = self.significant(question_mark + 1) else {
            return Err(SyntaxError::new("'(' belongs after '?'"));
        };
        let Some(close) = self.closing(open, '(', ')') else {
            return Err(SyntaxError::new("a filter is not closed"));
        };
        let Some((end, ']')) = self.significant(close + 1) else {
            return Err(SyntaxError::new("']' belongs after a filter"));
        };
        let filter = filter_parse::filter(&self.characters[open..=close], self.nesting + 1)?;
        self.steps.push(Step::Filter(filter.into()));
        self.at = end + 1;
        Ok(())
    }

    fn current(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    /// The next character from `at` on that is not a blank, and its place.
    fn significant(&self, at: usize) -> Option<(usize, char)> {
        let rest = self.characters.get(at..)?;
        rest.iter().position(|character| *character != ' ').map(|offset| (at + offset, rest[offset]))
    }

    fn closing(&self, start: usize, open: char, close: char) -> Option<usize> {
        closing(self.characters, start, open, close)
    }

    fn closing_quote(&self, start: usize, quote: char) -> Option<usize> {
        closing_quote(self.characters, start, quote)
    }

    fn text(&self, start: usize, end: usize) -> String {
        self.characters[start..end].iter().collect()
    }

    fn unexpected(&self) -> SyntaxError {
        match self.current() {
            Some(character) => SyntaxError::new(format!("unexpected '{character}' at position {}", self.at)),
            None => SyntaxError::new("the path ends too early"),
        }
    }
}

/// The place of the `close` that belongs to the `open` at `start`; text in quotes and patterns between
/// slashes do not count.
pub(super) fn closing(characters: &[char], start: usize, open: char, close: char) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = start;
    while let Some(character) = characters.get(at).copied() {
        if matches!(character, '\'' | '"' | '/') {
            at = closing_quote(characters, at, character)?;
        } else if character == open {
            depth += 1;
        } else if character == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
        at += 1;
    }
    None
}

/// The place of the next `quote` after `start` that no backslash escapes.
pub(super) fn closing_quote(characters: &[char], start: usize, quote: char) -> Option<usize> {
    let mut at = start + 1;
    while let Some(character) = characters.get(at).copied() {
        match character {
            '\\' => at += 1,
            character if character == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// A backslash escapes the quote and itself only: AWS finds the member `a\"b` with `$['a\"b']`.
/// (recorded: test_escape_sequence_parsing)
fn unescape_name(characters: &[char], quote: char) -> Text {
    let mut name = String::new();
    let mut rest = characters.iter().copied().peekable();
    while let Some(character) = rest.next() {
        match (character, rest.peek()) {
            ('\\', Some(next)) if *next == quote || *next == '\\' => name.extend(rest.next()),
            _ => name.push(character),
        }
    }
    name.into()
}
