//! The states of one execution as a tree, built from its history event by event.
//!
//! Never here: printing (see [`display`]).

pub mod display;
mod map_run;

use asl::Timestamp;
use execution::event::StateType;
use execution::{Event, EventKind};
use json::{Object, Value};

use map_run::MapRun;

/// All visits of states, in the order they were entered.
#[derive(Debug, Default)]
pub struct Tree {
    visits: Vec<Visit>,
    /// By event id - 1: the visit that the event's thread is in.
    places: Vec<Place>,
    /// When the execution ended.
    ended_at: Option<Timestamp>,
}

/// One visit of a state.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The state.
    pub name: String,
    /// Its type.
    pub state_type: StateType,
    /// The visit of the Parallel or Map that it runs in.
    pub parent: Option<usize>,
    /// How many those are.
    pub depth: usize,
    /// Which iteration of the Map.
    pub iteration: Option<u64>,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// When it was left.
    pub left_at: Option<Timestamp>,
    /// How it was left.
    pub end: End,
    /// How often its task was scheduled, or its branches or iterations started.
    pub attempts: u32,
    /// It is a Parallel or a Map, and what runs in it has made it fail.
    pub failed_inside: bool,
    /// It is a distributed Map, and this is what it waits for, or waited for the last time.
    pub map_run: Option<MapRun>,
    /// The error of the last attempt that failed.
    pub error: Option<String>,
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Not yet.
    Running,
    /// It was left as it should.
    Exited,
    /// An error was caught.
    Caught,
    /// The execution or the branch ended in it.
    Failed,
    /// What it belonged to failed elsewhere.
    GivenUp,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// Before the first state.
    Top,
    /// In this visit.
    In(usize),
    /// At the start of a branch of this visit, or of an iteration.
    Branch(usize, Option<u64>),
}

impl Tree {
    /// How many events it was built from.
    pub fn events(&self) -> usize {
        self.places.len()
    }

    /// The visits so far.
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// The Map Runs that had not ended at the last look.
    pub fn open_map_runs(&mut self) -> impl Iterator<Item = &mut MapRun> {
        let map_runs = self.visits.iter_mut().filter_map(|visit| visit.map_run.as_mut());
        map_runs.filter(|map_run| !map_run.has_ended())
    }

    /// Takes the next event of the history; events come in the order of their ids, from 1.
    pub fn take(&mut self, event: &Event) {
        let before = self.place_before(event);
        let place = match &event.kind {
            EventKind::StateEntered { state_type, name, .. } => {
                self.enter(before, *state_type, name, event.timestamp)
            }
            EventKind::StateExited { name, .. } => self.leave(before, name, event.timestamp),
            EventKind::ParallelStateStarted => {
                self.start(before, StateType::Parallel, event.timestamp);
                self.branch(before, StateType::Parallel, None)
            }
            EventKind::MapStateStarted { .. } => {
                self.start(before, StateType::Map, event.timestamp);
                self.around(before, StateType::Map)
            }
            EventKind::MapIterationStarted { index, .. } => self.branch(before, StateType::Map, Some(*index)),
            EventKind::MapStateSucceeded
            | EventKind::MapIterationSucceeded { .. }
            | EventKind::MapIterationAborted { .. } => self.around(before, StateType::Map),
            EventKind::ParallelStateSucceeded => self.around(before, StateType::Parallel),
            EventKind::MapIterationFailed { .. } => {
                let place = self.around(before, StateType::Map);
                self.fail_inside(place, before, event.timestamp);
                place
            }
            EventKind::MapStateFailed => self.fail_around(before, StateType::Map, event.timestamp),
            EventKind::ParallelStateFailed => {
                self.fail_around(before, StateType::Parallel, event.timestamp)
            }
            EventKind::MapRunStarted { map_run_arn } | EventKind::MapRunRedriven { map_run_arn, .. } => {
                if let Some(visit) = self.visit_mut(before) {
                    visit.map_run = Some(MapRun::new(map_run_arn.clone(), event.timestamp));
                    visit.error = None;
                }
                before
            }
            EventKind::LambdaFunctionScheduled { .. }
            | EventKind::ActivityScheduled { .. }
            | EventKind::TaskScheduled { .. } => {
                if let Some(visit) = self.visit_mut(before) {
                    visit.attempts += 1;
                    visit.error = None;
                }
                before
            }
            EventKind::LambdaFunctionFailed { failure }
            | EventKind::LambdaFunctionTimedOut { failure }
            | EventKind::ActivityFailed { failure }
            | EventKind::ActivityTimedOut { failure }
            | EventKind::TaskFailed { failure, .. }
            | EventKind::TaskTimedOut { failure, .. }
            | EventKind::MapRunFailed { failure }
            | EventKind::EvaluationFailed { failure, .. } => {
                let error = failure.error.as_deref().unwrap_or("an error without a name").to_owned();
                if let Some(visit) = self.visit_mut(before) {
                    visit.error = Some(error);
                }
                before
            }
            EventKind::ExecutionFailed { .. } => {
                self.fail(before, event.timestamp);
                self.close(event.timestamp, End::GivenUp);
                before
            }
            EventKind::ExecutionSucceeded { .. }
            | EventKind::ExecutionAborted { .. }
            | EventKind::ExecutionTimedOut { .. } => {
                self.close(event.timestamp, End::Failed);
                before
            }
            EventKind::ExecutionStarted { .. }
            | EventKind::ExecutionRedriven { .. }
            // Its previous event is the failed one elsewhere, so it does not say which visit this is.
            | EventKind::StateAborted { .. }
            | EventKind::MapRunSucceeded
            | EventKind::MapRunAborted
            | EventKind::LambdaFunctionStarted
            | EventKind::LambdaFunctionSucceeded { .. }
            | EventKind::ActivityStarted { .. }
            | EventKind::ActivitySucceeded { .. }
            | EventKind::TaskStarted { .. }
            | EventKind::TaskSubmitted { .. }
            | EventKind::TaskSucceeded { .. } => before,
        };
        self.places.push(place);
    }

    /// As `--output json` shows it.
    pub fn to_json(&self) -> Value {
        self.visits.iter().map(Visit::to_json).collect()
    }

    fn place_before(&self, event: &Event) -> Place {
        let index = usize::try_from(event.previous).ok().and_then(|id| id.checked_sub(1));
        index.and_then(|index| self.places.get(index)).copied().unwrap_or(Place::Top)
    }

    fn enter(&mut self, before: Place, state_type: StateType, name: &str, now: Timestamp) -> Place {
        let (parent, iteration) = match before {
            Place::Top => (None, None),
            Place::In(visit) => (self.visits[visit].parent, self.visits[visit].iteration),
            Place::Branch(visit, iteration) => (Some(visit), iteration),
        };
        self.visits.push(Visit {
            name: name.to_owned(),
            state_type,
            parent,
            depth: parent.map_or(0, |parent| self.visits[parent].depth + 1),
            iteration,
            entered_at: now,
            left_at: None,
            end: End::Running,
            attempts: 0,
            failed_inside: false,
            map_run: None,
            error: None,
        });
        Place::In(self.visits.len() - 1)
    }

    fn leave(&mut self, before: Place, name: &str, now: Timestamp) -> Place {
        let Some(visit) = self.find(before, |visit| visit.name == name) else { return before };
        self.end_inside(visit, now);
        let caught = self.visits[visit].error.is_some() || self.visits[visit].failed_inside;
        self.end_at(Place::In(visit), now, if caught { End::Caught } else { End::Exited });
        Place::In(visit)
    }

    /// Branches or iterations start; if there were some, this is a retry.
    fn start(&mut self, before: Place, state_type: StateType, now: Timestamp) {
        let outer = self.around(before, state_type);
        self.fail_inside(outer, before, now);
        if let Place::In(index) = outer {
            self.end_inside(index, now);
            self.visits[index].attempts += 1;
            self.visits[index].failed_inside = false;
        }
    }

    /// A Parallel or a Map fails because of what happened inside.
    fn fail_around(&mut self, before: Place, state_type: StateType, now: Timestamp) -> Place {
        let outer = self.around(before, state_type);
        self.fail_inside(outer, before, now);
        if let Place::In(index) = outer {
            self.end_inside(index, now);
            self.visits[index].failed_inside = true;
        }
        outer
    }

    /// The visit at a place failed, unless that is the outer one.
    fn fail_inside(&mut self, outer: Place, place: Place, now: Timestamp) {
        if let (Place::In(outer), Place::In(visit)) = (outer, place)
            && outer != visit
        {
            self.end_at(place, now, End::Failed);
        }
    }

    /// The visit at a place failed, and all around it.
    fn fail(&mut self, place: Place, now: Timestamp) {
        let mut next = match place {
            Place::Top => None,
            Place::In(visit) | Place::Branch(visit, _) => Some(visit),
        };
        while let Some(visit) = next {
            self.end_at(Place::In(visit), now, End::Failed);
            next = self.visits[visit].parent;
        }
    }

    fn branch(&mut self, before: Place, state_type: StateType, iteration: Option<u64>) -> Place {
        match self.find(before, |visit| visit.state_type == state_type) {
            Some(visit) => Place::Branch(visit, iteration),
            None => before,
        }
    }

    fn around(&mut self, before: Place, state_type: StateType) -> Place {
        self.find(before, |visit| visit.state_type == state_type).map_or(before, Place::In)
    }

    /// The nearest running visit around a place that fits.
    fn find(&self, place: Place, fits: impl Fn(&Visit) -> bool) -> Option<usize> {
        let mut next = match place {
            Place::Top => None,
            Place::In(visit) | Place::Branch(visit, _) => Some(visit),
        };
        while let Some(index) = next {
            let visit = &self.visits[index];
            if visit.end == End::Running && fits(visit) {
                return Some(index);
            }
            next = visit.parent;
        }
        None
    }

    fn visit_mut(&mut self, place: Place) -> Option<&mut Visit> {
        match place {
            Place::Top => None,
            Place::In(visit) | Place::Branch(visit, _) => self.visits.get_mut(visit),
        }
    }

    fn end_at(&mut self, place: Place, now: Timestamp, end: End) {
        if let Some(visit) = self.visit_mut(place)
            && visit.end == End::Running
        {
            visit.end = end;
            visit.left_at = Some(now);
        }
    }

    fn end_inside(&mut self, outer: usize, now: Timestamp) {
        // Visits inside come after the outer one, and a parent before its children.
        for index in outer + 1..self.visits.len() {
            let is_inside = std::iter::successors(self.visits[index].parent, |&at| self.visits[at].parent)
                .any(|ancestor| ancestor == outer);
            if is_inside {
                self.end_at(Place::In(index), now, End::GivenUp);
            }
        }
    }

    fn close(&mut self, now: Timestamp, end: End) {
        self.ended_at = Some(now);
        for index in 0..self.visits.len() {
            self.end_at(Place::In(index), now, end);
        }
    }
}

impl Visit {
    fn to_json(&self) -> Value {
        let mut object = Object::new();
        object.insert("name", self.name.as_str());
        object.insert("type", type_name(self.state_type));
        object.insert("depth", self.depth);
        if let Some(iteration) = self.iteration {
            object.insert("iteration", iteration);
        }
        object.insert("result", self.end.name());
        object.insert("enteredAt", self.entered_at.to_iso());
        if let Some(at) = self.left_at {
            object.insert("milliseconds", at.0 - self.entered_at.0);
        }
        if self.attempts > 1 {
            object.insert("attempts", self.attempts);
        }
        if let Some(map_run) = &self.map_run {
            map_run.put_into(&mut object);
        }
        if let Some(error) = &self.error {
            object.insert("error", error.as_str());
        }
        Value::from(object)
    }
}

impl End {
    fn name(self) -> &'static str {
        match self {
            End::Running => "RUNNING",
            End::Exited => "EXITED",
            End::Caught => "CAUGHT",
            End::Failed => "FAILED",
            End::GivenUp => "GIVEN_UP",
        }
    }
}

/// A state type's name in the States Language.
pub fn type_name(state_type: StateType) -> &'static str {
    match state_type {
        StateType::Choice => "Choice",
        StateType::Fail => "Fail",
        StateType::Map => "Map",
        StateType::Parallel => "Parallel",
        StateType::Pass => "Pass",
        StateType::Succeed => "Succeed",
        StateType::Task => "Task",
        StateType::Wait => "Wait",
    }
}

#[cfg(test)]
mod tests;
