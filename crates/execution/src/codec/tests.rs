use asl::{StateId, Timestamp};
use json::Text;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::event::{Event, EventKind, StateType};
use crate::frame::{
    Frame, FrameId, PendingMap, PendingMapRun, PendingParallel, PendingTask, TaskStage, Waiting,
};
use crate::map_run::{
    BatchPlan, ChildEnd, ChildOf, Counts, EndedChild, MapPlan, MapRunChange, MapRunClose, MapRunSettings,
    MapRunStart, MapRunSummary, MapRunTurn, ReaderPlan,
};
use crate::standing::{Offered, Standing, Wait};
use crate::wakeup::TaskOutcome;

fn text() -> impl Strategy<Value = Text> {
    "\\PC{0,30}".prop_map(Text::from)
}

fn document() -> impl Strategy<Value = Document> {
    prop_oneof![
        any::<i64>().prop_map(|number| Document::from_valid_text(number.to_string())),
        "[a-z]{0,40}".prop_map(|text| Document::from_valid_text(format!("{{\"a\": \"{text}\"}}"))),
    ]
}

fn time() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp)
}

fn failure() -> impl Strategy<Value = Failure> {
    (option::of(text()), option::of("\\PC{0,30}")).prop_map(|(error, cause)| Failure { error, cause })
}

fn state_type() -> impl Strategy<Value = StateType> {
    use StateType::{Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait};
    proptest::sample::select(vec![Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait])
}

/// Every kind of event, each with all that it can hold.
fn kind() -> impl Strategy<Value = EventKind> {
    let parts = (
        (state_type(), text(), text(), text(), option::of(text())),
        (document(), failure(), vec((text(), document()), 0..3)),
        (any::<u64>(), option::of(any::<u64>()), option::of(any::<u64>())),
        0..41,
    );
    parts.prop_map(|((state_type, name, resource, region, role), (d, f, assigned), (n, t, h), which)| {
        let (resource_type, role_arn, index) = (name.clone(), role.clone(), n);
        let (input, output, failure, timeout_seconds, heartbeat_seconds) = (d.clone(), d, f, t, h);
        use EventKind as K;
        match which {
            0 => K::ExecutionStarted { input, role_arn: name, version_arn: role.clone(), alias_arn: role },
            1 => K::ExecutionSucceeded { output },
            2 => K::ExecutionFailed { failure },
            3 => K::ExecutionAborted { failure },
            4 => K::ExecutionTimedOut { failure },
            5 => K::StateEntered { state_type, name, input },
            6 => K::StateExited { state_type, name, output, assigned },
            7 => K::StateAborted { state_type },
            8 => K::ParallelStateStarted,
            9 => K::ParallelStateSucceeded,
            10 => K::ParallelStateFailed,
            11 => K::MapStateStarted { length: n },
            12 => K::MapStateSucceeded,
            13 => K::MapStateFailed,
            14 => K::MapIterationStarted { name, index },
            15 => K::MapIterationSucceeded { name, index },
            16 => K::MapIterationFailed { name, index },
            17 => K::MapIterationAborted { name, index },
            18 => K::LambdaFunctionScheduled { resource, input, timeout_seconds, role_arn },
            19 => K::LambdaFunctionStarted,
            20 => K::LambdaFunctionSucceeded { output },
            21 => K::LambdaFunctionFailed { failure },
            22 => K::LambdaFunctionTimedOut { failure },
            23 => K::ActivityScheduled { resource, input, timeout_seconds, heartbeat_seconds },
            24 => K::ActivityStarted { worker_name: role },
            25 => K::ActivitySucceeded { output },
            26 => K::ActivityFailed { failure },
            27 => K::ActivityTimedOut { failure },
            28 => K::TaskScheduled {
                resource_type,
                resource,
                region,
                parameters: input,
                timeout_seconds,
                heartbeat_seconds,
                role_arn,
            },
            29 => K::TaskStarted { resource_type, resource },
            30 => K::TaskSubmitted { resource_type, resource, output },
            31 => K::TaskSucceeded { resource_type, resource, output },
            32 => K::TaskFailed { resource_type, resource, failure },
            33 => K::TaskTimedOut { resource_type, resource, failure },
            34 => K::ExecutionRedriven { redrive_count: n, client_token: role },
            35 => K::MapRunStarted { map_run_arn: name },
            36 => K::MapRunSucceeded,
            37 => K::MapRunFailed { failure },
            38 => K::MapRunAborted,
            39 => K::MapRunRedriven { map_run_arn: name, redrive_count: n },
            _ => K::EvaluationFailed { failure, location: role, state: name },
        }
    })
}

fn event() -> impl Strategy<Value = Event> {
    (any::<u64>(), any::<u64>(), time(), kind()).prop_map(|(id, previous, timestamp, kind)| Event {
        id,
        previous,
        timestamp,
        kind,
    })
}

fn task() -> impl Strategy<Value = PendingTask> {
    use TaskStage::{Called, Given, Offered, Submitted};
    let early = prop_oneof![
        document().prop_map(TaskOutcome::Succeeded),
        failure().prop_map(TaskOutcome::Failed),
        Just(TaskOutcome::TimedOut),
    ];
    let parts = (
        proptest::sample::select(vec![Called, Offered, Given, Submitted]),
        any::<u128>(),
        (option::of(time()), option::of(time())),
        (option::of(any::<u64>()), option::of(any::<u64>())),
        (document(), option::of(text()), option::of(document()), option::of(early)),
    );
    parts.prop_map(|(stage, nonce, (timeout_at, heartbeat_at), (timeout, heartbeat), rest)| {
        let (arguments, role_arn, submitted, early) = rest;
        PendingTask {
            stage,
            nonce,
            timeout_at,
            heartbeat_at,
            timeout_seconds: timeout,
            heartbeat_seconds: heartbeat,
            arguments,
            role_arn,
            submitted,
            early,
        }
    })
}

fn waiting() -> impl Strategy<Value = Waiting> {
    let results = Vec::new;
    prop_oneof![
        time().prop_map(Waiting::Until),
        task().prop_map(|task| Waiting::Task(Box::new(task))),
        time().prop_map(Waiting::Retry),
        (any::<u64>(), any::<u32>()).prop_map(move |(started_event, remaining)| {
            Waiting::Parallel(Box::new(PendingParallel { started_event, remaining, results: results() }))
        }),
        (any::<u64>(), document(), document(), any::<[u32; 3]>()).prop_map(
            move |(started_event, input, items, [concurrency, next, succeeded])| {
                Waiting::Map(Box::new(PendingMap {
                    started_event,
                    input,
                    items,
                    concurrency,
                    next,
                    succeeded,
                    results: results(),
                }))
            }
        ),
        (any::<u64>(), text(), any::<u64>(), plan()).prop_map(|(run_event, map_run_arn, redrives, plan)| {
            Waiting::MapRun(Box::new(PendingMapRun { run_event, map_run_arn, redrives, plan }))
        }),
        Just(Waiting::Again),
        Just(Waiting::Anew),
    ]
}

fn settings() -> impl Strategy<Value = MapRunSettings> {
    let parts = (any::<u64>(), option::of(any::<u64>()), option::of(0.0..100.0));
    parts.prop_map(|(max_concurrency, tolerated_failure_count, tolerated_failure_percentage)| {
        MapRunSettings { max_concurrency, tolerated_failure_count, tolerated_failure_percentage }
    })
}

fn plan() -> impl Strategy<Value = MapPlan> {
    let number = || option::of(any::<u64>());
    let reader =
        (document(), number()).prop_map(|(parameters, items_max)| ReaderPlan { parameters, items_max });
    let batches = (number(), number(), option::of(document()))
        .prop_map(|(items_max, bytes_max, input)| BatchPlan { items_max, bytes_max, input });
    let documents = (document(), option::of(document()), option::of(document()));
    let parts = (documents, option::of(reader), option::of(batches), settings(), option::of(failure()));
    parts.prop_map(|((input, items, writer), reader, batches, settings, failure)| MapPlan {
        input,
        items,
        reader,
        batches,
        writer,
        settings,
        failure,
    })
}

fn counts() -> impl Strategy<Value = Counts> {
    any::<([u64; 6], [u64; 3])>().prop_map(|(numbers, [written, again, last])| {
        let [pending, running, succeeded, failed, timed_out, aborted] = numbers;
        Counts {
            pending,
            running,
            succeeded,
            failed,
            timed_out,
            aborted,
            results_written: written,
            pending_redrive: again,
            failures_not_redrivable: last,
        }
    })
}

fn child_end() -> impl Strategy<Value = ChildEnd> {
    let parts = (document(), option::of(document()), option::of(failure()), any::<u32>(), time(), time());
    parts.prop_map(|(input, output, failure, items, started_at, stopped_at)| ChildEnd {
        input,
        output,
        failure,
        items,
        started_at,
        stopped_at,
    })
}

fn map_run_change() -> impl Strategy<Value = MapRunChange> {
    let status = proptest::sample::select(STATUSES.to_vec());
    let ended = (any::<u32>(), status, any::<bool>(), option::of(child_end()));
    prop_oneof![
        (any::<u32>(), any::<u32>()).prop_map(|(children, items)| MapRunChange::Begun { children, items }),
        any::<u32>().prop_map(|child| MapRunChange::BegunAgain { child }),
        ended.prop_map(|(child, status, is_redrivable, express)| {
            MapRunChange::Ended(EndedChild { child, status, is_redrivable, express: express.map(Box::new) })
        }),
        (any::<u64>(), any::<u32>(), any::<bool>()).prop_map(|(items, children, all)| MapRunChange::Read {
            items,
            children,
            all
        }),
        text().prop_map(MapRunChange::Source),
        settings().prop_map(MapRunChange::Settings),
        failure().prop_map(MapRunChange::Failing),
        Just(MapRunChange::Aborting),
        any::<u64>().prop_map(MapRunChange::ResultsWritten),
        time().prop_map(MapRunChange::Redriven),
    ]
}

fn map_run_turn() -> impl Strategy<Value = MapRunTurn> {
    let summary = (settings(), counts(), counts(), any::<u64>(), option::of(time())).prop_map(
        |(settings, executions, items, redrives, redriven_at)| MapRunSummary {
            settings,
            executions,
            items,
            redrives,
            redriven_at,
        },
    );
    let close = (proptest::sample::select(STATUSES.to_vec()), time(), option::of(failure()))
        .prop_map(|(status, at, failure)| MapRunClose { status, at, failure });
    (time(), summary, vec(map_run_change(), 0..5), option::of(close))
        .prop_map(|(at, summary, changes, close)| MapRunTurn { at, summary, changes, close })
}

fn frame() -> impl Strategy<Value = Frame> {
    let parts = (
        (any::<u32>(), option::of((any::<u32>(), any::<u32>())), any::<u32>(), any::<u32>()),
        (time(), any::<u64>(), any::<u64>(), document()),
        proptest::collection::btree_map(text(), document(), 0..3),
        vec(any::<u32>(), 0..3),
        waiting(),
    );
    parts.prop_map(
        |((id, parent, state, attempt), (at, entered, last, input), variables, retries, waiting)| Frame {
            id: FrameId(id),
            parent: parent.map(|(owner, index)| (FrameId(owner), index)),
            state: StateId(state),
            entered_at: at,
            entered_event: entered,
            last_event: last,
            input,
            variables: std::sync::Arc::new(variables),
            retries,
            attempt,
            waiting,
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        frame().prop_map(Change::Put),
        any::<u32>().prop_map(|id| Change::Remove(FrameId(id))),
        (any::<u32>(), any::<u32>(), document()).prop_map(|(frame, index, output)| Change::Result {
            frame: FrameId(frame),
            index,
            output
        }),
        (any::<u32>(), any::<u32>())
            .prop_map(|(state, count)| Change::Invocations { state: StateId(state), count }),
    ]
}

fn close() -> impl Strategy<Value = Close> {
    let status = proptest::sample::select(STATUSES.to_vec());
    let redrivable = proptest::sample::select(REDRIVABLES.to_vec());
    (status, time(), option::of(document()), option::of(failure()), redrivable).prop_map(
        |(status, at, output, failure, redrivable)| Close { status, at, output, failure, redrivable },
    )
}

fn standing() -> impl Strategy<Value = Standing> {
    let offer =
        (0..u32::MAX, any::<u32>()).prop_map(|(state, attempt)| Offered { state: StateId(state), attempt });
    let wait = (any::<u32>(), option::of(time()), option::of(offer)).prop_map(|(frame, timer, offer)| Wait {
        frame: FrameId(frame),
        timer,
        offer,
    });
    prop_oneof![Just(Standing::Unknown), vec(wait, 0..9).prop_map(|waits| Standing::Waits(waits.into()))]
}

fn turn() -> impl Strategy<Value = Turn> {
    (vec(event(), 0..8), vec(change(), 0..5), option::of(close()), standing()).prop_map(
        |(history, changes, close, standing)| Turn { history, changes, close, standing, effects: Vec::new() },
    )
}

proptest! {
    #[test]
    fn turns_come_back_as_they_were_written(turns in vec(turn(), 1..4)) {
        let (mut writer, mut reader) = (Writer::new(1), Reader::default());
        for turn in turns {
            let mut bytes = Vec::new();
            writer.turn(&turn, &mut bytes);
            prop_assert_eq!(reader.turn(&bytes), Ok(turn));
        }
    }

    #[test]
    fn garbage_is_malformed_or_a_turn_but_never_a_panic(mut bytes in vec(any::<u8>(), 0..200)) {
        let _ = Reader::default().turn(&bytes);
        let _ = Reader::default().start(&bytes);
        let _ = Reader::default().checkpoint(&bytes);
        if let Some(first) = bytes.first_mut() {
            *first = FORMAT;
        }
        let _ = Reader::default().turn(&bytes);
        let _ = Reader::default().start(&bytes);
        let _ = Reader::default().checkpoint(&bytes);
    }

    #[test]
    fn turns_of_map_runs_come_back_and_their_front_alone_as_well(turn in map_run_turn()) {
        let mut bytes = Vec::new();
        put_map_run_turn(&turn, 1, &mut bytes);
        prop_assert_eq!(super::map_run_turn(&bytes), Ok(turn.clone()));
        prop_assert_eq!(map_run_front(&bytes), Ok(MapRunTurn { changes: Vec::new(), ..turn }));
        for length in 0..bytes.len() {
            prop_assert!(super::map_run_turn(&bytes[..length]).is_err());
        }
    }

    #[test]
    fn starts_of_map_runs_come_back(
        texts in proptest::array::uniform8(text()),
        numbers in any::<[u32; 3]>(),
        seed in any::<u128>(),
        items in option::of(any::<u64>()),
        settings in settings(),
        started_at in time(),
    ) {
        let [arn, name, execution_arn, machine_name, machine_arn, role_arn, region, _] = texts;
        let [frame, state, processor] = numbers;
        let start = MapRunStart {
            arn,
            name,
            execution_arn,
            frame: FrameId(frame),
            state: StateId(state),
            processor: asl::ContainerId(processor),
            express: frame % 2 == 0,
            revision: u64::from(state),
            child_machine_name: machine_name,
            child_machine_arn: machine_arn,
            role_arn,
            region,
            seed,
            items,
            settings,
            exports: state % 2 == 0,
            started_at,
        };
        let mut bytes = Vec::new();
        put_map_run_start(&start, 1, &mut bytes);
        prop_assert_eq!(map_run_start(&bytes), Ok(start));
    }

    #[test]
    fn a_damaged_turn_is_malformed_or_another_turn_but_never_a_panic(
        turn in turn(), place in any::<proptest::sample::Index>(), byte: u8
    ) {
        let mut bytes = Vec::new();
        Writer::new(1).turn(&turn, &mut bytes);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let _ = Reader::default().turn(&bytes);
        let _ = Reader::default().turn(&bytes[..place]);
    }
}

#[test]
fn starts_come_back_as_they_were_written() {
    let start = Start {
        arn: "arn".into(),
        name: "name".into(),
        state_machine_arn: "machine".into(),
        state_machine_name: "m".into(),
        machine_type: MachineType::Standard,
        revision: 300,
        version_arn: Some("version".into()),
        alias_arn: None,
        test_case: Some("Happy".into()),
        role_arn: "role".into(),
        region: "region".into(),
        input: Document::from_valid_text("{ \"spaces\": [ ] }"),
        trace_header: Some("trace".into()),
        parent: Some(Parent { execution_arn: "parent".into(), call: "token".into() }),
        child_of: Some(ChildOf {
            map_run_arn: "run".into(),
            child: 300,
            items: 7,
            processor: asl::ContainerId(2),
        }),
        started_at: Timestamp(-5),
    };
    let mut bytes = Vec::new();
    Writer::new(1).start(&start, &mut bytes);
    let read = Reader::default().start(&bytes);
    assert_eq!(read.as_ref().map(|start| start.input.text()), Ok("{ \"spaces\": [ ] }"));
    assert_eq!(read, Ok(start.clone()));

    // A checkpoint has the counts behind it.
    let mut execution = Execution::new(start);
    execution.invocations = [(StateId(0), 2), (StateId(7), 300)].into();
    let mut bytes = Vec::new();
    Writer::new(2).checkpoint(&execution, &mut bytes);
    assert_eq!(Reader::default().checkpoint(&bytes), Ok(execution));
}

#[test]
fn a_start_of_the_layout_before_parents_and_test_cases_is_read() {
    let start = Start {
        arn: "arn".into(),
        name: "name".into(),
        state_machine_arn: "machine".into(),
        state_machine_name: "m".into(),
        machine_type: MachineType::Standard,
        revision: 1,
        version_arn: None,
        alias_arn: None,
        test_case: None,
        role_arn: "role".into(),
        region: "region".into(),
        input: Document::from_valid_text("{}"),
        trace_header: None,
        parent: None,
        child_of: None,
        started_at: Timestamp(5),
    };
    let mut bytes = Vec::new();
    Writer::new(1).start(&start, &mut bytes);
    // The bytes that say that there is no Map Run and no test case stand at the end, the one of the parent
    // before the time, which takes one.
    assert_eq!((bytes.pop(), bytes.pop()), (Some(0), Some(0)));
    assert_eq!(bytes.remove(bytes.len() - 2), 0);
    assert!(Reader::default().start(&bytes).is_err());
    bytes[0] = FORMAT_OLDEST;
    assert_eq!(Reader::default().start(&bytes), Ok(start));
}

#[test]
fn an_end_of_the_layout_before_redrives_kept_nothing_for_one() {
    let close = Close {
        status: Status::Failed,
        at: Timestamp(5),
        output: None,
        failure: Some(Failure::new("E", "c")),
        redrivable: Redrivable::Yes,
    };
    let turn = Turn { close: Some(close), ..Turn::default() };
    let mut bytes = Vec::new();
    Writer::new(1).turn(&turn, &mut bytes);
    // The byte that says whether it can be redriven is the last.
    assert_eq!(bytes.pop(), Some(1));
    assert!(Reader::default().turn(&bytes).is_err());
    bytes[0] = FORMAT_OF_REDRIVES - 1;
    let read = Reader::default().turn(&bytes).expect("the older layout is read");
    assert_eq!(read.close.map(|close| close.redrivable), Some(Redrivable::NotKept));
}

#[test]
fn a_document_is_written_once_even_by_a_writer_that_resumes() {
    let document = Document::from_valid_text(format!("\"{}\"", "x".repeat(1000)));
    let event = |document: &Document| Turn {
        history: vec![Event {
            id: 1,
            previous: 0,
            timestamp: Timestamp(0),
            kind: EventKind::ExecutionSucceeded { output: document.clone() },
        }],
        ..Turn::default()
    };
    let (mut writer, mut reader) = (Writer::new(1), Reader::default());
    let mut first = Vec::new();
    writer.turn(&event(&document), &mut first);
    let mut second = Vec::new();
    writer.turn(&event(&document), &mut second);
    assert!(first.len() > 1000 && second.len() < 20);

    reader.turn(&first).expect("what was written can be read");
    let read = reader.turn(&second).expect("what was written can be read");
    let EventKind::ExecutionSucceeded { output } = &read.history[0].kind else { panic!("{read:?}") };
    let mut writer = Writer::resume(2, &reader);
    let mut third = Vec::new();
    writer.turn(&event(output), &mut third);
    assert!(third.len() < 20);
    let again = reader.turn(&third).expect("what was written can be read");
    assert_eq!(again, read);
}

#[test]
fn a_map_run_of_the_layout_before_final_failures_has_none() {
    let counts = Counts { pending: 1, pending_redrive: 2, failures_not_redrivable: 3, ..Counts::default() };
    let summary = MapRunSummary { executions: counts, items: counts, ..MapRunSummary::default() };
    let turn = MapRunTurn { at: Timestamp(0), summary, changes: Vec::new(), close: None };
    let mut bytes = Vec::new();
    put_map_run_turn(&turn, 1, &mut bytes);
    // Behind the format, the time and three settings: nine counts, and nine more.
    assert_eq!([bytes[13], bytes[22]], [3, 3]);
    bytes.remove(22);
    bytes.remove(13);
    bytes[0] = FORMAT_OF_MAP_RUNS;
    let before = Counts { failures_not_redrivable: 0, ..counts };
    let summary = MapRunSummary { executions: before, items: before, ..summary };
    assert_eq!(super::map_run_turn(&bytes), Ok(MapRunTurn { summary, ..turn }));
}
