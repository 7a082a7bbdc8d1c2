//! Histories in, trees out.

use asl::{Failure, Timestamp};
use execution::event::StateType::{self, *};
use execution::{Event, EventKind};
use expect_test::{Expect, expect};
use json::Document;

use super::{Tree, display};

fn check(events: &[(u64, EventKind)], expected: Expect) {
    let mut tree = Tree::default();
    for (index, (previous, kind)) in events.iter().enumerate() {
        let id = index as u64 + 1;
        let timestamp = Timestamp(10 * index as i64);
        tree.take(&Event { id, previous: *previous, timestamp, kind: kind.clone() });
    }
    assert_eq!(tree.events(), events.len());
    expected.assert_eq(&display::plain(&tree));
}

fn nothing() -> Document {
    Document::parse("{}").unwrap()
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
    EventKind::LambdaFunctionScheduled {
        resource: "f".into(),
        input: nothing(),
        timeout_seconds: None,
        role_arn: None,
    }
}

fn failure(error: &str) -> Failure {
    Failure::named(error)
}

#[test]
fn states_in_a_row_with_a_retry_and_a_catch() {
    check(
        &[
            (0, started()),
            (0, entered(Task, "Validate")),
            (2, scheduled()),
            (3, EventKind::LambdaFunctionFailed { failure: failure("Busy") }),
            (4, scheduled()),
            (5, EventKind::LambdaFunctionFailed { failure: failure("Exists") }),
            (6, exited(Task, "Validate")),
            (7, entered(Pass, "Sorry")),
            (8, exited(Pass, "Sorry")),
            (9, EventKind::ExecutionSucceeded { output: nothing() }),
        ],
        expect![[r#"
              ↷ Validate                                 Task          50 ms  2 attempts  caught Exists
              ✓ Sorry                                    Pass          10 ms
        "#]],
    );
}

#[test]
fn iterations_and_branches_are_indented_and_the_way_out_is_found() {
    check(
        &[
            (0, started()),
            (0, entered(Map, "Each")),
            (2, EventKind::MapStateStarted { length: 2 }),
            (3, EventKind::MapIterationStarted { name: "Each".into(), index: 0 }),
            (4, entered(Pass, "A")),
            (5, exited(Pass, "A")),
            (6, EventKind::MapIterationSucceeded { name: "Each".into(), index: 0 }),
            (3, EventKind::MapIterationStarted { name: "Each".into(), index: 1 }),
            (8, entered(Parallel, "P")),
            (9, EventKind::ParallelStateStarted),
            (10, entered(Pass, "B")),
            (11, exited(Pass, "B")),
            (12, EventKind::ParallelStateSucceeded),
            (13, exited(Parallel, "P")),
            (14, EventKind::MapIterationSucceeded { name: "Each".into(), index: 1 }),
            (15, EventKind::MapStateSucceeded),
            (16, exited(Map, "Each")),
            (17, entered(Succeed, "Done")),
            (18, exited(Succeed, "Done")),
            (19, EventKind::ExecutionSucceeded { output: nothing() }),
        ],
        expect![[r#"
              ✓ Each                                     Map          150 ms
              ✓   [0] A                                  Pass          10 ms
              ✓   [1] P                                  Parallel      50 ms
              ✓     B                                    Pass          10 ms
              ✓ Done                                     Succeed       10 ms
        "#]],
    );
}

#[test]
fn what_an_execution_ended_in_is_marked() {
    check(
        &[
            (0, started()),
            (0, entered(Wait, "Nap")),
            (2, EventKind::ExecutionAborted { failure: failure("Stop") }),
        ],
        expect![[r#"
              ✗ Nap                                      Wait          10 ms
        "#]],
    );
}

#[test]
fn what_failed_is_told_from_what_was_given_up() {
    // A Parallel that is tried twice and then caught, and a Map that nothing catches.
    check(
        &[
            (0, started()),
            (0, entered(Parallel, "P")),
            (2, EventKind::ParallelStateStarted),
            (3, entered(Wait, "Long")),
            (3, entered(Fail, "Bad")),
            (5, EventKind::ParallelStateStarted),
            (6, entered(Wait, "Long")),
            (6, entered(Fail, "Bad")),
            (8, EventKind::ParallelStateFailed),
            (9, exited(Parallel, "P")),
            (10, entered(Map, "M")),
            (11, EventKind::MapStateStarted { length: 2 }),
            (12, EventKind::MapIterationStarted { name: "M".into(), index: 0 }),
            (12, EventKind::MapIterationStarted { name: "M".into(), index: 1 }),
            (13, entered(Wait, "Nap")),
            (14, entered(Fail, "Bad")),
            (16, EventKind::MapIterationFailed { name: "M".into(), index: 1 }),
            (16, EventKind::MapIterationAborted { name: "M".into(), index: 0 }),
            (16, EventKind::MapStateFailed),
            (19, EventKind::ExecutionFailed { failure: failure("Bad") }),
        ],
        expect![[r#"
            ↷ P                                        Parallel      80 ms  2 attempts  caught
            –   Long                                   Wait          20 ms
            ✗   Bad                                    Fail          10 ms
            –   Long                                   Wait          20 ms
            ✗   Bad                                    Fail          10 ms
            ✗ M                                        Map           90 ms
            –   [0] Nap                                Wait          40 ms
            ✗   [1] Bad                                Fail          10 ms
        "#]],
    );
}

#[test]
fn an_iteration_may_fail_in_a_map_that_tolerates_it() {
    check(
        &[
            (0, started()),
            (0, entered(Map, "M")),
            (2, EventKind::MapStateStarted { length: 1 }),
            (3, EventKind::MapIterationStarted { name: "M".into(), index: 0 }),
            (4, entered(Fail, "Bad")),
            (5, EventKind::MapIterationFailed { name: "M".into(), index: 0 }),
            (6, EventKind::MapStateSucceeded),
            (7, exited(Map, "M")),
            (8, EventKind::ExecutionSucceeded { output: nothing() }),
        ],
        expect![[r#"
            ✓ M                                        Map           60 ms
            ✗   [0] Bad                                Fail          10 ms
        "#]],
    );
}

#[test]
fn a_history_that_makes_no_sense_does_not_hurt() {
    check(
        &[
            (7, exited(Pass, "A")),
            (0, EventKind::MapStateSucceeded),
            (99, scheduled()),
            (2, entered(Pass, "B")),
        ],
        expect![[r#"
              … B                                        Pass           0 ms
        "#]],
    );
}
