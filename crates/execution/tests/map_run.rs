//! A Map Run as a value: what it is told and what it says, and that its turns bring it back.

use std::sync::Arc;

use asl::{ContainerId, Failure, StateId, Timestamp};
use execution::map_run::{Counts, EndedChild, MapRun, MapRunSettings, MapRunStart, MapRunStep};
use execution::{FrameId, Status};
use proptest::prelude::*;

fn start(items: Option<u64>, settings: MapRunSettings, exports: bool) -> Arc<MapRunStart> {
    Arc::new(MapRunStart {
        arn: "arn:aws:states:r:a:mapRun:m/L:u".into(),
        name: "u".into(),
        execution_arn: "e".into(),
        frame: FrameId::TOP,
        state: StateId(0),
        processor: ContainerId(1),
        express: false,
        revision: 1,
        child_machine_name: "m/L".into(),
        child_machine_arn: "arn:aws:states:r:a:stateMachine:m/L".into(),
        role_arn: "role".into(),
        region: "r".into(),
        seed: 1,
        items,
        settings,
        exports,
        started_at: Timestamp(0),
    })
}

fn ended(child: u32, status: Status) -> EndedChild {
    EndedChild { child, status, is_redrivable: true, express: None }
}

fn tolerate(count: Option<u64>, percentage: Option<f64>) -> MapRunSettings {
    MapRunSettings {
        max_concurrency: 2,
        tolerated_failure_count: count,
        tolerated_failure_percentage: percentage,
    }
}

#[test]
fn children_begin_as_there_is_room_and_results_are_gathered_behind_the_last() {
    let mut run = MapRun::new(start(None, tolerate(None, None), false));
    run.read(5, 3, true);
    assert_eq!((run.begin(2), run.begin(2), run.room()), (0, 1, 0));
    run.ended(ended(1, Status::Succeeded));
    assert_eq!((run.room(), run.step()), (1, MapRunStep::Children));
    assert_eq!(run.begin(1), 2);
    run.ended(ended(0, Status::Succeeded));
    run.ended(ended(2, Status::Succeeded));
    // The news of an end may come twice.
    run.ended(ended(2, Status::Failed));
    assert_eq!(run.step(), MapRunStep::Gather);
    run.gathered();
    run.end(Status::Succeeded, Timestamp(9), None);
    let summary = run.summary();
    assert_eq!((summary.executions.succeeded, summary.items.succeeded), (3, 5));
    assert_eq!((summary.executions.results_written, summary.items.results_written), (3, 5));
    assert_eq!((summary.executions.total(), summary.items.total()), (3, 5));
    assert_eq!(run.step(), MapRunStep::Ended);
}

#[test]
fn a_share_of_what_is_not_read_yet_is_not_reckoned() {
    let mut run = MapRun::new(start(None, tolerate(None, Some(50.0)), false));
    run.read(2, 2, false);
    run.begin(1);
    run.begin(1);
    run.ended(ended(0, Status::Failed));
    run.ended(ended(1, Status::TimedOut));
    assert_eq!(run.step(), MapRunStep::Children, "there may be many more");
    run.read(3, 3, true);
    let failing = run.failing().and_then(|failure| failure.error.as_deref());
    assert_eq!(failing, Some("States.ExceedToleratedFailureThreshold"));
    assert!(matches!(run.step(), MapRunStep::End { status: Status::Failed, .. }));
}

#[test]
fn aborted_children_are_no_failures_and_the_others_are_stopped_before_the_end() {
    let mut run = MapRun::new(start(Some(4), tolerate(Some(0), None), true));
    run.read(4, 4, true);
    run.begin(1);
    run.begin(1);
    run.ended(ended(0, Status::Aborted));
    assert_eq!(run.step(), MapRunStep::Children);
    run.begin(1);
    run.ended(ended(1, Status::Failed));
    assert_eq!((run.step(), run.room()), (MapRunStep::StopChildren, 0));
    run.ended(ended(2, Status::Aborted));
    assert_eq!(run.step(), MapRunStep::Gather, "the files tell of those that never began, too");
    assert_eq!(run.summary().items.pending, 1);
}

#[test]
fn what_no_redrive_can_let_go_on_is_counted_and_stays_what_it_is() {
    let mut run = MapRun::new(start(Some(9), tolerate(Some(1), None), false));
    run.read(9, 3, true);
    for items in [4, 3, 2] {
        run.begin(items);
    }
    run.ended(EndedChild { is_redrivable: false, ..ended(0, Status::Aborted) });
    run.ended(ended(1, Status::TimedOut));
    run.ended(EndedChild { is_redrivable: false, ..ended(2, Status::Failed) });
    let counts = |run: &MapRun| {
        let shown = |counts: Counts| {
            let Counts { failed, timed_out, aborted, pending_redrive, failures_not_redrivable, .. } = counts;
            [failed, timed_out, aborted, pending_redrive, failures_not_redrivable]
        };
        [shown(run.summary().executions), shown(run.summary().items)]
    };
    assert_eq!(counts(&run), [[1, 1, 1, 0, 2], [2, 3, 4, 0, 6]]);
    run.end(Status::Failed, Timestamp(5), Some(Failure::new("E", "c")));
    run.redrive(Timestamp(9));
    assert_eq!(counts(&run), [[1, 0, 1, 1, 2], [2, 0, 4, 3, 6]]);
    assert!(run.failing().is_some(), "two items failed for good, where one may");
    run.end(Status::Failed, Timestamp(10), Some(Failure::new("E", "c")));
    assert_eq!(counts(&run), [[1, 1, 1, 0, 2], [2, 3, 4, 0, 6]]);
}

#[test]
fn a_redrive_begins_what_ended_badly_and_what_never_began() {
    let mut run = MapRun::new(start(Some(4), tolerate(None, None), false));
    run.read(4, 4, true);
    run.begin(1);
    run.begin(1);
    run.ended(ended(0, Status::Succeeded));
    run.ended(ended(1, Status::Failed));
    run.end(Status::Failed, Timestamp(5), Some(Failure::new("E", "c")));
    run.redrive(Timestamp(9));
    let summary = run.summary();
    assert_eq!((summary.executions.pending_redrive, summary.executions.failed), (1, 0));
    assert_eq!((summary.items.pending_redrive, summary.items.pending, summary.items.total()), (1, 2, 4));
    assert_eq!((run.closed(), run.next_again(), run.next()), (None, Some(1), (2, 2)));
    // What was read is read again.
    run.read(4, 4, true);
    run.begin_again(1);
    run.begin(1);
    run.ended(ended(1, Status::Succeeded));
    run.begin(1);
    run.ended(ended(2, Status::Succeeded));
    run.ended(ended(3, Status::Succeeded));
    assert_eq!((run.step(), run.summary().executions.succeeded), (MapRunStep::Gather, 4));
}

#[test]
fn an_update_can_end_it() {
    let mut run = MapRun::new(start(Some(4), tolerate(Some(2), None), false));
    run.read(4, 4, true);
    run.begin(1);
    run.ended(ended(0, Status::Failed));
    assert_eq!(run.step(), MapRunStep::Children);
    run.update(tolerate(Some(0), None));
    assert!(run.failing().is_some());
}

proptest! {
    /// Whatever happens to it in whatever rounds: its turns bring back what it is, and the counts fit together.
    #[test]
    fn turns_bring_it_back(
        happenings in proptest::collection::vec((0_u8..12, any::<u32>()), 0..80),
        count in proptest::option::of(0_u64..5),
        percentage in proptest::option::of(0.0..100.0),
        exports in any::<bool>(),
    ) {
        let start = start(None, tolerate(count, percentage), exports);
        let (mut run, mut again) = (MapRun::new(start.clone()), MapRun::new(start));
        let (mut items, mut children) = (0, 0);
        for (what, number) in happenings {
            let at = Timestamp(i64::from(number));
            let open: Vec<u32> = run.open_children().map(|child| child.child).collect();
            let one = open.get(number as usize % open.len().max(1)).copied();
            let status = [Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted][number as usize % 4];
            match what {
                0 | 1 if run.closed().is_none() => {
                    items += u64::from(number % 7) + 1;
                    children += 1;
                    run.read(items, children, number % 13 == 0);
                }
                2..=4 if run.room() > 0 && run.next().0 < children => drop(run.begin(number % 3 + 1)),
                5 | 6 if one.is_some() => {
                    let is_redrivable = number % 5 != 0;
                    run.ended(EndedChild { is_redrivable, ..ended(one.unwrap_or(0), status) });
                }
                7 if run.room() > 0 => {
                    if let Some(child) = run.next_again() {
                        run.begin_again(child);
                    }
                }
                8 => match run.step() {
                    MapRunStep::End { status, failure } => run.end(status, at, failure),
                    MapRunStep::Gather => {
                        run.gathered();
                        run.end(Status::Succeeded, at, None);
                    }
                    MapRunStep::Children | MapRunStep::StopChildren | MapRunStep::Ended => {}
                },
                9 if run.closed().is_some_and(|close| close.status != Status::Succeeded) => {
                    // The redrive's own turn begins with it.
                    if let Some(turn) = run.take_turn(at) {
                        again.apply(&turn);
                    }
                    run.redrive(at);
                    (children, items) = run.next();
                }
                10 if number % 10 == 0 => run.abort(),
                11 => {
                    if let Some(turn) = run.take_turn(at) {
                        again.apply(&turn);
                    }
                    prop_assert_eq!(&run, &again);
                }
                _ => {}
            }
            let counts = run.summary().executions;
            let ended = counts.succeeded + counts.failed + counts.timed_out + counts.aborted;
            prop_assert_eq!(counts.running + counts.pending_redrive + ended, u64::from(run.begun()));
            prop_assert!(counts.failures_not_redrivable <= counts.failed + counts.timed_out + counts.aborted);
        }
        if let Some(turn) = run.take_turn(Timestamp(0)) {
            again.apply(&turn);
        }
        prop_assert_eq!(run, again);
    }
}
