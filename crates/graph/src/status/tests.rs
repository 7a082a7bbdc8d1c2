//! Histories in, what states have done out.

use execution::event::StateType::{self, *};
use execution::{Event, EventKind};
use expect_test::{Expect, expect};
use json::Document;

use super::*;

/// Each event with the number of the one before it.
fn statuses(events: &[(u64, EventKind)]) -> Statuses {
    let event = |(place, (previous, kind)): (usize, &(u64, EventKind))| Event {
        id: place as u64 + 1,
        previous: *previous,
        timestamp: at(),
        kind: kind.clone(),
    };
    let events: Vec<Event> = events.iter().enumerate().map(event).collect();
    Statuses::of(&events)
}

fn check(events: &[(u64, EventKind)], expected: Expect) {
    let statuses = statuses(events);
    let mut lines: Vec<String> =
        statuses.states.keys().map(|name| format!("{name} {}", statuses.state_json(name))).collect();
    let way = |(from, to, caught): &(Text, Text, bool)| {
        format!("{from} {} {to}", if *caught { "-error->" } else { "->" })
    };
    lines.extend(statuses.transitions.iter().map(way));
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

fn at<T: Default + Copy>() -> T {
    T::default()
}

fn nothing() -> Document {
    Document::from_valid_text("{}")
}

fn started() -> EventKind {
    EventKind::ExecutionStarted { input: nothing(), role_arn: "r".into(), version_arn: None, alias_arn: None }
}

fn entered(state_type: StateType, name: &str) -> EventKind {
    EventKind::StateEntered { state_type, name: name.into(), input: nothing() }
}

fn exited(state_type: StateType, name: &str) -> EventKind {
    EventKind::StateExited { state_type, name: name.into(), output: nothing(), assigned: Vec::new() }
}

fn scheduled() -> EventKind {
    EventKind::ActivityScheduled {
        resource: "a".into(),
        input: nothing(),
        timeout_seconds: None,
        heartbeat_seconds: None,
    }
}

fn failed(error: &str) -> EventKind {
    EventKind::ActivityFailed { failure: failure(error) }
}

fn ended_badly(error: &str) -> EventKind {
    EventKind::ExecutionFailed { failure: failure(error) }
}

fn failure(error: &str) -> asl::Failure {
    asl::Failure::named(error)
}

#[test]
fn retries_and_catches() {
    check(
        &[
            (0, started()),
            (0, entered(Task, "Charge")),
            (2, scheduled()),
            (3, failed("Busy")),
            (4, scheduled()),
            (5, failed("Broke")),
            (6, exited(Task, "Charge")),
            (7, entered(Task, "Refund")),
            (8, scheduled()),
        ],
        expect![[r#"
            Charge {"status":"CAUGHT","visits":1,"retries":1,"error":"Broke"}
            Refund {"status":"RUNNING","visits":1,"retries":0}
            Charge -error-> Refund
        "#]],
    );
}

#[test]
fn a_loop_counts_its_visits() {
    let mut events = vec![(0, started())];
    for _ in 0..3 {
        let previous = if events.len() == 1 { 0 } else { events.len() as u64 };
        events.push((previous, entered(Wait, "Again")));
        events.push((events.len() as u64, exited(Wait, "Again")));
    }
    check(
        &events,
        expect![[r#"
            Again {"status":"SUCCEEDED","visits":3,"retries":0}
            Again -> Again
        "#]],
    );
}

/// A Map of three items; the second one fails, and the Map with it.
fn failing_map() -> Vec<(u64, EventKind)> {
    let iteration = |index| EventKind::MapIterationStarted { name: "Each".into(), index };
    vec![
        (0, started()),
        (0, entered(Map, "Each")),
        (2, EventKind::MapStateStarted { length: 3 }),
        (3, iteration(0)),
        (4, entered(Pass, "One")),
        (5, exited(Pass, "One")),
        (6, EventKind::MapIterationSucceeded { name: "Each".into(), index: 0 }),
        (3, iteration(1)),
        (8, entered(Task, "Two")),
        (9, scheduled()),
        (3, iteration(2)),
        (11, entered(Task, "Two")),
        (12, scheduled()),
        (10, failed("Oops")),
        (14, EventKind::MapIterationFailed { name: "Each".into(), index: 1 }),
        (15, EventKind::MapIterationAborted { name: "Each".into(), index: 2 }),
        (15, EventKind::MapStateFailed),
    ]
}

#[test]
fn iterations_are_counted_and_what_fails_one_fails_the_map() {
    let mut events = failing_map();
    events.push((17, ended_badly("Oops")));
    check(
        &events,
        expect![[r#"
            Each {"status":"FAILED","visits":1,"retries":0,"error":"Oops","iterations":{"total":3,"running":0,"succeeded":1,"failed":1,"aborted":1}}
            One {"status":"SUCCEEDED","visits":1,"retries":0}
            Two {"status":"FAILED","visits":2,"retries":0,"error":"Oops"}
        "#]],
    );
}

#[test]
fn a_map_that_is_tried_again_counts_anew() {
    let mut events = failing_map();
    events.push((17, EventKind::MapStateStarted { length: 3 }));
    events.push((18, EventKind::MapIterationStarted { name: "Each".into(), index: 0 }));
    events.push((19, entered(Pass, "One")));
    check(
        &events,
        expect![[r#"
            Each {"status":"RUNNING","visits":1,"retries":1,"iterations":{"total":3,"running":1,"succeeded":0,"failed":0,"aborted":0}}
            One {"status":"RUNNING","visits":2,"retries":0}
            Two {"status":"ABORTED","visits":2,"retries":0,"error":"Oops"}
        "#]],
    );
}

#[test]
fn nested_containers_fail_from_the_inside_out() {
    check(
        &[
            (0, started()),
            (0, entered(Parallel, "Outer")),
            (2, EventKind::ParallelStateStarted),
            (3, entered(Parallel, "Inner")),
            (4, EventKind::ParallelStateStarted),
            (5, entered(Fail, "Stop")),
            (3, entered(Wait, "Beside")),
            (6, EventKind::ParallelStateFailed),
            (8, EventKind::ParallelStateFailed),
            (9, exited(Parallel, "Outer")),
            (10, entered(Succeed, "Well")),
            (11, exited(Succeed, "Well")),
            (12, EventKind::ExecutionSucceeded { output: nothing() }),
        ],
        expect![[r#"
            Beside {"status":"ABORTED","visits":1,"retries":0}
            Inner {"status":"FAILED","visits":1,"retries":0,"error":"an error inside"}
            Outer {"status":"CAUGHT","visits":1,"retries":0,"error":"an error inside"}
            Stop {"status":"FAILED","visits":1,"retries":0}
            Well {"status":"SUCCEEDED","visits":1,"retries":0}
            Outer -error-> Well
        "#]],
    );
}

#[test]
fn a_redrive_goes_on_where_it_stopped() {
    let mut events = failing_map();
    events.push((17, ended_badly("Oops")));
    events.push((18, EventKind::ExecutionRedriven { redrive_count: 1, client_token: None }));
    events.push((14, scheduled()));
    check(
        &events,
        expect![[r#"
            Each {"status":"RUNNING","visits":1,"retries":0,"iterations":{"total":3,"running":2,"succeeded":1,"failed":0,"aborted":0}}
            One {"status":"SUCCEEDED","visits":1,"retries":0}
            Two {"status":"RUNNING","visits":2,"retries":0}
        "#]],
    );
}

#[test]
fn items_of_a_map_run_are_told_from_outside() {
    let events = [
        (0, started()),
        (0, entered(Map, "Many")),
        (2, EventKind::MapStateStarted { length: 0 }),
        (3, EventKind::MapRunStarted { map_run_arn: "arn:run".into() }),
    ];
    let mut statuses = statuses(&events);
    let runs: Vec<Text> = statuses.map_runs().cloned().collect();
    assert_eq!(runs, ["arn:run"]);
    statuses.set_items("arn:run", Iterations { total: 9, running: 2, succeeded: 7, ..Iterations::default() });
    assert_eq!(
        statuses.state_json("Many").to_text(),
        r#"{"status":"RUNNING","visits":1,"retries":0,"mapRunArn":"arn:run","iterations":{"total":9,"running":2,"succeeded":7,"failed":0,"aborted":0}}"#
    );
    assert_eq!(statuses.state_json("Other").to_text(), r#"{"status":"NOT_REACHED"}"#);
}
