//! Definitions as text, as they are written.

use std::fmt::Write;

use graphql::syntax::ast::{Directive, FieldDefinition, InputDefinition, TypeDefinition, TypeKind};
use graphql::syntax::print;
use json::{Text, write_string};

pub(super) fn type_text(type_: &TypeDefinition) -> String {
    let mut out = String::new();
    description(type_.description.as_ref(), &mut out);
    let word = match type_.kind {
        TypeKind::Scalar => "scalar",
        TypeKind::Object => "type",
        TypeKind::Interface => "interface",
        TypeKind::Union => "union",
        TypeKind::Enum => "enum",
        TypeKind::Input => "input",
    };
    let _ = write!(out, "{word} {}", type_.name);
    if !type_.interfaces.is_empty() {
        let _ = write!(out, " implements {}", type_.interfaces.join(" & "));
    }
    print::directives(&type_.directives, &mut out);
    match type_.kind {
        TypeKind::Scalar => {}
        TypeKind::Union => drop(write!(out, " = {}", type_.members.join(" | "))),
        _ => {
            out.push_str(" {\n");
            for field in &type_.fields {
                let _ = writeln!(out, "{}", field_text(field));
            }
            for input in &type_.inputs {
                let _ = writeln!(out, "{}", input_text(input));
            }
            for value in &type_.values {
                description(value.description.as_ref(), &mut out);
                let _ = writeln!(out, "{}{}", value.name, directives_text(&value.directives));
            }
            out.push('}');
        }
    }
    out
}

pub(super) fn field_text(field: &FieldDefinition) -> String {
    let mut out = String::new();
    description(field.description.as_ref(), &mut out);
    out.push_str(&field.name);
    for (number, argument) in field.arguments.iter().enumerate() {
        out.push_str(if number == 0 { "(" } else { ", " });
        out.push_str(&input_text(argument));
    }
    out.push_str(if field.arguments.is_empty() { ": " } else { "): " });
    let _ = write!(out, "{}{}", field.type_, directives_text(&field.directives));
    out
}

pub(super) fn input_text(input: &InputDefinition) -> String {
    let mut out = String::new();
    description(input.description.as_ref(), &mut out);
    let _ = write!(out, "{}: {}", input.name, input.type_);
    if let Some(default) = &input.default {
        out.push_str(" = ");
        print::literal(default, &mut out);
    }
    print::directives(&input.directives, &mut out);
    out
}

/// ` @a @b`, or nothing.
pub(super) fn directives_text(directives: &[Directive]) -> String {
    let mut out = String::new();
    print::directives(directives, &mut out);
    out
}

fn description(text: Option<&Text>, out: &mut String) {
    if let Some(text) = text {
        write_string(text, out);
        out.push('\n');
    }
}
