//! What a schema says of itself: the fields of `__Schema`, `__Type` and the others.
//!
//! A value of these types is a handle, two or three numbers, so asking for a part costs that part only.
//! Never here: which part somebody asks for.

use std::sync::Arc;

use json::{Object, Value};

use super::{FieldType, InputType, Schema, Shape, Type, TypeId, deprecation};
use crate::execution::{Execution, Settings};
use crate::plan::Plan;
use crate::syntax::ast::{Directive, OperationKind, TypeKind};
use crate::syntax::print;

/// The question that GraphQL's tools ask.
const QUESTION: &str = include_str!("introspection.graphql");

/// The handle of the schema.
pub fn root_handle() -> Value {
    Value::Bool(true)
}

/// The handle of a named type.
pub fn handle(id: TypeId) -> Value {
    Value::from(id.number())
}

impl Schema {
    /// The answer to the question that GraphQL's tools ask: `{"data": {"__schema": …}}`. Without directives their
    /// list is empty, since tools want one.
    pub fn to_introspection(schema: &Arc<Schema>, directives: bool) -> Value {
        let plan = Plan::new(schema, QUESTION, None)
            .unwrap_or_else(|refusal| unreachable!("every schema answers this: {refusal:?}"));
        let execution = Execution::new(Arc::new(plan), &Object::new(), Settings::default())
            .unwrap_or_else(|refusal| unreachable!("there are no variables: {refusal:?}"));
        let mut response = execution.response();
        let data = response.as_object_mut().and_then(|response| response.get_mut("data"));
        let schema = data.and_then(Value::as_object_mut).and_then(|data| data.get_mut("__schema"));
        if !directives && let Some(schema) = schema.and_then(Value::as_object_mut) {
            schema.insert("directives", json::Array::new());
        }
        response
    }

    /// What `__type` takes.
    pub(crate) fn type_argument(&self) -> &[InputType] {
        &self.type_argument
    }
}

/// The value of one field of one of these types.
pub fn answer(schema: &Schema, type_: &str, field: &str, handle: &Value, arguments: &Object) -> Value {
    let all = arguments.get("includeDeprecated").and_then(Value::as_bool).unwrap_or(false);
    let parts: Vec<usize> = handle
        .as_array()
        .map(|parts| parts.iter().filter_map(|part| usize::try_from(part.as_i64()?).ok()).collect())
        .unwrap_or_default();
    let known = match type_ {
        "__Schema" => Some(of_schema(schema, field)),
        "__Type" => of_type(schema, field, handle, all),
        "__Field" => of_field(schema, field, &parts, all),
        "__InputValue" => of_input(schema, field, &parts),
        "__EnumValue" => of_value(schema, field, &parts),
        "__Directive" => of_directive(schema, field, &parts, all),
        _ => None,
    };
    known.unwrap_or_default()
}

fn of_schema(schema: &Schema, field: &str) -> Value {
    let root = |kind| schema.root_id(kind).map(handle).unwrap_or_default();
    match field {
        "description" => Value::from(schema.description.clone()),
        "types" => (0..schema.types.len()).map(Value::from).collect(),
        "queryType" => root(OperationKind::Query),
        "mutationType" => root(OperationKind::Mutation),
        "subscriptionType" => root(OperationKind::Subscription),
        "directives" => (0..schema.directives.len()).map(|place| parts(&[place])).collect(),
        _ => Value::Null,
    }
}

fn parts(parts: &[usize]) -> Value {
    parts.iter().map(|part| Value::from(*part)).collect()
}

/// Wrapped types are `[0, inner]` for a list and `[1, inner]` for an exclamation mark.
fn shape_handle(shape: &Shape) -> Value {
    match shape {
        Shape::Named(id) => handle(*id),
        Shape::List(inner) => Value::from(vec![Value::Int(0), shape_handle(inner)]),
        Shape::NonNull(inner) => Value::from(vec![Value::Int(1), shape_handle(inner)]),
    }
}

fn of_type(schema: &Schema, field: &str, handle: &Value, all: bool) -> Option<Value> {
    if let Some(wrapped) = handle.as_array() {
        let kind = if wrapped.get(0).and_then(Value::as_i64) == Some(0) { "LIST" } else { "NON_NULL" };
        return match field {
            "kind" => Some(Value::from(kind)),
            "ofType" => wrapped.get(1).cloned(),
            _ => None,
        };
    }
    let number = usize::try_from(handle.as_i64()?).ok()?;
    let type_ = schema.types.get(number)?;
    let ids = |ids: &[TypeId]| ids.iter().map(|id| self::handle(*id)).collect::<Value>();
    let has_fields = matches!(type_.kind, TypeKind::Object | TypeKind::Interface);
    Some(match field {
        "kind" => Value::from(kind(type_)),
        "name" => Value::from(&type_.name),
        "description" => Value::from(type_.description.clone()),
        "fields" if has_fields => {
            let visible = listed(type_.fields.iter().map(|field| &*field.directives), all);
            visible.map(|place| parts(&[number, place])).collect()
        }
        "interfaces" if has_fields => ids(&type_.interfaces),
        "possibleTypes" if matches!(type_.kind, TypeKind::Interface | TypeKind::Union) => {
            ids(&schema.possible[number])
        }
        "enumValues" if type_.kind == TypeKind::Enum => {
            let visible = listed(type_.values.iter().map(|value| &*value.directives), all);
            visible.map(|place| parts(&[number, place])).collect()
        }
        "inputFields" if type_.kind == TypeKind::Input => {
            let visible = listed(type_.inputs.iter().map(|input| &*input.directives), all);
            visible.map(|place| parts(&[1, number, place])).collect()
        }
        _ => return None,
    })
}

/// The places of those that are not deprecated, or all.
fn listed<'d>(directives: impl Iterator<Item = &'d [Directive]>, all: bool) -> impl Iterator<Item = usize> {
    directives
        .enumerate()
        .filter(move |(_, directives)| all || deprecation(directives).is_none())
        .map(|(place, _)| place)
}

fn kind(type_: &Type) -> &'static str {
    match type_.kind {
        TypeKind::Scalar => "SCALAR",
        TypeKind::Object => "OBJECT",
        TypeKind::Interface => "INTERFACE",
        TypeKind::Union => "UNION",
        TypeKind::Enum => "ENUM",
        TypeKind::Input => "INPUT_OBJECT",
    }
}

fn of_field(schema: &Schema, field: &str, parts_of: &[usize], all: bool) -> Option<Value> {
    let &[type_, place] = parts_of else { return None };
    let known: &FieldType = schema.types.get(type_)?.fields.get(place)?;
    Some(match field {
        "name" => Value::from(&known.name),
        "description" => Value::from(known.description.clone()),
        "args" => {
            let visible = listed(known.arguments.iter().map(|input| &*input.directives), all);
            visible.map(|argument| parts(&[0, type_, place, argument])).collect()
        }
        "type" => shape_handle(&known.shape),
        _ => return deprecated(field, &known.directives),
    })
}

fn deprecated(field: &str, directives: &[Directive]) -> Option<Value> {
    let reason = deprecation(directives);
    match field {
        "isDeprecated" => Some(Value::Bool(reason.is_some())),
        "deprecationReason" => Some(Value::from(reason)),
        _ => None,
    }
}

/// An argument of a field is `[0, type, field, place]`, a field of an input `[1, type, place]`, an argument of a
/// directive `[2, directive, place]`.
fn of_input(schema: &Schema, field: &str, parts: &[usize]) -> Option<Value> {
    let input: &InputType = match *parts {
        [0, type_, field, place] => schema.types.get(type_)?.fields.get(field)?.arguments.get(place)?,
        [1, type_, place] => schema.types.get(type_)?.inputs.get(place)?,
        [2, directive, place] => schema.directives.get(directive)?.arguments.get(place)?,
        _ => return None,
    };
    Some(match field {
        "name" => Value::from(&input.name),
        "description" => Value::from(input.description.clone()),
        "type" => shape_handle(&input.shape),
        "defaultValue" => {
            let mut text = String::new();
            print::literal(input.default.as_ref()?, &mut text);
            Value::from(text)
        }
        _ => return deprecated(field, &input.directives),
    })
}

fn of_value(schema: &Schema, field: &str, parts: &[usize]) -> Option<Value> {
    let &[type_, place] = parts else { return None };
    let value = schema.types.get(type_)?.values.get(place)?;
    match field {
        "name" => Some(Value::from(&value.name)),
        "description" => Some(Value::from(value.description.clone())),
        _ => deprecated(field, &value.directives),
    }
}

fn of_directive(schema: &Schema, field: &str, parts_of: &[usize], all: bool) -> Option<Value> {
    let &[place] = parts_of else { return None };
    let directive = schema.directives.get(place)?;
    let stands =
        |places: &[&str]| Value::Bool(directive.places.iter().any(|place| places.contains(&place.as_str())));
    Some(match field {
        "name" => Value::from(&directive.name),
        "description" => Value::from(directive.description.clone()),
        "isRepeatable" => Value::Bool(directive.repeatable),
        "locations" => directive.places.iter().map(Value::from).collect(),
        "args" => {
            let visible = listed(directive.arguments.iter().map(|input| &*input.directives), all);
            visible.map(|argument| parts(&[2, place, argument])).collect()
        }
        "onOperation" => stands(&["QUERY", "MUTATION", "SUBSCRIPTION"]),
        "onFragment" => stands(&["FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"]),
        "onField" => stands(&["FIELD"]),
        _ => return None,
    })
}
