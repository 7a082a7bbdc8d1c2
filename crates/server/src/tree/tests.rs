//! Histories in, trees out.

use asl::{Failure, Timestamp};
use execution::event::StateType::{self, *};
use execution::map_run::Counts;
use execution::{Event, EventKind, Status};
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

fn redriven() -> EventKind {
    EventKind::ExecutionRedriven { redrive_count: 1, client_token: None }
}

#[test]
fn what_is_redriven_goes_on_in_lines_of_its_own() {
    check(
        &[
            (0, started()),
            (0, entered(Map, "Each")),
            (2, EventKind::MapStateStarted { length: 3 }),
            (3, EventKind::MapIterationStarted { name: "Each".into(), index: 0 }),
            (4, entered(Pass, "Begin")),
            (5, exited(Pass, "Begin")),
            (6, entered(Task, "Do")),
            (7, scheduled()),
            (3, EventKind::MapIterationStarted { name: "Each".into(), index: 1 }),
            (9, entered(Pass, "Begin")),
            (10, exited(Pass, "Begin")),
            (11, EventKind::MapIterationSucceeded { name: "Each".into(), index: 1 }),
            (8, EventKind::LambdaFunctionFailed { failure: failure("Broken") }),
            (13, EventKind::MapIterationFailed { name: "Each".into(), index: 0 }),
            (14, EventKind::MapStateFailed),
            (15, EventKind::ExecutionFailed { failure: failure("Broken") }),
            (16, redriven()),
            (13, scheduled()),
            (3, EventKind::MapIterationStarted { name: "Each".into(), index: 2 }),
            (19, entered(Pass, "Begin")),
            (20, exited(Pass, "Begin")),
            (21, EventKind::MapIterationSucceeded { name: "Each".into(), index: 2 }),
            (18, exited(Task, "Do")),
            (23, EventKind::MapIterationSucceeded { name: "Each".into(), index: 0 }),
            (24, EventKind::MapStateSucceeded),
            (25, exited(Map, "Each")),
            (26, entered(Fail, "Enough")),
            (27, EventKind::ExecutionFailed { failure: failure("Enough") }),
            (28, redriven()),
            (27, entered(Fail, "Enough")),
            (30, EventKind::ExecutionFailed { failure: failure("Enough") }),
        ],
        expect![[r#"
            ✗ Each                                     Map          140 ms
            ✓   [0] Begin                              Pass          10 ms
            ✗   [0] Do                                 Task          70 ms  Broken
            ✓   [1] Begin                              Pass          10 ms
            ✓ Each                                     Map           90 ms
            ✓   [0] Do                                 Task          60 ms
            ✓   [2] Begin                              Pass          10 ms
            ✗ Enough                                   Fail          10 ms
            ✗ Enough                                   Fail          10 ms
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

fn map_run_started(name: &str) -> EventKind {
    EventKind::MapRunStarted { map_run_arn: name.into() }
}

#[test]
fn map_runs_are_retried_and_caught() {
    let failed = || EventKind::MapRunFailed { failure: failure("States.ExceedToleratedFailureThreshold") };
    check(
        &[
            (0, started()),
            (0, entered(Map, "Each")),
            (2, EventKind::MapStateStarted { length: 2 }),
            (3, map_run_started("1")),
            (4, failed()),
            (5, EventKind::MapStateStarted { length: 2 }),
            (6, map_run_started("2")),
            (7, EventKind::MapRunSucceeded),
            (8, EventKind::MapStateSucceeded),
            (8, exited(Map, "Each")),
            (10, entered(Map, "All")),
            (11, EventKind::MapStateStarted { length: 0 }),
            (12, map_run_started("3")),
            (13, failed()),
            (14, EventKind::MapStateFailed),
            (15, exited(Map, "All")),
            (16, entered(Map, "Last")),
            (17, EventKind::MapStateStarted { length: 0 }),
            (18, map_run_started("4")),
            (0, EventKind::ExecutionAborted { failure: failure("Enough") }),
        ],
        expect![[r#"
            ✓ Each                                     Map           80 ms  2 attempts  0 items
            ↷ All                                      Map           50 ms  0 items  caught States.ExceedToleratedFailureThreshold
            ✗ Last                                     Map           30 ms  0 items
        "#]],
    );
}

/// A tree with a Map Run that has begun at 40 ms.
fn with_map_run() -> Tree {
    let mut tree = Tree::default();
    let events = [
        (0, started()),
        (0, entered(Map, "Each")),
        (2, EventKind::MapStateStarted { length: 1200 }),
        (3, map_run_started("arn")),
    ];
    (1..).zip(events).for_each(|event| take(&mut tree, event));
    tree
}

fn take(tree: &mut Tree, (id, (previous, kind)): (u64, (u64, EventKind))) {
    tree.take(&Event { id, previous, timestamp: Timestamp(10 * id as i64), kind });
}

#[test]
fn a_map_run_says_how_far_it_is_ten_times_at_most() {
    let mut tree = with_map_run();
    let mut display = display::Display::new(false);
    let mut said = Vec::new();
    for done in 0..=1200 {
        let items = Counts { succeeded: done, pending: 1200 - done, ..Default::default() };
        // Twenty in a second.
        let now = Timestamp(40 + 50 * done as i64);
        tree.open_map_runs().for_each(|map_run| map_run.take(Status::Running, items, now));
        let news = display.news_of_map_runs(&tree, now);
        said.extend(news.lines().map(str::to_owned));
    }
    assert_eq!(said.len(), 10, "{said:#?}");
    assert_eq!(said[0], "  … Each: 120 of 1,200 items, 0 running, 20/s");
    assert_eq!(said[9], "  … Each: 1,200 of 1,200 items, 0 running, 20/s");
}

#[test]
fn a_terminal_shows_a_bar_below_its_map_run_and_no_more_lines_than_it_redraws() {
    let mut tree = with_map_run();
    tree.open_map_runs().for_each(|map_run| map_run.take(Status::Running, counts(), Timestamp(1040)));
    let shown = display::running_lines(tree.visits(), Timestamp(1040));
    let bar = "    ████████████████ 1,200 of 1,200 items, 3 failed, 0 running, 1,200/s\n";
    assert!(shown.ends_with(bar) && shown.lines().count() == 2, "{shown}");
    let many = vec![tree.visits()[0].clone(); 20];
    let shown = display::running_lines(&many, Timestamp(1040));
    assert_eq!(shown.lines().count(), 17, "{shown}");
    assert!(shown.ends_with("  … and 12 more\n"), "{shown}");
}

#[test]
fn a_map_run_tells_how_it_ended() {
    let mut tree = with_map_run();
    for map_run in tree.open_map_runs() {
        assert_eq!(map_run.arn(), "arn");
        map_run.take(Status::Running, counts(), Timestamp(1040));
    }
    assert_eq!(tree.open_map_runs().count(), 1);
    tree.open_map_runs().for_each(|map_run| map_run.take(Status::Succeeded, counts(), Timestamp(1040)));
    assert_eq!(tree.open_map_runs().count(), 0);
    let events =
        [(4, EventKind::MapRunSucceeded), (5, EventKind::MapStateSucceeded), (5, exited(Map, "Each"))];
    (5..).zip(events).for_each(|event| take(&mut tree, event));
    let line = "✓ Each                                     Map           50 ms  1,200 items, 3 failed\n";
    assert_eq!(display::plain(&tree), line);
    let shown = tree.to_json().to_text();
    let counts = r#""mapRunArn":"arn","items":1200,"itemsSucceeded":1197,"itemsFailed":3}]"#;
    assert!(shown.ends_with(counts), "{shown}");
}

fn counts() -> Counts {
    Counts { succeeded: 1197, failed: 3, ..Default::default() }
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
