//! The rules that look at one place: fields, arguments, fragments' types, names of operations.
//!
//! Each operation and each fragment is walked once. Never here: variables' uses, fields that meet.

use std::collections::BTreeSet;

use json::Text;

use super::directives;
use super::values::misfit;
use super::{Found, Fragments};
use crate::error::Error;
use crate::schema::{InputType, Schema, Type, TypeId};
use crate::syntax::Location;
use crate::syntax::ast::{
    Argument, Document, Field, Operation, OperationKind, Selection, TypeKind, VariableDefinition,
};

pub fn check(schema: &Schema, document: &Document, fragments: &Fragments, found: &mut Found) {
    let mut rules = Rules { schema, fragments, path: Vec::new(), found };
    for (name, at) in &document.foreign {
        let text = format!("Type definition '{name}' is not executable");
        rules.found.add("NonExecutableDefinition", &text, &[], *at);
    }
    rules.operation_names(document);
    for operation in &document.operations {
        rules.operation(operation);
    }
    for fragment in &document.fragments {
        rules.path.push(fragment.name.clone());
        rules.directives(&fragment.directives, "FRAGMENT_DEFINITION", fragment.at);
        let condition = rules.condition(Some(&fragment.on), None, "Fragment", fragment.at);
        rules.selections(&fragment.selections, condition);
        rules.path.clear();
    }
}

struct Rules<'s, 'f> {
    schema: &'s Schema,
    fragments: &'s Fragments,
    /// The fields above, as messages show them.
    path: Vec<Text>,
    found: &'f mut Found,
}

impl<'s> Rules<'s, '_> {
    fn add(&mut self, kind: &str, text: &str, at: Location) {
        self.found.add(kind, text, &self.path, at);
    }

    fn directives(&mut self, directives: &[crate::syntax::ast::Directive], place: &str, at: Location) {
        directives::check(self.schema, directives, place, at, &self.path, self.found);
    }

    fn operation_names(&mut self, document: &Document) {
        let mut names = BTreeSet::new();
        for operation in &document.operations {
            match &operation.name {
                Some(name) if !names.insert(name) => {
                    let text = format!("There can be only one operation named '{name}'");
                    self.add("DuplicateOperationName", &text, operation.at);
                }
                None if document.operations.len() > 1 => {
                    let text = "Anonymous operation with other operations.";
                    self.add("LoneAnonymousOperationViolation", text, operation.at);
                }
                _ => {}
            }
        }
    }

    fn operation(&mut self, operation: &Operation) {
        let kind = operation.kind;
        let place = match kind {
            OperationKind::Query => "QUERY",
            OperationKind::Mutation => "MUTATION",
            OperationKind::Subscription => "SUBSCRIPTION",
        };
        self.directives(&operation.directives, place, operation.at);
        self.variables(&operation.variables);
        let Some(root) = self.schema.root_id(kind) else {
            let text = format!("Schema is not configured for {}s.", kind.name());
            return self.add("UnknownOperation", &text, operation.at);
        };
        self.selections(&operation.selections, Some(root));
    }

    fn variables(&mut self, variables: &[VariableDefinition]) {
        let mut names = BTreeSet::new();
        for variable in variables {
            let VariableDefinition { name, type_, default, directives, at } = variable;
            if !names.insert(name) {
                self.add(
                    "DuplicateVariableName",
                    &format!("There can be only one variable named '{name}'"),
                    *at,
                );
            }
            self.directives(directives, "VARIABLE_DEFINITION", *at);
            let Some(id) = self.schema.id(type_.name()) else {
                self.add("UnknownType", &format!("Unknown type {}", type_.name()), *at);
                continue;
            };
            if !self.schema.type_(id).is_input() {
                let text = format!("Input variable {name} type {} is not an input type", type_.name());
                self.add("NonInputTypeOnVariable", &text, *at);
                continue;
            }
            let shape = super::usage::shape(id, type_);
            if let Some(default) = default
                && misfit(self.schema, &shape, default, name).is_some()
            {
                let text =
                    format!("Bad default value {} for type {type_}", crate::syntax::print::java(default));
                self.add("BadValueForDefaultArg", &text, *at);
            }
        }
    }

    /// The type that a fragment is for, if it is one that fragments may be for.
    fn condition(
        &mut self,
        on: Option<&Text>,
        parent: Option<TypeId>,
        what: &str,
        at: Location,
    ) -> Option<TypeId> {
        let Some(name) = on else { return parent };
        let Some(id) = self.schema.id(name) else {
            self.add("UnknownType", &format!("Unknown type {name}"), at);
            return None;
        };
        if !self.schema.type_(id).is_composite() {
            let text = format!("{what} type condition is invalid, must be on Object/Interface/Union");
            let kind = if what == "Fragment" {
                "FragmentTypeConditionInvalid"
            } else {
                "InlineFragmentTypeConditionInvalid"
            };
            self.add(kind, &text, at);
            return None;
        }
        Some(id)
    }

    /// `parent` is `None` where it is not known; fields cannot be judged there.
    fn selections(&mut self, selections: &[Selection], parent: Option<TypeId>) {
        for selection in selections {
            if self.found.is_full() {
                return;
            }
            match selection {
                Selection::Field(field) => {
                    self.path.push(field.name.clone());
                    self.field(field, parent);
                    self.path.pop();
                }
                Selection::Inline(inline) => {
                    self.directives(&inline.directives, "INLINE_FRAGMENT", inline.at);
                    let condition = self.condition(inline.on.as_ref(), parent, "Inline fragment", inline.at);
                    self.spreadable(None, parent, condition, inline.at);
                    self.selections(&inline.selections, condition);
                }
                Selection::Spread(spread) => {
                    self.directives(&spread.directives, "FRAGMENT_SPREAD", spread.at);
                    let Some(fragment) = self.fragments.get(&spread.name) else {
                        self.add(
                            "UndefinedFragment",
                            &format!("Undefined fragment {}", spread.name),
                            spread.at,
                        );
                        continue;
                    };
                    let condition = self.schema.id(&fragment.on);
                    self.spreadable(Some(&spread.name), parent, condition, spread.at);
                }
            }
        }
    }

    fn spreadable(
        &mut self,
        name: Option<&Text>,
        parent: Option<TypeId>,
        condition: Option<TypeId>,
        at: Location,
    ) {
        let (Some(parent), Some(condition)) = (parent, condition) else { return };
        if self.schema.overlap(parent, condition) || !self.schema.type_(condition).is_composite() {
            return;
        }
        let (parent, condition) = (&self.schema.type_(parent).name, &self.schema.type_(condition).name);
        let text = match name {
            Some(name) => format!(
                "Fragment {name} cannot be spread here as objects of type {parent} can never be of type {condition}"
            ),
            None => format!(
                "Fragment cannot be spread here as objects of type {parent} can never be of type {condition}"
            ),
        };
        self.add("InvalidFragmentType", &text, at);
    }

    fn field(&mut self, field: &Field, parent: Option<TypeId>) {
        self.directives(&field.directives, "FIELD", field.at);
        let Some(parent) = parent else { return };
        let Some((arguments, result)) = field_type(self.schema, parent, &field.name) else {
            let text =
                format!("Field '{}' in type '{}' is undefined", field.name, self.schema.type_(parent).name);
            return self.add("FieldUndefined", &text, field.at);
        };
        self.arguments(field, arguments);
        let type_ = self.schema.type_(result);
        match (type_.is_composite(), field.selections.is_empty()) {
            (true, true) => {
                let text = format!("Sub selection required for type {} of field {}", type_.name, field.name);
                self.add("SubSelectionRequired", &text, field.at);
            }
            (false, false) => {
                let text =
                    format!("Sub selection not allowed on leaf type {} of field {}", type_.name, field.name);
                self.add("SubSelectionNotAllowed", &text, field.at);
            }
            _ => self.selections(&field.selections, Some(result)),
        }
    }

    fn arguments(&mut self, field: &Field, known: &[InputType]) {
        let mut names = BTreeSet::new();
        for Argument { name, value, at } in &field.arguments {
            if !names.insert(name) {
                self.add(
                    "DuplicateArgumentNames",
                    &format!("There can be only one argument named '{name}'"),
                    *at,
                );
            }
            let Some(known) = known.iter().find(|known| known.name == *name) else {
                self.add("UnknownArgument", &format!("Unknown field argument {name}"), *at);
                continue;
            };
            if let Some(misfit) = misfit(self.schema, &known.shape, value, name) {
                self.add("WrongType", &misfit.text(), *at);
            }
        }
        for needed in known.iter().filter(|needed| needed.is_required() && !names.contains(&needed.name)) {
            let text = format!("Missing field argument {}", needed.name);
            self.add("MissingFieldArgument", &text, field.at);
        }
    }
}

/// What a field takes and gives, `__typename` and introspection included.
pub fn field_type<'s>(schema: &'s Schema, parent: TypeId, name: &str) -> Option<(&'s [InputType], TypeId)> {
    let type_: &Type = schema.type_(parent);
    if name == "__typename" && type_.is_composite() {
        return schema.id("String").map(|id| (&[] as &[InputType], id));
    }
    if schema.root_id(OperationKind::Query) == Some(parent) {
        match name {
            "__schema" => return schema.id("__Schema").map(|id| (&[] as &[InputType], id)),
            "__type" => return schema.id("__Type").map(|id| (schema.type_argument(), id)),
            _ => {}
        }
    }
    if type_.kind == TypeKind::Union {
        return None;
    }
    type_.field(name).map(|field| (field.arguments.as_slice(), field.shape.type_id()))
}

/// The refusal of a subscription that asks for several things. Fragments count as what is in them.
pub fn many_root_fields(operation: &Operation) -> Error {
    let mut found = Found::default();
    let name = operation.name.as_deref().unwrap_or("");
    let text = format!("Subscription operation '{name}' must have exactly one root field.");
    found.add("SubscriptionMultipleRootFields", &text, &[], operation.at);
    found.0.remove(0)
}
