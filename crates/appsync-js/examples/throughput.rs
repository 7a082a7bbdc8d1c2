//! What a call costs: `cargo run --release -p appsync-js --example throughput`.

use std::time::Instant;

use appsync_js::{Code, Handler, Host};
use json::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: u32 = 20_000;

#[allow(clippy::disallowed_methods, reason = "a measurement looks at the clock")]
fn main() {
    let code = "import { util } from '@aws-appsync/utils';\nimport * as ddb from '@aws-appsync/utils/dynamodb';\n\
        export function request(ctx) {\n  const { id, ...rest } = ctx.args;\n  ctx.stash.started = util.time.nowEpochSeconds();\n\
        return { operation: 'PutItem', key: util.dynamodb.toMapValues({ id }), attributeValues: util.dynamodb.toMapValues(rest) };\n}\n\
        export function response(ctx) { return ctx.result; }";
    let start = Instant::now();
    let compiled = Code::compile(code).expect("the code is fine");
    println!("compile: {:.0} µs", start.elapsed().as_secs_f64() * 1e6);
    let text = format!(
        r#"{{"arguments": {{"id": "7", "title": "Dragons", "tags": ["red", "old"], "body": "{}"}},
            "identity": {{"sub": "u-1", "groups": ["staff"], "username": "ada", "sourceIp": ["127.0.0.1"]}},
            "request": {{"headers": {{"host": "api", "x-api-key": "da2-x", "content-type": "application/json"}}}},
            "info": {{"fieldName": "put", "parentTypeName": "Mutation", "selectionSetList": ["id", "title", "tags"]}},
            "stash": {{}}, "source": null, "result": {{"id": "7", "title": "Dragons"}}}}"#,
        "x".repeat(400)
    );
    let context = Value::parse(&text).expect("the context is JSON");
    println!("context: {} bytes", context.to_text().len());
    let host = Host::default();
    for handler in [Handler::Request, Handler::Response] {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            assert!(compiled.call(handler, &context, &host).result.is_ok());
        }
        println!(
            "{}: {:.2} µs a call",
            handler.name(),
            start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
        );
    }
}
