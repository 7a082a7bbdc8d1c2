//! How many state transitions a second the core makes on one thread, without disk or network:
//! `cargo run --release -p execution --example transitions`

use std::hint::black_box;
use std::time::Instant;

use asl::{StateMachine, Timestamp};
use execution::codec::Writer;
use execution::{Execution, MachineType, Outside, Start, Wakeup};
use json::Document;

const FIVE_PASS: &str = r#"{ "StartAt": "A", "States": {
    "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Pass", "Next": "C" },
    "C": { "Type": "Pass", "Next": "D" }, "D": { "Type": "Pass", "Next": "E" },
    "E": { "Type": "Pass", "End": true } } }"#;

const LOOP: &str = r#"{ "StartAt": "Work", "States": {
    "Work": { "Type": "Pass", "Next": "Again?" },
    "Again?": { "Type": "Choice", "Default": "Work",
        "Choices": [{ "Variable": "$.order.state", "StringEquals": "done", "Next": "End" }] },
    "End": { "Type": "Succeed" } } }"#;

const RESULT_PATH: &str = r#"{ "StartAt": "A", "States": {
    "A": { "Type": "Pass", "Result": 1, "ResultPath": "$.order.a", "Next": "B" },
    "B": { "Type": "Pass", "Parameters": { "order.$": "$.order", "id.$": "$$.Execution.Id" }, "End": true } } }"#;

fn main() {
    let data = one_kilobyte();
    println!("data: {} bytes", data.size());
    measure("5 × Pass", FIVE_PASS, &data, 5, |_| {});
    measure("Pass/Choice ring", LOOP, &data, 12_499, |_| {});
    measure("ResultPath, Parameters", RESULT_PATH, &data, 2, |_| {});

    let mut serial = 0;
    let mut bytes = Vec::new();
    measure("5 × Pass, with its records", FIVE_PASS, &data, 5, |turn| {
        serial += 1;
        bytes.clear();
        Writer::new(serial).turn(turn, &mut bytes);
        black_box(&bytes);
    });
}

/// Runs executions to their ends for about a second and prints the best of five rounds.
fn measure(
    name: &str,
    definition: &str,
    data: &Document,
    transitions: u64,
    mut each_turn: impl FnMut(&execution::Turn),
) {
    let machine = compile(definition);
    let start = start(data);
    let executions = (200_000 / transitions).max(20);
    let mut best = f64::MAX;
    for _ in 0..5 {
        let began = now();
        for seed in 0..executions {
            let mut execution = Execution::new(start.clone());
            let mut wakeup = Wakeup::Started;
            while execution.close.is_none() {
                let turn = execution.wake(&machine, wakeup, Outside::new(Timestamp(0), u128::from(seed)));
                each_turn(&turn);
                black_box(turn);
                wakeup = Wakeup::Again;
            }
        }
        best = best.min(began.elapsed().as_secs_f64());
    }
    let each = best / (executions * transitions) as f64;
    println!("{name:28} {:6.0} ns/transition  {:10.0} transitions/s", each * 1e9, 1.0 / each);
}

/// The crate has no clock; what measures it has.
#[allow(clippy::disallowed_methods)]
fn now() -> Instant {
    Instant::now()
}

fn compile(definition: &str) -> StateMachine {
    let compiled = asl::compile(definition, asl::Options::default());
    compiled.machine.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

fn one_kilobyte() -> Document {
    let lines: Vec<String> = (0..16)
        .map(|line| format!(r#"{{"sku":"A-{line:04}","quantity":{line},"price":19.99,"gift":false}}"#))
        .collect();
    let text = format!(r#"{{"order":{{"id":"0001","state":"open","lines":[{}]}}}}"#, lines.join(","));
    Document::parse(&text).expect("this is JSON")
}

fn start(data: &Document) -> Start {
    Start {
        arn: "arn:aws:states:us-east-1:123456789012:execution:machine:run".into(),
        name: "run".into(),
        state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:machine".into(),
        state_machine_name: "machine".into(),
        machine_type: MachineType::Standard,
        revision: 1,
        version_arn: None,
        alias_arn: None,
        test_case: None,
        role_arn: "arn:aws:iam::123456789012:role/role".into(),
        region: "us-east-1".into(),
        input: data.clone(),
        trace_header: None,
        parent: None,
        child_of: None,
        started_at: Timestamp(0),
    }
}
