//! From a schema's text to a schema: extensions are merged, names become numbers.
//!
//! The built-in part is written in GraphQL, too. Never here: whether types fit together; `check` knows.

use std::collections::BTreeMap;

use json::Text;

use super::{DirectiveType, FieldType, InputType, Schema, SchemaError, SchemaErrors, Shape, Type, TypeId};
use super::{check, implements};
use crate::program::Program;
use crate::scalar::Scalar;
use crate::syntax::ast::{
    DirectiveDefinition, FieldDefinition, InputDefinition, OperationKind, SchemaDefinition, TypeDefinition,
    TypeKind, TypeReference, TypeSystem,
};
use crate::syntax::{Location, parse_type_system};

const BUILT_IN: &str = include_str!("built_in.graphql");

/// More mistakes than anybody reads at once.
const ERRORS_MAX: usize = 100;

pub fn schema(text: &str) -> Result<Schema, SchemaErrors> {
    let written = parse_type_system(text).map_err(|error| {
        SchemaErrors(vec![SchemaError { message: error.message, location: error.location }])
    })?;
    let built_in = parse_type_system(BUILT_IN)
        .unwrap_or_else(|error| unreachable!("the built-in schema is well-formed: {}", error.message));
    let mut errors = Errors::default();
    let schema = Builder::default().build(written, built_in, &mut errors);
    if errors.0.is_empty() {
        check::schema(&schema, &mut errors);
        implements::schema(&schema, &mut errors);
    }
    let mut schema = schema;
    if errors.0.is_empty() {
        settle_defaults(&mut schema, &mut errors);
    }
    if errors.0.is_empty() { Ok(schema) } else { Err(SchemaErrors(errors.0)) }
}

/// What was found to be wrong.
#[derive(Default)]
pub(super) struct Errors(Vec<SchemaError>);

impl Errors {
    pub(super) fn add(&mut self, location: Location, message: String) {
        if self.0.len() < ERRORS_MAX {
            self.0.push(SchemaError { message, location });
        }
    }
}

#[derive(Default)]
struct Builder {
    definitions: Vec<(TypeDefinition, bool)>,
    index: BTreeMap<Text, TypeId>,
}

impl Builder {
    fn build(mut self, written: TypeSystem, built_in: TypeSystem, errors: &mut Errors) -> Schema {
        let TypeSystem { schemas, types, directives } = written;
        let (extensions, types): (Vec<_>, Vec<_>) = types.into_iter().partition(|type_| type_.extends);
        for definition in types {
            self.add_written(definition, errors);
        }
        for extension in extensions {
            self.extend(extension, errors);
        }
        for definition in built_in.types {
            self.add(definition, true);
        }
        let built_in_directives = built_in.directives.len();
        // Redeclaring what is built in changes nothing.
        let is_new = |new: &DirectiveDefinition| built_in.directives.iter().all(|old| old.name != new.name);
        let mut definitions: Vec<DirectiveDefinition> = directives.into_iter().filter(is_new).collect();
        definitions.splice(0..0, built_in.directives.iter().cloned());
        let mut types = Vec::new();
        for (definition, built_in) in std::mem::take(&mut self.definitions) {
            types.push(self.resolve(definition, built_in, errors));
        }
        let directive = |(place, definition): (usize, DirectiveDefinition)| DirectiveType {
            arguments: self.inputs(definition.arguments, &definition.name, errors),
            name: definition.name,
            description: definition.description,
            repeatable: definition.repeatable,
            places: definition.places,
            built_in: place < built_in_directives,
        };
        let directives = definitions.into_iter().enumerate().map(directive).collect();
        let possible = possible(&types);
        let string = self.index.get("String").copied();
        let Some(string) = string else { unreachable!("the built-in schema has String") };
        let type_argument = InputType {
            name: Text::new("name"),
            description: None,
            shape: Shape::NonNull(Box::new(Shape::Named(string))),
            default: None,
            default_value: None,
            directives: Vec::new(),
            at: Location::default(),
        };
        let mut schema = Schema {
            description: None,
            directives_applied: Vec::new(),
            types,
            index: self.index,
            roots: BTreeMap::new(),
            directives,
            possible,
            type_argument: [type_argument],
        };
        set_roots(&mut schema, schemas, errors);
        schema
    }

    fn add(&mut self, definition: TypeDefinition, built_in: bool) {
        let number = u32::try_from(self.definitions.len()).unwrap_or(u32::MAX);
        self.index.insert(definition.name.clone(), TypeId(number));
        self.definitions.push((definition, built_in));
    }

    fn add_written(&mut self, definition: TypeDefinition, errors: &mut Errors) {
        let TypeDefinition { name, at, .. } = &definition;
        if let Some(known) = self.index.get(name) {
            let Location { line, column } = self.definitions[known.number()].0.at;
            let message = format!(
                "'{name}' type [@{}:{}] tried to redefine existing '{name}' type [@{line}:{column}]",
                at.line, at.column
            );
            return errors.add(*at, message);
        }
        if definition.kind == TypeKind::Scalar {
            let known = Scalar::ALL.iter().any(|(known, _)| *name == *known);
            if !known {
                let message = format!("Custom scalar types are not supported: remove scalar '{name}'");
                errors.add(*at, message);
            }
            return;
        }
        if name.starts_with("AWS") || name.starts_with("__") {
            let message = format!("The type name '{name}' is reserved: names beginning with AWS or __ are");
            return errors.add(*at, message);
        }
        if Scalar::ALL.iter().any(|(known, _)| *name == *known) {
            return errors.add(*at, format!("The type name '{name}' is that of a built-in scalar"));
        }
        self.add(definition, false);
    }

    fn extend(&mut self, extension: TypeDefinition, errors: &mut Errors) {
        let TypeDefinition { name, kind, at, .. } = &extension;
        let base = self.index.get(name).map(|id| &mut self.definitions[id.number()].0);
        let Some(base) = base.filter(|base| base.kind == *kind) else {
            let message = format!(
                "The extension '{name}' type [@{}:{}] is missing its base underlying type",
                at.line, at.column
            );
            return errors.add(*at, message);
        };
        base.directives.extend(extension.directives);
        base.interfaces.extend(extension.interfaces);
        base.fields.extend(extension.fields);
        base.inputs.extend(extension.inputs);
        base.values.extend(extension.values);
        base.members.extend(extension.members);
    }

    fn resolve(&self, definition: TypeDefinition, built_in: bool, errors: &mut Errors) -> Type {
        let TypeDefinition { kind, name, description, directives, values, at, .. } = definition;
        let scalar = Scalar::ALL.iter().find(|(known, _)| name == *known).map(|(_, scalar)| *scalar);
        let mut named = |names: Vec<Text>, what: &str| -> Vec<TypeId> {
            let mut ids = Vec::new();
            for wanted in names {
                match self.index.get(&wanted) {
                    Some(id) => ids.push(*id),
                    None => missing(what, &wanted, &name, at, errors),
                }
            }
            ids
        };
        let interfaces = named(definition.interfaces, "interface type");
        let members = named(definition.members, "union member type");
        let fields = self.fields(definition.fields, &name, errors);
        let inputs = self.inputs(definition.inputs, &name, errors);
        let names = fields.iter().map(|field| (&field.name, field.at));
        let names = names.chain(inputs.iter().map(|input| (&input.name, input.at)));
        let names = names.chain(values.iter().map(|value| (&value.name, value.at)));
        let mut index = BTreeMap::new();
        for (place, (member, at)) in names.enumerate() {
            if index.insert(member.clone(), place).is_some() {
                let message = format!("The type '{name}' has '{member}' more than once");
                errors.add(at, message);
            }
        }
        Type {
            name,
            kind,
            description,
            directives,
            interfaces,
            fields,
            inputs,
            values,
            members,
            scalar,
            built_in,
            at,
            index,
        }
    }

    fn fields(&self, definitions: Vec<FieldDefinition>, owner: &str, errors: &mut Errors) -> Vec<FieldType> {
        let mut fields = Vec::new();
        for definition in definitions {
            let FieldDefinition { description, name, arguments, type_, directives, at } = definition;
            let arguments = self.inputs(arguments, owner, errors);
            if let Some(shape) = self.shape(&type_, owner, at, errors) {
                fields.push(FieldType { name, description, arguments, shape, directives, at });
            }
        }
        fields
    }

    fn inputs(&self, definitions: Vec<InputDefinition>, owner: &str, errors: &mut Errors) -> Vec<InputType> {
        let mut inputs: Vec<InputType> = Vec::new();
        for definition in definitions {
            let InputDefinition { description, name, type_, default, directives, at } = definition;
            if let Some(shape) = self.shape(&type_, owner, at, errors) {
                let default_value = None;
                inputs.push(InputType { name, description, shape, default, default_value, directives, at });
            }
        }
        inputs
    }

    fn shape(
        &self,
        reference: &TypeReference,
        owner: &str,
        at: Location,
        errors: &mut Errors,
    ) -> Option<Shape> {
        Some(match reference {
            TypeReference::Named(name) => {
                let Some(id) = self.index.get(name) else {
                    missing("field type", name, owner, at, errors);
                    return None;
                };
                Shape::Named(*id)
            }
            TypeReference::List(inner) => Shape::List(Box::new(self.shape(inner, owner, at, errors)?)),
            TypeReference::NonNull(inner) => Shape::NonNull(Box::new(self.shape(inner, owner, at, errors)?)),
        })
    }
}

fn missing(what: &str, wanted: &str, owner: &str, at: Location, errors: &mut Errors) {
    let Location { line, column } = at;
    let message =
        format!("The {what} '{wanted}' is not present when resolving type '{owner}' [@{line}:{column}]");
    errors.add(at, message);
}

/// For each type the objects that a value of it can be, in the order of their numbers.
fn possible(types: &[Type]) -> Vec<Vec<TypeId>> {
    let mut possible: Vec<Vec<TypeId>> = types.iter().map(|type_| type_.members.clone()).collect();
    for (number, type_) in types.iter().enumerate().filter(|(_, type_)| type_.kind == TypeKind::Object) {
        let id = TypeId(u32::try_from(number).unwrap_or(u32::MAX));
        possible[number].push(id);
        for interface in &type_.interfaces {
            possible[interface.number()].push(id);
        }
    }
    for objects in &mut possible {
        objects.sort_unstable();
        objects.dedup();
    }
    possible
}

fn set_roots(schema: &mut Schema, definitions: Vec<SchemaDefinition>, errors: &mut Errors) {
    let explicit = definitions.iter().any(|definition| !definition.extends);
    if !explicit {
        for (kind, name) in [
            (OperationKind::Query, "Query"),
            (OperationKind::Mutation, "Mutation"),
            (OperationKind::Subscription, "Subscription"),
        ] {
            if let Some(id) = schema.id(name) {
                schema.roots.insert(kind, id);
            }
        }
    }
    let mut seen = false;
    for definition in definitions {
        if seen && !definition.extends {
            errors.add(definition.at, "There is more than one schema definition".to_owned());
        }
        seen |= !definition.extends;
        schema.description = schema.description.take().or(definition.description);
        schema.directives_applied.extend(definition.directives);
        for (kind, name, at) in definition.roots {
            let Some(id) = schema.id(&name) else {
                missing("operation type", &name, kind.name(), at, errors);
                continue;
            };
            if schema.roots.insert(kind, id).is_some_and(|before| explicit || before != id) {
                errors.add(at, format!("The schema has more than one {} type", kind.name()));
            }
        }
    }
}

/// Defaults become values once all types are known to fit.
fn settle_defaults(schema: &mut Schema, errors: &mut Errors) {
    let mut settled = Vec::new();
    schema.each_input(|owner, input| {
        let Some(default) = &input.default else { return settled.push(None) };
        // A default may be filled with defaults of fields, which may be filled in their turn.
        match Program::of_default(schema, &input.shape, default) {
            Ok(value) => settled.push(Some(value)),
            Err(problem) => {
                settled.push(None);
                let message = format!("The default of '{}' in '{owner}' {problem}", input.name);
                errors.add(input.at, message);
            }
        }
    });
    let mut settled = settled.into_iter();
    let inputs = schema.types.iter_mut().flat_map(|type_| {
        let arguments = type_.fields.iter_mut().flat_map(|field| &mut field.arguments);
        arguments.chain(&mut type_.inputs)
    });
    let inputs = inputs.chain(schema.directives.iter_mut().flat_map(|directive| &mut directive.arguments));
    for input in inputs {
        input.default_value = settled.next().flatten();
    }
}

impl Schema {
    /// All arguments and fields of inputs, each with the type or directive that has it.
    pub(super) fn each_input<'s>(&'s self, mut see: impl FnMut(&'s Text, &'s InputType)) {
        for type_ in &self.types {
            let arguments = type_.fields.iter().flat_map(|field| &field.arguments);
            arguments.chain(&type_.inputs).for_each(|input| see(&type_.name, input));
        }
        for directive in &self.directives {
            directive.arguments.iter().for_each(|input| see(&directive.name, input));
        }
    }
}
