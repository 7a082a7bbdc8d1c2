//! The schema of an API: uploaded as a whole, shown as SDL or as the answer to introspection.
//!
//! A schema that is wrong takes the place of none: the one before stays in use, and the status says what is wrong.

use std::sync::Arc;

use aws_protocols::base64;
use graphql::schema::{FieldType, Shape};
use graphql::syntax::ast::{Literal, OperationKind};
use graphql::{Schema, schema::SchemaErrors};
use json::{Object, Value, value};
use services::records::Draft;
use services::{Fault, Members};

use super::fault::bad;
use super::{Work, apis, merging};
use crate::record;

/// AppSync's limit for a schema document.
const DEFINITION_BYTES_MAX: usize = 1 << 20;

pub(super) fn start(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let api = apis::of(input, work.draft)?.text_or_empty("apiId").to_owned();
    merging::refuse_merged(input, work.draft)?;
    let definition = base64::decode(input.text_or_empty("definition")).unwrap_or_default();
    if definition.len() > DEFINITION_BYTES_MAX {
        return Err(bad(format!("The schema has more than {DEFINITION_BYTES_MAX} bytes")));
    }
    let definition = String::from_utf8(definition);
    let definition = definition.map_err(|_| bad("The schema's definition is no text in UTF-8"))?;
    match parse(&definition) {
        Ok(schema) => {
            put(&api, &definition, &schema, work.draft);
            merging::source_changed(&api, work);
        }
        Err(details) => {
            let key = record::schema(&api);
            let kept = work.draft.get(&key).and_then(Value::as_object);
            let mut kept = kept.cloned().unwrap_or_default();
            kept.insert("status", "FAILED");
            kept.insert("details", details);
            work.draft.put(key, kept);
        }
    }
    Ok(value!({"status": "PROCESSING"}))
}

pub(super) fn status(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let api = apis::of(input, work.draft)?.text_or_empty("apiId");
    let Some(kept) = work.draft.get(&record::schema(api)) else {
        return Ok(value!({"status": "NOT_APPLICABLE", "details": "No schema was uploaded"}));
    };
    let mut answer = Object::new();
    services::members::take_over(kept, &["status", "details"], &mut answer);
    Ok(answer.into())
}

pub(super) fn introspect(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let api = apis::of(input, work.draft)?.text_or_empty("apiId");
    let Some((_, schema)) = of(api, work.draft) else {
        return Err(Fault::new("GraphQLSchemaException", "No schema definition exists."));
    };
    let directives = input.member("includeDirectives").and_then(Value::as_bool).unwrap_or(true);
    let text = match input.text("format") {
        Some("JSON") => Schema::to_introspection(&Arc::new(schema), directives).to_text(),
        _ => schema.to_sdl(directives),
    };
    Ok(value!({"schema": (base64::encode(text.as_bytes()))}))
}

/// The schema that is in use, with its text.
pub(super) fn of(api: &str, draft: &Draft<'_>) -> Option<(String, Schema)> {
    let definition = draft.get(&record::schema(api))?.text("definition")?;
    Some((definition.to_owned(), Schema::parse(definition).ok()?))
}

/// Puts a schema into use. Resolvers of fields that are gone go with them.
pub(super) fn put(api: &str, definition: &str, schema: &Schema, draft: &mut Draft<'_>) {
    let count = schema.types().filter(|type_| !type_.built_in).count();
    let details = format!("Successfully created schema with {count} types");
    draft.put(
        record::schema(api),
        value!({"definition": definition, "status": "SUCCESS", "details": details}),
    );
    for (_, resolver) in draft.of(&record::resolvers(api)) {
        let (type_name, field) = (resolver.text_or_empty("typeName"), resolver.text_or_empty("fieldName"));
        if schema.type_named(type_name).and_then(|type_| type_.field(field)).is_none() {
            draft.remove(&record::resolver(api, type_name, field));
        }
    }
}

/// Reads a schema's text.
///
/// # Errors
/// What is wrong with it, in AppSync's words where they are known.
pub(super) fn parse(definition: &str) -> Result<Schema, String> {
    let schema = Schema::parse(definition).map_err(|errors| told(&errors))?;
    let problems = subscription_problems(&schema);
    if problems.is_empty() { Ok(schema) } else { Err(found(&problems)) }
}

fn told(SchemaErrors(errors): &SchemaErrors) -> String {
    let messages: Vec<String> = errors.iter().map(|error| error.message.clone()).collect();
    match &messages[..] {
        [only] if only.starts_with("Invalid Syntax") => {
            format!("Failed to parse schema document - ensure it's a valid SDL-formatted document. ({only})")
        }
        _ => found(&messages),
    }
}

fn found(problems: &[String]) -> String {
    format!("Found {} problem(s) with the schema:\n{}", problems.len(), problems.join("\n"))
}

/// A subscription gets what its mutations give, so the types must be the same. That the mutations exist is checked by
/// `graphql`.
fn subscription_problems(schema: &Schema) -> Vec<String> {
    let fields = |kind| schema.root(kind).map(|root| root.fields.as_slice()).unwrap_or_default();
    let (mutations, subscriptions) = (fields(OperationKind::Mutation), fields(OperationKind::Subscription));
    let mut problems = Vec::new();
    for subscription in subscriptions {
        for name in named(subscription, "aws_subscribe", "mutations") {
            let mutation = mutations.iter().find(|mutation| mutation.name == name);
            let Some(mutation) = mutation.filter(|one| !gives_same(schema, one, subscription)) else {
                continue;
            };
            problems.push(unlike(&subscription.name, &mutation.name));
        }
    }
    for mutation in mutations {
        for name in named(mutation, "aws_publish", "subscriptions") {
            match subscriptions.iter().find(|subscription| subscription.name == name) {
                None => problems.push(format!(
                    "Mutation '{}' publishes to '{name}', which is no subscription",
                    mutation.name
                )),
                Some(subscription) if !gives_same(schema, mutation, subscription) => {
                    problems.push(unlike(&subscription.name, &mutation.name));
                }
                Some(_) => {}
            }
        }
    }
    problems
}

fn unlike(subscription: &str, mutation: &str) -> String {
    format!("Subscription field {subscription} must have the same output type as mutation {mutation}")
}

/// Whether two fields give the same type; either may be null where the other is not.
fn gives_same(schema: &Schema, one: &FieldType, other: &FieldType) -> bool {
    let text = |shape: &Shape| schema.shape_text(shape).replace('!', "");
    text(&one.shape) == text(&other.shape)
}

/// What a directive names in a list.
fn named<'f>(field: &'f FieldType, directive: &str, argument: &str) -> Vec<&'f str> {
    let directives = field.directives.iter().filter(|one| one.name == directive);
    let values = directives.filter_map(|directive| directive.argument(argument));
    let names = values.flat_map(|value| match value {
        Literal::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    });
    names
        .filter_map(|name| if let Literal::String(name) = name { Some(name.as_str()) } else { None })
        .collect()
}
