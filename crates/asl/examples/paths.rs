//! What given paths cost, compiled: for the benchmark.
//!
//! `paths FILE`: `{"milliseconds": …, "input": …, "paths": ["…", …]}`; the Context Object and each variable
//! are the input again. One line for each path: nanoseconds of the processor's time, and the value.

use std::cell::Cell;
use std::hint::black_box;
use std::time::Instant;

use asl::{Environment, Path, Surroundings, Timestamp};
use json::Value;
use jsonata::Budget;

/// The value for everything, and the budget of a state.
struct World(Value, Cell<Budget>);

impl Surroundings for World {
    fn context(&self) -> &Value {
        &self.0
    }

    fn variable(&self, _: &str) -> Option<&Value> {
        Some(&self.0)
    }

    fn random(&self) -> u128 {
        0
    }

    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn budget(&self) -> &Cell<Budget> {
        &self.1
    }
}

#[allow(clippy::disallowed_methods, reason = "an example reads its file")]
fn main() {
    let file = std::env::args().nth(1).expect("the first argument is the file");
    let file = Value::parse(&std::fs::read_to_string(file).expect("the file is there")).expect("it is JSON");
    let member = |name: &str| file.get(name).cloned().unwrap_or_default();
    let milliseconds = member("milliseconds").as_i64().expect("milliseconds are a number");
    let world = World(member("input"), Cell::new(Budget::default()));
    let environment = Environment::new(&world.0, &world);
    for text in member("paths").as_array().expect("paths are an array") {
        let path = Path::parse(text.as_str().expect("each is a text")).expect("it compiles");
        let value = path.query(&environment).expect("it finds something");
        let each = measure(milliseconds, || {
            // Each time as in a state of its own.
            world.1.set(Budget::default());
            black_box(black_box(&path).query(&environment).is_ok());
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
