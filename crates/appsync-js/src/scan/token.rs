//! Tokens of JavaScript, with their brackets matched.

use super::error::{CodeError, Location};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Word,
    Number,
    Text,
    /// A piece of a template literal; one that ends with `${` opens a bracket, one that begins with `}`
    /// closes it.
    Template,
    Regex,
    Punctuator,
}

#[derive(Clone, Copy, Debug)]
pub struct Token<'t> {
    pub kind: Kind,
    pub text: &'t str,
    /// Where it begins, in bytes.
    pub at: usize,
    pub line: u32,
    pub column: u32,
    /// A line ends between the token before and this one.
    pub on_new_line: bool,
    /// The bracket that belongs to this one, by its index.
    pub pair: Option<usize>,
}

impl Token<'_> {
    pub fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, Kind::Punctuator | Kind::Word)
    }

    pub fn location(&self) -> Location {
        let span = i32::try_from(self.text.chars().count()).unwrap_or(-1);
        Location { line: self.line, column: self.column, span }
    }
}

/// The longest first, so that the first that fits is the right one.
const PUNCTUATORS: [&str; 56] = [
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=", "<=",
    ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>",
    "**", "{", "}", "(", ")", "[", "]", ";", ",", "<", ">", "+", "-", "*", "/", "%", "&", "|", "^", "!", "~",
    "?", ":", "=",
];

/// After these words an expression begins, so that `/` begins a regular expression.
const BEFORE_EXPRESSIONS: [&str; 12] =
    ["return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "instanceof"];

pub fn tokens(text: &str) -> Result<Vec<Token<'_>>, CodeError> {
    let mut scanner = Scanner {
        text,
        at: 0,
        line: 1,
        line_at: 0,
        on_new_line: false,
        tokens: Vec::new(),
        open: Vec::new(),
    };
    while scanner.blanks()? {
        scanner.token()?;
    }
    match scanner.open.last() {
        Some(index) => {
            let token = scanner.tokens[*index];
            Err(CodeError::parser(format!("'{}' is never closed", token.text), token.location()))
        }
        None => Ok(scanner.tokens),
    }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    /// Where the line begins.
    line_at: usize,
    on_new_line: bool,
    tokens: Vec<Token<'t>>,
    /// The brackets that are open.
    open: Vec<usize>,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, message: &str) -> Result<T, CodeError> {
        let column = self.text[self.line_at..self.at].chars().count() as u32 + 1;
        Err(CodeError::parser(message, Location { line: self.line, column, span: -1 }))
    }

    /// Moves on, counting lines.
    fn advance(&mut self, bytes: usize) {
        for (offset, letter) in self.text[self.at..self.at + bytes].char_indices() {
            let is_pair = letter == '\r' && self.text[self.at + offset + 1..].starts_with('\n');
            if matches!(letter, '\n' | '\r' | '\u{2028}' | '\u{2029}') && !is_pair {
                self.line += 1;
                self.line_at = self.at + offset + letter.len_utf8();
            }
        }
        self.at += bytes;
    }

    /// Skips blanks and comments. False: the text is over.
    fn blanks(&mut self) -> Result<bool, CodeError> {
        let line = self.line;
        loop {
            let rest = self.rest();
            if let Some(letter) =
                rest.chars().next().filter(|letter| letter.is_whitespace() || *letter == '\u{feff}')
            {
                self.advance(letter.len_utf8());
            } else if rest.starts_with("//") {
                self.advance(rest.find(['\n', '\r', '\u{2028}', '\u{2029}']).unwrap_or(rest.len()));
            } else if let Some(comment) = rest.strip_prefix("/*") {
                match comment.find("*/") {
                    Some(length) => self.advance(length + 4),
                    None => return self.fail("A comment never ends"),
                }
            } else {
                self.on_new_line = self.line > line;
                return Ok(!rest.is_empty());
            }
        }
    }

    fn token(&mut self) -> Result<(), CodeError> {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or_default();
        if first == '`' {
            return self.template();
        }
        if first == '}' && self.open.last().is_some_and(|open| self.tokens[*open].kind == Kind::Template) {
            return self.template();
        }
        let (kind, length) = if is_name(first) || first == '\\' {
            if first == '\\'
                || rest.chars().take_while(|letter| is_name(*letter) || *letter == '\\').any(|l| l == '\\')
            {
                return self.fail("Names are written without escapes");
            }
            (Kind::Word, rest.find(|letter| !is_name(letter)).unwrap_or(rest.len()))
        } else if first.is_ascii_digit()
            || first == '.' && rest[1..].starts_with(|l: char| l.is_ascii_digit())
        {
            (Kind::Number, number_length(rest))
        } else if first == '"' || first == '\'' {
            match quoted_length(rest, first) {
                Some(length) => (Kind::Text, length),
                None => return self.fail("A string never ends"),
            }
        } else if first == '/' && self.expects_expression() {
            match regex_length(rest) {
                Some(length) => (Kind::Regex, length),
                None => return self.fail("A regular expression never ends"),
            }
        } else {
            match punctuator(rest) {
                Some(length) => (Kind::Punctuator, length),
                None => return self.fail(&format!("Unexpected character '{first}'")),
            }
        };
        self.push(kind, length)
    }

    /// A piece of a template literal, from its beginning or from the `}` after an expression.
    fn template(&mut self) -> Result<(), CodeError> {
        let rest = self.rest();
        let mut letters = rest.char_indices().skip(1);
        while let Some((offset, letter)) = letters.next() {
            match letter {
                '\\' => drop(letters.next()),
                '`' => return self.push(Kind::Template, offset + 1),
                '$' if rest[offset + 1..].starts_with('{') => return self.push(Kind::Template, offset + 2),
                _ => {}
            }
        }
        self.fail("A template literal never ends")
    }

    fn push(&mut self, kind: Kind, length: usize) -> Result<(), CodeError> {
        let text = &self.rest()[..length];
        let column = self.text[self.line_at..self.at].chars().count() as u32 + 1;
        let index = self.tokens.len();
        let mut pair = None;
        let is_bracket = matches!(kind, Kind::Punctuator | Kind::Template);
        if is_bracket && (text.starts_with([')', ']', '}'])) {
            let opener = self.open.pop();
            let is_match = opener.is_some_and(|opener| {
                let opener = self.tokens[opener].text;
                let expected = match &text[..1] {
                    ")" => "(",
                    "]" => "[",
                    _ if kind == Kind::Template => "${",
                    _ => "{",
                };
                opener.ends_with(expected) && (expected != "{" || opener == "{")
            });
            let Some(opener) = opener.filter(|_| is_match) else {
                return self.fail(&format!("Unexpected '{}'", &text[..1]));
            };
            self.tokens[opener].pair = Some(index);
            pair = Some(opener);
        }
        if is_bracket && (text.ends_with("${") || text == "(" || text == "[" || text == "{") {
            self.open.push(index);
        }
        let on_new_line = self.on_new_line;
        self.tokens.push(Token { kind, text, at: self.at, line: self.line, column, on_new_line, pair });
        self.advance(length);
        Ok(())
    }

    /// Whether a `/` here begins a regular expression. After `}` it is taken for one: objects are not divided.
    fn expects_expression(&self) -> bool {
        let Some(last) = self.tokens.last() else { return true };
        match last.kind {
            Kind::Word => {
                let is_property = self.tokens.len() > 1 && self.tokens[self.tokens.len() - 2].is(".");
                !is_property && BEFORE_EXPRESSIONS.contains(&last.text)
            }
            Kind::Number | Kind::Text | Kind::Regex => false,
            Kind::Template => last.text.ends_with("${"),
            Kind::Punctuator => !matches!(last.text, ")" | "]"),
        }
    }
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

fn punctuator(rest: &str) -> Option<usize> {
    // `a?.5:b` is a question, not a chain.
    if rest.starts_with("?.") && rest[2..].starts_with(|letter: char| letter.is_ascii_digit()) {
        return Some(1);
    }
    if rest.starts_with('.') && !rest.starts_with("...") {
        return Some(1);
    }
    PUNCTUATORS.iter().find(|known| rest.starts_with(**known)).map(|known| known.len())
}

fn number_length(rest: &str) -> usize {
    let mut before = ' ';
    let is_decimal = !rest.starts_with("0x") && !rest.starts_with("0X");
    let end = rest.find(|letter: char| {
        let is_sign = is_decimal && matches!(letter, '+' | '-') && matches!(before, 'e' | 'E');
        before = letter;
        !(letter.is_ascii_alphanumeric() || letter == '.' || letter == '_' || is_sign)
    });
    end.unwrap_or(rest.len())
}

fn quoted_length(rest: &str, mark: char) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '\\' => {
                if let Some((_, '\r')) = letters.next() {
                    letters.next_if(|(_, next)| *next == '\n');
                }
            }
            '\n' | '\r' => return None,
            _ if letter == mark => return Some(offset + 1),
            _ => {}
        }
    }
    None
}

fn regex_length(rest: &str) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1);
    let mut in_class = false;
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next().filter(|(_, next)| *next != '\n')?),
            '\n' | '\r' => return None,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => {
                let flags = &rest[offset + 1..];
                let length = flags.find(|letter| !is_name(letter)).unwrap_or(flags.len());
                return Some(offset + 1 + length);
            }
            _ => {}
        }
    }
    None
}
