//! How long expressions take: three that say little by themselves and much beside each other.
//!
//! `cargo run --release -p jsonata --example throughput`. One line each: nanoseconds for one evaluation,
//! of the processor's time where the system tells it, so that a busy machine does not matter.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use json::{Object, Value, value};
use jsonata::{Budget, Expression, Outside, StatesMember, Surroundings};

struct World {
    input: Value,
}

impl Surroundings for World {
    fn states(&self, member: StatesMember) -> Option<&Value> {
        (member == StatesMember::Input).then_some(&self.input)
    }

    fn variable(&self, _: &str) -> Option<&Value> {
        None
    }
}

/// About 8 KB: an order with 100 items.
fn input() -> Value {
    let items = (0..100).map(|index| {
        value!({ "id": format!("item-{index:04}"), "price": f64::from(index) * 1.25 + 0.5, "quantity": index % 7, "tags": ["a", "b"] })
    });
    let mut order = Object::new();
    order.insert("total", 1234.5);
    order.insert("items", items.collect::<Value>());
    value!({ "order": order })
}

type ByHand = fn(&Value) -> Option<Value>;

/// The first three are also written down in Rust, over the same values: what a compiler could reach.
const EXPRESSIONS: [(&str, &str, Option<ByHand>); 6] = [
    ("a number", "$states.input.order.total * 1.1", Some(number_by_hand)),
    (
        "map 100 to objects",
        r#"$map($states.input.order.items, function($i) { {"id": $i.id, "total": $i.price * $i.quantity} })"#,
        Some(map_by_hand),
    ),
    (
        "filter 100",
        "$filter($states.input.order.items, function($i) { $i.price > 60 })",
        Some(filter_by_hand),
    ),
    ("path with predicate", "$states.input.order.items[price > 60].id", None),
    ("sum of products", "$sum($states.input.order.items.(price * quantity))", None),
    (
        "text",
        r#""Order of " & $states.input.order.total & " with " & $count($states.input.order.items)"#,
        None,
    ),
];

fn number_by_hand(input: &Value) -> Option<Value> {
    Some(Value::Float(input.get("order")?.get("total")?.as_f64()? * 1.1))
}

fn map_by_hand(input: &Value) -> Option<Value> {
    let items = input.get("order")?.get("items")?.as_array()?;
    let object = |item: &Value| {
        let mut object = Object::with_capacity(2);
        object.insert("id", item.get("id")?.clone());
        object.insert("total", item.get("price")?.as_f64()? * item.get("quantity")?.as_f64()?);
        Some(Value::Object(object))
    };
    items.iter().map(object).collect::<Option<Vec<_>>>().map(|items| Value::Array(items.into()))
}

fn filter_by_hand(input: &Value) -> Option<Value> {
    let items = input.get("order")?.get("items")?.as_array()?;
    let chosen = items.iter().filter(|item| item.get("price").and_then(Value::as_f64) > Some(60.0));
    Some(chosen.cloned().collect())
}

fn main() {
    let world = World { input: input() };
    println!("input: {} bytes", world.input.to_text().len());
    for (name, text, by_hand) in EXPRESSIONS {
        let expression = Expression::compile(text).expect("it compiles");
        let run = || {
            expression
                .evaluate(None, &world, Outside::default(), &mut Budget::default())
                .expect("it evaluates")
        };
        let ours = measure(|| {
            black_box(run());
        });
        let theirs = by_hand.map(|by_hand| {
            measure(|| {
                black_box(by_hand(black_box(&world.input)));
            })
        });
        let theirs = theirs.map_or(String::new(), |theirs| format!("   {theirs:>7} ns by hand"));
        let compiling = measure(|| {
            black_box(Expression::compile(text).is_ok());
        });
        println!("{name:22} {ours:>9} ns{theirs:20}   compiled in {compiling} ns");
    }
}

fn measure(act: impl Fn()) -> u64 {
    let mut rounds = 1u32;
    loop {
        let start = nanoseconds();
        (0..rounds).for_each(|_| act());
        let elapsed = nanoseconds() - start;
        if elapsed >= 100_000_000 {
            return elapsed / u64::from(rounds);
        }
        rounds *= 2;
    }
}

/// The time that this thread has been running; on other systems than Linux, the time.
#[allow(clippy::disallowed_methods, reason = "an example measures time")]
fn nanoseconds() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let running = times.split(' ').next().and_then(|time| time.parse().ok());
    running.unwrap_or_else(|| START.elapsed().as_nanos() as u64)
}
