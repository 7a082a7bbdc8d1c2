//! The response: what is known, with null in place of whatever could not be, and the errors.
//!
//! Recursion is as deep as the request, which has a bound. Never here: finding errors.

use json::{Object, Text, Value};

use super::complete::object_type;
use super::{Execution, State};
use crate::plan::{Plan, PlanField};

impl Execution {
    /// `{"data": …, "errors": […]}`; no `errors` if there are none. Fields that are still waited for are null.
    pub fn response(&self) -> Value {
        let mut response = Object::new();
        response.insert("data", self.value(0).unwrap_or_default());
        if !self.errors.is_empty() {
            response.insert("errors", self.errors.iter().map(|error| error.to_json()).collect::<Value>());
        }
        response.into()
    }

    /// The root fields that are not null and have no error of their own, by the schema's names, with their values: names in them
    /// are the schema's too, and each object says its type. What a mutation tells those who listen.
    pub fn root_values(&self) -> Vec<(Text, Value)> {
        let State::Object { set, first } = &self.nodes[0].state else { return Vec::new() };
        let field = |(place, field): (usize, &PlanField)| {
            let node = first + place;
            let value = if self.failed.contains(&node) { Value::Null } else { self.by_names(node) };
            (!value.is_null()).then(|| (field.name.clone(), value))
        };
        set.fields.iter().enumerate().filter_map(field).collect()
    }

    fn by_names(&self, node: usize) -> Value {
        match &self.nodes[node].state {
            State::Open(_) => Value::Null,
            State::Leaf(value) => value.clone(),
            State::List { first, count } => {
                (*first..first + count).map(|child| self.by_names(child)).collect()
            }
            State::Object { set, first } => {
                let mut object = Object::with_capacity(set.fields.len() + 1);
                object.insert("__typename", &self.plan.schema().type_(set.type_id).name);
                for (place, field) in set.fields.iter().enumerate() {
                    object.insert(field.name.clone(), self.by_names(first + place));
                }
                object.into()
            }
        }
    }

    /// The errors that resolvers, or whoever refused them, told: entries of `errors`.
    pub fn resolver_errors(&self) -> Vec<Value> {
        let told = self.errors.iter().filter(|error| error.resolver.is_some());
        told.map(|error| error.to_json()).collect()
    }

    /// A place's value; `None` if it is null and must not be.
    fn value(&self, node: usize) -> Option<Value> {
        let known = &self.nodes[node];
        let value = match &known.state {
            State::Open(_) => Value::Null,
            State::Leaf(value) => value.clone(),
            State::List { first, count } => {
                let items: Option<Vec<Value>> =
                    (*first..first + count).map(|child| self.value(child)).collect();
                items.map(Value::from).unwrap_or_default()
            }
            State::Object { set, first } => {
                let mut object = Object::with_capacity(set.fields.len());
                let mut whole = true;
                for (place, field) in set.fields.iter().enumerate() {
                    match self.value(first + place) {
                        Some(value) => _ = object.insert(field.key.clone(), value),
                        None => {
                            whole = false;
                            break;
                        }
                    }
                }
                if whole { object.into() } else { Value::Null }
            }
        };
        if value.is_null() && known.required { None } else { Some(value) }
    }
}

/// What a request selects of an error's data. (`util.error`: "data is filtered by the selection set")
pub(super) fn selected(plan: &Plan, field: &PlanField, data: Value, variables: &[Option<Value>]) -> Value {
    match data {
        Value::Array(items) => {
            items.iter().map(|item| selected(plan, field, item.clone(), variables)).collect()
        }
        Value::Object(members) => {
            let schema = plan.schema();
            let id = field.shape.type_id();
            if !schema.type_(id).is_composite() {
                return members.into();
            }
            let possible = schema.possible(id);
            let object = match possible {
                [single] => Some(*single),
                _ => object_type(schema, id, &Value::Object(members.clone())),
            };
            let Some(set) = object.and_then(|object| field.below(plan, object, variables)) else {
                return Value::Null;
            };
            let member = |field: &PlanField| {
                let value = members.get(&field.name)?.clone();
                Some((field.key.clone(), selected(plan, field, value, variables)))
            };
            set.fields.iter().filter_map(member).collect::<Object>().into()
        }
        leaf => leaf,
    }
}
