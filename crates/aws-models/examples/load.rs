//! How long models take to load: the ten slowest services, and all of them.
//!
//! `cargo run --release -p aws-models --example load`

#![allow(clippy::disallowed_methods, reason = "a measurement needs a clock; the library has none")]

use std::time::Instant;

fn main() {
    let mut times: Vec<_> = aws_models::service_names()
        .map(|name| {
            let start = Instant::now();
            let operations = aws_models::service(name).map_or(0, |service| service.operations().len());
            (start.elapsed(), name, operations)
        })
        .collect();
    times.sort();
    for (time, name, operations) in times.iter().rev().take(10) {
        println!("{name:30} {operations:4} operations {time:?}");
    }
    let all: std::time::Duration = times.iter().map(|(time, ..)| *time).sum();
    println!("the middle one {:?}; all {} {all:?}", times[times.len() / 2].0, times.len());
}
