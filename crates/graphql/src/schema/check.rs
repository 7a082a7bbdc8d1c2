//! Whether types make sense one by one: members, inputs and outputs, directives, subscriptions.
//!
//! Never here: how objects and interfaces fit together; `implements` knows.

use std::collections::BTreeSet;

use json::Text;

use super::build::Errors;
use super::{InputType, Schema, Shape, Type, TypeId};
use crate::syntax::Location;
use crate::syntax::ast::{Directive, Literal, OperationKind, TypeKind};
use crate::validate::literal_problem;

pub fn schema(schema: &Schema, errors: &mut Errors) {
    let nowhere = Location { line: 1, column: 1 };
    if schema.root_id(OperationKind::Query).is_none() {
        errors.add(nowhere, "A schema MUST have a 'query' operation defined".to_owned());
    }
    for (kind, id) in &schema.roots {
        let root = schema.type_(*id);
        if root.kind != TypeKind::Object {
            errors.add(root.at, format!("The {} type '{}' must be an object type", kind.name(), root.name));
        }
    }
    for type_ in schema.types.iter().filter(|type_| !type_.built_in) {
        has_members(type_, errors);
        fields(schema, type_, errors);
        members(schema, type_, errors);
        directives(schema, type_, errors);
    }
    schema.each_input(|owner, input| self::input(schema, owner, input, errors));
    endless_inputs(schema, errors);
    subscriptions(schema, errors);
}

fn has_members(type_: &Type, errors: &mut Errors) {
    let (empty, what) = match type_.kind {
        TypeKind::Scalar => return,
        TypeKind::Object | TypeKind::Interface => (type_.fields.is_empty(), "fields"),
        TypeKind::Input => (type_.inputs.is_empty(), "fields"),
        TypeKind::Enum => (type_.values.is_empty(), "values"),
        TypeKind::Union => (type_.members.is_empty(), "member types"),
    };
    if empty {
        errors.add(type_.at, format!("\"{}\" must define one or more {what}.", type_.name));
    }
}

fn fields(schema: &Schema, type_: &Type, errors: &mut Errors) {
    for field in &type_.fields {
        let result = schema.type_(field.shape.type_id());
        if result.kind == TypeKind::Input {
            let message = format!(
                "The field '{}' of type '{}' gives '{}', which is an input type",
                field.name, type_.name, result.name
            );
            errors.add(field.at, message);
        }
        reserved(&field.name, field.at, errors);
        let mut names = BTreeSet::new();
        for argument in field.arguments.iter().filter(|argument| !names.insert(&argument.name)) {
            let message = format!("The field '{}' has argument '{}' twice", field.name, argument.name);
            errors.add(argument.at, message);
        }
    }
}

fn reserved(name: &str, at: Location, errors: &mut Errors) {
    if name.starts_with("__") {
        errors.add(at, format!("\"{name}\" must not begin with \"__\", which is reserved for introspection"));
    }
}

fn members(schema: &Schema, type_: &Type, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for member in &type_.members {
        let member_type = schema.type_(*member);
        if member_type.kind != TypeKind::Object {
            let message =
                format!("The union '{}' has '{}', which is no object type", type_.name, member_type.name);
            errors.add(type_.at, message);
        }
        if !seen.insert(*member) {
            errors.add(type_.at, format!("The union '{}' has '{}' twice", type_.name, member_type.name));
        }
    }
}

fn input(schema: &Schema, owner: &Text, input: &InputType, errors: &mut Errors) {
    let type_ = schema.type_(input.shape.type_id());
    if !type_.is_input() {
        let message = format!("'{}' in '{owner}' takes '{}', which is no input type", input.name, type_.name);
        return errors.add(input.at, message);
    }
    reserved(&input.name, input.at, errors);
    if let Some(default) = &input.default
        && let Some(problem) = literal_problem(schema, &input.shape, default)
    {
        errors.add(input.at, format!("The default of '{}' in '{owner}' {problem}", input.name));
    }
}

/// An input that needs itself can never be given.
fn endless_inputs(schema: &Schema, errors: &mut Errors) {
    // 0: not seen, 1: on the way, 2: done. The stack is explicit: a chain may be as long as the schema.
    let mut state = vec![0u8; schema.types.len()];
    for start in 0..schema.types.len() {
        let mut stack = vec![(start, 0usize)];
        while let Some((number, next)) = stack.pop() {
            if next == 0 {
                if state[number] != 0 {
                    continue;
                }
                state[number] = 1;
            }
            let type_ = &schema.types[number];
            let Some(input) = type_.inputs.get(next) else {
                state[number] = 2;
                continue;
            };
            stack.push((number, next + 1));
            let Some(needed) = needed(&input.shape).map(TypeId::number) else { continue };
            if state[needed] == 1 {
                let message = format!("The input '{}' needs itself through '{}'", type_.name, input.name);
                errors.add(input.at, message);
            } else if state[needed] == 0 {
                stack.push((needed, 0));
            }
        }
    }
}

/// The type that must be there for a value of this shape to exist.
fn needed(shape: &Shape) -> Option<TypeId> {
    match shape {
        Shape::NonNull(inner) => match &**inner {
            Shape::Named(id) => Some(*id),
            _ => None,
        },
        _ => None,
    }
}

fn directives(schema: &Schema, type_: &Type, errors: &mut Errors) {
    let place = match type_.kind {
        TypeKind::Scalar => "SCALAR",
        TypeKind::Object => "OBJECT",
        TypeKind::Interface => "INTERFACE",
        TypeKind::Union => "UNION",
        TypeKind::Enum => "ENUM",
        TypeKind::Input => "INPUT_OBJECT",
    };
    applied(schema, &type_.directives, place, &type_.name, errors);
    for field in &type_.fields {
        applied(schema, &field.directives, "FIELD_DEFINITION", &field.name, errors);
        for argument in &field.arguments {
            applied(schema, &argument.directives, "ARGUMENT_DEFINITION", &argument.name, errors);
        }
    }
    for input in &type_.inputs {
        applied(schema, &input.directives, "INPUT_FIELD_DEFINITION", &input.name, errors);
    }
    for value in &type_.values {
        applied(schema, &value.directives, "ENUM_VALUE", &value.name, errors);
    }
}

fn applied(schema: &Schema, directives: &[Directive], place: &str, owner: &str, errors: &mut Errors) {
    for directive in directives {
        let Directive { name, arguments, at } = directive;
        let Some(known) = schema.directive(name) else {
            let message = format!("'{owner}' tried to use an undeclared directive '{name}': declare it");
            errors.add(*at, message);
            continue;
        };
        if !known.places.iter().any(|allowed| allowed == place) {
            let message = format!("Directive '@{name}' on '{owner}' is not allowed on {place}");
            errors.add(*at, message);
        }
        for argument in arguments {
            let expected = known.arguments.iter().find(|known| known.name == argument.name);
            let Some(expected) = expected else {
                let message = format!("Directive '@{name}' on '{owner}' has no argument '{}'", argument.name);
                errors.add(argument.at, message);
                continue;
            };
            if let Some(problem) = literal_problem(schema, &expected.shape, &argument.value) {
                let message =
                    format!("Argument '{}' of directive '@{name}' on '{owner}' {problem}", argument.name);
                errors.add(argument.at, message);
            }
        }
        for needed in known.arguments.iter().filter(|needed| needed.is_required()) {
            if directive.argument(&needed.name).is_none() {
                let message = format!("Directive '@{name}' on '{owner}' needs argument '{}'", needed.name);
                errors.add(*at, message);
            }
        }
    }
}

/// A subscription to a mutation that does not exist would never hear anything.
fn subscriptions(schema: &Schema, errors: &mut Errors) {
    let Some(subscription) = schema.root(OperationKind::Subscription) else { return };
    let mutation = schema.root(OperationKind::Mutation);
    for field in &subscription.fields {
        let subscribes = field.directives.iter().filter(|directive| directive.name == "aws_subscribe");
        let named = subscribes.filter_map(|directive| directive.argument("mutations"));
        let names = named.flat_map(|value| match value {
            Literal::List(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        });
        for name in names {
            let Literal::String(name) = name else { continue };
            if mutation.and_then(|mutation| mutation.field(name)).is_none() {
                let message =
                    format!("Subscription '{}' subscribes to '{name}', which is no mutation", field.name);
                errors.add(field.at, message);
            }
        }
    }
}
