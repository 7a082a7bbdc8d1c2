//! Literals, directives and selections as text: GraphQL's own, and graphql-java's, which error messages show.
//!
//! Never here: types of a schema; `schema::print` has them.

use std::fmt::Write;

use super::ast::{Argument, Directive, Literal};

/// A value in GraphQL's notation.
pub fn literal(value: &Literal, out: &mut String) {
    match value {
        Literal::Variable(name) => {
            out.push('$');
            out.push_str(name);
        }
        Literal::Int(text) | Literal::Float(text) | Literal::Enum(text) => out.push_str(text),
        Literal::String(text) => json::write_string(text, out),
        Literal::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Literal::Null => out.push_str("null"),
        Literal::List(items) => {
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                out.push_str(if number == 0 { "" } else { ", " });
                literal(item, out);
            }
            out.push(']');
        }
        Literal::Object(members) => {
            out.push('{');
            for (number, (name, member)) in members.iter().enumerate() {
                out.push_str(if number == 0 { "" } else { ", " });
                let _ = write!(out, "{name}: ");
                literal(member, out);
            }
            out.push('}');
        }
    }
}

/// `(name: value, …)`, or nothing.
pub fn arguments(arguments: &[Argument], out: &mut String) {
    for (number, argument) in arguments.iter().enumerate() {
        let _ = write!(out, "{}{}: ", if number == 0 { "(" } else { ", " }, argument.name);
        literal(&argument.value, out);
    }
    if !arguments.is_empty() {
        out.push(')');
    }
}

/// ` @name(…)` for each.
pub fn directives(directives: &[Directive], out: &mut String) {
    for directive in directives {
        let _ = write!(out, " @{}", directive.name);
        arguments(&directive.arguments, out);
    }
}

/// A value as graphql-java's messages show it: `StringValue{value='x'}`.
pub fn java(value: &Literal) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Literal::Variable(name) => format!("VariableReference{{name='{name}'}}"),
        Literal::Int(digits) => format!("IntValue{{value={digits}}}"),
        Literal::Float(digits) => format!("FloatValue{{value={digits}}}"),
        Literal::String(text) => format!("StringValue{{value='{text}'}}"),
        Literal::Boolean(value) => format!("BooleanValue{{value={value}}}"),
        Literal::Null => "NullValue{}".to_owned(),
        Literal::Enum(name) => format!("EnumValue{{name='{name}'}}"),
        Literal::List(items) => format!("ArrayValue{{values=[{}]}}", list(items.iter().map(java).collect())),
        Literal::Object(members) => {
            let member = |(name, value): &(json::Text, Literal)| {
                format!("ObjectField{{name='{name}', value={}}}", java(value))
            };
            format!("ObjectValue{{objectFields=[{}]}}", list(members.iter().map(member).collect()))
        }
    }
}
