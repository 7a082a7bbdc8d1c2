//! The states of one execution as a tree, built from its history event by event.
//!
//! Never here: printing (see [`display`]).

pub mod display;
mod map_run;
pub mod moment;
mod redrive;

use asl::Timestamp;
use execution::event::StateType;
use json::{Object, Value};

use map_run::MapRun;
use moment::{Moment, What};
use redrive::Redrives;

/// All visits of states, in the order they were entered.
#[derive(Debug, Default)]
pub struct Tree {
    visits: Vec<Visit>,
    /// By event id - 1: the visit that the event's thread is in.
    places: Vec<Place>,
    has_ended: bool,
    redrives: Redrives,
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

    /// Whether the execution has ended.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// The visits so far.
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// The Map Runs that had not ended at the last look: all whose state has ended meanwhile, and of the others as many
    /// as are shown.
    pub fn open_map_runs(&mut self) -> impl Iterator<Item = &mut MapRun> {
        let mut running = 0;
        self.visits.iter_mut().filter_map(move |visit| {
            let map_run = visit.map_run.as_mut().filter(|map_run| !map_run.has_ended())?;
            running += usize::from(visit.end == End::Running);
            (visit.end != End::Running || running <= display::REDRAWN_MAX).then_some(map_run)
        })
    }

    /// Takes the next event of the history; events come in the order of their ids, from 1.
    pub fn take(&mut self, moment: impl Into<Moment>) {
        let Moment { previous, at, what, .. } = moment.into();
        let before = self.place_before(previous, &what);
        let place = match what {
            What::Entered(state_type, name) => self.enter(before, state_type, &name, at),
            What::Exited(name) => self.leave(before, &name, at),
            What::BranchesStarted => {
                self.start(before, StateType::Parallel, at);
                self.branch(before, StateType::Parallel, None)
            }
            What::IterationsStarted => {
                self.start(before, StateType::Map, at);
                self.around(before, StateType::Map)
            }
            What::IterationStarted(index) => self.branch(before, StateType::Map, Some(index)),
            What::EndedInside(state_type) => self.around(before, state_type),
            What::IterationFailed => {
                let place = self.around(before, StateType::Map);
                self.fail_inside(place, before, at);
                place
            }
            What::FailedInside(state_type) => self.fail_around(before, state_type, at),
            What::MapRunBegan(arn) => {
                if let Some(visit) = self.visit_mut(before) {
                    visit.map_run = Some(MapRun::new(arn, at));
                    visit.error = None;
                }
                before
            }
            What::Scheduled => {
                if let Some(visit) = self.visit_mut(before) {
                    visit.attempts += 1;
                    visit.error = None;
                }
                before
            }
            What::Failed(error) => {
                if let Some(visit) = self.visit_mut(before) {
                    visit.error = Some(error);
                }
                before
            }
            What::ExecutionFailed => {
                self.fail(before, at);
                self.close(at, End::GivenUp);
                before
            }
            What::ExecutionEnded => {
                self.close(at, End::Failed);
                before
            }
            What::Redriven => {
                self.redriven(at);
                before
            }
            What::Other => before,
        };
        self.places.push(place);
    }

    /// As `--output json` shows it.
    pub fn to_json(&self) -> Value {
        self.visits.iter().map(Visit::to_json).collect()
    }

    /// Where the thread of an event is. In a visit that was redriven it goes on in the visit that continues that.
    fn place_before(&mut self, previous: u64, what: &What) -> Place {
        let index = usize::try_from(previous).ok().and_then(|id| id.checked_sub(1));
        let place = index.and_then(|index| self.places.get(index)).copied().unwrap_or(Place::Top);
        match place {
            _ if matches!(what, What::ExecutionEnded | What::Redriven) => place,
            Place::Top => place,
            Place::In(visit) if matches!(what, What::Entered(..)) => {
                if let Some(parent) = self.visits[visit].parent {
                    self.reopen(parent);
                }
                place
            }
            Place::In(visit) => Place::In(self.reopen(visit)),
            Place::Branch(visit, iteration) => Place::Branch(self.reopen(visit), iteration),
        }
    }

    fn enter(&mut self, before: Place, state_type: StateType, name: &str, now: Timestamp) -> Place {
        let (parent, iteration) = match before {
            Place::Top => (None, None),
            Place::In(visit) => {
                let Visit { parent, iteration, .. } = self.visits[visit];
                (parent.map(|parent| self.current(parent)), iteration)
            }
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
            next = visit.parent.map(|parent| self.current(parent));
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
        self.has_ended = true;
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
