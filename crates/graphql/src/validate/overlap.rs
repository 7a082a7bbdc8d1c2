//! Fields that meet under one name in the response must be the same, or can never meet.
//!
//! Fields are grouped by name and each is compared with the first of its group, so the cost grows with the
//! request and not with its square; a bound on work stops what types multiply. Never here: single fields.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use json::Text;

use super::rules::field_type;
use super::{Found, Fragments};
use crate::schema::{Schema, Shape, TypeId};
use crate::syntax::Location;
use crate::syntax::ast::{Field, Operation, Selection, TypeKind};

/// More fields are not looked at: twice as many as an operation may select, some 50 ms of work.
const VISITS_MAX: usize = 50_000;

pub fn check(schema: &Schema, fragments: &Fragments, operation: &Operation, found: &mut Found) {
    let Some(root) = schema.root_id(operation.kind) else { return };
    let alone = BTreeSet::new();
    let mut overlap = Overlap { schema, fragments, visits_left: VISITS_MAX, alone, path: Vec::new(), found };
    let mut fields = Vec::new();
    overlap.collect(&operation.selections, root, &mut BTreeSet::new(), &mut fields);
    overlap.meet(fields, Meeting::Same);
    if overlap.visits_left == 0 {
        let text = "the operation's fields meet each other too often: use fewer fragments or aliases";
        overlap.found.add("TooManyFields", text, &[], operation.at);
    }
}

/// What fields under one name must have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Meeting {
    /// They may be fields of one object.
    Same,
    /// They are fields of different objects, and still one name has one shape.
    ShapeOnly,
}

struct Met {
    parent: TypeId,
    field: Arc<Field>,
}

struct Overlap<'s, 'f> {
    schema: &'s Schema,
    fragments: &'s Fragments,
    visits_left: usize,
    /// Fields that meet no other one, with what was asked of them: what lies below is looked at once, however
    /// often a fragment brings them.
    alone: BTreeSet<(usize, TypeId, Meeting)>,
    path: Vec<Text>,
    found: &'f mut Found,
}

impl<'s> Overlap<'s, '_> {
    /// The fields of selections, fragments in place; a fragment counts once for each type it is looked at from.
    fn collect(
        &mut self,
        selections: &[Selection],
        parent: TypeId,
        seen: &mut BTreeSet<Text>,
        into: &mut Vec<Met>,
    ) {
        for selection in selections {
            self.visits_left = self.visits_left.saturating_sub(1);
            if self.visits_left == 0 {
                return;
            }
            match selection {
                Selection::Field(field) => into.push(Met { parent, field: field.clone() }),
                Selection::Inline(inline) => {
                    let parent = inline.on.as_ref().and_then(|name| self.schema.id(name)).unwrap_or(parent);
                    self.collect(&inline.selections, parent, seen, into);
                }
                Selection::Spread(spread) => {
                    let Some(fragment) = self.fragments.get(&spread.name) else { continue };
                    let Some(parent) = self.schema.id(&fragment.on) else { continue };
                    if seen.insert(spread.name.clone()) {
                        self.collect(&fragment.selections, parent, seen, into);
                    }
                }
            }
        }
    }

    fn meet(&mut self, fields: Vec<Met>, meeting: Meeting) {
        let mut places: BTreeMap<Text, usize> = BTreeMap::new();
        let mut groups: Vec<Vec<Met>> = Vec::new();
        for met in fields {
            let place = *places.entry(met.field.key().clone()).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.push(met),
                None => groups.push(vec![met]),
            }
        }
        for mut group in groups {
            if self.visits_left == 0 || self.found.is_full() {
                return;
            }
            // One field of a fragment that is used twice is one field.
            let mut known = BTreeSet::new();
            group.retain(|met| known.insert((Arc::as_ptr(&met.field) as usize, met.parent)));
            self.path.push(group[0].field.name.clone());
            self.group(&group, meeting);
            self.path.pop();
        }
    }

    fn group(&mut self, group: &[Met], meeting: Meeting) {
        if let [met] = group
            && !self.alone.insert((Arc::as_ptr(&met.field) as usize, met.parent, meeting))
        {
            return;
        }
        if let Some((text, at)) = self.different_shapes(group) {
            return self.found.add("FieldsConflict", &text, &self.path, at);
        }
        let is_object = |id: TypeId| self.schema.type_(id).kind == TypeKind::Object;
        let parents: BTreeSet<TypeId> =
            group.iter().map(|met| met.parent).filter(|parent| is_object(*parent)).collect();
        if meeting == Meeting::ShapeOnly || parents.len() > 1 {
            self.below(group.iter(), Meeting::ShapeOnly);
        }
        if meeting == Meeting::ShapeOnly {
            return;
        }
        // Fields of one object, together with those of interfaces, which may be fields of the same one.
        let together = |parent: Option<TypeId>| {
            let belongs = move |met: &&Met| !is_object(met.parent) || Some(met.parent) == parent;
            group.iter().filter(belongs).collect::<Vec<_>>()
        };
        let groups: Vec<Vec<&Met>> = match parents.len() {
            0 => vec![together(None)],
            _ => parents.iter().map(|parent| together(Some(*parent))).collect(),
        };
        for group in groups {
            match different(&group) {
                Some((text, at)) => self.found.add("FieldsConflict", &text, &self.path, at),
                None => self.below(group.into_iter(), Meeting::Same),
            }
        }
    }

    fn below<'m>(&mut self, group: impl Iterator<Item = &'m Met>, meeting: Meeting) {
        let mut fields = Vec::new();
        let mut seen = BTreeSet::new();
        for met in group.filter(|met| !met.field.selections.is_empty()) {
            let Some((_, result)) = field_type(self.schema, met.parent, &met.field.name) else { continue };
            self.collect(&met.field.selections, result, &mut seen, &mut fields);
        }
        if !fields.is_empty() {
            self.meet(fields, meeting);
        }
    }

    fn different_shapes(&self, group: &[Met]) -> Option<(String, Location)> {
        let shape =
            |met: &Met| self.schema.type_(met.parent).field(&met.field.name).map(|field| &field.shape);
        let first = shape(&group[0])?;
        for met in &group[1..] {
            let other = shape(met)?;
            if !self.same_shape(first, other) {
                let text = format!(
                    "{}: they return differing types {} and {}",
                    met.field.key(),
                    self.schema.shape_text(first),
                    self.schema.shape_text(other)
                );
                return Some((text, met.field.at));
            }
        }
        None
    }

    fn same_shape(&self, one: &Shape, other: &Shape) -> bool {
        match (one, other) {
            (Shape::NonNull(one), Shape::NonNull(other)) | (Shape::List(one), Shape::List(other)) => {
                self.same_shape(one, other)
            }
            (Shape::Named(one), Shape::Named(other)) => {
                let composite = |id: &TypeId| self.schema.type_(*id).is_composite();
                one == other || (composite(one) && composite(other))
            }
            _ => false,
        }
    }
}

fn different(group: &[&Met]) -> Option<(String, Location)> {
    let first = &group[0].field;
    for met in &group[1..] {
        let field = &met.field;
        let key = field.key();
        if field.name != first.name {
            let text = format!("{key}: {} and {} are different fields", first.name, field.name);
            return Some((text, field.at));
        }
        let same = first.arguments.len() == field.arguments.len()
            && first.arguments.iter().all(|one| {
                field.arguments.iter().any(|other| one.name == other.name && one.value == other.value)
            });
        if !same {
            return Some((format!("{key}: they have differing arguments"), field.at));
        }
    }
    None
}
