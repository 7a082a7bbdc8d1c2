//! What turns cost: their bounds, and their size.

use asl::{Failure, Timestamp};
use execution::codec::Writer;
use execution::{Change, Effect, EventKind, Execution, FrameId, Outside, Status, TaskOutcome, Wakeup};
use json::{Document, Value};

use crate::harness::{START, Stage, machine, next_serial, start};

const NOW: Timestamp = Timestamp(START);

/// A machine that never ends, though it could.
const RING: &str = r#"{
    "A": { "Type": "Pass", "Next": "B" },
    "B": { "Type": "Choice", "Choices": [{ "Variable": "$.stop", "IsPresent": true, "Next": "C" }], "Default": "A" },
    "C": { "Type": "Succeed" } }"#;

#[test]
fn an_execution_that_ends_in_its_first_turn_has_no_frames() {
    let machine = machine(r#"{ "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Succeed" } }"#);
    let turn = Stage::new(&machine).wake(Wakeup::Started, NOW);
    assert_eq!(turn.changes, []);
    assert_eq!(turn.close.map(|close| close.status), Some(Status::Succeeded));
}

#[test]
fn the_same_document_goes_through_states_without_fields() {
    let machine = machine(
        r#"{ "A": { "Type": "Pass", "Next": "W" }, "W": { "Type": "Wait", "Seconds": 0, "Next": "S" }, "S": { "Type": "Succeed" } }"#,
    );
    let mut stage = Stage::new(&machine);
    let turn = stage.wake(Wakeup::Started, NOW);
    let input = &stage.execution.start.input;
    for event in &turn.history {
        match &event.kind {
            EventKind::ExecutionStarted { input: document, .. }
            | EventKind::StateEntered { input: document, .. }
            | EventKind::StateExited { output: document, .. }
            | EventKind::ExecutionSucceeded { output: document } => assert!(document.same(input)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_ring_of_pass_states_is_cut_and_ends_when_the_history_is_full() {
    let machine = machine(RING);
    let mut stage = Stage::new(&machine);
    let mut turn = stage.wake(Wakeup::Started, NOW);
    let mut turns = 1;
    while turn.close.is_none() {
        assert!((1000..1010).contains(&turn.history.len()));
        assert_eq!(turn.effects, [Effect::WakeAgain]);
        assert!(matches!(&turn.changes[..], [Change::Put(frame)] if frame.id == FrameId::TOP));
        turn = stage.wake(Wakeup::Again, NOW);
        turns += 1;
    }
    assert!(turns < 30);
    let last = turn.history.last().expect("an event");
    assert_eq!((last.id, last.previous), (25_000, 24_999));
    let EventKind::ExecutionFailed { failure } = &last.kind else { panic!("{last:?}") };
    assert_eq!(failure.name(), "States.Runtime");
    assert_eq!(
        failure.cause.as_deref(),
        Some("The execution reached the maximum number of history events (25000).")
    );
    assert_eq!(turn.close.map(|close| close.status), Some(Status::Failed));
}

#[test]
fn a_map_of_many_quick_items_is_cut_and_goes_on() {
    let machine = machine(
        r#"{ "M": { "Type": "Map", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }, "End": true } }"#,
    );
    let items: Vec<String> = (0..3000).map(|item| item.to_string()).collect();
    let input = format!("[{}]", items.join(","));
    let mut stage = Stage::with_input(&machine, &input);
    let mut turn = stage.wake(Wakeup::Started, NOW);
    while turn.close.is_none() {
        assert_eq!(turn.effects, [Effect::WakeAgain]);
        assert!(turn.history.len() < 1100);
        turn = stage.wake(Wakeup::Again, NOW);
    }
    let output = turn.close.and_then(|close| close.output).expect("an output");
    assert_eq!(output.text(), input);
}

#[test]
fn at_most_forty_iterations_run_at_once() {
    let machine = machine(
        r#"{ "M": { "Type": "Map", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Wait", "Seconds": 1, "End": true } } }, "End": true } }"#,
    );
    let mut stage = Stage::with_input(&machine, &format!("[{}0]", "0,".repeat(99)));
    let turn = stage.wake(Wakeup::Started, NOW);
    assert_eq!(turn.effects.len(), 40);
    // The top level and forty iterations.
    assert_eq!(stage.execution.frames.len(), 41);
}

#[test]
fn finishing_the_last_item_writes_as_many_bytes_as_finishing_the_second() {
    let machine = machine(
        r#"{ "M": { "Type": "Map", "MaxConcurrency": 1, "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Task", "Resource": "function:f", "End": true } } }, "End": true } }"#,
    );
    const ITEMS: u32 = 2000;
    let mut stage = Stage::with_input(&machine, &format!("[{}0]", "0,".repeat(ITEMS as usize - 1)));
    stage.wake(Wakeup::Started, NOW);
    for item in 0..ITEMS {
        let outcome = TaskOutcome::Succeeded(Document::from_value(Value::String("a result".into())));
        let frame = *stage.execution.frames.last_key_value().expect("an iteration").0;
        let turn = stage.wake(Wakeup::CallReturned { frame, attempt: 1, outcome }, NOW);
        if item + 1 < ITEMS {
            // The Map's frame, the ended iteration, the next one, and the result.
            assert_eq!(turn.changes.len(), 4, "{:?}", turn.changes);
        }
    }
    assert_eq!(stage.execution.close.as_ref().map(|close| close.status), Some(Status::Succeeded));
    // Numbers have grown: a few of them by one or two bytes.
    let (second, last) = (stage.sizes[2], stage.sizes[ITEMS as usize - 1]);
    assert!(last <= second + 24, "{second} bytes for the second item, {last} for the last but one");
}

#[test]
fn a_result_that_is_too_large_fails_the_task_and_may_be_caught() {
    let machine = machine(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
    );
    let mut stage = Stage::new(&machine);
    stage.wake(Wakeup::Started, NOW);
    let large = Document::from_value(Value::String("x".repeat(262_143).into()));
    let wakeup =
        Wakeup::CallReturned { frame: FrameId::TOP, attempt: 1, outcome: TaskOutcome::Succeeded(large) };
    let turn = stage.wake(wakeup, NOW);
    let EventKind::LambdaFunctionFailed { failure } = &turn.history[0].kind else { panic!("{turn:?}") };
    assert_eq!(failure.name(), "States.DataLimitExceeded");
    assert_eq!(
        failure.cause.as_deref(),
        Some(
            "The state/task 'arn:aws:lambda:us-east-1:123456789012:function:f' returned a result with a size \
             exceeding the maximum number of bytes service limit."
        )
    );
    assert_eq!(turn.close.map(|close| close.status), Some(Status::Succeeded));
}

#[test]
fn data_that_grows_deeper_and_deeper_ends_the_execution() {
    let machine = machine(&RING.replace(r#""Pass","#, r#""Pass", "Parameters": { "deeper.$": "$" },"#));
    let mut stage = Stage::new(&machine);
    let mut turn = stage.wake(Wakeup::Started, NOW);
    while turn.close.is_none() {
        turn = stage.wake(Wakeup::Again, NOW);
    }
    let failure = turn.close.and_then(|close| close.failure).expect("a failure");
    assert_eq!(failure.name(), "States.DataLimitExceeded");
    assert!(stage.execution.next_event < 4200, "{}", stage.execution.next_event);
}

#[test]
fn an_output_that_is_too_large_ends_the_execution() {
    let machine =
        machine(r#"{ "A": { "Type": "Pass", "Parameters": { "one.$": "$", "two.$": "$" }, "End": true } }"#);
    let text = format!("\"{}\"", "x".repeat(200_000));
    let turn = Stage::with_input(&machine, &text).wake(Wakeup::Started, NOW);
    let failure = turn.close.and_then(|close| close.failure).expect("a failure");
    assert_eq!(failure.name(), "States.DataLimitExceeded");
}

#[test]
fn tokens_are_accepted_exactly_while_somebody_waits_for_them() {
    let machine = machine(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody.$": "$$.Task.Token" }, "End": true } }"#,
    );
    let mut stage = Stage::new(&machine);
    let turn = stage.wake(Wakeup::Started, NOW);
    let token = crate::harness::token_of(&turn.effects).expect("a token in the call");
    let accepts = |stage: &Stage<'_>| stage.execution.accepts(token.frame, token.attempt, token.nonce);
    assert!(accepts(&stage));
    assert!(!stage.execution.accepts(token.frame, token.attempt, token.nonce ^ 1));
    assert!(!stage.execution.accepts(token.frame, token.attempt + 1, token.nonce));
    assert!(!stage.execution.accepts(FrameId(7), token.attempt, token.nonce));

    let outcome = || TaskOutcome::Succeeded(Document::from_value(Value::Null));
    let (frame, attempt) = (token.frame, token.attempt);
    stage.wake(Wakeup::TokenAnswered { frame, attempt, outcome: outcome() }, NOW);
    assert!(!accepts(&stage), "it is answered already");
    stage.wake(Wakeup::CallReturned { frame, attempt, outcome: outcome() }, NOW);
    assert!(stage.execution.close.is_some());
    assert!(!accepts(&stage));
}

/// The record of a turn must fit into a frame of the log, however large the data is that goes round.
#[test]
fn turns_that_write_much_are_cut() {
    let large = "x".repeat(200_000);
    let pass = |name: &str, next: &str| {
        format!(
            r#""{name}": {{ "Type": "Pass", "Parameters": {{ "n": "{name}" }}, "ResultPath": "$.n", "Next": "{next}" }}"#
        )
    };
    let ring = format!(
        r#"{{ {}, {}, "C": {{ "Type": "Choice", "Choices": [{{ "Variable": "$.stop", "IsPresent": true, "Next": "D" }}], "Default": "A" }}, "D": {{ "Type": "Succeed" }} }}"#,
        pass("A", "B"),
        pass("B", "C")
    );
    let assign = r#"{
        "A": { "Type": "Pass", "Assign": { "v.$": "States.Format('{}.', $.large)" }, "Next": "B" },
        "B": { "Type": "Choice", "Choices": [{ "Variable": "$.stop", "IsPresent": true, "Next": "C" }], "Default": "A" },
        "C": { "Type": "Succeed" } }"#;
    let maps = r#"{ "M": { "Type": "Map", "ItemsPath": "$.items", "ItemSelector": { "large.$": "$.large", "items.$": "$.items" },
        "ItemProcessor": { "StartAt": "N", "States": { "N": { "Type": "Map", "ItemsPath": "$.items", "ItemSelector": { "large.$": "$.large" },
            "ItemProcessor": { "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 9, "End": true } } }, "End": true } } }, "End": true } }"#;
    let input = format!(r#"{{ "large": "{large}", "items": [{}0] }}"#, "0,".repeat(19));
    for states in [&ring, assign, maps] {
        let machine = machine(states);
        let mut stage = Stage::with_input(&machine, &input);
        let mut turn = stage.wake(Wakeup::Started, NOW);
        let mut turns = 1;
        while turn.effects.contains(&Effect::WakeAgain) && turns < 10 {
            turn = stage.wake(Wakeup::Again, NOW);
            turns += 1;
        }
        assert!(turns > 5, "{states}: {turns} turns");
        let largest = stage.sizes.iter().max();
        assert!(largest < Some(&(16 << 20)), "{states}: {largest:?} bytes");
    }
}

/// The encoded length of the turn in which an execution of this machine ends badly: as it is, and without what
/// it keeps for a redrive.
fn failed_turn_bytes(states: &str, input: &str, fails: FrameId) -> (usize, usize) {
    let machine = machine(states);
    let sizes = [false, true].map(|strips| {
        let start = start(input);
        let (mut execution, mut writer) = (Execution::new(start.clone()), Writer::new(next_serial()));
        let mut bytes = Vec::new();
        writer.start(&start, &mut bytes);
        let failed = TaskOutcome::Failed(Failure::new("Flaky", "the service was busy"));
        for wakeup in [Wakeup::Started, Wakeup::CallReturned { frame: fails, attempt: 1, outcome: failed }] {
            let mut turn = execution.wake(&machine, wakeup, Outside::new(NOW, 1));
            if strips && turn.close.is_some() {
                turn.changes.clear();
            }
            bytes.clear();
            writer.turn(&turn, &mut bytes);
        }
        assert!(execution.close.is_some() && !execution.kept.is_empty());
        bytes.len()
    });
    (sizes[0], sizes[1])
}

#[test]
fn what_a_failure_keeps_for_a_redrive_takes_few_bytes() {
    let large =
        format!(r#"{{ "large": "{}", "items": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }}"#, "x".repeat(50_000));
    let task = r#"{ "T": { "Type": "Task", "Resource": "function:f", "End": true } }"#;
    let map = r#"{ "M": { "Type": "Map", "ItemsPath": "$.items", "ItemProcessor": { "StartAt": "T", "States": {
        "T": { "Type": "Task", "Resource": "function:f", "End": true } } }, "End": true } }"#;
    // Payloads are in the records already; a frame itself takes some twenty bytes.
    let (with, without) = failed_turn_bytes(task, &large, FrameId::TOP);
    println!("a Task: {with} bytes, {without} without");
    assert!(with - without <= 24, "{with} {without}");
    let (with, without) = failed_turn_bytes(map, &large, FrameId(4));
    println!("a Map of ten: {with} bytes, {without} without");
    assert!(with - without <= 11 * 40, "{with} {without}");
}
