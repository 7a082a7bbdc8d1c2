//! How long it takes to compile a definition of five states, and one of about 1 MB.
//!
//! `cargo run --release -p asl --example compile`

#![allow(clippy::disallowed_methods, reason = "a measurement needs a clock; the library has none")]

use std::hint::black_box;
use std::time::Instant;

use asl::{Options, compile};

fn main() {
    measure("five states", 2_000, &machine(5));
    measure("10,000 states", 10, &machine(10_000));
    measure(
        "10,000 states that nothing leads to",
        10,
        &machine(10_000).replace("\"Next\":\"S", "\"Next\":\"X"),
    );
}

/// A chain of Tasks with the usual fields.
fn machine(states: usize) -> String {
    let mut members = Vec::with_capacity(states);
    for number in 0..states {
        let next = match number + 1 {
            last if last == states => r#""End":true"#.to_owned(),
            next => format!(r#""Next":"S{next}""#),
        };
        members.push(match number % 2 {
            0 => format!(r#""S{number}":{{"Type":"Pass","Parameters":{{"a.$":"$.a.b","c":1}},"ResultPath":"$.r",{next}}}"#),
            _ => format!(
                r#""S{number}":{{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{{"FunctionName":"f"}},{next}}}"#
            ),
        });
    }
    format!(r#"{{"StartAt":"S0","States":{{{}}}}}"#, members.join(","))
}

fn measure(name: &str, rounds: u32, definition: &str) {
    let start = Instant::now();
    let mut diagnostics = 0;
    for _ in 0..rounds {
        diagnostics = black_box(compile(black_box(definition), Options::default())).diagnostics.len();
    }
    let each = start.elapsed() / rounds;
    println!("{name}: {} bytes, {each:?}, {diagnostics} diagnostics", definition.len());
}
