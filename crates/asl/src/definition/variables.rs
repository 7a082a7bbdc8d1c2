//! Variables: their names, their scopes, and who reads them. (spec/asl.md §6)

use std::collections::{BTreeMap, BTreeSet};

use json::{Object, Text, Value};

use super::fields::Fields;
use super::findings::Findings;
use super::location::Location;
use crate::jsonata::Jsonata;
use crate::machine::{Count, Distributed, FailText, Kind, Percentage, Selection, State, WaitUntil};
use crate::path::Path;
use crate::template::Template;

const NAME_LENGTH_MAX: usize = 80;

/// The variables of one `States` object.
pub(super) struct Scope<'d> {
    /// Name → the only state that assigns it; `None` where several do.
    assigned: BTreeMap<&'d str, Option<&'d str>>,
    /// The state that is being read.
    pub(super) here: &'d str,
}

impl<'d> Scope<'d> {
    /// What the states of one `States` object assign, those inside them left out.
    pub(super) fn of(states: &'d Object) -> Scope<'d> {
        let mut assigned = BTreeMap::new();
        for (name, state) in states {
            let rules =
                ["Choices", "Catch"].into_iter().filter_map(|field| state.get(field)?.as_array()).flatten();
            for holder in std::iter::once(state).chain(rules) {
                let assign = holder.get("Assign").and_then(Value::as_object);
                for key in assign.into_iter().flat_map(Object::keys) {
                    let by = assigned.entry(variable(key)).or_insert(Some(name.as_str()));
                    if *by != Some(name.as_str()) {
                        *by = None;
                    }
                }
            }
        }
        Scope { assigned, here: "" }
    }

    /// Whether a state inside the state that is being read may not assign `name`. What that state
    /// assigns itself is no obstacle: it does so when what is inside it has ended. AWS was recorded
    /// to accept it (test_parallel_catch_error).
    fn forbids(&self, name: &str) -> bool {
        self.assigned.get(name).is_some_and(|by| *by != Some(self.here))
    }
}

/// The names in `Assign`; `scopes` are those of each container around and of this one.
pub(super) fn check_names(fields: &Fields<'_, '_>, scopes: &[Scope<'_>], findings: &mut Findings) {
    let Some(assign) = fields.value("Assign").and_then(Value::as_object) else { return };
    let at = fields.at.field("Assign");
    let around = scopes.split_last().map_or(&[][..], |(_, around)| around);
    for key in assign.keys() {
        let name = if fields.reads_jsonpath() { variable(key) } else { key };
        if !is_identifier(name) {
            findings.schema(&at, format!("Variable name '{name}' is not valid"));
        } else if name.chars().count() > NAME_LENGTH_MAX {
            findings
                .schema(&at, format!("Variable name '{name}' is longer than {NAME_LENGTH_MAX} characters"));
        } else if name == "states" {
            findings.schema(&at, "Variable name 'states' is reserved");
        } else if around.iter().any(|scope| scope.forbids(name)) {
            findings.schema(&at, format!("Variable '{name}' is already assigned in an outer scope"));
        }
    }
}

/// What `state` reads; `hidden` are the scopes around the innermost distributed Map that it stands in.
pub(super) fn check_reads(
    state: &State,
    at: &Location<'_>,
    scopes: &[Scope<'_>],
    hidden: &[Scope<'_>],
    findings: &mut Findings,
) {
    if hidden.is_empty() {
        return;
    }
    let assigned_in =
        |scopes: &[Scope<'_>], name: &str| scopes.iter().any(|scope| scope.assigned.contains_key(name));
    for name in names_read(state) {
        if assigned_in(hidden, &name) && !assigned_in(scopes, &name) {
            let message = format!(
                "Variable '{name}' is assigned outside of the Distributed Map, whose child executions cannot read \
                 it: put it into their input, with ItemSelector or BatchInput"
            );
            findings.schema(at, message);
        }
    }
}

/// For each state that reads variables, in the order of the states: their names, sorted, each once,
/// as AWS lists them.
pub(super) fn references(states: &[State]) -> Vec<(Text, Vec<Text>)> {
    let of_state = |state: &State| {
        let names = names_read(state);
        (!names.is_empty()).then(|| (state.name.clone(), names.into_iter().collect()))
    };
    states.iter().filter_map(of_state).collect()
}

/// The variables that the state's own fields read.
fn names_read(state: &State) -> BTreeSet<Text> {
    let mut names = Names::default();
    names.of_state(state);
    names.0
}

#[derive(Default)]
struct Names(BTreeSet<Text>);

impl Names {
    fn of_state(&mut self, state: &State) {
        let flow = &state.flow;
        self.selection(&flow.input_path);
        self.selection(&flow.output_path);
        for template in [&flow.parameters, &flow.result_selector, &flow.output, &flow.assign] {
            self.template(template);
        }
        for catcher in &state.catch {
            self.template(&catcher.assign);
            self.template(&catcher.output);
        }
        self.kind(&state.kind);
    }

    fn kind(&mut self, kind: &Kind) {
        match kind {
            Kind::Pass { .. } | Kind::Parallel { .. } | Kind::Succeed => {}
            Kind::Task(task) => {
                self.count(task.timeout.as_ref());
                self.count(task.heartbeat.as_ref());
                self.template(&task.credentials);
            }
            Kind::Wait(WaitUntil::SecondsPath(path) | WaitUntil::TimestampPath(path)) => self.path(path),
            Kind::Wait(WaitUntil::JsonataSeconds(expression) | WaitUntil::JsonataTimestamp(expression)) => {
                self.jsonata(expression);
            }
            Kind::Wait(WaitUntil::Seconds(_) | WaitUntil::Timestamp(_)) => {}
            Kind::Choice { rules, .. } => {
                for rule in rules {
                    self.0.extend(rule.condition.variables());
                    self.template(&rule.assign);
                    self.template(&rule.output);
                }
            }
            Kind::Map(map) => {
                map.items_path.iter().for_each(|path| self.path(path));
                self.template(&map.items);
                self.template(&map.item_selector);
                self.count(Some(&map.max_concurrency));
                self.count(map.tolerated_failure_count.as_ref());
                match &map.tolerated_failure_percentage {
                    None | Some(Percentage::Literal(_)) => {}
                    Some(Percentage::Path(path)) => self.path(path),
                    Some(Percentage::Jsonata(expression)) => self.jsonata(expression),
                }
                if let Some(distributed) = &map.distributed {
                    self.distributed(distributed);
                }
            }
            Kind::Fail { error, cause } => {
                for text in [error, cause].into_iter().flatten() {
                    match text {
                        FailText::Literal(_) => {}
                        FailText::Expression(expression) => self.0.extend(expression.variables()),
                        FailText::Jsonata(expression) => self.jsonata(expression),
                    }
                }
            }
        }
    }

    fn distributed(&mut self, distributed: &Distributed) {
        if let Some(reader) = &distributed.item_reader {
            self.template(&reader.parameters);
            self.count(reader.max_items.as_ref());
        }
        if let Some(batcher) = &distributed.item_batcher {
            self.count(batcher.max_items.as_ref());
            self.count(batcher.max_bytes.as_ref());
            self.template(&batcher.input);
        }
        if let Some(writer) = &distributed.result_writer {
            self.template(&writer.parameters);
        }
    }

    fn selection(&mut self, selection: &Selection) {
        match selection {
            Selection::Whole | Selection::Nothing => {}
            Selection::Path(path) => self.path(path),
        }
    }

    fn count(&mut self, count: Option<&Count>) {
        match count {
            None | Some(Count::Literal(_)) => {}
            Some(Count::Path(path)) => self.path(path),
            Some(Count::Jsonata(expression)) => self.jsonata(expression),
        }
    }

    fn template(&mut self, template: &Option<Template>) {
        self.0.extend(template.iter().flat_map(Template::variables));
    }

    fn jsonata(&mut self, expression: &Jsonata) {
        self.0.extend(expression.variables().cloned());
    }

    fn path(&mut self, path: &Path) {
        self.0.extend(path.variables());
    }
}

/// The variable that a key of `Assign` names.
fn variable(key: &str) -> &str {
    key.strip_suffix(".$").unwrap_or(key)
}

/// A letter, then letters and digits, as UAX #31 has it; the underscore goes as a letter.
fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_')
}
