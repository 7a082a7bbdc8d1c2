//! A value meets its type: lists become places, objects become fields, leaves are written as their type says.
//!
//! Nothing recurses; what is left to do stands in a list. Never here: the response as a whole.

use std::ops::Range;
use std::sync::Arc;

use json::{Text, Value};

use super::{Execution, FieldError, Node, State, Step, VALUES_MAX, Work};
use crate::error::{Details, Error, path_text};
use crate::plan::{PlanField, Set, Source};
use crate::schema::{Shape, Type, TypeId, answer, root_handle};
use crate::syntax::ast::TypeKind;

impl Execution {
    pub(super) fn complete(&mut self, work: Work) {
        let Work { node, set, place, lists, value } = work;
        let field = &set.fields[place];
        let shape = inside(&field.shape, lists);
        self.nodes[node].required = shape.is_required();
        if value.is_null() {
            return self.complete_null(node, &set, shape);
        }
        match shape.nullable() {
            Shape::List(_) => match value {
                Value::Array(items) => self.complete_list(node, &set, place, lists, &items),
                _ => self.mismatch(node, "Can't resolve value", "type mismatch error, expected type LIST"),
            },
            Shape::Named(id) => {
                let plan = self.plan.clone();
                let type_ = plan.schema().type_(*id);
                match type_.kind {
                    TypeKind::Scalar | TypeKind::Enum | TypeKind::Input => match leaf(type_, &value) {
                        Ok(leaf) => self.nodes[node].state = State::Leaf(leaf),
                        Err(problem) => self.mismatch(node, "Can't serialize value", &problem),
                    },
                    TypeKind::Object => self.complete_object(node, field, *id, value),
                    TypeKind::Interface | TypeKind::Union => match object_type(plan.schema(), *id, &value) {
                        Some(object) => self.complete_object(node, field, object, value),
                        None => self.unknown_object(node, &set, field, type_),
                    },
                }
            }
            Shape::NonNull(_) => unreachable!("nothing is wrapped in two exclamation marks"),
        }
    }

    fn complete_null(&mut self, node: usize, set: &Set, shape: &Shape) {
        self.nodes[node].state = State::Leaf(Value::Null);
        if !shape.is_required() || !self.failed.insert(node) {
            return;
        }
        let schema = self.plan.schema();
        let (type_, parent) = (schema.shape_text(shape.nullable()), &schema.type_(set.type_id).name);
        let path = self.path(node);
        let text = path_text(&path);
        let message =
            format!("Cannot return null for non-nullable type: '{type_}' within parent '{parent}' ({text})");
        self.errors.push(Error { message, path: Some(path), location: None, resolver: None });
    }

    /// A value that its type cannot have: an error, and null.
    fn mismatch(&mut self, node: usize, what: &str, problem: &str) {
        self.nodes[node].state = State::Leaf(Value::Null);
        if !self.failed.insert(node) {
            return;
        }
        let path = self.path(node);
        let message = format!("{what} ({}) : {problem}", path_text(&path));
        self.errors.push(Error { message, path: Some(path), location: None, resolver: None });
    }

    fn unknown_object(&mut self, node: usize, set: &Set, field: &PlanField, type_: &Type) {
        self.nodes[node].state = State::Leaf(Value::Null);
        if !self.failed.insert(node) {
            return;
        }
        let path = self.path(node);
        let message = format!(
            "Can't resolve '{}'. Abstract type '{name}' must resolve to an Object type at runtime for field \
             '{}.{}'. Could not determine the exact type of '{name}'",
            path_text(&path),
            self.plan.schema().type_(set.type_id).name,
            field.name,
            name = type_.name,
        );
        self.errors.push(Error { message, path: Some(path), location: None, resolver: None });
    }

    fn complete_list(
        &mut self,
        node: usize,
        set: &Arc<Set>,
        place: usize,
        lists: usize,
        items: &json::Array,
    ) {
        if self.is_full(items.len()) {
            return self.mismatch(node, "Can't resolve value", &too_many());
        }
        let first = self.nodes.len();
        let depth = self.nodes[node].depth;
        for index in 0..items.len() {
            let (step, state) = (Step::Index(index), State::Open(Value::Null));
            self.nodes.push(Node { parent: node, step, required: false, depth, state });
        }
        self.nodes[node].state = State::List { first, count: items.len() };
        for (index, value) in items.iter().enumerate().rev() {
            let (set, value) = (set.clone(), value.clone());
            self.work.push(Work { node: first + index, set, place, lists: lists + 1, value });
        }
    }

    fn complete_object(&mut self, node: usize, field: &PlanField, object: TypeId, value: Value) {
        let plan = self.plan.clone();
        let Some(set) = field.below(&plan, object, &self.variables) else {
            unreachable!("validate refuses objects without selections")
        };
        if self.is_full(set.fields.len()) {
            return self.mismatch(node, "Can't resolve value", &too_many());
        }
        let children = self.add_fields(node, &set);
        self.begin_all(children, &set, &value);
    }

    fn is_full(&self, more: usize) -> bool {
        self.nodes.len() + more > VALUES_MAX
    }

    /// Places for all fields of an object.
    pub(super) fn add_fields(&mut self, node: usize, set: &Arc<Set>) -> Range<usize> {
        let first = self.nodes.len();
        let depth = self.nodes[node].depth + 1;
        for (place, field) in set.fields.iter().enumerate() {
            let (step, required) = (Step::Field(place), field.shape.is_required());
            let state = State::Open(Value::Null);
            self.nodes.push(Node { parent: node, step, required, depth, state });
        }
        self.nodes[node].state = State::Object { set: set.clone(), first };
        first..self.nodes.len()
    }

    /// Begins fields of one object, so that the first one's work is done first.
    pub(super) fn begin_all(&mut self, nodes: Range<usize>, set: &Arc<Set>, parent: &Value) {
        let work = self.work.len();
        nodes.for_each(|node| self.begin(node, set, parent));
        self.work[work..].reverse();
    }

    /// Finds a field's value, or asks for it.
    pub(super) fn begin(&mut self, node: usize, set: &Arc<Set>, parent: &Value) {
        let Step::Field(place) = self.nodes[node].step else { unreachable!("only fields are begun") };
        let field = &set.fields[place];
        let value = match field.source {
            Source::TypeName => Value::from(&self.plan.schema().type_(set.type_id).name),
            Source::Schema => root_handle(),
            Source::Type => {
                let arguments = field.arguments(&self.variables);
                let name = arguments.get("name").and_then(Value::as_str).unwrap_or_default();
                self.plan.schema().id(name).map(crate::schema::handle).unwrap_or_default()
            }
            Source::Field(of_type) => match self.find(node, set, field, of_type, parent) {
                Some(value) => value,
                None => return,
            },
        };
        self.work.push(Work { node, set: set.clone(), place, lists: 0, value });
    }

    /// The value of a schema's field; `None` if a resolver must find it.
    fn find(
        &mut self,
        node: usize,
        set: &Set,
        field: &PlanField,
        of_type: usize,
        parent: &Value,
    ) -> Option<Value> {
        let plan = self.plan.clone();
        let type_ = plan.schema().type_(set.type_id);
        if type_.built_in {
            return Some(answer(
                plan.schema(),
                &type_.name,
                &field.name,
                parent,
                &field.arguments(&self.variables),
            ));
        }
        let depth_max = self.settings.depth_max;
        if depth_max > 0 && self.nodes[node].depth > depth_max {
            let message = format!("The query is nested more than {depth_max} levels deep.");
            self.refuse(node, field, "QueryDepthLimitReached", message);
            return Some(Value::Null);
        }
        let known = (set.type_id, of_type);
        if self.settings.denied.0.contains(&known) {
            let message = format!("Not Authorized to access {} on type {}", field.name, type_.name);
            self.refuse(node, field, "Unauthorized", message);
            return Some(Value::Null);
        }
        if !self.settings.resolvers.0.contains(&known) {
            return Some(parent.get(&field.name).cloned().unwrap_or_default());
        }
        let Some(left) = self.resolvers_left.checked_sub(1) else {
            let message = "The request has run as many resolvers as a request may run.".to_owned();
            self.refuse(node, field, "ResolverExecutionLimitReached", message);
            return Some(Value::Null);
        };
        self.resolvers_left = left;
        self.nodes[node].state = State::Open(parent.clone());
        self.ready.push(node);
        self.open += 1;
        None
    }

    fn refuse(&mut self, node: usize, field: &PlanField, error_type: &str, message: String) {
        let details = Details { error_type: Some(Text::from(error_type)), ..Details::default() };
        self.fail(node, field, FieldError { message, details });
    }
}

fn too_many() -> String {
    format!("the response has more than {VALUES_MAX} values")
}

/// The shape within so many lists.
fn inside(shape: &Shape, lists: usize) -> &Shape {
    let mut shape = shape;
    for _ in 0..lists {
        let Shape::List(item) = shape.nullable() else { unreachable!("lists are counted where they are") };
        shape = item;
    }
    shape
}

fn leaf(type_: &Type, value: &Value) -> Result<Value, String> {
    let Some(scalar) = type_.scalar else {
        return match value.as_str() {
            Some(name) if type_.has_value(name) => Ok(value.clone()),
            _ => {
                let name = value.as_str().map_or_else(|| value.to_text(), str::to_owned);
                Err(format!("Invalid input for Enum '{}'. No value found for name '{name}'", type_.name))
            }
        };
    };
    scalar.serialise(value)
}

/// Which object a value of an interface or a union is: resolvers say it as `__typename`.
pub(super) fn object_type(schema: &crate::schema::Schema, id: TypeId, value: &Value) -> Option<TypeId> {
    let name = value.get("__typename").and_then(Value::as_str)?;
    schema.id(name).filter(|object| schema.includes(id, *object))
}
