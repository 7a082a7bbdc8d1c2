//! A definition as a tree of flows: the states of each and the transitions between them, read without judging.
//!
//! Fields that are not known are left alone; what a picture lacks is a [`Problem`]. Never here: where anything lies.

use json::{Object, Text, Value};

use crate::condition;
use crate::detail;
use crate::layout::EdgeKind;

/// States of a definition, at all depths. A definition of 1 MiB with states of 200 bytes has as many; a picture of
/// more would help nobody.
pub const STATES_MAX: usize = 5_000;
/// Transitions of a definition: four for each state.
pub const TRANSITIONS_MAX: usize = 20_000;
/// How deep Parallel and Map states may nest. Reading and placing them recurse.
pub const CONTAINERS_DEEP_MAX: usize = 64;

/// What is missing or cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as diagnostics say it: `/States/A/Next`.
    pub location: String,
    /// What is wrong.
    pub message: String,
}

/// The definition has more than a picture can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    what: String,
}

impl TooLarge {
    fn new(what: &str, max: usize) -> TooLarge {
        TooLarge {
            what: format!("the definition has more than {max} {what}: a graph shows no more than that"),
        }
    }
}

impl std::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for TooLarge {}

/// A state's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum StateType {
    Task,
    Pass,
    Choice,
    Wait,
    Parallel,
    Map,
    Succeed,
    Fail,
    /// None of the States Language, or none at all.
    Unknown,
}

impl StateType {
    /// Its name in the States Language; `Unknown` for none.
    pub fn name(self) -> &'static str {
        match self {
            StateType::Task => "Task",
            StateType::Pass => "Pass",
            StateType::Choice => "Choice",
            StateType::Wait => "Wait",
            StateType::Parallel => "Parallel",
            StateType::Map => "Map",
            StateType::Succeed => "Succeed",
            StateType::Fail => "Fail",
            StateType::Unknown => "Unknown",
        }
    }

    fn of(name: &str) -> StateType {
        use StateType::*;
        let known = [Task, Pass, Choice, Wait, Parallel, Map, Succeed, Fail];
        known.into_iter().find(|known| known.name() == name).unwrap_or(Unknown)
    }
}

/// The top level, a branch, or what a Map does with each item.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// Its location; empty at the top.
    pub id: String,
    /// The name in `StartAt`.
    pub start: Option<Text>,
    /// In the order of the text.
    pub states: Vec<State>,
}

/// A state.
#[derive(Debug)]
pub(crate) struct State {
    pub id: String,
    pub name: Text,
    pub state_type: StateType,
    /// What it does, in a few words; may be empty.
    pub detail: String,
    /// Whether it has retriers.
    pub retries: bool,
    pub inside: Vec<Flow>,
    pub transitions: Vec<Transition>,
}

/// Where a state leads.
#[derive(Debug)]
pub(crate) struct Transition {
    pub id: String,
    pub kind: EdgeKind,
    /// On which condition or error.
    pub label: Option<String>,
    /// The state; `None` is the end of the flow.
    pub target: Option<Text>,
}

/// Reads a definition.
pub(crate) fn read(definition: &Value) -> Result<(Flow, Vec<Problem>), TooLarge> {
    let mut reader = Reader::default();
    let flow = reader.flow(definition, String::new(), 0)?;
    Ok((flow, reader.problems))
}

#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
    states: usize,
    transitions: usize,
}

impl Reader {
    fn flow(&mut self, value: &Value, id: String, depth: usize) -> Result<Flow, TooLarge> {
        if depth > CONTAINERS_DEEP_MAX {
            return Err(TooLarge::new("levels of Parallel and Map states", CONTAINERS_DEEP_MAX));
        }
        let Some(states) = value.get("States").and_then(Value::as_object) else {
            self.missing(if id.is_empty() { "/" } else { &id }, "there is no object States");
            return Ok(Flow { id, ..Flow::default() });
        };
        self.states += states.len();
        if self.states > STATES_MAX {
            return Err(TooLarge::new("states", STATES_MAX));
        }
        let start = value.get("StartAt").and_then(Value::as_str).map(Text::new);
        match &start {
            None => self.missing(if id.is_empty() { "/" } else { &id }, "there is no StartAt"),
            Some(name) => self.check_target(states, name, &format!("{id}/StartAt")),
        }
        let mut flow = Flow { start, states: Vec::with_capacity(states.len()), id };
        for (name, state) in states.iter() {
            let id = format!("{}/States/{name}", flow.id);
            flow.states.push(self.state(name, state, id, states, depth)?);
        }
        Ok(flow)
    }

    fn state(
        &mut self,
        name: &Text,
        value: &Value,
        id: String,
        states: &Object,
        depth: usize,
    ) -> Result<State, TooLarge> {
        let type_name = value.get("Type").and_then(Value::as_str);
        let state_type = type_name.map_or(StateType::Unknown, StateType::of);
        if state_type == StateType::Unknown {
            let message = match type_name {
                Some(name) => format!("there is no state type {name}"),
                None => "there is no Type".to_owned(),
            };
            self.missing(&id, &message);
        }
        let transitions = self.transitions(value, state_type, &id);
        self.transitions += transitions.len();
        if self.transitions > TRANSITIONS_MAX {
            return Err(TooLarge::new("transitions", TRANSITIONS_MAX));
        }
        for transition in &transitions {
            if let Some(target) = &transition.target {
                self.check_target(states, target, &transition.id);
            }
        }
        Ok(State {
            name: name.clone(),
            state_type,
            detail: detail::of(state_type, value),
            retries: value.get("Retry").and_then(Value::as_array).is_some_and(|retry| !retry.is_empty()),
            inside: self.inside(value, state_type, &id, depth)?,
            transitions,
            id,
        })
    }

    fn inside(
        &mut self,
        value: &Value,
        state_type: StateType,
        id: &str,
        depth: usize,
    ) -> Result<Vec<Flow>, TooLarge> {
        match state_type {
            StateType::Parallel => {
                let branches = value.get("Branches").and_then(Value::as_array);
                let Some(branches) = branches.filter(|branches| !branches.is_empty()) else {
                    self.missing(id, "there are no Branches");
                    return Ok(Vec::new());
                };
                let branches = branches.iter().enumerate();
                branches
                    .map(|(place, branch)| self.flow(branch, format!("{id}/Branches[{place}]"), depth + 1))
                    .collect()
            }
            StateType::Map => {
                let fields = ["ItemProcessor", "Iterator"];
                match fields.into_iter().find_map(|field| Some((field, value.get(field)?))) {
                    Some((field, inside)) => {
                        Ok(vec![self.flow(inside, format!("{id}/{field}"), depth + 1)?])
                    }
                    None => {
                        self.missing(id, "there is no ItemProcessor");
                        Ok(Vec::new())
                    }
                }
            }
            StateType::Task
            | StateType::Pass
            | StateType::Choice
            | StateType::Wait
            | StateType::Succeed
            | StateType::Fail
            | StateType::Unknown => Ok(Vec::new()),
        }
    }

    fn transitions(&mut self, value: &Value, state_type: StateType, id: &str) -> Vec<Transition> {
        let mut found = Vec::new();
        let text = |value: &Value, field| value.get(field).and_then(Value::as_str).map(Text::new);
        let mut add = |field: String, kind, label, target| {
            found.push(Transition { id: format!("{id}/{field}"), kind, label, target });
        };
        if state_type == StateType::Choice {
            for (place, rule) in items(value, "Choices") {
                match text(rule, "Next") {
                    Some(target) => {
                        let field = format!("Choices[{place}]/Next");
                        add(field, EdgeKind::Choice, Some(condition::of(rule)), Some(target));
                    }
                    None => self.missing(&format!("{id}/Choices[{place}]"), "there is no Next"),
                }
            }
            if let Some(target) = text(value, "Default") {
                add("Default".to_owned(), EdgeKind::Default, Some("otherwise".to_owned()), Some(target));
            }
        } else if matches!(state_type, StateType::Succeed | StateType::Fail) {
            add("End".to_owned(), EdgeKind::End, None, None);
        } else {
            let ends = value.get("End").and_then(Value::as_bool) == Some(true);
            match text(value, "Next") {
                Some(target) => add("Next".to_owned(), EdgeKind::Next, None, Some(target)),
                None if !ends => self.missing(id, "there is neither Next nor End"),
                None => {}
            }
            if ends {
                add("End".to_owned(), EdgeKind::End, None, None);
            }
        }
        for (place, catcher) in items(value, "Catch") {
            match text(catcher, "Next") {
                Some(target) => {
                    let field = format!("Catch[{place}]/Next");
                    add(field, EdgeKind::Catch, Some(condition::errors(catcher)), Some(target));
                }
                None => self.missing(&format!("{id}/Catch[{place}]"), "there is no Next"),
            }
        }
        found
    }

    fn check_target(&mut self, states: &Object, name: &str, location: &str) {
        if !states.contains_key(name) {
            self.missing(location, &format!("there is no state {name} here"));
        }
    }

    fn missing(&mut self, location: &str, message: &str) {
        self.problems.push(Problem { location: location.to_owned(), message: message.to_owned() });
    }
}

fn items<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = (usize, &'v Value)> {
    value.get(field).and_then(Value::as_array).into_iter().flatten().enumerate()
}
