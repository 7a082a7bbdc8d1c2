//! A request's text: operations and fragments.
//!
//! Type definitions are read and reported, so that validation can name them.

use std::sync::Arc;

use json::Text;

use super::ast::{
    Document, Field, Fragment, Inline, Operation, OperationKind, Selection, Spread, VariableDefinition,
};
use super::lexer::Token;
use super::parser::{Parser, Result};
use super::{Location, REQUEST_BYTES_MAX, REQUEST_TOKENS_MAX, SyntaxError, type_system};

/// Reads a request's text.
///
/// # Errors
/// The first token that cannot stand where it stands, or the bound that the text exceeds.
pub fn parse(text: &str) -> Result<Document> {
    if text.len() > REQUEST_BYTES_MAX {
        let start = Location { line: 1, column: 1 };
        let what = format!("the query has more than {REQUEST_BYTES_MAX} bytes");
        return Err(SyntaxError::excessive(&what, start));
    }
    let mut parser = Parser::new(text, REQUEST_TOKENS_MAX)?;
    let mut document = Document::default();
    loop {
        parser.definition(&mut document)?;
        if *parser.peek() == Token::End {
            return Ok(document);
        }
    }
}

impl Parser<'_> {
    fn definition(&mut self, document: &mut Document) -> Result<()> {
        let at = self.at();
        let kind = match self.peek() {
            Token::Mark('{') => {
                let selections = self.selections()?;
                let (variables, directives) = (Vec::new(), Vec::new());
                let kind = OperationKind::Query;
                document.operations.push(Operation {
                    kind,
                    name: None,
                    variables,
                    directives,
                    selections,
                    at,
                });
                return Ok(());
            }
            Token::Name("fragment") => {
                document.fragments.push(Arc::new(self.fragment()?));
                return Ok(());
            }
            Token::Name(word) => match operation_kind(word) {
                Some(kind) => kind,
                None => return self.foreign(document),
            },
            Token::String(_) => return self.foreign(document),
            _ => return self.offending(),
        };
        self.advance()?;
        let name = if let Token::Name(_) = self.peek() { Some(self.name()?) } else { None };
        let variables = self.between_if_any('(', ')', Parser::variable_definition)?;
        let directives = self.directives(false)?;
        let selections = self.selections()?;
        document.operations.push(Operation { kind, name, variables, directives, selections, at });
        Ok(())
    }

    fn foreign(&mut self, document: &mut Document) -> Result<()> {
        let at = self.at();
        let mut definitions = super::ast::TypeSystem::default();
        type_system::definition(self, &mut definitions)?;
        let types = definitions.types.into_iter().map(|definition| definition.name);
        let directives = definitions.directives.into_iter().map(|definition| definition.name);
        let schemas = definitions.schemas.into_iter().map(|_| Text::from("schema"));
        document.foreign.extend(types.chain(directives).chain(schemas).map(|name| (name, at)));
        Ok(())
    }

    fn variable_definition(&mut self) -> Result<VariableDefinition> {
        let at = self.at();
        self.mark('$')?;
        let name = self.name()?;
        self.mark(':')?;
        let type_ = self.type_reference()?;
        let default = if self.eat_mark('=')? { Some(self.literal(true)?) } else { None };
        Ok(VariableDefinition { name, type_, default, directives: self.directives(true)?, at })
    }

    fn fragment(&mut self) -> Result<Fragment> {
        let at = self.at();
        self.advance()?;
        if self.is_keyword("on") {
            return self.offending();
        }
        let name = self.name()?;
        if !self.eat_keyword("on")? {
            return self.offending();
        }
        let on = self.name()?;
        let directives = self.directives(false)?;
        Ok(Fragment { name, on, directives, selections: self.selections()?, at })
    }

    fn selections(&mut self) -> Result<Vec<Selection>> {
        self.nested(|parser| parser.between('{', '}', Parser::selection))
    }

    fn selections_if_any(&mut self) -> Result<Vec<Selection>> {
        if self.is_mark('{') { self.selections() } else { Ok(Vec::new()) }
    }

    fn selection(&mut self) -> Result<Selection> {
        let at = self.at();
        if *self.peek() != Token::Dots {
            return Ok(Selection::Field(Arc::new(self.field()?)));
        }
        self.advance()?;
        let on = match self.peek() {
            Token::Name("on") => {
                self.advance()?;
                Some(self.name()?)
            }
            Token::Name(_) => {
                let name = self.name()?;
                let directives = self.directives(false)?;
                return Ok(Selection::Spread(Arc::new(Spread { name, directives, at })));
            }
            _ => None,
        };
        let directives = self.directives(false)?;
        Ok(Selection::Inline(Arc::new(Inline { on, directives, selections: self.selections()?, at })))
    }

    fn field(&mut self) -> Result<Field> {
        let at = self.at();
        let first = self.name()?;
        let (alias, name) = if self.eat_mark(':')? { (Some(first), self.name()?) } else { (None, first) };
        let arguments = self.arguments(false)?;
        let directives = self.directives(false)?;
        Ok(Field { alias, name, arguments, directives, selections: self.selections_if_any()?, at })
    }
}

pub(super) fn operation_kind(word: &str) -> Option<OperationKind> {
    [OperationKind::Query, OperationKind::Mutation, OperationKind::Subscription]
        .into_iter()
        .find(|kind| kind.name() == word)
}
