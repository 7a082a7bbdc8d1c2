//! Selections of one object, merged: each name of the response once, with all that is asked of it.
//!
//! Never here: values of the object.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use json::{Object, Text, Value};

use super::Plan;
use crate::program::Program;
use crate::schema::{Schema, Shape, TypeId};
use crate::syntax::Location;
use crate::syntax::ast::{Field, Selection};
use crate::validate::field_type;

/// What is selected of an object.
#[derive(Debug)]
pub struct Set {
    pub type_id: TypeId,
    /// In the order of the response.
    pub fields: Vec<PlanField>,
}

/// One name of the response.
#[derive(Debug)]
pub struct PlanField {
    /// The name in the response.
    pub key: Text,
    /// The name in the schema.
    pub name: Text,
    pub source: Source,
    pub shape: Shape,
    pub at: Location,
    arguments: Program,
    /// Every place where the request asks for it.
    pub(super) asked: Vec<Arc<Field>>,
    /// What is selected of the result, for each object type that it can be, once it has been.
    below: Box<[OnceLock<Arc<Set>>]>,
}

/// Where a field's value is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A field of the schema, by its place in the type.
    Field(usize),
    /// `__typename`
    TypeName,
    /// `__schema`
    Schema,
    /// `__type`
    Type,
}

impl Set {
    pub fn empty(type_id: TypeId) -> Set {
        Set { type_id, fields: Vec::new() }
    }
}

impl PlanField {
    /// Its arguments under these variables.
    pub fn arguments(&self, values: &[Option<Value>]) -> Object {
        match self.arguments.evaluate(values) {
            Some(Value::Object(arguments)) => arguments,
            _ => Object::new(),
        }
    }

    /// What is selected of a result that is an object of this type.
    pub fn below(&self, plan: &Plan, object: TypeId, values: &[Option<Value>]) -> Option<Arc<Set>> {
        let place = plan.schema.possible(self.shape.type_id()).binary_search(&object).ok()?;
        let selections = || self.asked.iter().map(|field| field.selections.as_slice());
        let set = self.below[place].get_or_init(|| Arc::new(set(plan, object, selections(), values)));
        Some(set.clone())
    }
}

/// Merges selections for objects of one type.
pub fn set<'p>(
    plan: &'p Plan,
    type_id: TypeId,
    selections: impl Iterator<Item = &'p [Selection]>,
    values: &[Option<Value>],
) -> Set {
    let mut merge = Merge { plan, type_id, values, asked: Vec::new(), places: BTreeMap::new() };
    let mut seen = BTreeSet::new();
    selections.for_each(|selections| merge.selections(selections, &mut seen));
    let fields = merge.asked.into_iter().map(|asked| field(plan, type_id, asked)).collect();
    Set { type_id, fields }
}

struct Merge<'p, 'v> {
    plan: &'p Plan,
    type_id: TypeId,
    values: &'v [Option<Value>],
    asked: Vec<Vec<Arc<Field>>>,
    places: BTreeMap<Text, usize>,
}

impl<'p> Merge<'p, '_> {
    fn selections(&mut self, selections: &'p [Selection], seen: &mut BTreeSet<&'p Text>) {
        let (schema, type_id) = (&self.plan.schema, self.type_id);
        let applies = |on: &Text| schema.id(on).is_some_and(|id| schema.includes(id, type_id));
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    if self.plan.is_selected(&field.directives, self.values) {
                        let next = self.asked.len();
                        let place = *self.places.entry(field.key().clone()).or_insert(next);
                        match self.asked.get_mut(place) {
                            Some(asked) => asked.push(field.clone()),
                            None => self.asked.push(vec![field.clone()]),
                        }
                    }
                }
                Selection::Inline(inline) => {
                    if self.plan.is_selected(&inline.directives, self.values)
                        && inline.on.as_ref().is_none_or(applies)
                    {
                        self.selections(&inline.selections, seen);
                    }
                }
                Selection::Spread(spread) => {
                    let Some(fragment) = self.plan.fragments.get(&spread.name) else { continue };
                    if self.plan.is_selected(&spread.directives, self.values)
                        && applies(&fragment.on)
                        && seen.insert(&fragment.name)
                    {
                        self.selections(&fragment.selections, seen);
                    }
                }
            }
        }
    }
}

fn field(plan: &Plan, type_id: TypeId, asked: Vec<Arc<Field>>) -> PlanField {
    let schema: &Schema = &plan.schema;
    let first = asked[0].clone();
    let known = schema.type_(type_id).field_place(&first.name);
    let (source, shape) = match (known, first.name.as_str()) {
        (Some(place), _) => (Source::Field(place), schema.type_(type_id).fields[place].shape.clone()),
        (None, name) => {
            let source = match name {
                "__schema" => Source::Schema,
                "__type" => Source::Type,
                _ => Source::TypeName,
            };
            let Some((_, result)) = field_type(schema, type_id, name) else {
                unreachable!("validate refuses fields that are not in the schema: {name}")
            };
            let shape = Shape::Named(result);
            (source, if source == Source::Type { shape } else { Shape::NonNull(Box::new(shape)) })
        }
    };
    let inputs = field_type(schema, type_id, &first.name).map(|(inputs, _)| inputs).unwrap_or_default();
    let arguments = Program::of_arguments(schema, inputs, &first.arguments, &plan.slots);
    let objects = if first.selections.is_empty() { 0 } else { schema.possible(shape.type_id()).len() };
    PlanField {
        key: first.key().clone(),
        name: first.name.clone(),
        source,
        shape,
        at: first.at,
        arguments,
        asked,
        below: (0..objects).map(|_| OnceLock::new()).collect(),
    }
}
