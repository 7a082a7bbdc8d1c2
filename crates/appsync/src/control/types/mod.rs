//! Types of a schema, one by one: the schema's text is written anew with each change.

use std::sync::Arc;

use graphql::schema::Type;
use graphql::{Schema, syntax};
use json::{Text, Value, value};
use services::{Fault, Members};

use super::fault::{bad, not_found};
use super::page::page;
use super::{Work, apis, merging, schemas};

mod introspected;

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let api = apis::of(input, work.draft)?.text_or_empty("apiId").to_owned();
    merging::refuse_merged(input, work.draft)?;
    let (name, definition) = definition(input)?;
    let before = schemas::of(&api, work.draft);
    let text = match &before {
        Some((_, schema)) if schema.type_named(&name).is_some() => {
            return Err(bad(format!("Type {name} already exists: update it")));
        }
        // As it was written: comments and order stay.
        Some((text, _)) => format!("{}\n\n{definition}\n", text.trim_end()),
        None => definition,
    };
    put(&api, &name, &text, input, work)
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let (api, schema) = schema(input, work)?;
    let type_ = find(&schema, input)?;
    let shown = shown(&api, &Arc::new(schema), &type_, input, work);
    Ok(value!({"type": shown}))
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let api = apis::of(input, work.draft)?.text_or_empty("apiId");
    listed(api, schemas::of(api, work.draft).map(|(_, schema)| schema), input, work)
}

/// The user's types of a schema, as a list.
pub(super) fn listed(
    api: &str,
    schema: Option<Schema>,
    input: &Value,
    work: &Work<'_, '_>,
) -> Result<Value, Fault> {
    let Some(schema) = schema.map(Arc::new) else { return page(input, "types", Vec::new()) };
    let names = schema.types().filter(|type_| !type_.built_in).map(|type_| type_.name.clone());
    let types = names.map(|name| (name.to_string(), shown(api, &schema, &name, input, work)));
    page(input, "types", types.collect())
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (api, schema) = schema(input, work)?;
    let name = find(&schema, input)?;
    if input.member("definition").is_none() {
        return get(input, work);
    }
    merging::refuse_merged(input, work.draft)?;
    let (written, definition) = definition(input)?;
    if written != name {
        return Err(bad(format!(
            "The definition is of type {written}, not of {name}: a type keeps its name"
        )));
    }
    put(&api, &name, &schema.to_sdl_with(&name, Some(&definition)), input, work)
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (api, schema) = schema(input, work)?;
    let name = find(&schema, input)?;
    merging::refuse_merged(input, work.draft)?;
    let text = schema.to_sdl_with(&name, None);
    let schema = schemas::parse(&text).map_err(bad)?;
    schemas::put(&api, &text, &schema, work.draft);
    merging::source_changed(&api, work);
    Ok(value!({}))
}

fn put(api: &str, name: &Text, text: &str, input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let schema = schemas::parse(text).map_err(bad)?;
    schemas::put(api, text, &schema, work.draft);
    merging::source_changed(api, work);
    let shown = shown(api, &Arc::new(schema), name, input, work);
    Ok(value!({"type": shown}))
}

fn schema(input: &Value, work: &Work<'_, '_>) -> Result<(String, Schema), Fault> {
    let api = apis::of(input, work.draft)?.text_or_empty("apiId").to_owned();
    let schema = schemas::of(&api, work.draft).map(|(_, schema)| schema);
    let schema = schema.ok_or_else(|| missing(input.text_or_empty("typeName")))?;
    Ok((api, schema))
}

/// The user's type that an input names.
fn find(schema: &Schema, input: &Value) -> Result<Text, Fault> {
    let name = input.text_or_empty("typeName");
    let type_ = schema.type_named(name).filter(|type_| !type_.built_in);
    type_.map(|type_| type_.name.clone()).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Fault {
    not_found(format!("Type {name} not found"))
}

/// The name and the SDL of the one type that an input defines.
fn definition(input: &Value) -> Result<(Text, String), Fault> {
    let text = input.text_or_empty("definition");
    let sdl = match input.text("format") {
        Some("JSON") => introspected::to_sdl(text).map_err(bad)?,
        _ => text.trim().to_owned(),
    };
    let parsed = syntax::parse_type_system(&sdl).map_err(|error| bad(error.message))?;
    match &parsed.types[..] {
        [only] if !only.extends && parsed.schemas.is_empty() && parsed.directives.is_empty() => {
            Ok((only.name.clone(), sdl))
        }
        _ => Err(bad("The definition must define exactly one type")),
    }
}

/// The type as callers see it, in the format that they want.
fn shown(api: &str, schema: &Arc<Schema>, name: &str, input: &Value, work: &Work<'_, '_>) -> Value {
    let definition = match input.text("format") {
        Some("JSON") => introspection(schema, name),
        _ => schema.type_to_sdl(name).unwrap_or_default(),
    };
    let description = schema.type_named(name).and_then(|Type { description, .. }| description.clone());
    value!({
        "name": name,
        "description": description,
        "arn": (work.arn(format_args!("apis/{api}/types/{name}"))),
        "definition": definition,
        "format": (input.text("format").unwrap_or("SDL"))
    })
}

/// What introspection says of a type.
fn introspection(schema: &Arc<Schema>, name: &str) -> String {
    let answer = Schema::to_introspection(schema, true);
    let types = answer.get("data").and_then(|data| data.get("__schema")?.get("types")?.as_array());
    let found = types.and_then(|types| types.iter().find(|type_| type_.text("name") == Some(name)));
    found.map(Value::to_text).unwrap_or_default()
}
