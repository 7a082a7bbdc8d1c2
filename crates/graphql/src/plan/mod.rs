//! A request that fits a schema, ready to be executed as often as wanted: nothing is parsed or looked up again.
//!
//! Selections are merged for each object type when one first occurs, and kept. Never here: results.

mod flatten;
mod info;

use std::sync::Arc;

use json::{Object, Text, Value};

pub(crate) use flatten::{PlanField, Set, Source};
pub use info::Info;

use crate::error::Refusal;
use crate::program::{Program, Slots};
use crate::schema::{Schema, TypeId};
use crate::syntax::ast::{Directive, Document, Literal, Operation, OperationKind, Selection};
use crate::syntax::parse_document;
use crate::validate::{self, Fragments};
use crate::variables::{self, Variable};

/// A request's text, understood.
#[derive(Debug)]
pub struct Plan {
    schema: Arc<Schema>,
    operation: Operation,
    fragments: Fragments,
    variables: Vec<Variable>,
    slots: Slots,
    /// Whether variables decide what is selected, so that selections cannot be kept.
    depends_on_variables: bool,
    root: Arc<Set>,
}

impl Plan {
    /// Reads and checks a request. The plan may be kept by text and operation's name, as long as the schema stays.
    ///
    /// # Errors
    /// Why the request is not executed.
    pub fn new(schema: &Arc<Schema>, text: &str, operation_name: Option<&str>) -> Result<Plan, Refusal> {
        let mut document = parse_document(text).map_err(Refusal::Syntax)?;
        let chosen = choose(&document, operation_name)?;
        let fragments: Fragments =
            document.fragments.iter().map(|one| (one.name.clone(), one.clone())).collect();
        let errors = validate::document(schema, &document, &fragments, &document.operations[chosen]);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        let depends_on_variables = depends_on_variables(&document);
        let operation = document.operations.swap_remove(chosen);
        let Some(root) = schema.root_id(operation.kind) else {
            unreachable!("validate refuses operations that the schema does not have")
        };
        let variables = declared(schema, &operation);
        let slots = variables.iter().enumerate().map(|(slot, one)| (one.name.clone(), slot)).collect();
        let mut plan = Plan {
            schema: schema.clone(),
            operation,
            fragments,
            variables,
            slots,
            depends_on_variables,
            root: Arc::new(Set::empty(root)),
        };
        if !depends_on_variables {
            plan.root = Arc::new(plan.root_set(root, &[]));
            if plan.kind() == OperationKind::Subscription && plan.root.fields.len() != 1 {
                return Err(Refusal::Invalid(vec![validate::many_root_fields(&plan.operation)]));
            }
        }
        Ok(plan)
    }

    /// What the operation does.
    pub fn kind(&self) -> OperationKind {
        self.operation.kind
    }

    /// The operation's name, if it has one.
    pub fn operation_name(&self) -> Option<&Text> {
        self.operation.name.as_ref()
    }

    /// The schema it is for.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The root fields by their names in the schema, with their arguments under these variables: what a
    /// subscription is registered for.
    ///
    /// # Errors
    /// Variables that do not fit.
    pub fn root_fields(&self, variables: &Object) -> Result<Vec<(Text, Object)>, Refusal> {
        let values = self.variable_values(variables)?;
        let root = self.root(&values);
        let field = |field: &PlanField| (field.name.clone(), field.arguments(&values));
        Ok(root.fields.iter().map(field).collect())
    }

    pub(crate) fn variable_values(&self, given: &Object) -> Result<Vec<Option<Value>>, Refusal> {
        variables::coerce(&self.schema, &self.variables, given).map_err(|error| Refusal::Invalid(vec![error]))
    }

    /// The variables by name, as resolvers see them.
    pub(crate) fn variables_by_name(&self, values: &[Option<Value>]) -> Object {
        let named = self.variables.iter().zip(values);
        named.filter_map(|(one, value)| Some((one.name.clone(), value.clone()?))).collect()
    }

    pub(crate) fn root(&self, values: &[Option<Value>]) -> Arc<Set> {
        if self.depends_on_variables {
            return Arc::new(self.root_set(self.root.type_id, values));
        }
        self.root.clone()
    }

    fn root_set(&self, root: TypeId, values: &[Option<Value>]) -> Set {
        flatten::set(self, root, [self.operation.selections.as_slice()].into_iter(), values)
    }

    /// Whether `@skip` and `@include` let something be selected.
    fn is_selected(&self, directives: &[Directive], values: &[Option<Value>]) -> bool {
        directives.iter().all(|directive| {
            let wanted = match directive.name.as_str() {
                "include" => true,
                "skip" => false,
                _ => return true,
            };
            let condition = match directive.argument("if") {
                Some(Literal::Boolean(value)) => Some(*value),
                Some(Literal::Variable(name)) => {
                    let value = self.slots.get(name).and_then(|slot| values.get(*slot)?.as_ref());
                    value.and_then(Value::as_bool)
                }
                _ => None,
            };
            condition.is_none_or(|condition| condition == wanted)
        })
    }
}

fn choose(document: &Document, name: Option<&str>) -> Result<usize, Refusal> {
    // Clients send an empty name for none.
    let name = name.filter(|name| !name.is_empty());
    let operations = &document.operations;
    let Some(name) = name else {
        return match operations.len() {
            1 => Ok(0),
            0 => Err(Refusal::Operation("Unable to parse GraphQL query.".to_owned())),
            _ => Err(Refusal::Operation("Missing operation name.".to_owned())),
        };
    };
    let place = operations.iter().position(|operation| operation.name.as_deref() == Some(name));
    place.ok_or_else(|| Refusal::Operation(format!("Unknown operation named '{name}'.")))
}

fn declared(schema: &Schema, operation: &Operation) -> Vec<Variable> {
    let variable = |definition: &crate::syntax::ast::VariableDefinition| {
        let id = schema.id(definition.type_.name())?;
        let shape = validate::shape(id, &definition.type_);
        let default = definition.default.as_ref();
        let default = default.and_then(|literal| Program::of_literal(schema, &shape, literal));
        Some(Variable { name: definition.name.clone(), shape, default })
    };
    operation.variables.iter().filter_map(variable).collect()
}

fn depends_on_variables(document: &Document) -> bool {
    let mut left: Vec<&[Selection]> =
        document.operations.iter().map(|operation| operation.selections.as_slice()).collect();
    left.extend(document.fragments.iter().map(|fragment| fragment.selections.as_slice()));
    let decides = |directives: &[Directive]| {
        directives.iter().any(|directive| matches!(directive.argument("if"), Some(Literal::Variable(_))))
    };
    while let Some(selections) = left.pop() {
        for selection in selections {
            let (directives, inner): (&[Directive], &[Selection]) = match selection {
                Selection::Field(field) => (&field.directives, &field.selections),
                Selection::Inline(inline) => (&inline.directives, &inline.selections),
                Selection::Spread(spread) => (&spread.directives, &[]),
            };
            if decides(directives) {
                return true;
            }
            left.push(inner);
        }
    }
    false
}
