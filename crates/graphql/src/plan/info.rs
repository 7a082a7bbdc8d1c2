//! What resolvers are told of the request: `ctx.info`.
//!
//! Computed for those that ask. Never here: values.

use std::collections::BTreeSet;
use std::fmt::Write;

use json::{Object, Text, Value};

use super::{Plan, PlanField};
use crate::schema::TypeId;
use crate::syntax::ast::{Field, Selection};
use crate::syntax::print;

/// Longer lists and texts end early: AppSync gives a template 5 MB for all it sees.
const BYTES_MAX: usize = 4 << 20;

/// `ctx.info`
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    /// `fieldName`
    pub field_name: Text,
    /// `parentTypeName`
    pub parent_type_name: Text,
    /// `variables`
    pub variables: Object,
    /// `selectionSetList`: names as in the response, fragments in place, paths joined by `/`.
    pub selection_set_list: Vec<Text>,
    /// `selectionSetGraphQL`
    pub selection_set_graphql: String,
}

impl Info {
    pub(crate) fn new(plan: &Plan, parent: TypeId, field: &PlanField, values: &[Option<Value>]) -> Info {
        let mut list = List { plan, values, seen: BTreeSet::new(), names: Vec::new(), bytes_left: BYTES_MAX };
        let mut text = Printed { plan, out: String::new() };
        let asked = || field.asked.iter().map(|field| field.selections.as_slice());
        asked().for_each(|selections| list.selections(selections, ""));
        if asked().any(|selections| !selections.is_empty()) {
            text.out.push_str("{\n");
            asked().for_each(|selections| text.selections(selections, 1));
            text.out.push('}');
        }
        Info {
            field_name: field.name.clone(),
            parent_type_name: plan.schema.type_(parent).name.clone(),
            variables: plan.variables_by_name(values),
            selection_set_list: list.names,
            selection_set_graphql: text.out,
        }
    }

    /// As resolvers see it.
    pub fn to_json(&self) -> Value {
        json::value!({
            "fieldName": (self.field_name.clone()),
            "parentTypeName": (self.parent_type_name.clone()),
            "variables": (self.variables.clone()),
            "selectionSetList": (self.selection_set_list.clone()),
            "selectionSetGraphQL": (self.selection_set_graphql.clone()),
        })
    }
}

struct List<'p> {
    plan: &'p Plan,
    values: &'p [Option<Value>],
    seen: BTreeSet<Text>,
    names: Vec<Text>,
    bytes_left: usize,
}

impl List<'_> {
    fn selections(&mut self, selections: &[Selection], prefix: &str) {
        for selection in selections {
            match selection {
                Selection::Field(field) if self.plan.is_selected(&field.directives, self.values) => {
                    self.field(field, prefix);
                }
                Selection::Inline(inline) if self.plan.is_selected(&inline.directives, self.values) => {
                    self.selections(&inline.selections, prefix);
                }
                Selection::Spread(spread) if self.plan.is_selected(&spread.directives, self.values) => {
                    if let Some(fragment) = self.plan.fragments.get(&spread.name) {
                        self.selections(&fragment.selections, prefix);
                    }
                }
                Selection::Field(_) | Selection::Inline(_) | Selection::Spread(_) => {}
            }
        }
    }

    fn field(&mut self, field: &Field, prefix: &str) {
        // Before anything is copied, so that long names cost no more than the bound.
        let Some(left) = self.bytes_left.checked_sub(prefix.len() + 1 + field.key().len()) else { return };
        self.bytes_left = left;
        let path =
            if prefix.is_empty() { field.key().to_string() } else { format!("{prefix}/{}", field.key()) };
        if self.seen.insert(Text::from(path.as_str())) {
            self.names.push(Text::from(path.as_str()));
        }
        self.selections(&field.selections, &path);
    }
}

struct Printed<'p> {
    plan: &'p Plan,
    out: String,
}

impl Printed<'_> {
    fn selections(&mut self, selections: &[Selection], depth: usize) {
        for selection in selections {
            if self.out.len() > BYTES_MAX {
                return;
            }
            let indent = "  ".repeat(depth);
            self.out.push_str(&indent);
            let inner = match selection {
                Selection::Field(field) => {
                    if let Some(alias) = &field.alias {
                        let _ = write!(self.out, "{alias}: ");
                    }
                    self.out.push_str(&field.name);
                    print::arguments(&field.arguments, &mut self.out);
                    print::directives(&field.directives, &mut self.out);
                    field.selections.as_slice()
                }
                Selection::Inline(inline) => {
                    self.out.push_str("...");
                    if let Some(on) = &inline.on {
                        let _ = write!(self.out, " on {on}");
                    }
                    print::directives(&inline.directives, &mut self.out);
                    inline.selections.as_slice()
                }
                Selection::Spread(spread) => {
                    let Some(fragment) = self.plan.fragments.get(&spread.name) else { continue };
                    let _ = write!(self.out, "... on {}", fragment.on);
                    print::directives(&spread.directives, &mut self.out);
                    fragment.selections.as_slice()
                }
            };
            if !inner.is_empty() {
                self.out.push_str(" {\n");
                self.selections(inner, depth + 1);
                self.out.push_str(&indent);
                self.out.push('}');
            }
            self.out.push('\n');
        }
    }
}
