//! A schema: types that are looked up once and then named by number.
//!
//! AWS's scalars and directives and GraphQL's introspection are part of each. Never here: requests.

mod build;
mod check;
mod implements;
mod introspection;
mod print;

use std::collections::BTreeMap;

use json::{Text, Value};

pub(crate) use introspection::{answer, handle, root_handle};

use crate::scalar::Scalar;
use crate::syntax::Location;
use crate::syntax::ast::{Directive, Literal, OperationKind, TypeKind, ValueDefinition};

/// What an API offers.
#[derive(Debug)]
pub struct Schema {
    description: Option<Text>,
    directives_applied: Vec<Directive>,
    /// The user's types in the order of the text, then the built-in ones.
    types: Vec<Type>,
    index: BTreeMap<Text, TypeId>,
    /// By [`OperationKind`].
    roots: BTreeMap<OperationKind, TypeId>,
    directives: Vec<DirectiveType>,
    /// For each type the objects that a value of it can be, in order.
    possible: Vec<Vec<TypeId>>,
    /// What `__type` takes: `name: String!`.
    type_argument: [InputType; 1],
}

/// A type's number within its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeId(u32);

/// A type. Only the lists of its kind have members.
#[derive(Debug)]
pub struct Type {
    /// Its name.
    pub name: Text,
    /// What it is.
    pub kind: TypeKind,
    /// What is said of it.
    pub description: Option<Text>,
    /// `@aws_…` and others.
    pub directives: Vec<Directive>,
    /// What an object or an interface implements.
    pub interfaces: Vec<TypeId>,
    /// Fields of objects and interfaces.
    pub fields: Vec<FieldType>,
    /// Fields of inputs.
    pub inputs: Vec<InputType>,
    /// Values of enums.
    pub values: Vec<ValueDefinition>,
    /// Members of unions.
    pub members: Vec<TypeId>,
    /// Which scalar it is.
    pub scalar: Option<Scalar>,
    /// Whether every schema has it.
    pub built_in: bool,
    /// Where it begins.
    pub at: Location,
    /// Names of fields, inputs or values, with their places.
    index: BTreeMap<Text, usize>,
}

/// A field of an object or an interface.
#[derive(Debug)]
pub struct FieldType {
    /// Its name.
    pub name: Text,
    /// What is said of it.
    pub description: Option<Text>,
    /// What it takes.
    pub arguments: Vec<InputType>,
    /// What it gives.
    pub shape: Shape,
    /// `@aws_…` and others.
    pub directives: Vec<Directive>,
    /// Where it begins.
    pub at: Location,
}

/// An argument, or a field of an input.
#[derive(Debug)]
pub struct InputType {
    /// Its name.
    pub name: Text,
    /// What is said of it.
    pub description: Option<Text>,
    /// What it takes.
    pub shape: Shape,
    /// What it is when it is not given, as written.
    pub default: Option<Literal>,
    /// The same, as resolvers see it.
    pub default_value: Option<Value>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Where it begins.
    pub at: Location,
}

impl InputType {
    /// Whether it must be given.
    pub fn is_required(&self) -> bool {
        self.default.is_none() && matches!(self.shape, Shape::NonNull(_))
    }
}

/// `directive @name(…) on …`
#[derive(Debug)]
pub(crate) struct DirectiveType {
    pub name: Text,
    pub description: Option<Text>,
    pub arguments: Vec<InputType>,
    pub repeatable: bool,
    pub places: Vec<Text>,
    pub built_in: bool,
}

/// A type with its lists and its exclamation marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `Name`
    Named(TypeId),
    /// `[Shape]`
    List(Box<Shape>),
    /// `Shape!`
    NonNull(Box<Shape>),
}

impl Shape {
    /// The type inside all wrappers.
    pub fn type_id(&self) -> TypeId {
        match self {
            Shape::Named(id) => *id,
            Shape::List(inner) | Shape::NonNull(inner) => inner.type_id(),
        }
    }

    /// Without the exclamation mark outside.
    pub fn nullable(&self) -> &Shape {
        if let Shape::NonNull(inner) = self { inner } else { self }
    }

    /// Whether it has one.
    pub fn is_required(&self) -> bool {
        matches!(self, Shape::NonNull(_))
    }
}

/// What is wrong with a schema: all of it that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaErrors(pub Vec<SchemaError>);

/// One mistake in a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub location: Location,
}

impl std::fmt::Display for SchemaErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let messages: Vec<&str> = self.0.iter().map(|error| &*error.message).collect();
        f.write_str(&messages.join("\n"))
    }
}

impl std::error::Error for SchemaErrors {}

impl Schema {
    /// Reads and checks a schema.
    ///
    /// # Errors
    /// The first mistake of its syntax, or all mistakes of its types that were found (100 at most).
    pub fn parse(text: &str) -> Result<Schema, SchemaErrors> {
        build::schema(text)
    }

    /// The type of this name.
    pub fn type_named(&self, name: &str) -> Option<&Type> {
        self.id(name).map(|id| self.type_(id))
    }

    /// The type at which operations of a kind begin.
    pub fn root(&self, kind: OperationKind) -> Option<&Type> {
        self.roots.get(&kind).map(|id| self.type_(*id))
    }

    /// The user's types and the built-in ones.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.types.iter()
    }

    /// The type that a number names. Numbers of another schema have no meaning here.
    pub fn type_(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }

    /// A shape as text: `[Post!]!`.
    pub fn shape_text(&self, shape: &Shape) -> String {
        match shape {
            Shape::Named(id) => self.type_(*id).name.to_string(),
            Shape::List(inner) => format!("[{}]", self.shape_text(inner)),
            Shape::NonNull(inner) => format!("{}!", self.shape_text(inner)),
        }
    }

    pub(crate) fn id(&self, name: &str) -> Option<TypeId> {
        self.index.get(name).copied()
    }

    pub(crate) fn root_id(&self, kind: OperationKind) -> Option<TypeId> {
        self.roots.get(&kind).copied()
    }

    pub(crate) fn directive(&self, name: &str) -> Option<&DirectiveType> {
        self.directives.iter().find(|directive| directive.name == name)
    }

    /// The objects that a value of this type can be, in order.
    pub(crate) fn possible(&self, id: TypeId) -> &[TypeId] {
        &self.possible[id.0 as usize]
    }

    /// Whether an object of type `object` is a value of type `id`.
    pub(crate) fn includes(&self, id: TypeId, object: TypeId) -> bool {
        self.possible(id).binary_search(&object).is_ok()
    }

    /// Whether some object is a value of both.
    pub(crate) fn overlap(&self, one: TypeId, other: TypeId) -> bool {
        self.possible(one).iter().any(|object| self.includes(other, *object))
    }
}

impl TypeId {
    pub(crate) fn number(self) -> usize {
        self.0 as usize
    }
}

impl Type {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&FieldType> {
        self.field_place(name).map(|place| &self.fields[place])
    }

    pub(crate) fn field_place(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied().filter(|place| *place < self.fields.len())
    }

    /// The input's field of this name.
    pub(crate) fn input(&self, name: &str) -> Option<&InputType> {
        self.index.get(name).and_then(|place| self.inputs.get(*place))
    }

    /// Whether an enum has this value.
    pub(crate) fn has_value(&self, name: &str) -> bool {
        self.index.get(name).is_some_and(|place| *place < self.values.len())
    }

    /// Whether its values have fields of their own.
    pub fn is_composite(&self) -> bool {
        matches!(self.kind, TypeKind::Object | TypeKind::Interface | TypeKind::Union)
    }

    /// Whether arguments may have it.
    pub fn is_input(&self) -> bool {
        matches!(self.kind, TypeKind::Scalar | TypeKind::Enum | TypeKind::Input)
    }
}

impl FieldType {
    /// The argument of this name.
    pub fn argument(&self, name: &str) -> Option<&InputType> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}

/// Why something should no longer be used, if so.
pub(crate) fn deprecation(directives: &[Directive]) -> Option<Text> {
    let deprecated = directives.iter().find(|directive| directive.name == "deprecated")?;
    match deprecated.argument("reason") {
        Some(Literal::String(reason)) => Some(reason.clone()),
        _ => Some(Text::new("No longer supported")),
    }
}
