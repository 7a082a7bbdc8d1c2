//! One thread of an execution, state after state: the outermost one, a branch's or an iteration's.

use std::collections::BTreeMap;

use json::{Document, Object, Text, Value};

use super::abort::Open;
use super::alone::alone;
use super::data::{self, Holder, Trouble, View};
use super::fault::{Evaluation, Fault};
use super::machine::{list, text};
use super::story::Story;
use super::{Difference, Event, Failure, What};

/// Variables of one container, and of those around it.
#[derive(Default)]
pub struct Scope<'a> {
    around: Option<&'a Scope<'a>>,
    variables: BTreeMap<Text, Value>,
    /// `$$.Map.Item`, where the container is an item processor.
    item: Option<Value>,
}

/// How a thread ended, as far as its history goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// Its container ended well; `last` is its last event.
    Well { output: Value, last: u64 },
    /// Its container failed in a state of this type. `by_timeout`: with a task whose time was up, so
    /// that another one's failure in the same turn may have come first.
    Badly { failure: Failure, last: u64, state_type: &'static str, by_timeout: bool },
    /// The execution failed.
    Fatally { failure: Failure, last: u64 },
    /// It has not ended, or was ended by others.
    Open(Open),
}

/// One visit of a state.
pub struct Visit<'a> {
    pub state: &'a Object,
    pub state_type: &'static str,
    pub is_jsonata: bool,
    pub name: &'a str,
    pub raw: Value,
    pub entered_event: u64,
    /// What that follows.
    pub before_entered: u64,
    pub entered_at: i64,
    /// The last event of the thread.
    pub last: u64,
    /// How often each retrier was used.
    pub retries: Vec<u64>,
    /// Nothing may happen before: a retry's delay.
    pub earliest: i64,
    /// A retry was granted, of which nothing was seen yet: its delay may last.
    pub may_not_have_begun: bool,
}

/// What the work of a state came to.
pub enum Work<'a> {
    /// The result.
    Done(Value),
    /// The same of a Choice: where it goes, and whose fields count.
    Chosen {
        result: Value,
        holder: Holder<'a>,
        next: Text,
    },
    Faulted(Fault),
    Fatal(Failure),
    Open(Open),
}

/// Whether a state was left.
pub enum Left<'a> {
    By(Exit<'a>),
    Not(Ending),
}

/// How a state was left.
pub struct Exit<'a> {
    pub next: Option<Text>,
    pub output: &'a Document,
    pub assigned: &'a [(Text, Document)],
    pub last: u64,
}

impl From<Trouble> for Work<'_> {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Fatal(failure) => Work::Fatal(failure),
            Trouble::Failed(failure) => Work::Faulted(Fault::of(failure)),
            Trouble::Evaluation { failure, field } => {
                Work::Faulted(Fault { evaluation: Some(Evaluation { field }), ..Fault::of(failure) })
            }
        }
    }
}

impl<'a> Scope<'a> {
    pub fn outermost() -> Scope<'a> {
        Scope::default()
    }

    pub fn inside(around: &'a Scope<'a>, item: Option<Value>) -> Scope<'a> {
        Scope { around: Some(around), variables: BTreeMap::new(), item }
    }

    pub fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.get(name).or_else(|| self.around?.variable(name))
    }

    pub fn item(&self) -> Option<&Value> {
        self.item.as_ref().or_else(|| self.around?.item())
    }
}

impl<'a> Visit<'a> {
    pub fn view<'v>(&'v self, story: &'v Story<'a>, scope: &'v Scope<'v>) -> View<'v> {
        View {
            machine: story.machine,
            start: story.start,
            scope,
            state: self.state,
            is_jsonata: self.is_jsonata,
            name: self.name,
            entered_event: self.entered_event,
            entered_at: self.entered_at,
            retries: self.retries.iter().sum(),
            item: None,
        }
    }

    /// The state's own Output and Assign.
    pub fn own_fields(&self) -> Holder<'a> {
        Holder { fields: self.state, at: String::new() }
    }

    pub fn open(&self) -> Open {
        Open::in_state(self.state_type)
    }
}

impl<'a> Story<'a> {
    /// Follows a thread through a container, from behind the event `last`.
    pub fn container(
        &mut self,
        container: &'a Object,
        input: Value,
        around: &Scope<'_>,
        last: u64,
    ) -> Result<Ending, Difference> {
        self.processor(container, input, around, None, last)
    }

    /// The same, for an iteration with its item.
    pub fn processor(
        &mut self,
        container: &'a Object,
        mut raw: Value,
        around: &Scope<'_>,
        item: Option<Value>,
        mut last: u64,
    ) -> Result<Ending, Difference> {
        let mut scope = Scope::inside(around, item);
        let mut place = Text::from(text(container, "StartAt").expect("an accepted container has a StartAt"));
        loop {
            let is_entry = |what: &What| matches!(what, What::Entered { name, .. } if *name == place);
            let Some(entered) = self.take(last, is_entry) else {
                return Ok(Ending::Open(Open::between_states()));
            };
            let What::Entered { state_type, name, input } = &entered.what else {
                unreachable!("only entries were asked for")
            };
            let Some(state) = self.machine.state(name) else {
                return Err(Difference(format!("event {} enters what is no state", entered.id)));
            };
            if text(state, "Type") != Some(state_type) || !data::fits(&raw, input.value()) {
                return Err(Difference(format!(
                    "event {} enters '{name}' with {}, expected: {}",
                    entered.id,
                    input.text(),
                    raw.to_text()
                )));
            }
            let visit = Visit {
                state,
                state_type,
                is_jsonata: self.machine.is_jsonata(state),
                name,
                raw: input.value().clone(),
                entered_event: entered.id,
                before_entered: entered.previous,
                entered_at: entered.at,
                last: entered.id,
                retries: vec![0; list(state, "Retry").len()],
                earliest: i64::MIN,
                may_not_have_begun: false,
            };
            let left = match self.visit(visit, &scope)? {
                Left::By(exit) => exit,
                Left::Not(ending) => return Ok(ending),
            };
            raw = left.output.value().clone();
            last = left.last;
            let Some(next) = left.next else { return Ok(Ending::Well { output: raw, last }) };
            place = next;
            let assigned = left.assigned.iter().map(|(name, value)| (name.clone(), value.value().clone()));
            scope.variables.extend(assigned);
        }
    }

    /// Follows a visit until the state is left.
    fn visit(&mut self, mut visit: Visit<'a>, scope: &Scope<'_>) -> Result<Left<'a>, Difference> {
        loop {
            let fault = match self.work(&mut visit, scope)? {
                Work::Open(open) => return Ok(Left::Not(Ending::Open(open))),
                Work::Fatal(failure) => return Ok(Left::Not(Ending::Fatally { failure, last: visit.last })),
                Work::Done(result) => {
                    let (holder, next) = (visit.own_fields(), text(visit.state, "Next").map(Text::from));
                    match self.finish(&visit, scope, &result, &holder, next)? {
                        Ok(left) => return Ok(left),
                        Err(trouble) => trouble,
                    }
                }
                Work::Chosen { result, holder, next } => {
                    match self.finish(&visit, scope, &result, &holder, Some(next))? {
                        Ok(left) => return Ok(left),
                        Err(trouble) => trouble,
                    }
                }
                Work::Faulted(fault) => fault,
            };
            if let Some(left) = self.handle(&mut visit, scope, fault)? {
                return Ok(left);
            }
        }
    }

    /// Takes the result through the second half of the data flow, and the state's exit. The inner `Err`:
    /// the output cannot be made, which Retry and Catch hear of.
    fn finish(
        &mut self,
        visit: &Visit<'a>,
        scope: &Scope<'_>,
        result: &Value,
        holder: &Holder<'_>,
        next: Option<Text>,
    ) -> Result<Result<Left<'a>, Fault>, Difference> {
        let made = data::left(holder, &visit.raw, result, &visit.view(self, scope));
        let (output, assigned) = match made.map_err(Work::from) {
            Ok(made) => made,
            Err(Work::Fatal(failure)) => {
                return Ok(Ok(Left::Not(Ending::Fatally { failure, last: visit.last })));
            }
            Err(Work::Faulted(fault)) => return Ok(Err(Fault { work_was_done: true, ..fault })),
            Err(_) => unreachable!("trouble is one or the other"),
        };
        let is_exit = |what: &What| matches!(what, What::Exited { .. });
        let Some(exit) = self.must(visit.last, "exit", is_exit)? else {
            return Ok(Ok(Left::Not(Ending::Open(visit.open()))));
        };
        self.exit(visit, exit, &output, &assigned, next).map(Ok)
    }

    /// Compares an exit with what it should be.
    pub fn exit(
        &self,
        visit: &Visit<'a>,
        exit: &'a Event,
        output: &Value,
        assigned: &[(Text, Value)],
        next: Option<Text>,
    ) -> Result<Left<'a>, Difference> {
        let What::Exited { state_type, name, output: shown, assigned: shown_assigned } = &exit.what else {
            unreachable!("only exits were asked for")
        };
        let is_same = |((name, value), (shown_name, shown)): (&(Text, Value), &(Text, Document))| {
            name == shown_name && data::fits(value, shown.value())
        };
        let assigned_fit =
            assigned.len() == shown_assigned.len() && assigned.iter().zip(shown_assigned).all(is_same);
        if *state_type != visit.state_type
            || *name != visit.name
            || visit.state_type == "Wait" && exit.at < visit.earliest
        {
            return Err(Difference(format!(
                "event {} leaves '{}' wrongly: {:?}",
                exit.id, visit.name, exit.what
            )));
        }
        if !data::fits(output, shown.value()) || !assigned_fit {
            return Err(Difference(format!(
                "event {} leaves '{name}' with {} and {shown_assigned:?}, expected: {} and {assigned:?}",
                exit.id,
                shown.text(),
                output.to_text()
            )));
        }
        Ok(Left::By(Exit { next, output: shown, assigned: shown_assigned, last: exit.id }))
    }

    /// What the state's type does.
    fn work(&mut self, visit: &mut Visit<'a>, scope: &Scope<'_>) -> Result<Work<'a>, Difference> {
        match visit.state_type {
            "Task" => self.task(visit, scope),
            "Parallel" => self.parallel(visit, scope),
            "Map" => self.map(visit, scope),
            "Wait" => self.wait(visit, scope),
            _ => Ok(alone(visit, &visit.view(self, scope))),
        }
    }
}
