//! What a request's variables mean to resolvers, and the refusals of those that do not fit.
//!
//! Never here: variables as they are used; `program` has that.

use json::{Object, Text, Value};

use crate::error::Error;
use crate::schema::{Schema, Shape};
use crate::syntax::ast::TypeKind;

/// A variable that an operation declares.
#[derive(Debug)]
pub struct Variable {
    pub name: Text,
    pub shape: Shape,
    pub default: Option<Value>,
}

/// The variables' values, in the order of their declarations; `None` for one that is not given.
///
/// # Errors
/// The first variable that does not fit, in AppSync's words.
pub fn coerce(schema: &Schema, declared: &[Variable], given: &Object) -> Result<Vec<Option<Value>>, Error> {
    let mut values = Vec::with_capacity(declared.len());
    for variable in declared {
        let value = match (given.get(&variable.name), &variable.default) {
            (Some(value), _) => Some(one(schema, variable, &variable.shape, value)?),
            (None, Some(default)) => Some(default.clone()),
            (None, None) if variable.shape.is_required() => {
                return Err(refused_null(schema, variable, &variable.shape));
            }
            (None, None) => None,
        };
        values.push(value);
    }
    Ok(values)
}

fn one(schema: &Schema, variable: &Variable, shape: &Shape, value: &Value) -> Result<Value, Error> {
    if value.is_null() {
        return match shape {
            Shape::NonNull(_) => Err(refused_null(schema, variable, shape)),
            _ => Ok(Value::Null),
        };
    }
    match (shape.nullable(), value) {
        (Shape::List(item), Value::Array(items)) => {
            let item = |value| one(schema, variable, item, value);
            items.iter().map(item).collect::<Result<Vec<_>, _>>().map(Value::from)
        }
        (Shape::List(item), single) => Ok(Value::from(vec![one(schema, variable, item, single)?])),
        (Shape::Named(id), value) => {
            let type_ = schema.type_(*id);
            let taken = match (type_.kind, value) {
                (TypeKind::Input, Value::Object(given)) => return input(schema, variable, *id, given),
                (TypeKind::Enum, Value::String(name)) => type_.has_value(name).then(|| value.clone()),
                (TypeKind::Scalar, _) => type_.scalar.and_then(|scalar| scalar.variable_value(value)),
                _ => None,
            };
            taken.ok_or_else(|| {
                Error::of_request(format!("Variable '{}' has an invalid value.", variable.name), None)
            })
        }
        (Shape::NonNull(_), _) => unreachable!("nothing is wrapped in two exclamation marks"),
    }
}

fn input(
    schema: &Schema,
    variable: &Variable,
    id: crate::schema::TypeId,
    given: &Object,
) -> Result<Value, Error> {
    let type_ = schema.type_(id);
    if given.keys().any(|name| type_.input(name).is_none()) {
        // AppSync names neither the field nor, but for this word, the variable; the blank at the end is its own.
        let message = format!(
            "The variables input contains a field that is not defined for input object type '{}' ",
            type_.name
        );
        return Err(Error::of_request(message, None));
    }
    let mut object = Object::with_capacity(given.len());
    for field in &type_.inputs {
        let value = match (given.get(&field.name), &field.default_value) {
            (Some(value), _) => one(schema, variable, &field.shape, value)?,
            (None, Some(default)) => default.clone(),
            (None, None) if field.shape.is_required() => {
                return Err(refused_null(schema, variable, &field.shape));
            }
            (None, None) => continue,
        };
        object.insert(field.name.clone(), value);
    }
    Ok(object.into())
}

fn refused_null(schema: &Schema, variable: &Variable, shape: &Shape) -> Error {
    let (name, shape) = (&variable.name, schema.shape_text(shape));
    Error::of_request(format!("Variable '{name}' has coerced Null value for NonNull type '{shape}'"), None)
}
