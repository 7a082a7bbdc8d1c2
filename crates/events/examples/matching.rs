//! How long matching takes: a pattern with five fields against an event that it matches, and others.
//!
//! `cargo run --release -p events --example matching`. One line each: nanoseconds of the processor's time where
//! the system tells it, so that a busy machine does not matter.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use events::schedule::UTC;
use events::{Event, Pattern, Schedule};
use json::{Value, value};

const PATTERNS: [(&str, &str); 6] = [
    (
        "five fields, matches",
        r#"{"source": ["aws.ec2"], "detail-type": [{"prefix": "EC2"}], "detail": {"state": ["stopped", "running"],
            "count": [{"numeric": [">", 0, "<=", 5]}], "owner": {"name": [{"anything-but": "nobody"}]}}}"#,
    ),
    (
        "five fields, the last one fails",
        r#"{"source": ["aws.ec2"], "detail-type": [{"prefix": "EC2"}], "detail": {"state": ["stopped", "running"],
            "count": [{"numeric": [">", 0, "<=", 5]}], "owner": {"name": ["nobody"]}}}"#,
    ),
    ("the source is another one", r#"{"source": ["aws.s3"], "detail-type": ["Object Created"]}"#),
    ("three wildcards", r#"{"resources": [{"wildcard": "arn:*:instance/*-*"}]}"#),
    ("an address", r#"{"detail": {"ip": [{"cidr": "10.0.0.0/8"}]}}"#),
    (
        "$or of nine combinations, matches the last",
        r#"{"$or": [{"source": ["a"]}, {"source": ["b"]}, {"source": ["aws.ec2"]}],
            "detail": {"$or": [{"state": ["a"]}, {"state": ["b"]}, {"state": ["running"]}]}}"#,
    ),
];

fn event() -> Value {
    value!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "EC2 Instance State-change",
        "source": "aws.ec2", "account": "111122223333", "time": "2017-12-22T18:43:48Z", "region": "us-west-1",
        "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
        "detail": {
            "instance-id": "i-1234567890abcdef0", "state": "running", "count": 3, "ip": "10.1.2.3",
            "owner": { "name": "somebody", "team": "orders" }
        }
    })
}

fn main() {
    let event = event();
    for (name, pattern) in PATTERNS {
        let pattern = Pattern::parse(pattern).expect("it is a pattern");
        let ready = Event::new(&event);
        report(name, || black_box(&pattern).matches(black_box(&ready)));
    }
    report("making an event ready", || Event::new(black_box(&event)));
    report("compiling five fields", || Pattern::parse(black_box(PATTERNS[0].1)));
    for expression in ["cron(0/10 8-17 ? * MON-FRI *)", "cron(0 0 29 2 ? *)"] {
        let schedule = Schedule::parse(expression).expect("it is a schedule");
        report(expression, || black_box(&schedule).next_after(black_box(1_700_000_000), 0, &UTC));
    }
}

/// Prints how long one call takes.
fn report<T>(name: &str, act: impl Fn() -> T) {
    let mut rounds = 1u32;
    let elapsed = loop {
        let start = nanoseconds();
        (0..rounds).for_each(|_| drop(black_box(act())));
        let elapsed = nanoseconds() - start;
        if elapsed >= 200_000_000 {
            break elapsed;
        }
        rounds *= 2;
    };
    println!("{name:42} {:>8.1} ns", elapsed as f64 / f64::from(rounds));
}

/// The time that this thread has been running; on other systems than Linux, the time.
#[allow(clippy::disallowed_methods, reason = "an example measures time")]
fn nanoseconds() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let running = times.split(' ').next().and_then(|time| time.parse().ok());
    running.unwrap_or_else(|| START.elapsed().as_nanos() as u64)
}
