//! A type as introspection describes it, in JSON, becomes SDL.

use std::fmt::Write;

use json::{Array, Value, write_string};
use services::Members;

/// Shapes nest no deeper in any schema that `graphql` reads.
const NESTING_MAX: usize = 250;

/// The definition of a type that has the members of `__Type`.
pub(super) fn to_sdl(text: &str) -> Result<String, String> {
    let type_ = Value::parse(text).map_err(|error| format!("The definition is no JSON: {error}"))?;
    let name = type_.text("name").ok_or("The definition has no name")?;
    let mut out = String::new();
    description(&type_, &mut out);
    let kind = type_.text_or_empty("kind");
    let word = match kind {
        "OBJECT" => "type",
        "INTERFACE" => "interface",
        "UNION" => "union",
        "ENUM" => "enum",
        "INPUT_OBJECT" => "input",
        "SCALAR" => "scalar",
        _ => return Err(format!("The definition of {name} has no kind that a type may have: {kind}")),
    };
    let _ = write!(out, "{word} {name}");
    let named = |member: &str| -> Vec<&str> {
        items(&type_, member).iter().filter_map(|one| one.text("name")).collect()
    };
    match kind {
        "UNION" => drop(write!(out, " = {}", named("possibleTypes").join(" | "))),
        "ENUM" => members(&mut out, items(&type_, "enumValues"), |value, out| {
            out.push_str(value.text_or_empty("name"));
            Ok(())
        })?,
        "INPUT_OBJECT" => members(&mut out, items(&type_, "inputFields"), input)?,
        "OBJECT" | "INTERFACE" => {
            let interfaces = named("interfaces");
            if !interfaces.is_empty() {
                let _ = write!(out, " implements {}", interfaces.join(" & "));
            }
            members(&mut out, items(&type_, "fields"), field)?;
        }
        _ => {}
    }
    Ok(out)
}

fn items<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value.member(member).and_then(Value::as_array).map(Array::as_slice).unwrap_or_default()
}

fn description(of: &Value, out: &mut String) {
    if let Some(text) = of.text("description") {
        write_string(text, out);
        out.push('\n');
    }
}

type WriteOne = fn(&Value, &mut String) -> Result<(), String>;

fn members(out: &mut String, members: &[Value], write_one: WriteOne) -> Result<(), String> {
    out.push_str(" {\n");
    for member in members {
        description(member, out);
        write_one(member, out)?;
        if member.flag("isDeprecated") {
            out.push_str(" @deprecated(reason: ");
            write_string(member.text("deprecationReason").unwrap_or("No longer supported"), out);
            out.push(')');
        }
        out.push('\n');
    }
    out.push('}');
    Ok(())
}

fn field(field: &Value, out: &mut String) -> Result<(), String> {
    out.push_str(field.text_or_empty("name"));
    let arguments = items(field, "args");
    for (number, argument) in arguments.iter().enumerate() {
        out.push_str(if number == 0 { "(" } else { ", " });
        input(argument, out)?;
    }
    out.push_str(if arguments.is_empty() { ": " } else { "): " });
    out.push_str(&shape(field.get("type"), NESTING_MAX)?);
    Ok(())
}

fn input(input: &Value, out: &mut String) -> Result<(), String> {
    let _ = write!(out, "{}: {}", input.text_or_empty("name"), shape(input.get("type"), NESTING_MAX)?);
    if let Some(default) = input.text("defaultValue") {
        let _ = write!(out, " = {default}");
    }
    Ok(())
}

fn shape(of: Option<&Value>, nesting_left: usize) -> Result<String, String> {
    let of = of.filter(|_| nesting_left > 0).ok_or("The definition has a field without a type")?;
    Ok(match of.text("kind") {
        Some("NON_NULL") => format!("{}!", shape(of.get("ofType"), nesting_left - 1)?),
        Some("LIST") => format!("[{}]", shape(of.get("ofType"), nesting_left - 1)?),
        _ => of.text("name").ok_or("The definition has a type without a name")?.to_owned(),
    })
}
