//! Map Runs: what their children were given, what these did, and what came of it, compared with what the
//! definition and the history of the execution say that began them.
//!
//! Never here: what a child's own history must be; that is for the reference, as with any execution.

use std::collections::BTreeMap;

use asl::Timestamp;
use execution::event::StateType;
use execution::map_run::Counts;
use execution::{Event, EventKind, Status};
use json::{Document, Text, Value};
use store::{ExecutionFilter, ExecutionView, MapRunView, Store};

use super::history;
use super::promises::Promises;
use crate::reference::{self, Gathered};
use crate::told::{self, Known};

/// A Map Run that a history has told of.
pub struct ExpectedMapRun {
    /// The execution that began it.
    execution: Text,
    /// Which machine that is of.
    machine: usize,
    /// The name of its Map state.
    state: Text,
    begun_at: Timestamp,
    /// What the reference read of it; `None` if it began after a redrive.
    told: Option<reference::MapRun>,
    /// How often the history says that it was redriven.
    redrives: u64,
    /// What reads have shown of its children.
    seen: BTreeMap<u32, Vec<Event>>,
    /// It was cut short in the turn that began it, or may have been: then there is none.
    may_never_have_begun: bool,
    /// It was looked at when it had ended.
    is_checked: bool,
}

/// What a look at a Map Run has found, for the report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub status: Option<Status>,
    pub children: u64,
    pub children_aborted: u64,
    pub redrives: u64,
}

impl Promises {
    /// Map Runs whose end has not been looked at.
    pub fn open_map_runs(&self) -> Vec<Text> {
        let open = self.map_runs.iter().filter(|(_, run)| !run.is_checked);
        open.map(|(arn, _)| arn.clone()).collect()
    }

    /// Reads the history of an execution with the reference, and notes the Map Runs that it tells of.
    pub fn read(
        &mut self,
        store: &Store,
        view: &ExecutionView,
        events: &[Event],
        machine: usize,
        processor_of: Option<&str>,
    ) -> reference::Told {
        let arn = &view.start.arn;
        let known = Known {
            processor_of,
            may_stop: &self.may_stop,
            gathered: &gathered(store, events),
            clock_went_back: self.clock_went_back,
        };
        let kind = &self.kinds[self.machines[machine].kind];
        let told = told::check(&kind.reference, &view.start, events, known);
        let told = told.unwrap_or_else(|difference| panic!("{arn}: {}", difference.0));
        for MapRunTold { arn: map_run_arn, state, begun_at, redrives, may_never_have_begun } in
            map_runs(events)
        {
            let told = told.map_runs.iter().find(|run| run.arn == map_run_arn);
            let run = self.map_runs.entry(map_run_arn).or_insert_with(|| ExpectedMapRun {
                execution: arn.clone(),
                machine,
                state,
                begun_at,
                told: told.cloned(),
                redrives,
                seen: BTreeMap::new(),
                may_never_have_begun,
                is_checked: false,
            });
            run.is_checked &= run.redrives == redrives;
            run.redrives = redrives;
            run.may_never_have_begun = may_never_have_begun;
        }
        told
    }

    /// Looks at a Map Run and its children, and panics when they are not what was promised.
    pub fn observe_map_run(&mut self, store: &Store, arn: &Text) -> Seen {
        let Some(mut run) = self.map_runs.remove(arn) else { return Seen::default() };
        self.concerned = run.execution.clone();
        let view = store.map_run(arn).expect("what is durable can be read");
        let Some(view) = view else {
            let is_there = store.execution(&run.execution).expect("it can be read").is_some();
            assert!(!is_there || run.may_never_have_begun || self.is_old(&run), "{arn} is lost");
            return Seen::default();
        };
        assert_eq!(view.execution_arn, run.execution, "{arn} is of another execution");
        let children = children(store, arn);
        let mut seen = Seen { children: children.len() as u64, redrives: run.redrives, ..Seen::default() };
        for (&number, child) in &children {
            self.observe_child(store, &mut run, arn, number, child);
            seen.children_aborted += u64::from(child.status == Status::Aborted);
        }
        // The history is a turn ahead of a Map Run that is redriven.
        if view.status != Status::Running && view.summary.redrives >= run.redrives {
            self.check_end(store, &view, &run, &children);
            seen.status = Some(view.status);
            run.is_checked = true;
        }
        self.map_runs.insert(arn.clone(), run);
        seen
    }

    /// Forgets the Map Runs of executions that are forgotten.
    pub fn forget_map_runs(&mut self) {
        let executions = &self.executions;
        self.map_runs.retain(|_, run| !run.is_checked || executions.contains_key(&run.execution));
    }

    fn observe_child(
        &mut self,
        store: &Store,
        run: &mut ExpectedMapRun,
        arn: &Text,
        number: u32,
        child: &ExecutionView,
    ) {
        let of = child.start.child_of.as_ref().expect("only children were listed");
        assert_eq!(of.map_run_arn, *arn, "{} is of another Map Run", child.start.arn);
        if let Some(told) = &run.told {
            let Some((input, items)) = told.planned.inputs.get(number as usize) else {
                panic!("{arn} has a child {number}, for which there are no items")
            };
            assert!(
                reference::fits(input, child.start.input.value()),
                "{arn}: child {number} has another input"
            );
            assert_eq!(of.items, *items, "{arn}: child {number} has another number of items");
        }
        let page =
            store.history(&child.start.arn, 0, usize::MAX, false).expect("what is durable can be read");
        let Some(page) = page else { return };
        let seen = run.seen.entry(number).or_default();
        assert!(page.events.starts_with(seen), "{arn}: what was read of child {number} is not true any more");
        if page.events.len() > seen.len() {
            history::check(&page.events, child.status, child.stopped_at);
            self.read(store, child, &page.events, run.machine, Some(&run.state));
        }
        *seen = page.events;
    }

    /// Whether retention may have taken children of it away.
    fn is_old(&self, run: &ExpectedMapRun) -> bool {
        self.latest.0 - run.begun_at.0 >= self.retention / 2
    }

    fn check_end(
        &self,
        store: &Store,
        view: &MapRunView,
        run: &ExpectedMapRun,
        children: &BTreeMap<u32, ExecutionView>,
    ) {
        let arn = &view.arn;
        for (number, child) in children {
            assert!(child.status != Status::Running, "{arn} has ended, and its child {number} runs");
        }
        if self.is_old(run) {
            return;
        }
        let (executions, items) = (view.summary.executions, view.summary.items);
        let count = |status: Status, items: bool| -> u64 {
            let children = children.values().filter(|child| child.status == status);
            children.map(|child| if items { u64::from(child.items.unwrap_or(0)) } else { 1 }).sum()
        };
        for (shown, are_items) in [(executions, false), (items, true)] {
            let Counts { succeeded, failed, timed_out, aborted, .. } = shown;
            let found = [Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];
            let found = found.map(|status| count(status, are_items));
            let told = [succeeded, failed, timed_out, aborted];
            // One that was to begin again, and did not, is still what it was before.
            let waiting = shown.pending_redrive;
            let is_right = match waiting {
                0 => told == found,
                _ => told.iter().sum::<u64>() + waiting == found.iter().sum() && run.redrives > 0,
            };
            assert!(is_right && shown.running == 0, "{arn} counts wrongly: {shown:?}, children: {found:?}");
        }
        if let Some(told) = &run.told {
            self.check_outcome(store, view, run, told);
        }
    }

    /// Whether it ended as it had to.
    fn check_outcome(
        &self,
        store: &Store,
        view: &MapRunView,
        run: &ExpectedMapRun,
        told: &reference::MapRun,
    ) {
        let (arn, items) = (&view.arn, view.summary.items);
        assert_eq!(items.total(), told.items, "{arn} has another number of items: {items:?}");
        let failed = items.failed + items.timed_out;
        let is_exceeded = match (told.tolerated_count, told.tolerated_percentage) {
            (None, None) => failed > 0,
            (count, percentage) => {
                count.is_some_and(|count| failed as i64 > count)
                    || percentage.is_some_and(|most| failed as f64 * 100.0 / told.items.max(1) as f64 > most)
            }
        };
        let failure = view.failure.as_ref();
        let error = failure.and_then(|failure| failure.error.as_deref());
        match view.status {
            Status::Succeeded => {
                assert!(
                    !is_exceeded && told.planned.trouble.is_none(),
                    "{arn} succeeded, and must not: {items:?}"
                );
                assert_eq!(items.pending, 0, "{arn} succeeded without all of its items");
                assert_eq!(items.results_written, items.succeeded, "{arn} lost results");
            }
            Status::Failed if error == Some("States.ExceedToleratedFailureThreshold") => {
                assert!(is_exceeded, "{arn} failed by {failed} items of {}", told.items);
            }
            Status::Failed => {
                let planned = told.planned.trouble.as_ref().and_then(|trouble| trouble.error.as_deref());
                // Too large a result is no matter of the items.
                let is_full = error == Some("States.DataLimitExceeded") && failed == 0;
                assert!(error == planned || is_full, "{arn} failed by {failure:?}; planned: {planned:?}");
            }
            Status::Aborted => {
                let page = store.history(&run.execution, 0, usize::MAX, false).expect("it can be read");
                let goes_on = page.is_some_and(|page| !history::was_cut_short(&page.events));
                assert!(!goes_on, "{arn} was aborted, and nothing was cut short");
            }
            Status::TimedOut | Status::Running => panic!("{arn} is {:?}", view.status),
        }
        assert!(
            view.status != Status::Succeeded
                || told.at_once == 0
                || self.clock_went_back
                || run.redrives > 0
                || at_once(run) <= told.at_once,
            "{arn} has {} children at once",
            at_once(run)
        );
    }
}

/// How many children ran at one time.
fn at_once(run: &ExpectedMapRun) -> i64 {
    let mut changes: Vec<(i64, i64)> = Vec::new();
    for events in run.seen.values() {
        if let (Some(first), Some(last)) = (events.first(), events.last()) {
            changes.extend([(first.timestamp.0, 1), (last.timestamp.0, -1)]);
        }
    }
    // Of what happens in one millisecond, ends come first.
    changes.sort_unstable();
    let running = changes.iter().scan(0, |running, (_, change)| {
        *running += change;
        Some(*running)
    });
    running.max().unwrap_or(0)
}

/// The children of a Map Run that are there, by number.
fn children(store: &Store, map_run_arn: &Text) -> BTreeMap<u32, ExecutionView> {
    let mut filter =
        ExecutionFilter { machine_arn: map_run_arn.clone(), status: None, after: None, limit: 100 };
    let mut children = BTreeMap::new();
    loop {
        let page = store.executions(&filter).expect("the list can be read");
        for row in page.executions {
            let view = store.execution(&row.arn()).expect("what is durable can be read");
            let Some(view) = view else { continue };
            let of = view.start.child_of.as_ref().expect("only children are listed under a Map Run");
            let before = children.insert(of.child, view.clone());
            assert!(before.is_none(), "{map_run_arn} has two children {}", of.child);
        }
        let Some(next) = page.next else { return children };
        filter.after = Some(next);
    }
}

/// What a history tells of a Map Run.
struct MapRunTold {
    arn: Text,
    state: Text,
    begun_at: Timestamp,
    redrives: u64,
    may_never_have_begun: bool,
}

/// The Map Runs of a history.
fn map_runs(events: &[Event]) -> Vec<MapRunTold> {
    let begun = events.iter().filter_map(|event| match &event.kind {
        EventKind::MapRunStarted { map_run_arn } => Some((map_run_arn, event)),
        _ => None,
    });
    let of_run = |(arn, event): (&Text, &Event)| {
        let is_redrive = |later: &&Event| matches!(&later.kind, EventKind::MapRunRedriven { map_run_arn, .. } if map_run_arn == arn);
        let in_its_turn =
            events[event.id as usize..].iter().take_while(|later| later.timestamp == event.timestamp);
        let cuts = |later: &Event| {
            matches!(
                later.kind,
                EventKind::MapRunAborted
                    | EventKind::ExecutionFailed { .. }
                    | EventKind::ExecutionAborted { .. }
                    | EventKind::ExecutionTimedOut { .. }
            )
        };
        MapRunTold {
            arn: arn.clone(),
            state: state_of(events, event),
            begun_at: event.timestamp,
            redrives: events.iter().filter(is_redrive).count() as u64,
            may_never_have_begun: in_its_turn.into_iter().any(cuts),
        }
    };
    begun.map(of_run).collect()
}

/// The name of the Map state that an event of it follows.
fn state_of(events: &[Event], event: &Event) -> Text {
    let mut event = event;
    loop {
        match &event.kind {
            EventKind::StateEntered { state_type: StateType::Map, name, .. } => return name.clone(),
            EventKind::EvaluationFailed { state, .. } => return state.clone(),
            _ => event = &events[event.previous as usize - 1],
        }
    }
}

/// What the Map Runs came to that a history tells the success of.
fn gathered(store: &Store, events: &[Event]) -> BTreeMap<Text, Gathered> {
    let ends = events.iter().filter(|event| matches!(event.kind, EventKind::MapRunSucceeded));
    let arns = ends.filter_map(|event| match &events[event.previous as usize - 1].kind {
        EventKind::MapRunStarted { map_run_arn } => Some(map_run_arn),
        // The reference does not read so far.
        _ => None,
    });
    arns.map(|arn| {
        let children = children(store, arn);
        (arn.clone(), Gathered::Children(children.values().map(child).collect()))
    })
    .collect()
}

fn child(view: &ExecutionView) -> reference::Child {
    let start = &view.start;
    let (status, redrive_status) = match view.status {
        Status::Running => panic!("{} runs, and its Map Run has ended well", start.arn),
        Status::Succeeded => ("SUCCEEDED", "NOT_REDRIVABLE"),
        Status::Failed => ("FAILED", "REDRIVABLE_BY_MAP_RUN"),
        Status::TimedOut => ("TIMED_OUT", "REDRIVABLE_BY_MAP_RUN"),
        Status::Aborted => ("ABORTED", "REDRIVABLE_BY_MAP_RUN"),
    };
    let mut details = json::value!({
        "ExecutionArn": start.arn.clone(), "Input": start.input.text(), "InputDetails": { "Included": true },
        "Name": start.name.clone(), "RedriveCount": view.redriven.map_or(0, |redriven| redriven.count),
        "RedriveStatus": redrive_status, "StartDate": start.started_at.to_iso().to_string(),
        "StateMachineArn": start.state_machine_arn.clone(), "Status": status,
    });
    let members = details.as_object_mut().expect("it was made as one");
    let mut tell = |name: &str, value: Option<Value>| {
        value.map(|value| members.insert(name, value));
    };
    let is_well = view.status == Status::Succeeded;
    let output = view.output.as_ref().map(Document::text).map(Value::from);
    tell("OutputDetails", output.is_some().then(|| json::value!({ "Included": true })));
    tell("Output", output);
    tell("RedriveStatusReason", is_well.then(|| "Execution is SUCCEEDED and cannot be redriven".into()));
    tell("StopDate", view.stopped_at.map(|at| at.to_iso().to_string().into()));
    let failure = view.failure.as_ref();
    tell("Error", failure.and_then(|failure| failure.error.as_deref()).map(Value::from));
    tell("Cause", failure.and_then(|failure| failure.cause.as_deref()).map(Value::from));
    reference::Child { output: view.output.clone(), details }
}
