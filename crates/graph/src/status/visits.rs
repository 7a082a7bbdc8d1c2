//! The visits of states, event by event.
//!
//! An event belongs to the thread of the one before it (`previous`), so each is in a visit, or at the beginning of a
//! branch or an iteration. Never here: what counts of many visits to one state.

use std::collections::{BTreeMap, BTreeSet};

use execution::event::StateType;
use execution::{Event, EventKind};
use json::Text;

use super::{Iterations, StateStatus, Status, Statuses};

/// All visits so far.
#[derive(Debug, Default)]
pub(super) struct Visits {
    /// In the order in which they began: what is inside a visit comes after it.
    visits: Vec<Visit>,
    /// By the number of an event - 1: where its thread is.
    places: Vec<Place>,
    running: BTreeSet<usize>,
    transitions: BTreeSet<(Text, Text, bool)>,
    began: BTreeSet<Text>,
}

#[derive(Debug)]
struct Visit {
    name: Text,
    state_type: StateType,
    /// The visit of the Parallel or Map that it is in, which iteration, and which round of that.
    parent: Option<usize>,
    iteration: Option<u64>,
    round: u64,
    status: Status,
    /// A redrive has entered the state again instead of going on with this visit.
    is_replaced: bool,
    /// How often its branches or iterations have begun.
    rounds: u64,
    /// How often its task was called, since the last redrive.
    calls: u64,
    retries: u64,
    /// It is a Parallel or a Map, and what is in it has made it fail. It runs on until it is left or tried again.
    has_failed_inside: bool,
    /// Of what has failed last, unless it was tried again.
    error: Option<Text>,
    length: Option<u64>,
    iterations: BTreeMap<u64, Status>,
    map_run_arn: Option<Text>,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// Before the first state.
    Top,
    /// In this visit.
    In(usize),
    /// At the beginning of a branch of this visit, or of an iteration.
    Begin(usize, Option<u64>),
}

impl Place {
    fn visit(self) -> Option<usize> {
        match self {
            Place::Top => None,
            Place::In(visit) | Place::Begin(visit, _) => Some(visit),
        }
    }
}

impl Visits {
    pub fn take(&mut self, event: &Event) {
        let before = event.previous.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let before = before.and_then(|place| self.places.get(place)).copied().unwrap_or(Place::Top);
        let place = self.place_after(before, &event.kind);
        self.places.push(place);
    }

    fn place_after(&mut self, before: Place, kind: &EventKind) -> Place {
        use EventKind::*;
        match kind {
            StateEntered { state_type, name, .. } => return self.enter(before, *state_type, name),
            StateExited { name, .. } => return self.leave(before, name),
            ParallelStateStarted => {
                return match self.begin_round(before, StateType::Parallel, None) {
                    Some(visit) => Place::Begin(visit, None),
                    None => before,
                };
            }
            MapStateStarted { length } => {
                return self.begin_round(before, StateType::Map, Some(*length)).map_or(before, Place::In);
            }
            MapIterationStarted { name, index } => {
                return match self.iteration(before, name, *index, Status::Running) {
                    Some(visit) => Place::Begin(visit, Some(*index)),
                    None => before,
                };
            }
            MapIterationSucceeded { name, index } => {
                return self.iteration(before, name, *index, Status::Succeeded).map_or(before, Place::In);
            }
            MapIterationFailed { name, index } => {
                let map = self.iteration(before, name, *index, Status::Failed);
                self.fail_up_to(before, map);
                return map.map_or(before, Place::In);
            }
            MapIterationAborted { name, index } => {
                return self.iteration(before, name, *index, Status::Aborted).map_or(before, Place::In);
            }
            MapStateSucceeded => return self.around(before, StateType::Map).map_or(before, Place::In),
            ParallelStateSucceeded => {
                return self.around(before, StateType::Parallel).map_or(before, Place::In);
            }
            MapStateFailed => return self.fail_container(before, StateType::Map),
            ParallelStateFailed => return self.fail_container(before, StateType::Parallel),
            MapRunStarted { map_run_arn } | MapRunRedriven { map_run_arn, .. } => {
                if let Some(visit) = before.visit() {
                    self.visits[visit].map_run_arn = Some(map_run_arn.clone());
                    self.visits[visit].error = None;
                }
            }
            LambdaFunctionScheduled { .. } | ActivityScheduled { .. } | TaskScheduled { .. } => {
                self.called(before);
            }
            LambdaFunctionFailed { failure }
            | LambdaFunctionTimedOut { failure }
            | ActivityFailed { failure }
            | ActivityTimedOut { failure }
            | TaskFailed { failure, .. }
            | TaskTimedOut { failure, .. }
            | MapRunFailed { failure }
            | EvaluationFailed { failure, .. } => {
                if let Some(visit) = before.visit() {
                    let error = failure.error.as_deref().unwrap_or("an error without a name");
                    self.visits[visit].error = Some(error.into());
                }
            }
            ExecutionFailed { failure } => {
                if let Some(visit) = before.visit() {
                    self.visits[visit].error = failure.error.as_deref().map(Text::new);
                }
                self.fail_up_to(before, None);
                self.end_all(Status::Aborted);
            }
            ExecutionTimedOut { .. } => self.end_all(Status::Failed),
            ExecutionAborted { .. } | ExecutionSucceeded { .. } => self.end_all(Status::Aborted),
            ExecutionRedriven { .. } => self.redrive(),
            ExecutionStarted { .. }
            // The event before is the failed one elsewhere, so it does not say which visit this is.
            | StateAborted { .. }
            | MapRunSucceeded
            | MapRunAborted
            | LambdaFunctionStarted
            | LambdaFunctionSucceeded { .. }
            | ActivityStarted { .. }
            | ActivitySucceeded { .. }
            | TaskStarted { .. }
            | TaskSubmitted { .. }
            | TaskSucceeded { .. } => {}
        }
        before
    }

    fn enter(&mut self, before: Place, state_type: StateType, name: &Text) -> Place {
        let (parent, iteration) = match before {
            Place::Top => (None, None),
            Place::In(visit) => (self.visits[visit].parent, self.visits[visit].iteration),
            Place::Begin(visit, iteration) => (Some(visit), iteration),
        };
        match before {
            Place::In(visit) if self.visits[visit].status == Status::Running => {
                self.visits[visit].is_replaced = true;
                self.running.remove(&visit);
            }
            Place::In(visit) => {
                let from = &self.visits[visit];
                self.transitions.insert((from.name.clone(), name.clone(), from.status == Status::Caught));
            }
            Place::Top | Place::Begin(..) => {
                self.began.insert(name.clone());
            }
        }
        self.visits.push(Visit {
            name: name.clone(),
            state_type,
            parent,
            iteration,
            round: parent.map_or(0, |parent| self.visits[parent].rounds),
            status: Status::Running,
            is_replaced: false,
            rounds: 0,
            calls: 0,
            retries: 0,
            has_failed_inside: false,
            error: None,
            length: None,
            iterations: BTreeMap::new(),
            map_run_arn: None,
        });
        let visit = self.visits.len() - 1;
        self.running.insert(visit);
        Place::In(visit)
    }

    fn leave(&mut self, before: Place, name: &Text) -> Place {
        let Some(visit) = self.find(before, |visit| visit.name == *name) else { return before };
        self.end_inside(visit);
        let caught = self.visits[visit].error.is_some();
        self.end(visit, if caught { Status::Caught } else { Status::Succeeded });
        Place::In(visit)
    }

    /// Branches or iterations begin; if some have before, this is a retry.
    fn begin_round(&mut self, before: Place, state_type: StateType, length: Option<u64>) -> Option<usize> {
        let outer = self.around(before, state_type)?;
        self.fail_up_to(before, Some(outer));
        self.end_inside(outer);
        let visit = &mut self.visits[outer];
        visit.rounds += 1;
        visit.length = length;
        visit.iterations.clear();
        self.called(Place::In(outer));
        Some(outer)
    }

    /// The task of a visit is called, or its branches or iterations begin.
    fn called(&mut self, place: Place) -> Option<&mut Visit> {
        let visit = &mut self.visits[place.visit()?];
        visit.retries += u64::from(visit.calls > 0);
        visit.calls += 1;
        visit.has_failed_inside = false;
        visit.error = None;
        Some(visit)
    }

    fn iteration(&mut self, before: Place, name: &Text, index: u64, status: Status) -> Option<usize> {
        let map = self.find(before, |visit| visit.name == *name && visit.status == Status::Running)?;
        self.visits[map].iterations.insert(index, status);
        Some(map)
    }

    fn fail_container(&mut self, before: Place, state_type: StateType) -> Place {
        let is_it = |visit: &Visit| {
            visit.state_type == state_type && visit.status == Status::Running && !visit.has_failed_inside
        };
        let Some(outer) = self.find(before, is_it) else { return before };
        let error = before.visit().and_then(|visit| self.visits[visit].error.clone());
        self.fail_up_to(before, Some(outer));
        self.end_inside(outer);
        self.visits[outer].has_failed_inside = true;
        let own = &mut self.visits[outer].error;
        *own = own.take().or(error).or_else(|| Some("an error inside".into()));
        Place::In(outer)
    }

    /// The visit at a place has failed, and all around it but not `outer`.
    fn fail_up_to(&mut self, place: Place, outer: Option<usize>) {
        let mut next = place.visit();
        while let Some(visit) = next.filter(|&visit| Some(visit) != outer) {
            self.end(visit, Status::Failed);
            next = self.visits[visit].parent;
        }
    }

    fn end(&mut self, visit: usize, status: Status) {
        if self.running.remove(&visit) {
            self.visits[visit].status = status;
        }
    }

    fn end_inside(&mut self, outer: usize) {
        let inside: Vec<usize> =
            self.running.range(outer + 1..).copied().filter(|&visit| self.is_inside(visit, outer)).collect();
        inside.into_iter().for_each(|visit| self.end(visit, Status::Aborted));
    }

    fn is_inside(&self, visit: usize, outer: usize) -> bool {
        std::iter::successors(self.visits[visit].parent, |&at| self.visits[at].parent).any(|at| at == outer)
    }

    fn end_all(&mut self, status: Status) {
        for visit in std::mem::take(&mut self.running) {
            self.visits[visit].status = status;
        }
    }

    /// What has ended with the execution goes on. What was given up before, by a retry around it, does not.
    fn redrive(&mut self) {
        for place in 0..self.visits.len() {
            let visit = &self.visits[place];
            let ended_badly = matches!(visit.status, Status::Failed | Status::Aborted);
            let goes_on = visit.parent.is_none_or(|parent| {
                self.running.contains(&parent) && self.visits[parent].rounds == visit.round
            });
            if ended_badly && goes_on && !visit.is_replaced {
                let visit = &mut self.visits[place];
                visit.status = Status::Running;
                visit.error = None;
                visit.has_failed_inside = false;
                visit.calls = 0;
                let ended_badly = |status: &&mut Status| matches!(status, Status::Failed | Status::Aborted);
                visit
                    .iterations
                    .values_mut()
                    .filter(ended_badly)
                    .for_each(|status| *status = Status::Running);
                self.running.insert(place);
            }
        }
    }

    fn around(&self, place: Place, state_type: StateType) -> Option<usize> {
        self.find(place, |visit| visit.state_type == state_type && visit.status == Status::Running)
    }

    /// The nearest visit around a place that fits.
    fn find(&self, place: Place, fits: impl Fn(&Visit) -> bool) -> Option<usize> {
        let mut around = std::iter::successors(place.visit(), |&visit| self.visits[visit].parent);
        around.find(|&visit| fits(&self.visits[visit]))
    }

    pub fn into_statuses(self) -> Statuses {
        let mut states: BTreeMap<Text, StateStatus> = BTreeMap::new();
        let is_last = self.last_ones();
        let mut counted: BTreeSet<Text> = BTreeSet::new();
        for (visit, is_last) in self.visits.into_iter().zip(is_last) {
            let iterations = visit.iterations_by_status();
            let state = states.entry(visit.name.clone()).or_insert_with(|| StateStatus {
                status: visit.status,
                visits: 0,
                retries: 0,
                error: None,
                iterations: None,
                map_run_arn: None,
            });
            state.visits += 1;
            state.retries += visit.retries;
            state.error = visit.error.or(state.error.take());
            state.map_run_arn = visit.map_run_arn.or(state.map_run_arn.take());
            let is_one_of_many = counted.contains(&visit.name);
            if !is_last {
                // Where a retry around it has not come so far again, what was before tells.
                state.status = if is_one_of_many { state.status } else { visit.status };
                continue;
            }
            state.status = if is_one_of_many { state.status.max(visit.status) } else { visit.status };
            if let Some(iterations) = iterations {
                state.iterations.get_or_insert_default().add(iterations);
            }
            counted.insert(visit.name);
        }
        Statuses { states, transitions: self.transitions, began: self.began }
    }

    /// Which visits count for the status of their states: in each thread, the last one to the state.
    fn last_ones(&self) -> Vec<bool> {
        let mut last = BTreeMap::new();
        for (place, visit) in self.visits.iter().enumerate() {
            last.insert((&visit.name, visit.parent, visit.iteration), place);
        }
        let mut is_last = vec![false; self.visits.len()];
        for (place, visit) in self.visits.iter().enumerate() {
            let around = visit
                .parent
                .is_none_or(|parent| is_last[parent] && self.visits[parent].rounds == visit.round);
            is_last[place] = around && last[&(&visit.name, visit.parent, visit.iteration)] == place;
        }
        is_last
    }
}

impl Visit {
    fn iterations_by_status(&self) -> Option<Iterations> {
        let mut counts = Iterations { total: self.length?, ..Iterations::default() };
        for status in self.iterations.values() {
            match status {
                Status::Running => counts.running += 1,
                Status::Succeeded | Status::Caught => counts.succeeded += 1,
                Status::Failed => counts.failed += 1,
                Status::Aborted => counts.aborted += 1,
            }
        }
        Some(counts)
    }
}

impl Iterations {
    fn add(&mut self, other: Iterations) {
        self.total += other.total;
        self.running += other.running;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.aborted += other.aborted;
    }
}
