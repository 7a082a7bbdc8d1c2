//! Random machines in random worlds. `Stage::wake` checks after every turn that ids follow each
//! other, that the record reads back, and that a replay gives the same execution; here it is made
//! to happen often, and twice with the same words.

use asl::{Failure, Timestamp};
use execution::{FrameId, Status, TaskOutcome, Wakeup};
use json::{Document, Value};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::harness::{START, Stage, machine};

/// The inside of a container: its states as a chain, each made of one of these.
#[derive(Clone, Debug)]
enum Step {
    Pass,
    Assign,
    Wait(u8),
    Call { retry: bool, catch: bool, timeout: bool },
    Callback { heartbeat: bool },
    Activity,
    Job,
    Fail,
    Parallel { retry: bool, catch: bool, branches: Vec<Vec<Step>> },
    Map { concurrency: u8, items: bool, processor: Vec<Step> },
}

fn step() -> impl Strategy<Value = Step> {
    let leaf = prop_oneof![
        3 => Just(Step::Pass),
        2 => Just(Step::Assign),
        2 => (0u8..4).prop_map(Step::Wait),
        4 => any::<[bool; 3]>().prop_map(|[retry, catch, timeout]| Step::Call { retry, catch, timeout }),
        2 => any::<bool>().prop_map(|heartbeat| Step::Callback { heartbeat }),
        2 => Just(Step::Activity),
        1 => Just(Step::Job),
        1 => Just(Step::Fail),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let chain = vec(inner, 1..4);
        prop_oneof![
            (any::<[bool; 2]>(), vec(chain.clone(), 1..4))
                .prop_map(|([retry, catch], branches)| Step::Parallel { retry, catch, branches }),
            (0u8..3, any::<bool>(), chain).prop_map(|(concurrency, items, processor)| Step::Map {
                concurrency,
                items,
                processor
            }),
        ]
    })
}

/// A `StartAt` and `States` of a chain; names are numbered through the machine.
fn container(steps: &[Step], number: &mut u32) -> String {
    let names: Vec<String> = steps.iter().map(|_| name(number)).collect();
    let rescue = name(number);
    let mut states = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let next = match names.get(place + 1) {
            Some(next) => format!(r#""Next": "{next}""#),
            None => r#""End": true"#.to_owned(),
        };
        states.push(format!(r#""{}": {}"#, names[place], state(step, &next, &rescue, number)));
    }
    if states.iter().any(|state| state.contains(&format!(r#""Next": "{rescue}""#))) {
        states.push(format!(r#""{rescue}": {{ "Type": "Pass", "End": true }}"#));
    }
    format!(r#""StartAt": "{}", "States": {{ {} }}"#, names[0], states.join(", "))
}

fn name(number: &mut u32) -> String {
    *number += 1;
    format!("S{number}")
}

fn state(step: &Step, next: &str, rescue: &str, number: &mut u32) -> String {
    let rules = |retry: bool, catch: bool| {
        let retry = if retry {
            r#""Retry": [{ "ErrorEquals": ["E", "States.Timeout"], "MaxAttempts": 1 }], "#
        } else {
            ""
        };
        let catch = if catch {
            format!(
                r#""Catch": [{{ "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "{rescue}" }}], "#
            )
        } else {
            String::new()
        };
        format!("{retry}{catch}")
    };
    match step {
        Step::Pass => format!(r#"{{ "Type": "Pass", {next} }}"#),
        Step::Assign => {
            let variable = name(number);
            format!(r#"{{ "Type": "Pass", "Assign": {{ "v{variable}.$": "$$.State.Name" }}, {next} }}"#)
        }
        Step::Wait(seconds) => format!(r#"{{ "Type": "Wait", "Seconds": {seconds}, {next} }}"#),
        Step::Call { retry, catch, timeout } => {
            let timeout = if *timeout { r#""TimeoutSeconds": 2, "# } else { "" };
            format!(
                r#"{{ "Type": "Task", "Resource": "function:f", {timeout}{}{next} }}"#,
                rules(*retry, *catch)
            )
        }
        Step::Callback { heartbeat } => {
            let heartbeat = if *heartbeat { r#""HeartbeatSeconds": 2, "# } else { "" };
            format!(
                r#"{{ "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": {{ "MessageBody.$": "$$.Task.Token", "QueueUrl": "q" }}, {heartbeat}{next} }}"#
            )
        }
        Step::Activity => {
            format!(r#"{{ "Type": "Task", "Resource": "activity:a", "TimeoutSeconds": 9, {next} }}"#)
        }
        Step::Job => format!(
            r#"{{ "Type": "Task", "Resource": "states:startExecution.sync", "Parameters": {{ "StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m" }}, {next} }}"#
        ),
        // Fails the container, as a Fail state does, but may have something after it.
        Step::Fail => format!(
            r#"{{ "Type": "Pass", "Parameters": {{ "x.$": "States.StringToJson('no json')" }}, {next} }}"#
        ),
        Step::Parallel { retry, catch, branches } => {
            let branches: Vec<String> =
                branches.iter().map(|branch| format!("{{ {} }}", container(branch, number))).collect();
            format!(
                r#"{{ "Type": "Parallel", "Branches": [{}], {}{next} }}"#,
                branches.join(", "),
                rules(*retry, *catch)
            )
        }
        Step::Map { concurrency, items, processor } => {
            let items = if *items { "some" } else { "none" };
            format!(
                r#"{{ "Type": "Map", "ItemsPath": "$$.Execution.Input.{items}", "MaxConcurrency": {concurrency}, "ItemSelector": {{ "v.$": "$$.Map.Item.Value" }}, "ItemProcessor": {{ {} }}, {next} }}"#,
                container(processor, number)
            )
        }
    }
}

/// Some news for one of the frames, or for all.
fn wakeup(stage: &Stage<'_>, draw: u32) -> Wakeup {
    let frames: Vec<FrameId> = stage.execution.frames.keys().copied().collect();
    let frame = frames[(draw >> 8) as usize % frames.len()];
    // One answer in eight is late.
    let late = u32::from(draw >> 16 & 7 == 0);
    let attempt = stage.execution.frames[&frame].attempt.wrapping_sub(late);
    let outcome = match draw >> 20 & 3 {
        0 => TaskOutcome::Failed(Failure::new("E", "c")),
        1 if draw >> 22 & 3 == 0 => TaskOutcome::TimedOut,
        _ => TaskOutcome::Succeeded(Document::from_value(Value::Int(i64::from(draw)))),
    };
    match draw & 15 {
        0..=4 => Wakeup::TimerFired { frame },
        5..=8 => Wakeup::CallReturned { frame, attempt, outcome },
        9 | 10 => Wakeup::ActivityStarted { frame, attempt, worker_name: None },
        11 | 12 => Wakeup::TokenAnswered { frame, attempt, outcome },
        13 => Wakeup::Heartbeat { frame, attempt },
        14 => Wakeup::Again,
        _ if draw >> 24 == 0 => Wakeup::Stopped { failure: Failure::named("Stop") },
        _ => Wakeup::TimerFired { frame: FrameId::EXECUTION },
    }
}

/// Redrives an execution that has ended; whether it could be.
fn redrive(stage: &mut Stage<'_>, draw: u32, now: Timestamp) -> bool {
    let close = stage.execution.close.clone().expect("it has ended");
    let changes = draw & 7 == 0 && stage.execution.has_one_failed_state();
    let input = changes.then(|| Document::from_value(Value::Int(i64::from(draw))));
    let count = stage.execution.redrives.count;
    let turn = stage.wake(Wakeup::Redriven { client_token: None, input }, now);
    let is_redriven = close.status != Status::Succeeded;
    assert_eq!(turn.redriven_at(), is_redriven.then_some(now));
    assert_eq!(stage.execution.redrives.count, count + u64::from(is_redriven));
    is_redriven
}

fn run(machine: &asl::StateMachine, draws: &[u32]) -> String {
    let mut stage = Stage::with_input(machine, r#"{"none": [], "some": [1, 2, 3]}"#);
    let mut now = START;
    stage.wake(Wakeup::Started, Timestamp(now));
    for &draw in draws {
        if stage.execution.close.is_some() {
            assert!(stage.execution.frames.is_empty());
            if !redrive(&mut stage, draw, Timestamp(now)) {
                break;
            }
            continue;
        }
        now += 500;
        let wakeup = wakeup(&stage, draw);
        stage.wake(wakeup, Timestamp(now));
    }
    stage.said
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn any_machine_in_any_world_keeps_its_promises(
        steps in vec(step(), 1..5), draws in vec(any::<u32>(), 0..120)
    ) {
        let text = format!("{{ {} }}", container(&steps, &mut 0));
        let machine = machine(&text);
        let said = run(&machine, &draws);
        prop_assert_eq!(run(&machine, &draws), said);
    }
}
