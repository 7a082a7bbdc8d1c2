//! Walking a compiled path over a value.
//!
//! A path of fields and indexes borrows its way down and allocates nothing. Every other path runs
//! under a budget, because one line of text can ask for any amount of work.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Write;

use json::{Text, Value};

use super::budget::Budget;
use super::filter::Filter;
use super::function::{Function, FunctionCall, Parameter};
use super::{PathError, reference};

/// The steps of a path after its root.
#[derive(Clone, Debug)]
pub(super) struct Query {
    steps: Vec<Step>,
    definite: bool,
    /// Fields and single indexes only.
    plain: bool,
}

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// `.name` or `['name']`
    Field(Text),
    /// `['a','b']`: at the end an object of those that exist, elsewhere each in turn.
    Fields(Vec<Text>),
    /// `[n]`; a negative one counts from the end.
    Index(i32),
    /// `[1,2]`
    Indexes(Vec<i32>),
    /// `[a:b]`
    Slice(Slice),
    /// `.*` or `[*]`
    Wildcard,
    /// `..`: the next step at this value and at each one below it.
    Scan,
    /// `[?(…)]`
    Filter(Box<Filter>),
    /// `.length()` and the like; always the last step.
    Function(FunctionCall),
}

/// `[from:to]`, at least one of them given.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    pub(super) from: Option<i32>,
    pub(super) to: Option<i32>,
}

/// How many matches may be held at once: eight times what fits into a payload of 256 KiB.
const MATCHES_MAX: usize = 1 << 20;

impl Query {
    /// A query of these steps.
    pub(super) fn new(steps: Vec<Step>) -> Query {
        let mut steps = steps;
        // `$..x.sum()` means `sum($..x)`: the function works on all matches at once.
        if let (Some(Step::Scan), Some(Step::Function(call))) = (steps.first(), steps.last()) {
            let function = call.function;
            steps.pop();
            let parameters = vec![Parameter::Path(Query::new(steps))];
            steps = vec![Step::Function(FunctionCall::new(function, parameters))];
        }
        let last = steps.len().saturating_sub(1);
        let definite = steps.iter().enumerate().all(|(place, step)| match step {
            Step::Field(_) | Step::Index(_) | Step::Function(_) => true,
            Step::Fields(_) => place == last,
            Step::Indexes(_) | Step::Slice(_) | Step::Wildcard | Step::Scan | Step::Filter(_) => false,
        });
        let plain = steps.iter().all(|step| matches!(step, Step::Field(_) | Step::Index(_)));
        Query { steps, definite, plain }
    }

    /// A query of a reference path's steps.
    pub(super) fn of_reference(steps: Vec<reference::Step>) -> Query {
        let step = |step| match step {
            reference::Step::Field(name) => Step::Field(name),
            // No array that fits into memory has as many items.
            reference::Step::Index(index) => Step::Index(i32::try_from(index).unwrap_or(i32::MAX)),
        };
        Query::new(steps.into_iter().map(step).collect())
    }

    pub(super) fn is_definite(&self) -> bool {
        self.definite
    }

    pub(super) fn is_reference(&self) -> bool {
        self.steps.iter().all(|step| match step {
            Step::Field(_) => true,
            Step::Index(index) => *index >= 0,
            _ => false,
        })
    }

    /// The same with one more step; a query that ends in a function stays as it is.
    pub(super) fn then(self, step: Step) -> Query {
        let mut steps = self.steps;
        if !matches!(steps.last(), None | Some(Step::Function(_))) {
            steps.push(step);
        }
        Query::new(steps)
    }

    /// What the path selects in `document`.
    pub(super) fn select<'a>(
        &self,
        document: &'a Value,
        budget: &Cell<jsonata::Budget>,
    ) -> Result<Cow<'a, Value>, PathError> {
        let mut budget = Budget::of(budget);
        if self.plain
            && let Some(value) = self.walk(document, &mut budget)?
        {
            return Ok(Cow::Borrowed(value));
        }
        let found = self.evaluate(document, document, false, &mut budget)?;
        budget.keep(&found)?;
        Ok(Cow::Owned(found))
    }

    /// What the path selects from `start`, which is `document` or a value in it. With `required`, a
    /// missing property fails an indefinite path too.
    pub(super) fn evaluate(
        &self,
        start: &Value,
        document: &Value,
        required: bool,
        budget: &mut Budget<'_>,
    ) -> Result<Value, PathError> {
        let mut run = Run { query: self, document, required, budget, matches: Vec::new() };
        run.step(0, start, true)?;
        if !self.definite {
            return Ok(Value::from(run.matches));
        }
        run.matches
            .pop()
            .ok_or_else(|| not_found(format!("No results for path: ${}", self.location(self.steps.len()))))
    }

    fn walk<'a>(&self, document: &'a Value, budget: &mut Budget<'_>) -> Result<Option<&'a Value>, PathError> {
        let mut value = document;
        for step in &self.steps {
            let found = match step {
                Step::Field(name) => {
                    // Finding a member is a scan.
                    let members = value.as_object();
                    budget.spend(1 + members.map_or(0, json::Object::len) / 8)?;
                    members.and_then(|members| members.get(name))
                }
                Step::Index(index) => {
                    budget.spend(1)?;
                    value.as_array().and_then(|items| items.get(effective(*index, items.len())?))
                }
                _ => None,
            };
            let Some(found) = found else { return Ok(None) };
            value = found;
        }
        Ok(Some(value))
    }

    /// The first `count` steps as AWS writes them: `['a'][0]`.
    fn location(&self, count: usize) -> String {
        let mut out = String::new();
        for step in &self.steps[..count] {
            // Writing to a String cannot fail.
            let _ = match step {
                Step::Field(name) => write!(out, "['{name}']"),
                Step::Fields(names) => write!(out, "['{}']", names.join("','")),
                Step::Index(index) => write!(out, "[{index}]"),
                Step::Indexes(indexes) => write!(out, "[{}]", listed(indexes)),
                Step::Slice(slice) => write!(out, "{slice}"),
                Step::Wildcard => write!(out, "[*]"),
                Step::Scan => write!(out, ".."),
                Step::Filter(_) => write!(out, "[?]"),
                Step::Function(call) => write!(out, ".{}()", call.function.name()),
            };
        }
        out
    }
}

/// One evaluation of a query.
struct Run<'a, 'b, 'c> {
    query: &'a Query,
    document: &'a Value,
    required: bool,
    budget: &'b mut Budget<'c>,
    matches: Vec<Value>,
}

impl Run<'_, '_, '_> {
    /// Takes the step at `place` from `value`; `definite` says whether all steps before were.
    fn step(&mut self, place: usize, value: &Value, definite: bool) -> Result<(), PathError> {
        let Some(step) = self.query.steps.get(place) else {
            if self.matches.len() >= MATCHES_MAX {
                return Err(evaluation("The path has too many matches"));
            }
            self.matches.push(value.clone());
            return Ok(());
        };
        self.budget.descend()?;
        match step {
            Step::Field(name) => self.field(place, name, value, definite)?,
            Step::Fields(names) => self.fields(place, names, value, definite)?,
            Step::Index(index) => {
                if self.is_array(place, value, definite)? {
                    self.item(place, *index, value, definite)?;
                }
            }
            Step::Indexes(indexes) => {
                if self.is_array(place, value, definite)? {
                    for index in indexes {
                        self.item(place, *index, value, false)?;
                    }
                }
            }
            Step::Slice(slice) => {
                if self.is_array(place, value, definite)? {
                    for index in slice.indexes(length(value)) {
                        self.item(place, index, value, false)?;
                    }
                }
            }
            Step::Wildcard => self.wildcard(place, value)?,
            Step::Scan => self.scan(place + 1, value)?,
            Step::Filter(filter) => self.filter(place, filter, value, definite)?,
            Step::Function(call) => {
                let result = call.evaluate(value, self.document, self.budget)?;
                self.matches.push(result);
            }
        }
        self.budget.ascend();
        Ok(())
    }

    fn field(&mut self, place: usize, name: &str, value: &Value, definite: bool) -> Result<(), PathError> {
        let Value::Object(members) = value else { return self.no_object(place, value, definite) };
        // Finding a member is a scan.
        self.budget.spend(members.len() / 8)?;
        match members.get(name) {
            Some(member) => self.step(place + 1, member, definite),
            None if place + 1 == self.query.steps.len() && !self.required => Ok(()),
            // AWS, unlike Jayway, lets an indefinite path miss a property: it finds `[]`.
            None if self.required || definite && self.query.definite => {
                let place = self.query.location(place);
                Err(not_found(format!("Missing property in path ${place}['{name}']")))
            }
            None => Ok(()),
        }
    }

    fn fields(
        &mut self,
        place: usize,
        names: &[Text],
        value: &Value,
        definite: bool,
    ) -> Result<(), PathError> {
        let Value::Object(members) = value else { return self.no_object(place, value, definite) };
        self.budget.spend(names.len() * (1 + members.len() / 8))?;
        if place + 1 < self.query.steps.len() {
            return names.iter().try_for_each(|name| self.field(place, name, value, false));
        }
        if self.required && names.iter().any(|name| !members.contains_key(name)) {
            return Err(not_found(format!("Missing property in path ${}", self.query.location(place + 1))));
        }
        let found = names.iter().filter_map(|name| Some((name.clone(), members.get(name)?.clone())));
        let found = Value::Object(found.collect());
        self.step(place + 1, &found, definite)
    }

    fn no_object(&self, place: usize, value: &Value, definite: bool) -> Result<(), PathError> {
        if !definite {
            return Ok(());
        }
        let step = self.query.location(place + 1).split_off(self.query.location(place).len());
        Err(not_found(format!(
            "Expected to find an object with property {step} in path ${} but found '{}'. This is not a json object \
             according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonProvider'.",
            self.query.location(place),
            java_class(value)
        )))
    }

    fn is_array(&self, place: usize, value: &Value, definite: bool) -> Result<bool, PathError> {
        if value.is_array() || !definite {
            return Ok(value.is_array());
        }
        let before = self.query.location(place);
        Err(not_found(if value.is_null() {
            format!("The path ${before} is null")
        } else {
            let rest = self.query.location(self.query.steps.len()).split_off(before.len());
            format!("Filter: {rest} can only be applied to arrays. Current context is: {value}")
        }))
    }

    fn item(&mut self, place: usize, index: i32, value: &Value, definite: bool) -> Result<(), PathError> {
        self.budget.spend(1)?;
        let item = effective(index, length(value)).and_then(|index| value.at(index));
        item.map_or(Ok(()), |item| self.step(place + 1, item, definite))
    }

    fn wildcard(&mut self, place: usize, value: &Value) -> Result<(), PathError> {
        match value {
            Value::Object(members) => {
                members.values().try_for_each(|member| self.step(place + 1, member, false))
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.step(place + 1, item, false)),
            _ => Ok(()),
        }
    }

    fn filter(
        &mut self,
        place: usize,
        filter: &Filter,
        value: &Value,
        definite: bool,
    ) -> Result<(), PathError> {
        match value {
            // An object is tested itself, not its members.
            Value::Object(_) => {
                if filter.accepts(value, self.document, self.budget)? {
                    self.step(place + 1, value, false)?;
                }
                Ok(())
            }
            Value::Array(items) => {
                for item in items {
                    if filter.accepts(item, self.document, self.budget)? {
                        self.step(place + 1, item, false)?;
                    }
                }
                Ok(())
            }
            _ if definite => Err(evaluation(format!(
                "Filter: {} can not be applied to primitives. Current context is: {value}",
                self.query.location(self.query.steps.len()).split_off(self.query.location(place).len())
            ))),
            _ => Ok(()),
        }
    }

    /// Takes the step at `place` at `value` and at everything below, a value before what is in it.
    fn scan(&mut self, place: usize, value: &Value) -> Result<(), PathError> {
        self.budget.descend()?;
        match value {
            Value::Object(members) => {
                if self.scan_meets(place, value)? {
                    self.step(place, value, false)?;
                }
                members.values().try_for_each(|member| self.scan(place, member))?;
            }
            Value::Array(items) => {
                if self.scan_meets(place, value)? {
                    if place + 1 == self.query.steps.len() {
                        self.step(place, value, false)?;
                    } else {
                        // Jayway goes on from each item here, whatever the step at `place` selects.
                        items.iter().try_for_each(|item| self.step(place + 1, item, false))?;
                    }
                }
                items.iter().try_for_each(|item| self.scan(place, item))?;
            }
            _ => {}
        }
        self.budget.ascend();
        Ok(())
    }

    fn scan_meets(&mut self, place: usize, value: &Value) -> Result<bool, PathError> {
        let last = place + 1 == self.query.steps.len();
        Ok(match &self.query.steps[place] {
            Step::Field(name) => value.as_object().is_some_and(|members| members.contains_key(name)),
            Step::Fields(names) => value
                .as_object()
                .is_some_and(|members| !last || names.iter().all(|name| members.contains_key(name))),
            Step::Index(_) | Step::Indexes(_) | Step::Slice(_) => value.is_array(),
            Step::Wildcard => true,
            Step::Filter(filter) => filter.accepts(value, self.document, self.budget)?,
            Step::Scan | Step::Function(_) => false,
        })
    }
}

impl Slice {
    /// The indexes that it selects of an array, as Jayway counts: with both ends given, a negative one
    /// is taken as it stands.
    fn indexes(&self, length: usize) -> std::ops::Range<i32> {
        let length = i32::try_from(length).unwrap_or(i32::MAX);
        let from_end = |index: i32| if index < 0 { (length + index).max(0) } else { index };
        match (self.from, self.to) {
            (Some(from), Some(to)) => from.max(-length)..to.min(length),
            (Some(from), None) => from_end(from)..length,
            (None, Some(to)) => 0..from_end(to).min(length),
            (None, None) => 0..0,
        }
    }
}

impl std::fmt::Display for Slice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |index: Option<i32>| index.map_or(String::new(), |index| index.to_string());
        write!(f, "[{}:{}]", part(self.from), part(self.to))
    }
}

pub(super) fn not_found(detail: impl Into<String>) -> PathError {
    PathError::NotFound { detail: detail.into() }
}

pub(super) fn evaluation(detail: impl Into<String>) -> PathError {
    PathError::Evaluation { detail: detail.into() }
}

/// A negative index counts from the end.
fn effective(index: i32, length: usize) -> Option<usize> {
    if index >= 0 { Some(index as usize) } else { length.checked_sub(index.unsigned_abs() as usize) }
}

fn length(value: &Value) -> usize {
    value.as_array().map_or(0, json::Array::len)
}

fn listed(indexes: &[i32]) -> String {
    indexes.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
}

/// The Java class of a parsed value, as AWS's sentences name it.
fn java_class(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Int(integer) if i32::try_from(*integer).is_ok() => "java.lang.Integer",
        Value::Int(_) => "java.lang.Long",
        Value::Float(_) => "java.lang.Double",
        Value::Big(_) => "java.math.BigInteger",
        Value::String(_) => "java.lang.String",
        Value::Array(_) => "java.util.ArrayList",
        Value::Object(_) => "java.util.LinkedHashMap",
    }
}

impl FunctionCall {
    /// A call; `length(path)` counts what is in the values that the path selects.
    pub(super) fn new(function: Function, parameters: Vec<Parameter>) -> FunctionCall {
        let parameters = match function {
            Function::Length => parameters
                .into_iter()
                .map(|parameter| match parameter {
                    Parameter::Path(query) => Parameter::Path(query.then(Step::Wildcard)),
                    json => json,
                })
                .collect(),
            _ => parameters,
        };
        FunctionCall { function, parameters }
    }
}
