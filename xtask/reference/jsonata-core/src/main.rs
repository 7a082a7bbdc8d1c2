//! What the benchmark's expressions cost with the crate jsonata-core: the same file in and the same lines
//! out as of crates/jsonata/examples/expressions.rs.
//!
//! Never here: which expressions.

use std::error::Error;
use std::hint::black_box;

use jsonata_core::evaluator::{Context, Evaluator};
use jsonata_core::parser;
use jsonata_core::value::JValue;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("the file with the expressions is missing")?;
    let file: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let nanoseconds_least = file["milliseconds"].as_u64().ok_or("no milliseconds")? * 1_000_000;
    let states = JValue::from_json_str(&serde_json::json!({ "input": file["input"] }).to_string())?;
    for expression in file["expressions"].as_array().ok_or("no expressions")? {
        let tree = parser::parse(expression.as_str().ok_or("an expression is no text")?)?;
        let mut context = Context::new();
        context.bind("states".to_owned(), states.clone());
        let mut evaluator = Evaluator::with_context(context);
        let result = evaluator.evaluate(&tree, &JValue::Undefined)?.to_json_string()?;
        let each = measure(nanoseconds_least, || {
            black_box(evaluator.evaluate(&tree, &JValue::Undefined).is_ok());
        })?;
        println!("{each} {result}");
    }
    Ok(())
}

/// Nanoseconds for one call.
fn measure(nanoseconds_least: u64, mut act: impl FnMut()) -> Result<f64, Box<dyn Error>> {
    let mut rounds = 1u32;
    loop {
        let start = nanoseconds()?;
        (0..rounds).for_each(|_| act());
        let elapsed = nanoseconds()? - start;
        if elapsed >= nanoseconds_least {
            return Ok(elapsed as f64 / f64::from(rounds));
        }
        rounds *= 2;
    }
}

/// How long this thread has been running.
fn nanoseconds() -> Result<u64, Box<dyn Error>> {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(times.split(' ').next().ok_or("no time")?.parse()?)
}
