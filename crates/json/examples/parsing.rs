//! How long parsing, printing and cloning a document of about 10 KB take.
//!
//! `cargo run --release -p json --example parsing`

#![allow(clippy::disallowed_methods, reason = "a measurement needs a clock; the library has none")]

use std::hint::black_box;
use std::time::Instant;

use json::{Value, value};

fn main() {
    let orders: Vec<Value> = (0..32).map(order).collect();
    let document = value!({ "orders": orders, "page": 1, "next": null });
    let text = document.to_text();
    let pretty = document.to_pretty();
    println!("compact {} bytes, pretty {} bytes", text.len(), pretty.len());
    measure("parse", text.len(), || Value::parse(black_box(&text)));
    measure("parse pretty", pretty.len(), || Value::parse(black_box(&pretty)));
    measure("parse noting duplicates", text.len(), || Value::parse_noting_duplicates(black_box(&text)));
    measure("print", text.len(), || black_box(&document).to_text());
    measure("clone", text.len(), || black_box(&document).clone());
}

fn order(index: i64) -> Value {
    value!({
        "orderId": format!("o-{index:08}"),
        "customer": { "name": "Ada Lovelace", "email": format!("ada.{index}@example.com"), "vip": index % 3 == 0 },
        "items": [
            { "sku": "KB-1", "quantity": 1, "price": 59.9 },
            { "sku": "MO-22", "quantity": index, "price": 19.95 },
        ],
        "total": 79.85 + index as f64,
        "note": "Please leave the parcel with the neighbours.\n",
        "coupon": null,
    })
}

/// Prints the best of 20 rounds, which disturbances of the machine lengthen least.
fn measure<T>(what: &str, bytes: usize, run: impl Fn() -> T) {
    const RUNS: u32 = 500;
    let best = (0..20)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..RUNS {
                black_box(run());
            }
            start.elapsed().as_nanos() as f64 / f64::from(RUNS)
        })
        .fold(f64::INFINITY, f64::min);
    println!("{what:24} {best:9.0} ns  {:7.0} MB/s", bytes as f64 / best * 1000.0);
}
