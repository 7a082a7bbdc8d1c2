//! What given expressions cost: the program that the benchmark runs in turn with other implementations.
//!
//! `expressions FILE`: `{"milliseconds": …, "input": …, "expressions": ["…", …]}`, the input being
//! `$states.input`. One line for each expression: nanoseconds of the processor's time, and the value.

use std::hint::black_box;
use std::time::Instant;

use json::Value;
use jsonata::{Budget, Expression, Outside, StatesMember, Surroundings};

struct World(Value);

impl Surroundings for World {
    fn states(&self, member: StatesMember) -> Option<&Value> {
        (member == StatesMember::Input).then_some(&self.0)
    }

    fn variable(&self, _: &str) -> Option<&Value> {
        None
    }
}

#[allow(clippy::disallowed_methods, reason = "an example reads its file")]
fn main() {
    let file = std::env::args().nth(1).expect("the first argument is the file");
    let file = Value::parse(&std::fs::read_to_string(file).expect("the file is there")).expect("it is JSON");
    let member = |name: &str| file.get(name).cloned().unwrap_or_default();
    let milliseconds = member("milliseconds").as_i64().expect("milliseconds are a number");
    let world = World(member("input"));
    for text in member("expressions").as_array().expect("expressions are an array") {
        let expression = Expression::compile(text.as_str().expect("each is a text")).expect("it compiles");
        let run = || expression.evaluate(None, &world, Outside::default(), &mut Budget::default());
        let value = run().expect("it has a value").unwrap_or_default();
        let each = measure(milliseconds, || {
            black_box(run().is_ok());
        });
        println!("{each} {value}");
    }
}

/// Nanoseconds for one call.
fn measure(milliseconds_least: i64, act: impl Fn()) -> f64 {
    let mut rounds = 1u32;
    loop {
        let start = nanoseconds();
        (0..rounds).for_each(|_| act());
        let elapsed = nanoseconds() - start;
        if elapsed >= milliseconds_least as u64 * 1_000_000 {
            return elapsed as f64 / f64::from(rounds);
        }
        rounds *= 2;
    }
}

/// How long this thread has been running; on other systems than Linux, the time.
#[allow(clippy::disallowed_methods, reason = "an example measures time")]
fn nanoseconds() -> u64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let running = times.split(' ').next().and_then(|time| time.parse().ok());
    running.unwrap_or_else(|| START.elapsed().as_nanos() as u64)
}
