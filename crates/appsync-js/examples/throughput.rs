//! What a call costs: `cargo run --release -p appsync-js --example throughput [ROUNDS]`, in the processor's time where the
//! system tells it, so that a busy machine does not matter.

use std::sync::LazyLock;
use std::time::Instant;

use appsync_js::{Code, Handler, Host};
use json::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: u32 = 20_000;

/// One item goes to a table: what most handlers do.
const PUT: &str = "import { util } from '@aws-appsync/utils';
export function request(ctx) {
  const { id, ...rest } = ctx.args;
  ctx.stash.started = util.time.nowEpochSeconds();
  return { operation: 'PutItem', key: util.dynamodb.toMapValues({ id }), attributeValues: util.dynamodb.toMapValues(rest) };
}
export function response(ctx) { return { ...ctx.result, by: ctx.identity.username }; }";
/// A list of objects crosses over.
const LIST: &str = "const numbers = [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]
export function request(ctx) {
  return { payload: numbers.map((number) => ({ id: `${number}`, title: `Post ${number}`, views: number })) }
}
export function response(ctx) { const { items } = ctx.result; return items; }";

fn main() {
    let text = format!(
        r#"{{"arguments": {{"id": "7", "title": "Dragons", "tags": ["red", "old"], "body": "{}"}},
            "identity": {{"sub": "u-1", "groups": ["staff"], "username": "ada", "sourceIp": ["127.0.0.1"]}},
            "request": {{"headers": {{"host": "api", "x-api-key": "da2-x", "content-type": "application/json"}}}},
            "info": {{"fieldName": "put", "parentTypeName": "Mutation", "selectionSetList": ["id", "title", "tags"]}},
            "stash": {{}}, "source": null, "result": {{"id": "7", "title": "Dragons"}}}}"#,
        "x".repeat(400)
    );
    let mut context = Value::parse(&text).expect("the context is JSON");
    println!("context: {} bytes", context.to_text().len());
    measure("one item", PUT, &context);
    let item = |number: i64| json::value!({"id": (number.to_string()), "title": (format!("Post {number}")), "views": number});
    let result = json::value!({"items": ((0..20).map(item).collect::<Value>())});
    context.as_object_mut().expect("it is an object").insert("result", result);
    measure("twenty items", LIST, &context);
}

fn measure(what: &str, code: &str, context: &Value) {
    let start = nanoseconds();
    let compiled = Code::compile(code).expect("the code is fine");
    println!("{what}, compile: {} µs", (nanoseconds() - start) / 1000);
    let host = Host::default();
    let rounds =
        std::env::args().nth(1).map_or(ROUNDS, |rounds| rounds.parse().expect("rounds are a number"));
    for handler in [Handler::Request, Handler::Response] {
        let start = nanoseconds();
        for _ in 0..rounds {
            assert!(compiled.call(handler, context, &host).result.is_ok());
        }
        let micros = (nanoseconds() - start) as f64 / 1e3 / f64::from(rounds);
        println!("{what}, {}: {micros:.2} µs a call", handler.name());
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
