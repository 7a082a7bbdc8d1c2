//! Variables: declared where they are used, used where they are declared, of a type that fits.
//!
//! Uses are collected once for each operation and fragment. Never here: values.

use std::collections::{BTreeMap, BTreeSet};

use json::Text;

use super::fragments::{closure, spreads};
use super::rules::field_type;
use super::{Found, Fragments};
use crate::schema::{InputType, Schema, Shape, TypeId};
use crate::syntax::Location;
use crate::syntax::ast::{
    Argument, Directive, Document, Literal, Operation, Selection, TypeKind, TypeReference,
};

pub fn check(schema: &Schema, document: &Document, fragments: &Fragments, found: &mut Found) {
    let mut of_fragments = BTreeMap::new();
    for fragment in fragments.values() {
        let mut uses = Uses { schema, path: vec![fragment.name.clone()], all: Vec::new() };
        uses.selections(&fragment.selections, schema.id(&fragment.on));
        of_fragments.insert(fragment.name.clone(), uses.all);
    }
    for operation in &document.operations {
        let mut uses = Uses { schema, path: Vec::new(), all: Vec::new() };
        uses.directives(&operation.directives, operation.at);
        uses.selections(&operation.selections, schema.root_id(operation.kind));
        let used = closure(fragments, spreads(&operation.selections).into_iter().collect());
        let inherited = used.iter().filter_map(|name| of_fragments.get(name)).flatten();
        judge(schema, operation, uses.all.iter().chain(inherited), found);
    }
}

/// The shape that a type as written has, once its name is known.
pub fn shape(id: TypeId, reference: &TypeReference) -> Shape {
    match reference {
        TypeReference::Named(_) => Shape::Named(id),
        TypeReference::List(inner) => Shape::List(Box::new(shape(id, inner))),
        TypeReference::NonNull(inner) => Shape::NonNull(Box::new(shape(id, inner))),
    }
}

/// A variable where it is used.
struct Use<'s> {
    name: Text,
    /// What stands there, and whether something else stands there if the variable is not given.
    expected: Option<(&'s Shape, bool)>,
    path: Vec<Text>,
    at: Location,
}

fn judge<'u>(
    schema: &Schema,
    operation: &Operation,
    uses: impl Iterator<Item = &'u Use<'u>>,
    found: &mut Found,
) {
    let declared: BTreeMap<&Text, _> = operation.variables.iter().map(|one| (&one.name, one)).collect();
    let mut used = BTreeSet::new();
    for use_ in uses {
        let Some(variable) = declared.get(&use_.name) else {
            found.add("UndefinedVariable", &format!("Undefined variable {}", use_.name), &use_.path, use_.at);
            continue;
        };
        used.insert(&variable.name);
        let (Some((expected, has_default)), Some(id)) = (use_.expected, schema.id(variable.type_.name()))
        else {
            continue;
        };
        let own = shape(id, &variable.type_);
        let defaulted = has_default || variable.default.as_ref().is_some_and(|value| *value != Literal::Null);
        let needed = if defaulted && !own.is_required() { expected.nullable() } else { expected };
        if !fits(&own, needed) {
            let (own, expected) = (&variable.type_, schema.shape_text(expected));
            let text = format!("Variable type '{own}' doesn't match expected type '{expected}'");
            found.add("VariableTypeMismatch", &text, &use_.path, use_.at);
        }
    }
    for variable in operation.variables.iter().filter(|variable| !used.contains(&variable.name)) {
        found.add("UnusedVariable", &format!("Unused variable {}", variable.name), &[], variable.at);
    }
}

/// Whether each value of shape `own` is one of shape `expected`.
fn fits(own: &Shape, expected: &Shape) -> bool {
    match (own, expected) {
        (Shape::NonNull(own), Shape::NonNull(expected)) => fits(own, expected),
        (Shape::NonNull(own), expected) => fits(own, expected),
        (Shape::List(own), Shape::List(expected)) => fits(own, expected),
        (Shape::Named(own), Shape::Named(expected)) => own == expected,
        _ => false,
    }
}

struct Uses<'s> {
    schema: &'s Schema,
    path: Vec<Text>,
    all: Vec<Use<'s>>,
}

impl<'s> Uses<'s> {
    fn selections(&mut self, selections: &[Selection], parent: Option<TypeId>) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    self.path.push(field.name.clone());
                    self.directives(&field.directives, field.at);
                    let known = parent.and_then(|parent| field_type(self.schema, parent, &field.name));
                    let (inputs, result) =
                        known.map_or((None, None), |(inputs, result)| (Some(inputs), Some(result)));
                    self.arguments(&field.arguments, inputs);
                    self.selections(&field.selections, result);
                    self.path.pop();
                }
                Selection::Inline(inline) => {
                    self.directives(&inline.directives, inline.at);
                    let condition = inline.on.as_ref().map_or(parent, |name| self.schema.id(name));
                    self.selections(&inline.selections, condition);
                }
                Selection::Spread(spread) => self.directives(&spread.directives, spread.at),
            }
        }
    }

    fn directives(&mut self, directives: &[Directive], _at: Location) {
        for directive in directives {
            let known = self.schema.directive(&directive.name).map(|known| known.arguments.as_slice());
            self.arguments(&directive.arguments, known);
        }
    }

    fn arguments(&mut self, arguments: &[Argument], known: Option<&'s [InputType]>) {
        for argument in arguments {
            let input = known.and_then(|known| known.iter().find(|input| input.name == argument.name));
            let expected = input.map(|input| (&input.shape, input.default.is_some()));
            self.literal(&argument.value, expected, argument.at);
        }
    }

    fn literal(&mut self, literal: &Literal, expected: Option<(&'s Shape, bool)>, at: Location) {
        let shape = expected.map(|(shape, _)| shape.nullable());
        match literal {
            Literal::Variable(name) => {
                self.all.push(Use { name: name.clone(), expected, path: self.path.clone(), at });
            }
            Literal::List(items) => {
                let item = match shape {
                    Some(Shape::List(item)) => Some((&**item, false)),
                    _ => None,
                };
                items.iter().for_each(|literal| self.literal(literal, item, at));
            }
            Literal::Object(members) => {
                let mut shape = shape;
                while let Some(Shape::List(item)) = shape {
                    shape = Some(item.nullable());
                }
                let type_ = shape.map(|shape| self.schema.type_(shape.type_id()));
                let type_ = type_.filter(|type_| type_.kind == TypeKind::Input);
                for (name, literal) in members {
                    let input = type_.and_then(|type_| type_.input(name));
                    self.literal(literal, input.map(|input| (&input.shape, input.default.is_some())), at);
                }
            }
            _ => {}
        }
    }
}
