//! A schema's text: types, extensions, directives, and the roots of operations.
//!
//! Never here: whether the types fit together.

use json::Text;

use super::ast::{
    DirectiveDefinition, FieldDefinition, InputDefinition, SchemaDefinition, TypeDefinition, TypeKind,
    TypeSystem, ValueDefinition,
};
use super::document::operation_kind;
use super::lexer::Token;
use super::parser::{Parser, Result};
use super::{Location, SCHEMA_BYTES_MAX, SyntaxError};

/// Reads a schema's text.
///
/// # Errors
/// The first token that cannot stand where it stands, or the bound that the text exceeds.
pub fn parse(text: &str) -> Result<TypeSystem> {
    if text.len() > SCHEMA_BYTES_MAX {
        let start = Location { line: 1, column: 1 };
        let what = format!("the schema has more than {SCHEMA_BYTES_MAX} bytes");
        return Err(SyntaxError::excessive(&what, start));
    }
    // A token has a byte, so the bound on bytes bounds tokens, too.
    let mut parser = Parser::new(text, SCHEMA_BYTES_MAX)?;
    let mut definitions = TypeSystem::default();
    while *parser.peek() != Token::End {
        definition(&mut parser, &mut definitions)?;
    }
    Ok(definitions)
}

pub(super) fn definition(parser: &mut Parser<'_>, into: &mut TypeSystem) -> Result<()> {
    let at = parser.at();
    let description = parser.description()?;
    let extends = description.is_none() && parser.eat_keyword("extend")?;
    match parser.peek() {
        Token::Name("schema") => into.schemas.push(parser.schema_definition(description, extends, at)?),
        Token::Name("directive") if !extends => {
            into.directives.push(parser.directive_definition(description, at)?);
        }
        Token::Name(word) => match type_kind(word) {
            Some(kind) => into.types.push(parser.type_definition(kind, description, extends, at)?),
            None => return parser.offending(),
        },
        _ => return parser.offending(),
    }
    Ok(())
}

fn type_kind(word: &str) -> Option<TypeKind> {
    Some(match word {
        "scalar" => TypeKind::Scalar,
        "type" => TypeKind::Object,
        "interface" => TypeKind::Interface,
        "union" => TypeKind::Union,
        "enum" => TypeKind::Enum,
        "input" => TypeKind::Input,
        _ => return None,
    })
}

impl Parser<'_> {
    fn description(&mut self) -> Result<Option<Text>> {
        let Token::String(text) = self.peek() else { return Ok(None) };
        let text = text.clone();
        self.advance()?;
        Ok(Some(text))
    }

    fn schema_definition(
        &mut self,
        description: Option<Text>,
        extends: bool,
        at: Location,
    ) -> Result<SchemaDefinition> {
        self.advance()?;
        let directives = self.directives(true)?;
        let root = |parser: &mut Self| {
            let at = parser.at();
            let kind = match parser.peek() {
                Token::Name(word) => operation_kind(word),
                _ => None,
            };
            let Some(kind) = kind else { return parser.offending() };
            parser.advance()?;
            parser.mark(':')?;
            Ok((kind, parser.name()?, at))
        };
        let roots =
            if extends { self.between_if_any('{', '}', root)? } else { self.between('{', '}', root)? };
        Ok(SchemaDefinition { description, directives, roots, extends, at })
    }

    fn directive_definition(
        &mut self,
        description: Option<Text>,
        at: Location,
    ) -> Result<DirectiveDefinition> {
        self.advance()?;
        self.mark('@')?;
        let name = self.name()?;
        let arguments = self.between_if_any('(', ')', Parser::input_definition)?;
        let repeatable = self.eat_keyword("repeatable")?;
        if !self.eat_keyword("on")? {
            return self.offending();
        }
        let places = self.separated('|')?;
        Ok(DirectiveDefinition { description, name, arguments, repeatable, places, at })
    }

    fn type_definition(
        &mut self,
        kind: TypeKind,
        description: Option<Text>,
        extends: bool,
        at: Location,
    ) -> Result<TypeDefinition> {
        self.advance()?;
        let name = self.name()?;
        let mut definition = TypeDefinition {
            kind,
            extends,
            name,
            description,
            directives: Vec::new(),
            interfaces: Vec::new(),
            fields: Vec::new(),
            inputs: Vec::new(),
            values: Vec::new(),
            members: Vec::new(),
            at,
        };
        if matches!(kind, TypeKind::Object | TypeKind::Interface) && self.eat_keyword("implements")? {
            definition.interfaces = self.interfaces()?;
        }
        definition.directives = self.directives(true)?;
        match kind {
            TypeKind::Scalar => {}
            TypeKind::Object | TypeKind::Interface => {
                definition.fields = self.between_if_any('{', '}', Parser::field_definition)?;
            }
            TypeKind::Input => {
                definition.inputs = self.between_if_any('{', '}', Parser::input_definition)?;
            }
            TypeKind::Enum => {
                definition.values = self.between_if_any('{', '}', Parser::value_definition)?;
            }
            TypeKind::Union => {
                if self.eat_mark('=')? {
                    definition.members = self.separated('|')?;
                }
            }
        }
        Ok(definition)
    }

    /// `A & B`; older schemas write `A, B` or `A B`.
    fn interfaces(&mut self) -> Result<Vec<Text>> {
        self.eat_mark('&')?;
        let mut names = vec![self.name()?];
        while self.eat_mark('&')? || matches!(self.peek(), Token::Name(_)) {
            names.push(self.name()?);
        }
        Ok(names)
    }

    fn separated(&mut self, mark: char) -> Result<Vec<Text>> {
        self.eat_mark(mark)?;
        let mut names = vec![self.name()?];
        while self.eat_mark(mark)? {
            names.push(self.name()?);
        }
        Ok(names)
    }

    fn field_definition(&mut self) -> Result<FieldDefinition> {
        let description = self.description()?;
        let at = self.at();
        let name = self.name()?;
        let arguments = self.between_if_any('(', ')', Parser::input_definition)?;
        self.mark(':')?;
        let type_ = self.type_reference()?;
        Ok(FieldDefinition { description, name, arguments, type_, directives: self.directives(true)?, at })
    }

    fn input_definition(&mut self) -> Result<InputDefinition> {
        let description = self.description()?;
        let at = self.at();
        let name = self.name()?;
        self.mark(':')?;
        let type_ = self.type_reference()?;
        let default = if self.eat_mark('=')? { Some(self.literal(true)?) } else { None };
        Ok(InputDefinition { description, name, type_, default, directives: self.directives(true)?, at })
    }

    fn value_definition(&mut self) -> Result<ValueDefinition> {
        let description = self.description()?;
        let at = self.at();
        if matches!(self.peek(), Token::Name("true" | "false" | "null")) {
            return self.offending();
        }
        Ok(ValueDefinition { description, name: self.name()?, directives: self.directives(true)?, at })
    }
}
