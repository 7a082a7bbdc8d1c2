//! Whether objects and interfaces have what the interfaces they implement promise.
//!
//! Never here: types of their own.

use super::build::Errors;
use super::{FieldType, Schema, Shape, Type};
use crate::syntax::ast::TypeKind;

pub fn schema(schema: &Schema, errors: &mut Errors) {
    for type_ in schema.types.iter().filter(|type_| !type_.interfaces.is_empty()) {
        for (place, id) in type_.interfaces.iter().enumerate() {
            let interface = schema.type_(*id);
            let name = &interface.name;
            if interface.kind != TypeKind::Interface {
                let message = format!("'{}' implements '{name}', which is no interface", type_.name);
                errors.add(type_.at, message);
                continue;
            }
            if type_.interfaces[..place].contains(id) || std::ptr::eq(type_, interface) {
                let message = format!("'{}' implements '{name}' twice, or itself", type_.name);
                errors.add(type_.at, message);
            }
            for inherited in interface.interfaces.iter().filter(|id| !type_.interfaces.contains(id)) {
                let inherited = &schema.type_(*inherited).name;
                let message = format!("'{}' must implement '{inherited}', as '{name}' does", type_.name);
                errors.add(type_.at, message);
            }
            for promised in &interface.fields {
                field(schema, type_, interface, promised, errors);
            }
        }
    }
}

fn field(schema: &Schema, type_: &Type, interface: &Type, promised: &FieldType, errors: &mut Errors) {
    let kind = if type_.kind == TypeKind::Object { "object" } else { "interface" };
    let whose = format!("The {kind} type '{}'", type_.name);
    let Some(field) = type_.field(&promised.name) else {
        let message = format!(
            "{whose} does not have a field '{}' required via interface '{}'",
            promised.name, interface.name
        );
        return errors.add(type_.at, message);
    };
    if !is_covariant(schema, &field.shape, &promised.shape) {
        let message = format!(
            "{whose} has tried to redefine field '{}' defined via interface '{}' from '{}' to '{}'",
            field.name,
            interface.name,
            schema.shape_text(&promised.shape),
            schema.shape_text(&field.shape)
        );
        errors.add(field.at, message);
    }
    for argument in &promised.arguments {
        let same = field.argument(&argument.name).is_some_and(|own| own.shape == argument.shape);
        if !same {
            let message = format!(
                "{whose} field '{}' must have argument '{}' of type '{}', as interface '{}' has it",
                field.name,
                argument.name,
                schema.shape_text(&argument.shape),
                interface.name
            );
            errors.add(field.at, message);
        }
    }
    for own in field.arguments.iter().filter(|own| own.is_required()) {
        if promised.argument(&own.name).is_none() {
            let message = format!(
                "{whose} field '{}' must not need argument '{}', which interface '{}' does not have",
                field.name, own.name, interface.name
            );
            errors.add(own.at, message);
        }
    }
}

/// Whether a value of shape `own` always has shape `promised`.
fn is_covariant(schema: &Schema, own: &Shape, promised: &Shape) -> bool {
    match (own, promised) {
        (Shape::NonNull(own), Shape::NonNull(promised)) => is_covariant(schema, own, promised),
        (Shape::NonNull(own), promised) => is_covariant(schema, own, promised),
        (Shape::List(own), Shape::List(promised)) => is_covariant(schema, own, promised),
        (Shape::Named(own), Shape::Named(promised)) => {
            let own_type = schema.type_(*own);
            own == promised
                || own_type.interfaces.contains(promised)
                || (own_type.kind == TypeKind::Object && schema.includes(*promised, *own))
        }
        _ => false,
    }
}
