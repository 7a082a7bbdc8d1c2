//! Paths, payload templates, and how data comes into a state and goes out.

use json::{Array, Object, Text, Value};

use super::jsonata::{After, Seen};
use super::machine::{Machine, object, text};
use super::thread::Scope;
use super::{Failure, Start, intrinsic, time};

/// AWS's limit of a state's data, in bytes of JSON text.
const DATA_BYTES_MAX: usize = 262_144;

/// Why something cannot be worked out.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// States.Runtime: ends the execution.
    Fatal(Failure),
    /// Retry and Catch are asked.
    Failed(Failure),
    /// The same of a JSONata state that could not be evaluated, which an event tells: in this field, unless
    /// it was the state's input that did not fit.
    Evaluation { failure: Failure, field: Option<String> },
}

/// What the expressions of one state see beside `$`.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub machine: &'a Machine,
    pub start: &'a Start<'a>,
    pub scope: &'a Scope<'a>,
    pub state: &'a Object,
    pub is_jsonata: bool,
    pub name: &'a str,
    pub entered_event: u64,
    pub entered_at: i64,
    pub retries: u64,
    /// The item that is being selected; otherwise that of the iteration around counts.
    pub item: Option<&'a Value>,
}

/// Takes about the length of its text off what is left; whether there was enough.
fn is_surely_small(value: &Value, left: &mut usize) -> bool {
    let length = match value {
        Value::String(text) => text.len() + 3,
        _ => 24,
    };
    let Some(rest) = left.checked_sub(length) else { return false };
    *left = rest;
    match value {
        Value::Array(items) => items.iter().all(|item| is_surely_small(item, left)),
        Value::Object(members) => members.iter().all(|(name, member)| {
            *left = left.saturating_sub(name.len() + 4);
            is_surely_small(member, left)
        }),
        _ => true,
    }
}

/// Texts that stand for what nobody can foretell.
pub const ANY_TOKEN: &str = "\u{1}token";
pub const ANY_UUID: &str = "\u{1}uuid";
pub const ANY_NUMBER: &str = "\u{1}number";

impl View<'_> {
    /// Trouble with this name in this state.
    pub fn trouble(&self, error: &str) -> Trouble {
        let failure = Failure { error: Some(error.to_owned()), cause: Some(self.cause("…")) };
        if error == "States.Runtime" { Trouble::Fatal(failure) } else { Trouble::Failed(failure) }
    }

    /// A cause with what AWS puts before it.
    pub fn cause(&self, rest: &str) -> String {
        format!(
            "An error occurred while executing the state '{}' (entered at the event id #{}).{rest}",
            self.name, self.entered_event
        )
    }

    pub fn runtime(&self) -> Trouble {
        self.trouble("States.Runtime")
    }

    /// The failure of data that is too large, if it is.
    pub fn too_large(&self, value: &Value) -> Option<Failure> {
        // Escapes at most double a text, so that most values need not be printed.
        let mut left = DATA_BYTES_MAX / 2;
        if is_surely_small(value, &mut left) || value.to_text().len() <= DATA_BYTES_MAX {
            return None;
        }
        let cause = format!("The state/task '{}' returned a result with a size exceeding…", self.name);
        Some(Failure { error: Some("States.DataLimitExceeded".into()), cause: Some(cause) })
    }

    /// What states make of their data must not be too large; neither Retry nor Catch is asked.
    pub fn within_limit(&self, value: Value) -> Result<Value, Trouble> {
        match self.too_large(&value) {
            Some(failure) => Err(Trouble::Fatal(failure)),
            None => Ok(value),
        }
    }

    /// The Context Object.
    pub fn context(&self) -> Value {
        let mut context = json::value!({
            "Execution": {
                "Id": self.start.arn, "Input": self.start.input, "StartTime": time::text(self.start.started_at),
                "Name": self.start.name, "RoleArn": self.start.role_arn, "RedriveCount": 0,
            },
            "StateMachine": { "Id": self.start.machine_arn, "Name": self.start.machine_name },
        });
        let mut state = json::value!({ "Name": self.name, "EnteredTime": time::text(self.entered_at) });
        let state_type = text(self.state, "Type").unwrap_or_default();
        if let (Some(state), "Task" | "Parallel" | "Map") = (state.as_object_mut(), state_type) {
            state.insert("RetryCount", self.retries);
        }
        let members = context.as_object_mut().expect("it was made as one");
        members.insert("State", state);
        let resource = text(self.state, "Resource").unwrap_or_default();
        if super::task::waits_after_its_call(resource) || resource.contains(":activity:") {
            members.insert("Task", json::value!({ "Token": ANY_TOKEN }));
        }
        if let Some(item) = self.item.or_else(|| self.scope.item()) {
            members.insert("Map", json::value!({ "Item": item }));
        }
        context
    }
}

/// What a path gives; `None`: nothing.
pub fn path(path: &str, input: &Value, view: &View<'_>) -> Option<Value> {
    let rest = path.strip_prefix('$').unwrap_or_else(|| panic!("'{path}' is no path"));
    if let Some(rest) = rest.strip_prefix('$') {
        return walk(&view.context(), rest);
    }
    let name_length = rest.find(['.', '[']).unwrap_or(rest.len());
    match &rest[..name_length] {
        "" => walk(input, rest),
        name => walk(view.scope.variable(name)?, &rest[name_length..]),
    }
}

/// One step of a path.
enum PathStep {
    Field(String),
    Index(usize),
    All,
    Slice(Option<usize>, Option<usize>),
}

fn walk(root: &Value, rest: &str) -> Option<Value> {
    let mut found = vec![root.clone()];
    let mut is_one = true;
    for step in steps(rest) {
        let mut next = Vec::new();
        for value in &found {
            match &step {
                PathStep::Field(name) => next.extend(value.get(name).cloned()),
                PathStep::Index(index) => next.extend(value.at(*index).cloned()),
                PathStep::All => match value {
                    Value::Array(items) => next.extend(items.iter().cloned()),
                    Value::Object(members) => next.extend(members.values().cloned()),
                    _ => {}
                },
                PathStep::Slice(from, to) => {
                    let items = value.as_array().map_or(&[][..], |items| items.as_slice());
                    let to = to.unwrap_or(items.len()).min(items.len());
                    next.extend(items.get(from.unwrap_or(0)..to).into_iter().flatten().cloned());
                }
            }
        }
        is_one &= matches!(step, PathStep::Field(_) | PathStep::Index(_));
        if is_one && next.is_empty() {
            return None;
        }
        found = next;
    }
    if is_one { found.pop() } else { Some(Value::Array(Array::from(found))) }
}

fn steps(mut rest: &str) -> Vec<PathStep> {
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let end;
        if let Some(name) = rest.strip_prefix('.') {
            end = 1 + name.find(['.', '[']).unwrap_or(name.len());
            steps.push(match &rest[1..end] {
                "*" => PathStep::All,
                name => PathStep::Field(name.to_owned()),
            });
        } else {
            end = rest.find(']').unwrap_or_else(|| panic!("a bracket is not closed in '{rest}'")) + 1;
            let inside = &rest[1..end - 1];
            let number = |text: &str| text.parse::<usize>().ok();
            steps.push(match inside.split_once(':') {
                Some((from, to)) => PathStep::Slice(number(from), number(to)),
                None if inside == "*" => PathStep::All,
                None => match number(inside) {
                    Some(index) => PathStep::Index(index),
                    None => PathStep::Field(inside.trim_matches('\'').to_owned()),
                },
            });
        }
        rest = &rest[end..];
    }
    steps
}

/// A path, or a call of a function.
pub fn expression(source: &str, input: &Value, view: &View<'_>) -> Result<Value, Trouble> {
    if source.starts_with('$') {
        return path(source, input, view).ok_or_else(|| view.runtime());
    }
    intrinsic::call(source, input, view)
}

/// A payload template's value.
pub fn template(template: &Value, input: &Value, view: &View<'_>) -> Result<Value, Trouble> {
    match template {
        Value::Object(members) => {
            let mut made = Object::with_capacity(members.len());
            for (name, member) in members {
                match name.strip_suffix(".$") {
                    Some(name) => {
                        let source = member.as_str().expect("an accepted template has a text here");
                        made.insert(name, expression(source, input, view)?);
                    }
                    None => {
                        made.insert(name.clone(), self::template(member, input, view)?);
                    }
                }
            }
            Ok(Value::Object(made))
        }
        Value::Array(items) => {
            let items: Result<Vec<Value>, Trouble> =
                items.iter().map(|item| self::template(item, input, view)).collect();
            Ok(Value::from(items?))
        }
        literal => Ok(literal.clone()),
    }
}

/// InputPath or OutputPath.
pub fn select(field: &str, value: &Value, view: &View<'_>) -> Result<Value, Trouble> {
    match view.state.get(field) {
        None => Ok(value.clone()),
        Some(Value::Null) => Ok(Value::Object(Object::new())),
        Some(selection) => {
            let source = selection.as_str().expect("an accepted selection is a text");
            path(source, value, view).ok_or_else(|| view.runtime())
        }
    }
}

/// The effective input: InputPath, then Parameters where they are meant for the input; in JSONata
/// Arguments, or else the raw input.
pub fn effective_input(raw: &Value, view: &View<'_>) -> Result<Value, Trouble> {
    if view.is_jsonata {
        let Some(arguments) = view.state.get("Arguments") else { return Ok(raw.clone()) };
        return view.within_limit(Seen::before(raw, view).value(arguments, "Arguments")?);
    }
    let selected = select("InputPath", raw, view)?;
    let is_map = text(view.state, "Type") == Some("Map");
    match view.state.get("Parameters").filter(|_| !is_map) {
        Some(parameters) => view.within_limit(template(parameters, &selected, view)?),
        None => Ok(selected),
    }
}

/// Values to assign, in the order of the definition.
pub type Assigned = Vec<(Text, Value)>;

/// Whose Assign counts when a state is left, and whose Output in JSONata: the state itself, a Choice
/// rule or a Catcher. `at`: where that stands in the state, such as `Choices[0]/`.
#[derive(Clone)]
pub struct Holder<'a> {
    pub fields: &'a Object,
    pub at: String,
}

/// What a state makes of the result of its work: its output, and what it assigns.
pub fn left(
    holder: &Holder<'_>,
    raw: &Value,
    result: &Value,
    view: &View<'_>,
) -> Result<(Value, Assigned), Trouble> {
    if view.is_jsonata {
        let seen = Seen::after(raw, result, view);
        let output = seen.output(holder.fields, &holder.at, result)?;
        return Ok((output, seen.assigned(holder.fields, &holder.at)?));
    }
    Ok((output(raw, result, view)?, assigned(holder.fields, result, view)?))
}

/// ResultSelector, ResultPath, OutputPath.
fn output(raw: &Value, result: &Value, view: &View<'_>) -> Result<Value, Trouble> {
    let selected = match view.state.get("ResultSelector") {
        Some(selector) => template(selector, result, view)?,
        None => result.clone(),
    };
    let merged = merge(view.state, raw, selected, view)?;
    view.within_limit(select("OutputPath", &merged, view)?)
}

/// The same of a state that a catcher takes, from the Error Output.
pub fn caught(
    catcher: &Holder<'_>,
    raw: &Value,
    error_output: Value,
    view: &View<'_>,
) -> Result<(Value, Assigned), Trouble> {
    if view.is_jsonata {
        let seen = Seen::new(raw, After::Fault(&error_output), view);
        let assigned = seen.assigned(catcher.fields, &catcher.at)?;
        return Ok((seen.output(catcher.fields, &catcher.at, &error_output)?, assigned));
    }
    let assigned = assigned(catcher.fields, &error_output, view)?;
    Ok((view.within_limit(merge(catcher.fields, raw, error_output, view)?)?, assigned))
}

/// What an ItemSelector makes.
pub fn selected_item(selector: &Value, input: &Value, view: &View<'_>) -> Result<Value, Trouble> {
    view.within_limit(match view.is_jsonata {
        true => Seen::before(input, view).value(selector, "ItemSelector")?,
        false => template(selector, input, view)?,
    })
}

/// ResultPath, of a state or a catcher.
fn merge(holder: &Object, raw: &Value, result: Value, view: &View<'_>) -> Result<Value, Trouble> {
    match holder.get("ResultPath") {
        None => Ok(result),
        Some(Value::Null) => Ok(raw.clone()),
        Some(place) => {
            let place = place.as_str().expect("an accepted ResultPath is a text");
            let steps = steps(&place[1..]);
            put(&steps, Some(raw), result).ok_or_else(|| view.trouble("States.ResultPathMatchFailure"))
        }
    }
}

fn put(steps: &[PathStep], into: Option<&Value>, value: Value) -> Option<Value> {
    match (steps, into) {
        ([], _) => Some(value),
        ([PathStep::Field(name), rest @ ..], None | Some(Value::Object(_))) => {
            let mut members = into.and_then(Value::as_object).cloned().unwrap_or_default();
            let inner = put(rest, members.get(name), value)?;
            members.insert(name.as_str(), inner);
            Some(Value::Object(members))
        }
        ([PathStep::Index(index), rest @ ..], Some(Value::Array(items))) => {
            let mut items: Vec<Value> = items.iter().cloned().collect();
            let place = items.get_mut(*index)?;
            *place = put(rest, Some(&place.clone()), value)?;
            Some(Value::from(items))
        }
        _ => None,
    }
}

/// The values of an Assign.
fn assigned(holder: &Object, input: &Value, view: &View<'_>) -> Result<Assigned, Trouble> {
    let Some(assign) = holder.get("Assign") else { return Ok(Vec::new()) };
    let made = view.within_limit(template(assign, input, view)?)?;
    Ok(object(&made).iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Whether `actual` is the expected value, with anything where nobody can foretell.
pub fn fits(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::String(text), _) if text.starts_with('\u{1}') => match text.as_str() {
            ANY_TOKEN => actual.as_str().is_some_and(|token| !token.is_empty()),
            ANY_UUID => actual.as_str().is_some_and(|uuid| uuid.len() == 36),
            _ => actual.is_number(),
        },
        (Value::Array(one), Value::Array(two)) => {
            one.same(two) || one.len() == two.len() && one.iter().zip(two).all(|(one, two)| fits(one, two))
        }
        (Value::Object(one), Value::Object(two)) => {
            let has = |(name, one): (&Text, &Value)| two.get(name).is_some_and(|two| fits(one, two));
            one.same(two) || one.len() == two.len() && one.iter().all(has)
        }
        (one, two) => one == two,
    }
}
