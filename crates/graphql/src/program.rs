//! Arguments as programs over variables: what is constant is a value already.
//!
//! Literals come here after validation. Never here: whether they fit.

use std::collections::BTreeMap;

use json::{Object, Text, Value};

use crate::schema::{InputType, Schema, Shape, Type};
use crate::syntax::NESTING_MAX;
use crate::syntax::ast::{Argument, Literal, TypeKind};

/// A default with more values in it is refused: defaults within defaults can double at each level.
const DEFAULT_VALUES_MAX: usize = 10_000;

/// A value, perhaps over variables.
#[derive(Clone, Debug)]
pub enum Program {
    Constant(Value),
    /// The variable with this number.
    Variable(usize),
    List(Vec<Program>),
    Object(Vec<Member>),
}

/// One argument, or one member of an input.
#[derive(Clone, Debug)]
pub struct Member {
    name: Text,
    program: Program,
    /// What it is where its variable is not given.
    default: Option<Value>,
}

/// The numbers of variables.
pub type Slots = BTreeMap<Text, usize>;

impl Program {
    /// The arguments of a field or a directive.
    pub fn of_arguments(schema: &Schema, known: &[InputType], given: &[Argument], slots: &Slots) -> Program {
        let find = |name: &Text| given.iter().find(|given| given.name == *name).map(|given| &given.value);
        Program::of_members(schema, known, find, slots)
    }

    /// The value of a constant literal.
    pub fn of_literal(schema: &Schema, shape: &Shape, literal: &Literal) -> Option<Value> {
        Program::of(schema, shape, literal, &Slots::new()).evaluate(&[])
    }

    fn of_members<'l>(
        schema: &Schema,
        known: &[InputType],
        find: impl Fn(&Text) -> Option<&'l Literal>,
        slots: &Slots,
    ) -> Program {
        let mut members = Vec::new();
        for input in known {
            let program = match (find(&input.name), &input.default_value) {
                (Some(literal), _) => Program::of(schema, &input.shape, literal, slots),
                (None, Some(default)) => Program::Constant(default.clone()),
                (None, None) => continue,
            };
            members.push(Member { name: input.name.clone(), program, default: input.default_value.clone() });
        }
        let constant = |member: &Member| match &member.program {
            Program::Constant(value) => Some((member.name.clone(), value.clone())),
            _ => None,
        };
        match members.iter().map(constant).collect::<Option<Object>>() {
            Some(object) => Program::Constant(object.into()),
            None => Program::Object(members),
        }
    }

    fn of(schema: &Schema, shape: &Shape, literal: &Literal, slots: &Slots) -> Program {
        if let Literal::Variable(name) = literal {
            return slots.get(name).map_or(Program::Constant(Value::Null), |slot| Program::Variable(*slot));
        }
        if *literal == Literal::Null {
            return Program::Constant(Value::Null);
        }
        match (shape.nullable(), literal) {
            (Shape::List(item), Literal::List(literals)) => {
                let items = literals.iter().map(|literal| Program::of(schema, item, literal, slots));
                constant_list(items.collect())
            }
            // One value stands for a list of one. (GraphQL, "List", input coercion)
            (Shape::List(item), single) => constant_list(vec![Program::of(schema, item, single, slots)]),
            (Shape::Named(id), Literal::Object(members)) if schema.type_(*id).kind == TypeKind::Input => {
                let find = |name: &Text| members.iter().find(|(known, _)| known == name).map(|(_, l)| l);
                Program::of_members(schema, &schema.type_(*id).inputs, find, slots)
            }
            (Shape::Named(id), leaf) => Program::Constant(leaf_value(schema.type_(*id), leaf)),
            (Shape::NonNull(_), _) => unreachable!("the parser wraps nothing in two exclamation marks"),
        }
    }

    /// The value, if its variables are given.
    pub fn evaluate(&self, variables: &[Option<Value>]) -> Option<Value> {
        match self {
            Program::Constant(value) => Some(value.clone()),
            Program::Variable(slot) => variables.get(*slot).cloned().flatten(),
            Program::List(items) => {
                Some(items.iter().map(|item| item.evaluate(variables).unwrap_or_default()).collect())
            }
            Program::Object(members) => {
                let mut object = Object::with_capacity(members.len());
                for member in members {
                    let value = member.program.evaluate(variables).or_else(|| member.default.clone());
                    if let Some(value) = value {
                        object.insert(member.name.clone(), value);
                    }
                }
                Some(object.into())
            }
        }
    }

    /// The value of a default, which may need defaults of fields that are not settled yet.
    ///
    /// # Errors
    /// What is wrong, to go after the name of what has the default.
    pub fn of_default(schema: &Schema, shape: &Shape, literal: &Literal) -> Result<Value, String> {
        let mut left = DEFAULT_VALUES_MAX;
        settle(schema, shape, literal, &mut left, 0)
            .ok_or_else(|| format!("has more than {DEFAULT_VALUES_MAX} values or never ends"))
    }
}

fn constant_list(items: Vec<Program>) -> Program {
    let constant = |item: &Program| match item {
        Program::Constant(value) => Some(value.clone()),
        _ => None,
    };
    match items.iter().map(constant).collect::<Option<Vec<Value>>>() {
        Some(values) => Program::Constant(values.into()),
        None => Program::List(items),
    }
}

fn settle(
    schema: &Schema,
    shape: &Shape,
    literal: &Literal,
    left: &mut usize,
    depth: usize,
) -> Option<Value> {
    *left = left.checked_sub(1)?;
    if depth > NESTING_MAX {
        return None;
    }
    if *literal == Literal::Null {
        return Some(Value::Null);
    }
    match (shape.nullable(), literal) {
        (Shape::List(item), Literal::List(literals)) => {
            literals.iter().map(|literal| settle(schema, item, literal, left, depth + 1)).collect()
        }
        (Shape::List(item), single) => {
            Some(Value::from(vec![settle(schema, item, single, left, depth + 1)?]))
        }
        (Shape::Named(id), Literal::Object(given)) if schema.type_(*id).kind == TypeKind::Input => {
            let mut object = Object::new();
            for input in &schema.type_(*id).inputs {
                let given = given.iter().find(|(name, _)| *name == input.name).map(|(_, literal)| literal);
                if let Some(literal) = given.or(input.default.as_ref()) {
                    let value = settle(schema, &input.shape, literal, left, depth + 1)?;
                    object.insert(input.name.clone(), value);
                }
            }
            Some(object.into())
        }
        (Shape::Named(id), leaf) => Some(leaf_value(schema.type_(*id), leaf)),
        (Shape::NonNull(_), _) => unreachable!("the parser wraps nothing in two exclamation marks"),
    }
}

/// A scalar or an enum's value. Validation refused what is neither.
fn leaf_value(type_: &Type, literal: &Literal) -> Value {
    match (type_.scalar, literal) {
        (Some(scalar), _) => scalar.literal_value(literal).unwrap_or_default(),
        (None, Literal::Enum(name)) => name.into(),
        _ => Value::Null,
    }
}
