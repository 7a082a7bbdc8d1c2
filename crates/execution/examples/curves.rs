//! What a transition costs on one thread as an execution grows, beyond what a history may hold: EXPRESS
//! executions have none. `cargo run --release -p execution --example curves` prints
//! `name<TAB>size<TAB>nanoseconds<TAB>of what` a line.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use asl::{StateMachine, Timestamp};
use execution::{Execution, MachineType, Outside, Start, Status, Wakeup};
use json::Document;

/// Two transitions and four events a round.
const RING: &str = r#"{ "StartAt": "Add", "States": {
    "Add": { "Type": "Pass", "Next": "Done?",
        "Parameters": { "count.$": "States.MathAdd($.count, 1)", "rounds.$": "$.rounds" } },
    "Done?": { "Type": "Choice", "Default": "Add", "Choices": [
        { "Variable": "$.count", "NumericGreaterThanEqualsPath": "$.rounds", "Next": "End" }] },
    "End": { "Type": "Succeed" } } }"#;

const MAP: &str = r#"{ "StartAt": "M", "States": { "M": { "Type": "Map", "ItemsPath": "$.items", "End": true,
    "ResultPath": null, "ItemProcessor": { "ProcessorConfig": { "Mode": "INLINE" },
        "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } } } } }"#;

/// Each point is the best of so many.
const TRIES: usize = 5;
/// So many transitions or iterations are measured together where one execution has fewer.
const TOGETHER: usize = 20_000;

fn main() {
    for events in [100, 10_000, 1_000_000] {
        let rounds = events / 4;
        let input = format!(r#"{{"count":0,"rounds":{rounds}}}"#);
        print("history", events, measure(RING, &input, 2 * rounds), "transition");
    }
    // 256 KiB of input hold about this many items.
    for items in [100, 10_000, 120_000] {
        let mut input = String::from(r#"{"items":[0"#);
        (1..items).for_each(|item| write!(input, ",{}", item % 10).expect("writing to a String"));
        input.push_str("]}");
        print("inline Map", items, measure(MAP, &input, items), "iteration");
    }
}

fn print(name: &str, size: usize, nanoseconds: Option<f64>, of: &str) {
    match nanoseconds {
        Some(nanoseconds) => println!("{name}\t{size}\t{nanoseconds:.0}\t{of}"),
        None => println!("{name} of {size}: the execution did not succeed"),
    }
}

/// Nanoseconds for each of the `parts` of an execution; nothing if it does not succeed.
fn measure(definition: &str, input: &str, parts: usize) -> Option<f64> {
    let compiled = asl::compile(definition, asl::Options::default());
    let machine = compiled.machine.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    let start = start(Document::parse(input).expect("this is JSON"));
    let executions = (TOGETHER / parts).max(1);
    let mut best = f64::MAX;
    for _ in 0..TRIES {
        let began = now();
        for _ in 0..executions {
            if run(&machine, start.clone()) != Status::Succeeded {
                return None;
            }
        }
        best = best.min(began.elapsed().as_secs_f64());
    }
    Some(best / (executions * parts) as f64 * 1e9)
}

fn run(machine: &StateMachine, start: Start) -> Status {
    let mut execution = Execution::new(start);
    let mut wakeup = Wakeup::Started;
    loop {
        let turn = execution.wake(machine, wakeup, Outside::new(Timestamp(0), 7));
        black_box(&turn);
        if let Some(close) = &execution.close {
            return close.status;
        }
        wakeup = Wakeup::Again;
    }
}

/// The crate has no clock; what measures it has.
#[allow(clippy::disallowed_methods)]
fn now() -> Instant {
    Instant::now()
}

fn start(input: Document) -> Start {
    Start {
        arn: "arn:aws:states:us-east-1:123456789012:express:machine:run:1".into(),
        name: "run".into(),
        state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:machine".into(),
        state_machine_name: "machine".into(),
        machine_type: MachineType::Express,
        revision: 1,
        version_arn: None,
        alias_arn: None,
        test_case: None,
        role_arn: "arn:aws:iam::123456789012:role/role".into(),
        region: "us-east-1".into(),
        input,
        trace_header: None,
        parent: None,
        child_of: None,
        started_at: Timestamp(0),
    }
}
