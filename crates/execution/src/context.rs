//! What a state's expressions may see beside their input: the Context Object, variables, the time,
//! randomness.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;

use asl::machine::{Kind, StateMachine};
use asl::{Environment, Outcome, Surroundings, Timestamp};
use json::{Document, Object, Text, Value};
use jsonata::Budget;

use crate::execution::{MachineType, Start};
use crate::frame::{Frame, FrameId, Waiting};
use crate::inspection::{Inspection, Stage};
use crate::random::Random;
use crate::redrive::Redrives;
use crate::token::TaskToken;

/// The surroundings of one frame's state.
pub(crate) struct Around<'a> {
    pub machine: &'a StateMachine,
    pub start: &'a Start,
    pub redrives: &'a Redrives,
    /// All frames but `frame`.
    pub frames: &'a BTreeMap<FrameId, Frame>,
    pub frame: &'a Frame,
    pub random: &'a Random,
    /// Who looks on while a state is tested.
    pub inspection: Option<&'a Inspection>,
    pub now: Timestamp,
    pub budget: &'a Cell<Budget>,
    /// The secret of the task that is being asked for, 0 for none.
    pub nonce: u128,
    /// The item whose ItemSelector is evaluated.
    pub item: Option<CurrentItem<'a>>,
    pub context: OnceCell<Value>,
}

/// `$$.Map.Item`.
#[derive(Clone, Copy)]
pub(crate) struct CurrentItem<'a> {
    /// Its place among all items, from 0.
    pub index: u64,
    /// The name of the member, where the items are the members of an object.
    pub key: Option<&'a str>,
    pub value: &'a Value,
    /// Where it comes from. (spec/asl.md §7)
    pub source: &'a str,
}

/// The source of items that do not come from elsewhere.
pub(crate) const STATE_DATA: &str = "STATE_DATA";

impl Around<'_> {
    /// An environment with this `$`.
    pub fn with_input<'b>(&'b self, input: &'b Value) -> Environment<'b> {
        Environment::new(input, self)
    }

    /// An environment after the state's work. Only states that call or run something have a result.
    pub fn with_result<'b>(&'b self, input: &'b Value, result: &'b Value) -> Environment<'b> {
        let outcome = match self.machine.state(self.frame.state).kind {
            Kind::Task(_) | Kind::Parallel { .. } | Kind::Map(_) => Outcome::Result(result),
            Kind::Pass { .. } | Kind::Wait(_) | Kind::Choice { .. } | Kind::Succeed | Kind::Fail { .. } => {
                Outcome::None
            }
        };
        self.with_input(input).with_outcome(outcome)
    }

    /// Tells whoever looks on what the data flow has come to.
    pub fn note(&self, stage: Stage, document: &Document) {
        if let Some(inspection) = self.inspection {
            inspection.note(stage, document);
        }
    }

    /// The variables of `frame`'s scope and of those around it.
    pub fn scopes<'b>(&'b self, frame: &'b Frame) -> impl Iterator<Item = &'b BTreeMap<Text, Document>> {
        std::iter::once(&*frame.variables).chain(self.ancestors().map(|(frame, _)| &*frame.variables))
    }

    /// (spec/asl.md §7)
    fn context_object(&self) -> Value {
        let start = self.start;
        let mut execution = Object::with_capacity(7);
        execution.insert("Id", start.arn.clone());
        execution.insert("Input", start.input.value().clone());
        execution.insert("StartTime", start.started_at.to_iso());
        execution.insert("Name", start.name.clone());
        execution.insert("RoleArn", start.role_arn.clone());
        if start.machine_type == MachineType::Standard {
            execution.insert("RedriveCount", self.redrives.count as i64);
            if let Some(at) = self.redrives.last_at {
                execution.insert("RedriveTime", at.to_iso());
            }
        }
        let mut state_machine = Object::with_capacity(2);
        state_machine.insert("Id", start.state_machine_arn.clone());
        state_machine.insert("Name", start.state_machine_name.clone());
        let state_of_machine = self.machine.state(self.frame.state);
        let mut state = Object::with_capacity(3);
        state.insert("Name", state_of_machine.name.clone());
        state.insert("EnteredTime", self.frame.entered_at.to_iso());
        if matches!(state_of_machine.kind, Kind::Task(_) | Kind::Parallel { .. } | Kind::Map(_)) {
            state.insert("RetryCount", self.frame.retry_count() as i64);
        }
        let mut context = Object::with_capacity(5);
        context.insert("Execution", execution);
        context.insert("StateMachine", state_machine);
        context.insert("State", state);
        if let Some(token) = self.token() {
            let mut task = Object::with_capacity(1);
            task.insert("Token", token);
            context.insert("Task", task);
        }
        if let Some(item) = self.map_item() {
            let mut map = Object::with_capacity(1);
            map.insert("Item", item);
            context.insert("Map", map);
        }
        if let Some(inspection) = self.inspection {
            inspection.amend(&mut context);
        }
        Value::Object(context)
    }

    fn token(&self) -> Option<String> {
        let nonce = match &self.frame.waiting {
            Waiting::Task(task) => task.nonce,
            Waiting::Until(_)
            | Waiting::Retry(_)
            | Waiting::Parallel(_)
            | Waiting::Map(_)
            | Waiting::MapRun(_)
            | Waiting::Again
            | Waiting::Anew => self.nonce,
        };
        (nonce != 0).then(|| {
            let execution_arn = self.start.arn.clone();
            TaskToken { execution_arn, frame: self.frame.id, attempt: self.frame.attempt, nonce }.to_text()
        })
    }

    /// The item of the ItemSelector that is evaluated, else of the innermost iteration around.
    fn map_item(&self) -> Option<Object> {
        let CurrentItem { index, key, value, source } = match self.item {
            Some(item) => item,
            None => self.item_of_iteration()?,
        };
        let mut item = Object::with_capacity(4);
        item.insert("Index", index as i64);
        if let Some(key) = key {
            item.insert("Key", key);
        }
        item.insert("Value", value.clone());
        item.insert("Source", source);
        if let Some(inspection) = self.inspection {
            inspection.amend_item(&mut item);
        }
        Some(item)
    }

    /// The item of the innermost inline iteration around. Such items never come from elsewhere.
    fn item_of_iteration(&self) -> Option<CurrentItem<'_>> {
        let (items, index) = self.ancestors().find_map(|(owner, index)| match &owner.waiting {
            Waiting::Map(map) => Some((map.items.value().as_array()?, index)),
            Waiting::Until(_)
            | Waiting::Retry(_)
            | Waiting::Parallel(_)
            | Waiting::MapRun(_)
            | Waiting::Task(_)
            | Waiting::Again
            | Waiting::Anew => None,
        })?;
        let value = items.get(index as usize)?;
        Some(CurrentItem { index: u64::from(index), key: None, value, source: STATE_DATA })
    }

    /// The frames around, innermost first, each with the index of the branch or iteration in it.
    fn ancestors(&self) -> impl Iterator<Item = (&Frame, u32)> {
        let mut parent = self.frame.parent;
        std::iter::from_fn(move || {
            let (id, index) = parent?;
            let frame = self.frames.get(&id)?;
            parent = frame.parent;
            Some((frame, index))
        })
    }
}

impl Surroundings for Around<'_> {
    fn context(&self) -> &Value {
        self.context.get_or_init(|| self.context_object())
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        let own = self.frame.variables.get(name);
        let found = own.or_else(|| self.ancestors().find_map(|(frame, _)| frame.variables.get(name)));
        found.map(|document| document.value())
    }

    fn random(&self) -> u128 {
        self.random.next()
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn budget(&self) -> &Cell<Budget> {
        self.budget
    }
}
