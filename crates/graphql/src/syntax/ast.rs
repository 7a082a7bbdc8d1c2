//! The trees of requests and schemas, as written: names are not looked up, fragments not put in place.
//!
//! Never here: what a name means.

use std::sync::Arc;

use json::Text;

use super::Location;

/// A request's text.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// In the order of the text.
    pub operations: Vec<Operation>,
    /// In the order of the text; names may repeat before validation.
    pub fragments: Vec<Arc<Fragment>>,
    /// Definitions that no request may have, with what they define.
    pub foreign: Vec<(Text, Location)>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperationKind {
    /// `query`, or no word at all.
    Query,
    /// `mutation`: its fields run one after the other.
    Mutation,
    /// `subscription`
    Subscription,
}

impl OperationKind {
    /// The keyword.
    pub fn name(self) -> &'static str {
        match self {
            OperationKind::Query => "query",
            OperationKind::Mutation => "mutation",
            OperationKind::Subscription => "subscription",
        }
    }
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it does.
    pub kind: OperationKind,
    /// Its name, if it has one.
    pub name: Option<Text>,
    /// The variables it declares.
    pub variables: Vec<VariableDefinition>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it asks for.
    pub selections: Vec<Selection>,
    /// Where it begins.
    pub at: Location,
}

/// `$name: Type = default`
#[derive(Clone, Debug)]
pub struct VariableDefinition {
    /// Without `$`.
    pub name: Text,
    /// What it may hold.
    pub type_: TypeReference,
    /// What it holds when it is not given.
    pub default: Option<Literal>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Where it begins.
    pub at: Location,
}

/// `fragment name on Type { … }`
#[derive(Clone, Debug)]
pub struct Fragment {
    /// Its name.
    pub name: Text,
    /// The type it is for.
    pub on: Text,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it asks for.
    pub selections: Vec<Selection>,
    /// Where it begins.
    pub at: Location,
}

/// One entry between braces. Shared, because plans keep what they merge.
#[derive(Clone, Debug)]
pub enum Selection {
    /// `alias: name(arguments) { … }`
    Field(Arc<Field>),
    /// `...name`
    Spread(Arc<Spread>),
    /// `... on Type { … }`
    Inline(Arc<Inline>),
}

/// A field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the response, if that is another one.
    pub alias: Option<Text>,
    /// Its name in the schema.
    pub name: Text,
    /// As written.
    pub arguments: Vec<Argument>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it asks for; none for a leaf.
    pub selections: Vec<Selection>,
    /// Where it begins.
    pub at: Location,
}

impl Field {
    /// Its name in the response.
    pub fn key(&self) -> &Text {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

/// A fragment's use.
#[derive(Clone, Debug)]
pub struct Spread {
    /// The fragment.
    pub name: Text,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Where it begins.
    pub at: Location,
}

/// A fragment without a name.
#[derive(Clone, Debug)]
pub struct Inline {
    /// The type it is for, if it names one.
    pub on: Option<Text>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it asks for.
    pub selections: Vec<Selection>,
    /// Where it begins.
    pub at: Location,
}

/// `name: value`
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: Literal,
    /// Where it begins.
    pub at: Location,
}

/// `@name(arguments)`
#[derive(Clone, Debug, PartialEq)]
pub struct Directive {
    /// Without `@`.
    pub name: Text,
    /// As written.
    pub arguments: Vec<Argument>,
    /// Where it begins.
    pub at: Location,
}

impl Directive {
    /// The value of an argument, if it is given.
    pub fn argument(&self, name: &str) -> Option<&Literal> {
        self.arguments.iter().find(|argument| argument.name == name).map(|argument| &argument.value)
    }
}

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `$name`, without `$`.
    Variable(Text),
    /// An integer's digits.
    Int(Text),
    /// A number with a fraction or an exponent.
    Float(Text),
    /// A string, escapes resolved.
    String(Text),
    /// `true`, `false`
    Boolean(bool),
    /// `null`
    Null,
    /// A bare name.
    Enum(Text),
    /// `[…]`
    List(Vec<Literal>),
    /// `{name: value}`
    Object(Vec<(Text, Literal)>),
}

/// A type as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeReference {
    /// `Name`
    Named(Text),
    /// `[Type]`
    List(Box<TypeReference>),
    /// `Type!`
    NonNull(Box<TypeReference>),
}

impl TypeReference {
    /// The name inside all wrappers.
    pub fn name(&self) -> &Text {
        match self {
            TypeReference::Named(name) => name,
            TypeReference::List(inner) | TypeReference::NonNull(inner) => inner.name(),
        }
    }
}

impl std::fmt::Display for TypeReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TypeReference::Named(name) => f.write_str(name),
            TypeReference::List(inner) => write!(f, "[{inner}]"),
            TypeReference::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

/// A schema's text.
#[derive(Clone, Debug, Default)]
pub struct TypeSystem {
    /// `schema { … }` and its extensions.
    pub schemas: Vec<SchemaDefinition>,
    /// Types and their extensions.
    pub types: Vec<TypeDefinition>,
    /// `directive @name on …`
    pub directives: Vec<DirectiveDefinition>,
}

/// `schema { query: Query }`
#[derive(Clone, Debug)]
pub struct SchemaDefinition {
    /// What is said of it.
    pub description: Option<Text>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Which type each kind of operation begins at.
    pub roots: Vec<(OperationKind, Text, Location)>,
    /// Whether it extends another one.
    pub extends: bool,
    /// Where it begins.
    pub at: Location,
}

/// What a type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// `scalar`
    Scalar,
    /// `type`
    Object,
    /// `interface`
    Interface,
    /// `union`
    Union,
    /// `enum`
    Enum,
    /// `input`
    Input,
}

/// A type, or an extension of one. Only the lists of its kind have members.
#[derive(Clone, Debug)]
pub struct TypeDefinition {
    /// What it is.
    pub kind: TypeKind,
    /// Whether it extends another one.
    pub extends: bool,
    /// Its name.
    pub name: Text,
    /// What is said of it.
    pub description: Option<Text>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What an object or an interface implements.
    pub interfaces: Vec<Text>,
    /// Fields of objects and interfaces.
    pub fields: Vec<FieldDefinition>,
    /// Fields of inputs.
    pub inputs: Vec<InputDefinition>,
    /// Values of enums.
    pub values: Vec<ValueDefinition>,
    /// Members of unions.
    pub members: Vec<Text>,
    /// Where it begins.
    pub at: Location,
}

/// A field of an object or an interface.
#[derive(Clone, Debug)]
pub struct FieldDefinition {
    /// What is said of it.
    pub description: Option<Text>,
    /// Its name.
    pub name: Text,
    /// What it takes.
    pub arguments: Vec<InputDefinition>,
    /// What it gives.
    pub type_: TypeReference,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Where it begins.
    pub at: Location,
}

/// An argument, or a field of an input.
#[derive(Clone, Debug)]
pub struct InputDefinition {
    /// What is said of it.
    pub description: Option<Text>,
    /// Its name.
    pub name: Text,
    /// What it takes.
    pub type_: TypeReference,
    /// What it is when it is not given.
    pub default: Option<Literal>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Where it begins.
    pub at: Location,
}

/// A value of an enum.
#[derive(Clone, Debug)]
pub struct ValueDefinition {
    /// What is said of it.
    pub description: Option<Text>,
    /// Its name.
    pub name: Text,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Where it begins.
    pub at: Location,
}

/// `directive @name(arguments) repeatable on PLACES`
#[derive(Clone, Debug)]
pub struct DirectiveDefinition {
    /// What is said of it.
    pub description: Option<Text>,
    /// Without `@`.
    pub name: Text,
    /// What it takes.
    pub arguments: Vec<InputDefinition>,
    /// Whether one place may have it twice.
    pub repeatable: bool,
    /// Where it may stand, in GraphQL's words: `FIELD_DEFINITION`.
    pub places: Vec<Text>,
    /// Where it begins.
    pub at: Location,
}
