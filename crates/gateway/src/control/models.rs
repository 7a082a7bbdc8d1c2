//! Models: the schemas of bodies.

use json::{Object, Value, value};

use crate::fault::Fault;
use crate::schema::Schema;
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::page;
use super::patch::{self, Field, Kind, field};

/// The longest schema, in bytes; AWS's quota.
const SCHEMA_BYTES_MAX: usize = 400 << 10;

const FIELDS: &[Field] = &[field("/description", Kind::Text), field("/schema", Kind::Text)];

pub(crate) fn create(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    let name = input.text_or_empty("name");
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Fault::bad(format!("Model name must be alphanumeric: {name}")));
    }
    if api.part("models").contains_key(name) {
        return Err(Fault::conflict("Model name already exists for this REST API"));
    }
    let mut model = Object::new();
    model.insert("id", moment.id(6));
    take_over(input, &["name", "description", "schema", "contentType"], &mut model);
    settle(&model)?;
    part_mut(api, "models").insert(name, model.clone());
    Ok(model.into())
}

/// The schema must be one, though what it refers to may come later.
fn settle(model: &Object) -> Result<(), Fault> {
    let Some(schema) = model.text("schema").filter(|schema| !schema.is_empty()) else { return Ok(()) };
    if schema.len() > SCHEMA_BYTES_MAX {
        return Err(Fault::bad(format!("Model schema is longer than {SCHEMA_BYTES_MAX} bytes")));
    }
    Schema::parse(schema).map(drop).map_err(|why| {
        Fault::bad(format!("Model schema is invalid. Validation Result: warnings : [], errors : [{why}]"))
    })
}

fn find<'a>(input: &Value, api: &'a Object) -> Result<&'a Value, Fault> {
    let name = input.text_or_empty("modelName");
    let model = api.part("models").get(name);
    model.ok_or_else(|| Fault::not_found(format!("Invalid model name specified: {name}")))
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    find(input, api).cloned()
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    page(input, api.part("models").iter().map(|(name, model)| (name.to_string(), model.clone())).collect())
}

/// A template that renders what the model allows.
pub(super) fn template(input: &Value, api: &Object) -> Result<Value, Fault> {
    let model = find(input, api)?;
    let schema = Value::parse(model.text_or_empty("schema")).unwrap_or_default();
    let mut text = "#set($inputRoot = $input.path('$'))\n".to_owned();
    text.push_str(&sample(&schema, 0).to_pretty());
    Ok(value!({"value": text}))
}

/// An example of a schema, so deep and no deeper.
fn sample(schema: &Value, depth: usize) -> Value {
    const DEPTH_MAX: usize = 20;
    match schema.text_or_empty("type") {
        "array" if depth < DEPTH_MAX => {
            value!([sample(schema.get("items").unwrap_or(&Value::Null), depth + 1)])
        }
        "integer" | "number" => value!(42),
        "boolean" => value!(true),
        "string" => value!("foo"),
        _ if depth >= DEPTH_MAX => value!({}),
        _ => {
            let properties = schema.part("properties").iter();
            Value::Object(properties.map(|(name, inner)| (name.clone(), sample(inner, depth + 1))).collect())
        }
    }
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let Value::Object(mut model) = find(input, api)?.clone() else { return Ok(Value::Null) };
    patch::apply(input, FIELDS, &mut model)?;
    settle(&model)?;
    part_mut(api, "models").insert(input.text_or_empty("modelName"), model.clone());
    Ok(model.into())
}

pub(super) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let name = find(input, api)?.text_or_empty("name").to_owned();
    for resource in api.part("resources").values() {
        for (verb, method) in resource.part("resourceMethods").iter() {
            let responses =
                method.part("methodResponses").values().map(|response| response.part("responseModels"));
            let all = std::iter::once(method.part("requestModels")).chain(responses);
            if all.flat_map(Object::values).any(|model| model.as_str() == Some(&name)) {
                let path = resource.text_or_empty("path");
                return Err(Fault::conflict(format!(
                    "Cannot delete model '{name}', is referenced in method: {verb} {path}"
                )));
            }
        }
    }
    part_mut(api, "models").remove(&name);
    Ok(value!({}))
}
