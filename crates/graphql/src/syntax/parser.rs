//! What requests and schemas have in common: values, types, directives, and the bounds on all nesting.
//!
//! Never here: operations, type definitions.

use json::Text;

use super::ast::{Argument, Directive, Literal, TypeReference};
use super::lexer::{Lexer, Token};
use super::{Location, NESTING_MAX, SyntaxError};

pub(super) type Result<T> = std::result::Result<T, SyntaxError>;

/// One token ahead of what is understood.
pub(super) struct Parser<'t> {
    lexer: Lexer<'t>,
    token: Token<'t>,
    /// Where `token` stands.
    at: Location,
    /// The first byte of `token`.
    start: usize,
    tokens_left: usize,
    nesting: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, tokens_max: usize) -> Result<Parser<'t>> {
        let mut lexer = Lexer::new(text);
        let (token, at, start) = lexer.token()?;
        Ok(Parser { lexer, token, at, start, tokens_left: tokens_max, nesting: 0 })
    }

    pub(super) fn peek(&self) -> &Token<'t> {
        &self.token
    }

    pub(super) fn at(&self) -> Location {
        self.at
    }

    pub(super) fn advance(&mut self) -> Result<Token<'t>> {
        let Some(left) = self.tokens_left.checked_sub(1) else {
            return Err(SyntaxError::excessive("there are more tokens than a document may have", self.at));
        };
        self.tokens_left = left;
        let (token, at, start) = self.lexer.token()?;
        self.at = at;
        self.start = start;
        Ok(std::mem::replace(&mut self.token, token))
    }

    /// The refusal of the token that comes next.
    pub(super) fn offending<T>(&self) -> Result<T> {
        let text = match self.token {
            Token::End => "<EOF>",
            _ => self.lexer.slice(self.start, self.lexer.offset()),
        };
        Err(SyntaxError::offending(text, self.at))
    }

    pub(super) fn is_mark(&self, mark: char) -> bool {
        self.token == Token::Mark(mark)
    }

    pub(super) fn eat_mark(&mut self, mark: char) -> Result<bool> {
        let found = self.is_mark(mark);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn mark(&mut self, mark: char) -> Result<()> {
        if self.eat_mark(mark)? { Ok(()) } else { self.offending() }
    }

    pub(super) fn is_keyword(&self, keyword: &str) -> bool {
        self.token == Token::Name(keyword)
    }

    pub(super) fn eat_keyword(&mut self, keyword: &str) -> Result<bool> {
        let found = self.is_keyword(keyword);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn name(&mut self) -> Result<Text> {
        let Token::Name(name) = self.token else { return self.offending() };
        self.advance()?;
        Ok(Text::from(name))
    }

    /// Runs `inner` one level deeper. The bound makes every recursion over a tree safe.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.nesting == NESTING_MAX {
            return Err(SyntaxError::excessive(&format!("nested more than {NESTING_MAX} deep"), self.at));
        }
        self.nesting += 1;
        let result = inner(self);
        self.nesting -= 1;
        result
    }

    /// `open item… close`, at least one item.
    pub(super) fn between<T>(
        &mut self,
        open: char,
        close: char,
        mut item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.mark(open)?;
        let mut items = vec![item(self)?];
        while !self.eat_mark(close)? {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// The same, or nothing at all.
    pub(super) fn between_if_any<T>(
        &mut self,
        open: char,
        close: char,
        item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        if self.is_mark(open) { self.between(open, close, item) } else { Ok(Vec::new()) }
    }

    pub(super) fn arguments(&mut self, constant: bool) -> Result<Vec<Argument>> {
        self.between_if_any('(', ')', |parser| {
            let at = parser.at();
            let name = parser.name()?;
            parser.mark(':')?;
            Ok(Argument { name, value: parser.literal(constant)?, at })
        })
    }

    pub(super) fn directives(&mut self, constant: bool) -> Result<Vec<Directive>> {
        let mut directives = Vec::new();
        while self.is_mark('@') {
            let at = self.at();
            self.advance()?;
            directives.push(Directive { name: self.name()?, arguments: self.arguments(constant)?, at });
        }
        Ok(directives)
    }

    pub(super) fn type_reference(&mut self) -> Result<TypeReference> {
        let plain = if self.eat_mark('[')? {
            let inner = self.nested(Parser::type_reference)?;
            self.mark(']')?;
            TypeReference::List(Box::new(inner))
        } else {
            TypeReference::Named(self.name()?)
        };
        Ok(if self.eat_mark('!')? { TypeReference::NonNull(Box::new(plain)) } else { plain })
    }

    /// A value; a constant one has no variables.
    pub(super) fn literal(&mut self, constant: bool) -> Result<Literal> {
        match &self.token {
            Token::Mark('[') => self.nested(|parser| {
                parser.advance()?;
                let mut items = Vec::new();
                while !parser.eat_mark(']')? {
                    items.push(parser.literal(constant)?);
                }
                Ok(Literal::List(items))
            }),
            Token::Mark('{') => self.nested(|parser| {
                parser.advance()?;
                let mut members = Vec::new();
                while !parser.eat_mark('}')? {
                    let name = parser.name()?;
                    parser.mark(':')?;
                    members.push((name, parser.literal(constant)?));
                }
                Ok(Literal::Object(members))
            }),
            Token::Mark('$') if !constant => {
                self.advance()?;
                Ok(Literal::Variable(self.name()?))
            }
            _ => self.leaf(),
        }
    }

    fn leaf(&mut self) -> Result<Literal> {
        let literal = match &self.token {
            Token::Int(digits) => Literal::Int(Text::from(*digits)),
            Token::Float(digits) => Literal::Float(Text::from(*digits)),
            Token::String(text) => Literal::String(text.clone()),
            Token::Name("true") => Literal::Boolean(true),
            Token::Name("false") => Literal::Boolean(false),
            Token::Name("null") => Literal::Null,
            Token::Name(name) => Literal::Enum(Text::from(*name)),
            Token::End | Token::Dots | Token::Mark(_) => return self.offending(),
        };
        self.advance()?;
        Ok(literal)
    }
}
