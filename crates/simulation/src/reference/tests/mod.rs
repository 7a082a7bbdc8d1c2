//! The reference must see what is wrong: histories that are right, and the same with one thing changed.

mod distributed;
mod jsonata;

use json::Document;

use super::*;

const DEFINITION: &str = r#"{"StartAt":"Get","States":{
    "Get":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","TimeoutSeconds":20,
        "Parameters":{"FunctionName":"f","Payload.$":"$.n"},"ResultSelector":{"made.$":"$.x"},"ResultPath":"$.got",
        "Retry":[{"ErrorEquals":["Flaky"],"IntervalSeconds":5,"MaxAttempts":1}],
        "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"Each"}],"Next":"Each"},
    "Each":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":1,"Assign":{"count.$":"States.ArrayLength($)"},
        "ItemProcessor":{"StartAt":"One","States":{"One":{"Type":"Pass","Result":7,"End":true}}},"Next":"Both"},
    "Both":{"Type":"Parallel","Branches":[
        {"StartAt":"Left","States":{"Left":{"Type":"Wait","Seconds":3,"End":true}}},
        {"StartAt":"Right","States":{"Right":{"Type":"Pass","Parameters":{"c.$":"$count"},"End":true}}}],"End":true}}}"#;

fn document(text: &str) -> Document {
    Document::parse(text).expect(text)
}

fn entered(state_type: &'static str, name: &str, input: &str) -> What {
    What::Entered { state_type, name: name.into(), input: document(input) }
}

fn exited(state_type: &'static str, name: &str, output: &str) -> What {
    What::Exited { state_type, name: name.into(), output: document(output), assigned: vec![] }
}

fn scheduled() -> What {
    What::Scheduled {
        family: Family::Service,
        resource: "lambda:invoke".into(),
        input: document(r#"{"FunctionName":"f","Payload":1}"#),
        timeout: Some(20),
        heartbeat: None,
        role: None,
    }
}

fn iteration(step: Step, index: u64) -> What {
    What::Iteration { step, name: "Each".into(), index }
}

const INPUT: &str = r#"{"n":1,"items":[5,6]}"#;
const GOT: &str = r#"{"n":1,"items":[5,6],"got":{"made":"y"}}"#;

/// A run with one retry: previous event, seconds, what.
fn history() -> Vec<Event> {
    let failure = Failure { error: Some("Flaky".into()), cause: Some("no".into()) };
    let mut left_each = exited("Map", "Each", "[7,7]");
    if let What::Exited { assigned, .. } = &mut left_each {
        assigned.push(("count".into(), document("2")));
    }
    let lines = vec![
        (0, 0, What::Began { input: document(INPUT) }),
        (0, 0, entered("Task", "Get", INPUT)),
        (2, 0, scheduled()),
        (3, 0, What::Called(Family::Service)),
        (4, 1, What::TaskFailed { family: Family::Service, failure }),
        (5, 6, scheduled()),
        (6, 6, What::Called(Family::Service)),
        (7, 8, What::TaskSucceeded { family: Family::Service, output: document(r#"{"x":"y"}"#) }),
        (8, 8, exited("Task", "Get", GOT)),
        (9, 8, entered("Map", "Each", GOT)),
        (10, 8, What::MapStarted { length: 2 }),
        (11, 8, iteration(Step::Started, 0)),
        (12, 8, entered("Pass", "One", "5")),
        (13, 8, exited("Pass", "One", "7")),
        (14, 8, iteration(Step::Succeeded, 0)),
        (14, 8, iteration(Step::Started, 1)),
        (16, 8, entered("Pass", "One", "6")),
        (17, 8, exited("Pass", "One", "7")),
        (18, 8, iteration(Step::Succeeded, 1)),
        (19, 8, What::MapSucceeded),
        (19, 8, left_each),
        (21, 8, entered("Parallel", "Both", "[7,7]")),
        (22, 8, What::ParallelStarted),
        (23, 8, entered("Wait", "Left", "[7,7]")),
        (23, 8, entered("Pass", "Right", "[7,7]")),
        (25, 8, exited("Pass", "Right", r#"{"c":2}"#)),
        (24, 11, exited("Wait", "Left", "[7,7]")),
        (27, 11, What::ParallelSucceeded),
        (27, 11, exited("Parallel", "Both", r#"[[7,7],{"c":2}]"#)),
        (29, 11, What::Succeeded { output: document(r#"[[7,7],{"c":2}]"#) }),
    ];
    numbered(lines)
}

/// Of lines with the event that each follows, and its second.
fn numbered(lines: Vec<(u64, i64, What)>) -> Vec<Event> {
    let line = |(place, (previous, seconds, what)): (usize, (u64, i64, What))| Event {
        id: place as u64 + 1,
        previous,
        at: 1_000 * seconds,
        what,
    };
    lines.into_iter().enumerate().map(line).collect()
}

fn read(events: &[Event]) -> Result<Told, Difference> {
    read_of(DEFINITION, INPUT, events)
}

fn read_of(definition: &str, input: &str, events: &[Event]) -> Result<Told, Difference> {
    let machine = Machine::new(definition);
    let input = document(input);
    let start = Start {
        arn: "a",
        name: "n",
        role_arn: "r",
        machine_arn: "m",
        machine_name: "mn",
        input: input.value(),
        started_at: 0,
        processor_of: None,
    };
    check(&machine, &start, events, &[Failure::named("Stopped")], &BTreeMap::new(), false)
}

/// The history with the event of this id changed.
fn with(id: usize, change: impl FnOnce(&mut Event)) -> Result<Told, Difference> {
    let mut events = history();
    change(&mut events[id - 1]);
    read(&events)
}

#[test]
fn a_right_history_is_right_wherever_it_ends() {
    assert_eq!(read(&history()), Ok(Told { calls: 2, retries: 1, ..Told::default() }));
    // Where a turn ended, it may go on or be stopped.
    for length in [4, 5, 7, 26] {
        let mut events = history();
        events.truncate(length);
        assert!(read(&events).is_ok(), "{length}: {:?}", read(&events));
        let (id, what) = (length as u64 + 1, What::Stopped(Failure::named("Stopped")));
        events.push(Event { id, previous: 0, at: 20_000, what });
        assert!(read(&events).is_ok(), "{length}: {:?}", read(&events));
        events[length].what = What::Stopped(Failure::named("Nobody asked"));
        assert!(read(&events).is_err(), "{length}");
    }
}

#[test]
fn a_history_that_ends_inside_a_turn_is_wrong() {
    for length in [2, 3, 6, 8, 10, 13, 14, 19, 20, 25, 27, 28] {
        let mut events = history();
        events.truncate(length);
        assert!(read(&events).is_err(), "{length}");
    }
}

#[test]
fn every_event_must_be_there_once_and_follow_its_own() {
    each_counts(&history(), read);
}

fn each_counts(history: &[Event], read: impl Fn(&[Event]) -> Result<Told, Difference>) {
    for id in 2..=history.len() {
        let at = id as u64;
        let mut events = history.to_vec();
        let previous = &mut events[id - 1].previous;
        *previous = if *previous == 0 { 1 } else { *previous - 1 };
        assert!(read(&events).is_err(), "event {id} follows another");
        let mut events = history.to_vec();
        let twin = Event { id: events.len() as u64 + 1, ..events[id - 1].clone() };
        events.push(twin);
        assert!(read(&events).is_err(), "event {at} is there twice");
        let mut events = history.to_vec();
        events.remove(id - 1);
        for event in &mut events {
            event.id -= u64::from(event.id > at);
            event.previous -= u64::from(event.previous >= at);
        }
        assert!(read(&events).is_err(), "event {at} is missing");
    }
}

#[test]
fn another_value_is_seen_wherever_it_stands() {
    each_value_counts(&history(), read);
    let assigned = with(21, |event| {
        if let What::Exited { assigned, .. } = &mut event.what {
            assigned[0].1 = document("3");
        }
    });
    assert!(assigned.is_err(), "another value is assigned");
}

fn each_value_counts(history: &[Event], read: impl Fn(&[Event]) -> Result<Told, Difference>) {
    for id in 1..=history.len() {
        let mut events = history.to_vec();
        let other = document(r#"{"quite":"another"}"#);
        match &mut events[id - 1].what {
            What::Began { input } | What::Entered { input, .. } | What::Scheduled { input, .. } => {
                *input = other
            }
            What::Exited { output, .. } | What::Succeeded { output } => *output = other,
            What::TaskSucceeded { output, .. } => *output = other,
            What::TaskFailed { failure, .. } => failure.error = Some("Broken".into()),
            What::EvaluationFailed { field, .. } => *field = Some("Elsewhere".into()),
            What::MapStarted { length } => *length += 1,
            What::Iteration { index, .. } => *index += 1,
            _ => continue,
        }
        assert!(read(&events).is_err(), "event {id} has another value");
    }
}

#[test]
fn what_comes_too_early_is_seen() {
    assert!(with(6, |event| event.at = 5_500).is_err(), "a retry before its delay");
    assert!(with(27, |event| event.at = 10_999).is_err(), "a wait that is too short");
    let timed_out = |at| {
        let mut events = history();
        events.truncate(4);
        let failure = Failure::named("States.Timeout");
        let what = What::TaskTimedOut { family: Family::Service, failure };
        events.push(Event { id: 5, previous: 4, at, what });
        let caught = r#"{"n":1,"items":[5,6],"error":{"Error":"States.Timeout","Cause":""}}"#;
        events.push(Event { id: 6, previous: 5, at, what: exited("Task", "Get", caught) });
        let (id, previous) = (7, 6);
        events.push(Event { id, previous, at, what: entered("Map", "Each", caught) });
        events.push(Event { id: 8, previous: 7, at, what: What::MapStarted { length: 2 } });
        events.push(Event { id: 9, previous: 8, at, what: iteration(Step::Started, 0) });
        read(&events)
    };
    assert_eq!(timed_out(20_000).map(|told| told.caught), Ok(1));
    assert!(timed_out(19_999).is_err(), "a timeout before its time");
}

#[test]
fn one_retry_more_than_is_granted_is_seen() {
    let mut events = history();
    let failure = Failure { error: Some("Flaky".into()), cause: None };
    events.truncate(7);
    events.push(Event {
        id: 8,
        previous: 7,
        at: 8_000,
        what: What::TaskFailed { family: Family::Service, failure },
    });
    events.push(Event { id: 9, previous: 8, at: 90_000, what: scheduled() });
    events.push(Event { id: 10, previous: 9, at: 90_000, what: What::Called(Family::Service) });
    assert!(read(&events).is_err());
}

#[test]
fn a_failed_branch_ends_the_others_and_nothing_else() {
    let definition = r#"{"StartAt":"Both","States":{"Both":{"Type":"Parallel","Branches":[
        {"StartAt":"Left","States":{"Left":{"Type":"Wait","Seconds":3,"End":true}}},
        {"StartAt":"Right","States":{"Right":{"Type":"Fail","Error":"Made"}}}],"End":true}}}"#;
    let machine = Machine::new(definition);
    let input = document("{}");
    let start = Start {
        arn: "a",
        name: "n",
        role_arn: "r",
        machine_arn: "m",
        machine_name: "mn",
        input: input.value(),
        started_at: 0,
        processor_of: None,
    };
    let made = Failure::named("Made");
    let lines = [
        (0, What::Began { input: input.clone() }),
        (0, entered("Parallel", "Both", "{}")),
        (2, What::ParallelStarted),
        (3, entered("Wait", "Left", "{}")),
        (3, entered("Fail", "Right", "{}")),
        (5, What::StateAborted { state_type: "Wait" }),
        (5, What::ParallelFailed),
        (7, What::Failed(made)),
    ];
    let events: Vec<Event> = lines
        .into_iter()
        .enumerate()
        .map(|(place, (previous, what))| Event { id: place as u64 + 1, previous, at: 0, what })
        .collect();
    let read = |events: &[Event]| check(&machine, &start, events, &[], &BTreeMap::new(), false);
    assert!(read(&events).is_ok(), "{:?}", read(&events));
    let mut other = events.clone();
    other[5].what = What::StateAborted { state_type: "Task" };
    assert!(read(&other).is_err(), "another state is aborted");
    let mut other = events.clone();
    other[7].what = What::Failed(Failure::named("Other"));
    assert!(read(&other).is_err(), "it fails with something else");
    let mut other = events;
    other[5] = Event { what: exited("Wait", "Left", "{}"), previous: 4, ..other[5].clone() };
    assert!(read(&other).is_err(), "the other branch goes on");
}

#[test]
fn points_in_time_are_read_and_written() {
    for (text, millis) in [
        ("1970-01-01T00:00:00Z", 0),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("2024-02-29T23:59:59.999Z", 1_709_251_199_999),
        ("2024-03-01T00:00:00Z", 1_709_251_200_000),
        ("2100-03-01T00:00:00Z", 4_107_542_400_000),
    ] {
        assert_eq!(time::parse(text), Some(millis));
        assert_eq!(time::text(millis), text);
    }
    assert_eq!(time::parse("yesterday"), None);
}
